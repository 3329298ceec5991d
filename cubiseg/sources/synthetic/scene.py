"""One picture of a character: pose, expression, crop, light, background and what the camera did to it."""

from dataclasses import dataclass

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.axes import Axis, Mix
from cubiseg.sources.synthetic.colour import Colour, hsv
from cubiseg.sources.synthetic.expressions import Expression, draw_expression
from cubiseg.sources.synthetic.poses import head_angles
from cubiseg.sources.synthetic.rng import bell, chance, stream, uniform

CROP = Axis("crop", "how much is seen", {"close": 1.2, "portrait": 5, "bust": 4, "far": 0.35})
AXES = (CROP,)


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


@dataclass(frozen=True)
class Scene:
    """Everything that belongs to one picture alone. ``light``: side the light comes from, -1 left to 1 right."""

    pose: Pose
    expression: Expression
    light: float
    tint: Colour
    key: tuple[int, int]
    mix: Mix

    def rng(self, part: str) -> np.random.Generator:
        """The stream of one part of this picture."""
        return stream(*self.key, "picture", part)


def _pose(rng: np.random.Generator, mix: Mix, size: int, maturity: float) -> Pose:
    yaw, pitch, roll = head_angles(rng, mix)
    crop = mix.pick(rng, CROP)
    half = {"close": uniform(rng, 0.24, 0.36), "portrait": uniform(rng, 0.16, 0.23), "bust": uniform(rng, 0.12, 0.17),
            "far": uniform(rng, 0.1, 0.125)}[crop]  # fmt: skip
    half *= 1.12 - 0.25 * maturity
    y = 2.35 * half + uniform(rng, 0.0, 0.14) + rng.normal(0, 0.03)  # room above the hair
    y = max(min(y, 0.98 - half * uniform(rng, 0.9, 1.6)), 0.27)  # and most often for the chin
    return Pose(
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        body_yaw=float(np.clip(yaw * uniform(rng, 0.1, 0.8) + rng.normal(0, 0.1), -0.6, 0.6)),
        body_roll=bell(rng, 0, 0.04, -0.15, 0.15),
        scale=half * size,
        x=size * bell(rng, 0.5, 0.06, 0.28, 0.72),
        y=size * float(y),
    )


def scene(seed: int, index: int, size: int, maturity: float, mix: Mix) -> Scene:
    """The picture ``index`` at ``size`` px; the same at every size but for its resolution."""
    rng = stream(seed, index, "picture", "basis")
    tint = col.mix((1.0, 1.0, 1.0), hsv(rng.random(), 0.5, 1.0), uniform(rng, 0, 0.22) if chance(rng, 0.18) else 0.0)
    return Scene(
        pose=_pose(rng, mix, size, maturity),
        expression=draw_expression(stream(seed, index, "picture", "expression"), mix),
        light=uniform(rng, -1, 1),
        tint=tint,
        key=(seed, index),
        mix=mix,
    )
