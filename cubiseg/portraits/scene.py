"""One picture of a character: pose, expression, crop, light, background and what the camera did to it."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.colour import Colour, hsv
from cubiseg.portraits.expressions import Expression, draw_expression
from cubiseg.portraits.legs import STANCE, stance
from cubiseg.portraits.lighting import LIGHT
from cubiseg.portraits.poses import head_angles
from cubiseg.portraits.proportions import Proportions
from cubiseg.portraits.rng import Rng, bell, chance, stream, uniform

CROP = axis("""crop: how much of the figure is seen:
    close-up 10, portrait 25, upper body 25, cowboy shot 15, whole figure 25""")
PLACE = axis("placement: where in the picture: centre 7, aside 2.0, low 0.7, cut 0.25, spare 0.25, half figure 2.0")
CAMERA = axis("camera: how the camera is held: level 9, tilted 0.8")
AXES = (CROP, PLACE, CAMERA)


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
    stance: str = "straight"  # how the figure stands or sits
    step: int = 0  # number of the stream of the stance's details
    end: float = 1.0  # share of the picture's height below which a half figure was drawn no further


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


def _framed(rng: Rng, crop: str, figure: Proportions, low: float, rise: float) -> tuple[float, float]:
    """Scale (pictures a head unit) and height of the eye line (pictures) of a crop, before the placement.

    Args:
        low: head units below the eyes at which the figure ends.
        rise: head units above the hair that something on the head takes.
    """
    u, top = figure.long, figure.who.face.skull + 0.35 + 0.7 * rise
    if crop in ("close-up", "portrait"):
        half = uniform(rng, 0.25, 0.4) if crop == "close-up" else uniform(rng, 0.155, 0.25)
        half *= 1.12 - 0.25 * figure.who.maturity
        y = (2.35 + 0.7 * rise) * half + uniform(rng, 0.0, 0.14) + rng.normal(0, 0.03)  # room above the hair
        y = max(min(y, 0.98 - half * uniform(rng, 0.9, 1.6)), 0.27 if half > 0.11 else 0.0)  # and most often the chin
        return half, y
    if crop == "whole figure":
        kind = rng.random()  # fills the picture, stands in much empty space, is cut a little
        fill = (
            uniform(rng, 0.74, 0.98)
            if kind < 0.74
            else uniform(rng, 0.35, 0.7)
            if kind < 0.86
            else uniform(rng, 1.0, 1.15)
        )
        half = fill / (low + top)
        above = float(rng.beta(2, 2) if fill < 1 else rng.beta(1, 3))  # feet are cut rather than the head
        return half, top * half + (1 - fill) * above
    cut = {
        "upper body": uniform(rng, figure.bust_y + 0.1 * u, figure.hip_y - 0.2 * u),
        "cowboy shot": figure.crotch + uniform(rng, -0.1, 0.85) * (figure.knee - figure.crotch),
    }[crop]
    room = uniform(rng, -0.02, 0.16)
    half = (1 - room) / (min(cut, low) + top)
    return min(half, 0.3), room + top * half


def _pose(rng: Rng, mix: Mix, size: int, figure: Proportions, rise: float) -> Pose:
    yaw, pitch, roll = head_angles(rng, mix)
    crop, place, camera = mix.pick(rng, CROP), mix.pick(rng, PLACE), mix.pick(rng, CAMERA)
    tilt = (-1 if chance(rng, 0.5) else 1) * uniform(rng, 0.08, 0.34) * (camera == "tilted")
    body_yaw = float(np.clip(yaw * uniform(rng, 0.1, 0.8) + rng.normal(0, 0.1), -0.6, 0.6))
    body_roll = bell(rng, 0, 0.04, -0.15, 0.15)
    held, step = mix.pick(rng, STANCE), int(rng.integers(2**30))
    half, y = _framed(rng, crop, figure, stance(figure, held, step, body_yaw).low, rise)
    half *= uniform(rng, 0.45, 0.8) if place == "spare" else 1.0  # much of the picture is empty
    left = -1 if chance(rng, 0.5) else 1
    aside = {
        "centre": abs(rng.normal(0, 0.05)),
        "aside": uniform(rng, 0.1, 0.3),
        "low": uniform(rng, 0, 0.1),
        "cut": uniform(rng, 0.38, 0.5),
        "spare": uniform(rng, 0.0, 0.33),
        "half figure": 0.02,
    }[place]
    if crop != "whole figure":
        y += {"low": uniform(rng, 0.05, 0.3), "cut": uniform(rng, -0.7, 0.2) * half}.get(place, 0.0)
    return Pose(
        yaw=yaw,
        pitch=pitch,
        roll=roll + tilt,
        body_yaw=body_yaw,
        body_roll=body_roll + tilt,
        scale=half * size,
        x=size * float(0.5 + left * aside),
        y=size * float(y),
        tilt=tilt,
        stance=held,
        step=step,
        end=1 - uniform(rng, 0.015, 0.17) if place == "half figure" else 1.0,
    )


def scene(seed: int, index: int, size: int, who: Character, mix: Mix, rise: float = 0.0) -> Scene:
    """The picture ``index`` of a character at ``size`` px; the same at every size but for its resolution.

    ``rise``: head units above the hair that a hat or the like takes.
    """
    rng = stream(seed, index, "picture", "basis")
    tint = col.mix((1.0, 1.0, 1.0), hsv(rng.random(), 0.5, 1.0), uniform(rng, 0, 0.22) if chance(rng, 0.18) else 0.0)
    pose = _pose(rng, mix, size, Proportions(who), rise)
    expression, light = draw_expression(stream(seed, index, "picture", "expression"), mix), uniform(rng, -1, 1)
    key, lighting = (seed, index), mix.pick(stream(seed, index, "picture", "lighting"), LIGHT)
    return Scene(pose=pose, expression=expression, light=light, tint=tint, key=key, mix=mix, lighting=lighting)
