"""Regions follow the drawing, any number of them; the same pixels give the same regions, cached or not."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from cubiseg import imaging, scores, taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.portraits import draw
from cubiseg.regions import Proposals, estimate_head, face_box, propose
from cubiseg.regions.files import cached_proposals, proposals_hash, read_proposals, write_proposals
from cubiseg.regions.quality import measure, oracle_label
from tests.tiny import BUST, SIZE, face, only, portraits


@functools.cache
def example() -> Proposals:
    return propose(portraits()[0].image)


@pytest.mark.parametrize("count", [16, 60, 240, 1000, 2000])
def test_any_number_of_regions_is_a_cut_of_one_tree(count: int) -> None:
    proposals = example()
    label = proposals.label(proposals.cut(count))
    assert len(np.unique(label)) == count
    assert label.min() == 0


@pytest.mark.parametrize("pixels", [np.zeros((64, 64, 3), np.uint8), np.full((64, 300, 3), 255, np.uint8)])
def test_a_flat_picture_has_regions_too(pixels: np.ndarray) -> None:
    proposals = propose(pixels)
    assert len(proposals.cut(240)) == 240


@settings(max_examples=10, deadline=None)
@given(hnp.arrays(np.uint8, (64, 80, 3)))
def test_noise_is_survived(pixels: np.ndarray) -> None:
    proposals = propose(pixels)
    assert proposals.regions.shape == (64, 80)
    assert len(proposals.cut(100)) == 100


def test_a_picture_larger_than_the_working_size_keeps_its_size() -> None:
    proposals = propose(np.kron(portraits()[0].image, np.ones((7, 6, 1), np.uint8)))
    assert proposals.regions.shape == (896, 768)


def test_the_same_pixels_give_the_same_regions() -> None:
    assert proposals_hash(propose(portraits()[0].image)) == proposals_hash(example())


def test_a_box_for_the_face_brings_its_parts_closer_to_the_truth() -> None:
    """The oracle with the box beats the one whose box is a corner, averaged over pictures."""
    parts = [taxonomy.ID[n] for n in ("eye_left", "eye_right", "mouth")]
    right = {True: 0, False: 0}
    for portrait in portraits()[:6]:
        y, x = np.nonzero(np.isin(portrait.label, [*parts, taxonomy.ID["face"]]))
        boxes = {True: (x.min(), y.min(), x.max() + 1, y.max() + 1), False: (0, 100, 20, 127)}
        for good, box in boxes.items():
            proposals = propose(portrait.image, Box(*map(float, box)))
            best = oracle_label(proposals.label(proposals.cut(60)), portrait.label, taxonomy.NUM_CLASSES)
            right[good] += int((np.isin(portrait.label, parts) & (best == portrait.label)).sum())
    assert right[True] > right[False]


def test_what_a_model_sees_brings_parts_closer_to_the_truth() -> None:
    """Even where it sees them a pixel off: outlines are the drawing's. A brow is wider than that in a close-up only,
    and hair is dark, so that there is an edge to follow."""
    found: dict[bool, list[scores.Counts]] = {True: [], False: []}
    for index in range(6):
        portrait = draw(7, index, SIZE, 2, only({**BUST, "crop": "close-up", "hair colour": "black"}))
        seen = np.roll(portrait.label, 1, axis=1)
        for guided in found:
            proposals = propose(portrait.image, face_box(portrait.label), seen if guided else None)
            best = oracle_label(proposals.label(proposals.cut(60)), portrait.label, taxonomy.NUM_CLASSES)
            found[guided].append(scores.count(portrait.label, best))
    plain, better = (
        scores.mean(scores.iou(scores.total(found[g])), range(1, taxonomy.NUM_CLASSES)) for g in (False, True)
    )
    assert better > plain + 0.03


def test_the_box_of_a_label_map_holds_face_and_parts_without_hair_and_ears() -> None:
    label = face()
    assert face_box(label) == (34, 36, 94, 92)
    label[40:60, 60:64] = taxonomy.ID["hair"]  # a strand cuts it in two halves for a part
    label[5:8, 5:8] = taxonomy.ID["mouth"]  # a speck elsewhere
    assert face_box(label) == (34, 36, 94, 92)
    assert face_box(np.zeros((64, 64), np.uint8)) is None
    speck = np.zeros((256, 256), np.uint8)
    speck[:4, :4] = taxonomy.ID["face"]
    assert face_box(speck) is None


def test_more_regions_reach_more() -> None:
    truth = portraits()[0].label
    qualities = [measure(example().label(example().cut(k)), truth, taxonomy.NUM_CLASSES) for k in (16, 60, 240, 2000)]
    for measured in zip(*[(q.achievable_accuracy, q.boundary_recall) for q in qualities], strict=True):
        assert list(measured) == sorted(measured)
    assert qualities[2].achievable_accuracy > 0.95
    assert qualities[2].undersegmentation < 0.1


def test_the_oracle_names_each_region_by_its_commonest_class() -> None:
    regions = np.array([[0, 0, 0, 1]], np.int32)
    truth = np.array([[1, 1, 2, 255]], np.uint8)
    assert oracle_label(regions, truth, 12).tolist() == [[1, 1, 1, 0]]
    quality = measure(regions, truth, 12)
    assert quality.achievable_accuracy == pytest.approx(2 / 3)


def test_the_guessed_face_holds_the_centre_of_most_true_ones() -> None:
    hits = 0
    for portrait in portraits():
        left, top, right, bottom = estimate_head(portrait.image)
        y, x = np.nonzero(portrait.label == taxonomy.ID["face"])
        hits += left < x.mean() < right and top < y.mean() < bottom
    assert hits >= 8


def test_proposals_survive_their_file_and_equal_ones_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_proposals(tmp_path / name, example())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = read_proposals(tmp_path / "a.npz")
    assert np.array_equal(again.regions, example().regions)
    assert np.array_equal(again.tree.children, example().tree.children)
    assert again.head == example().head


def test_what_a_model_saw_travels_with_the_regions(tmp_path: Path) -> None:
    portrait = portraits()[0]
    guided = propose(portrait.image, seen=portrait.label)
    write_proposals(tmp_path / "a.npz", guided)
    seen = read_proposals(tmp_path / "a.npz").seen_label()
    assert seen is not None and (seen == portrait.label).mean() > 0.97
    assert example().seen_label() is None
    write_proposals(tmp_path / "b.npz", replace(guided, seen=np.full_like(guided.seen, 99)))
    with pytest.raises(CubisegError, match="annotate again"):
        read_proposals(tmp_path / "b.npz")


def test_the_cache_tells_guided_regions_from_others(tmp_path: Path) -> None:
    portrait = portraits()[0]
    plain = cached_proposals(tmp_path, "0" * 64, lambda: portrait.image)
    guided = cached_proposals(tmp_path, "0" * 64, lambda: portrait.image, portrait.label)
    again = cached_proposals(tmp_path, "0" * 64, lambda: pytest.fail("cut again"), portrait.label)
    assert plain.seen is None and guided.seen is not None
    assert proposals_hash(again) == proposals_hash(guided) != proposals_hash(plain)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 torn", b"no zip"])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CubisegError, match="annotate again") as caught:
        read_proposals(path)
    assert "\n" not in str(caught.value)


def test_the_cache_is_by_pixels_and_mends_a_torn_file(tmp_path: Path) -> None:
    image = portraits()[0].image
    key = imaging.pixel_hash(image)
    first = cached_proposals(tmp_path, key, lambda: image)
    again = cached_proposals(tmp_path, key, lambda: pytest.fail("cut up twice"))
    assert proposals_hash(again) == proposals_hash(first)
    (file,) = tmp_path.rglob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert proposals_hash(cached_proposals(tmp_path, key, lambda: image)) == proposals_hash(first)
