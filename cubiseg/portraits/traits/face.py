"""Shape of a character's face, and how nose, mouth and cheeks are drawn."""

from dataclasses import dataclass

from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, bell, chance, uniform

FACE = axis("""face shape: outline of the face:
    oval 3 2, round 2.2 0.3, heart 2 0.7, pointed 2 1.5, long 0.7 1.8, square 0.2 2, chubby 0.8 0.2""")
NOSE = axis("""nose: how the nose is drawn:
    none 0.5, dot 2, short 1.5, tick 2, wedge 1.5, line 0.95, under 0.8, light 0.4, nostrils 0.3, shaded 0.75,
    full 0.5""")
LIPS = axis("lips: colour of the lips: plain 6, shadow 2, tint 1.5, gloss 0.8, full 0.9, lineless 0.5")
BLUSH = axis("blush: how a blush is drawn: soft 5, oval 1.5, strokes 1.5, soft strokes 1.5, across 1, under eyes 1")
MARK = axis("""face mark: what is on the skin of the face:
    none 12, freckles 0.7, mole 1, scar 0.5, stripes 0.25, paint 0.3""")
EARS = axis("ears: shape of the ears: round 12, pointed 0.6, elf 0.5")
FACE_SHADE = axis("face shade: shadow on the face beside the hair's: none 2, edge 3, side 1.2, plane 0.6 1.6")
AXES = (FACE, NOSE, LIPS, BLUSH, MARK, EARS, FACE_SHADE)


@dataclass(frozen=True)
class FaceShape:
    """Face proportions in head units, the eye line at v = 0, v downwards."""

    chin: float
    jaw_width: float
    jaw_height: float
    chin_width: float  # roundness of the tip
    chin_bow: float  # how full the cheek is below the jaw's corner
    chin_round: float  # power of the chin's curve: 0.5 round, 1 pointed
    cheek: float
    cheek_low: float  # width a third down the face
    skull: float
    nose: float
    mouth: float
    mouth_width: float
    neck_width: float
    neck_length: float
    shoulders: float
    ear: float
    elf: float


# kind: chin length, jaw width, jaw height, fullness, sharpness of the chin, width of the cheek
_SHAPES = {
    "oval": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "round": (-0.07, 0.02, 0.02, 0.14, -0.08, 0.015),
    "heart": (0.0, -0.02, -0.03, -0.05, 0.08, 0.02),
    "pointed": (0.06, -0.03, -0.02, -0.05, 0.14, 0.0),
    "long": (0.17, 0.0, 0.02, 0.12, 0.0, -0.03),
    "square": (0.08, 0.04, 0.06, 0.3, -0.05, -0.02),
    "chubby": (-0.1, 0.05, 0.04, 0.18, -0.09, 0.02),
}


def draw_face(rng: Rng, mix: Mix, m: float, g: float, lean: float) -> FaceShape:
    """The face of a character of maturity ``m`` and angularity ``g``."""
    long, wide, high, full, point, cheek = _SHAPES[mix.pick(rng, FACE, lean=lean)]
    jaw = bell(rng, 0.865 - 0.12 * m + 0.05 * g + wide, 0.03, 0.62, 0.95)
    ears = mix.pick(rng, EARS)
    return FaceShape(
        chin=bell(rng, 0.95 + 0.49 * m + 0.12 * g + long, 0.05, 0.86, 1.85),
        jaw_width=jaw,
        jaw_height=bell(rng, 0.55 + 0.05 * g + high, 0.04, 0.42, 0.74),
        chin_width=bell(rng, 0.13 + 0.06 * g + 0.04 * (1 - m), 0.035, 0.05, 0.3),
        chin_bow=bell(rng, 1.52 - 0.3 * m + full, 0.08, 1.18, 1.9),
        chin_round=bell(rng, 0.78 + 0.12 * m + point, 0.04, 0.6, 1.0),
        cheek=bell(rng, 0.99 - 0.02 * m + cheek, 0.02, 0.9, 1.05),
        cheek_low=bell(rng, 0.975 + 0.4 * cheek, 0.02, 0.9, 1.03),
        skull=bell(rng, 1.95 + 0.25 * m, 0.08, 1.75, 2.4),
        nose=bell(rng, 0.47 + 0.05 * m, 0.04, 0.36, 0.6),
        mouth=bell(rng, 0.69 - 0.01 * m, 0.03, 0.6, 0.77),
        mouth_width=bell(rng, 0.17 + 0.07 * m + 0.03 * g, 0.04, 0.09, 0.34),
        neck_width=bell(rng, 0.33 + 0.12 * m + 0.17 * g, 0.04, 0.24, 0.78),
        neck_length=bell(rng, 0.14 + 0.5 * m, 0.07, 0.06, 0.85),
        shoulders=bell(rng, 0.78 + 1.45 * m + 0.6 * g, 0.15, 0.72, 3.0),
        ear=uniform(rng, 0.75, 1.2),
        elf={"round": 0.0, "pointed": uniform(rng, 0.2, 0.5), "elf": uniform(rng, 0.7, 1.5)}[ears],
    )


@dataclass(frozen=True)
class Manner:
    """How nose, lips and the skin of the face are drawn."""

    nose: str
    lips: str
    lip_tint: float  # 0..1, strength of the lips' colour
    blush: str
    mark: str
    shade: str
    nose_tint: float


def draw_manner(rng: Rng, mix: Mix, m: float, g: float, lean: float) -> Manner:
    """The manner of a character's artist; the mature have more of nose and lips."""
    nose = {
        **NOSE.weights(lean),
        "none": 0.8 * (1 - m) + 0.1,
        "line": 1.5 * m + 0.2,
        "nostrils": 0.5 * m,
        "shaded": 1.5 * m,
        "full": 1.6 * m * m,
        "under": 0.3 + m,
    }
    soft = m * (1 - g)
    manner_nose = mix.pick(rng, NOSE, weights=nose)
    lips = mix.pick(rng, LIPS, weights={**LIPS.weights(), "full": 0.3 + 1.8 * soft, "gloss": 0.3 + soft})
    lip_tint, blush, mark = uniform(rng, 0.2, 1.0), mix.pick(rng, BLUSH), mix.pick(rng, MARK)
    shade, nose_tint = mix.pick(rng, FACE_SHADE, lean=lean), uniform(rng, 0.2, 0.8) if chance(rng, 0.25) else 0.0
    return Manner(
        nose=manner_nose, lips=lips, lip_tint=lip_tint, blush=blush, mark=mark, shade=shade, nose_tint=nose_tint
    )
