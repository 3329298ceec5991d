"""How many actions it takes to mend label maps on the studio's page, by one who knows the truth.

    python -m benchmarks.studio_oracle [--answers data/clean --prepared data/prepared] [--most 24]
    python -m benchmarks.studio_oracle --real DIR [--mapping benchmarks/live2d.yaml] [--every 5]

The real page in headless Chromium, by its own keys, clicks and drags: nothing is done around it. With --answers it
reviews the samples of a labelled folder that a provider has named; with --real it mends what the released model sees
in a labelled folder of pictures. It always does what gains most mean IoU (`benchmarks.studio_moves`), until that is
0.95 of what the best label map of the picture's areas reaches. Counted are the actions that the journal keeps, by tool:
a click, a drag, a stroke or a rule is one, and so is an undo. Keys that choose a class, a tool, a level or a zoom are
counted apart.
"""

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.annotation import real
from benchmarks.studio_moves import REACH, Judge, Move, best_move, deepest
from benchmarks.studio_page import SIZE, chromium, settled, studio, until
from cubiseg.imaging import write_png
from cubiseg.label_maps import read_label
from cubiseg.samples import LabelMethod, read_manifest
from cubiseg.studio.areas import Areas, read_areas
from cubiseg.studio.document import AREAS_FILE, JOURNAL_FILE, WORK_SUFFIX
from cubiseg.studio.journal import Journal
from cubiseg.taxonomy import CLASS_OF, COARSE9_NAMES, COARSE9_TABLE, ID, IGNORE_INDEX, NUM_CLASSES

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHARE = 0.95
"""Of the mean IoU that the areas allow: the goal."""
PLANNED = 12
"""Actions that the median portrait was planned to take at most."""
PATIENCE = 40
"""Actions after which a portrait is given up."""
STEPS = 300
"""Steps through the tree after which a level is not there."""
MARGIN = 3.0
"""Pixels of the window that a click stays away from an area's border; the page is zoomed where it could not."""
PATH = click.Path(path_type=Path)
_CLASS_KEYS = [*(f"Digit{number}" for number in range(10)), "Minus", "Equal"]
_TOOL_KEYS = {"area": "KeyA", "brush": "KeyB", "fill": "KeyF"}
_RULE_KEYS = {"give": "KeyG", "holes": "KeyH", "largest": "KeyM", "swap": "KeyX"}
_SAMPLE = "document.getElementById('sampleid').textContent"
_METHODS = (LabelMethod.SIMULATED, LabelMethod.LLM, LabelMethod.MODEL)


@dataclass
class Mended:
    """What it took to mend a portrait.

    Attributes:
        name: of the portrait.
        before: mean IoU of its label map at first.
        allowed: that of the best label map of its areas.
        after: when it was left.
        actions: by tool, as the journal has them.
        keys: pressed beside, and turns of the wheel.
        passed: areas that each drag painted.
    """

    name: str
    before: float
    allowed: float
    after: float
    actions: dict[str, int] = field(default_factory=dict)
    keys: int = 0
    passed: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Actions of all tools."""
        return sum(self.actions.values())

    @property
    def is_reached(self) -> bool:
        """Whether the goal was."""
        return self.after >= SHARE * self.allowed


class Hand:
    """Keys and a pointer on a page, and how many were needed.

    Args:
        page: with a picture whose areas are there.
        areas: the same areas.
    """

    def __init__(self, page: "Page", areas: Areas) -> None:
        self.page, self.areas, self.keys = page, areas, 0

    def do(self, move: Move) -> None:
        """Do what a move says, by the page's own keys and pointer."""
        if move.id >= 0 and self.page.evaluate("studio.active") != move.id:
            self.press(_CLASS_KEYS[move.id])
        key = _TOOL_KEYS.get(move.tool)
        if key and self.page.evaluate("studio.tool") != move.tool:
            self.press(key)
        if not self.page.evaluate("studio.view.fitted"):
            self.press("Home")
        if move.tool == "brush":
            self.size(move.radius)
        elif move.tool == "area" and len(move.points) > 1:
            self.level(self._in(max(move.limit - 1, self.areas.leaves)), "studio.doc.areas.limit", move.limit)
        self.look(move)
        if move.tool == "area" and len(move.points) == 1:
            x, y = map(int, move.points[0])
            self.level((x, y), f"studio.doc.areas.at({x}, {y}) + 1", move.limit)
        self.page.mouse.move(*self.at(*move.points[0]))
        if move.tool in _RULE_KEYS:
            self.page.keyboard.press(_RULE_KEYS[move.tool])
        else:
            self.page.mouse.down()
            for point in move.points[1:]:
                self.page.mouse.move(*self.at(*point))
            self.page.mouse.up()
        settled(self.page)

    def press(self, key: str) -> None:
        """Press a key, and count it."""
        self.page.keyboard.press(key)
        self.keys += 1

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where the middle of a pixel of the picture lies in the window."""
        left, top, across, down = self.page.evaluate(
            "([x, y]) => { const box = studio.view.stage.getBoundingClientRect();"
            " return [box.left, box.top, ...studio.view.toStage(x + 0.5, y + 0.5)]; }",
            [x, y],
        )
        return left + across, top + down

    def look(self, move: Move) -> None:
        """Zoom in as far as the pointer could not be held still enough, and the move fits into the window."""
        x, y = (np.min(move.points, 0) + np.max(move.points, 0)) / 2
        while self.page.evaluate("studio.view.zoom") * move.room < MARGIN and self._holds(move):
            self.page.mouse.move(*self.at(x, y))
            self.page.keyboard.down("Control")
            self.page.mouse.wheel(0, -120)
            self.page.keyboard.up("Control")
            self.keys += 1

    def _holds(self, move: Move) -> bool:
        """Whether all of a move still lies well inside the stage, if it were a turn of the wheel nearer."""
        points = np.array([self.page.evaluate("([x, y]) => studio.view.toStage(x, y)", list(p)) for p in move.points])
        size = np.array(self.page.evaluate("[studio.view.width, studio.view.height]"))
        middle = (points.min(0) + points.max(0)) / 2
        nearer = middle + 1.35 * (points - middle)
        return bool((nearer > 20).all() and (nearer < size - 20).all())

    def size(self, radius: float) -> None:
        """Make the brush as large as is wanted, in the page's steps."""
        while abs(away := math.log(radius / self.page.evaluate("studio.radius"))) > 0.06:
            key = "BracketRight" if away > 0 else "BracketLeft"
            self.press(f"Shift+{key}" if abs(away) > 0.3 else key)

    def level(self, at: tuple[int, int], now: str, wanted: int) -> None:
        """Go through the tree as seen at a pixel, until the page's level is as wanted.

        Raises:
            click.ClickException: it cannot be had there.
        """
        self.page.mouse.move(*self.at(*at))
        for _ in range(STEPS):
            level = self.page.evaluate(now)
            if level == wanted:
                return
            self.press("Comma" if level > wanted else "Period")
        raise click.ClickException(f"level {wanted} was not reached at {at}")

    def _in(self, node: int) -> tuple[int, int]:
        """A pixel of a node."""
        rank, inside = self.areas.rank, (int(self.areas.first[node]), int(self.areas.last[node]))
        x, y = deepest((rank >= inside[0]) & (rank < inside[1]))
        return int(x), int(y)


