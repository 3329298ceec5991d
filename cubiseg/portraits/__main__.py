"""``python -m cubiseg.portraits``: contact sheets of the generator, and layers of its pictures."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np

from cubiseg import lifetime, taxonomy
from cubiseg.files import atomic_write
from cubiseg.portraits import Shares, draw

_OPTIONS = {".png": [], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 70], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 85]}

_PLAIN = {
    "light": "none",
    "colouring": "full",
    "grade": "none",
    "camera effect": "none",
    "texture": "none",
    "halo": "none",
    "caption": "none",
    "watermark": "none",
    "distractor": "none",
    "placement": "centre",
    "camera": "level",
}

_SHOWN = {
    "build": {"crop": "whole figure", "stance": "straight"},
    "stance": {"crop": "whole figure"},
    "seat": {"crop": "whole figure", "stance": "sitting"},
    "arms": {"crop": "cowboy shot", "hands": "none"},
    "carried": {"crop": "whole figure", "hands": "none"},
    "garment": {"crop": "whole figure", "worn over clothes": "none", "worn at the waist": "none"},
    "worn over clothes": {"crop": "whole figure"},
    "bottom": {"crop": "whole figure", "garment": "tee"},
    "worn at the waist": {"crop": "cowboy shot", "garment": "shirt"},
    "legwear": {"crop": "whole figure", "garment": "tank", "bottom": "mini skirt"},
    "footwear": {"crop": "whole figure", "garment": "tank", "bottom": "mini skirt", "legwear": "none"},
    "handwear": {"crop": "cowboy shot", "hands": "none"},
    "bow behind": {"crop": "whole figure"},
    "wings": {"crop": "whole figure"},
    "tail": {"crop": "whole figure"},
    "ground shadow": {"crop": "whole figure"},
}
"""By axis, what its sheet needs so that its kinds can be seen."""


def tiles(
    seed: int,
    indices: Sequence[int],
    tile: int,
    *,
    labels: bool = False,
    parts: bool = False,
    per: int = 1,
    shares: Shares | None = None,
) -> list[np.ndarray]:
    """(tile, tile, 3) uint8 pictures, each followed by its map of classes and its map of parts if asked."""
    out = []
    for index in indices:
        portrait = draw(seed, index, max(2 * tile, 64), per, shares)
        out.append(cv2.resize(portrait.image, (tile, tile), interpolation=cv2.INTER_AREA))
        for ids in (portrait.label,) * labels + (portrait.parts,) * parts:
            out.append(cv2.resize(taxonomy.COLOURS[ids], (tile, tile), interpolation=cv2.INTER_NEAREST))
    return out


def explained(pictures: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: a sheet with the name and the colour of every leaf below it."""
    width = pictures.shape[1]
    rows = -(-len(taxonomy.LEAVES) // max(1, width // 136))
    words = np.full((18 * rows + 6, width, 3), 255, np.uint8)
    for number, (name, colour) in enumerate(zip(taxonomy.LEAVES, taxonomy.COLOURS[taxonomy.LEAF_IDS], strict=True)):
        x, y = 4 + 136 * (number // rows), 4 + 18 * (number % rows)
        words[y : y + 14, x : x + 14] = colour
        cv2.putText(words, name, (x + 18, y + 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([pictures, words])


def sheet(pictures: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """(H, W, 3) uint8: pictures in rows, the last one filled up with white."""
    filled = [*pictures, *[np.full_like(pictures[0], 255)] * (-len(pictures) % columns)]
    return np.vstack([np.hstack(filled[i : i + columns]) for i in range(0, len(filled), columns)])


def axis_sheet(name: str, seed: int, columns: int, tile: int) -> np.ndarray:
    """(H, W, 3) uint8: a row of the same characters for each kind of an axis, the kind's name above it.

    What would distract from it (coloured light, writing, odd crops) is left out, and what only the face shows is drawn
    in close-up, what only the body shows as whole figures.

    Raises:
        KeyError: no such axis.
    """
    from cubiseg.portraits.axes import Mix
    from cubiseg.portraits.catalogue import AXES, FACIAL

    axis, rows = AXES[name], []
    mix = Mix()
    for other, kind in (_PLAIN | ({"crop": "close-up"} if name in FACIAL else _SHOWN.get(name, {}))).items():
        mix = mix.only(AXES[other], kind)
    for kind in axis.kinds:
        strip = np.full((20, columns * tile, 3), 255, np.uint8)
        cv2.putText(strip, kind, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        shares = mix.only(axis, kind).factors
        rows += [strip, np.hstack(tiles(seed, range(columns), tile, shares=shares))]
    return np.vstack(rows)


def _write(out: Path, picture: np.ndarray) -> None:
    if out.suffix not in _OPTIONS:
        raise click.UsageError(f"{out}: name a file that ends in one of {', '.join(_OPTIONS)}")
    data = cv2.imencode(out.suffix, picture[..., ::-1], _OPTIONS[out.suffix])[1]
    with atomic_write(out) as file:
        file.write(data.tobytes())


def _fresh(context: click.Context, parameter: click.Parameter, out: Path) -> Path:
    if out.exists():
        raise click.UsageError(f"{out} exists; name a new file")
    return out


OUT = click.argument("out", type=click.Path(dir_okay=False, path_type=Path), callback=_fresh)
SEED = click.option("--seed", default=0, show_default=True)
TILE = click.option("--tile", default=192, show_default=True, help="Side of a tile in px.")
COLUMNS = click.option("--columns", default=8, show_default=True)


class _Group(click.Group):
    """Commands that a signal ends in one line."""

    def invoke(self, context: click.Context) -> Any:
        with lifetime.stoppable(partial(click.echo, err=True)):
            return super().invoke(context)


@click.group(cls=_Group)
def main() -> None:
    """Look at the portrait generator."""


@main.command("sheet")
@OUT
@SEED
@click.option("--first", default=0, show_default=True, help="Index of the first picture.")
@click.option("--count", default=40, show_default=True)
@COLUMNS
@TILE
@click.option("--labels", is_flag=True, help="Show each map of classes beside its picture.")
@click.option("--parts", is_flag=True, help="Show each map of parts too, and what its colours mean.")
@click.option("--per-character", "per", default=1, show_default=True, help="Pictures of each character.")
def sheet_command(
    out: Path, seed: int, first: int, count: int, columns: int, tile: int, labels: bool, parts: bool, per: int
) -> None:
    """A contact sheet of portraits (.png, .webp or .jpg)."""
    shown = sheet(tiles(seed, range(first, first + count), tile, labels=labels, parts=parts, per=per), columns)
    _write(out, explained(shown) if parts else shown)


@main.command("axes")
def axes_command() -> None:
    """What varies: axes, their kinds and usual weights."""
    from cubiseg.portraits.catalogue import AXES

    for name, axis in AXES.items():
        kinds = ", ".join(f"{kind} {weight:.3g}" for kind, weight in axis.weights().items())
        click.echo(f"{name} ({axis.about}): {kinds}")


@main.command("axis")
@click.argument("name")
@OUT
@SEED
@COLUMNS
@TILE
def axis_command(name: str, out: Path, seed: int, columns: int, tile: int) -> None:
    """A sheet with a row for each kind of one axis (`axes` lists them)."""
    from cubiseg.portraits.catalogue import AXES

    if name not in AXES:
        raise click.UsageError(f"no axis {name!r}; there are {', '.join(AXES)}")
    _write(out, axis_sheet(name, seed, columns, tile))


@main.command("album")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@SEED
@click.option("--columns", default=5, show_default=True)
@click.option("--tile", default=96, show_default=True, help="In px.")
def album_command(folder: Path, seed: int, columns: int, tile: int) -> None:
    """The pictures of docs/generator.md: a hundred portraits, their parts, a sheet an axis; old ones are replaced."""
    from cubiseg.portraits.catalogue import AXES

    _write(folder / "hundred.webp", sheet(tiles(seed, range(100), tile), 10))
    _write(folder / "parts.webp", explained(sheet(tiles(seed, range(100, 124), 2 * tile, parts=True), 8)))
    for name in AXES:
        _write(
            folder / f"{name.replace(' ', '-')}.webp",
            axis_sheet(name, seed, columns, 2 * tile if name in _SHOWN else tile),
        )
        click.echo(name)


@main.command("layers")
@OUT
@SEED
@click.option("--index", default=0, show_default=True, help="Index of the picture.")
@click.option("--size", default=512, show_default=True, help="Side in px.")
@click.option("--parts", is_flag=True, help="A layer a part, complete under the others, rather than a layer a class.")
def layers_command(out: Path, seed: int, index: int, size: int, parts: bool) -> None:
    """One portrait with all its layers, as OpenRaster (.ora)."""
    from cubiseg.portraits.openraster import write_layers

    write_layers(out, draw(seed, index, size, 1, alone=parts), parts=parts)


if __name__ == "__main__":
    main()
