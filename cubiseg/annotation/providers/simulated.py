"""Provider ``simulated``: stands in for a vision model, so that the whole flow runs without a key.

It gets the same request and the known label map beside it, and answers with that map plus set errors, in the form that
the protocol asks for. Everything is drawn from (seed, sample id, turn).
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.annotation.params import NamingErrors, SimulatedParams
from cubiseg.annotation.protocols.base import answer_from_label
from cubiseg.annotation.providers.simulated_names import misname
from cubiseg.answers.free import FreeProvider
from cubiseg.answers.requests import Outcome, Request, Response
from cubiseg.errors import CubisegError

VERSION = 3
"""Raised when the same params give other answers."""

CONFUSIONS: dict[str, tuple[str, ...]] = {
    "background": ("hair", "clothes"),
    "hair": ("accessories", "background", "clothes"),
    "face": ("skin", "hair"),
    "eye_left": ("eye_right",),
    "eye_right": ("eye_left",),
    "eyebrow_left": ("eyebrow_right", "hair"),
    "eyebrow_right": ("eyebrow_left", "hair"),
    "nose": ("mouth", "face"),
    "mouth": ("nose", "face"),
    "skin": ("face", "clothes"),
    "clothes": ("skin", "accessories"),
    "accessories": ("hair", "clothes"),
}
"""What each class is taken for when its region is named wrongly."""

_CELLS = 40
"""Regions that a picture's large classes are cut into; a swap renames one such piece."""


class Simulated(FreeProvider):
    """See the module."""

    name = "simulated"

    def __init__(self, params: SimulatedParams, seed: int, names: NamingErrors | None = None) -> None:
        self.params = params
        self.names = names
        self.seed = seed

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """Also the sample's id and the truth, because its answer depends on them."""
        facts = {"name": self.name, "version": VERSION, "seed": self.seed, "params": self.params.model_dump()}
        if self.names is not None:
            facts["names"] = self.names.model_dump()
        if request is None:
            return facts
        truth = None if request.truth is None else imaging.pixel_hash(label_maps.read_classes(request.truth))
        return {**facts, "sample": request.sample, "truth": truth}

    def annotate(self, request: Request) -> Response:
        """Answer with the truth plus errors, or refuse, or answer in a broken way.

        Raises:
            CubisegError: the sample's truth is not known.
        """
        if request.truth is None:
            raise CubisegError(f"{request.sample}: the simulated provider needs its label map; set annotate.provider")
        mark = int.from_bytes(hashlib.sha256(request.sample.encode()).digest()[:8], "big")
        again = [request.turn, request.vote] if request.vote else [request.turn] if request.turn > 1 else []
        rng = np.random.default_rng([self.seed, mark, *again])
        fate = rng.random()
        if fate < self.params.refused:
            return Response(outcome=Outcome.REFUSED, text="I can't help with labelling this picture.")
        truth = label_maps.read_classes(request.truth)
        text = answer_from_label(request, truth, SimulatedErrors(self.params, self.names, rng))
        if fate < self.params.refused + self.params.malformed:
            # Cut off before it began, prose in place of the JSON, or other keys.
            text = (text[:1], "A portrait of a character, drawn with care.", text.replace('"', '"x'))[rng.integers(3)]
        return Response(outcome=Outcome.OK, text=text)


class SimulatedErrors:
    """Errors at the rates that params set, in whatever form the answer has.

    Args:
        params: kinds and rates of errors.
        names: rates of errors in naming regions; None where no region is named.
        rng: source of all randomness.
    """

    def __init__(self, params: SimulatedParams, names: NamingErrors | None, rng: np.random.Generator) -> None:
        self.params = params
        self.names = names
        self.rng = rng

    def in_painting(self, label: np.ndarray) -> bytes:
        """As a careless painter does it."""
        buffer = io.BytesIO()
        Image.fromarray(spoil(label, self.params, self.rng)).save(buffer, "PNG", compress_level=9)
        return buffer.getvalue()

    def in_names(self, names: Sequence[str | None]) -> dict[str, list[int]]:
        """Some wrong, some missing, some twice."""
        if self.names is None:
            raise CubisegError("the simulated provider was made without annotate.simulated_names; set them")
        return misname(names, self.names, self.rng)

    def in_outline(self, points: np.ndarray, side: float) -> np.ndarray:
        """Each coordinate is off by a share of the shape's side."""
        return points + self.rng.normal(0, 1, points.shape) * self.params.jitter * side


