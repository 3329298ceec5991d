"""Checking a PSD against what Live2D Cubism imports.

Rules from Live2D's manual, "Precautions for material separation", "Import PSD" and "Blend mode" (docs.live2d.com).
Codes are stable: a code keeps its meaning, and one that is dropped is not used again. PSDs are untrusted: whatever the
bytes are, the result is a list of findings.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cubiseg.layers.dust import least_area
from cubiseg.layers.stray import Stray, stray
from cubiseg.psd_files.importers import IMPORTERS, Importer
from cubiseg.psd_files.names import plain_fault
from cubiseg.psd_files.reading import NotAPsd, check_layer, check_merged, opened, psd_bytes, quiet
from cubiseg.psd_files.traits import alpha_of, draws_effects, is_clipped, is_empty, kind_of, name_of

if TYPE_CHECKING:
    from psd_tools import PSDImage
    from psd_tools.api.layers import Layer

MAX_NESTING = 4
MAX_LAYERS = 100
SRGB_LEVELS = 4
"""How far, of 255, colours by a profile may be from sRGB's: profiles made small are rounded."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class LintRule:
    """What a code means: an error stops or spoils the import, a warning makes work later."""

    severity: Severity
    what: str
    remedy: str


RULES: dict[str, LintRule] = {
    "L000": LintRule("error", "unreadable or damaged", "save it again as PSD"),
    "L001": LintRule("error", "colour mode is not RGB", "convert the document to RGB"),
    "L002": LintRule("error", "not 8 bits a channel", "convert the document to 8 bits a channel"),
    "L003": LintRule("error", "name occurs more than once", "give each layer a name of its own"),
    "L004": LintRule(
        "warning",
        "name is empty, not plain ASCII, or no name for a file",
        "rename it in letters, digits, space, - and _",
    ),
    "L005": LintRule("error", "blend mode is not imported", "set it to Normal and paint the effect in"),
    "L006": LintRule("error", "has a mask", "apply the mask"),
    "L007": LintRule("error", "is clipped to the layer below", "merge it with that layer"),
    "L008": LintRule("error", "has layer effects", "rasterise the layer style"),
    "L009": LintRule("error", "is not a pixel layer", "rasterise it, or merge it down"),
    "L010": LintRule("error", f"lies more than {MAX_NESTING} groups deep", "move it up"),
    "L011": LintRule("warning", "holds no pixels", "delete it"),
    "L012": LintRule("warning", "colour profile is not sRGB", "convert the document to sRGB and embed the profile"),
    "L013": LintRule("warning", "Fill is below 100 %, which is not imported", "use Opacity instead"),
    "L014": LintRule("error", "is a large document (PSB)", "save it as PSD, at most 30000 pixels a side"),
    "L015": LintRule("warning", f"more than {MAX_LAYERS} layers; the free editor allows 100 ArtMeshes", "merge some"),
    "L016": LintRule("error", "holds no layers", "save it with its layers"),
    "L017": LintRule(
        "warning", "blend mode needs Cubism 5.3", "rig it there, or set it to Normal and paint the effect in"
    ),
    "L018": LintRule("warning", "holds dust", "erase it, or let `cubiseg lint --fix --remove-dust` do it"),
    "L019": LintRule("warning", "canvas has an odd width, so its middle lies within pixels", "make it a pixel wider"),
    "L020": LintRule("warning", "hides all that lies below it", "move it to the bottom, hide it, or erase its ground"),
    "L021": LintRule("warning", "name tells the program no part", "rename it, or choose its part there by hand"),
}

CUBISM_5_3 = (
    *("DARKEN", "COLOR_BURN", "LINEAR_BURN", "LIGHTEN", "SCREEN", "COLOR_DODGE", "LINEAR_DODGE"),
    *("OVERLAY", "SOFT_LIGHT", "HARD_LIGHT", "LINEAR_LIGHT", "HUE", "COLOR"),
)
"""Photoshop's blend modes that Cubism has as colour blends of ArtMeshes since 5.3: its manual, "Blend mode" of
2025-08-26, and ``csmColorBlendType`` of its SDK. Others become Normal. Before, there were Normal, Add and Multiply."""
MOST_PIXELS = 1 << 25
"""Pixels of a layer up to which dust is looked for."""


