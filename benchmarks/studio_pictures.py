"""The pictures of a review in docs/studio.md: the real page over a data set, driven in a headless browser.

    python -m benchmarks.studio_pictures [--review data/clean] [--out docs/img]

The review goes to a folder that is thrown away.
"""

import io
import tempfile
from pathlib import Path

import click
from PIL import Image

from benchmarks.studio_page import SIZE, chromium, studio, until

QUALITY = 88
_PORTRAITS = "[...document.querySelectorAll('#portraits img')]"


@click.command()
@click.option("--review", type=click.Path(path_type=Path), default=Path("data/clean"), show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="Model file, as for the studio.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs/img"), show_default=True)
def main(review: Path, model: Path | None, out: Path) -> None:
    """Write studio_review.webp (light) and studio_sheet.webp (dark)."""
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


def _keep(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=QUALITY, method=6)
    print(path)


if __name__ == "__main__":
    main()
