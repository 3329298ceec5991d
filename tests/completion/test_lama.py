"""A LaMa export of the user's paints a hole from what is around it; what is none is refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from cubiseg.completion.lama import Lama
from cubiseg.errors import CubisegError
from tests.completion.lama import write_lama


def holed(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rgb = np.full((height, width, 3), (200, 100, 40), np.uint8)
    hole = np.zeros((height, width), bool)
    hole[height // 4 : height // 2, width // 4 : width // 2] = True
    rgb[hole] = (0, 255, 0)  # nobody may look at it
    return rgb, hole


@pytest.mark.parametrize("scale", [255, 1])
@pytest.mark.parametrize("size", [(40, 30), (300, 700)])
def test_a_hole_is_painted_from_what_is_around_it_whatever_range_the_export_gives(
    tmp_path: Path, scale: float, size: tuple[int, int]
) -> None:
    rgb, hole = holed(*size)
    painted = Lama(write_lama(tmp_path / "lama.onnx", scale=scale, batch="batch")).paint(rgb, hole)
    assert painted.shape == rgb.shape and painted.dtype == np.uint8
    assert np.abs(painted.astype(int) - (200, 100, 40)).max() <= 1


def test_black_stays_black(tmp_path: Path) -> None:
    rgb, hole = holed(64, 64)
    rgb[:] = 0
    for scale in (1, 255):
        assert not Lama(write_lama(tmp_path / "lama.onnx", scale=scale)).paint(rgb, hole).any()


@pytest.mark.parametrize(
    "other", [{"side": 256}, {"mask": "masks"}, {"channels": 1}, {"kind": TensorProto.DOUBLE}], ids=str
)
def test_another_interface_is_refused_in_one_line_that_names_ours(tmp_path: Path, other: dict[str, int]) -> None:
    path = write_lama(tmp_path / "other.onnx", **other)
    with pytest.raises(CubisegError, match=r"other\.onnx: ") as refused:
        Lama(path)
    assert "\n" not in str(refused.value)


def test_what_is_no_network_or_keeps_weights_elsewhere_is_refused_in_one_line(tmp_path: Path) -> None:
    import onnx

    good = write_lama(tmp_path / "lama.onnx")
    (tmp_path / "cut.onnx").write_bytes(good.read_bytes()[:-200])
    (tmp_path / "empty.onnx").write_bytes(b"")
    (tmp_path / "lama.pt").write_bytes(good.read_bytes())
    model = onnx.load(good)
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    (tmp_path / "elsewhere.onnx").write_bytes(model.SerializeToString())
    for name, told in (
        ("cut.onnx", "is no usable network"),
        ("empty.onnx", "is empty"),
        ("lama.pt", r"is no \.onnx file"),
        ("elsewhere.onnx", "keeps weights in other files"),
    ):
        with pytest.raises(CubisegError, match=rf"{name}: {told}[^\n]*$"):
            Lama(tmp_path / name)


def test_a_network_that_gives_what_it_must_not_is_one_line(tmp_path: Path) -> None:
    rgb, hole = holed(32, 32)
    endless = Lama(write_lama(tmp_path / "endless.onnx", scale=float("inf")))
    with pytest.raises(CubisegError, match=r"endless\.onnx: gives no finite picture"):
        endless.paint(rgb, hole)
