"""Whether a picture shows a drawn face, judged by what the network says of it.

A network of drawn characters names the pixels of any picture, a landscape's too. Whether to believe it is decided here,
before anything is made of its label map: measures of the label map and its confidence go through a logistic regression,
whose coefficients (``faces.json``) were fitted on pictures with and without a face by ``python -m benchmarks.faces``.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, fault

FACE = 0.5
"""Least probability at which a picture counts as one that shows a face. The coefficients are set so that this is the
chosen balance between faces missed and faces seen where there are none."""
COEFFICIENTS = Path(__file__).with_name("faces.json")
SIDE = 512
"""Longer side, in pixels, up to which label maps are looked at; larger ones are thinned out."""
LEAST = 1e-4
"""Share of the picture from which something counts as seen."""
AROUND = 0.3
"""Of a face's box, how far beside it its parts may lie: a fringe may hide that they are on the face."""
SEEN_PART = 0.002
"""Share of a face that an eye, a brow or a mouth has at least."""

_FACE, _HAIR, _MOUTH = taxonomy.ids("face", "hair", "mouth")
_EYES, _BROWS = taxonomy.ids("eye_left", "eye_right"), taxonomy.ids("eyebrow_left", "eyebrow_right")
_SMALL = taxonomy.SMALL_PART_IDS
_OF_FACE = np.isin(np.arange(256), taxonomy.FACE_IDS)


_OF_PICTURE = ("confidence", "confidence of the figure", "doubtful", "share of the figure", "share of hair")
_ON_FACE = (
    *("size of the face", "confidence of the face", "lowest confidence of the face", "confidence of the eyes"),
    *("confidence of the other eye", "size of the eyes", "confidence of the brows", "confidence of the mouth"),
    *("mouth below the eyes", "eyes side by side", "brows above the eyes", "in one piece", "parts on the face"),
    *("compact", "beside hair", "before the background"),
)
MEASURES: tuple[str, ...] = (*_OF_PICTURE, *_ON_FACE)
"""Names of what :func:`measures` gives, in its order."""

Numbers = tuple[FiniteFloat, ...]


class FittedWith(BaseModel):
    """The model whose results the coefficients were fitted to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Coefficients(BaseModel):
    """A logistic regression over :data:`MEASURES`.

    Attributes:
        model: what it was fitted with; other models are judged by it too, somewhat worse.
        measures: their names in order.
        means, scales: of each measure, by which it is standardised.
        weights, bias: of the standardised measures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    model: FittedWith
    measures: tuple[str, ...]
    means: Numbers
    scales: Numbers
    weights: Numbers
    bias: FiniteFloat

    @model_validator(mode="after")
    def _complete(self) -> "Coefficients":
        if self.measures != MEASURES:
            raise ValueError("of other measures than this version takes")
        if {len(self.means), len(self.scales), len(self.weights)} != {len(MEASURES)} or min(self.scales) <= 0:
            raise ValueError("one mean, one scale above 0 and one weight a measure")
        return self

    def odds(self, values: np.ndarray) -> np.ndarray:
        """Logarithm of the odds of a face, (n,) float64, by measures, (n, M) float."""
        standard = (values - np.array(self.means)) / np.array(self.scales)
        return np.asarray(standard @ np.array(self.weights) + self.bias)


def read_coefficients(path: Path = COEFFICIENTS) -> Coefficients:
    """Read what ``python -m benchmarks.faces --write`` wrote.

    Raises:
        CubisegError: missing, damaged, or of other measures.
    """
    remedy = "install cubiseg again, or fit anew with `python -m benchmarks.faces --write`"
    try:
        return Coefficients.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    except ValidationError as error:
        raise CubisegError(f"{path}: no whole file of coefficients ({fault(error)}); {remedy}") from error


_shipped = cache(read_coefficients)


def probability(label: np.ndarray, confidence: np.ndarray, coefficients: Coefficients | None = None) -> float:
    """How likely a picture shows a drawn face, 0..1.

    Args:
        label: (H, W) uint8, ids of classes, as the network gives them.
        confidence: (H, W) float, 0..1.
        coefficients: those to judge by; None takes the shipped ones.

    Raises:
        CubisegError: the shipped coefficients cannot be read.
    """
    known = coefficients or _shipped()
    values = np.array([list(measures(*thinned(label, confidence)).values())])
    return float(1 / (1 + np.exp(-np.clip(known.odds(values)[0], -50, 50))))


def no_face(likely: float) -> str:
    """The warning for a picture that shows none, by its probability, 0..1."""
    return (
        f"no drawn face was found (probability {likely:.2f}), so its parts are guesses;"
        " check that this is the right picture, or name a fallback for such pictures"
    )


