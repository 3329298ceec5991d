"""The page looks as it did: pictures of it in some states, against kept ones (`tests/studio/screens.py`)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.inference.palette import portrait
from tests.studio import screens
from tests.studio.data_sets import KINDS, write_data
from tests.studio.pages import at, studio, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, browser: "Browser") -> "Iterator[Page]":
    """A portrait, opened, with the pointer nowhere."""
    folder = tmp_path_factory.mktemp("opened")
    pale = np.rint(0.55 * portrait()[0].rgb + 60).astype(np.uint8)  # so that labels are seen on it
    Image.fromarray(pale).save(folder / "art.png")
    with studio(folder, browser, folder / "art.png") as running:
        page = running.page(color_scheme="light")
        until(lambda: page.evaluate("document.querySelectorAll('#places li').length > 0"))
        while page.locator("#toasts button").count():
            page.click("#toasts button")
        yield page


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory, browser: "Browser") -> "Iterator[Page]":
    """A sheet of six portraits in a fixed order."""
    folder = tmp_path_factory.mktemp("sheet")
    write_data(folder)
    (folder / "only.txt").write_text("".join(f"{name}\n" for name in KINDS if name != "p06"))
    kept = ["--corrections", folder / "corrections", "--reviewer", "ab", "--only", folder / "only.txt"]
    with studio(folder, browser, "--review", folder / "clean", *kept) as running:
        page = running.page("studio.review?.about && studio.doc?.areas", color_scheme="light")
        told = "row => row.method === 'given' || row.why.some(sign => sign.includes('disagrees'))"
        until(lambda: page.evaluate(f"studio.review.load().then(() => studio.review.rows.every({told}))"))
        page.keyboard.press("KeyZ")
        loaded = "[...document.querySelectorAll('#portraits img')].every(i => i.naturalWidth)"
        until(lambda: page.evaluate(f"document.querySelectorAll('#portraits img').length === 6 && {loaded}"))
        yield page


def canvas(page: "Page") -> screens.Box:
    """Where the picture lies in the window."""
    return (*at(page, -0.5, -0.5), *at(page, 127.5, 159.5))


def looks(page: "Page", name: str, renew: bool, box: screens.Box | None) -> bool:
    """Whether a page looks as it did."""
    page.mouse.move(0, 0)
    now = screens.reduced(page.screenshot(animations="disabled"))
    if renew:
        screens.write(name, now)
    kept = screens.read(name)
    figures = screens.strange_cells(kept, now), 0.0 if box is None else screens.off_pixels(kept, now, box)
    print(f"{name}: {figures[0]:.4f} of a panel's cells, {figures[1]:.4f} of the canvas")
    return figures[0] <= screens.STRANGE and figures[1] <= screens.OFF


@pytest.fixture
def renew(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--renew-screens"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_opened_picture_looks_as_it_did(opened: "Page", scheme: str, renew: bool) -> None:
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert looks(opened, f"opened_{scheme}", renew, canvas(opened))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outlines_alone_look_as_they_did(opened: "Page", scheme: str, renew: bool) -> None:
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened.keyboard.press("KeyV")
    try:
        assert looks(opened, f"outlines_{scheme}", renew, canvas(opened))
    finally:
        opened.keyboard.press("KeyV")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sheet_looks_as_it_did(sheet: "Page", scheme: str, renew: bool) -> None:
    sheet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert looks(sheet, f"sheet_{scheme}", renew, None)


STYLED = "document.querySelector('{}').style.setProperty('{}', '{}')"
PLAIN = "document.querySelector('{}').style.removeProperty('{}')"
BREAKS = {
    "a panel is missing": ("#side", "visibility", "hidden"),
    "tools are missing": ("#tools", "visibility", "hidden"),
    "places are missing": (".placesbox", "visibility", "hidden"),
    "labels are not drawn": ("#labels", "visibility", "hidden"),
    "labels lie beside": ("#labels", "translate", "12px 0"),
    "labels are turned over": ("#labels", "scale", "-1 1"),
    "labels have other colours": ("#labels", "filter", "hue-rotate(90deg)"),
    "the picture is not drawn": ("#picture", "visibility", "hidden"),
    "a panel covers the picture": ("#side", "translate", "-120px 0"),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_page_looks_otherwise(opened: "Page", fault: str) -> None:
    opened.emulate_media(color_scheme="light")
    element, name, value = BREAKS[fault]
    opened.evaluate(STYLED.format(element, name, value))
    try:
        assert not looks(opened, "opened_light", False, canvas(opened))
    finally:
        opened.evaluate(PLAIN.format(element, name))


def test_outlines_are_told_from_a_full_overlay(opened: "Page") -> None:
    opened.emulate_media(color_scheme="light")
    assert not looks(opened, "outlines_light", False, canvas(opened))
    assert not looks(opened, "opened_dark", False, canvas(opened))


@pytest.mark.parametrize(
    "fault",
    [
        ("#portraits li:nth-child(2)", "display", "none"),
        ("#sheetbar", "display", "none"),
        ("#portraits", "filter", "invert(1)"),
    ],
)
def test_a_broken_sheet_looks_otherwise(sheet: "Page", fault: tuple[str, str, str]) -> None:
    sheet.emulate_media(color_scheme="light")
    sheet.evaluate(STYLED.format(*fault))
    try:
        assert not looks(sheet, "sheet_light", False, None)
    finally:
        sheet.evaluate(PLAIN.format(*fault[:2]))


@pytest.mark.parametrize("font", ["serif", "monospace"])
def test_another_font_looks_the_same(opened: "Page", font: str) -> None:
    opened.emulate_media(color_scheme="light")
    opened.evaluate(STYLED.format("body", "font-family", font))
    try:
        assert looks(opened, "opened_light", False, canvas(opened))
    finally:
        opened.evaluate(PLAIN.format("body", "font-family"))
