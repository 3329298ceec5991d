"""The reference line SAM-HQ: its masks become regions, none overlaps another, and its weights are read safely."""

import json
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmarks import sam_hq
from cubiseg.errors import CubisegError
from tests.tiny import portraits

SEEN = 32
"""Side of what the small network sees, in pixels."""
FLOATS = st.floats(0.125, 1, width=32)
CORNERS, SIZES = st.tuples(*[st.integers(0, 12)] * 2), st.tuples(*[st.integers(1, 12)] * 2)
BOXES = st.tuples(CORNERS, SIZES).map(lambda b: (*b[0], b[0][0] + b[1][0], b[0][1] + b[1][1]))


def disc(radius: float, side: int = 32) -> np.ndarray:
    """Distance to a circle's outline in pixels, above 0 inside: (side, side) float32."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return (radius - np.hypot(x, y)).astype(np.float32)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two partitions are the same but for the regions' ids."""
    pairs = set(zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))
    return a.shape == b.shape and len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """IoU of two boxes."""
    width, height = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = max(0, width) * max(0, height)
    return shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


@given(hnp.arrays(bool, st.tuples(st.integers(0, 6), st.integers(1, 7), st.integers(1, 7))))
def test_every_pixel_is_of_the_smallest_mask_that_covers_it(masks: np.ndarray) -> None:
    partition = sam_hq.to_partition(sam_hq.pack(masks), masks.shape[1:])
    assert partition.dtype == np.int32
    assert np.array_equal(np.unique(partition), np.arange(partition.max() + 1))
    uncovered = np.full((1, *masks.shape[1:]), masks[0].size + 1 if len(masks) else 1)
    area = np.where(masks, masks.sum((1, 2), keepdims=True), masks[0].size + 2 if len(masks) else 2)
    assert same(np.concatenate([area, uncovered]).argmin(0), partition)


def test_an_eye_in_a_face_in_a_figure_is_three_regions_and_the_rest() -> None:
    masks = np.stack([disc(r) > 0 for r in (9, 3, 14)])
    partition = sam_hq.to_partition(sam_hq.pack(masks), (32, 32))
    assert [len(np.unique(partition[mask])) for mask in masks] == [2, 1, 3]
    assert partition.max() == 3


@given(st.lists(st.tuples(BOXES, FLOATS), max_size=12))
def test_of_boxes_that_repeat_each_other_the_better_stays(found: list[tuple[tuple[int, ...], float]]) -> None:
    boxes = np.array([box for box, _ in found], np.int64).reshape(-1, 4)
    ratings = np.array([rating for _, rating in found], np.float32)
    kept = sam_hq.without_repeats(boxes, ratings)
    assert kept.tolist() == sorted(kept, key=lambda i: (-ratings[i], i))
    for index in range(len(boxes)):
        better = [overlap(boxes[index], boxes[k]) for k in kept if (-ratings[k], k) < (-ratings[index], index)]
        # A pair that overlaps by just as much as is allowed may go either way.
        if all(abs(shared - sam_hq.MOST_OVERLAP) > 1e-6 for shared in better):
            assert (index in kept) == (max(better, default=0) <= sam_hq.MOST_OVERLAP)


def test_a_sharp_mask_is_stable_and_a_soft_or_empty_one_is_not() -> None:
    sharp, soft, empty = 100 * disc(8), 0.3 * disc(8), np.full((32, 32), -5, np.float32)
    found = sam_hq.stability(np.stack([sharp, soft, empty]))
    assert found[0] == 1 and 0 < found[1] < 0.9 and found[2] == 0
    kept = sam_hq.stable_masks(np.stack([soft, sharp, empty]), np.array([0.9, 0.95, 1.0], np.float32))
    assert kept.ratings.tolist() == [np.float32(0.95)]
    assert kept.boxes.tolist() == [[8, 8, 24, 24]]
    assert np.array_equal(np.unpackbits(kept.packed[0]).reshape(32, 32), sharp > 0)


def test_points_are_the_middles_of_equal_cells() -> None:
    assert sam_hq.grid_points(2).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    assert len(np.unique(sam_hq.grid_points(sam_hq.GRID), axis=0)) == 32 * 32


def save_network(folder: Path, rating: float) -> None:
    """Save a small network with random weights, whose masks are sharp and sparse.

    Args:
        rating: about what it predicts as the IoU of its masks.
    """
    transformers = pytest.importorskip("transformers", reason="SAM-HQ is read by transformers")
    import torch

    config = transformers.SamHQConfig(
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SEEN,
            "patch_size": 8,
            "output_channels": 32,
            "num_pos_feats": 16,
            "window_size": 2,
            "global_attn_indexes": [1],
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SEEN, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 64, "num_attention_heads": 2, "vit_dim": 32},
    )
    with torch.random.fork_rng():
        network = transformers.SamHQModel(config)
    generator = torch.Generator().manual_seed(0)
    decoder = network.mask_decoder
    with torch.no_grad():
        for weights in network.parameters():
            if weights.ndim > 1:
                torch.nn.init.xavier_normal_(weights, generator=generator)
        network.shared_image_embedding.positional_embedding.normal_(generator=generator)
        decoder.iou_prediction_head.proj_out.bias.fill_(rating)
        # One channel is the same everywhere and lowers all logits; their size makes masks sharp.
        decoder.upscale_conv2.bias[0] = 10
        for head in decoder.output_hypernetworks_mlps:
            head.proj_out.weight[0], head.proj_out.bias[0] = 0, -0.1
        for head in (*decoder.output_hypernetworks_mlps, decoder.hq_mask_mlp):
            head.proj_out.weight.mul_(1e4)
            head.proj_out.bias.mul_(1e4)
    network.save_pretrained(folder)


