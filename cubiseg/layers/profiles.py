"""How layers are named, grouped and ordered for the program that takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cubiseg import taxonomy
from cubiseg.layers.cut import Layer

Names = Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """One way to name layers. The order is the taxonomy's in all of them.

    Attributes:
        name: what users call it.
        about: one phrase for `--help` and documents.
        names: layer name by class name; ASCII, each once.
        folders: PSD groups around a layer, the outermost first, by class name. Live2D makes Parts of them.
        png_suffix: whether a PNG of a whole class is ``NAME_001.png`` instead of ``NAME.png``.
        separation: whether a second PSD is written, with the painting beneath as layers of its own and the input as a
            hidden reference layer.
    """

    name: str
    about: str
    names: Names
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    png_suffix: bool = True
    separation: bool = False

    def layer_name(self, layer: Layer) -> str:
        """Name in the PSD: with a number where a class is split into pieces."""
        name = self.names[layer.class_name]
        return f"{name}_{layer.piece:03}" if layer.piece else name

    def file_name(self, layer: Layer) -> str:
        """Name of the layer's PNG."""
        suffix = f"_{max(layer.piece, 1):03}" if self.png_suffix or layer.piece else ""
        return f"{self.names[layer.class_name].replace(' ', '_')}{suffix}.png"


def _see_through() -> Names:
    """Names of See-through's version 3, with its -l and -r for sides.

    It tells apart more than we do: an eye of ours (white, iris, lashes) goes by the name of its iris, bare skin by the
    neck's, an accessory by the headwear's, which it most often is.
    """
    return {
        "background": "background", "skin": "neck", "clothes": "topwear", "face": "face", "nose": "nose",
        "mouth": "mouth", "eye_right": "irides-r", "eye_left": "irides-l", "eyebrow_right": "eyebrow-r",
        "eyebrow_left": "eyebrow-l", "hair": "front hair", "accessories": "headwear",
    }  # fmt: skip


_CUBISM = {
    "background": "Background", "skin": "Skin", "clothes": "Cloth", "face": "FaceBase", "nose": "Nose",
    "mouth": "Mouth", "eye_right": "EyeR", "eye_left": "EyeL", "eyebrow_right": "BrowR", "eyebrow_left": "BrowL",
    "hair": "Hair", "accessories": "Accessory",
}  # fmt: skip
_CUBISM_FOLDERS = {
    "background": ("Backdrop",), "skin": ("Body",), "clothes": ("Clothes",), "face": ("Face",), "nose": ("Face",),
    "mouth": ("Face",), "eye_right": ("Eyes", "Eye R"), "eye_left": ("Eyes", "Eye L"),
    "eyebrow_right": ("Eyebrows", "Eyebrow R"), "eyebrow_left": ("Eyebrows", "Eyebrow L"), "hair": ("Hairs",),
    "accessories": ("Accessories",),
}  # fmt: skip

_ALL = (
    Profile("cubiai", "hair, eyesL, … as CubiAI names its parts", {c.name: c.layer for c in taxonomy.CLASSES}),
    Profile(
        "cubism", "groups that become Live2D's Parts, and a second PSD for material separation",
        _CUBISM, _CUBISM_FOLDERS, png_suffix=False, separation=True,
    ),
    Profile("see-through", "front hair, irides-l, … as See-through names its layers", _see_through(), png_suffix=False),
    Profile("flat", "hair, eye_left, … as the taxonomy names its classes", {c.name: c.name for c in taxonomy.CLASSES}),
)  # fmt: skip
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
"""All profiles by name."""
