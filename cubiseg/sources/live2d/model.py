"""A model with all that it needs to be drawn in any pose."""

from dataclasses import dataclass
from pathlib import Path

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.sources.live2d.cubism2 import Cubism2
from cubiseg.sources.live2d.cubism3 import Cubism3
from cubiseg.sources.live2d.drawing import DrawnMesh, Textures, Window, draw, extent
from cubiseg.sources.live2d.files import ModelFiles, read_settings
from cubiseg.sources.live2d.poses import RigPose, neutral
from cubiseg.sources.live2d.rig import Drawable, Rig
from cubiseg.sources.live2d.roles import Roles, assign, cast, stacked
from cubiseg.sources.part_table import PartTable
from cubiseg.sources.views import View

NEUTRAL_SIDE = 640
"""Pixels a side of the picture by which the drawables are told apart."""


@dataclass(frozen=True)
class Live2dModel:
    """A model, ready to be posed and drawn.

    Attributes:
        files: what it is made of.
        rig: what moves it.
        textures: what its drawables are filled with.
        roles: what its drawables are.
    """

    files: ModelFiles
    rig: Rig
    textures: Textures
    roles: Roles

    def posed(self, pose: RigPose) -> tuple[list[Drawable], list[int]]:
        """Its drawables in a pose, and those that show, bottom to top."""
        return self.rig.posed(pose.values, pose.opacities)

    def extent(self, pose: RigPose) -> Box:
        """What all of it covers in a pose, in px of the canvas, without what is left out.

        Raises:
            CubisegError: nothing shows.
        """
        shown = cast(*self.posed(pose), self.roles)
        return _extent(shown.drawables, shown.order)

    def view(self, pose: RigPose, window: Window) -> View:
        """A picture of a pose, with its layers and label map."""
        shown = cast(*self.posed(pose), self.roles)
        rgba, drawn = draw(shown.drawables, shown.order, self.textures, window)
        stack = stacked(shown, drawn, window.size)
        return View(rgba, stack, stack.label())


def read_model(settings: Path, root: Path, table: PartTable) -> Live2dModel:
    """Read a model and tell what its drawables are.

    Args:
        settings: its ``*.model3.json`` or ``*.model.json``.
        root: the source's folder.
        table: what the user says of its drawables.

    Raises:
        CubisegError: it cannot be read, shows nothing, or live2d-py is not there.
    """
    files = read_settings(settings, root)
    try:
        rig: Rig = (Cubism2 if files.version == 2 else Cubism3)(files.content(), files.names)
    except CubisegError as error:
        own = str(error).startswith(("live2d: ", str(files.model)))
        raise error if own else CubisegError(f"{files.model}: {error}") from None
    textures = Textures(files.pictures())
    drawables, drawn, window = neutral_picture(rig, textures, files)
    return Live2dModel(files, rig, textures, assign(drawables, drawn, window, table))


def neutral_picture(
    rig: Rig, textures: Textures, files: ModelFiles, side: int = NEUTRAL_SIDE
) -> tuple[list[Drawable], list[DrawnMesh], Window]:
    """All drawables of the neutral pose, those that are seen in a picture of all of it, and what it shows.

    Raises:
        CubisegError: nothing shows.
    """
    pose = neutral(files.poses)
    drawables, order = rig.posed(pose.values, pose.opacities)
    window = Window(around(_extent(drawables, order)), (side, side))
    _, drawn = draw(drawables, order, textures, window)
    return drawables, drawn, window


def around(box: Box) -> Box:
    """The square about a box."""
    return Box.square(*box.middle, box.longest)


def _extent(drawables: list[Drawable], order: list[int]) -> Box:
    box = extent(drawables, order)
    if box is None:
        raise CubisegError("shows nothing in its neutral pose; export it again")
    return box
