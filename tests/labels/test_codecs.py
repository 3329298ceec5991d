"""Every codec gives back what it was given, agrees with the tools' own libraries, and refuses what no picture has."""

import base64
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as pycoco

from cubiseg import taxonomy
from cubiseg.label_maps import read_label
from cubiseg.labels import coco, cvat_masks, cvat_xml, label_studio, labelme, runs
from cubiseg.labels.foreign import Outgoing
from cubiseg.labels.masks import decode_png, encode_png
from cubiseg.labels.names import NAME_OF, Translation
from cubiseg.labels.polygons import fill
from cubiseg.labels.shapes import Coded, Rules, Shape, box_within, masks_of, paint

DATA = Path(__file__).parent / "data"
PICTURE = "猫 art.png"
LABEL = read_label(DATA / "labelled/labels" / PICTURE)
SIZE = (5, 7)
IDS = {name: number for number, name in NAME_OF.items()}


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Masks of odd sizes, from empty to full."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = rng.random((height, width)) < draw(st.sampled_from([0, 0.02, 0.5, 0.98, 1]))
    return np.repeat(mask, draw(st.integers(1, 20)), axis=1)


@given(masks())
@settings(max_examples=150, deadline=None)
def test_masks_come_back_from_runs_of_every_kind(mask: np.ndarray) -> None:
    counts = runs.of_mask(mask.ravel())
    assert np.array_equal(runs.to_mask(counts.tolist(), mask.size).reshape(mask.shape), mask)
    assert np.array_equal(coco.expand(coco.compress(counts)), counts)
    assert np.array_equal(label_studio.unpack(label_studio.pack(mask), mask.shape), mask)
    assert np.array_equal(decode_png(encode_png(mask), mask.shape, "1"), mask)


@given(masks())
@settings(max_examples=150, deadline=None)
def test_coco_s_text_is_pycocotools(mask: np.ndarray) -> None:
    theirs = pycoco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert coco.compress(runs.of_mask(mask.ravel(order="F"))) == theirs
    assert np.array_equal(coco.expand(theirs), runs.of_mask(mask.ravel(order="F")))


def test_long_runs_of_label_studio_are_split_and_their_order_is_row_by_row() -> None:
    mask = np.zeros((300, 333), bool)
    mask[1:299] = True
    mask[150, 17] = False
    assert np.array_equal(label_studio.unpack(label_studio.pack(mask), mask.shape), mask)
    head = np.unpackbits(np.array(label_studio.pack(mask)[:4], np.uint8))
    assert int("".join(map(str, head)), 2) == 4 * mask.size


def test_soft_brushes_with_colours_of_their_own_are_read_by_their_alpha() -> None:
    """As the page itself writes them: single values in blocks, red, green and blue unlike alpha."""
    rgba = np.array([[(255, 40, 7, 0), (255, 40, 7, 127)], [(255, 40, 7, 128), (1, 2, 3, 255)]], np.uint8)
    head = f"{16:032b}{7:05b}" + "".join(f"{w - 1:04b}" for w in (3, 4, 8, 16))
    bits = head + "0" + "01" + f"{15:04b}" + "".join(f"{v:08b}" for v in rgba.ravel())
    bits += "0" * (-len(bits) % 8)
    stream = [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]
    assert label_studio.unpack(stream, (2, 2)).tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize("seed", range(30))
def test_a_polygon_has_the_pixels_whose_middle_lies_inside(seed: int) -> None:
    from skimage.draw import polygon2mask

    rng = np.random.default_rng(seed)
    corners = rng.random((rng.integers(3, 12), 2)) * (60, 50) - 10  # some outside
    box, mask = fill(corners, (31, 43))
    whole = np.zeros((31, 43), bool)
    whole[box.window] = mask
    assert np.array_equal(whole, polygon2mask((31, 43), corners[:, ::-1] - 0.5))


def test_polygons_along_one_line_neither_overlap_nor_leave_a_gap() -> None:
    rng = np.random.default_rng(5)
    middle = np.c_[rng.random(9) * 20, np.linspace(0, 30, 9)]
    left = np.concatenate([[(-1.0, 30.0), (-1.0, 0.0)], middle])
    right = np.concatenate([[(41.0, 0.0), (41.0, 30.0)], middle[::-1]])
    seen = np.zeros((30, 40), int)
    for corners in (left, right):
        box, mask = fill(corners, (30, 40))
        seen[box.window] += mask
    assert (seen == 1).all()


