"""How well unnamed segments follow what is drawn, beside superpixels of the same number.

    python -m benchmarks.segments [--segments 18] [--out DIR]

Pictures without a face: all 19 places of the generator's backgrounds, each painted three times, and those that
scikit-image ships. Of places the truth is known: each line of the painter's code that lays down an area is one thing,
each line that draws many small shapes is one thing too. Prints achievable segmentation accuracy (share of pixels right
if each segment had the name of the thing that it holds most of, Liu et al. 2011) and boundary recall (share of true
borders with a segment's border within 2 px). Of scikit-image's pictures it is not; there, explained variation (share
of the colours' variance, in Lab, that the segments' means tell, Moore et al. 2008). With ``--out``, each picture's
segments are written as a PNG of their colours.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import imaging
from cubiseg.label_maps import edges
from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.paint import Board
from cubiseg.regions.quality import measure
from cubiseg.regions.unnamed import unnamed_segments
from cubiseg.taxonomy import IGNORE_INDEX

SIZE, SEED = 512, 2107
TIMES = 3
"""Pictures of each place."""
LEAST = 0.001
"""Share of a picture that a thing takes at least; smaller ones are not counted."""
UNFIT = ("color.png",)
"""Of scikit-image's files: a palette, no picture."""


class Things(Stage):
    """A stage on which every thing has one colour of its own, by which it is known, and no soft edge."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        super().__init__(n, rng)
        self.known: dict[object, int] = {}

    def _ink(self, thing: object) -> tuple[int, int, int]:
        number = 1 + self.known.setdefault(thing, len(self.known))
        return number & 255, number >> 8, 77

    def _of_call(self) -> tuple[int, int, int]:
        return self._ink(len(self.known))

    def _of_line(self) -> tuple[int, int, int]:
        """The ink of the painter's line that calls, however deep below it in the stage."""
        frame = sys._getframe(1)
        while isinstance(frame.f_locals.get("self"), Stage) and frame.f_back is not None:
            frame = frame.f_back
        return self._ink((frame.f_code.co_name, frame.f_lineno))

    def flat(self, c: col.Colour) -> Image:
        return np.full((self.n, self.n, 3), self._of_call(), np.uint8)

    def ramp(self, t: np.ndarray, colours: Sequence[col.Colour]) -> Image:
        return np.full((self.n, self.n, 3), self._of_call(), np.uint8)

    def blend(self, below: Image, above: Image | col.Colour, mask: np.ndarray) -> Image:
        image = self.flat(above) if isinstance(above, tuple) else above
        return np.where(np.broadcast_to(mask > 0.5, (self.n, self.n))[..., None], image, below)

    def polygon(self, img: Image, points: np.ndarray | Sequence[Sequence[float] | np.ndarray], c: col.Colour) -> None:
        cv2.fillPoly(img, [np.rint(np.asarray(points, float) * self.n).astype(np.int32)], self._of_line())

    def stamp(
        self,
        img: Image,
        at: np.ndarray,
        size: np.ndarray,
        turn: np.ndarray,
        shape: np.ndarray,
        colours: Sequence[col.Colour],
    ) -> None:
        """Leaves on a tree are the tree: nothing."""
        self.rng.integers(0, len(colours), len(at))

    def line(self, img: Image, points: np.ndarray, c: col.Colour, width: float) -> None:
        p = np.rint(np.asarray(points, float) * self.n).astype(np.int32)
        cv2.polylines(img, [p], False, self._of_line(), max(1, round(width * self.n)))

    def quad(self, img: Image, texture: Image, corners: np.ndarray | Sequence[Sequence[float]]) -> None:
        to = np.asarray(corners, np.float32) * self.n
        h, w = texture.shape[:2]
        m = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), to)
        cv2.warpPerspective(texture, m, (self.n, self.n), img, cv2.INTER_NEAREST, cv2.BORDER_TRANSPARENT)

    def textured(self, img: Image, noise: np.ndarray, strength: float) -> Image:
        return img

    def over(self, img: Image, board: Board) -> Image:
        return self.blend(img, np.full_like(img, self._of_line()), board.rgba()[..., 3] / 255)