def label_of(page: "Page") -> np.ndarray:
    """The label map that the page shows, (H, W) uint8; where the picture is clear there is background."""
    width, height, ids = page.evaluate("[studio.doc.width, studio.doc.height, Array.from(studio.doc.label)]")
    label = np.array(ids, np.uint8).reshape(height, width)
    return np.where(label == IGNORE_INDEX, ID["background"], label).astype(np.uint8)


def mend(page: "Page", work: Path, judge: Judge, reach: float = REACH) -> Mended:
    """Mend the picture that a page shows.

    Args:
        page: with the areas.
        work: the picture's folder, ``NAME.studio``.
        judge: knows the truth.
        reach: how far one drag may go; see :data:`benchmarks.studio_moves.REACH`.
    """
    label = label_of(page)
    areas = read_areas(work / AREAS_FILE, label.shape)
    assert areas is not None, work
    score = judge.score(label)
    found = Mended(work.name.removesuffix(WORK_SUFFIX), score, judge.allowed(areas), score)
    hand, refused = Hand(page, areas), set[Move]()
    while not found.is_reached and sum(actions_of(work).values()) < PATIENCE:
        move = best_move(label, areas, judge, reach, refused)
        if move is None:
            break
        hand.do(move)
        label = label_of(page)
        if judge.score(label) <= found.after:  # not what was expected: a stroke that went beside
            refused.add(move)
            page.keyboard.press("Control+KeyZ")
            settled(page)
            label = label_of(page)
        elif move.tool == "area" and len(move.points) > 1:
            found.passed.append(move.regions)
        found.after = judge.score(label)
    found.actions, found.keys = actions_of(work), hand.keys
    return found


def actions_of(work: Path) -> dict[str, int]:
    """Actions that a picture's journal keeps, by tool."""
    done = Journal(work / JOURNAL_FILE).news()
    return dict(Counter(action.tool if action.do == "paint" else action.do for action in done))


