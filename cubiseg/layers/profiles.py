"""How layers are named, grouped and ordered for the program that takes them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from cubiseg import taxonomy
from cubiseg.layers.layer import Layer
from cubiseg.layers.order import is_segment

Names = Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """One way to name layers. The order is the taxonomy's in all of them, or that of segments by size.

    Attributes:
        name: name that users choose it by.
        about: one phrase for `--help` and documents.
        names: layer name by name of a class or part; ASCII. What has one name is one layer.
        sided: by part that has no name of its own, those of the character's left and right that its pieces belong to.
        folders: PSD groups around a layer, the outermost first, by name of a class or part. Live2D makes Parts of them.
        segments: PSD groups around segments without names.
        png_suffix: whether a PNG of a whole part is ``NAME_001.png`` instead of ``NAME.png``.
        separation: whether a second PSD is written, with the painting beneath as layers of its own and the input as a
            hidden reference layer.
        background: what becomes of the layer behind the figure where the user does not say.
    """

    name: str
    about: str
    names: Names
    sided: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    png_suffix: bool = True
    separation: bool = False
    background: Literal["keep", "hide"] = "keep"

    def title(self, name: str) -> str:
        """What a class or part is called; a segment without a name is so in every profile."""
        return name if is_segment(name) else self.names[name]

    def layer_name(self, layer: Layer) -> str:
        """Name in the PSD: with a number where a part is split into pieces."""
        name = self.title(layer.name)
        return f"{name}_{layer.piece:03}" if layer.piece else name

    def file_name(self, layer: Layer) -> str:
        """Name of the layer's PNG."""
        wanted = layer.piece or (self.png_suffix and not is_segment(layer.name))
        suffix = f"_{max(layer.piece, 1):03}" if wanted else ""
        return f"{self.title(layer.name).replace(' ', '_')}{suffix}.png"

    def groups(self, layers: Sequence[Layer]) -> list[tuple[str, ...]]:
        """PSD groups around each layer, the outermost first.

        Layers of a group follow each other. Where others lie between, and where a layer has a group's name, as happens
        where classes and parts lie side by side, the group's name takes a number: every name occurs once.

        Args:
            layers: layers from bottom to top.
        """
        return list(self._groups(layers))

    def _groups(self, layers: Sequence[Layer]) -> Iterator[tuple[str, ...]]:
        used = Counter(self.layer_name(layer) for layer in layers)
        wanted: tuple[str, ...] = ()
        given: tuple[str, ...] = ()
        for layer in layers:
            path = self.segments if is_segment(layer.name) else self.folders.get(layer.name, ())
            same = 0
            while same < min(len(path), len(wanted)) and path[same] == wanted[same]:
                same += 1
            wanted, given = path, given[:same]
            for name in path[same:]:
                used[name] += 1
                given = (*given, name if used[name] == 1 else f"{name} {used[name]}")
            yield given