def spoil(truth: np.ndarray, params: SimulatedParams, rng: np.random.Generator) -> np.ndarray:
    """A label map as a careless painter would give it back.

    Args:
        truth: (H, W) uint8, taxonomy ids.
        params: kinds and rates of errors.
        rng: source of all randomness.

    Returns:
        (h, w, 3) uint8, palette colours, nearly; perhaps smaller than the truth.
    """
    scale = float(np.sqrt(truth.size)) / 512
    label = _swap(truth, params.swap, rng)
    label = _omit(label, params.omit, rng)
    label = _specks(label, rng.poisson(params.specks), scale, rng)
    label = _displace(label, params, scale, rng)
    return _paint(label, params, rng)


def _swap(label: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Name regions wrongly: small parts whole, larger classes by pieces."""
    height, width = label.shape
    seeds = rng.random((_CELLS, 2)) * (height, width)
    seed_map = np.ones((height, width), np.uint8)
    seed_map[tuple(seeds.astype(int).T)] = 0
    _, cells = cv2.distanceTransformWithLabels(seed_map, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    out = label.copy()
    for c in taxonomy.CLASSES:
        mask = label == c.id
        if not mask.any():
            continue
        others = [taxonomy.ID[n] for n in CONFUSIONS[c.name]]
        if c.name in taxonomy.SMALL_PARTS:
            if rng.random() < rate:
                out[mask] = rng.choice(others)
        else:
            table = np.full(cells.max() + 1, c.id, np.uint8)
            wrong = rng.random(table.size) < rate
            table[wrong] = rng.choice(others, wrong.sum())
            out[mask] = table[cells[mask]]
    return out


def _omit(label: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Leave small parts out: they become face."""
    out = label.copy()
    for name in taxonomy.SMALL_PARTS:
        if rng.random() < rate:
            out[label == taxonomy.ID[name]] = taxonomy.ID["face"]
    return out


def _specks(label: np.ndarray, number: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Dots of 1 to 3 pixels radius in the colour of any class that the picture has."""
    out = label.copy()
    present = np.unique(label)
    for _ in range(number):
        y, x = rng.integers(label.shape[0]), rng.integers(label.shape[1])
        radius = max(1, round(rng.uniform(1, 3) * scale))
        cv2.circle(out, (int(x), int(y)), radius, int(rng.choice(present)), -1)
    return out


def _displace(label: np.ndarray, params: SimulatedParams, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Ragged outlines (a fine displacement) and parts that sit a little off (a coarse one)."""
    height, width = label.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for amount, wavelength in ((params.ragged * scale, 5 * scale), (params.shift * scale, 80 * scale)):
        if not amount:
            continue
        grid = max(2, round(height / wavelength)), max(2, round(width / wavelength))
        coarse = rng.normal(0, amount, (*grid, 2)).astype(np.float32)
        field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        y, x = y + field[..., 0], x + field[..., 1]
    return cv2.remap(label, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def _paint(label: np.ndarray, params: SimulatedParams, rng: np.random.Generator) -> np.ndarray:
    """Palette colours, off by a tint, at another size, with soft edges and stray pixels."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: taxonomy.NUM_CLASSES] = taxonomy.PALETTE
    palette[taxonomy.IGNORE_INDEX] = taxonomy.IGNORE_COLOUR
    tinted = np.clip(palette + rng.normal(0, params.tint, palette.shape), 0, 255).astype(np.uint8)
    painted = tinted[label]
    factor = float(rng.choice([0.5, 0.625, 0.75])) if rng.random() < params.smaller else 1.0
    soft = rng.random() < params.blend
    height, width = (max(16, round(side * factor)) for side in label.shape)
    if soft and factor == 1.0:
        painted = cv2.blur(painted, (2, 2))
    elif factor != 1.0:
        painted = cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA if soft else cv2.INTER_NEAREST)
    stray = rng.random(painted.shape[:2]) < params.noise
    painted[stray] = rng.integers(0, 256, (int(stray.sum()), 3), dtype=np.uint8)
    return painted
