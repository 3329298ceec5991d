"""How layers are named, grouped and ordered for the program that takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cubiseg import taxonomy
from cubiseg.layers.layer import Layer

Names = Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """One way to name layers. The order is the taxonomy's in all of them.

    Attributes:
        name: name that users choose it by.
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


# Class: name and groups in the profile cubism, name in the profile see-through.
#
# See-through's version 3 tells apart more than we do, and marks sides by -l and -r: an eye of ours (white, iris,
# lashes) goes by the name of its iris, bare skin by the neck's, an accessory by the headwear's, which it most often is.
_TABLE: dict[str, tuple[str, tuple[str, ...], str]] = {
    "background": ("Background", ("Backdrop",), "background"),
    "skin": ("Skin", ("Body",), "neck"),
    "clothes": ("Cloth", ("Clothes",), "topwear"),
    "face": ("FaceBase", ("Face",), "face"),
    "nose": ("Nose", ("Face",), "nose"),
    "mouth": ("Mouth", ("Face",), "mouth"),
    "eye_right": ("EyeR", ("Eyes", "Eye R"), "irides-r"),
    "eye_left": ("EyeL", ("Eyes", "Eye L"), "irides-l"),
    "eyebrow_right": ("BrowR", ("Eyebrows", "Eyebrow R"), "eyebrow-r"),
    "eyebrow_left": ("BrowL", ("Eyebrows", "Eyebrow L"), "eyebrow-l"),
    "hair": ("Hair", ("Hairs",), "front hair"),
    "accessories": ("Accessory", ("Accessories",), "headwear"),
}

_ALL = (
    Profile("cubiai", "hair, eyesL, … as CubiAI names its parts", {c.name: c.layer for c in taxonomy.CLASSES}),
    Profile(
        "cubism",
        "groups that become Live2D's Parts, and a second PSD for material separation",
        {name: cubism for name, (cubism, _, _) in _TABLE.items()},
        {name: folders for name, (_, folders, _) in _TABLE.items()},
        png_suffix=False,
        separation=True,
    ),
    Profile(
        "see-through",
        "front hair, irides-l, … as See-through names its layers",
        {name: see_through for name, (_, _, see_through) in _TABLE.items()},
        png_suffix=False,
    ),
    Profile("flat", "hair, eye_left, … as the taxonomy names its classes", {c.name: c.name for c in taxonomy.CLASSES}),
)
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
"""All profiles by name."""