# Class or part, from the bottom of the stack: name and groups in the profile cubism, name in the profile see-through.
#
# Groups are those of Live2D's own samples as far as the stack allows: hair behind the body cannot lie in one group with
# the fringe. See-through's version 3 marks sides by -l and -r. Its arm is one with the sleeve, its legs with what they
# wear; where it tells apart more than a class, the class goes by the name of what it most often is.
_TABLE: dict[str, tuple[str, tuple[str, ...], str]] = {
    "background": ("Background", ("Backdrop",), "background"),
    "wings": ("Wings", ("Behind",), "wings"),
    "tail": ("Tail", ("Behind",), "tail"),
    "hair_back": ("HairBack", ("Hair Back",), "back hair"),
    "skin": ("Skin", ("Body",), "neck"),
    "leg_right": ("LegR", ("Leg",), "legwear"),
    "leg_left": ("LegL", ("Leg",), "legwear"),
    "legwear": ("Legwear", ("Leg",), "legwear"),
    "footwear": ("Footwear", ("Leg",), "footwear"),
    "bottomwear": ("Bottomwear", ("Body",), "bottomwear"),
    "torso": ("Torso", ("Body",), "topwear"),
    "neck": ("NeckSkin", ("Body", "Neck"), "neck"),
    "clothes": ("Cloth", ("Clothes",), "topwear"),
    "topwear": ("Topwear", ("Body",), "topwear"),
    "necklace": ("Necklace", ("Body",), "neckwear"),
    "neckwear": ("Neckwear", ("Body",), "neckwear"),
    "arm_right": ("ArmR", ("Arm R",), "handwear-r"),
    "sleeve_right": ("SleeveR", ("Arm R",), "handwear-r"),
    "arm_left": ("ArmL", ("Arm L",), "handwear-l"),
    "sleeve_left": ("SleeveL", ("Arm L",), "handwear-l"),
    "handwear": ("Handwear", ("Hand",), ""),
    "ear_right": ("EarR", ("Ear",), "ears-r"),
    "ear_left": ("EarL", ("Ear",), "ears-l"),
    "face": ("FaceBase", ("Face",), "face"),
    "mouth_inside": ("MouthInside", ("Face", "Mouth"), "mouth"),
    "lips": ("Lips", ("Face", "Mouth"), "mouth"),
    "nose": ("Nose", ("Face",), "nose"),
    "mouth": ("Mouth", ("Face",), "mouth"),
    "eye_right": ("EyeR", ("Eyes", "Eye R"), "irides-r"),
    "eye_right_white": ("WhiteR", ("Eyes", "Eye R"), "eyewhite-r"),
    "eye_right_iris": ("IrisR", ("Eyes", "Eye R"), "irides-r"),
    "eye_right_lashes": ("LashR", ("Eyes", "Eye R"), "eyelash-r"),
    "eye_left": ("EyeL", ("Eyes", "Eye L"), "irides-l"),
    "eye_left_white": ("WhiteL", ("Eyes", "Eye L"), "eyewhite-l"),
    "eye_left_iris": ("IrisL", ("Eyes", "Eye L"), "irides-l"),
    "eye_left_lashes": ("LashL", ("Eyes", "Eye L"), "eyelash-l"),
    "eyebrow_right": ("BrowR", ("Eyebrows", "Eyebrow R"), "eyebrow-r"),
    "eyebrow_left": ("BrowL", ("Eyebrows", "Eyebrow L"), "eyebrow-l"),
    "hair": ("Hair", ("Hairs",), "front hair"),
    "hair_side_right": ("HairSideR", ("Hair",), "front hair"),
    "hair_side_left": ("HairSideL", ("Hair",), "front hair"),
    "hair_front": ("HairFront", ("Hair",), "front hair"),
    "accessories": ("Accessory", ("Accessories",), "headwear"),
    "earwear": ("Earwear", ("Accessory",), "earwear"),
    "eyewear": ("Eyewear", ("Accessory",), "eyewear"),
    "facewear": ("Facewear", ("Accessory",), "eyewear"),
    "animal_ears": ("AnimalEars", ("Accessory",), "headwear"),
    "headwear": ("Headwear", ("Accessory",), "headwear"),
    "held": ("Held", ("Accessory",), "objects"),
}
_EACH = {name: name for name in taxonomy.STACK_ORDER}

_ALL = (
    Profile(
        "cubiai",
        "hair, eyesL, … as CubiAI names its parts; hair_front, … where parts are told",
        {**_EACH, **{c.name: c.layer for c in taxonomy.CLASSES}},
    ),
    Profile(
        "cubism",
        "groups that become Live2D's Parts, and a second PSD for material separation",
        {name: cubism for name, (cubism, _, _) in _TABLE.items()},
        folders={name: folders for name, (_, folders, _) in _TABLE.items()},
        segments=("Segments",),
        png_suffix=False,
        separation=True,
        background="hide",
    ),
    Profile(
        "see-through",
        "front hair, irides-l, … as See-through names its layers",
        {name: see_through for name, (_, _, see_through) in _TABLE.items() if see_through},
        sided={"handwear": ("sleeve_left", "sleeve_right")},
        png_suffix=False,
        background="hide",
    ),
    Profile("flat", "hair, eye_left, hair_front, … as the taxonomy names its classes and parts", _EACH),
)
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
"""All profiles by name."""
