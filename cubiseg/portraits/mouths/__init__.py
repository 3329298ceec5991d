"""Mouths: a kind is one function and one line in ``MOUTHS``."""

from collections.abc import Callable

from cubiseg.portraits.character import Character
from cubiseg.portraits.head import Head
from cubiseg.portraits.mouths import closed, opened
from cubiseg.portraits.mouths.base import Mouth, mouth_of
from cubiseg.portraits.paint import Board
from cubiseg.portraits.scene import Scene

__all__ = ["MOUTHS", "paint_mouth"]

MOUTHS: dict[str, Callable[[Mouth], None]] = {
    "line": closed.line,
    "dash": closed.dash,
    "smirk": closed.smirk,
    "wave": closed.wave,
    "cat": closed.cat,
    "pout": closed.pout,
    "bite": closed.bite,
    "fang": closed.fang,
    "tongue out": closed.tongue_out,
    "ajar": opened.ajar,
    "open": opened.opened,
    "laugh": opened.laugh,
    "round": opened.rounded,
    "triangle": opened.triangle,
    "square": opened.square,
    "shout": opened.shout,
    "grin": opened.grin,
    "clenched": opened.clenched,
}


def paint_mouth(board: Board, who: Character, head: Head, scene: Scene) -> None:
    """Lips, teeth, tongue or a line."""
    MOUTHS[scene.expression.mouth](mouth_of(board, who, head, scene))
