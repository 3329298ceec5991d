import cv2
import numpy as np
import pytest

from cubiseg.completion.membrane import FINEST, membrane


def two_sides(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Two colours that are known, at the left and right, and nothing between."""
    values = np.zeros((height, width, 3), np.uint8)
    known = np.zeros((height, width), bool)
    side = width // 5
    known[:, :side] = known[:, -side:] = True
    values[:, :side], values[:, -side:] = (200, 100, 50), (100, 200, 150)
    return values, known


@pytest.mark.parametrize("size", [(37, 53), (1, 40), (300, 700), (2, 3000)])
def test_between_two_colours_it_runs_straight_and_never_beyond_them(size: tuple[int, int]) -> None:
    values, known = two_sides(*size)
    out = membrane(values, known)
    assert out.shape == values.shape and out.dtype == np.float32
    assert (out >= (99.99, 99.99, 49.99)).all() and (out <= (200.01, 200.01, 150.01)).all()
    side = size[1] // 5
    if size[1] > 10:
        straight = np.interp(np.arange(size[1]), (side - 0.5, size[1] - side - 0.5), (200, 100))
        assert np.abs(out[..., 0] - straight).max() < 12


def test_it_is_near_the_exact_solution_of_laplace() -> None:
    # x * y and x^2 - y^2 are harmonic: known along the border, they are what lies inside.
    y, x = np.mgrid[-1:1:61j, -1:1:61j].astype(np.float32)
    values = 100 * np.dstack([x * y, x**2 - y**2, x])
    known = np.ones((61, 61), bool)
    known[1:-1, 1:-1] = False
    out = membrane(values * known[..., None], known)
    assert np.abs(out - values).max() < 8 and np.abs(out - values).mean() < 3


def test_dark_lines_along_the_edge_are_left_out_and_broad_shadows_are_not() -> None:
    values = np.full((80, 80, 3), 220, np.uint8)
    known = np.zeros((80, 80), bool)
    known[40:] = True
    values[40:43] = 20
    dark = membrane(values, known)[:40, 40, 0]
    assert dark[-1] < 60 and (np.diff(dark) <= 0.01).all() and dark[0] > 120, "a broader strip counts farther away"
    assert membrane(values, known, without_lines=True)[:40].min() > 215
    values[40:60] = 120
    assert membrane(values, known, without_lines=True)[:40].max() < 125


def test_one_known_pixel_colours_everything_even_where_samples_miss_it() -> None:
    values, known = np.zeros((4 * FINEST, 7 * FINEST, 4), np.uint8), np.zeros((4 * FINEST, 7 * FINEST), bool)
    values[101, 203], known[101, 203] = (10, 20, 30, 255), True
    assert np.allclose(membrane(values, known), (10, 20, 30, 255), atol=0.01)
    assert np.allclose(membrane(values, known, without_lines=True, size=(3, 5)), (10, 20, 30, 255), atol=0.01)


def test_it_gives_equal_bytes_with_any_number_of_threads() -> None:
    values = np.random.default_rng(0).integers(0, 256, (500, 400, 3), np.uint8)
    known = np.random.default_rng(1).random((500, 400)) < 0.01
    first = membrane(values, known)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        assert np.array_equal(first, membrane(values, known))
    finally:
        cv2.setNumThreads(threads)
