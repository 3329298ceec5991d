"""How tall a figure is and where its landmarks lie, before any pose: neck, waist, hips, knees and soles."""

import numpy as np

from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.rng import bell

BUILD = axis("""build: build of the body:
    slim 3 1.5, average 4 3, broad 0.3 3, sloping 2 0.5, soft 1.4 0.8, athletic 0.6 2.2""")

# shoulders, slope of the trapezius, thickness of arms, waist and hips, as factors on the average
_BUILDS = {
    "slim": (0.95, 1.0, 0.86, 0.93, 0.95),
    "average": (1.0, 1.0, 1.0, 1.0, 1.0),
    "broad": (1.12, 0.8, 1.12, 1.02, 0.95),
    "sloping": (0.92, 1.5, 0.92, 1.0, 1.0),
    "soft": (1.0, 1.15, 1.18, 1.12, 1.1),
    "athletic": (1.07, 1.3, 1.18, 0.98, 0.95),
}

_TALL = (0.0, 0.12, 0.3, 0.5, 0.75, 1.0), (2.1, 2.7, 4.2, 5.4, 6.3, 7.0)
"""Maturity, and the usual height of such a figure in heads."""
_TRUNK = (2.0, 3.0, 4.5, 6.0, 8.0), (0.54, 0.5, 0.455, 0.415, 0.385)
"""Height in heads, and the share of it below the neck that the trunk takes."""


class Proportions:
    """Landmarks of a body in head units, the origin between the eyes; the base of the neck is at ``y``.

    ``heads``: height in heads (crown to chin), 2 (chibi) to 8. ``long``: unit of the trunk's heights, of which it has
    3.25; heights ending in ``_y``, and ``crotch``, ``knee``, ``ankle`` and ``sole``, are absolute, of a body that
    stands straight.
    """

    def __init__(self, who: Character) -> None:
        f, rng = who.face, who.rng("torso")
        self.who = who
        self.build = who.mix.pick(rng, BUILD, lean=who.lean)
        wide, steep, thick, waist, hip = _BUILDS[self.build]
        m, g = who.maturity, who.masculine
        self.y = f.chin + f.neck_length
        self.neck = f.neck_width
        self.heads = bell(rng, float(np.interp(m, *_TALL)) + 0.25 * g, 0.42, 2.0, 8.0)
        below = self.heads * (f.skull + f.chin) - f.skull - self.y
        trunk = float(np.interp(self.heads, *_TRUNK)) + 0.015 * g + bell(rng, 0.0, 0.012, -0.025, 0.025)
        u = self.long = trunk * below / 3.25
        s = max(f.shoulders * wide, f.neck_width + 0.35)
        s *= float(np.clip(u / (s * (0.68 + 0.3 * m - 0.06 * g)), 0.6, 1.5)) ** 0.5  # a tall body is a wide one
        self.shoulder = max(s, f.neck_width + 0.2)
        self.slope = steep * (0.2 + 0.16 * rng.random() + 0.06 * (1 - g))
        self.drop = self.slope * (s - self.neck)
        self.arm = s * thick * (0.165 + 0.035 * (1 - m) + 0.04 * g)
        self.bust = 0.0 if g > 0.42 or m < 0.3 else bell(rng, 0.45, 0.28, 0.0, 1.0) * min(1.0, 2.2 * (m - 0.25))
        self.top = self.y + self.drop
        self.armpit = self.top + 0.72 * u
        self.bust_y, self.waist_y = self.y + 1.35 * u, self.y + 2.05 * u
        self.hip_y, self.crotch = self.y + 2.95 * u, self.y + 3.25 * u
        leg = below - 3.25 * u
        self.stub = float(np.clip((5.5 - self.heads) / 3, 0, 1))
        """How stubby the limbs are: 0 from five and a half heads, 1 below two and a half."""
        self.knee = self.crotch + (0.45 + 0.03 * self.stub) * leg
        self.ankle = self.crotch + (0.925 - 0.06 * self.stub) * leg
        self.sole = self.crotch + leg
        self.rib = (0.72 - 0.05 * (1 - g)) * s * (0.5 + 0.5 * waist)
        self.waist = (0.52 + 0.13 * g + 0.1 * (1 - m)) * s * waist + 0.02 * rng.random()
        self.hip = (0.76 - 0.14 * g + 0.02 * (1 - m)) * s * hip
        self.leg = (0.38 + 0.03 * (1 - m)) * s * hip
