"""Pictures that are saved into a folder become folders of layers, as they come: ``cubiseg layers --watch``.

The folder is looked at once a second, which works on every system and on network drives, and costs nothing to install.
A picture counts as wholly written when it was the same at two looks in a row.

>>> saved = Saved()
>>> [saved.look({Path("art.png"): stamp}) for stamp in ((1, 40), (2, 90), (2, 90), (2, 90), (3, 95), (3, 95))]
[[], [], [PosixPath('art.png')], [], [], [PosixPath('art.png')]]
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.imaging import distinct_stems, pictures_in
from cubiseg.inference.kept import give_up
from cubiseg.integration.illustrations import IllustrationResult, Job, cut_one, made_ready
from cubiseg.layers.manifest import MANIFEST_FILE

PAUSE = 1.0
"""Seconds between two looks at a folder."""
Stamp = tuple[int, ...]
"""What changes when a file is written: its time, size and number."""


class Saved:
    """Which pictures were saved since they were last done, and are wholly written."""

    def __init__(self) -> None:
        self._seen: Mapping[Path, Stamp] = {}
        self._done: dict[Path, Stamp] = {}

    def look(self, now: Mapping[Path, Stamp]) -> list[Path]:
        """Those that were the same at the look before, each once; in the order of ``now``."""
        ready = {path: stamp for path, stamp in now.items() if self._seen.get(path) == stamp != self._done.get(path)}
        self._seen = now
        self._done.update(ready)
        return list(ready)

    def done(self, path: Path, stamp: Stamp) -> None:
        """Count a picture as done while it stays as it is."""
        self._done[path] = stamp


def cut_saved(
    job: Job,
    folder: Path,
    told: Callable[[CubisegError], None],
    passed_over: Callable[[Path], bool] = lambda path: False,
    pause: float = PAUSE,
) -> Generator[IllustrationResult, None, None]:
    """Cut each picture that is saved into a folder, and again when it is saved again; without end.

    What lies there already is cut first, unless its result is newer. The model is read once.

    Args:
        job: job to do with each picture.
        folder: folder whose pictures are cut; folders in it are not looked at.
        told: called when the folder cannot be listed, once until it can be, and when pictures share a name.
        passed_over: whether a file is none to cut.
        pause: seconds between two looks.

    Raises:
        CubisegError: there is no such folder, two pictures in it share a name, no backend can run, what is to paint
            beneath is missing or unusable; or later, the disk is full.
    """
    if not folder.is_dir():
        raise CubisegError(f"{folder}: is no folder; name the one that pictures are saved into")
    saved, now = Saved(), _stamps(folder)
    made_ready(job)
    for path, name in _named(now, passed_over).items():
        if _is_newer(job.out / name / MANIFEST_FILE, path):
            saved.done(path, now[path])
    return _cut_each(job, _ready(folder, saved, passed_over, told, pause))


def _cut_each(job: Job, items: Iterator[tuple[Path, str]]) -> Generator[IllustrationResult, None, None]:
    try:
        for item in items:
            yield cut_one(job, item)
    finally:
        give_up()


def _ready(
    folder: Path,
    saved: Saved,
    passed_over: Callable[[Path], bool],
    told: Callable[[CubisegError], None],
    pause: float,
) -> Iterator[tuple[Path, str]]:
    listed = True
    while True:
        try:
            now, listed = _stamps(folder), True
        except CubisegError as error:
            if listed:
                told(error)
            now, listed = {}, False
        if ready := saved.look(now):
            try:
                names = _named(now, passed_over)
            except CubisegError as error:
                told(error)
                names = {}
            yield from ((path, names[path]) for path in ready if path in names)
        time.sleep(pause)


def _named(present: Iterable[Path], passed_over: Callable[[Path], bool]) -> dict[Path, str]:
    """The name of each picture's folder, as without ``--watch``."""
    return distinct_stems([path for path in present if not passed_over(path)])


def _stamps(folder: Path) -> dict[Path, Stamp]:
    found: dict[Path, Stamp] = {}
    for path in pictures_in(folder):
        with suppress(OSError):  # it went away meanwhile
            stat = path.stat()
            found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found


def _is_newer(result: Path, picture: Path) -> bool:
    try:
        return result.stat().st_mtime_ns >= picture.stat().st_mtime_ns
    except OSError:
        return False