def test_a_polygon_takes_a_few_bytes_a_pixel() -> None:
    corners = np.array([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], float)
    tracemalloc.start()
    try:
        box, mask = fill(corners, (2000, 2000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert mask.dtype == bool and mask.all() and box == (0, 0, 2000, 2000)
    assert peak < 3 * mask.size


def test_a_polygon_on_whole_numbers_is_the_box_of_its_pixels() -> None:
    box, mask = fill(np.array([(2, 1), (5, 1), (5, 4), (2, 4)], float), SIZE)
    assert box == (2, 1, 5, 4) and mask.all()
    assert fill(np.array([(-9, -9), (-5, -9), (-5, -5)], float), SIZE)[1].size == 0


def same(mask: np.ndarray, shapes: list[Shape]) -> None:
    assert np.array_equal(paint(shapes, SIZE, Rules())[0], mask)


def test_what_labelme_writes_is_read() -> None:
    (waiting,) = labelme.read(DATA / "theirs/labelme.json")
    told = waiting.open()
    assert told is not None and told.size == SIZE and told.picture == rf"..\images\{PICTURE}"
    same(LABEL, told.content(SIZE))


def test_what_datumaro_writes_is_read() -> None:
    (waiting,) = cvat_masks.read(DATA / "theirs/datumaro.zip")
    told = waiting.open()
    assert told is not None and told.picture == Path(PICTURE).stem
    content = told.content(SIZE)
    assert isinstance(content, Coded)
    assert np.array_equal(Translation().translate(content.codes, content.names, 0), LABEL)


def test_what_cvat_s_sdk_writes_is_read_and_ours_is_the_same() -> None:
    theirs = json.loads((DATA / "theirs/cvat_sdk.json").read_text())
    seen = np.zeros_like(LABEL)
    for name, box, mask in masks_of(LABEL):
        *counts, left, top, right, bottom = map(int, theirs[name])
        facts = cvat_xml.mask_facts(name, box, mask)
        assert facts["rle"] == ", ".join(map(str, counts))
        sides = [int(facts[key]) for key in ("left", "top", "width", "height")]
        assert sides == [left, top, right - left + 1, bottom - top + 1]
        found = runs.to_mask(counts, (bottom - top + 1) * (right - left + 1)).reshape(bottom - top + 1, -1)
        seen[top : bottom + 1, left : right + 1][found] = IDS[name]
    assert np.array_equal(seen, LABEL)


def test_what_label_studio_s_sdk_writes_is_read() -> None:
    theirs = json.loads((DATA / "theirs/label_studio_sdk.json").read_text())
    seen = np.zeros_like(LABEL)
    for name, stream in theirs.items():
        seen[label_studio.unpack(stream, SIZE)] = IDS[name]
    assert np.array_equal(seen, LABEL)


def test_what_was_written_is_still_what_the_tools_have_read(tmp_path: Path) -> None:
    outgoing = Outgoing(PICTURE, LABEL)
    for name, write, file in (
        ("coco", coco.write, coco.FILE),
        ("coco-uncompressed", lambda f, o: coco.write(f, o, compressed=False), coco.FILE),
        ("cvat-xml", cvat_xml.write, cvat_xml.FILE),
        ("label-studio", label_studio.write, label_studio.FILE),
        ("label-studio", label_studio.write, label_studio.INTERFACE),
        ("cvat", cvat_masks.write, cvat_masks.CONSTRUCTOR),
    ):
        write(tmp_path / name, [outgoing])
        assert (tmp_path / name / file).read_bytes() == (DATA / "ours" / name / file).read_bytes(), name
    # PNG may be packed otherwise by another zlib: what is inside counts.
    stored = json.loads((DATA / "ours/labelme/images" / PICTURE).with_suffix(".json").read_text(encoding="utf-8"))
    made = labelme.record(outgoing)
    for one, other in zip(stored["shapes"], made["shapes"], strict=True):
        (left, top), (right, bottom) = one["points"]
        size = bottom - top + 1, right - left + 1
        pixels = [decode_png(base64.b64decode(s.pop("mask")), size, "L") for s in (one, other)]
        assert np.array_equal(*pixels)
    assert stored == made
    with (
        zipfile.ZipFile(DATA / "ours/cvat" / cvat_masks.FILE) as old,
        zipfile.ZipFile(tmp_path / "cvat" / cvat_masks.FILE) as new,
    ):
        assert old.namelist() == new.namelist()
        for name in old.namelist():
            if name.endswith(".png"):
                assert np.array_equal(*(decode_png(z.read(name), SIZE, "RGB") for z in (old, new)))
            else:
                assert old.read(name) == new.read(name)


def test_labelmap_declares_every_name_once_in_a_colour_of_its_own_with_four_fields() -> None:
    lines = cvat_masks.label_lines().splitlines()[1:]
    assert all(line.count(":") == 3 for line in lines)
    assert "ignore:128,128,128::" in lines and "background:0,0,0::" in lines
    names = cvat_masks.names_by_colour(cvat_masks.label_lines())
    assert sorted(names.values()) == sorted(NAME_OF.values())


def test_objects_have_pascal_voc_s_colours() -> None:
    assert cvat_masks.object_colours(256)[[1, 8, 255]].tolist() == [[128, 0, 0], [64, 0, 0], [224, 224, 192]]
    assert len(np.unique(cvat_masks.codes(cvat_masks.objects(LABEL)))) == len(np.unique(LABEL))


HOSTILE: list[tuple[str, Callable[[], object]]] = [
    ("add up", lambda: runs.to_mask([10**9, 10**9], 35)),
    ("add up", lambda: runs.to_mask([36, -1], 35)),
    ("add up", lambda: runs.to_mask([2**62, 2**62, 2**62, 2**62 + 35], 35)),
    ("whole numbers", lambda: runs.to_mask([10**30, 1], 35)),
    ("whole numbers", lambda: runs.to_mask([17.5, 17.5], 35)),
    ("longer than any", lambda: coco.expand("oooooooooooooooo0")),
    ("no text of COCO", lambda: coco.expand("61X1\x00")),
    ("no text of COCO", lambda: coco.expand("61o")),
    ("no text of COCO", lambda: coco.expand("猫")),
    ("values where", lambda: label_studio.unpack([255, 255, 255, 255, 56, *[0] * 60], SIZE)),
    ("cut short", lambda: label_studio.unpack(label_studio.pack(LABEL > 0)[:-2], SIZE)),
    ("cut short", lambda: label_studio.unpack([], SIZE)),
    ("list of bytes", lambda: label_studio.unpack([300], SIZE)),
    ("of 1 bits", lambda: label_studio.unpack([0, 0, 0, 140, 0, *[0] * 20], SIZE)),
    ("outside", lambda: box_within(3, 0, 5, 1, SIZE)),
    ("outside", lambda: box_within(-1, 0, 2, 1, SIZE)),
    ("where 7x5", lambda: decode_png(encode_png(np.zeros((4000, 4000), bool)), SIZE, "1")),
    ("no PNG", lambda: decode_png(b"GIF89a", SIZE, "1")),
    ("fewer than three", lambda: fill(np.zeros((2, 2)), SIZE)),
    ("finite", lambda: fill(np.array([(0, 0), (1, np.nan), (2, 2)]), SIZE)),
    ("far too many", lambda: fill(np.tile([(0.0, 0.0), (5.0, 8192.0)], (260, 1)), (8192, 8192))),
    ("4096", lambda: paint([Shape("hair", lambda: None)] * 4097, SIZE, Rules())),  # type: ignore[arg-type, return-value]
    ("no class", lambda: paint([Shape("Bangs", lambda: None)], SIZE, Rules())),  # type: ignore[arg-type, return-value]
    ("has no name", lambda: Translation().translate(LABEL, {0: "background"}, 0)),
    ("cannot mean", lambda: Translation({"Bangs": "fringe"})),
    ("one colour", lambda: cvat_masks.names_by_colour("a:1,2,3::\nb:1,2,3::")),
    ("wanted is", lambda: cvat_masks.names_by_colour("hair:1,2,3")),
    ("wanted is", lambda: cvat_masks.names_by_colour("hair:1,2,3" + ":" * 100_000)),
    ("4096 names", lambda: cvat_masks.names_by_colour("".join(f"{i}:::\n" for i in range(4097)))),
    ("wanted is", lambda: cvat_masks.names_by_colour("hair:1,2,300::")),
    ("DTD", lambda: cvat_xml.parse(b'<!DOCTYPE a [<!ENTITY x ""><!ENTITY y "&x;&x;">]><annotations>&y;</annotations>')),
    ("DTD", lambda: cvat_xml.parse(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotations/>')),
    ("no XML", lambda: cvat_xml.parse(b"<annotations><image>")),
    ("no XML", lambda: cvat_xml.parse(b'<?xml version="1.0" encoding="klingon"?><annotations/>')),
    ("none of CVAT", lambda: cvat_xml.parse(b"<html/>")),
    ("video", lambda: cvat_xml.parse(b'<annotations><track id="0"/></annotations>')),
]


@pytest.mark.parametrize(("told", "call"), HOSTILE)
def test_what_no_picture_has_is_refused_before_anything_is_allocated(told: str, call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=told):
        call()


def test_of_overlapping_shapes_the_later_the_higher_or_the_upper_layer_counts() -> None:
    whole = np.ones(SIZE, bool)

    def shape(name: str, height: float = 0) -> Shape:
        return Shape(name, lambda: (box_within(0, 0, 7, 5, SIZE), whole), height)

    hair, face = taxonomy.ID["hair"], taxonomy.ID["face"]
    assert paint([shape("hair"), shape("face")], SIZE, Rules())[0][0, 0] == face
    assert paint([shape("hair", 1), shape("face")], SIZE, Rules())[0][0, 0] == hair
    label, overlap = paint([shape("hair"), shape("face"), shape("hair", -1)], SIZE, Rules(by_stack=True))
    assert (label == hair).all() and overlap == label.size
    assert (paint([shape("ignore"), shape("face")], SIZE, Rules(by_stack=True))[0] == 255).all()
    assert paint([shape("hair"), shape("hair")], SIZE, Rules())[1] == 0
    assert (paint([], SIZE, Rules(uncovered=255))[0] == 255).all()