def place(kind: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """A place, (n, n, 3) uint8, and its things, (n, n) uint8, 255 where unknown or too small."""
    paint = BACKGROUNDS[kind][0]
    seed = (SEED, sorted(BACKGROUNDS).index(kind), number)
    rgb = paint(Stage(SIZE, np.random.default_rng(seed)))
    inks = paint(Things(SIZE, np.random.default_rng(seed))).astype(np.int32)
    # What a painter does without the stage (a blur, a crop) leaves colours that are no thing's.
    key = np.where(inks[..., 2] == 77, inks[..., 0] + (inks[..., 1] << 8), 0)
    values, index, counts = np.unique(key.ravel(), return_inverse=True, return_counts=True)
    fit = (values > 0) & (counts >= LEAST * key.size)
    table = np.where(fit, np.cumsum(fit) - 1, IGNORE_INDEX)
    return rgb, table[index].reshape(key.shape).astype(np.uint8)


def places() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, picture and truth of each place of more than one thing."""
    for kind in (name for name, (_, _, family) in BACKGROUNDS.items() if family == "place"):
        for number in range(TIMES):
            rgb, truth = place(kind, number)
            if len(np.unique(truth[truth != IGNORE_INDEX])) > 1:
                yield f"{kind} {number}", rgb, truth


def shipped() -> Iterator[tuple[str, np.ndarray]]:
    """Name and pixels of scikit-image's own pictures that have a colour at each pixel, the longer side at most 1024."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    for path in sorted(p for p in folder.iterdir() if p.suffix in {".png", ".jpg"} and p.name not in UNFIT):
        rgb = imaging.read_picture(path).over()
        scale = min(1.0, 1024 / max(rgb.shape[:2]))
        yield path.name, cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def superpixels(rgb: np.ndarray, count: int) -> np.ndarray:
    """Plain SLIC (Achanta et al. 2012), as scikit-image has it; asked for more until it gives as many as are wanted."""
    from skimage.segmentation import slic

    for wanted in range(count, 4 * count, 2):
        label = slic(rgb, n_segments=wanted, compactness=10, start_label=1, channel_axis=2).astype(np.uint16)
        if len(np.unique(label)) >= count:
            break
    return label


METHODS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {"SLIC": superpixels, "ours": unnamed_segments}


def explained(rgb: np.ndarray, label: np.ndarray) -> float:
    """Share of the variance of colour in Lab that the segments' means tell, 0..1; 1 for a plain picture."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
    flat = label.ravel()
    area = np.maximum(np.bincount(flat), 1)
    means = np.stack([np.bincount(flat, plane) / area for plane in lab.T], 1)
    total = ((lab - lab.mean(0)) ** 2).sum()
    return 1.0 if total == 0 else float(1 - ((lab - means[flat]) ** 2).sum() / total)


def colours(label: np.ndarray) -> np.ndarray:
    """Segments in colours that differ, with their borders: (H, W, 3) uint8."""
    hues = (np.arange(int(label.max()) + 1) * 67 % 180).astype(np.uint8)
    light = np.array([255, 190, 130], np.uint8)[np.arange(len(hues)) % 3]
    table = cv2.cvtColor(np.stack([hues, np.full_like(hues, 150), light], 1)[None], cv2.COLOR_HSV2RGB)[0]
    table[0] = 0
    out = table[label]
    out[edges(label.astype(np.int32))] = 0
    return out


@click.command()
@click.option("--segments", default=18, show_default=True, help="Segments of a picture.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for pictures of the segments.")
def main(segments: int, out: Path | None) -> None:
    """Measure our unnamed segments beside superpixels."""
    rows: dict[str, list[tuple[float, float, int]]] = {name: [] for name in METHODS}
    for picture, rgb, truth in places():
        for name, cut in METHODS.items():
            label = cut(rgb, segments)
            quality = measure(label.astype(np.int32), truth, 255)
            rows[name].append((quality.achievable_accuracy, quality.boundary_recall, len(np.unique(label))))
            _keep(out, f"{picture}-{name}", rgb, label)
        click.echo(f"{picture:14} " + "  ".join(f"{name} {rows[name][-1][0]:.3f}" for name in METHODS))
    click.echo(f"\n{len(rows['ours'])} drawn places: achievable accuracy, boundary recall, segments")
    for name, values in rows.items():
        click.echo(f"  {name:8} {np.mean(values, 0)[0]:.3f}  {np.mean(values, 0)[1]:.3f}  {np.mean(values, 0)[2]:.1f}")
    told: dict[str, list[float]] = {name: [] for name in METHODS}
    for picture, rgb in shipped():
        for name, cut in METHODS.items():
            label = cut(rgb, segments)
            told[name].append(explained(rgb, label))
            _keep(out, f"{Path(picture).stem}-{name}", rgb, label)
        click.echo(f"{picture:20} " + "  ".join(f"{name} {told[name][-1]:.3f}" for name in METHODS))
    click.echo(f"\n{len(told['ours'])} pictures of scikit-image: explained variation")
    for name, shares in told.items():
        click.echo(f"  {name:8} {np.mean(shares):.3f}")


def _keep(out: Path | None, name: str, rgb: np.ndarray, label: np.ndarray) -> None:
    if out is not None:
        imaging.write_png(out / f"{name.replace(' ', '_')}.png", np.hstack([rgb, colours(label)]))


if __name__ == "__main__":
    main()
