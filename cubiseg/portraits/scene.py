"""One picture of a character: pose, expression, crop, light, background and what the camera did to it."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.colour import Colour, hsv
from cubiseg.portraits.expressions import Expression, draw_expression
from cubiseg.portraits.lighting import LIGHT
from cubiseg.portraits.poses import head_angles
from cubiseg.portraits.rng import Rng, bell, chance, stream, uniform

CROP = axis("crop: how much is seen: close 1.2, portrait 4.6, bust 3.4, half 0.5, far 0.15")
PLACE = axis("placement: where in the picture: centre 7, aside 2.0, low 0.7, cut 0.25, spare 0.5")
CAMERA = axis("camera: how the camera is held: level 9, tilted 0.8")
AXES = (CROP, PLACE, CAMERA)

_REACH = 20.0
"""Head units that bodies reach below the eyes at least: further down there would be nothing to see."""


@dataclass(frozen=True)
class Pose:
    """Head angles in radians. ``yaw`` > 0 turns to the right of the picture, ``pitch`` > 0 looks down, ``roll`` > 0
    leans clockwise. ``scale``: px of a head unit; ``x``, ``y``: px of the middle of the face."""

    yaw: float
    pitch: float
    roll: float
    body_yaw: float
    body_roll: float
    scale: float
    x: float
    y: float
    tilt: float = 0.0  # of the camera, in radians; part of the rolls


@dataclass(frozen=True)
class Scene:
    """Everything that belongs to one picture alone. ``light``: side the light comes from, -1 left to 1 right."""

    pose: Pose
    expression: Expression
    light: float
    tint: Colour
    key: tuple[int, int]
    mix: Mix
    lighting: str = "none"

    def rng(self, part: str) -> Rng:
        """The stream of one part of this picture."""
        return stream(*self.key, "picture", part)


def _pose(rng: Rng, mix: Mix, size: int, maturity: float, rise: float) -> Pose:
    yaw, pitch, roll = head_angles(rng, mix)
    crop = mix.pick(rng, CROP)
    half = {
        "close": uniform(rng, 0.25, 0.4),
        "portrait": uniform(rng, 0.165, 0.25),
        "bust": uniform(rng, 0.12, 0.17),
        "half": uniform(rng, 0.085, 0.12),
        "far": uniform(rng, 0.045, 0.085),
    }[crop]
    half *= 1.12 - 0.25 * maturity
    place = mix.pick(rng, PLACE)
    half *= uniform(rng, 0.45, 0.8) if place == "spare" else 1.0  # much of the picture is empty
    left = -1 if chance(rng, 0.5) else 1
    x = (
        0.5
        + left
        * {
            "centre": abs(rng.normal(0, 0.05)),
            "aside": uniform(rng, 0.1, 0.3),
            "low": uniform(rng, 0, 0.1),
            "cut": uniform(rng, 0.38, 0.5),
            "spare": uniform(rng, 0.0, 0.33),
        }[place]
    )
    y = (2.35 + 0.7 * rise) * half + uniform(rng, 0.0, 0.14) + rng.normal(0, 0.03)  # room above the hair
    y += {"low": uniform(rng, 0.05, 0.3), "cut": uniform(rng, -0.7, 0.2) * half}.get(place, 0.0)
    y = max(min(y, 0.98 - half * uniform(rng, 0.9, 1.6)), 0.27 if half > 0.11 else 0.0)  # and most often for the chin
    y = max(y, 1.03 - _REACH * half)
    tilted = mix.pick(rng, CAMERA) == "tilted"
    tilt = (-1 if chance(rng, 0.5) else 1) * uniform(rng, 0.08, 0.34) * tilted
    return Pose(
        yaw=yaw,
        pitch=pitch,
        roll=roll + tilt,
        body_yaw=float(np.clip(yaw * uniform(rng, 0.1, 0.8) + rng.normal(0, 0.1), -0.6, 0.6)),
        body_roll=bell(rng, 0, 0.04, -0.15, 0.15) + tilt,
        scale=half * size,
        x=size * float(x),
        y=size * float(y),
        tilt=tilt,
    )


def scene(seed: int, index: int, size: int, maturity: float, mix: Mix, rise: float = 0.0) -> Scene:
    """The picture ``index`` at ``size`` px; the same at every size but for its resolution.

    ``rise``: head units above the hair that a hat or the like takes.
    """
    rng = stream(seed, index, "picture", "basis")
    tint = col.mix((1.0, 1.0, 1.0), hsv(rng.random(), 0.5, 1.0), uniform(rng, 0, 0.22) if chance(rng, 0.18) else 0.0)
    pose = _pose(rng, mix, size, maturity, rise)
    expression, light = draw_expression(stream(seed, index, "picture", "expression"), mix), uniform(rng, -1, 1)
    key, lighting = (seed, index), mix.pick(stream(seed, index, "picture", "lighting"), LIGHT)
    return Scene(pose=pose, expression=expression, light=light, tint=tint, key=key, mix=mix, lighting=lighting)
