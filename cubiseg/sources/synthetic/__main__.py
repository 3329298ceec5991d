"""``python -m cubiseg.sources.synthetic``: contact sheets of the generator."""

from collections.abc import Sequence
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.imaging import atomic_write
from cubiseg.sources.synthetic import Shares, draw

_OPTIONS = {".png": [], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 80], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 85]}


def tiles(seed: int, indices: Sequence[int], tile: int, *, labels: bool = False, per: int = 1,
          shares: Shares | None = None) -> list[np.ndarray]:  # fmt: skip
    """(tile, tile, 3) uint8 pictures, each followed by its label map if asked."""
    palette = np.array(taxonomy.PALETTE, np.uint8)
    out = []
    for index in indices:
        portrait = draw(seed, index, max(2 * tile, 64), per, shares)
        out.append(cv2.resize(portrait.image, (tile, tile), interpolation=cv2.INTER_AREA))
        if labels:
            out.append(cv2.resize(palette[portrait.label], (tile, tile), interpolation=cv2.INTER_NEAREST))
    return out


def sheet(pictures: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """(H, W, 3) uint8: pictures in rows, the last one filled up with white."""
    filled = [*pictures, *[np.full_like(pictures[0], 255)] * (-len(pictures) % columns)]
    return np.vstack([np.hstack(filled[i : i + columns]) for i in range(0, len(filled), columns)])


def axis_sheet(name: str, seed: int, columns: int, tile: int) -> np.ndarray:
    """(H, W, 3) uint8: a row of the same characters for each kind of an axis, the kind's name above it.

    Raises:
        KeyError: no such axis.
    """
    from cubiseg.sources.synthetic.axes import Mix
    from cubiseg.sources.synthetic.catalogue import AXES

    axis, rows = AXES[name], []
    for kind in axis.kinds:
        strip = np.full((20, columns * tile, 3), 255, np.uint8)
        cv2.putText(strip, kind, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        shares = Mix().only(axis, kind).factors
        rows += [strip, np.hstack(tiles(seed, range(columns), tile, shares=shares))]
    return np.vstack(rows)


@click.command()
@click.option("--sheet", "out", type=click.Path(dir_okay=False, path_type=Path), help="Picture to write.")
@click.option(
    "--layers",
    "ora",
    type=click.Path(dir_okay=False, path_type=Path),
    help="OpenRaster file (.ora) to write picture --first to, with all its layers.",
)
@click.option("--axis", help="Show each kind of this axis in a row of its own; --axes lists them.")
@click.option("--axes", "listed", is_flag=True, help="List the axes, their kinds and usual weights.")
@click.option("--seed", default=0, show_default=True)
@click.option("--first", default=0, show_default=True, help="Index of the first picture.")
@click.option("--count", default=40, show_default=True)
@click.option("--columns", default=8, show_default=True)
@click.option("--tile", default=192, show_default=True, help="Side of a tile in px; layers are twice as large.")
@click.option("--labels", is_flag=True, help="Show each label map beside its picture.")
@click.option("--per-character", "per", default=1, show_default=True, help="Pictures of each character.")
def main(out: Path | None, ora: Path | None, axis: str | None, listed: bool, seed: int, first: int, count: int,
         columns: int, tile: int, labels: bool, per: int) -> None:  # fmt: skip
    """Write a contact sheet of generated portraits or all layers of one, or list what varies."""
    from cubiseg.sources.synthetic.catalogue import AXES

    if listed:
        for name, each in AXES.items():
            kinds = ", ".join(f"{kind} {weight:.3g}" for kind, weight in each.weights().items())
            click.echo(f"{name} ({each.about}): {kinds}")
        return
    if ora is not None:
        from cubiseg.sources.synthetic.openraster import write_layers

        if ora.suffix != ".ora" or ora.exists():
            raise click.UsageError(f"--layers {ora}: name a new file that ends in .ora")
        write_layers(ora, draw(seed, first, 2 * tile, per))
        return
    if out is None or out.suffix not in _OPTIONS:
        raise click.UsageError(f"--sheet: name a file that ends in one of {', '.join(_OPTIONS)}")
    if out.exists():
        raise click.UsageError(f"{out} exists; name a new file")
    if axis is not None and axis not in AXES:
        raise click.UsageError(f"--axis {axis!r}: there are {', '.join(AXES)}")
    if axis is None:
        picture = sheet(tiles(seed, range(first, first + count), tile, labels=labels, per=per), columns)
    else:
        picture = axis_sheet(axis, seed, columns, tile)
    data = cv2.imencode(out.suffix, picture[..., ::-1], _OPTIONS[out.suffix])[1]
    with atomic_write(out) as file:
        file.write(data.tobytes())


if __name__ == "__main__":
    main()
