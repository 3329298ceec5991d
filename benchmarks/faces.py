"""Fit and test what decides whether a picture shows a drawn face.

    python -m benchmarks.faces --model M.onnx --packages DIR [--real DIR] [--write] [--figure docs/img/faces.webp]

The pictures: generated ones, and those that Debian's packages ship, unpacked to DIR (`benchmarks/faces.yaml` names
packages and pictures). A logistic regression (L2) is fitted on some sources and tested on all others. How strong its
penalty is, and where the point lies at which a picture counts as one with a face, is chosen on the sources that are
fitted on, each kind of picture judged by coefficients that were fitted without it. ``--real`` (every `image.png` below
it, and its `illustrations/`) is only ever tested on. With ``--write`` the coefficients replace those of
`cubiseg/inference/faces.json`. Pictures and what the model says of them are kept in ``--work``: a second run with the
same model takes seconds.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import click
import numpy as np

from benchmarks.face_pictures import Shown, all_pictures, recipe
from cubiseg.files import atomic_write, write_text
from cubiseg.imaging import Picture, read_picture, write_png
from cubiseg.inference import faces
from cubiseg.inference.exported_model import ExportedModel
from cubiseg.inference.looks import LookName
from cubiseg.inference.segmentation import Segmentation, without_bars
from cubiseg.workers import run_all, worker_count
from stages.common import one_line_errors

PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Of the squared weights, against the mean loss of a picture."""
JUDGED = 60
"""Pictures of either side that the issue asks for."""
PATH = click.Path(path_type=Path)


@dataclass(frozen=True)
class Known:
    """A picture on disk of which it is known whether it shows a face; fields as of ``face_pictures.Shown``."""

    name: str
    kind: str
    face: bool
    fit: bool

    @property
    def key(self) -> str:
        """Name of its files, and its place in an order that has nothing to do with what it shows."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]


def prepared(work: Path, packages: Path | None, real: Path | None) -> list[Known]:
    """The pictures, each as ``work/pictures/KEY.png``; what is there of the same recipe is not made again."""
    index = work / "pictures.json"
    wanted = recipe(packages, real)
    if index.is_file():
        held = json.loads(index.read_text(encoding="utf-8"))
        if held["recipe"] == wanted:
            return [Known(**entry) for entry in held["pictures"]]
    shown = all_pictures(packages, real)
    run_all(partial(_keep, work / "pictures"), shown, "pictures", workers=worker_count())
    known = [Known(one.name, one.kind, one.face, one.fit) for one in shown]
    known.sort(key=lambda one: one.key)
    write_text(index, json.dumps({"recipe": wanted, "pictures": [asdict(one) for one in known]}, indent=1))
    return known


def _keep(folder: Path, one: Shown) -> None:
    picture = one.load()
    pixels = picture.rgb if picture.alpha is None else picture.rgba()
    write_png(folder / f"{Known(one.name, one.kind, one.face, one.fit).key}.png", pixels, 1)


def measured(work: Path, known: Sequence[Known], model: Path, look: LookName, sha256: str) -> np.ndarray:
    """Measures of what a model sees of each picture, (n, M) float64; what it saw is kept."""
    folder = work / f"{sha256[:16]}-{look}"
    new = [one.key for one in known if not (folder / f"{one.key}.npz").is_file()]
    run_all(partial(_look_at, work / "pictures", folder, model, look), new, "looks", workers=worker_count())
    rows = []
    for one in known:
        with np.load(folder / f"{one.key}.npz") as held:
            rows.append(list(faces.measures(held["label"], held["confidence"]).values()))
    return np.array(rows)


@cache
def _opened(model: Path, look: LookName) -> ExportedModel:
    return ExportedModel(model, "anime-advanced", 0.0, look=look)


def _look_at(pictures: Path, folder: Path, model: Path, look: LookName, key: str) -> None:
    """Keep the thinned label map and confidence by which :class:`ExportedModel` judges a picture."""
    inside: list[Segmentation] = []

    def see(content: Picture) -> Segmentation:
        inside.append(_opened(model, look).seen(content))
        return inside[0]

    without_bars(read_picture(pictures / f"{key}.png"), see)
    label, confidence = faces.thinned(inside[0].label, inside[0].confidence)
    with atomic_write(folder / f"{key}.npz") as file:
        np.savez_compressed(file, label=label, confidence=confidence.astype(np.float16))


# The regression -------------------------------------------------------------------------------------------------------


def fitted(values: np.ndarray, face: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Weights (M,) and bias of a logistic regression; both sides count alike.

    Args:
        values: (n, M) float, standardised measures.
        face: (n,) bool.
        penalty: of the squared weights; the bias has none.
    """
    from scipy.optimize import minimize

    weight = np.where(face, 0.5 / face.sum(), 0.5 / (~face).sum())
    sign = np.where(face, 1.0, -1.0)
    design = np.column_stack([values, np.ones(len(values))])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (design @ theta)
        held = np.append(theta[:-1], 0.0)
        value = weight @ np.logaddexp(0, -margin) + penalty / 2 * held @ held
        slope = design.T @ (-weight * sign / (1 + np.exp(np.clip(margin, -500, 500)))) + penalty * held
        return float(value), slope

    best = minimize(
        loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-12}
    )
    return best.x[:-1], float(best.x[-1])


