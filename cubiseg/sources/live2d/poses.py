"""Poses and expressions of a model, by what Live2D's standard parameters mean.

Ids are those of Live2D's manual ("Standard parameter list"), in either spelling: ``ParamAngleX``, ``PARAM_ANGLE_X``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cubiseg.portraits.rng import Rng, bell, chance, pick, uniform
from cubiseg.sources.live2d.files import FaceChange
from cubiseg.sources.live2d.rig import RigParameter

LIDS = {"open": 7.0, "half": 1.5, "shut": 1.5, "wink": 0.7}
"""Weights of what eyes do."""
AN_EXPRESSION, ANOTHER_PART = 0.4, 0.3
"""Chances of an expression of the author's, and of showing another than the first part where one of several shows."""


@dataclass(frozen=True)
class RigPose:
    """Values of parameters and opacities of parts, by id."""

    values: Mapping[str, float] = field(default_factory=dict)
    opacities: Mapping[str, float] = field(default_factory=dict)


Groups = Sequence[Sequence[tuple[str, Sequence[str]]]]
"""Parts of which one shows, each with those that show with it."""


def neutral(groups: Groups) -> RigPose:
    """The pose in which the model was drawn: of parts of which one shows, the first does."""
    return RigPose({}, _shown(groups, [0] * len(groups)))


def drawn_pose(
    rng: Rng, parameters: Mapping[str, RigParameter], expressions: Sequence[FaceChange], groups: Groups
) -> RigPose:
    """A pose by chance: head and body turned, eyes and mouth open or shut, brows, hair, perhaps an expression.

    Args:
        rng: its stream.
        parameters: of the model.
        expressions: the author's.
        groups: parts of which one shows.
    """
    meant = _meant(rng)
    values = {}
    for name, parameter in parameters.items():
        share = _share(meaning(name), meant, rng)
        if share is not None:
            values[name] = parameter.clipped(_scaled(parameter, share))
    if expressions and chance(rng, AN_EXPRESSION):
        values = _expressed(values, parameters, expressions[int(rng.integers(len(expressions)))])
    first = [0 if not chance(rng, ANOTHER_PART) else int(rng.integers(len(group))) for group in groups]
    return RigPose(values, _shown(groups, first))


def meaning(name: str) -> str:
    """A parameter's id without what spellings differ in.

    >>> meaning("PARAM_EYE_L_OPEN"), meaning("ParamEyeLOpen")
    ('eyelopen', 'eyelopen')
    """
    return re.sub(r"[^a-z]", "", name.lower()).removeprefix("param")


def _scaled(parameter: RigParameter, share: float) -> float:
    """A share of the way from the default to either end, -1..1."""
    end = parameter.most if share >= 0 else parameter.least
    return parameter.default + abs(share) * (end - parameter.default)


def _meant(rng: Rng) -> dict[str, float]:
    """Shares of the range by meaning, for what all standard models have: 1 is the most, -1 the least.

    Eyes and mouths are told by how far they are open, 0..1, and turned into shares where they are used.
    """
    x, y, z = bell(rng, 0, 0.45, -1, 1), bell(rng, 0, 0.35, -1, 1), bell(rng, 0, 0.35, -1, 1)
    lids = pick(rng, LIDS)
    left = {"open": 1.0, "half": uniform(rng, 0.35, 0.75), "shut": 0.0, "wink": 0.0}[lids]
    right = 1.0 if lids == "wink" else left
    if lids == "wink" and chance(rng, 0.5):
        left, right = right, left
    smile = float(chance(rng, 0.5 if lids in ("shut", "wink") else 0.1))
    gaze = [uniform(rng, -0.7, 0.7) if chance(rng, 0.6) else 0.0 for _ in range(2)]
    brow = {kind: uniform(rng, -0.8, 0.8) for kind in ("x", "y", "angle", "form")}
    told = {"anglex": x, "angley": y, "anglez": z, "bodyanglex": x * 0.5, "bodyangley": y * 0.3, "bodyanglez": z * 0.5}
    told |= {"eyelopen": left, "eyeropen": right, "eyelsmile": smile, "eyersmile": smile}
    told |= {"eyeballx": gaze[0], "eyebally": gaze[1], "breath": uniform(rng, 0, 1)}
    told |= {"mouthopeny": 0.0 if chance(rng, 0.5) else uniform(rng, 0.15, 1.0), "mouthform": uniform(rng, -1, 1)}
    told |= {f"brow{side}{kind}": share for side in "lr" for kind, share in brow.items()}
    told |= {"tere": float(chance(rng, 0.15)), "cheek": float(chance(rng, 0.15))}
    return told


_OPENINGS = ("eyelopen", "eyeropen")


def _share(what: str, meant: Mapping[str, float], rng: Rng) -> float | None:
    """How far a parameter moves; None leaves it at its default. Every call draws as often, whatever it is asked."""
    sway, lift = uniform(rng, -0.7, 0.7), uniform(rng, -0.5, 0.5)
    if what in _OPENINGS:
        return meant[what] - 1 if meant[what] < 1 else None  # from the default, which is open, down to shut
    if what in meant:
        return meant[what]
    if what.startswith("hair"):
        return sway
    if re.fullmatch("(arm|hand|shoulder)[lr]?[ab]?", what):  # others switch what a hand holds, by halves in between
        return lift
    return None


def _expressed(
    values: Mapping[str, float], parameters: Mapping[str, RigParameter], expression: FaceChange
) -> dict[str, float]:
    out = dict(values)
    for name, value, how in expression.changes:
        if name not in parameters:
            continue
        before = out.get(name, parameters[name].default)
        after = {"add": before + value, "mult": before * value, "set": value}[how]
        out[name] = parameters[name].clipped(after)
    return out


def _shown(groups: Groups, first: Sequence[int]) -> dict[str, float]:
    """Opacities that show one part of each group, and what shows with it."""
    opacities: dict[str, float] = {}
    for group, chosen in zip(groups, first, strict=True):
        for place, (part, links) in enumerate(group):
            opacities |= dict.fromkeys((part, *links), 1.0 if place == chosen else 0.0)
    return opacities
