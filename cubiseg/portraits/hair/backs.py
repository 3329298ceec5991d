"""All kinds of back hair. A kind appends to ``hair.back``, ``mid``, ``buns`` and ``ties``; strands run root to tip.

To add a kind: write a function ``(rng, hair, head, detail) -> float`` that returns the v where the hair ends, in
``cropped``, ``loose``, ``lengthy``, ``bound`` or ``braided``, and list it here. ``hair.nape``: where the mass behind
the face ends.
"""

from collections.abc import Callable

from cubiseg.portraits.hair import bound, braided, cropped, lengthy, loose
from cubiseg.portraits.hair.strands import Hair
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng

Back = Callable[[Rng, Hair, Head, float], float]

BACKS: dict[str, tuple[Back, float, float]] = {
    "short": (cropped.short, 0.8, 3.0),
    "pixie": (cropped.pixie, 0.7, 1.6),
    "boy": (cropped.boy, 0.3, 3.0),
    "undercut": (cropped.undercut, 0.1, 1.4),
    "spiky": (cropped.spiky, 0.4, 2.5),
    "spiky_up": (cropped.spiky_up, 0.1, 1.4),
    "mullet": (cropped.mullet, 0.6, 1.2),
    "mushroom": (cropped.mushroom, 1.0, 0.7),
    "bob": (cropped.bob, 2.2, 0.6),
    "flipped": (cropped.flipped, 1.0, 0.5),
    "lob": (cropped.lob, 1.5, 0.5),
    "cloud": (cropped.cloud, 0.35, 0.25),
    "straight": (loose.straight, 2.8, 0.7),
    "very_long": (loose.very_long, 1.7, 0.35),
    "knee": (lengthy.knee, 1.3, 0.25),
    "floor": (lengthy.floor_long, 0.5, 0.08),
    "wide": (lengthy.wide, 0.6, 0.15),
    "blown": (lengthy.blown, 0.9, 0.4),
    "waves": (loose.waves, 2.0, 0.45),
    "curly": (loose.curly, 0.9, 0.2),
    "wild": (loose.wild, 0.9, 0.7),
    "flips": (loose.flips, 0.6, 0.2),
    "half_up": (loose.half_up, 0.9, 0.1),
    "drills": (loose.drills, 0.5, 0.02),
    "big_drills": (lengthy.big_drills, 0.35, 0.01),
    "low_twin": (bound.low_twin, 1.0, 0.05),
    "high_twin": (bound.high_twin, 1.1, 0.03),
    "long_twin": (lengthy.long_twin, 1.0, 0.03),
    "thin_twin": (bound.thin_twin, 0.8, 0.02),
    "free_twin": (bound.free_twin, 1.5, 0.04),
    "curled_twin": (bound.curled_twin, 0.45, 0.01),
    "low_pony": (bound.low_pony, 0.8, 0.9),
    "high_pony": (bound.high_pony, 1.0, 0.4),
    "side_pony": (bound.side_pony, 0.8, 0.1),
    "ringlet_pony": (bound.ringlet_pony, 0.4, 0.03),
    "bun": (bound.bun, 0.7, 0.2),
    "two_buns": (bound.two_buns, 0.7, 0.02),
    "ribbon_buns": (lengthy.ribbon_buns, 0.5, 0.01),
    "odango": (bound.odango, 0.5, 0.02),
    "braid": (braided.braid, 0.6, 0.15),
    "two_braids": (braided.two_braids, 0.8, 0.03),
    "crown_braid": (braided.crown_braid, 0.4, 0.02),
}
"""Kind: (function that returns the v where the hair ends, weight for a soft character, for an angular one)."""