def thinned(label: np.ndarray, confidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every n-th row and column of a label map and its confidence, (H, W) each, so that :data:`SIDE` is not passed."""
    step = -(-max(label.shape) // SIDE)
    return np.ascontiguousarray(label[::step, ::step]), np.ascontiguousarray(confidence[::step, ::step])


def measures(label: np.ndarray, confidence: np.ndarray) -> dict[str, float]:
    """What tells pictures with a face from others, by name, all of the order of 1.

    Args:
        label: (h, w) uint8, ids of classes, as the network gives them.
        confidence: (h, w) float, 0..1.
    """
    confidence = confidence.astype(np.float32)
    counts = np.bincount(label.ravel(), minlength=taxonomy.NUM_CLASSES)[: taxonomy.NUM_CLASSES]
    sums = np.bincount(label.ravel(), confidence.ravel(), taxonomy.NUM_CLASSES)[: taxonomy.NUM_CLASSES]
    figure = int(counts[1:].sum())
    whole = {
        "confidence": sums.sum() / label.size,
        "confidence of the figure": sums[1:].sum() / figure if figure else 0.0,
        "doubtful": float((confidence < 0.5).mean()),
        "share of the figure": figure / label.size,
        "share of hair": counts[_HAIR] / max(1, figure),
    }
    return {name: float(value) for name, value in {**whole, **_of_face(label, confidence, counts)}.items()}


def _of_face(label: np.ndarray, confidence: np.ndarray, counts: np.ndarray) -> dict[str, float]:
    """Measures of the largest face: all 0 where there is none."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(_OF_FACE[label].view(np.uint8), connectivity=8)
    skin = np.bincount(numbers[label == _FACE], minlength=len(stats))
    skin[0] = 0
    main, area = int(skin.argmax()), int(skin.max())
    none = dict.fromkeys(_ON_FACE, 0.0)
    if area < max(1, LEAST * label.size):
        return none
    left, top, width, height = (int(v) for v in stats[main][:4])
    box = Box(left, top, left + width, top + height)
    reach = box.grown(AROUND * max(width, height), label.shape[:2])
    near, sure, own = label[reach.window], confidence[reach.window], numbers[reach.window] == main
    face = own & (near == _FACE)
    found = {part: _part(near, sure, part, area) for part in _SMALL}
    eyes, brows = [found[p] for p in _EYES], [found[p] for p in _BROWS]
    mouth = found[_MOUTH]
    inside = sum(int(np.count_nonzero(near == part)) for part in _SMALL)
    around = cv2.dilate(face.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~face
    return {
        "size of the face": np.log10(area / label.size / LEAST) / -np.log10(LEAST),
        "confidence of the face": float(sure[face].mean()),
        "lowest confidence of the face": float(np.quantile(sure[face], 0.1)),
        "confidence of the eyes": max(e.confidence for e in eyes),
        "confidence of the other eye": min(e.confidence for e in eyes),
        "size of the eyes": min(1.0, 4 * np.sqrt(sum(e.share for e in eyes))),
        "confidence of the brows": max(b.confidence for b in brows),
        "confidence of the mouth": mouth.confidence,
        "mouth below the eyes": _below(mouth, eyes),
        "eyes side by side": _beside(*eyes),
        "brows above the eyes": max(_above(b, e) for b, e in zip(brows, eyes, strict=True)),
        "in one piece": area / max(1, int(counts[_FACE])),
        "parts on the face": inside / max(1, int(counts[list(_SMALL)].sum())) if counts[list(_SMALL)].any() else 0.0,
        "compact": area / (width * height),
        "beside hair": float((near[around] == _HAIR).mean()) if around.any() else 0.0,
        "before the background": float((near[around] == 0).mean()) if around.any() else 0.0,
    }


class _Part(NamedTuple):
    """One part near a face: its share of the face's area, mean confidence, and middle in px; all 0 where too small."""

    share: float = 0.0
    confidence: float = 0.0
    middle: tuple[float, float] = (0.0, 0.0)


def _part(label: np.ndarray, confidence: np.ndarray, part: int, face: int) -> _Part:
    y, x = np.nonzero(label == part)
    if len(y) < SEEN_PART * face:
        return _Part()
    return _Part(len(y) / face, float(confidence[y, x].mean()), (float(x.mean()), float(y.mean())))


def _below(mouth: _Part, eyes: list[_Part]) -> float:
    """1 where the mouth lies below all eyes that are seen, -1 where above; 0 where either is not seen."""
    seen = [e.middle[1] for e in eyes if e.share]
    return 0.0 if not seen or not mouth.share else (1.0 if mouth.middle[1] > max(seen) else -1.0)


def _above(brow: _Part, eye: _Part) -> float:
    """1 where a brow lies above the eye of its side, -1 where below; 0 where either is not seen."""
    return 0.0 if not brow.share or not eye.share else (1.0 if brow.middle[1] < eye.middle[1] else -1.0)


def _beside(left: _Part, right: _Part) -> float:
    """Cosine of the angle of the line from the right eye to the left one: the character's left is on the right."""
    if not left.share or not right.share:
        return 0.0
    x, y = (a - b for a, b in zip(left.middle, right.middle, strict=True))
    return x / max(1e-6, float(np.hypot(x, y)))
