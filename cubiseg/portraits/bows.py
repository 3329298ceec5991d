"""Big bows tied behind: at the back of the head, and at the back of the waist."""

import numpy as np

from cubiseg.portraits.accessories import Wear
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.rng import chance, uniform

BOW = axis("bow behind: a big bow at the back of the head or of the waist: none 93 99, head 3.5 0.3, waist 4 0.6")
AXES = (BOW,)


def bow_of(who: Character) -> str:
    """Where this character wears a big bow: "none", "head" or "waist"."""
    return who.mix.pick(who.rng("bow behind"), BOW, lean=who.lean)


def paint_bow(wear: Wear) -> None:
    """Paint the bow on the board; head or body will hide its knot."""
    w, rng, torso = wear, wear.rng, wear.torso
    c = w.colour()
    edge = w.trim(c) if chance(rng, 0.25) else None
    if bow_of(w.who) == "head":
        at = w.head.project(np.array([(0.0, uniform(rng, -1.5, -0.3), -1.1)]))[0]
        bow(w, at, uniform(rng, 1.6, 2.4), c, w.head.pose.roll, edge=edge, tails=uniform(rng, 0.8, 2.2))
        return
    at = torso.px(np.array([(0.0, torso.waist_y + 0.1 * torso.long)]), -0.6)[0]
    size = torso.shoulder * uniform(rng, 1.0, 1.7)
    bow(w, at, size, c, w.head.pose.body_roll, edge=edge, tails=uniform(rng, 1.0, 2.6))
