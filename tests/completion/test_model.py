import random
from pathlib import Path

import numpy as np
import onnx
import pytest

from cubiseg import taxonomy
from cubiseg.completion import model as completion
from cubiseg.completion.model import SeenPart, expected_iou, metadata, open_completion
from cubiseg.completion.truth import beneath
from cubiseg.errors import CubisegError
from tests.completion.untrained import COLOUR, SIZE, write_completion
from tests.inference.palette import write_model

SIZE_OF_PICTURE = 70, 100


def picture() -> tuple[np.ndarray, np.ndarray]:
    """A fringe over a face that touches the lower border, on plain ground."""
    rgb = np.random.default_rng(1).integers(0, 256, (*SIZE_OF_PICTURE, 3), np.uint8)
    label = np.zeros(SIZE_OF_PICTURE, np.uint8)
    label[20:, 30:70], label[10:40, 25:75] = taxonomy.ID["face"], taxonomy.PART_ID["hair_front"]
    return rgb, label


def job(name: str, label: np.ndarray) -> SeenPart:
    return SeenPart(name, label == taxonomy.PART_ID[name], beneath(name, label))


def test_parts_are_completed_where_they_may_be_hidden_and_nowhere_else(tmp_path: Path) -> None:
    rgb, label = picture()
    opened = open_completion(write_completion(tmp_path / "c.onnx"))
    assert opened.parts == ("face", "hair_front", "eye_left_iris") and opened.size == SIZE
    assert opened.taxonomy_version == taxonomy.VERSION
    jobs = [job(name, label) for name in ("face", "hair_front")]
    face, fringe = opened.complete(rgb, label, jobs)
    for one, found in zip(jobs, (face, fringe), strict=True):
        window, seen = found.box.window, one.visible[found.box.window]
        assert found.alpha.shape == seen.shape and found.rgb.shape == (*seen.shape, 3)
        assert np.array_equal(found.rgb[seen], rgb[window][seen]) and (found.alpha[seen] == 1).all()
        assert not found.alpha[~seen & ~one.may_hide[window]].any() and 0 <= found.sure <= 1
    hidden = jobs[0].may_hide[face.box.window]
    assert hidden.any() and (face.alpha[hidden] > 0.99).all()
    far = hidden.copy()
    far[10:] = False  # the farther from what is seen, the more the network's own
    off = np.abs(face.rgb - np.array(COLOUR)).sum(axis=2)
    assert far.any() and off[far].mean() < off[hidden & ~far].mean()
    assert not (fringe.alpha * ~jobs[1].visible[fringe.box.window]).any() and fringe.sure == 1


def test_a_part_does_not_depend_on_the_others_of_its_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rgb, label = picture()
    opened = open_completion(write_completion(tmp_path / "c.onnx"))
    jobs = [job(name, label) for name in ("face", "hair_front")] * 3
    together = opened.complete(rgb, label, jobs)
    monkeypatch.setattr(completion, "BATCH", 2)
    for one, other in zip(together, opened.complete(rgb, label, jobs), strict=True):
        assert one.box == other.box and np.array_equal(one.alpha, other.alpha) and np.array_equal(one.rgb, other.rgb)
    assert opened.complete(rgb, label, []) == []


def test_a_part_of_one_pixel_and_a_picture_of_one_part_work(tmp_path: Path) -> None:
    rgb, label = picture()
    opened = open_completion(write_completion(tmp_path / "c.onnx"))
    label[69, 99] = taxonomy.PART_ID["eye_left_iris"]
    (found,) = opened.complete(rgb, label, [job("eye_left_iris", label)])
    assert found.alpha.sum() == 1 and found.sure == 1
    plain = np.full(SIZE_OF_PICTURE, taxonomy.ID["face"], np.uint8)
    (whole,) = opened.complete(rgb, plain, [job("face", plain)])
    assert whole.alpha.shape == SIZE_OF_PICTURE and whole.alpha.min() == 1 and np.array_equal(whole.rgb, rgb)


