"""All accessories, by place, and how often each is worn."""

from collections.abc import Callable

from cubiseg.portraits.accessories import (
    bands,
    crowns,
    flowers,
    glasses,
    hats_soft,
    hats_stiff,
    headsets,
    horns,
    masks,
    pins,
    ribbons,
    veils,
)
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.chest import CHEST
from cubiseg.portraits.accessories.earrings import EARRINGS
from cubiseg.portraits.accessories.ears_worn import EARS
from cubiseg.portraits.accessories.neck import NECK
from cubiseg.portraits.accessories.ties import TIE
from cubiseg.portraits.axes import Axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.tables import weights

Accessory = Callable[[Wear], None]
ACCESSORIES: dict[str, dict[str, tuple[Accessory, float, float]]] = {
    "neck": {
        "choker": (NECK["choker"], 7, 1.5),
        "bell_collar": (NECK["bell_collar"], 1, 0.1),
        "chain": (NECK["chain"], 5, 4),
        "heavy_chain": (NECK["heavy_chain"], 0.5, 1.5),
        "pearls": (NECK["pearls"], 2, 0.3),
        "ruff": (NECK["ruff"], 1, 0.3),
        "torque": (NECK["torque"], 1, 0.8),
    },
    "chest": {
        "brooch": (CHEST["brooch"], 3, 1.5),
        "badge": (CHEST["badge"], 2, 1.5),
        "medals": (CHEST["medals"], 0.7, 1.2),
        "lanyard": (CHEST["lanyard"], 0.8, 0.8),
        "long_chain": (CHEST["long_chain"], 1.5, 1),
        "cords": (CHEST["cords"], 0.5, 1),
        "headphones": (CHEST["headphones"], 1.5, 1.5),
    },
    "ears": {
        "stud": (EARRINGS["stud"], 4, 4),
        "hoop": (EARRINGS["hoop"], 3, 2.5),
        "drop": (EARRINGS["drop"], 5, 2),
        "tassel": (EARRINGS["tassel"], 1.5, 1),
        "cross": (EARRINGS["cross"], 2, 2),
        "cuff": (EARRINGS["cuff"], 1.5, 2),
        "earphone": (EARRINGS["earphone"], 1, 1.5),
    },
    "face": {
        "round_glasses": (glasses.round_glasses, 2.2, 1.5),
        "square_glasses": (glasses.square_glasses, 2.2, 3.5),
        "oval_glasses": (glasses.oval_glasses, 1.3, 1),
        "cat_eye_glasses": (glasses.cat_eye_glasses, 0.6, 0.2),
        "big_glasses": (glasses.big_glasses, 0.8, 0.4),
        "half_rim": (glasses.half_rim, 1.8, 2.2),
        "rimless": (glasses.rimless, 0.8, 1),
        "sunglasses": (glasses.sunglasses, 0.8, 1.2),
        "monocle": (glasses.monocle, 0.2, 0.4),
        "eye_patch": (masks.eye_patch, 1.3, 1.5),
        "surgical_mask": (masks.surgical_mask, 1.2, 1.2),
        "face_cloth": (masks.face_cloth, 0.3, 0.7),
        "domino": (masks.domino, 0.4, 0.4),
        "plaster": (masks.plaster, 2.2, 2.4),
        "head_bandage": (masks.head_bandage, 0.3, 0.5),
        "stickers": (masks.stickers, 1.2, 0.4),
        "visor_screen": (headsets.visor_screen, 0.3, 0.4),
    },
    "hair": {
        "bars": (pins.bars, 4, 1.2),
        "crossed": (pins.crossed, 2, 0.4),
        "shapes": (pins.shapes, 3, 0.3),
        "clip": (pins.clip, 2, 0.6),
        "jewel": (pins.hair_jewel, 1.2, 0.3),
        "kanzashi": (pins.kanzashi, 1, 0.1),
        "comb": (pins.comb, 0.6, 0.2),
        "lock_rings": (pins.lock_rings, 0.8, 0.4),
        "beads": (pins.beads, 0.6, 0.1),
        "crown_bow": (ribbons.crown_bow, 2.4, 0.1),
        "side_bow": (ribbons.side_bow, 2.2, 0.1),
        "twin_bows": (ribbons.twin_bows, 2, 0.02),
        "woven": (ribbons.woven, 0.3, 0.05),
        "flower": (flowers.flower, 3, 0.2),
        "feather": (flowers.feather, 0.8, 0.5),
    },
    "head": {
        "beret": (hats_soft.beret, 2, 0.8),
        "beanie": (hats_soft.beanie, 1.2, 1.4),
        "newsboy": (hats_soft.newsboy, 0.8, 1),
        "bucket": (hats_soft.bucket, 0.6, 0.6),
        "nightcap": (hats_soft.nightcap, 0.7, 0.3),
        "chef": (hats_soft.chef, 0.2, 0.3),
        "nurse": (hats_soft.nurse, 0.5, 0.02),
        "sailor_hat": (hats_soft.flat_top, 0.7, 0.4),
        "straw": (hats_stiff.straw, 1, 0.6),
        "wide_hat": (hats_stiff.wide_hat, 0.9, 0.9),
        "top_hat": (hats_stiff.top_hat, 0.3, 0.7),
        "bowler": (hats_stiff.bowler, 0.3, 0.6),
        "mini_hat": (hats_stiff.mini_hat, 0.8, 0.1),
        "witch": (hats_stiff.witch, 1, 0.4),
        "cap": (hats_stiff.cap, 1.3, 2),
        "service_cap": (hats_stiff.service_cap, 0.6, 1.4),
        "garrison": (hats_stiff.garrison, 0.3, 0.5),
        "crown": (crowns.crown, 0.8, 0.5),
        "tiara": (crowns.tiara, 0.9, 0.05),
        "circlet": (crowns.circlet, 0.8, 0.5),
        "diadem": (crowns.jewelled_band, 0.4, 0.3),
        "halo": (crowns.halo, 0.6, 0.4),
        "hair_band": (bands.hair_band, 3, 0.6),
        "ribbon_band": (bands.ribbon_band, 1.6, 0.05),
        "maid": (bands.maid, 1.6, 0.02),
        "bandana": (bands.bandana, 0.6, 0.9),
        "sweatband": (bands.sweatband, 0.4, 1.2),
        "forehead_plate": (bands.forehead_plate, 0.2, 0.8),
        "goggles": (bands.goggles, 0.7, 1),
        "veil": (veils.veil, 0.9, 0.1),
        "wreath": (flowers.wreath, 1, 0.1),
        "headset": (headsets.headset, 2, 1.5),
        "earpiece": (headsets.one_ear, 0.5, 0.7),
        "glasses_up": (glasses.pushed_up, 0.7, 0.9),
        "fox_mask": (veils.fox_mask, 0.7, 0.6),
        "gadgets": (horns.gadgets, 0.8, 0.3),
        "cat_ears": (EARS["cat_ears"], 2.6, 0.7),
        "fox_ears": (EARS["fox_ears"], 1.2, 0.4),
        "wolf_ears": (EARS["wolf_ears"], 0.7, 0.6),
        "dog_ears": (EARS["dog_ears"], 0.8, 0.3),
        "rabbit_ears": (EARS["rabbit_ears"], 1.2, 0.15),
        "mouse_ears": (EARS["mouse_ears"], 0.5, 0.1),
        "bear_ears": (EARS["bear_ears"], 0.5, 0.15),
        "small_horns": (horns.HORNS["small_horns"], 0.8, 0.6),
        "oni_horns": (horns.HORNS["oni_horns"], 0.7, 0.8),
        "curled_horns": (horns.HORNS["curled_horns"], 0.8, 0.5),
        "dragon_horns": (horns.HORNS["dragon_horns"], 0.7, 0.7),
        "antlers": (horns.HORNS["antlers"], 0.4, 0.2),
        "antennae": (horns.HORNS["antennae"], 0.2, 0.1),
        "lone_horn": (horns.HORNS["lone_horn"], 0.3, 0.3),
    },
}
"""Place in the stack: kind: (function, weight for a soft character, weight for an angular one)."""

