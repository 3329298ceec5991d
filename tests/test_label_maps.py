"""Label maps come back as written, and questions about them have one answer."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.label_maps import (
    colourise,
    decolourise,
    edges,
    keep_parts,
    nearest_class,
    read_classes,
    read_exact_label,
    read_label,
    read_label_or_colours,
    refuse_mask,
    unknown_ids,
    write_label,
)
from tests.picture_files.files import chunk, png, with_chunks

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (70, 90, 3), dtype=np.uint8)


def test_label_maps_come_back_as_written_and_colour_pictures_are_refused(tmp_path: Path) -> None:
    label = RNG.choice(np.array([*range(12), 255], np.uint8), (70, 90))
    write_label(tmp_path / "a.png", label)
    assert np.array_equal(read_label(tmp_path / "a.png"), label)
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "P" and tuple(image.getpalette()[3:6]) == taxonomy.PALETTE[1]
    Image.fromarray(RGB).save(tmp_path / "b.png")
    with pytest.raises(CubisegError, match="must be indexed or 8-bit greyscale"):
        read_label(tmp_path / "b.png")
    Image.fromarray(label).save(tmp_path / "c.jpg")
    with pytest.raises(CubisegError, match="must be PNG"):
        read_label(tmp_path / "c.jpg")


def test_maps_may_hold_classes_and_parts_side_by_side_as_ids_and_as_colours(tmp_path: Path) -> None:
    label = RNG.choice(np.array([*taxonomy.PART_ID.values(), 255], np.uint8), (70, 90))
    write_label(tmp_path / "a.png", label)
    for read in (read_label, read_label_or_colours, lambda path: read_exact_label(path, (70, 90))):
        assert np.array_equal(read(tmp_path / "a.png"), label)
    assert np.array_equal(read_classes(tmp_path / "a.png"), taxonomy.CLASS_OF[label])
    found, nearest, _ = decolourise(colourise(label), parts=True)
    assert np.array_equal(found, label) and not nearest.any()
    Image.fromarray(np.repeat(label[..., None], 3, 2)).save(tmp_path / "grey.png")
    assert np.array_equal(read_label_or_colours(tmp_path / "grey.png"), label)
    shuffled = Image.fromarray(label)
    shuffled.putpalette(taxonomy.COLOURS[np.roll(np.arange(256), 1)].tobytes())  # a painting program's own order
    shuffled.save(tmp_path / "p.png")
    colours = read_label_or_colours(tmp_path / "p.png")
    assert np.array_equal(colours, taxonomy.COLOURS[np.roll(np.arange(256), 1)][label])


def test_what_is_neither_class_nor_part_is_named(tmp_path: Path) -> None:
    assert unknown_ids(np.arange(256, dtype=np.uint8)) == [*range(12, 20), *range(57, 255)]
    write_label(tmp_path / "a.png", np.full((4, 4), 57, np.uint8))
    with pytest.raises(CubisegError, match="ids 57 are no class or part"):
        read_exact_label(tmp_path / "a.png", (4, 4))


def test_colours_of_classes_are_read_as_classes_unless_parts_are_asked_for() -> None:
    label = taxonomy.LEAF_IDS[None]
    found, _, _ = decolourise(colourise(label))
    assert set(np.unique(found)) <= {*range(12), 255}


def test_parts_stay_where_a_changed_map_agrees_on_the_class() -> None:
    told = np.array([[20, 21, 30, 2]], np.uint8)
    assert keep_parts(np.array([[1, 0, 8, 9]], np.uint8), told).tolist() == [[20, 0, 30, 9]]


@pytest.mark.parametrize(("depth", "colour"), [(2, 0), (4, 0), (8, 0), (1, 3), (2, 3), (4, 3), (8, 3)])
def test_ids_are_those_that_are_stored_whatever_the_depth(tmp_path: Path, depth: int, colour: int) -> None:
    values = np.arange(16 * 16).reshape(16, 16) % min(2**depth, taxonomy.NUM_CLASSES)
    bits = (values[..., None] >> np.arange(depth)[::-1]) & 1
    rows = b"".join(b"\0" + np.packbits(row.ravel().astype(np.uint8)).tobytes() for row in bits)
    palette = chunk(b"PLTE", taxonomy.palette_bytes()[: 3 * 2**depth])
    (tmp_path / "a.png").write_bytes(png(16, 16, depth, colour, rows, *([palette] if colour == 3 else [])))
    assert np.array_equal(read_label(tmp_path / "a.png"), values)
    assert np.array_equal(read_label_or_colours(tmp_path / "a.png"), values)


def test_ids_of_another_vocabulary_are_no_mask_with_soft_edges(tmp_path: Path) -> None:
    label = np.zeros((70, 90), np.uint8)
    label[:20] = np.arange(90) % 19
    label[60:] = 255
    Image.fromarray(label).save(tmp_path / "a.png")
    refuse_mask(tmp_path / "a.png", label, ours=False)
    with pytest.raises(CubisegError, match="a mask of the figure"):
        refuse_mask(tmp_path / "a.png", label)


def test_a_damaged_label_map_is_refused(tmp_path: Path) -> None:
    write_label(tmp_path / "a.png", RNG.integers(0, 12, (70, 90), np.uint8))
    content = (tmp_path / "a.png").read_bytes()
    end = content.index(b"IEND") - 8  # the checksum of the pixels
    (tmp_path / "a.png").write_bytes(content[:end] + bytes((content[end] ^ 1,)) + content[end + 1 :])
    for read in (read_label, read_label_or_colours):
        with pytest.raises(CubisegError, match=r"a\.png: is damaged .* fetch it again"):
            read(tmp_path / "a.png")


def test_a_label_map_with_much_text_is_read(tmp_path: Path) -> None:
    label = RNG.choice(np.array([*range(12), 255], np.uint8), (70, 90))
    write_label(tmp_path / "a.png", label)
    text = chunk(b"tEXt", b"workflow\0" + b"x" * 3_000_000)
    (tmp_path / "a.png").write_bytes(with_chunks((tmp_path / "a.png").read_bytes(), text, text))
    assert np.array_equal(read_label(tmp_path / "a.png"), label)


def test_each_pixel_gets_the_class_of_the_nearest_known_one() -> None:
    label = np.zeros((3, 9), np.uint8)
    label[:, 0], label[:, 8] = 2, 5
    known = label > 0
    assert nearest_class(label, known)[1].tolist()[:4] == [2] * 4
    assert nearest_class(label, known)[1].tolist()[5:] == [5] * 4


def test_edges_are_both_pixels_of_an_unequal_pair_or_either_one() -> None:
    ids = np.array([[1, 1, 2, 2]])
    assert edges(ids).tolist() == [[False, True, True, False]]
    assert edges(ids, "first").tolist() == [[False, True, False, False]]
    assert edges(ids, "second").tolist() == [[False, False, True, False]]


def test_edges_are_those_of_scikit_image() -> None:
    from skimage.segmentation import find_boundaries

    ids = np.random.default_rng(3).integers(0, 3, (40, 50))
    assert np.array_equal(edges(ids), find_boundaries(ids, connectivity=1, mode="thick"))


def test_ranks_and_stack_are_inverse_and_what_is_no_class_is_background() -> None:
    ids = np.arange(taxonomy.NUM_CLASSES)
    assert np.array_equal(taxonomy.STACK[taxonomy.STACK_RANK[ids]], ids)
    assert taxonomy.STACK_RANK[200] == taxonomy.STACK_RANK[taxonomy.ID["background"]] == 1
