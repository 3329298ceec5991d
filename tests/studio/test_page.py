"""The page itself, in a browser that nobody sees, by its own keys and clicks."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from cubiseg.label_maps import read_label
from cubiseg.layers.lint import lint
from cubiseg.studio.history import History
from cubiseg.studio.journal import Journal
from cubiseg.taxonomy import CLASS_OF, ID, PART_ID
from tests.inference.palette import portrait, write_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
LABELLED = "studio.doc?.label"
"""When the page shows labels: one may brush, the areas are still being found."""
SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    playwright = pytest.importorskip("playwright.sync_api")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as run:
        opened = run.chromium.launch(executable_path=CHROMIUM, args=options)
        yield opened
        opened.close()


class Studio:
    """The command over a folder, as a user starts it; its address, and pages of it."""

    def __init__(self, folder: Path, browser: "Browser", *paths: Path) -> None:
        write_model(folder / "m.onnx", parts=True)
        command = [
            sys.executable,
            "-m",
            "cubiseg",
            "studio",
            *map(str, paths),
            "--no-browser",
            "-o",
            str(folder / "out"),
        ]
        self.folder, self.browser = folder, browser
        self.process = subprocess.Popen(
            [*command, "--model", str(folder / "m.onnx")], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.faults: list[str] = []

    def page(self, ready: str = "studio.doc?.areas && studio.places.length >= 0", **options: Any) -> "Page":
        """A tab that is ready to paint in."""
        page = self.browser.new_page(viewport=options.pop("viewport", SIZE), **options)
        page.on("console", lambda told: self.faults.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.address)
        until(lambda: page.evaluate(f"Boolean({ready})"))
        return page

    def kept(self) -> np.ndarray:
        """The label map by what is on the disk: (H, W) uint8."""
        work = self.folder / "out/art.studio"
        return History.of(read_label(work / "base.png"), Journal(work / "journal.jsonl").news()).label


@contextmanager
def studio(folder: Path, browser: "Browser", *paths: Path) -> Iterator[Studio]:
    running = Studio(folder, browser, *paths)
    try:
        yield running
        assert running.faults == []
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


@pytest.fixture
def art(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(-5, 6, (160, 128, 3))
    rgb = np.clip(portrait()[0].rgb + noise, 0, 255).astype(np.uint8)
    Image.fromarray(rgb).save(tmp_path / "art.png")
    return tmp_path / "art.png"


def test_an_area_is_painted_undone_kept_and_written(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        face = tuple(np.argwhere(first == ID["face"])[len(np.argwhere(first == ID["face"])) // 2])
        page.mouse.move(*at(page, face[1], face[0]))
        for _ in range(40):  # up the tree until the area is as large as a cheek
            if page.evaluate("studio.view.hovered >= 0 && studio.doc.areas.pixels[studio.view.hovered] > 150"):
                break
            page.keyboard.press("Period")
        area = page.evaluate("studio.doc.areas.pixels[studio.view.hovered]")
        assert area > 150
        page.keyboard.press("Minus")
        page.keyboard.press("KeyQ")
        page.mouse.click(*at(page, face[1], face[0]))
        painted = shown(page)
        new = painted != first
        assert (painted[new] == PART_ID["topwear"]).all() and new.sum() == area and new[face]
        assert np.array_equal(running.kept(), painted)
        page.keyboard.press("Control+KeyZ")
        assert np.array_equal(shown(page), first) and np.array_equal(running.kept(), first)
        page.keyboard.press("Control+Shift+KeyZ")
        assert np.array_equal(shown(page), painted)
        page.close()
        again = running.page()
        assert np.array_equal(shown(again), painted), "a new tab resumes"
        again.keyboard.press("Control+KeyS")
        until(lambda: again.evaluate("studio.written"))
        assert again.evaluate("studio.written.findings") == []
        assert lint(tmp_path / "out/art/layers.psd") == []
        assert np.array_equal(read_label(tmp_path / "out/art/label.png"), painted)
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        assert np.array_equal(shown(page), painted), "another run resumes"
        page.keyboard.press("Control+KeyZ")
        assert np.array_equal(shown(page), first), "and undoes what the first one did"


def test_brush_fill_locks_rules_and_places_by_keys(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        page.keyboard.press("KeyB")
        page.keyboard.press("Shift+BracketLeft")
        page.keyboard.press("Digit8")
        page.mouse.move(*at(page, 5, 12))
        page.mouse.down()
        page.mouse.move(*at(page, 15, 12), steps=5)
        page.mouse.up()
        brushed = shown(page)
        new = np.argwhere(brushed != first)
        assert (brushed[brushed != first] == ID["mouth"]).all()
        assert 14 <= np.ptp(new[:, 1]) <= 30, "the stroke and its round ends"
        assert page.evaluate("studio.doc.undo") == 1, "a stroke is one step"
        page.keyboard.press("KeyF")
        page.keyboard.press("Digit7")
        page.mouse.click(*at(page, 10, 12))
        assert np.array_equal(shown(page) == ID["nose"], (brushed == ID["nose"]) | (brushed != first))
        page.keyboard.press("KeyL")  # nobody may take the nose's pixels
        page.keyboard.press("Digit1")
        page.mouse.click(*at(page, 10, 12))
        assert page.evaluate("studio.doc.undo") == 2
        page.keyboard.press("Digit7")
        page.keyboard.press("KeyL")
        until(lambda: page.evaluate("studio.places.some(p => p.kind === 'outside' && p.id === 7 && p.y < 20)"))
        for _ in range(page.evaluate("studio.places.length")):
            page.keyboard.press("Tab")
            if page.evaluate("studio.place.id === 7 && studio.place.y < 20"):
                break
        assert page.evaluate("studio.place.kind === 'outside' && studio.view.zoom > studio.view.fitting")
        page.keyboard.press("KeyG")
        assert np.array_equal(shown(page), first)
        page.keyboard.press("Escape")
        eye = tuple(np.argwhere(CLASS_OF[first] == ID["eye_left"])[3])
        page.keyboard.press("Home")
        page.mouse.move(*at(page, eye[1], eye[0]))
        page.keyboard.press("KeyX")
        assert CLASS_OF[shown(page)[eye]] == ID["eye_right"]
        last = shown(page)
        assert np.array_equal(running.kept(), last)


def test_everything_can_be_done_by_keys_alone(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        for key in ("Digit3", "KeyB", "Shift+ArrowLeft", "Shift+ArrowUp", "Enter"):
            page.keyboard.press(key)
        assert (shown(page) != first).sum() > 0
        assert set(shown(page)[shown(page) != first]) == {ID["eye_left"]}
        page.keyboard.press("Shift+Slash")
        assert page.evaluate("document.getElementById('keys').open")
        page.keyboard.press("Escape")
        page.evaluate("document.getElementById('stage').focus()")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "pictures", "Escape leaves the picture"
        unnamed = page.evaluate(
            "[...document.querySelectorAll('button, select, input, [tabindex]')].filter(e => !e.closest('[hidden]')"
            " && !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length)).map(e => e.outerHTML)"
        )
        assert unnamed == []


def test_a_second_tab_with_an_old_state_loads_the_newer_one(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        one, other = running.page(LABELLED), running.page(LABELLED)
        for page, key, x in ((one, "Digit3", 20), (other, "Digit5", 60)):
            page.keyboard.press("KeyB")
            page.keyboard.press(key)
            page.mouse.click(*at(page, x, 20))
        until(lambda: other.evaluate("document.getElementById('toasts').textContent.includes('changed elsewhere')"))
        until(lambda: other.evaluate("!studio.actions.closed"))
        first = shown(one)
        assert np.array_equal(shown(other), first) and np.array_equal(running.kept(), first)
        other.mouse.click(*at(other, 60, 20))
        last = shown(other)
        assert np.array_equal(running.kept(), last) and ID["eyebrow_left"] in last[:40]
        running.faults = [fault for fault in running.faults if "409" not in fault]


def test_no_key_changes_the_picture_during_a_stroke(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        page.mouse.click(*at(page, 20, 20))
        shown(page)
        page.mouse.move(*at(page, 60, 20))
        page.mouse.down()
        for key in ("Control+KeyZ", "Control+KeyY", "KeyG", "KeyX", "Enter"):
            page.keyboard.press(key)
        page.mouse.move(*at(page, 90, 60))
        page.mouse.up()
        last = shown(page)
        assert page.evaluate("studio.doc.state") == 2 and np.array_equal(running.kept(), last)
        assert last[60, 90] == ID["eyebrow_left"]


def test_a_stroke_that_is_refused_leaves_the_screen_too(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED)
        before = shown(page)
        page.route("**/actions", lambda route: route.fulfill(status=500))
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        page.mouse.click(*at(page, 60, 20))
        until(lambda: page.evaluate("document.getElementById('toasts').textContent.includes('refused')"))
        assert np.array_equal(shown(page), before)
        page.unroute("**/actions")
        page.mouse.click(*at(page, 60, 20))
        after = shown(page)
        assert not np.array_equal(after, before) and np.array_equal(running.kept(), after)
        running.faults = [fault for fault in running.faults if "500" not in fault]


def test_a_dropped_picture_is_opened_and_layers_are_shown(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        page.set_input_files("#file", art)
        until(lambda: page.evaluate("Boolean(studio.doc?.label)"))
        page.keyboard.press("KeyN")
        until(lambda: page.evaluate("document.querySelectorAll('#layerlist li').length > 5"))
        assert page.evaluate("document.querySelectorAll('#layerstage img:not([hidden])').length") > 5
        page.click("#layerlist li:first-child button")
        assert page.evaluate("document.querySelectorAll('#layerstage img:not([hidden])').length") == 1
        assert (tmp_path / "out/art.studio/picture.png").read_bytes() == art.read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(tmp_path: Path, art: Path, browser: "Browser", scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) of all text that is shown."""
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED, color_scheme=scheme)
        pairs = page.evaluate("""(() => {
          const ground = e => getComputedStyle(e).backgroundColor, clear = e => /, 0\\)|transparent/.test(ground(e));
          const solid = e => { while (clear(e)) e = e.parentElement; return ground(e); };
          const said = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
          return [...document.querySelectorAll("body *")]
            .filter(e => e.checkVisibility() && !e.closest(":disabled") && said(e))
            .map(e => [getComputedStyle(e).color, solid(e), e.textContent.slice(0, 30)]);
        })()""")
        assert len(pairs) > 20
        assert [pair for pair in pairs if contrast(*pair[:2]) < 4.5] == []


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        rgb = np.array([float(v) for v in colour[colour.index("(") + 1 : -1].split(",")[:3]]) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