def held_out(values: np.ndarray, face: np.ndarray, kinds: np.ndarray, penalty: float) -> np.ndarray:
    """Logarithms of the odds, (n,), each by coefficients that were fitted without pictures of its kind."""
    odds = np.zeros(len(face))
    for kind in np.unique(kinds):
        out = kinds == kind
        weights, bias = fitted(values[~out], face[~out], penalty)
        odds[out] = values[out] @ weights + bias
    return odds


def point(odds: np.ndarray, face: np.ndarray) -> float:
    """The odds at which the rates of faces missed and of others taken for faces have the least sum.

    Of an interval of such points, the middle.
    """
    places = np.sort(odds)
    between = (places[1:] + places[:-1]) / 2
    cost = [(odds[face] < t).mean() + (odds[~face] >= t).mean() for t in between]
    best = np.flatnonzero(np.isclose(cost, min(cost)))
    return float(between[best].mean()) if np.ptp(best) == len(best) - 1 else float(between[best[len(best) // 2]])


def regression(
    values: np.ndarray, face: np.ndarray, kinds: np.ndarray, model: faces.FittedWith
) -> tuple[faces.Coefficients, np.ndarray]:
    """Coefficients with the best penalty and the chosen point, and the held-out odds that these were chosen by."""
    means, scales = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-3)
    standard = (values - means) / scales
    weight = np.where(face, 0.5 / face.sum(), 0.5 / (~face).sum())
    tried = {penalty: held_out(standard, face, kinds, penalty) for penalty in PENALTIES}
    loss = {penalty: weight @ np.logaddexp(0, np.where(face, -odds, odds)) for penalty, odds in tried.items()}
    penalty = min(loss, key=lambda one: loss[one])
    weights, bias = fitted(standard, face, penalty)
    shift = point(tried[penalty], face)
    print(f"penalty {penalty}, held-out loss {loss[penalty]:.3f}, point shifted by {-shift:+.2f}")

    def rounded(numbers: np.ndarray) -> tuple[float, ...]:
        return tuple(round(float(number), 5) for number in numbers)

    found = faces.Coefficients(
        model=model,
        measures=faces.MEASURES,
        means=rounded(means),
        scales=rounded(scales),
        weights=rounded(weights),
        bias=round(bias - shift, 5),
    )
    return found, tried[penalty] - shift


# What it is worth -----------------------------------------------------------------------------------------------------


def wilson(wrong: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    if not count:
        return 0.0, 1.0
    rate, spread = wrong / count, z * z / count
    middle, half = rate + spread / 2, z * np.sqrt(rate * (1 - rate) / count + spread / count / 4)
    return max(0.0, float((middle - half) / (1 + spread))), min(1.0, float((middle + half) / (1 + spread)))


def area(odds: np.ndarray, face: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a picture with a face has the higher odds (ties count half)."""
    above = odds[face][:, None] - odds[~face][None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def rate(wrong: np.ndarray) -> str:
    """How many of some pictures are wrong, with the rate's interval."""
    low, high = wilson(int(wrong.sum()), len(wrong))
    return f"{wrong.sum()} of {len(wrong)} ({low:.1%} to {high:.1%})"


def report(known: Sequence[Known], odds: np.ndarray) -> str:
    """Tables of errors, by kind and in all, and which pictures are wrong."""
    face, fit = (np.array([getattr(one, name) for one in known]) for name in ("face", "fit"))
    kinds = np.array([one.kind for one in known])
    wrong = (odds >= 0) != face
    lines = ["| pictures | for | with a face: missed | without: taken for one |", "|---|---|---|---|"]
    for kind, use in sorted({(one.kind, one.fit) for one in known}, key=lambda row: (not row[1], row[0])):
        here = (kinds == kind) & (fit == use)
        cells = [rate(wrong[here & side]) if (here & side).any() else "" for side in (face, ~face)]
        lines.append(f"| {kind} | {'fit' if use else 'test'} | {cells[0]} | {cells[1]} |")
    for use in (True, False):
        here = fit == use
        cells = [rate(wrong[here & side]) for side in (face, ~face)]
        lines.append(f"| **all** | {'fit' if use else 'test'} | {cells[0]} | {cells[1]} |")
        lines.append(f"| area under the curve | {'fit' if use else 'test'} | {area(odds[here], face[here]):.4f} | |")
    judged = [np.flatnonzero(~fit & side & (kinds != "drawn: cartoon"))[:JUDGED] for side in (face, ~face)]
    cells = [rate(wrong[some]) for some in judged]
    lines.append(f"| **{JUDGED} of either side** | test | {cells[0]} | {cells[1]} |")
    lines += ["", "Wrong of the test:", ""]
    told = [
        (bool(one.face), one.name, round(float(o), 2))
        for one, o, w in zip(known, odds, wrong, strict=True)
        if w and not one.fit
    ]
    lines += [
        f"- {'missed' if is_face else 'taken for a face'}: {name} ({value:+})" for is_face, name, value in sorted(told)
    ]
    return "\n".join(lines) + "\n"


def plot(path: Path, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """ROC curves by name of odds and truth, with the point at odds of 0 marked."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4.5), dpi=110)
    for name, (odds, face) in curves.items():
        steps = np.concatenate([[np.inf], np.sort(odds)[::-1], [-np.inf]])
        false, true = (np.array([(odds[side] >= t).mean() for t in steps]) for side in (~face, face))
        (line,) = axes.step(100 * false, 100 * true, where="post", label=f"{name}: {area(odds, face):.3f}")
        at = 100 * (odds[~face] >= 0).mean(), 100 * (odds[face] >= 0).mean()
        axes.plot(*at, "o", color=line.get_color())
    axes.set(
        xlabel="pictures without a face that are taken for one, %",
        ylabel="pictures with a face that are found, %",
        xlim=(-1, 40),
        ylim=(60, 101),
    )
    axes.grid(alpha=0.3)
    axes.legend(title="area under the curve; the point is what is used", loc="lower right")
    figure.tight_layout()
    with atomic_write(path) as file:
        figure.savefig(file, format=path.suffix[1:], pil_kwargs={"lossless": True} if path.suffix == ".webp" else {})
    plt.close(figure)


@click.command(help=__doc__)
@click.option("--model", type=PATH, default=Path("models/release/anime-unet.onnx"), show_default=True)
@click.option("--packages", type=PATH, help="Folder of unpacked packages.")
@click.option("--real", type=PATH, help="Drawings that are tested on alone.")
@click.option("--look", type=click.Choice(["once", "twice", "flipped"]), default="flipped", show_default=True)
@click.option("--work", type=PATH, default=Path(".cubiseg/faces"), show_default=True, help="What is kept between runs.")
@click.option("--write", is_flag=True, help="Replace the shipped coefficients.")
@click.option("--shipped", is_flag=True, help="Test the shipped coefficients, and fit none.")
@click.option("--figure", type=PATH, help="PNG or WebP of the ROC curves.")
@one_line_errors
def main(
    model: Path,
    packages: Path | None,
    real: Path | None,
    look: LookName,
    work: Path,
    write: bool,
    shipped: bool,
    figure: Path | None,
) -> None:
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    known = prepared(work, packages, real)
    values = measured(work, known, model, look, sha256)
    face, fit = (np.array([getattr(one, name) for one in known]) for name in ("face", "fit"))
    kinds = np.array([one.kind for one in known])
    if shipped:
        found, curves = faces.read_coefficients(), {}
    else:
        with_model = faces.FittedWith(architecture=_opened(model, look).architecture, sha256=sha256)
        found, left_out = regression(values[fit], face[fit], kinds[fit], with_model)
        curves = {"sources fitted on, each kind left out once": (left_out, face[fit])}
    odds = found.odds(values)
    curves["other sources"] = (odds[~fit], face[~fit])
    for name, weight in sorted(zip(found.measures, found.weights, strict=True), key=lambda pair: -abs(pair[1])):
        print(f"{weight:+.2f}  {name}")
    print(report(known, odds))
    if figure is not None:
        plot(figure, curves)
    if write:
        write_text(faces.COEFFICIENTS, json.dumps(found.model_dump(), indent=1) + "\n")


if __name__ == "__main__":
    main()