def owners(folder: Path, rgb: np.ndarray) -> np.ndarray:
    """What cuts a picture too: transformers' own grid and filters, the rest one mask and one box after the other.

    Returns:
        (H, W) int64, index of the smallest mask that covers a pixel, -1 where there is none.
    """
    import torch
    from transformers import SamHQModel, SamImageProcessorPil

    network = SamHQModel.from_pretrained(folder, local_files_only=True)
    processor = SamImageProcessorPil(size={"longest_edge": SEEN}, pad_size={"height": SEEN, "width": SEEN})
    (whole,), points, _, _ = processor.generate_crop_boxes(rgb, SEEN)
    picture = processor(rgb, return_tensors="pt", input_data_format="channels_last")
    with torch.no_grad():
        out = network(pixel_values=picture.pop("pixel_values"), input_points=points)
    (logits,) = processor.post_process_masks(out.pred_masks, **picture, binarize=False)
    lengths, ratings, ends = processor.filter_masks(logits, out.iou_scores[0], rgb.shape[:2], whole)
    boxes = ends.numpy() + np.array([0, 0, 1, 1])  # theirs end with the last pixel
    kept: list[int] = []
    for index in ratings.argsort(descending=True, stable=True).tolist():
        if all(overlap(boxes[index], boxes[k]) <= sam_hq.MOST_OVERLAP for k in kept):
            kept.append(index)
    owner, smallest = np.full(rgb.shape[:2], -1), np.full(rgb.shape[:2], rgb.size)
    for index in kept:
        # Lengths of runs outside and inside the mask by turns, down one column after another.
        runs = np.array(lengths[index]["counts"])
        mask = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(rgb.shape[1::-1]).T
        wins = mask & (mask.sum() < smallest)
        owner[wins], smallest[wins] = index, mask.sum()
    return owner


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sam") / "weights"
    save_network(folder, rating=sam_hq.LEAST_IOU)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """The weights, to be damaged."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.mark.slow
@pytest.mark.parametrize("window", [np.s_[:, :], np.s_[20:61, 8:]], ids=["square", "wide"])
def test_a_picture_is_cut_as_transformers_would_and_the_same_way_each_time(saved: Path, window: Any) -> None:
    rgb = portraits()[0].image[window]
    first, second = sam_hq.open_sam_hq(saved)(rgb), sam_hq.open_sam_hq(saved)(rgb)
    assert type(first) is np.ndarray and first.dtype == np.int32
    assert np.array_equal(first, second)
    assert same(owners(saved, rgb), first) and first.max() > 5


@pytest.mark.slow
def test_a_network_that_trusts_no_mask_leaves_one_region(tmp_path: Path) -> None:
    save_network(tmp_path, rating=-9)
    assert not sam_hq.open_sam_hq(tmp_path)(portraits()[0].image).any()


def test_a_folder_without_weights_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match=r"^.*absent: holds no config.json; name a folder that .*$"):
        sam_hq.open_sam_hq(tmp_path / "absent")
    (tmp_path / "config.json").write_text('{"model_type": "sam_hq"}')
    with pytest.raises(CubisegError, match=r"^.*holds no model.safetensors; name a folder that .*$"):
        sam_hq.open_sam_hq(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"model_type": "sam"}', "describes 'sam', not 'sam_hq'"),
        ("{}", "describes None, not 'sam_hq'"),
        ("[]", "not a usable config"),
        ("{", "not a usable config"),
        ("\0", "not a usable config"),
    ],
)
def test_a_config_of_something_else_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(CubisegError, match=rf"^.*config.json: {says}.*$"):
        sam_hq.open_sam_hq(tmp_path)


def test_without_transformers_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam_hq"}')
    (tmp_path / "model.safetensors").touch()
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(CubisegError, match=r"^SAM-HQ needs transformers .*: pip install transformers$"):
        sam_hq.open_sam_hq(tmp_path)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_pickled_weights_are_refused_unread(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / "model.safetensors").unlink()
    (copy / name).write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    with pytest.raises(CubisegError, match=r"^.*(pickled weights are not read|not usable weights of SAM-HQ).*$"):
        sam_hq.open_sam_hq(copy)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("block", "changes"),
    [("vision_config", {"num_hidden_layers": 3}), ("mask_decoder_config", {"vit_dim": 16})],
    ids=["a layer more", "another width"],
)
def test_weights_of_another_network_are_one_line(
    copy: Path, capfd: pytest.CaptureFixture[str], block: str, changes: dict[str, Any]
) -> None:
    config = json.loads((copy / "config.json").read_text())
    config[block].update(changes)
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(CubisegError, match=r"^.*copy: .*; copy the folder again$"):
        sam_hq.open_sam_hq(copy)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cut", [0, 5, 200, -1])
def test_damaged_weights_are_one_line(copy: Path, cut: int) -> None:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(CubisegError, match=r"^.*copy: not usable weights of SAM-HQ \(.*\); copy the folder again$"):
        sam_hq.open_sam_hq(copy)


def test_code_beside_the_weights_is_not_run(copy: Path, tmp_path: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "evil.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    sam_hq.open_sam_hq(copy)
    assert not (tmp_path / "sprung").exists()
