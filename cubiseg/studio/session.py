"""The pictures of one run of the studio: those of the command line, and those that are dropped onto the page."""

import hashlib
import re
import shutil
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.file_names import is_reserved, same_file
from cubiseg.files import atomic_write
from cubiseg.imaging import distinct_stems, find_images, read_picture
from cubiseg.studio.document import WORK_SUFFIX, Document, Labeller

LONGEST_NAME = 80
"""Characters of a dropped picture's name that are kept."""
_KINDS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


class Session:
    """Pictures by number, in the order in which they came.

    Args:
        pictures: files to mend, with the names of their outputs.
        out: folder of all outputs.
        labeller: what labels them; None where each document has a label map of its own.
        begins_empty: whether the page begins with a place to drop pictures, although it may have some.

    Attributes:
        most_open: pictures that are held in memory; others are opened again from their journals.
    """

    most_open = 4

    def __init__(
        self, pictures: dict[Path, str], out: Path, labeller: Labeller | None, begins_empty: bool = False
    ) -> None:
        self.out, self.labeller, self.begins_empty = out, labeller, begins_empty
        self.documents = [Document(name, path, out) for path, name in pictures.items()]
        self._open: OrderedDict[int, Document] = OrderedDict()
        self._lock = threading.Lock()

    def document(self, number: int) -> Document:
        """A picture by its number, which may not be open yet.

        Raises:
            CubisegError: there is none.
        """
        if not 0 <= number < len(self.documents):
            raise CubisegError("there is no such picture in this session; load the page again")
        with self._lock:
            document = self.documents[number]
            self._open[number] = document
            self._open.move_to_end(number)
            idle = [old for old, other in self._open.items() if not other.is_opening and other is not document]
            for old in idle[: max(0, len(self._open) - self.most_open)]:
                closed = self._open.pop(old)
                self.documents[old] = closed.anew()
        return document

    def opened(self, number: int) -> Document:
        """A picture by its number, open.

        Raises:
            CubisegError: there is none, or it cannot be opened.
        """
        document = self.document(number)
        document.open(self.labeller)
        return document

    def begun(self, number: int) -> Document:
        """A picture by its number, open, as a page that shows it anew finds it.

        Raises:
            CubisegError: there is none, or it cannot be opened.
        """
        return self.opened(number)

    def begin(self, told: Callable[[], None]) -> None:
        """Read the first picture while the browser starts.

        Args:
            told: called once the labeller can label, or cannot: then :meth:`refusal` says why.
        """
        if self.labeller is not None:
            self.labeller.when_ready(told)
        if self.documents and not self.begins_empty:
            threading.Thread(target=self._read_first, args=(self.documents[0],), daemon=True).start()

    @staticmethod
    def _read_first(document: Document) -> None:
        with suppress(CubisegError, OSError, MemoryError):  # the page is told when it asks
            _ = document.picture

    def refusal(self) -> CubisegError | None:
        """Why pictures cannot be labelled; None where they can, as far as is known."""
        return None if self.labeller is None else self.labeller.refusal()

    def close(self) -> None:
        """Label nothing more."""
        if self.labeller is not None:
            self.labeller.close()

    def weighed(self, number: int) -> Document:
        """A picture by its number, open, with all that is known of where its first label map may be wrong.

        Raises:
            CubisegError: there is none, or it cannot be opened.
        """
        return self.opened(number)

    def add(self, name: str, content: bytes) -> int:
        """Take a dropped picture into the output folder; dropped again, it is the one that is there.

        Args:
            name: what its file was called, by whoever sent it.
            content: its bytes.

        Returns:
            Its number.

        Raises:
            CubisegError: it is no picture that can be read, or cannot be written.
        """
        kind = next((suffix for head, suffix in _KINDS.items() if content.startswith(head)), None)
        if kind is None:
            raise CubisegError(f"{safe_stem(name)}: is no PNG, JPEG or WebP picture; save it as one")
        with self._lock:
            stem = self._free_stem(safe_stem(name), content, kind)
            path = self.out / f"{stem}{WORK_SUFFIX}" / f"picture{kind}"
            for number, known in enumerate(self.documents):
                if known.path == path:
                    return number
            made = not path.parent.exists()
            try:
                if not path.exists():
                    with atomic_write(path) as file:
                        file.write(content)
                read_picture(path)
            except CubisegError as error:
                path.unlink(missing_ok=True)
                if made:
                    shutil.rmtree(path.parent, ignore_errors=True)
                raise CubisegError(str(error).replace(str(path), safe_stem(name))) from error
            self.documents.append(Document(stem, path, self.out))
            return len(self.documents) - 1

    def _free_stem(self, stem: str, content: bytes, kind: str) -> str:
        """The name itself, or with a number where another picture has it already."""
        digest, taken = hashlib.sha256(content).digest(), {same_file(d.name) for d in self.documents}
        for number in range(1, 1000):
            name = stem if number == 1 else f"{stem}-{number}"
            work = self.out / f"{name}{WORK_SUFFIX}"
            mine = work / f"picture{kind}"
            if mine.is_file() and hashlib.sha256(mine.read_bytes()).digest() == digest:
                return name
            if same_file(name) not in taken and not work.exists() and not (self.out / name).exists():
                return name
        raise CubisegError(f"{stem}: there are too many pictures of this name; rename it")


def safe_stem(name: str) -> str:
    """A plain file name without suffix from whatever a page sends.

    >>> safe_stem("../../etc/pass wd.png"), safe_stem("..png"), safe_stem("絵.final.webp"), safe_stem("CON.png")
    ('pass wd', 'picture', '絵.final', 'picture CON')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in stem)
    plain = kept.strip(" ._-")[:LONGEST_NAME].strip(" ._-") or "picture"
    return f"picture {plain}" if is_reserved(plain) else plain


def pictures_of(paths: Iterable[Path], out: Path) -> dict[Path, str]:
    """Pictures to mend, with the names of their outputs; where none are named, those that were dropped before.

    Of a folder, and of the output folder, links to files outside it are left out.

    Raises:
        CubisegError: a path is missing or holds no picture, or two would be written to one place.
    """
    found: list[Path] = []
    for path in paths:
        inside = find_images([path])
        found += [p for p in inside if not path.is_dir() or p.resolve().is_relative_to(path.resolve())]
    if found:
        return distinct_stems(found)
    dropped = out.glob(f"*{WORK_SUFFIX}/picture.*") if out.is_dir() else []
    own = [p for p in dropped if p.suffix in _KINDS.values() and p.resolve().is_relative_to(out.resolve())]
    names = {path: path.parent.name.removesuffix(WORK_SUFFIX) for path in own}
    return dict(sorted(names.items(), key=lambda item: item[1]))
