"""Pictures of docs/studio.md: a picture and its layers, a place to drop pictures, a review, in a headless browser.

    python -m benchmarks.studio_pictures [--review data/clean] [--out docs/img]

Reviews and layers go to a folder that is thrown away; what the page says of where they lie is what a user sees.
"""

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from PIL import Image

from benchmarks.studio_page import SIZE, chromium, studio, until
from cubiseg.cli.studio import HOME_FOLDER
from cubiseg.imaging import write_png
from cubiseg.portraits import draw

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUALITY = 88
_PORTRAITS = "[...document.querySelectorAll('#portraits img')]"


@click.command()
@click.option("--review", type=click.Path(path_type=Path), default=Path("data/clean"), show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="Model file, as for the studio.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs/img"), show_default=True)
def main(review: Path, model: Path | None, out: Path) -> None:
    """Write studio.webp, and studio_drop, _review (light), _layers and _sheet.webp (dark)."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        kept: list[str | Path] = ["--corrections", place / "corrections", "-o", place / "out"]
        kept += ["--model", model] if model else []
        with studio("--review", review, "--reviewer", "ab", *kept) as address:
            page = browser.new_page(viewport=SIZE, color_scheme="light")
            page.goto(address)
            until(lambda: page.evaluate("Boolean(studio.doc?.areas && studio.review?.about)"))
            # Of the queue, the first with a face, so that there is something to see.
            shown = "studio.review.rows.find(row => !row.done && !row.why.includes('no face')).number"
            page.evaluate(f"studio.review.open({shown})")
            until(lambda: page.evaluate(f"Boolean(studio.doc?.areas && studio.review.about?.number === {shown})"))
            until(lambda: page.evaluate("studio.places.length > 0"), 60, needed=False)
            _keep(page.screenshot(), out / "studio_review.webp")
            page.emulate_media(color_scheme="dark")
            page.keyboard.press("KeyZ")
            until(lambda: page.evaluate(f"{_PORTRAITS}.length > 0 && {_PORTRAITS}.every(i => i.naturalWidth)"))
            page.click("#portraits li:nth-child(3) button")
            page.mouse.move(0, 0)
            _keep(page.screenshot(), out / "studio_sheet.webp")
        _keep(dropped(browser, place, model), out / "studio_drop.webp")
        labels, layers = opened(browser, place, model)
        _keep(labels, out / "studio.webp")
        _keep(layers, out / "studio_layers.webp")


def dropped(browser: "Browser", place: Path, model: Path | None) -> bytes:
    """The page as it begins where pictures were dropped before, as PNG."""
    given: list[str | Path] = ["-o", place / HOME_FOLDER, *(("--model", model) if model else ())]
    pictures = [place / f"girl {number}.png" for number in (3, 5, 8)]
    for number, path in enumerate(pictures):
        write_png(path, draw(31, number, 512, 1).image)
    begins = "!document.getElementById('empty').hidden"
    for again in (False, True):
        with studio(*given) as address:
            page = browser.new_page(viewport=SIZE, color_scheme="light")
            page.goto(address)
            until(lambda page=page: page.evaluate(begins))
            if again:
                page.evaluate(f"document.getElementById('out').textContent = '/home/ab/{HOME_FOLDER}'")
                return page.screenshot()
            page.set_input_files("#file", pictures)
            until(lambda page=page: page.evaluate(f"studio.cut?.length === {len(pictures)}"), 120)
    raise AssertionError


def opened(browser: "Browser", place: Path, model: Path | None) -> tuple[bytes, bytes]:
    """A picture with its labels, the pointer over an area, and its layers slid apart, as PNG."""
    write_png(place / "art.png", draw(31, 5, 1024, 1).image)
    given: list[str | Path] = [place / "art.png", "-o", place / "out", *(("--model", model) if model else ())]
    with studio(*given) as address:
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address)
        until(lambda: page.evaluate("Boolean(studio.doc?.areas)"))
        until(lambda: page.evaluate("studio.places.length > 0"), 60, needed=False)
        page.mouse.move(530, 560)
        page.wait_for_timeout(300)
        labels = page.screenshot()
        page.emulate_media(color_scheme="dark")
        page.click("#layers")
        page.fill("#apart", "45")
        until(lambda: page.evaluate("document.querySelectorAll('#layerstage img, #layerstage canvas').length > 3"), 60)
        page.wait_for_timeout(1000)
        return labels, page.screenshot()


def _keep(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=QUALITY, method=6)
    print(path)


if __name__ == "__main__":
    main()
