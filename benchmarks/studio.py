"""How quickly the studio answers a hand: the page in headless Chromium at 2048x2048, by its own pointer and keys.

    python -m benchmarks.studio [--model FILE]

Prints milliseconds for each bar: hovering, painting an area, strokes, undos, keeping an action, and seconds from the
command to the first picture, the labels and the areas. A hidden browser draws without a graphics card, so a real one is
rather quicker.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import cv2
import numpy as np

from benchmarks.studio_page import SIZE, chromium, studio, until
from cubiseg.imaging import write_png
from cubiseg.portraits import draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIDE = 2048

_HOVER = """async () => {
  const {view} = studio, found = [];
  for (let i = 0; i < 200; i++) {
    const x = view.width * (0.15 + 0.7 * ((i * 37) % 200) / 200);
    const y = view.height * (0.1 + 0.8 * ((i * 61) % 200) / 200);
    const box = view.stage.getBoundingClientRect(), at = {clientX: box.left + x, clientY: box.top + y, bubbles: true};
    const start = performance.now();
    view.stage.dispatchEvent(new PointerEvent("pointermove", {...at, pointerType: "mouse"}));
    found.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return found;
}"""
"""Milliseconds of each of 200 moves of the pointer, from the event to the canvas."""

_CLICKS = """async ([count, drag]) => {
  const {view} = studio, painted = [], kept = [];
  for (let i = 0; i < count; i++) {
    const x = view.width * (0.3 + 0.4 * ((i * 37) % count) / count);
    const y = view.height * (0.1 + 0.8 * ((i * 19) % count) / count);
    const box = view.stage.getBoundingClientRect();
    const fire = (name, dx) => view.stage.dispatchEvent(new PointerEvent(name, {clientX: box.left + x + dx,
      clientY: box.top + y + dx / 2, bubbles: true, pointerType: "mouse", button: 0, buttons: 1, pointerId: 1}));
    view.stage.setPointerCapture = () => {};
    studio.active = 1 + i % 11;
    const start = performance.now();
    fire("pointerdown", 0);
    if (drag) for (let d = 4; d <= 60; d += 4) fire("pointermove", d);
    fire("pointerup", drag ? 60 : 0);
    painted.push(performance.now() - start);
    await studio.actions.last;
    kept.push(performance.now() - start);
  }
  return [painted, kept];
}"""
"""Milliseconds until strokes are seen, and until they are on the disk."""

_UNDOS = """async count => {
  const found = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await studio.actions.undo();
    found.push(performance.now() - start);
  }
  return found;
}"""


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="Model file, as for the studio.")
def main(model: Path | None) -> None:
    """Measure, and print JSON."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        picture = cv2.resize(draw(5, 21, 1024).image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        write_png(place / "art.png", picture)
        page = browser.new_page(viewport=SIZE)
        start = time.monotonic()
        options: list[str | Path] = ["--model", model] if model else []
        with studio(place / "art.png", "-o", place / "out", *options) as address:
            seconds = {"address": time.monotonic() - start}
            page.goto(address)
            for name in ("picture", "labels", "areas"):
                until(lambda name=name: page.evaluate(f"studio.timings.{name}"))  # type: ignore[misc]
                seconds[name] = time.monotonic() - start
            print(json.dumps({"seconds": {k: round(v, 2) for k, v in seconds.items()}, **_measured(page)}, indent=2))


def _measured(page: "Page") -> dict[str, Any]:
    found = {"hover": _told(page.evaluate(_HOVER))}
    seen, kept = page.evaluate(_CLICKS, [50, False])
    found |= {"area painted": _told(seen), "area kept": _told(kept)}
    page.evaluate("studio.tool = 'brush'; studio.radius = 30")
    seen, kept = page.evaluate(_CLICKS, [50, True])
    found |= {"stroke painted": _told(seen), "stroke kept": _told(kept)}
    return {**found, "undo": _told(page.evaluate(_UNDOS, 50))}


def _told(milliseconds: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(milliseconds)), 1),
        "95 %": round(float(np.quantile(milliseconds, 0.95)), 1),
        "most": round(max(milliseconds), 1),
    }


if __name__ == "__main__":
    main()
