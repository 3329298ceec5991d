"""One picture that is mended: its first label map, its journal, and what is made of them.

What belongs to the mending lies beside the output, in ``NAME.studio/``: the first label map, the confidence and the
areas that were found once, and the journal. The layers go to ``NAME/``, the same folder as ``cubiseg layers`` writes.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture, pixel_hash, read_picture, write_png
from cubiseg.inference import Segmentation, Segmenter, given
from cubiseg.label_maps import has_parts, label_hash, read_exact_label, read_label, write_label
from cubiseg.layers import LayerParams, Manifest, write_layers
from cubiseg.layers.cut import as_drawn
from cubiseg.layers.export import cut_and_describe
from cubiseg.layers.lint import Finding, lint
from cubiseg.layers.manifest import PSD_FILE, SEPARATION_FILE, kept_layers
from cubiseg.layers.page import facts
from cubiseg.sample_files import SampleFile
from cubiseg.studio.areas import Areas, find_areas, read_areas, write_areas
from cubiseg.studio.history import Action, History, encoded
from cubiseg.studio.journal import Header, Journal, locked
from cubiseg.studio.mending import mended
from cubiseg.studio.runs import Runs
from cubiseg.studio.suspicions import Place, suspicions

WORK_SUFFIX = ".studio"
JOURNAL_FILE, BASE_FILE, CONFIDENCE_FILE, AREAS_FILE = "journal.jsonl", "base.png", "confidence.png", "areas.npz"


class StaleState(CubisegError):
    """An action was done on a state that is no longer the newest; nothing was changed."""


@dataclass(frozen=True)
class First:
    """What a picture's mending begins with.

    Attributes:
        label: (H, W) uint8, ids of classes and parts, and 255 where nobody can tell.
        confidence: (H, W) uint8, 255 is sure.
        warnings: lines for the user.
    """

    label: np.ndarray
    confidence: np.ndarray
    warnings: tuple[str, ...] = ()


class Beginning(Protocol):
    """What gives pictures their first label maps."""

    @property
    def name(self) -> str:
        """What it is; mending begins anew where it changed and nothing was done yet."""

    def first(self, picture: Picture) -> First:
        """The first label map of a picture.

        Raises:
            CubisegError: there is none.
        """


class Labeller:
    """The model, opened in a thread of its own, in which one picture after the other is labelled.

    Args:
        open_one: makes the segmenter ready.
    """

    def __init__(self, open_one: Callable[[], Segmenter]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="labeller")
        self._ready: Future[Segmenter] = self._pool.submit(open_one)

    @cached_property
    def name(self) -> str:
        """What labels: backend, architecture and the start of the model file's hash.

        Raises:
            CubisegError: no backend can run.
        """
        segmenter = self._ready.result()
        path = getattr(segmenter, "path", None)
        digest = f" {sha256(path.read_bytes()).hexdigest()[:12]}" if isinstance(path, Path) else ""
        return f"{segmenter.name} ({segmenter.architecture}){digest}"

    def refusal(self, within: float | None = 0.0) -> CubisegError | None:
        """Why no backend can run, as far as it shows within some seconds; None where one can, or may yet.

        Args:
            within: how long to wait, in seconds; None waits until it is known.
        """
        try:
            error = self._ready.exception(within)
        except (TimeoutError, CancelledError):
            return None
        if error is not None and not isinstance(error, CubisegError):
            raise error
        return error

    def when_ready(self, act: Callable[[], None]) -> None:
        """Call something once a backend can run, or none can."""
        self._ready.add_done_callback(lambda _: act())

    def first(self, picture: Picture) -> First:
        """What the model sees, taken to the drawn edges.

        Raises:
            CubisegError: no backend can.
        """
        result = self.segment(picture)
        if result.segments is not None:
            told = "no character was found: all is background; paint what is there"
            result = replace(result, warnings=(*picture.warnings, told))
        label = as_drawn(picture, result.finest, result.cell, result.finer, result.at_edges)
        label = given(label, picture).finest
        return First(label, np.rint(result.confidence * 255).astype(np.uint8), result.warnings)

    def segment(self, picture: Picture) -> Segmentation:
        """Label a picture.

        Raises:
            CubisegError: no backend can.
        """
        return self._pool.submit(lambda: self._ready.result().segment(picture)).result()

    def close(self) -> None:
        """Label nothing more: what waits is given up; the process ends when the picture at hand is done."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Document:
    """A picture of the session.

    Args:
        name: name of its outputs, a plain file name.
        path: the picture's file.
        out: folder of all outputs.
        beginning: what labels it, where that is not the session's labeller.

    Attributes:
        is_opening: whether it is being labelled or replayed just now, which may take seconds.
    """

    def __init__(self, name: str, path: SampleFile, out: Path, beginning: Beginning | None = None) -> None:
        self.name, self.path, self._out, self._beginning = name, path, out, beginning
        self.work, self.target = out / f"{name}{WORK_SUFFIX}", out / name
        self._lock, self._finding = threading.RLock(), threading.Lock()
        self._journal: Journal | None = None
        self._history: History | None = None
        self._base = self._confidence = np.zeros((0, 0), np.uint8)
        self._areas: Areas | None = None
        self.is_opening = False

    @cached_property
    def picture(self) -> Picture:
        """The picture, read once.

        Raises:
            CubisegError: it cannot be read.
        """
        picture = read_picture(self.path)
        if picture.alpha is not None and not picture.alpha.any():
            raise CubisegError(f"{self.path}: is wholly clear, there is nothing to label; choose another picture")
        return picture

    def anew(self) -> "Document":
        """The same picture, not open."""
        return Document(self.name, self.path, self._out, self._beginning)

    def open(self, labeller: Beginning | None) -> None:
        """Resume where the journal ends, or label the picture and begin one; nothing happens the second time.

        Raises:
            CubisegError: the picture cannot be read or labelled, the folder cannot be written, or what lies there is
                another picture's, or damaged.
        """
        with self._lock:
            if self._history is not None:
                return
            self.is_opening = True
            source = self._beginning or labeller
            assert source is not None  # noqa: S101 - a session without a labeller gives each picture its own
            try:
                if not self._resumed(source):
                    self._begin(source)
            finally:
                self.is_opening = False

    def _resumed(self, labeller: Beginning) -> bool:
        file = self.work / JOURNAL_FILE
        if not file.exists():
            return False
        journal, picture = Journal(file), self.picture
        remedy = f"move {self.work} away to begin anew, or choose another -o folder"
        if journal.header.picture != pixel_hash(picture.rgba()):
            raise CubisegError(f"{file}: is of another picture than {self.path} is now; {remedy}")
        actions = journal.news()
        if not actions and journal.header.labeller != labeller.name:
            return False
        base = read_exact_label(self.work / BASE_FILE, picture.size)
        if label_hash(base) != journal.header.base:
            raise CubisegError(f"{self.work / BASE_FILE}: was changed, and what was done cannot be replayed; {remedy}")
        try:
            confidence = read_label(self.work / CONFIDENCE_FILE)
        except CubisegError:
            confidence = np.full(picture.size, 255, np.uint8)
        self._use(journal, actions, base, confidence)
        return True

    def _begin(self, labeller: Beginning) -> None:
        picture = self.picture
        first = labeller.first(picture)
        header = Header(
            picture=pixel_hash(picture.rgba()),
            base=label_hash(first.label),
            width=picture.size[1],
            height=picture.size[0],
            labeller=labeller.name,
            warnings=first.warnings,
        )
        self.work.mkdir(parents=True, exist_ok=True)
        with locked(self.work / JOURNAL_FILE):
            if self._resumed(labeller):  # another process began meanwhile, and may have been told of actions
                return
            (self.work / AREAS_FILE).unlink(missing_ok=True)
            write_label(self.work / BASE_FILE, first.label)
            write_png(self.work / CONFIDENCE_FILE, first.confidence, compress_level=1)
            self._use(Journal.begin(self.work / JOURNAL_FILE, header), [], first.label, first.confidence)

    def _use(self, journal: Journal, actions: list[Action], base: np.ndarray, confidence: np.ndarray) -> None:
        self._history = History.of(base, actions)
        self._journal, self._base, self._confidence = journal, base, confidence

    @property
    def history(self) -> History:
        """Its label map and what was done; the document is open.

        Raises:
            CubisegError: it is not, or no longer: its journal went on with what cannot be done.
        """
        if self._history is None:
            raise CubisegError(f"{self.path}: is not open; load the page again")
        return self._history

    @property
    def base(self) -> str:
        """Hash of the first label map of an open document."""
        assert self._journal is not None  # noqa: S101 - it is open
        return self._journal.header.base

    def standing(self) -> tuple[np.ndarray, int, dict[str, int]]:
        """How an open document stands: its label map, (H, W) uint8, the state, and what was done by tool."""
        with self._lock:
            return self.history.label.copy(), self.history.state, dict(self.history.done)

    @property
    def first_label(self) -> np.ndarray:
        """The first label map of an open document, (H, W) uint8; not to be written to."""
        return self._base

    def doubt(self, confidence: np.ndarray) -> None:
        """Take another view of where an open document's first label map may be wrong, (H, W) uint8, 255 is sure."""
        with self._lock:
            self._confidence = confidence

    def facts(self) -> dict[str, Any]:
        """What the page must know of an open document, as plain JSON."""
        with self._lock:
            history, journal = self.history, self._journal
            assert journal is not None  # noqa: S101 - it is open
            return {
                **self._stand(),
                "name": self.name,
                "width": history.label.shape[1],
                "height": history.label.shape[0],
                "parts": has_parts(self._base),
                "clear": self.picture.alpha is not None,
                "base": journal.header.base,
                "labeller": journal.header.labeller.rsplit(" ", 1)[0],
                "warnings": list(journal.header.warnings),
            }

    def _stand(self) -> dict[str, Any]:
        history = self.history
        return {"state": history.state, "undo": history.at, "redo": len(history.steps) - history.at}

    def plane(self, which: Literal["label", "base", "confidence"]) -> tuple[bytes, int]:
        """A plane of an open document, (H, W) uint8 as bytes, and the state that it is of.

        In label maps, clear pixels are 255: nobody paints them.
        """
        with self._lock:
            planes = {"label": self.history.label, "base": self._base, "confidence": self._confidence}
            plane, alpha = planes[which], self.picture.alpha
            if which != "confidence" and alpha is not None:
                plane = np.where(alpha == 0, np.uint8(taxonomy.IGNORE_INDEX), plane)
            return plane.tobytes(), self.history.state

    def areas(self) -> Areas:
        """The areas of an open document, found once and kept."""
        with self._finding:  # it takes seconds, in which one may paint
            if self._areas is None:
                file = self.work / AREAS_FILE
                self._areas = read_areas(file, self.picture.size)
                if self._areas is None:
                    seen = taxonomy.CLASS_OF[self._base]
                    self._areas = find_areas(self.picture.over(), seen, self.picture.alpha)
                    write_areas(file, self._areas)
            return self._areas

    def act(self, action: Action) -> dict[str, Any]:
        """Do an action and keep it: where this returns, it is on the disk.

        Returns:
            Plain JSON: how the document stands, and in ``runs`` what the action changed.

        Raises:
            StaleState: the action was done on an older state.
            CubisegError: it cannot be done, or cannot be kept.
        """
        with self._lock:
            self._follow()
            if action.state != self.history.state + 1:
                raise StaleState("the picture was changed elsewhere; here is how it stands now")
            self.history.check(action)
            action = action.model_copy(update={"time": round(time.time(), 2)})
            assert self._journal is not None  # noqa: S101 - it is open
            if news := self._journal.append(action):
                self._replay(news)
                raise StaleState("the picture was changed elsewhere; here is how it stands now")
            runs = self.history.apply(action)
            return {**self._stand(), "runs": "" if runs is None else encoded(runs)}

    def paint(self, tool: str, label: np.ndarray, state: int | None = None) -> dict[str, Any]:
        """Turn the label map into another, (H, W) uint8 of its size, as one action; see :meth:`act`.

        Args:
            tool: what did it.
            label: what it shall be; 255 leaves a pixel as it is.
            state: the state that the caller knows; None takes the newest.
        """
        with self._lock:
            now = self.history.label
            runs = Runs.between(now, np.where(label == taxonomy.IGNORE_INDEX, now, label))
            state = self.history.state if state is None else state
            if len(runs.start) == 0 and state == self.history.state:
                return {**self._stand(), "runs": ""}
            return self.act(Action(state=state + 1, do="paint", tool=tool, runs=encoded(runs)))

    def set_aside(self) -> None:
        """Move what was mended out of the way, so that opening the picture begins anew.

        Raises:
            CubisegError: the folder cannot be written.
        """
        with self._lock:
            taken = (self.work.with_name(f"{self.work.name}.{number}") for number in range(1, 10**6))
            try:
                self.work.rename(next(place for place in taken if not place.exists()))
            except OSError as error:
                raise CubisegError(f"{self.work}: cannot be set aside ({error.strerror}); move it away") from error
            self._history = None

    def apply_rule(self, state: int, rule: str, at: tuple[int, int], locked: tuple[int, ...]) -> dict[str, Any]:
        """Mend a piece by one of our rules, which is then an action like any other; see :meth:`act`."""
        with self._lock:
            label, alpha = self.history.label, self.picture.alpha
            after = mended(label, rule, at, locked)
            runs = Runs.between(label, after if alpha is None else np.where(alpha == 0, label, after))
            if len(runs.start) == 0 and state == self.history.state + 1:
                return {**self._stand(), "runs": ""}
            return self.act(Action(state=state, do="paint", tool=rule, runs=encoded(runs)))

    def _follow(self) -> None:
        """Take over what another process has done to the same picture."""
        assert self._journal is not None  # noqa: S101 - it is open
        self._replay(self._journal.news())

    def _replay(self, actions: list[Action]) -> None:
        try:
            for action in actions:
                self.history.apply(action)
        except CubisegError:
            self._history = None  # the journal is ahead of it: the document is opened anew
            raise

    def places(self) -> list[Place]:
        """Suspicious places of an open document that nobody has answered yet."""
        with self._lock:
            label, right = self.history.label.copy(), set(self.history.right)
            confidence = np.where(label == self._base, self._confidence, np.uint8(255))
        return [place for place in suspicions(label, confidence) if place.key not in right]

    def _segmentation(self) -> Segmentation:
        with self._lock:
            result = given(self.history.label.copy(), self.picture)
        return replace(result, confidence=result.confidence.astype(np.float16))

    def layers(self, params: LayerParams) -> dict[str, Any]:
        """The layers as the page shows them, as plain JSON; nothing is written.

        Raises:
            CubisegError: there is nothing to cut.
        """
        picture, result = self.picture, self._segmentation()
        everything, manifest = cut_and_describe(self.path, picture, result, params)
        layers = kept_layers(everything, params.backdrop)
        return facts(picture, layers, manifest.layers, result.confidence, manifest.warnings)

    def write(self, params: LayerParams, overwrite: bool) -> tuple[Manifest, list[Finding]]:
        """Write the folder that ``cubiseg layers`` writes, with ``label.png`` in it; and what lint finds in its PSDs.

        Raises:
            CubisegError: there is nothing to cut, or something in the folder would be lost.
        """
        _, manifest = write_layers(self.target, self.picture, self._segmentation(), params, overwrite, with_label=True)
        written = [self.target / file for file in (PSD_FILE, SEPARATION_FILE) if (self.target / file).exists()]
        return manifest, [finding for file in written for finding in lint(file)]

    @property
    def is_written(self) -> bool:
        """Whether its PSD lies in the output folder, and no link stands for it."""
        file = self.target / PSD_FILE
        return file.is_file() and file.resolve().is_relative_to(self._out.resolve())

    def psd(self) -> Path:
        """The PSD that lies in its folder.

        Raises:
            CubisegError: there is none.
        """
        if not self.is_written:
            raise CubisegError(f"{self.name}: its PSD is not written yet; press Write PSD")
        return self.target / PSD_FILE
