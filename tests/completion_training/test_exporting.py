from pathlib import Path

import numpy as np
import pytest
import torch

from cubiseg import taxonomy
from cubiseg.completion.model import SeenPart, open_completion
from cubiseg.completion.truth import beneath
from cubiseg.completion_training import exporting
from cubiseg.completion_training.network import PARTS, CompletionNetwork
from cubiseg.errors import CubisegError
from cubiseg.portraits import draw


@pytest.fixture(scope="module")
def network() -> CompletionNetwork:
    torch.manual_seed(3)
    network = CompletionNetwork((8, 16, 16))
    for tensor in network.buffers():  # norms that have seen something
        if tensor.dtype == torch.float32 and tensor.ndim == 1:
            tensor.uniform_(0.5, 1.5)
    return network.eval()


def test_the_file_says_what_the_network_says_and_completes_a_picture(
    network: CompletionNetwork, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "completion.onnx"
    said = exporting.export(network, path, 32)
    assert said["logits"] <= exporting.TOLERANCE and said["colours"] <= exporting.TOLERANCE and said["megabytes"] < 1
    assert [p.name for p in path.parent.iterdir()] == ["completion.onnx"]
    opened = open_completion(path)
    assert opened.parts == PARTS and opened.size == 32 and opened.taxonomy_version == taxonomy.VERSION
    portrait = draw(20, 1, 128)
    names = [name for name in PARTS if (portrait.parts == taxonomy.PART_ID[name]).any()]
    jobs = [SeenPart(n, portrait.parts == taxonomy.PART_ID[n], beneath(n, portrait.parts)) for n in names]
    found = opened.complete(portrait.image, portrait.parts, jobs)
    assert len(found) == len(names) > 8
    for job, one in zip(jobs, found, strict=True):
        seen = job.visible[one.box.window]
        assert np.array_equal(one.rgb[seen], portrait.image[one.box.window][seen])


def test_equal_weights_give_equal_bytes_that_tell_nothing_of_the_machine(
    network: CompletionNetwork, tmp_path: Path
) -> None:
    contents = []
    for name in ("a.onnx", "b.onnx"):
        exporting.export(network, tmp_path / name, 32)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    assert b"site-packages" not in contents[0] and b"completion_training" not in contents[0]


def test_an_export_that_differs_is_not_written(
    network: CompletionNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "completion.onnx"
    path.write_bytes(b"the old one")
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    with pytest.raises(CubisegError, match="differs by"):
        exporting.export(network, path, 32)
    monkeypatch.setattr(exporting, "MOST_BYTES", 10)
    with pytest.raises(CubisegError, match="would have"):
        exporting.export(network, path, 32)
    assert path.read_bytes() == b"the old one" and len(list(tmp_path.iterdir())) == 1
