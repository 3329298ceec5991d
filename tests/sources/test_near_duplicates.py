"""Copies of a drawing are found among many, and two drawings are none."""

import itertools
import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg.sources import near_duplicates
from cubiseg.sources.near_duplicates import Print, clusters, copies, near_pairs, perceptual_hash
from tests.tiny import portraits

BITS = 6


def joined(pictures: list[np.ndarray], bits: int = BITS) -> list[int]:
    return clusters(len(pictures), copies([Print.of(p) for p in pictures], bits))


def pairs(values: np.ndarray, bits: int) -> set[tuple[int, int]]:
    return {(min(a, b), max(a, b)) for a, b in near_pairs(values, bits).tolist()}


@given(st.sets(st.integers(0, 2**64 - 1), max_size=12), st.integers(0, 20), st.integers(0, 2**32))
def test_all_near_pairs_are_found_and_no_others(values: set[int], bits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = np.array(sorted(values), np.uint64)
    # Most hashes of chance are far from each other: some are made that are nearly too far, or just so.
    for value in known[:6]:
        places = rng.choice(64, rng.integers(bits, bits + 2), replace=False)
        known = np.append(known, value ^ np.bitwise_or.reduce(np.uint64(1) << places.astype(np.uint64), initial=0))
    known = np.unique(known)
    near = {
        (a, b) for a, b in itertools.combinations(range(len(known)), 2) if int(known[a] ^ known[b]).bit_count() <= bits
    }
    assert pairs(known, bits) == near


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=6))
def test_clusters_are_the_connected_parts(links: list[tuple[int, int]]) -> None:
    reach = np.eye(8, dtype=int)
    for a, b in links:
        reach[a, b] = reach[b, a] = 1
    reach = np.linalg.matrix_power(reach, 8) > 0
    found = clusters(8, np.array(links, np.int64).reshape(-1, 2))
    assert found == [int(np.flatnonzero(row)[0]) for row in reach]


def test_different_characters_and_poses_are_no_copies() -> None:
    pictures = [p.image for p in portraits()]
    assert joined(pictures) == list(range(len(pictures)))
    hashes = [perceptual_hash(picture) for picture in pictures[::2]]
    assert min((a ^ b).bit_count() for a, b in itertools.combinations(hashes, 2)) > BITS


def test_what_the_web_does_to_a_drawing_leaves_it_a_copy() -> None:
    first, other = (p.image for p in (portraits()[0], portraits()[6]))
    _, code = cv2.imencode(".jpg", first[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 40])
    made = [
        first,
        cv2.resize(first, (300, 300)),
        np.ascontiguousarray(first[:, ::-1]),
        cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1],
        np.clip(first * 0.85 + 12, 0, 255).astype(np.uint8),
        other,
    ]
    assert joined(made) == [0, 0, 0, 0, 0, 5]


def test_hashes_that_are_near_by_chance_do_not_make_copies() -> None:
    one, other = Print.of(portraits()[0].image), Print.of(portraits()[6].image)
    chance = Print(one.bits ^ 5, other.mirrored, other.thumbnail)
    assert clusters(2, copies([one, chance], BITS)) == [0, 1]


def recoloured(rgb: np.ndarray) -> np.ndarray:
    """As bright everywhere, in the opposite colours, as far as there are such."""
    y, red, blue = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    return cv2.cvtColor(cv2.merge([y, 255 - red, 255 - blue]), cv2.COLOR_YCrCb2RGB)


def test_a_drawing_in_other_colours_is_no_copy_and_has_copies_of_its_own() -> None:
    first = portraits()[0].image
    other = recoloured(first)
    hashes = [perceptual_hash(picture) for picture in (first, other)]
    assert (hashes[0] ^ hashes[1]).bit_count() <= BITS, "hashes alone would call it a copy"
    made = [first, other, cv2.resize(other, (300, 300)), cv2.resize(first, (300, 300)), other[:, ::-1].copy()]
    assert joined(made) == [0, 1, 1, 0, 1]


@pytest.mark.parametrize("apart", [0, 3], ids=["one hash", "near hashes"])
def test_copies_are_found_among_any_number_of_looks_that_share_a_hash(apart: int) -> None:
    rng = np.random.default_rng(0)
    looks = rng.integers(-127, 128, (12, 432)).astype(np.int8)
    prints = [Print(apart * second, 2**40 - 1, look) for second in range(2) for look in looks]
    assert clusters(24, copies(prints, BITS)) == [*range(12), *range(12)]


@pytest.mark.parametrize("at_once", [1, 40, 1000])
def test_looks_of_near_hashes_are_compared_in_slices_that_do_not_change_the_result(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    rng = np.random.default_rng(0)
    looks = rng.integers(-127, 128, (12, 432)).astype(np.int8)
    prints = [Print(1 << near, 2**40 - 1, looks[i]) for near in range(6) for i in rng.permutation(12)[: 4 + near]]
    whole = copies(prints, BITS)
    alike, asked = near_duplicates._alike, []

    def counted(thumbnails: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        asked.append(len(pairs))
        return alike(thumbnails, pairs)

    monkeypatch.setattr(near_duplicates, "_AT_ONCE", at_once)
    monkeypatch.setattr(near_duplicates, "_alike", counted)
    assert np.array_equal(copies(prints, BITS), whole) and len(whole) > 12
    assert max(asked) < at_once + 9 * 12 + len(prints)


def test_plain_and_no_pictures_are_fine() -> None:
    assert joined([]) == []
    assert joined([np.zeros((70, 70, 3), np.uint8), np.zeros((90, 90, 3), np.uint8)]) == [0, 0]


@pytest.mark.slow
def test_three_hundred_thousand_take_seconds_and_all_copies_are_found() -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**64, 300_000, dtype=np.uint64)
    places = rng.integers(0, 64, (BITS, 1000)).astype(np.uint64)
    values[:1000] = values[-1000:] ^ np.bitwise_or.reduce(np.uint64(1) << places, axis=0)
    start = time.process_time()
    found = pairs(values, BITS)
    assert {(i, 299_000 + i) for i in range(1000)} <= found
    assert time.process_time() - start < 60