@dataclass(frozen=True)
class Finding:
    """One finding: ``layer`` is the path of names from the top, or "" for the document."""

    code: str
    severity: Severity
    layer: str
    message: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def lint(path: Path, importers: Sequence[str] = ()) -> list[Finding]:
    """Check one PSD file.

    Args:
        path: the file.
        importers: programs that are to know the layers by name, of :data:`cubiseg.psd_files.importers.IMPORTERS`.

    Returns:
        Findings, the document's first, then by layer from bottom to top. A path that leads to no PSD is a finding.
    """
    try:
        return lint_bytes(psd_bytes(path), importers)
    except NotAPsd as error:
        return [Finding("L000", "error", "", error.what, error.remedy)]


def lint_bytes(content: bytes, importers: Sequence[str] = ()) -> list[Finding]:
    """Check the content of a PSD file; see :func:`lint`."""
    with quiet():
        try:
            psd = opened(content)
            layers = list(_walk(psd))
        except Exception:  # a parser fed arbitrary bytes raises anything
            return [_finding("L000", "", "its parts do not fit together, or its end is missing")]
        findings = list(_guarded("", partial(_document, psd)))
        leaves = [layer for layer, _, _ in layers if not layer.is_group()]
        names = [_name(layer) for layer in leaves]
        counts, alike = Counter(names), Counter(name.lower() for name in set(names))
        programs = [IMPORTERS[name] for name in importers]
        below = False
        for layer, path, depth in layers:
            findings += _guarded(path, partial(_layer, layer, path, depth, counts, alike))
            findings += _guarded(path, partial(_pixels, psd, layer, path, below))
            findings += _guarded(path, partial(_unknown, layer, path, programs))
            below |= _is_shown(layer)
        return findings


def _plain(text: str) -> str:
    """Control characters escaped, so that a hostile name stays on its line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _finding(code: str, layer: str, detail: str = "") -> Finding:
    rule = RULES[code]
    return Finding(code, rule.severity, layer, f"{rule.what} ({detail})" if detail else rule.what, rule.remedy)


def _guarded(path: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Findings of a check; what it chokes on is a finding too."""
    try:
        yield from check()
    except Exception:  # lazily parsed parts of the file raise anything
        yield _finding("L000", path, "a part of it cannot be read")


def _name(layer: "Layer") -> str:
    try:
        return name_of(layer)
    except Exception:
        return ""


def _walk(psd: "PSDImage") -> "Iterator[tuple[Layer, str, int]]":
    """Each layer and group with its path and the number of groups around it; no recursion, groups may lie deep."""
    todo: list[tuple[Any, str, int]] = [(layer, "", 0) for layer in reversed(list(psd))]
    while todo:
        layer, above, depth = todo.pop()
        path = f"{above}/{_plain(_name(layer))}" if above else _plain(_name(layer))
        yield layer, path, depth
        if layer.is_group():
            todo += [(child, path, depth + 1) for child in reversed(list(layer))]


def _document(psd: "PSDImage") -> Iterator[Finding]:
    from psd_tools.constants import ColorMode, Resource

    if psd.version != 1:
        yield _finding("L014", "")
    if psd.color_mode != ColorMode.RGB:
        yield _finding("L001", "", ColorMode(psd.color_mode).name)
    if psd.depth != 8:
        yield _finding("L002", "", f"{psd.depth}")
    profile = psd.image_resources.get_data(Resource.ICC_PROFILE)
    if not profile:
        yield _finding("L012", "", "none is embedded")
    elif other := _profile_fault(profile):
        yield _finding("L012", "", other)
    try:
        check_merged(psd)
    except ValueError:
        yield _finding("L000", "", "the merged picture at its end is cut short or damaged")
    if psd.width % 2:
        yield _finding("L019", "", f"{psd.width} px")
    count = sum(not layer.is_group() for layer in psd.descendants())
    if count == 0:
        yield _finding("L016", "")
    if count > MAX_LAYERS:
        yield _finding("L015", "", f"{count}")