def mend_answers(clean: Path, prepared: Path, most: int | None, reach: float) -> Iterator[Mended]:
    """Samples of a labelled folder that a provider has named, mended in a review."""
    truths = {sample.id: sample.label for sample in read_manifest(prepared)}
    samples = [s for s in read_manifest(clean) if s.label and s.label_method in _METHODS][:most]
    if not samples:
        raise click.ClickException(f"{clean}: holds no sample that a provider has named; run `dvc repro clean`")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        (place / "only.txt").write_text("".join(f"{sample.id}\n" for sample in samples))
        kept: list[str | Path] = ["--corrections", place / "corrections", "-o", place / "out", "--reviewer", "oracle"]
        with studio(
            "--review",
            clean,
            "--prepared",
            prepared,
            "--only",
            place / "only.txt",
            *kept,
            CUBISEG_MODEL=str(place / "none"),
        ) as address:  # without its opinion
            page = browser.new_page(viewport=SIZE)
            page.goto(address)
            for number, sample in enumerate(samples):
                about = "studio.review?.about?.number === studio.number"
                shown = f"{_SAMPLE} === '{sample.id}' && {about} && studio.doc?.areas"
                until(lambda shown=shown: page.evaluate(f"Boolean({shown})"))  # type: ignore[misc]
                truth = CLASS_OF[read_label(prepared / str(truths[sample.id]))]
                yield mend(page, place / "out/oracle" / f"{sample.id}{WORK_SUFFIX}", judge_of(truth), reach)
                if number + 1 < len(samples):
                    page.keyboard.press("Control+Enter")


def mend_model(folder: Path, mapping: Path, every: int, reach: float) -> Iterator[Mended]:
    """Pictures of a labelled folder, from what the released model sees in them."""
    examples = list(real(folder, mapping, every))
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        place = Path(made)
        paths = [place / f"{example.name}.png" for example in examples]
        for example, path in zip(examples, paths, strict=True):
            write_png(path, example.rgb, compress_level=1)
        with studio(*paths, "-o", place / "out") as address:
            page = browser.new_page(viewport=SIZE)
            page.goto(address)
            for number, example in enumerate(examples):
                until(lambda: page.evaluate("studio.pictures?.length > 0"))
                if number:
                    page.select_option("#pictures", str(number))
                ready = f"studio.number === {number} && studio.doc?.areas"
                until(lambda ready=ready: page.evaluate(f"Boolean({ready})"))  # type: ignore[misc]
                truth = np.where(example.truth == ID["nose"], ID["face"], example.truth).astype(np.uint8)
                yield mend(page, place / f"out/{example.name}{WORK_SUFFIX}", judge_of(truth, coarse=True), reach)


def judge_of(truth: np.ndarray, coarse: bool = False) -> Judge:
    """Scores in twelve classes, or in the nine of pictures that tell no more."""
    if coarse:
        return Judge(truth, COARSE9_TABLE, len(COARSE9_NAMES))
    return Judge(truth, np.arange(256, dtype=np.uint8), NUM_CLASSES)


def told(found: list[Mended]) -> Mapping[str, object]:
    """The figures of all portraits."""
    counts = np.array([mended.count for mended in found])
    tools = Counter[str]()
    for mended in found:
        tools.update(mended.actions)
    passed = [count for mended in found for count in mended.passed]
    return {
        "portraits": len(found),
        "reached": sum(mended.is_reached for mended in found),
        "reached without an action": int((counts == 0).sum()),
        "actions": {
            "median": float(np.median(counts)),
            "90 %": float(np.quantile(counts, 0.9)),
            "most": int(counts.max()),
        },
        "actions by tool": {tool: round(count / len(found), 2) for tool, count in tools.most_common()},
        "median of other keys": float(np.median([mended.keys for mended in found])),
        "areas of a drag, median": float(np.median(passed)) if passed else None,
        "mean IoU": {
            name: round(float(np.mean([getattr(mended, name) for mended in found])), 3)
            for name in ("before", "after", "allowed")
        },
    }


@click.command(help=__doc__)
@click.option("--answers", type=PATH, default=Path("data/clean"), show_default=True, help="Folder of named samples.")
@click.option("--prepared", type=PATH, default=Path("data/prepared"), show_default=True, help="The true label maps.")
@click.option("--most", type=click.IntRange(1), help="Only the first so many of them.")
@click.option("--real", "folder", type=PATH, help="Labelled folder on which the released model's errors are mended.")
@click.option("--mapping", type=PATH, default=Path("benchmarks/live2d.yaml"), show_default=True)
@click.option("--every", default=1, show_default=True, help="Take every n-th picture of the labelled folder.")
@click.option(
    "--reach",
    type=click.FloatRange(0),
    default=REACH,
    show_default=True,
    help="How far one drag may go, in longer sides of the picture; 0: clicks alone.",
)
def main(
    answers: Path, prepared: Path, most: int | None, folder: Path | None, mapping: Path, every: int, reach: float
) -> None:
    found: list[Mended] = []
    ways = mend_model(folder, mapping, every, reach) if folder else mend_answers(answers, prepared, most, reach)
    for mended in ways:
        found.append(mended)
        line = f"{mended.name}: {mended.before:.3f} -> {mended.after:.3f} of {mended.allowed:.3f}"
        click.echo(f"{line}, {mended.count} actions {json.dumps(mended.actions)}, {mended.keys} keys", err=True)
    click.echo(json.dumps(told(found), indent=2))
    if np.median([mended.count for mended in found]) > PLANNED or not any(mended.is_reached for mended in found):
        raise click.ClickException(f"the median portrait takes more than the {PLANNED} actions that were planned")


if __name__ == "__main__":
    main()
