"""What gives generated portraits away: a linear probe on simple statistics tells them from other pictures.

    python -m benchmarks.drawn_or_real --data DIR --mapping benchmarks/live2d.yaml [--count 200]

DIR is a folder of pictures with label maps, as `cubiseg evaluate` reads it. Each picture is reduced to its head (the
box of hair, face and eyes) at 192 px, and statistics are taken of the figure alone, since backdrops are arbitrary. The
probe is a ridge regression of "real" on them, tested on characters that it has not seen. An area under the ROC curve of
0.5 is chance, 1 is certainty; the statistics that alone tell most come first.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.evaluation.labelled_folder import find_labelled, read_mapping
from cubiseg.imaging import read_picture
from cubiseg.label_maps import read_label
from cubiseg.portraits import draw

SIDE, FOLDS, RIDGE = 192, 6, 1.0
HEAD = ("hair", "face", "eye_left", "eye_right")
ID = {name: number for number, name in enumerate(taxonomy.COARSE9_NAMES)}


def head(image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The head's square at SIDE px: (SIDE, SIDE, 3) uint8 and the figure's mask (SIDE, SIDE) bool.

    None where nearly nothing of a head shows. ``label``: (H, W) uint8, coarse9 ids.
    """
    rows, columns = np.nonzero(np.isin(label, [ID[name] for name in HEAD]))
    if len(rows) < 400:
        return None
    # Long hair hangs down: the head is as high as the face and what is above it.
    face = np.nonzero(label == ID["face"])[0]
    bottom = int(face.max()) if len(face) else int(rows.max())
    above = rows <= bottom
    top, left, right = int(rows.min()), int(columns[above].min()), int(columns[above].max())
    side = max(bottom - top, right - left) + 1
    y, x = (top + bottom - side) // 2, (left + right - side) // 2
    box = [np.clip(np.arange(start, start + side), 0, n - 1) for start, n in zip((y, x), label.shape, strict=True)]
    cut = np.ix_(*box)
    picture = cv2.resize(image[cut], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    figure = cv2.resize((label[cut] > 0).astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST_EXACT)
    return picture, cv2.erode(figure, np.ones((3, 3), np.uint8)) > 0


def statistics(picture: np.ndarray, figure: np.ndarray) -> dict[str, float]:
    """Named statistics of the figure's pixels."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    grey = lab[..., 0]
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 4, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 4)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    dark_lines, light_lines = (cv2.morphologyEx(grey, how, disc) for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT))
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.0)
    coarse = cv2.GaussianBlur(grey, (0, 0), 2.0) - cv2.GaussianBlur(grey, (0, 0), 6.0)
    g, c, s = grey[figure], chroma[figure], slope[figure]
    colours = np.unique(picture[figure] >> 3, axis=0)
    return {
        "lightness": g.mean(), "lightness spread": g.std(), "darkest tenth": np.percentile(g, 10),
        "lightest tenth": np.percentile(g, 90), "black": (g < 20).mean(), "white": (g > 97).mean(),
        "chroma": c.mean(), "chroma spread": c.std(), "vivid": (c > 50).mean(),
        "red-green": lab[..., 1][figure].mean(), "yellow-blue": lab[..., 2][figure].mean(),
        "flat": (s < 0.3).mean(), "gentle slopes": ((s > 0.3) & (s < 2)).mean(), "edges": (s > 6).mean(),
        "slope": s.mean(), "slope of edges": np.percentile(s, 98),
        "dark lines": dark_lines[figure].mean(), "light lines": light_lines[figure].mean(),
        "fine detail": fine[figure].std(), "coarse shading": coarse[figure].std(),
        "colours": len(colours) / figure.sum() ** 0.5,
    }  # fmt: skip


def auc(score: np.ndarray, real: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a real picture scores above a drawn one (ties count half)."""
    above = score[real][:, None] - score[~real][None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def probe(features: np.ndarray, real: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(n,) scores, each from a ridge regression that did not see the picture's fold (whole characters)."""
    fold = {}
    for kind in (real, ~real):
        fold |= {name: i % FOLDS for i, name in enumerate(np.unique(groups[kind]))}
    where = np.array([fold[group] for group in groups])
    score = np.zeros(len(real))
    for k in range(FOLDS):
        train = where != k
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-9
        a = np.column_stack([(features - mean) / spread, np.ones(len(features))])
        weight = train * np.where(real, 1 / max((real & train).sum(), 1), 1 / max((~real & train).sum(), 1))
        # Real characters are few: a strong ridge keeps the probe from learning each of them by heart.
        gram = (a * weight[:, None]).T @ a + RIDGE * np.eye(a.shape[1])
        score[~train] = (a @ np.linalg.solve(gram, (a * weight[:, None]).T @ real.astype(float)))[~train]
    return score


def real_pictures(data: Path, mapping: Path | None) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """Picture, label in coarse9 ids and character of each pair in a folder."""
    names = read_mapping(mapping) if mapping else None
    table = names.table("coarse9") if names else taxonomy.COARSE9_TABLE
    for pair in find_labelled(data, names.groups if names else None):
        yield read_picture(pair.image).over(), table[read_label(pair.label)], pair.group


def drawn_pictures(count: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """The same of generated portraits, one a character."""
    for index in range(count):
        p = draw(seed, index, 512, 1)
        yield p.image, taxonomy.COARSE9_TABLE[p.label], p.group


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder of real pictures with label maps.")
@click.option("--mapping", type=click.Path(path_type=Path), help="The folder's class names in terms of ours.")
@click.option("--count", default=200, show_default=True, help="Generated portraits.")
@click.option("--seed", default=9, show_default=True, help="Of the generated portraits.")
def main(data: Path, mapping: Path | None, count: int, seed: int) -> None:
    """The command."""
    rows, groups, real = [], [], []
    for source, is_real in ((real_pictures(data, mapping), True), (drawn_pictures(count, seed), False)):
        for image, label, group in source:
            found = head(image, label)
            if found is not None:
                rows.append(statistics(*found))
                groups.append(group)
                real.append(is_real)
    truth, names = np.array(real), list(rows[0])
    features = np.array([[row[name] for name in names] for row in rows])
    score = probe(features, truth, np.array(groups))
    click.echo(
        f"{truth.sum()} real pictures, {(~truth).sum()} drawn; the probe's area under the curve {auc(score, truth):.3f}"
    )
    click.echo(f"{'statistic':20} {'alone':>6} {'real':>8} {'drawn':>8} {'spread':>8}")
    alone = [auc(column, truth) for column in features.T]
    for k in sorted(range(len(names)), key=lambda k: -abs(alone[k] - 0.5)):
        column = features[:, k]
        click.echo(
            f"{names[k]:20} {alone[k]:6.2f} {column[truth].mean():8.3f} {column[~truth].mean():8.3f}"
            f" {column[~truth].std():8.3f}"
        )


if __name__ == "__main__":
    main()
