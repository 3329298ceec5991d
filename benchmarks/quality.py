"""Fit and test the predicted mean IoU of a picture (cubiseg/inference/quality.py).

    python -m benchmarks.quality --model FILE [--write] [--real DIR]... [--mapping FILE.yaml]

Draws pictures, damages them in the ways that real ones are, labels them by the model and regresses the true mean IoU
(nine classes, background apart) on the features. `--write` puts the coefficients into the package. Each folder of
`--real`, as `cubiseg evaluate` reads it, is for testing alone: as it is, and, since few real pictures come out bad, as
copies made small, compressed, turned or blurred. What was drawn and seen is kept in `.cubiseg/quality/`.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import numpy as np

from benchmarks import damage
from cubiseg import scores, taxonomy
from cubiseg.evaluation.labelled_folder import labelled_pictures, read_mapping
from cubiseg.files import write_text
from cubiseg.imaging import Picture, read_picture, write_png
from cubiseg.inference import quality
from cubiseg.inference.backends import LOOK, LOW_CONFIDENCE
from cubiseg.inference.exported_model import ExportedModel, decided
from cubiseg.inference.quality import FEATURES, MIRRORED, Fit, Regressions
from cubiseg.inference.segmentation import Segmentation, cleaned, finalize
from cubiseg.label_maps import read_label, write_label
from cubiseg.portraits import VERSION, draw
from cubiseg.workers import run_all
from stages.common import one_line_errors

PATH = click.Path(path_type=Path)
SEED, SIZES = 2100, (512, 640)
KEPT = Path(".cubiseg/quality")
COEFFICIENTS = Path(quality.__file__).with_name("quality.json")
BAD = 0.6
"""Mean IoU below which a person must mend a picture."""
RIDGES = tuple(np.logspace(-1, 3, 13))
FOLDS = 8
DEGRADED = (damage.low_resolution, damage.jpeg, damage.rotated, damage.blur)


@dataclass(frozen=True)
class Seen:
    """Pictures as the model sees them.

    Attributes:
        features: (N, F) float64.
        iou: (N,) float64, true mean IoU over nine classes.
    """

    features: np.ndarray
    iou: np.ndarray


def drawn(index: int) -> tuple[np.ndarray, np.ndarray]:
    """A generated picture and its label map of classes, from what is kept where it was drawn before."""
    folder = KEPT / f"drawn-v{VERSION}-seed{SEED}"
    image, label = folder / f"{index:04d}.png", folder / f"{index:04d}.label.png"
    if not label.is_file():
        portrait = draw(SEED, index, SIZES[index % len(SIZES)], 1)
        write_png(image, portrait.image)
        write_label(label, portrait.label)
    return read_picture(image).rgb, read_label(label)


def true_iou(label: np.ndarray, truth: np.ndarray) -> float:
    """Mean IoU over the nine classes that occur in either, (H, W) uint8 ids of coarse9."""
    return scores.mean(
        scores.iou(scores.count(truth, label, len(taxonomy.COARSE9_NAMES), boundaries=False)), range(1, 10)
    )


_models: dict[Path, ExportedModel] = {}


def look(model: Path, rgb: np.ndarray, truth: np.ndarray) -> tuple[list[float], float]:
    """Features and true mean IoU of a picture; ``truth`` in ids of coarse9."""
    if model not in _models:
        _models[model] = ExportedModel(model, "anime-advanced", LOW_CONFIDENCE, look=LOOK)
    known = _models[model]
    looks, _ = known.looks(rgb)
    label, seen, sure = decided(rgb, looks, known.info.calibration)
    # As inference ends, but without the figure that is being fitted.
    raw = Segmentation(label, sure, known.name, known.architecture, cell=looks[0].cell, at_edges=True)
    label = cleaned(finalize(raw, Picture(rgb), 0), seen).label
    features = quality.features(looks, known.info.calibration)
    return list(features.values()), true_iou(taxonomy.COARSE9_TABLE[label], truth)


def see_drawn(model: Path, index: int) -> tuple[list[float], float]:
    rgb, label = damage.damaged(*drawn(index), np.random.default_rng((SEED, index)))
    return look(model, rgb, taxonomy.COARSE9_TABLE[label])


def real(folder: Path, mapping: Path | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for example in labelled_pictures(folder, read_mapping(mapping) if mapping else None, "coarse9"):
        yield example.picture.over(), example.truth


def degraded(rgb: np.ndarray, truth: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray]:
    """A copy of a real picture after one or two kinds of damage, one and the same for the same number."""
    rng = np.random.default_rng((SEED, index))
    for way in rng.permutation(len(DEGRADED))[: rng.integers(1, 3)]:
        rgb, truth = DEGRADED[way](rgb, truth, rng)
    return rgb, truth


def kept(name: str, model: Path, see: "partial[tuple[list[float], float]]", items: Sequence[object]) -> Seen:
    """What a model sees, from what is kept where it saw the same before with the same features."""
    told = f"{FEATURES}{VERSION}{len(items)}{Path(damage.__file__).read_text()}{Path(quality.__file__).read_text()}"
    key = hashlib.sha256(model.read_bytes() + told.encode()).hexdigest()[:16]
    file = KEPT / f"{name}-{key}.npz"
    if not file.is_file():
        rows = run_all(see, items, "pictures")
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, features=np.array([r[0] for r in rows]), iou=np.array([r[1] for r in rows]))
    with np.load(file) as stored:
        return Seen(stored["features"], stored["iou"])


def ridge(seen: Seen, penalty: float) -> Fit:
    """Regressions for a penalty on standardised features."""
    mean, scale = seen.features.mean(axis=0), np.maximum(seen.features.std(axis=0), 1e-6)
    x, middle = (seen.features - mean) / scale, float(seen.iou.mean())
    weight = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (seen.iou - middle))
    return Fit(
        intercept=round(middle, 5),
        mean=tuple(np.round(mean, 5)),
        scale=tuple(np.round(scale, 6)),
        weight=tuple(np.round(weight, 5)),
    )


def out_of_fold(seen: Seen, penalty: float) -> np.ndarray:
    """(N,) predictions, each by coefficients that were fitted without the picture's fold."""
    fold, out = np.arange(len(seen.iou)) % FOLDS, np.zeros(len(seen.iou))
    for k in range(FOLDS):
        others = Seen(seen.features[fold != k], seen.iou[fold != k])
        out[fold == k] = predictions(ridge(others, penalty), seen.features[fold == k])
    return out


