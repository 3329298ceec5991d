"""``cubiseg lint --fix``: mending what can be mended without touching a pixel.

Names, duplicates, nesting, masks that mask nothing, empty layers, a missing colour profile, Fill. What would change the
picture (blend modes, real masks, effects, clipping, another colour space) is left to its author and stays a finding.
"""

import io
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cubiseg.errors import CubisegError, brief
from cubiseg.files import atomic_write
from cubiseg.layers.lint import MAX_BYTES, MAX_NESTING, Finding, is_empty, lint_bytes, silent
from cubiseg.layers.psd import srgb_profile

if TYPE_CHECKING:
    from psd_tools import PSDImage
    from psd_tools.api.layers import Layer

_WORD_PAIRS = """
    前髪:front_hair 後ろ髪:back_hair 後髪:back_hair 横髪:side_hair 髪:hair 顔:face 輪郭:face_line 目:eye 眼:eye
    白目:eye_white 瞳:iris 睫毛:eyelash まつげ:eyelash 眉:eyebrow 眉毛:eyebrow 鼻:nose 口:mouth 耳:ear 首:neck
    体:body 胴体:body 腕:arm 手:hand 脚:leg 足:foot 服:clothes 背景:background 影:shadow 右:R 左:L
    レイヤー:layer フォルダー:folder
"""
_WORDS = dict(pair.split(":") for pair in _WORD_PAIRS.split())
"""Japanese words that name parts in most PSDs made for Live2D."""


def repair(path: Path, target: Path) -> tuple[list[Finding], list[Finding]]:
    """Write a mended copy of a PSD.

    Args:
        path: PSD to mend, never changed.
        target: file for the copy, replaced whole; another file than ``path``.

    Returns:
        The findings before, and those that are left in the copy.

    Raises:
        CubisegError: the file cannot be read or mended, or ``target`` is the file itself or cannot be written.
    """
    from psd_tools import PSDImage
    from psd_tools.psd.parse_limits import ParseLimits

    if target.exists() and target.samefile(path):
        raise CubisegError(f"{path}: is not overwritten; name another file with -o")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CubisegError(f"{path}: is over {MAX_BYTES >> 20} MB; save it smaller")
        content = path.read_bytes()
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    before = lint_bytes(content)
    with silent("psd_tools"):
        try:
            psd = PSDImage.open(io.BytesIO(content), parse_limits=ParseLimits(max_objects=500_000))
            _mend(psd)
            file = io.BytesIO()
            psd._record.write(file)
        except Exception as error:  # a parser fed arbitrary bytes raises anything
            raise CubisegError(f"{path}: cannot be mended ({brief(error)}); save it again as PSD") from error
    after = lint_bytes(file.getvalue())
    if any(f.code == "L000" for f in after) and not any(f.code == "L000" for f in before):
        raise CubisegError(f"{path}: cannot be mended, the copy would be damaged; save it again in a painting program")
    with atomic_write(target) as out:
        out.write(file.getvalue())
    return before, after


def _mend(psd: "PSDImage") -> None:
    from psd_tools.constants import ColorMode, Resource
    from psd_tools.psd.image_resources import ImageResource

    _flatten(psd)
    for layer in list(psd.descendants()):
        if layer.has_mask() and _masks_nothing(layer):
            layer.remove_mask()
        if not layer.is_group():
            _fold_fill(layer)
    _drop_empty(psd)
    _rename(psd)
    if psd.color_mode == ColorMode.RGB and not psd.image_resources.get_data(Resource.ICC_PROFILE):
        psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=srgb_profile())


def _flatten(psd: "PSDImage") -> None:
    """Dissolve groups that lie too deep, where they do nothing: their layers take their place."""
    todo: list[tuple[Any, int]] = [(child, 1) for child in psd]
    while todo:
        group, depth = todo.pop()
        if not group.is_group():
            continue
        todo += [(child, depth + 1) for child in group]
        if depth < MAX_NESTING:
            continue
        for inner in [child for child in group if child.is_group() and _plain(child)]:
            place = group.index(inner)
            for child in reversed(list(inner)):
                inner.remove(child)
                group.insert(place, child)
                todo.append((child, depth + 1))
            group.remove(inner)
            todo.append((group, depth))
            break


def _plain(group: Any) -> bool:
    """Whether a group shows its layers as if it were not there."""
    from psd_tools.constants import BlendMode

    if not group.visible or group.opacity < 255 or group.blend_mode not in (BlendMode.PASS_THROUGH, BlendMode.NORMAL):
        return False
    return not (group.has_mask() or group.has_vector_mask() or group.clipping or group.has_effects())


def _masks_nothing(layer: "Layer") -> bool:
    """Whether a mask is switched off, or white wherever the layer has pixels."""
    mask = layer.mask
    if mask is None or layer.has_vector_mask():
        return False
    if mask.disabled:
        return True
    if layer.is_group():
        return False
    empty = mask.width <= 0 or mask.height <= 0
    covers = not empty and (
        mask.left <= layer.left and mask.top <= layer.top and mask.right >= layer.right and mask.bottom >= layer.bottom
    )
    if mask.background_color != 255 and not covers:
        return False
    image = None if empty else mask.topil()
    return empty or (image is not None and image.getextrema() == (255, 255))


def _fold_fill(layer: "Layer") -> None:
    """Without effects, Fill does what Opacity does; Live2D keeps only the latter."""
    if layer.fill_opacity < 255 and not layer.has_effects():
        layer.opacity = round(layer.opacity * layer.fill_opacity / 255)
        layer.fill_opacity = 255


def _drop_empty(psd: "PSDImage") -> None:
    everything: list[Any] = list(psd.descendants())
    for layer in everything:
        clipped_on = _is_clipping_base(layer)
        if not layer.is_group() and layer.kind == "pixel" and not clipped_on and is_empty(layer):
            layer.parent.remove(layer)
    emptied = True
    while emptied:
        emptied = False
        groups: list[Any] = [layer for layer in psd.descendants() if layer.is_group()]
        for group in groups:
            if not len(group) and group.parent is not None and not _is_clipping_base(group):
                group.parent.remove(group)
                emptied = True
                break


def _is_clipping_base(layer: Any) -> bool:
    siblings = list(layer.parent)
    place = siblings.index(layer)
    return place + 1 < len(siblings) and bool(siblings[place + 1].clipping)


def _rename(psd: "PSDImage") -> None:
    """ASCII names, each once; a name that is fine and first keeps itself."""
    everything = list(psd.descendants())
    # Live2D ignores case nowhere, file systems of exported textures do: names differ by more than case.
    taken: set[str] = set()
    doubtful = []
    for layer in everything:
        name = layer.name
        if name.strip() and name.isascii() and name.isprintable() and (layer.is_group() or name not in taken):
            if not layer.is_group():
                taken.add(name)
        else:
            doubtful.append(layer)
    for layer in doubtful:
        base = ascii_name(layer.name) or ("folder" if layer.is_group() else "layer")
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        layer.name = name


def ascii_name(name: str) -> str:
    """A name in letters, digits, space, - and _, "" if none is left: Japanese words translated, accents dropped."""
    text = unicodedata.normalize("NFKC", name)
    for word in sorted(_WORDS, key=len, reverse=True):
        text = text.replace(word, f"_{_WORDS[word]}_")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^A-Za-z0-9 _-]+", "_", text)
    return re.sub(r"_+", "_", text).strip("_ -")[:60]
