"""Numbered sheets of a model's drawables, for a person to name those whose names do not tell.

The left shows the model and what its drawables are taken for; the rest shows drawable by drawable, numbered, in the
colour of what it is taken for. A draft of ``parts.yaml`` lists them with what their colours suggest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cubiseg import taxonomy
from cubiseg.label_maps import colourise
from cubiseg.sources.live2d.drawing import DrawnMesh, Window, draw
from cubiseg.sources.live2d.model import NEUTRAL_SIDE, Live2dModel, neutral_picture
from cubiseg.sources.live2d.rig import Drawable
from cubiseg.sources.live2d.roles import tone
from cubiseg.sources.stack import UNKNOWN, resized

CELL, COLUMNS = 150, 8
"""Pixels a side of a drawable's picture, and how many stand in a row."""
SKIN = 12.0
"""CIE76 distance in Lab from the face's colour under which a draft suggests skin."""
_PAPER, _INK, _FAINT = (250, 250, 248), (20, 20, 20), (228, 228, 226)


@dataclass(frozen=True)
class Listed:
    """A drawable on a sheet.

    Attributes:
        number: on the sheet, from 1.
        path: names of its parts, then its own.
        rgba: (h, w, 4) uint8, what is seen of it, alone.
        taken_for: class or part that it is taken for, or what else is known; "" where nobody told.
        suggestion: what its colour suggests; "" for nothing.
    """

    number: int
    path: tuple[str, ...]
    rgba: np.ndarray
    taken_for: str
    suggestion: str


def entries(model: Live2dModel, everything: bool = False) -> list[Listed]:
    """The drawables of a model that a person should name, or all.

    Args:
        model: the model.
        everything: whether those that are told already are listed too.
    """
    drawables, _, window = neutral_picture(model.rig, model.textures, model.files)
    drawn = _alone(drawables, model, window)
    faces = [d for d in drawn if _taken_for(drawables[d.number], model) == "face"]
    face = max(faces, key=lambda d: np.count_nonzero(d.rgba[..., 3])).rgba if faces else None
    skin = None if face is None else tone(face)
    listed: list[Listed] = []
    for d in drawn:
        path, taken_for = drawables[d.number].path, _taken_for(drawables[d.number], model)
        if everything or not taken_for:
            listed.append(Listed(len(listed) + 1, path, d.rgba, taken_for, "" if taken_for else _suggestion(d, skin)))
    return listed


def _alone(drawables: Sequence[Drawable], model: Live2dModel, window: Window) -> list[DrawnMesh]:
    """Each drawable as it would be seen alone and opaque, bottom to top as far as they have an order."""
    from dataclasses import replace

    opaque = [replace(drawable, opacity=1.0) for drawable in drawables]
    wanted = [n for n, drawable in enumerate(opaque) if drawable.path in model.roles.by_id]
    return draw(opaque, wanted, model.textures, window)[1]


def _taken_for(drawable: Drawable, model: Live2dModel) -> str:
    if drawable.path in model.roles.open:
        return ""
    numbers = [role.number for role in model.roles.by_id.get(drawable.path, ())]
    if not numbers:
        return "left out"
    names = ["beneath" if n is None else "ignored" if n == UNKNOWN else taxonomy.PART_NAME[n] for n in numbers]
    return " + ".join(names)


def _suggestion(d: DrawnMesh, skin: np.ndarray | None) -> str:
    own = tone(d.rgba)
    if own is None or skin is None:
        return ""
    return "skin" if float(np.linalg.norm(own - skin)) < SKIN else "clothes"


def picture(model: Live2dModel, listed: Sequence[Listed]) -> Image.Image:
    """The sheet: the model with its label map, then the drawables in rows."""
    _, _, window = neutral_picture(model.rig, model.textures, model.files)
    from cubiseg.sources.live2d.poses import neutral

    view = model.view(neutral(model.files.poses), window)
    rows = -(-len(listed) // COLUMNS)
    height = max(2 * NEUTRAL_SIDE, rows * (CELL + 34)) + 8
    sheet = Image.new("RGB", (NEUTRAL_SIDE + COLUMNS * (CELL + 8) + 24, height), _PAPER)
    sheet.paste(Image.fromarray(_over(view.rgba)), (0, 0))
    sheet.paste(Image.fromarray(colourise(view.label)), (0, NEUTRAL_SIDE))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, entry in enumerate(listed):
        x = NEUTRAL_SIDE + 16 + place % COLUMNS * (CELL + 8)
        y = 8 + place // COLUMNS * (CELL + 34)
        pen.rectangle((x, y, x + CELL, y + CELL), fill=_FAINT, outline=_colour(entry), width=3)
        tile = _tile(entry.rgba)
        sheet.paste(
            Image.fromarray(_over(tile, _FAINT)), (x + (CELL - tile.shape[1]) // 2, y + (CELL - tile.shape[0]) // 2)
        )
        pen.text((x + 5, y + 4), str(entry.number), fill=_INK, font=font, stroke_width=2, stroke_fill=_PAPER)
        pen.text((x, y + CELL + 2), entry.path[-1][:24], fill=_INK, font=font)
        pen.text((x, y + CELL + 15), (entry.taken_for or "?")[:26], fill=_INK, font=font)
    return sheet


def _tile(rgba: np.ndarray) -> np.ndarray:
    scale = min((CELL - 10) / max(rgba.shape[:2]), 3.0)
    size = max(1, round(rgba.shape[0] * scale)), max(1, round(rgba.shape[1] * scale))
    return resized(rgba, size, cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _over(rgba: np.ndarray, colour: tuple[int, int, int] = _PAPER) -> np.ndarray:
    alpha = rgba[..., 3:] * np.float32(1 / 255)
    return np.rint(rgba[..., :3] * alpha + np.array(colour, np.float32) * (1 - alpha)).astype(np.uint8)


def _colour(entry: Listed) -> tuple[int, int, int]:
    name = entry.taken_for.split(" ")[0]
    number = taxonomy.PART_ID.get(name, UNKNOWN)
    red, green, blue = taxonomy.COLOURS[number].tolist()
    return red, green, blue


def draft(listed: Sequence[Listed], sheet: str) -> str:
    """A ``parts.yaml`` to go on with: a line for each drawable, of which those that nobody told are comments.

    Args:
        listed: drawables of the sheet.
        sheet: name of its picture.
    """
    lines = [
        f"# What {sheet} shows by number. Take the mark off a line and correct what it says: a class or part, beneath,",
        "# ignore or leave_out (docs/data.md). What is said after the second mark comes from colours alone.",
        "parts:",
    ]
    for entry in listed:
        told = entry.taken_for.split(" ")[0] or entry.suggestion or "ignore"
        why = "" if entry.taken_for else ", by its colour" if entry.suggestion else ""
        lines.append(f'  # "{entry.path[-1]}": {told}  # {entry.number}, in {"/".join(entry.path[:-1])}{why}')
    return "\n".join(lines) + "\n"