def predictions(fit: Fit, features: np.ndarray) -> np.ndarray:
    return np.array([fit.predict(row) for row in features])


def fitting_penalty(seen: Seen) -> float:
    """The largest penalty whose squared error out of fold is within a standard error of the least.

    The one-standard-error rule of Breiman et al., "Classification and regression trees", 1984: pictures to come differ
    from these, so the plainer model is preferred.
    """
    errors = [(out_of_fold(seen, penalty) - seen.iou) ** 2 for penalty in RIDGES]
    best = min(errors, key=lambda e: float(e.mean()))
    bound = best.mean() + best.std() / np.sqrt(len(best))
    return max(penalty for penalty, e in zip(RIDGES, errors, strict=True) if e.mean() <= bound)


def fitted(seen: Seen) -> tuple[Regressions, np.ndarray]:
    """All coefficients, and what those for mirrored looks predict out of fold: (N,) float64."""
    penalty = fitting_penalty(seen)
    held_out = out_of_fold(seen, penalty)
    plain = Seen(seen.features[:, :-MIRRORED], seen.iou)
    return Regressions(
        features=FEATURES,
        threshold=best_threshold(held_out, seen.iou),
        mirrored=ridge(seen, penalty),
        plain=ridge(plain, fitting_penalty(plain)),
    ), held_out


def best_threshold(predicted: np.ndarray, iou: np.ndarray) -> float:
    """The threshold with the highest F1 of telling what is below ``BAD``, to two digits."""
    candidates = np.round(np.arange(0.4, 0.8, 0.01), 2)
    return float(max(candidates, key=lambda t: f1(predicted < t, iou < BAD)))


def f1(told: np.ndarray, bad: np.ndarray) -> float:
    return 2 * float((told & bad).sum()) / max(1, int(told.sum() + bad.sum()))


def report(name: str, predicted: np.ndarray, iou: np.ndarray, threshold: float) -> None:
    from scipy.stats import spearmanr

    told, bad = predicted < threshold, iou < BAD
    both = int((told & bad).sum())
    click.echo(
        f"{name}: {len(iou)} pictures, mean IoU {iou.mean():.3f} ({iou.min():.2f} to {iou.max():.2f}), predicted "
        f"{predicted.mean():.3f}; error {np.abs(predicted - iou).mean():.3f}, rank correlation "
        f"{spearmanr(predicted, iou).statistic:.2f}; below {BAD}: {bad.sum()}, warned of {told.sum()}, "
        f"precision {both / max(1, told.sum()):.2f}, recall {both / max(1, bad.sum()):.2f}"
    )


@click.command(help=__doc__)
@click.option("--model", type=PATH, required=True, help="ONNX file; calibrate it first.")
@click.option("--count", type=click.IntRange(24, 2000), default=200, show_default=True, help="Pictures to draw.")
@click.option("--real", "folders", type=PATH, multiple=True, help="Folder of labelled pictures to test on.")
@click.option("--mapping", type=PATH, help="The folders' class names in terms of ours.")
@click.option("--write", is_flag=True, help="Put the coefficients into the package.")
@one_line_errors
def main(model: Path, count: int, folders: tuple[Path, ...], mapping: Path | None, write: bool) -> None:
    seen = kept("drawn", model, partial(see_drawn, model), range(count))
    fits, held_out = fitted(seen)
    threshold = fits.threshold
    report("drawn, out of fold", held_out, seen.iou, threshold)
    for name, weight in sorted(zip(FEATURES, fits.mirrored.weight, strict=True), key=lambda pair: -abs(pair[1])):
        click.echo(f"  {name:16} {weight:+.4f}")
    tested = []
    for folder in folders:
        pictures = list(real(folder, mapping))
        copies = [degraded(*picture, index) for index, picture in enumerate(pictures)]
        for kind, some in (("", pictures), (", degraded", copies)):
            found = kept(f"{folder.name}{kind.strip(', ')}", model, partial(_starred, model), some)
            tested.append((f"{folder.name}{kind}", found))
    for name, found in tested:
        report(name, predictions(fits.mirrored, found.features), found.iou, threshold)
    for kind in ("", ", degraded"):
        some = [found for name, found in tested if name.endswith("degraded") == bool(kind)]
        if len(some) > 1:
            together = Seen(np.concatenate([s.features for s in some]), np.concatenate([s.iou for s in some]))
            report(f"all{kind}", predictions(fits.mirrored, together.features), together.iou, threshold)
            rest = predictions(fits.plain, together.features[:, :-MIRRORED])
            report(f"all{kind}, not mirrored", rest, together.iou, threshold)
    if write:
        write_text(COEFFICIENTS, json.dumps(fits.model_dump(), indent=1) + "\n")
        click.echo(f"{COEFFICIENTS.name}: written")


def _starred(model: Path, picture: tuple[np.ndarray, np.ndarray]) -> tuple[list[float], float]:
    return look(model, *picture)


if __name__ == "__main__":
    main()
