"""The pictures of a review in docs/studio.md: the real page over a data set, driven in a headless browser.

    python -m benchmarks.studio_pictures [--review data/clean] [--out docs/img]

The review goes to a folder that is thrown away.
"""

import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from PIL import Image

SIZE = {"width": 1280, "height": 720}
QUALITY = 88


@click.command()
@click.option("--review", type=click.Path(path_type=Path), default=Path("data/clean"), show_default=True)
@click.option("--model", type=click.Path(path_type=Path), help="Model file, as for the studio.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs/img"), show_default=True)
def main(review: Path, model: Path | None, out: Path) -> None:
    """Write studio_review.webp (light) and studio_sheet.webp (dark)."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as run:
        place = Path(folder)
        command = [sys.executable, "-m", "cubiseg", "studio", "--review", str(review), "--reviewer", "ab"]
        command += ["--corrections", str(place / "corrections"), "-o", str(place / "out"), "--no-browser"]
        command += ["--model", str(model)] if model else []
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        chromium = run.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            page = chromium.new_page(viewport=SIZE, color_scheme="light")
            page.goto(address)
            _until(lambda: page.evaluate("Boolean(studio.doc?.areas && studio.review?.about)"))
            _until(lambda: page.evaluate("studio.places.length > 0"), 20, needed=False)
            _keep(page.screenshot(), out / "studio_review.webp")
            page.emulate_media(color_scheme="dark")
            page.keyboard.press("KeyZ")
            _until(lambda: page.evaluate("[...document.querySelectorAll('#portraits img')].every(i => i.naturalWidth)"))
            page.click("#portraits li:nth-child(3) button")
            _until(lambda: page.evaluate("[...document.querySelectorAll('#portraits img')].length > 0"))
            _keep(page.screenshot(), out / "studio_sheet.webp")
        finally:
            server.terminate()
            server.wait()
            chromium.close()


def _until(true: Callable[[], object], seconds: float = 300, *, needed: bool = True) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            if needed:
                raise click.ClickException("the page was not ready in time")
            return
        time.sleep(0.1)


def _keep(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=QUALITY, method=6)
    print(path)


if __name__ == "__main__":
    main()
