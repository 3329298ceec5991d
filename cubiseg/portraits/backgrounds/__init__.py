"""Kinds of background: one function each, of a ``Stage``, and one line in ``BACKGROUNDS``."""

from collections.abc import Callable

from cubiseg.portraits.backgrounds import abstract, city, indoors, nature, patterns, plain, weather
from cubiseg.portraits.backgrounds.stage import Image, Stage

BACKGROUNDS: dict[str, tuple[Callable[[Stage], Image], float, str]] = {
    "white": (plain.white, 6, "flat"), "off-white": (plain.off_white, 3, "flat"), "black": (plain.black, 1.5, "flat"),
    "checkerboard": (plain.checkerboard, 0.6, "flat"), "plain": (plain.plain, 5, "flat"),
    "gradient": (plain.gradient, 9, "flat"), "radial": (plain.radial, 3, "flat"),
    "stripes": (patterns.stripes, 1.5, "drawn"), "checks": (patterns.checks, 1.2, "drawn"),
    "diamonds": (patterns.diamonds, 0.8, "drawn"), "dots": (patterns.dots, 1.5, "drawn"),
    "rays": (patterns.rays, 0.9, "drawn"), "speed lines": (patterns.speed_lines, 1.0, "drawn"),
    "scatter": (patterns.scatter, 2.5, "drawn"), "halftone": (patterns.halftone, 1.5, "drawn"),
    "lights": (abstract.lights, 3, "drawn"), "brush": (abstract.brush, 1.5, "drawn"),
    "curves": (abstract.curves, 2, "drawn"), "folds": (abstract.folds, 1.5, "drawn"),
    "blobs": (abstract.blobs, 1.5, "drawn"), "circle": (abstract.circle, 1.5, "drawn"),
    "frame": (abstract.frame, 1.2, "drawn"), "panel": (abstract.panel, 0.8, "drawn"),
    "photo": (abstract.photo, 5, "place"),
    "sky": (nature.sky, 4, "place"), "sea": (nature.sea, 2.5, "place"), "lake": (nature.lake, 4, "place"),
    "hills": (nature.hills, 2, "place"), "park": (nature.park, 5, "place"), "foliage": (nature.foliage, 3, "place"),
    "ground": (nature.ground, 1, "place"), "wood": (nature.blurred_wood, 2, "place"),
    "skyline": (city.skyline, 2, "place"), "night city": (city.night_city, 1.2, "place"),
    "street": (city.street, 3, "place"), "facade": (city.facade, 2.5, "place"), "bricks": (city.bricks, 1.2, "place"),
    "hall": (indoors.hall, 4, "place"), "room": (indoors.room, 3.5, "place"), "wall": (indoors.wall, 1.5, "place"),
    "curtain": (indoors.curtain, 1, "place"),
    "stars": (weather.stars, 1.2, "drawn"), "snow": (weather.snow, 1, "drawn"),
    "petals": (weather.petals, 1.5, "drawn"),
    "fire": (weather.fire, 0.8, "drawn"), "glow": (weather.glow, 1.2, "drawn"),
}  # fmt: skip
"""By name: the painter, its weight, and whether flat, drawn or a place: a camera may be out of focus on places."""
