"""Colours of shadow and line on a character's skin."""

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character


def skin_shade(who: Character) -> col.Colour:
    """The shadow on this character's skin: warmer, redder."""
    return col.shade(who.skin, 0.22 + 0.4 * who.style.contrast, towards=0.97)


def skin_ink(who: Character) -> col.Colour:
    """The line colour of skin."""
    return col.ink(col.mix(who.skin, (0.55, 0.2, 0.15), 0.35), who.style.ink)