def _profile_fault(profile: bytes) -> str:
    """What a profile is instead of sRGB, "" if it is that: by the colours it gives, for names lie."""
    from PIL import Image, ImageCms

    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(found).strip()
        if found.profile.xcolor_space.strip() != "RGB":
            return _plain(name)[:60] or "it is of another colour mode"
        ramp = np.linspace(0, 255, 9).round().astype(np.uint8)
        colours = np.stack(np.meshgrid(ramp, ramp, ramp, indexing="ij"), axis=-1).reshape(27, 27, 3)
        seen = ImageCms.profileToProfile(Image.fromarray(colours), found, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return "it is damaged"
    off = np.abs(np.asarray(seen).astype(int) - colours).max()
    return "" if off <= SRGB_LEVELS else f"{_plain(name)[:60] or 'without a name'}, up to {off} levels off"


def _layer(layer: "Layer", path: str, depth: int, names: Counter[str], alike: Counter[str]) -> Iterator[Finding]:
    from psd_tools.constants import BlendMode

    name = _name(layer)
    if fault := plain_fault(name):
        yield _finding("L004", path, fault)
    normal = [BlendMode.NORMAL, BlendMode.MULTIPLY]
    damaged = _is_damaged(layer)
    if damaged:
        yield _finding("L000", path, "its pixels cannot be read")
    if layer.is_group():
        normal.append(BlendMode.PASS_THROUGH)
        if depth >= MAX_NESTING:
            yield _finding("L010", path)
    else:
        if names[name] > 1:
            yield _finding("L003", path)
        elif alike[name.lower()] > 1 and not fault:
            yield _finding("L004", path, "another differs by case alone")
        if (kind := kind_of(layer)) != "pixel":
            yield _finding("L009", path, kind)
        elif not damaged and is_empty(layer):
            yield _finding("L011", path)
    if layer.blend_mode not in normal:
        mode = BlendMode(layer.blend_mode).name
        later = not layer.is_group() and mode in CUBISM_5_3
        yield _finding("L017" if later else "L005", path, mode.lower().replace("_", " "))
    if layer.has_mask() or (layer.has_vector_mask() and layer.kind != "shape"):
        yield _finding("L006", path)
    if is_clipped(layer):
        yield _finding("L007", path)
    if draws_effects(layer):
        yield _finding("L008", path)
    if layer.fill_opacity < 255:
        yield _finding("L013", path, f"{layer.fill_opacity / 2.55:.0f} %")


def _unknown(layer: "Layer", path: str, programs: Sequence[Importer]) -> Iterator[Finding]:
    """What programs that go by names do not know; they look at layers, not at groups."""
    for program in () if layer.is_group() else programs:
        if (program.takes_hidden or layer.is_visible()) and not program.part_of(_name(layer)):
            yield _finding("L021", path, program.title)


def _is_shown(layer: "Layer") -> bool:
    """Whether something of a layer may be seen; False of what cannot be read."""
    try:
        return not layer.is_group() and layer.is_visible() and layer.width > 0 and layer.height > 0
    except Exception:  # a parser fed arbitrary bytes raises anything
        return False


def _pixels(psd: "PSDImage", layer: "Layer", path: str, below: bool) -> Iterator[Finding]:
    """What a layer's pixels tell, where they can be read and are not too many; ``below``: whether a lower one shows."""
    area = max(0, layer.width) * max(0, layer.height)
    if layer.is_group() or kind_of(layer) != "pixel" or psd.depth != 8 or not 0 < area <= MOST_PIXELS:
        return
    if _is_damaged(layer):
        return
    if found := str(stray_of(layer)[1]):
        yield _finding("L018", path, found)
    if below and _hides_all(psd, layer):
        yield _finding("L020", path)


def stray_of(layer: "Layer") -> tuple[np.ndarray, Stray]:
    """Dust of a pixel layer with 8 bits a channel: (h, w) bool, where it is, and its counts."""
    size = layer._psd.height, layer._psd.width
    return stray(alpha_of(layer), least_area(size))


def _hides_all(psd: "PSDImage", layer: "Layer") -> bool:
    """Whether a layer is opaque over the whole canvas, and shown."""
    from psd_tools.constants import BlendMode

    if not (layer.is_visible() and layer.blend_mode == BlendMode.NORMAL):
        return False
    around: Any = layer
    while around is not None and around.parent is not None:  # the layer, then the groups around it
        if around.blend_mode not in (BlendMode.NORMAL, BlendMode.PASS_THROUGH) or around.opacity < 255:
            return False
        if around.has_mask() or around.has_vector_mask() or is_clipped(around) or around.fill_opacity < 255:
            return False
        around = around.parent
    if layer.left > 0 or layer.top > 0 or layer.right < psd.width or layer.bottom < psd.height:
        return False
    over = alpha_of(layer)[-layer.top : psd.height - layer.top, -layer.left : psd.width - layer.left]
    return bool((over == 255).all())


def _is_damaged(layer: "Layer") -> bool:
    try:
        check_layer(layer)
    except Exception:  # whatever it is, the pixels are not all there
        return True
    return False
