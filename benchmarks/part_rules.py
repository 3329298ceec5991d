"""What geometry alone makes of parts: rules that split a map of classes, as the line that a network of parts must beat.

    python -m benchmarks.part_rules [--generated 100] [--real DIR --mapping benchmarks/live2d_parts.yaml] [--model FILE]

The rules see the classes of the truth, or with --model those that a model finds, and no colour. They measure in widths
and heights of the face's box: hair before and above the face is front hair, beside it side hair, the rest back hair; an
eye's upper band is lashes and its middle iris; skin beside the face is ear and below the chin neck. The numbers of hair
and eyes are the best of a grid on 60 other generated portraits. Prints means of F1 over characters with 95 % intervals,
and what hair is called.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.evaluation import parts
from cubiseg.evaluation.labelled_folder import LabelledPicture, labelled_pictures, read_mapping
from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter
from cubiseg.portraits import draw
from cubiseg.taxonomy import ID, PART_ID
from stages.common import one_line_errors

PATH = click.Path(path_type=Path, exists=True)
SEED = 11
SHOWN = (*parts.MEANS, "hair_front", "hair_side", "hair_back", "eye_white", "eye_iris", "eye_lashes", "lips")
SHOWN += ("mouth_inside", "ear", "neck")


def split(label: np.ndarray) -> np.ndarray:
    """Parts of hair, eyes, mouth and skin by place.

    Args:
        label: (H, W) uint8, ids of classes.

    Returns:
        (H, W) uint8: parts where a rule has one, else the class. Without a face nothing is split.
    """
    out = label.copy()
    face = np.argwhere(np.isin(label, taxonomy.FACE_IDS))
    if not len(face):
        return out
    (top, left), (bottom, right) = np.quantile(face, 0.01, axis=0), np.quantile(face, 0.99, axis=0)
    rows, columns = np.indices(label.shape)
    # Down the face from 0 (its top) to 1 (the chin), across it from -1 to 1; the character's left is right of 0.
    down = (rows - top) / max(1, bottom - top)
    across = (columns - (left + right) / 2) / max(1, (right - left) / 2)

    def put(of: str, name: str, where: np.ndarray) -> None:
        out[(label == ID[of]) & where] = PART_ID[name]

    put("hair", "hair_back", np.ones_like(label, bool))
    beside = (down > 0.2) & (down < 1.5) & (np.abs(across) > 0.9) & (np.abs(across) < 1.4)
    put("hair", "hair_side_left", beside & (across > 0))
    put("hair", "hair_side_right", beside & (across < 0))
    put("hair", "hair_front", (down < 0.65) & (np.abs(across) < 1))
    put("skin", "torso", np.ones_like(label, bool))
    put("skin", "neck", (down > 0.9) & (down < 1.35) & (np.abs(across) < 0.7))
    put("skin", "ear_left", (down < 1) & (across > 0.5) & (across < 1.5))
    put("skin", "ear_right", (down < 1) & (across < -0.5) & (across > -1.5))
    for eye in ("eye_left", "eye_right"):
        _split_eye(label == ID[eye], eye, out)
    mouth = (label == ID["mouth"]).astype(np.uint8)
    line = max(1, round(0.012 * (bottom - top)))
    inside = cv2.erode(mouth, np.ones((2 * line + 1,) * 2, np.uint8), borderValue=0)
    put("mouth", "lips", np.ones_like(label, bool))
    put("mouth", "mouth_inside", inside > 0)
    return out


def _split_eye(eye: np.ndarray, name: str, out: np.ndarray) -> None:
    """Lashes are the top of each column of an eye, or all of a shut one; of the rest the middle is iris."""
    rows, columns = np.nonzero(eye)
    if not len(rows):
        return
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    first = eye.argmax(0)[columns]
    lashes = (height < 0.4 * width) | (rows - first < 0.15 * height)
    iris = np.abs(columns - (columns.min() + columns.max()) / 2) < 0.28 * width
    what = np.where(
        lashes, PART_ID[f"{name}_lashes"], np.where(iris, PART_ID[f"{name}_iris"], PART_ID[f"{name}_white"])
    )
    out[rows, columns] = what


def generated(count: int) -> Iterator[LabelledPicture]:
    for index in range(count):
        portrait = draw(SEED, index, 512, 1)
        yield LabelledPicture(Picture(portrait.image), portrait.label, portrait.parts, portrait.group)


def report(title: str, examples: list[LabelledPicture], classes: Callable[[LabelledPicture], np.ndarray]) -> None:
    counts = [parts.count(example.parts, split(classes(example))) for example in examples]
    groups = [example.group for example in examples]
    found, overall = parts.by_character(counts, groups), parts.summary(counts, groups)
    print(f"\n{title}: {len(examples)} pictures of {len(set(groups))} characters\n")
    print("| figure | mean | 95 % |\n|---|---|---|")
    for key in SHOWN:
        if (figure := found.by_group[key]) is not None:
            ends = [end for end in found.intervals[key] if end is not None]
            print(f"| {key} | {figure:.3f} | {' to '.join(f'{end:.3f}' for end in ends)} |")
    if overall is not None:
        for name, row in overall.hair.items():
            print(f"{name} is called", ", ".join(f"{other} {share}" for other, share in row.items()))


@click.command(help=__doc__)
@click.option("--generated", "count", default=100, show_default=True, help="Portraits.")
@click.option("--real", type=PATH, help="A folder labelled by parts.")
@click.option("--mapping", type=PATH, default=Path("benchmarks/live2d_parts.yaml"), show_default=True)
@click.option("--model", type=PATH, help="A model whose classes are split; without it those of the truth.")
@one_line_errors
def main(count: int, real: Path | None, mapping: Path, model: Path | None) -> None:
    segmenter = open_segmenter("anime-advanced", model) if model else None

    def classes(example: LabelledPicture) -> np.ndarray:
        return segmenter.segment(example.picture).label if segmenter else taxonomy.CLASS_OF[example.parts]

    if count:
        report("generated portraits", list(generated(count)), classes)
    if real:
        names = read_mapping(mapping)
        report(real.name, list(labelled_pictures(real, names, names.vocabulary or "taxonomy")), classes)


if __name__ == "__main__":
    main()
