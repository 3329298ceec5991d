"""What painting a mouth needs: a place on the face, colours, lines."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.expressions import Expression
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.scene import Scene
from cubiseg.portraits.skin import skin_ink

T = np.linspace(-1, 1, 33)
"""Along a mouth, from the picture's left corner to the right."""


@dataclass(frozen=True)
class Mouth:
    """One mouth in one picture. Coordinates: head units from the mouth's middle, y down.

    Attributes:
        width: half the width of a closed mouth.
        ink: colour of its lines.
        line: width of the ink in px; 0 for a mouth without lines.
        inside: colour of an open mouth.
    """

    board: Board
    who: Character
    head: Head
    scene: Scene
    v: float
    width: float
    ink: col.Colour
    line: float
    inside: col.Colour

    @property
    def face(self) -> Expression:
        """The expression."""
        return self.scene.expression

    @property
    def chance(self) -> Rng:
        """A stream that always starts anew: the picture's choices about its mouth."""
        return self.scene.rng("mouth")

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Mouth coordinates to px."""
        y = np.asarray(y, float) - 0.05 * self.face.skew * np.asarray(x) / 0.25
        return self.head.on_face(np.column_stack([x, self.v + y]), 0.02)

    def stroke(
        self,
        x: np.ndarray,
        y: np.ndarray,
        width: float = 1.0,
        *,
        start: float = 0.3,
        end: float = 0.3,
        belly: float = 0.5,
        alpha: float = 1.0,
    ) -> None:
        """A tapered ink line; even a mouth without lines shows where its lips meet."""
        px = max(self.line, 0.012 * self.head.scale) * width
        self.board.ink(self.at(x, y), self.ink, px, alpha, start=start, end=end, belly=belly)

    @property
    def room(self) -> float:
        """How far a mouth may open down to the chin."""
        return 0.72 * (self.who.face.chin - self.v)

    def close(self, outline: np.ndarray, width: float = 1.0) -> None:
        """The line around an open mouth."""
        if self.line:
            self.board.stroke(path(outline), self.ink, self.line * width)


def mouth_of(board: Board, who: Character, head: Head, scene: Scene) -> Mouth:
    """The mouth of a character in a picture."""
    rng, m = who.rng("mouth inside"), who.manner
    scale = head.scale
    ink = col.mix(skin_ink(who), (0.4, 0.08, 0.08), 0.35)
    depth = rng.random()
    inside = col.hsv(0.985, uniform_of(rng, 0.45, 0.75), uniform_of(rng, 0.3, 0.62))
    if depth < 0.35:  # flat and light, as many a drawing has it
        inside = col.mix(who.skin, (0.9, 0.3, 0.3), uniform_of(rng, 0.5, 0.85))
    elif depth > 0.88:
        inside = (0.24, 0.07, 0.1)
    line = max(who.style.line, 0.011) * scale
    if m.lips == "lineless":
        ink, line = col.mix(col.shade(who.skin, 0.5, towards=0.97), (0.8, 0.25, 0.28), 0.5), 0.0
    width = who.face.mouth_width * (0.9 + 0.2 * scene.rng("mouth size").random())
    return Mouth(board, who, head, scene, who.face.mouth * who.face.chin, width, ink, line, inside)


def uniform_of(rng: Rng, low: float, high: float) -> float:
    """A float from [low, high)."""
    return float(rng.uniform(low, high))
