"""A picture for docs/layers.md, once a model is released: a character pulled apart, hidden parts before and after.

    python -m benchmarks.beneath docs/img/completion.webp [--fill-model FILE] [--seed 5150] [--index 149] [--size 768]

A column a layer, those with the most hidden pixels; in each what shows of it, the same extended smoothly, completed by
the model, and as it was drawn. It is cut by its exact labels. Printed: how each layer was filled, seconds of both cuts.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cubiseg.boxes import Box
from cubiseg.completion.truth import CompletePicture, of_portrait
from cubiseg.imaging import Picture, write_webp
from cubiseg.layers import Layer, cut
from cubiseg.layers.fill_files import choose
from cubiseg.layers.preview import resize
from cubiseg.portraits import draw

COLUMNS, TILE, SIDE, LINE, GAP = 8, 190, 110, 26, 6
GREY, WHITE, INK = (205, 205, 205), (255, 255, 255), (20, 20, 20)
QUALITY = 80
ROWS = ("what shows", "before: smooth", "after: learnt", "as drawn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fill-model", type=Path)
    parser.add_argument("--seed", type=int, default=5150)
    parser.add_argument("--index", type=int, default=149)
    parser.add_argument("--size", type=int, default=768)
    args = parser.parse_args()
    filler = choose("learnt", args.fill_model).open()
    portrait = draw(args.seed, args.index, args.size, 1, alone=True)
    picture, label = Picture(portrait.clean), portrait.parts
    made = []
    for name, how in (("smooth", None), ("learnt", filler)):
        cut(picture, label, soft_edges=True, filler=how)  # warm
        start = time.perf_counter()
        made.append(cut(picture, label, soft_edges=True, filler=how))
        print(f"{name}: cut in {time.perf_counter() - start:.2f} s")
    smooth, learnt = ({layer.name: layer for layer in layers} for layers in made)
    for name, layer in learnt.items():
        print(f"{name:20} {layer.fill:7} {layer.painted.mean():.3f} of its crop invented")
    write_webp(args.out, sheet(smooth, learnt, of_portrait(portrait, "portrait")), QUALITY)


def sheet(smooth: dict[str, Layer], learnt: dict[str, Layer], true: CompletePicture) -> np.ndarray:
    """The picture: (h, w, 3) uint8."""
    canvas = true.label.shape[0], true.label.shape[1]
    hidden = {name: int(part.hidden.sum()) for name, part in true.parts.items() if name in learnt}
    names = [name for name in learnt if name in sorted(hidden, key=lambda name: -hidden[name])[:COLUMNS]]
    image = Image.new("RGB", (SIDE + len(names) * (TILE + GAP), LINE + len(ROWS) * (TILE + GAP)), WHITE)
    write, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for row, words in enumerate(ROWS):
        write.text((4, LINE + row * (TILE + GAP) + TILE // 2), words, INK, font)
    for column, name in enumerate(names):
        left = SIDE + column * (TILE + GAP)
        write.text((left + 4, 5), name, INK, font)
        shown = smooth[name].on_canvas(canvas)
        shown[smooth[name].window][smooth[name].painted] = 0
        drawn = np.zeros_like(shown)
        drawn[true.parts[name].box.window] = true.parts[name].rgba
        planes = (shown, smooth[name].on_canvas(canvas), learnt[name].on_canvas(canvas), drawn)
        around = Box.around(np.maximum.reduce([plane[..., 3] for plane in planes]))
        assert around is not None
        for row, plane in enumerate(planes):
            image.paste(_tile(plane[around.window]), (left, LINE + row * (TILE + GAP)))
    return np.asarray(image)


def _tile(rgba: np.ndarray) -> Image.Image:
    """A layer on grey, fitted into a tile."""
    height, width = rgba.shape[:2]
    scale = min((TILE - 8) / width, (TILE - 8) / height)
    fitted = Image.fromarray(resize(rgba, (max(1, round(width * scale)), max(1, round(height * scale)))))
    tile = Image.new("RGB", (TILE, TILE), GREY)
    tile.paste(fitted, ((TILE - fitted.width) // 2, (TILE - fitted.height) // 2), fitted)
    return tile


if __name__ == "__main__":
    main()