_USUAL = {
    "neck": "necklace",
    "chest": "necklace",
    "ears": "earwear",
    "face": "facewear",
    "hair": "headwear",
    "head": "headwear",
}
_LENSES = (
    *("round_glasses", "square_glasses", "oval_glasses", "cat_eye_glasses", "big_glasses", "half_rim", "rimless"),
    *("sunglasses", "monocle", "visor_screen", "glasses_up", "goggles"),
)
_PARTS = {
    **dict.fromkeys(_LENSES, "eyewear"),
    **dict.fromkeys(("headset", "earpiece"), "earwear"),
    "fox_mask": "facewear",
    **dict.fromkeys((*EARS, *horns.HORNS), "animal_ears"),
}


def part_of(place: str, kind: str) -> str:
    """The part of the taxonomy that an accessory is: its own, or the usual one of its place."""
    return _PARTS.get(kind, _USUAL[place])


BARE = {
    "neck": (0.72, 0.84),
    "chest": (0.82, 0.85),
    "ears": (0.74, 0.84),
    "face": (0.82, 0.82),
    "hair": (0.66, 0.92),
    "head": (0.62, 0.74),
}
"""Share of (soft, angular) characters that wear nothing at a place."""


def _axis(place: str) -> Axis:
    kinds = ACCESSORIES[place]
    soft = sum(v[1] for v in kinds.values()) / (1 - BARE[place][0])
    hard = sum(v[2] for v in kinds.values()) / (1 - BARE[place][1])
    axis_kinds = {"none": BARE[place], **{k: (v[1] / soft, v[2] / hard) for k, v in kinds.items()}}
    return Axis(f"worn {place}", f"accessories: {place}", axis_kinds)


PLACES = {place: _axis(place) for place in ACCESSORIES}
AXES = (*PLACES.values(), TIE)


def worn(who: Character, place: str) -> str:
    """What this character wears at a place of the stack, or "none"."""
    return who.mix.pick(who.rng("wears " + place), PLACES[place], lean=who.lean)


RISE = weights("""
    witch 1.3, top_hat 0.75, chef 0.75, rabbit_ears 1.3, antlers 1.1, crown 0.45, halo 0.4, beanie 0.45,
    nightcap 0.25, mini_hat 0.5, garrison 0.25, service_cap 0.3, bowler 0.2, lone_horn 0.9, cat_ears 0.5,
    fox_ears 0.75, wolf_ears 0.65, mouse_ears 0.6, bear_ears 0.4, oni_horns 0.6, dragon_horns 0.7,
    small_horns 0.3, curled_horns 0.3, antennae 0.7, gadgets 0.4, ribbon_band 0.4, maid 0.25, tiara 0.2,
    nurse 0.3
""")
"""Head units by which what is worn on the head usually rises above the hair, where that is much."""


def rise(who: Character) -> float:
    """Room that what this character wears takes above the hair, in head units: a crop may allow for it."""
    return max(RISE.get(worn(who, "head"), 0.0), 0.4 if worn(who, "hair") == "crown_bow" else 0.0)
