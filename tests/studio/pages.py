"""The studio as a user starts it, and its page in a browser that nobody sees."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cubiseg.label_maps import read_label
from cubiseg.studio.history import History
from cubiseg.studio.journal import Journal
from tests.inference.palette import write_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

LABELLED = "studio.doc?.label"
"""When the page shows labels: one may brush, the areas are still being found."""
SIZE = {"width": 1280, "height": 720}


class Studio:
    """The command, as a user starts it; its address, and pages of it.

    Args:
        folder: where the model and the output are.
        browser: what opens pages.
        arguments: pictures, or options.
    """

    def __init__(self, folder: Path, browser: "Browser", *arguments: Path | str) -> None:
        model = folder / "m.onnx"
        if not model.exists():
            write_model(model, parts=True)
        command = [sys.executable, "-m", "cubiseg", "studio", *map(str, arguments), "--no-browser"]
        self.folder, self.browser = folder, browser
        self.process = subprocess.Popen(
            [*command, "-o", str(folder / "out"), "--model", str(model)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.faults: list[str] = []

    def page(self, ready: str = "studio.doc?.areas && studio.places.length >= 0", **options: Any) -> "Page":
        """A tab that is ready to paint in."""
        page = self.browser.new_page(viewport=options.pop("viewport", SIZE), **options)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.address)
        until(lambda: page.evaluate(f"Boolean({ready})"))
        return page

    def _hear(self, told: "ConsoleMessage") -> None:
        if told.type in ("error", "warning"):
            self.faults.append(f"{told.text} {told.location['url']}")

    def kept(self) -> np.ndarray:
        """The label map by what is on the disk: (H, W) uint8."""
        work = self.folder / "out/art.studio"
        return History.of(read_label(work / "base.png"), Journal(work / "journal.jsonl").news()).label


@contextmanager
def studio(folder: Path, browser: "Browser", *arguments: Path | str) -> Iterator[Studio]:
    """The command over some pictures, or over a review, until the block ends; the page may complain of nothing."""
    running = Studio(folder, browser, *arguments)
    try:
        yield running
        assert running.faults == [], running.faults
    finally:
        running.process.terminate()
        running.process.wait(60)


def until(true: Callable[[], object], seconds: float = 300) -> None:
    """Wait for something; the page's own policy forbids the waiting that Playwright would do inside it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def at(page: "Page", x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the picture lies in the window."""
    left, top = page.evaluate("[...['left', 'top'].map(side => studio.view.stage.getBoundingClientRect()[side])]")
    across, down = page.evaluate(f"studio.view.toStage({x} + 0.5, {y} + 0.5)")
    return left + across, top + down


def shown(page: "Page") -> np.ndarray:
    """The label map that the page has, once all is kept: (H, W) uint8."""
    until(lambda: page.evaluate("studio.actions.waiting === 0 && studio.actions.computing === 0"))
    width, height, ids = page.evaluate("[studio.doc.width, studio.doc.height, Array.from(studio.doc.label)]")
    return np.array(ids, np.uint8).reshape(height, width)


def contrasts(page: "Page") -> list[tuple[float, str]]:
    """The contrast of all text that is shown against its ground, 1 to 21 (WCAG 2.2), and how the text begins."""
    pairs = page.evaluate("""(() => {
      const ground = e => getComputedStyle(e).backgroundColor, clear = e => /, 0\\)|transparent/.test(ground(e));
      const solid = e => { while (clear(e)) e = e.parentElement; return ground(e); };
      const said = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
      return [...document.querySelectorAll("body *")]
        .filter(e => e.checkVisibility() && !e.closest(":disabled") && said(e))
        .map(e => [getComputedStyle(e).color, solid(e), e.textContent.slice(0, 30)]);
    })()""")
    return [(_contrast(one, other), text) for one, other, text in pairs]


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        rgb = np.array([float(v) for v in colour[colour.index("(") + 1 : -1].split(",")[:3]]) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
