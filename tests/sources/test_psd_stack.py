"""PSDs with named layers: what is seen becomes the label map, whoever named them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers.export import cut_by
from cubiseg.layers.params import LayerParams
from cubiseg.layers.profiles import PROFILES
from cubiseg.layers.psd import PsdLayer, import_layers, write_psd
from cubiseg.portraits import draw, restack, told_apart
from cubiseg.sources.part_table import PartTable
from cubiseg.sources.psd_stack import LayeredPicture, read_layered
from tests.sources.psds import MULTIPLY, SCREEN, SHAPES, face, put, saved, truth
from tests.tiny import BUST, only

FACE, HAIR, UNKNOWN = taxonomy.ID["face"], taxonomy.PART_ID["hair_front"], taxonomy.IGNORE_INDEX


def read(psd: PSDImage, folder: Path, **parts: str) -> LayeredPicture:
    return read_layered(saved(psd, folder / "art.psd"), PartTable(parts=parts))


def named(**others: str) -> dict[str, str]:
    return {**{part: part for part in SHAPES}, **others}


SEE_THROUGH = {
    "hair_back": "back hair",
    "neck": "neck",
    "topwear": "topwear",
    "face": "face",
    "mouth_inside": "mouth",
    "nose": "nose",
    **{
        f"eye_{side}_{part}": f"{name}-{side[0]}"
        for side in ("left", "right")
        for part, name in (("white", "eyewhite"), ("iris", "irides"), ("lashes", "eyelash"))
    },
    **{f"eyebrow_{side}": f"eyebrow-{side[0]}" for side in ("left", "right")},
    "hair_front": "front hair",
}
CLIP_STUDIO = {
    "hair_back": "後ろ髪",
    "neck": "首",
    "topwear": "上着",
    "face": "輪郭",
    "mouth_inside": "口の中",
    "lips": "線",
    "nose": "鼻",
    **{
        f"eye_{side}_{part}": name
        for side in ("left", "right")
        for part, name in (("white", "白目"), ("iris", "瞳"), ("lashes", "まつ毛"))
    },
    **{f"eyebrow_{side}": f"{'左' if side == 'left' else '右'}眉" for side in ("left", "right")},
    "hair_front": "前髪",
}
CLIP_STUDIO_FOLDERS = {
    **dict.fromkeys(("face", "nose"), ("顔",)),
    **dict.fromkeys(("lips", "mouth_inside"), ("顔", "口")),
    **{
        f"eye_{side}_{part}": ("顔", f"{'左' if side == 'left' else '右'}目")
        for side in ("left", "right")
        for part in ("white", "iris", "lashes")
    },
}
CHINESE = {
    "hair_back": "后发",
    "neck": "脖子",
    "topwear": "上衣",
    "face": "脸",
    "mouth_inside": "嘴巴内部/牙齿",
    "lips": "嘴唇",
    "nose": "鼻子",
    # Hand-made, and by the viewer's sides: what lies on the left half of the canvas is called left.
    **{
        f"eye_{side}_{part}": f"{'右' if side == 'left' else '左'}{name}"
        for side in ("left", "right")
        for part, name in (("white", "眼白"), ("iris", "瞳孔"), ("lashes", "睫毛"))
    },
    **{f"eyebrow_{side}": f"{'右' if side == 'left' else '左'}眉毛" for side in ("left", "right")},
    "hair_front": "刘海",
}


def test_layers_that_see_through_names_come_back_exactly(tmp_path: Path) -> None:
    read_back = read(face(SEE_THROUGH), tmp_path)
    expected = truth({"mouth_inside": "mouth", "lips": "face"})
    assert (read_back.stack.label() == expected).all()
    assert read_back.open == read_back.warnings == ()


def test_clip_studio_s_folders_in_japanese_tell_their_layers(tmp_path: Path) -> None:
    read_back = read(face(CLIP_STUDIO, CLIP_STUDIO_FOLDERS), tmp_path)
    assert (read_back.stack.label() == truth()).all()
    assert read_back.open == ()


def test_sides_by_the_viewer_are_told_by_place_and_exchanged_with_a_warning(tmp_path: Path) -> None:
    read_back = read(face(CHINESE), tmp_path)
    assert (read_back.stack.label() == truth()).all()
    assert "viewer" in read_back.warnings[0]


def test_both_eyes_on_one_layer_are_told_apart_by_where_they_lie(tmp_path: Path) -> None:
    psd = PSDImage.new("RGBA", (128, 128))
    put(psd, "肌", (36, 28, 92, 96))
    put(psd, "顔", (36, 28, 92, 96))
    eyes = np.zeros((128, 128, 4), np.uint8)
    eyes[52:64, 42:58] = eyes[52:64, 70:86] = (255, 255, 255, 255)
    psd.create_pixel_layer(Image.fromarray(eyes), name="白目")
    label = read(psd, tmp_path).stack.label()
    assert set(np.unique(label[52:64, 42:58])) == {taxonomy.PART_ID["eye_right_white"]}
    assert set(np.unique(label[52:64, 70:86])) == {taxonomy.PART_ID["eye_left_white"]}


def test_what_is_seen_counts_hidden_masked_faint_and_clipped_layers_do_not(tmp_path: Path) -> None:
    psd = PSDImage.new("RGBA", (128, 128))
    put(psd, "face", (0, 0, 64, 128))
    put(psd, "eye_left_iris", (0, 0, 128, 32), clipped=True)
    put(psd, "前髪 差分", (0, 32, 64, 64), visible=False)
    put(psd, "hair front", (0, 64, 64, 96), opacity=100)
    masked = put(psd, "hair front 2", (0, 96, 64, 128))
    masked.create_mask(Image.fromarray(np.pad(np.zeros((32, 32), np.uint8), ((0, 0), (0, 32)), constant_values=255)))
    masked.mask._data.top, masked.mask._data.bottom = 96, 128
    group = psd.create_group(name="hair front")
    put(group, "strand", (64, 0, 128, 128))
    group.opacity = 64
    label = read(psd, tmp_path).stack.label()
    assert (label[:32, :64] == taxonomy.PART_ID["eye_left_iris"]).all()
    assert (label[:, 64:] == 0).all(), "clipped away, and a group at a quarter of its opacity"
    assert (label[32:96, :64] == FACE).all()
    assert (label[96:, :32] == FACE).all() and (label[96:, 32:64] == HAIR).all()


def test_shade_belongs_to_what_it_falls_on_and_a_line_in_multiply_is_a_line(tmp_path: Path) -> None:
    psd = PSDImage.new("RGBA", (128, 128))
    put(psd, "face", (0, 0, 128, 96), colour=(240, 200, 180))
    put(psd, "前髪の影", (0, 0, 128, 16), colour=(160, 120, 140), blend_mode=MULTIPLY)
    put(psd, "eyelash L", (0, 32, 128, 48), colour=(10, 10, 10), blend_mode=MULTIPLY)
    put(psd, "hair front", (0, 64, 128, 80), colour=(220, 220, 220), blend_mode=MULTIPLY)
    put(psd, "hair front", (0, 80, 128, 96), colour=(250, 250, 250), blend_mode=SCREEN)
    read_back = read(psd, tmp_path)
    label = read_back.stack.label()
    assert (label[:32] == FACE).all() and (label[48:80] == FACE).all()
    assert (label[32:48] == taxonomy.PART_ID["eye_left_lashes"]).all() and (label[80:96] == HAIR).all()
    assert (label[96:] == 0).all()
    assert read_back.rgba[8, 8].tolist() == [151, 94, 99, 255], "psd-tools composes it"
    assert read_back.stack.layers[0].rgba[8, 8].tolist() == [151, 94, 99, 255], "a complete layer bears its shade"
    assert read_back.open == ()


def test_layers_of_no_known_part_are_listed_and_ignored_until_the_user_names_them(tmp_path: Path) -> None:
    psd = face(named(hair_front="もや"), {"hair_front": ("新規",)})
    put(psd, "ribbon", (0, 0, 16, 16))
    put(psd, "ラフ", (0, 0, 128, 128))
    unnamed = read(psd, tmp_path)
    assert unnamed.open == ("新規/もや", "ribbon")
    assert (unnamed.stack.label()[16:36, 36:92] == UNKNOWN).all()
    assert (unnamed.rgba[40:, :16, 3] == 0)[:60].all(), "the sketch is left out"
    told = read(psd, tmp_path, **{"新規/もや": "hair_front", "rib*": "ignore"})
    assert told.open == ()
    label = told.stack.label()
    assert (label[:16, :16] == UNKNOWN).all()
    label[:16, :16] = 0
    assert (label == truth()).all()


@pytest.mark.parametrize("profile", ["cubiai", "cubism", "flat"])
def test_our_own_psds_of_generated_pictures_come_back(tmp_path: Path, profile: str) -> None:
    portrait = draw(7, 1, 256, shares=only(BUST))
    picture, chosen = Picture(portrait.image), PROFILES[profile]
    seen = Segmentation(portrait.label, np.ones(portrait.label.shape, np.float32), "test", "test", parts=portrait.parts)
    layers, _ = cut_by(picture, seen, LayerParams(profile=profile))
    expected = np.zeros_like(portrait.label)
    for layer in layers:
        expected[layer.window][layer.own] = taxonomy.PART_ID[layer.name]
    write_psd(tmp_path / "art.psd", picture, import_layers(layers, chosen))
    read_back = read_layered(tmp_path / "art.psd", PartTable())
    assert np.mean(_ious(read_back.stack.label(), expected)) >= 0.99
    assert np.abs(read_back.rgba[..., :3].astype(int) - portrait.image).max() <= 2
    assert read_back.open == ()


def test_complete_layers_of_generated_pictures_come_back(tmp_path: Path) -> None:
    portrait = draw(7, 2, 256, shares=only(BUST), alone=True)
    apart = told_apart(portrait.layers)
    names = [next(iter(layer.parts), layer.name) for layer in apart]
    layers = [PsdLayer(f"{n} {k}", (), 0, 0, layer.rgba) for k, (n, layer) in enumerate(zip(names, apart, strict=True))]
    write_psd(tmp_path / "art.psd", Picture(portrait.clean), layers)
    read_back = read_layered(tmp_path / "art.psd", PartTable())
    assert np.abs(read_back.rgba[..., :3].astype(int) - restack(apart)).max() <= 2
    classes = taxonomy.CLASS_OF[read_back.stack.label()]
    assert np.mean(_ious(classes, portrait.label)) >= 0.99


def _ious(ours: np.ndarray, expected: np.ndarray) -> list[float]:
    both = [(ours == number, expected == number) for number in np.unique(expected)]
    return [float((a & b).sum() / (a | b).sum()) for a, b in both]


def test_a_large_psd_is_read_at_a_fraction_of_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubiseg.sources.psd_stack.WORK_SIDE", 64)
    read_back = read(face(named()), tmp_path)
    assert read_back.stack.size == read_back.rgba.shape[:2] == (64, 64)
    assert (read_back.stack.label() == truth()[::2, ::2]).mean() > 0.98


def test_what_is_hostile_or_damaged_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = saved(face(named()), tmp_path / "art.psd").read_bytes()

    def fault(content: bytes) -> str:
        (tmp_path / "bad.psd").write_bytes(content)
        with pytest.raises(CubisegError) as error:
            read_layered(tmp_path / "bad.psd", PartTable())
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "PNG" in fault(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    layers = len(whole) - 4 * 128 * 128 - 2  # the merged picture, which nobody needs, ends the file
    for length in (30, 400, layers // 2, layers - 100):
        assert fault(whole[:length])
    huge = bytearray(whole)
    huge[14:22] = (30000).to_bytes(4, "big") * 2
    assert "30000x30000" in fault(bytes(huge)) or "do not fit" in fault(bytes(huge))
    cmyk = PSDImage.new("CMYK", (128, 128))
    cmyk.create_pixel_layer(Image.new("CMYK", (8, 8)), name="face")
    assert "CMYK" in fault(saved(cmyk, tmp_path / "cmyk.psd").read_bytes())
    assert "shows no layer" in fault(saved(PSDImage.new("RGB", (128, 128)), tmp_path / "flat.psd").read_bytes())
    monkeypatch.setattr("cubiseg.sources.psd_stack.MAX_LAYERS", 4)
    assert "more than 4 layers" in fault(whole)
    rng = np.random.default_rng(0)
    for _ in range(40):
        broken = bytearray(whole)
        for place in rng.integers(26, len(whole), 8):
            broken[place] = rng.integers(256)
        (tmp_path / "broken.psd").write_bytes(bytes(broken))
        try:
            read_layered(tmp_path / "broken.psd", PartTable())
        except CubisegError as error:
            assert "\n" not in str(error)
