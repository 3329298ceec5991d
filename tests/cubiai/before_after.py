"""The picture of docs/cubiai.md: the PSD that CubiAI made of a generated portrait, and the one that it makes now.

    python -m tests.cubiai.before_after docs/img/cubiai.webp

Before: the stand-in, which segments and writes as CubiAI does (superpixels by its config's defaults, its exporter).
After: the model that `cubiseg layers` takes, whether or not the pipeline's own lies in the current folder.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from psd_tools import PSDImage

from cubiseg.cubiai import register
from cubiseg.imaging import Picture, write_webp
from cubiseg.inference.model_file import find_model
from cubiseg.portraits import draw
from tests.cubiai.conftest import STAND_IN, CubiAI

SEED, INDEX, SIDE = 7, 3, 640
DEFAULTS = {"num_segments": 18, "compactness": 8.0, "min_area_px": 2048, "feather_radius": 2}
PANEL, COLUMNS, LINE = 320, 6, 26
GREY, WHITE, INK = (214, 214, 214), (255, 255, 255), (20, 20, 20)


def main(target: Path) -> None:
    picture = Picture(draw(SEED, INDEX, SIDE, 2).image)
    sys.path.insert(0, str(STAND_IN))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        ours: dict[str, Any] = {"anime_advanced": {"model": str(find_model().absolute())}}
        for told, backend, block in (
            ("before: slic, CubiAI's exporter", "slic", {}),
            ("after: anime-advanced", "anime-advanced", ours),
        ):
            run = CubiAI(Path(folder)).run(picture, backend, backend=backend, **DEFAULTS, **block)
            rows.append(_row(told, PSDImage.open(run.outputs["psd"])))
            register()
    write_webp(target, np.vstack(rows), 80)


def _row(told: str, psd: PSDImage) -> np.ndarray:
    """The flattened PSD, then its layers as they lie in it, bottom to top: (h, w, 3) uint8."""
    tile = PANEL // 2
    row = Image.new("RGB", (PANEL + COLUMNS * tile, LINE + PANEL + 2 * LINE), WHITE)
    write = ImageDraw.Draw(row)
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    write.text((6, 4), f"{told}: a PSD of {psd.width}x{psd.height} with {len(psd)} layers", INK, font)
    row.paste(_shown(psd, None, PANEL), (0, LINE))
    for place, layer in enumerate(list(psd)[: 2 * COLUMNS]):
        x, y = PANEL + place % COLUMNS * tile, LINE + place // COLUMNS * (tile + LINE)
        row.paste(_shown(psd, layer, tile), (x, y))
        write.text((x + 6, y + tile + 4), layer.name, INK, small)
    return np.asarray(row)


def _shown(psd: PSDImage, layer: object, side: int) -> Image.Image:
    """The PSD, or one layer in it, on grey, at the scale at which the portrait fills ``side`` pixels."""
    canvas = Image.new("RGBA", psd.size, (*GREY, 255))
    for one in psd if layer is None else [layer]:
        canvas.alpha_composite(one.topil().convert("RGBA"), (max(0, one.left), max(0, one.top)))
    size = tuple(max(1, round(length * (side - 8) / SIDE)) for length in psd.size)
    tile = Image.new("RGB", (side, side), WHITE)
    tile.paste(canvas.convert("RGB").resize(size, Image.Resampling.LANCZOS), (4, 4))
    return tile


if __name__ == "__main__":
    main(Path(sys.argv[1]))
