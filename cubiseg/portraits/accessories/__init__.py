"""What is worn: hats, bands, ears, horns, headsets; ribbons and pins; glasses and masks; earrings; necklaces.

Each accessory is a function of a ``Wear`` (``base.py``) in a small file and one line in ``ACCESSORIES`` (``table.py``).
``geometry.py`` has the anchors: ``Site``, a spot on the hair with its own plane; ``Ring``, a cut around the head on
which hats and bands are built (``crown.py``). A place is an axis; several places combine.
"""

from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.headwear import Headwear
from cubiseg.portraits.accessories.table import ACCESSORIES, AXES, part_of, rise, worn
from cubiseg.portraits.accessories.ties import ties
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair import HairArt
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board
from cubiseg.portraits.rng import stream

__all__ = ["ACCESSORIES", "AXES", "Headwear", "Wear", "paint_accessories", "rise", "worn"]


def paint_accessories(
    place: str, who: Character, head: Head, hair: HairArt, torso: Torso, board: Board, *, covered: bool = False
) -> bool:
    """Paint what is worn at ``place``; False when it is nothing. ``covered``: a hat hides the crown."""
    name = worn(who, place)
    if name != "none":
        rng = stream(*who.key, "character", "accessory", name)
        with board.on(part_of(place, name)):
            ACCESSORIES[place][name][0](Wear(who, head, hair, torso, board, rng, covered))
    low = place == "ears"
    bound = place in ("hair", "ears") and any((tie[1] > -0.5) == low for tie in hair.hair.ties)
    if bound:
        with board.on("headwear"):
            ties(Wear(who, head, hair, torso, board, who.rng("ties"), covered), low)
    return name != "none" or bound