def test_jobs_that_cannot_be_are_refused(tmp_path: Path) -> None:
    rgb, label = picture()
    opened = open_completion(write_completion(tmp_path / "c.onnx"))
    with pytest.raises(ValueError, match="no part"):
        opened.complete(rgb, label, [job("neck", label)])
    with pytest.raises(ValueError, match="differ in size"):
        opened.complete(rgb[:-1], label, [job("face", label)])
    with pytest.raises(ValueError, match="nothing is seen"):
        opened.complete(rgb, label, [job("eye_left_iris", label)])


def test_how_sure_the_network_is_follows_its_probabilities() -> None:
    hide = np.full((4, 4), 255, np.uint8)
    half = np.zeros((4, 4), np.float32)
    assert expected_iou(half + 20, hide) == pytest.approx(1, abs=1e-3)
    assert expected_iou(half, hide) == pytest.approx(0.5)
    assert expected_iou(half - 30, hide) == 1
    assert expected_iou(half, np.zeros_like(hide)) == 1


def refused(path: Path, message: str) -> None:
    with pytest.raises(CubisegError, match=message) as caught:
        open_completion(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "cubiseg-other"}, "no completion"),
        ({"format_version": "2"}, "no completion"),
        ({"taxonomy_version": "1"}, "taxonomy 1"),
        ({"parts": '["face", "gills"]'}, "taxonomy"),
        ({"parts": "[]"}, "no completion"),
        ({"parts": "{"}, "no completion"),
        ({"size": "100000"}, "no completion"),
        ({"size": "33"}, "no completion"),
    ],
)
def test_a_file_of_another_kind_or_taxonomy_is_one_line(tmp_path: Path, change: dict[str, str], message: str) -> None:
    told = metadata(("face",), SIZE) | change
    refused(write_completion(tmp_path / "c.onnx", told), message)


def test_a_segmentation_model_is_no_completion(tmp_path: Path) -> None:
    refused(write_model(tmp_path / "m.onnx"), "no completion")


def test_other_tensors_are_one_line(tmp_path: Path) -> None:
    refused(write_completion(tmp_path / "c.onnx", inputs=("image", "label", "mask", "part")), "has tensors")


def test_damaged_missing_and_unsafe_files_are_one_line(tmp_path: Path) -> None:
    content = write_completion(tmp_path / "c.onnx").read_bytes()
    path = tmp_path / "other.onnx"
    refused(path, "no such model file.*make completion")
    for damaged in (b"", b"nonsense", content[: len(content) // 2], content[:-3]):
        path.write_bytes(damaged)
        refused(path, "is empty|no usable model|no completion")
    Path(f"{path}.dvc").write_text("outs: []")
    path.unlink()
    refused(path, "only its pointer is here")
    (tmp_path / "c.pt").write_bytes(content)
    refused(tmp_path / "c.pt", "an .onnx file")
    with path.open("wb") as file:
        file.truncate(completion.MAX_BYTES + 2**20)
    refused(path, "this is no cubiseg model")
    loaded = onnx.load_from_string(content)
    tensor = loaded.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    path.write_bytes(loaded.SerializeToString())
    refused(path, "other files")


def test_bytes_changed_at_random_never_end_otherwise(tmp_path: Path) -> None:
    content = bytearray(write_completion(tmp_path / "c.onnx").read_bytes())
    rng = random.Random(3)
    path = tmp_path / "other.onnx"
    rgb, label = picture()
    for _ in range(40):
        changed = bytearray(content)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        path.write_bytes(bytes(changed))
        try:
            opened = open_completion(path)
            if "face" in opened.parts:
                opened.complete(rgb, label, [job("face", label)])
        except CubisegError as error:
            assert "\n" not in str(error)


def test_answers_that_are_not_finite_are_one_line(tmp_path: Path) -> None:
    rgb, label = picture()
    opened = open_completion(write_completion(tmp_path / "c.onnx", logit=float("nan")))
    with pytest.raises(CubisegError, match="not finite"):
        opened.complete(rgb, label, [job("face", label)])
