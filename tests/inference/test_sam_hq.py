"""SAM-HQ: its masks become regions and segments, none overlaps another, and its weights are read safely."""

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

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference.sam_hq import SamHq, finding, open_network
from cubiseg.inference.sam_hq import masks as of_masks
from cubiseg.inference.sam_hq.naming import named_by_votes
from cubiseg.inference.sam_hq.prompts import grid_points, region_points
from cubiseg.inference.sam_hq.sizes import enlarged, seen_size
from cubiseg.inference.segmentation import Segmentation
from tests.inference.palette import portrait, write_model
from tests.inference.sam import SEEN, export_pair, save_network
from tests.tiny import portraits

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
    partition = of_masks.to_partition(of_masks.pack(masks), masks.shape[1:])
    assert partition.dtype == np.int32
    assert np.array_equal(np.unique(partition), np.arange(partition.max() + 1))
    uncovered = np.full((1, *masks.shape[1:]), masks[0].size + 1 if len(masks) else 1)
    area = np.where(masks, masks.sum((1, 2), keepdims=True), masks[0].size + 2 if len(masks) else 2)
    assert same(np.concatenate([area, uncovered]).argmin(0), partition)


def test_an_eye_in_a_face_in_a_figure_is_three_regions_and_the_rest() -> None:
    masks = np.stack([disc(r) > 0 for r in (9, 3, 14)])
    partition = of_masks.to_partition(of_masks.pack(masks), (32, 32))
    assert [len(np.unique(partition[mask])) for mask in masks] == [2, 1, 3]
    assert partition.max() == 3


@given(st.lists(st.tuples(BOXES, FLOATS), max_size=12))
def test_of_boxes_that_repeat_each_other_the_better_stays(found: list[tuple[tuple[int, ...], float]]) -> None:
    boxes = np.array([box for box, _ in found], np.int64).reshape(-1, 4)
    ratings = np.array([rating for _, rating in found], np.float32)
    kept = of_masks.without_repeats(boxes, ratings)
    assert kept.tolist() == sorted(kept, key=lambda i: (-ratings[i], i))
    for index in range(len(boxes)):
        better = [overlap(boxes[index], boxes[k]) for k in kept if (-ratings[k], k) < (-ratings[index], index)]
        # A pair that overlaps by just as much as is allowed may go either way.
        if all(abs(shared - of_masks.MOST_OVERLAP) > 1e-6 for shared in better):
            assert (index in kept) == (max(better, default=0) <= of_masks.MOST_OVERLAP)


def test_a_sharp_mask_is_stable_and_a_soft_or_empty_one_is_not() -> None:
    sharp, soft, empty = 100 * disc(8), 0.3 * disc(8), np.full((32, 32), -5, np.float32)
    found = of_masks.stability(np.stack([sharp, soft, empty]))
    assert found[0] == 1 and 0 < found[1] < 0.9 and found[2] == 0
    kept = of_masks.stable_masks(np.stack([soft, sharp, empty]), np.array([0.9, 0.95, 1.0], np.float32))
    assert kept.ratings.tolist() == [np.float32(0.95)]
    assert kept.boxes.tolist() == [[8, 8, 24, 24]]
    assert np.array_equal(np.unpackbits(kept.packed[0]).reshape(32, 32), sharp > 0)


def test_points_are_the_middles_of_equal_cells() -> None:
    assert grid_points(2).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    assert len(np.unique(grid_points(finding.GRID), axis=0)) == 32 * 32


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
        if all(overlap(boxes[index], boxes[k]) <= of_masks.MOST_OVERLAP for k in kept):
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
    save_network(folder, rating=of_masks.LEAST_IOU)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """The weights, to be damaged."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.mark.slow
@pytest.mark.parametrize("window", [np.s_[:, :], np.s_[20:61, 8:]], ids=["square", "wide"])
def test_a_picture_is_cut_as_transformers_would_and_the_same_way_each_time(saved: Path, window: Any) -> None:
    rgb = portraits()[1].image[window]
    first, second = finding.open_cutter(saved)(rgb), finding.open_cutter(saved)(rgb)
    assert type(first) is np.ndarray and first.dtype == np.int32
    assert np.array_equal(first, second)
    assert same(owners(saved, rgb), first) and first.max() > 5


@pytest.mark.slow
def test_a_network_that_trusts_no_mask_leaves_one_region(tmp_path: Path) -> None:
    save_network(tmp_path, rating=-9)
    assert not finding.open_cutter(tmp_path)(portraits()[0].image).any()


def test_a_folder_without_weights_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match=r"^.*absent: holds no config.json; name a folder that .*$"):
        open_network(str(tmp_path / "absent"))
    (tmp_path / "config.json").write_text('{"model_type": "sam_hq"}')
    with pytest.raises(CubisegError, match=r"^.*holds no model.safetensors; name a folder that .*$"):
        open_network(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"model_type": "sam"}', "describes 'sam', not 'sam_hq'"),
        ("{}", "describes None, not 'sam_hq'"),
        ("[]", "not a usable config"),
        ("{", "not a usable config"),
        ("\0", "not a usable config"),
        ('{"model_type": "sam_hq", "vision_config": {"image_size": 100000}}', "sees 100000 px a side"),
        ('{"model_type": "sam_hq", "vision_config": {"image_size": 0}}', "sees 0 px a side"),
        ('{"model_type": "sam_hq", "vision_config": []}', "not a usable config"),
    ],
)
def test_a_config_of_something_else_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(CubisegError, match=rf"^.*config.json: {says}.*$"):
        open_network(str(tmp_path))


def test_without_transformers_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "sam_hq"}')
    (tmp_path / "model.safetensors").touch()
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(CubisegError, match=r"^sam-hq: needs transformers .*: pip install 'cubiseg\[sam\]'$"):
        open_network(str(tmp_path))


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
        open_network(str(copy))
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
        open_network(str(copy))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cut", [0, 5, 200, -1])
def test_damaged_weights_are_one_line(copy: Path, cut: int) -> None:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(CubisegError, match=r"^.*copy: not usable weights of SAM-HQ \(.*\); copy the folder again$"):
        open_network(str(copy))


def test_code_beside_the_weights_is_not_run(copy: Path, tmp_path: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "evil.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    open_network(str(copy))
    assert not (tmp_path / "sprung").exists()


def test_masks_are_enlarged_as_transformers_does() -> None:
    transformers = pytest.importorskip("transformers", reason="what it is compared with")
    import torch

    logits = np.random.default_rng(5).normal(0, 9, (3, 16, 16)).astype(np.float32)
    processor = transformers.SamImageProcessorPil(size={"longest_edge": 64}, pad_size={"height": 64, "width": 64})
    for shape in ((90, 50), (40, 64), (33, 200)):
        seen = seen_size(shape, 64)
        (theirs,) = processor.post_process_masks([torch.from_numpy(logits)[None]], [shape], [seen], binarize=False)
        assert np.abs(enlarged(logits, 64, seen, shape) - theirs[0].numpy()).max() < 1e-3


def test_small_holes_are_closed_and_small_islands_left_out() -> None:
    mask = disc(12) > 0
    mask[14:16, 14:16], mask[0, 0] = False, True
    mended = of_masks.whole(mask, 9)
    assert np.array_equal(mended, disc(12) > 0)
    assert not of_masks.whole(np.zeros((4, 4), bool), 9).any()


def masks_of(found: list[np.ndarray], rating: float = 0.95) -> of_masks.Masks:
    stack = np.stack(found)
    return of_masks.Masks(of_masks.pack(stack), of_masks.boxes_of(stack), np.full(len(stack), rating, np.float32))


def test_segments_are_the_masks_that_show_most_by_area_and_no_more_than_asked_for() -> None:
    found = masks_of([disc(r) > 0 for r in (3, 14, 9)])
    segments = of_masks.to_segments(found, (32, 32), 18)
    areas = np.bincount(segments.ravel())[1:]
    assert segments.max() == 3 and (np.diff(areas) <= 0).all() and segments[0, 0] == 0
    two = of_masks.to_segments(found, (32, 32), 2)
    assert two.max() == 2 and np.array_equal(two > 0, disc(14) > 0)


def test_points_lie_inside_their_regions() -> None:
    regions = np.zeros((40, 60), np.uint16)
    regions[5:20, 5:50], regions[25:35, 10:14] = 1, 3
    at = (region_points(regions) * (60, 40)).astype(int)
    assert [int(regions[y, x]) for x, y in at] == [1, 3]


class Drawn:
    """A network that draws what it is told: squares of ``count`` places, or none."""

    name, side, at_once = "drawn", 128, 4000

    def __init__(self, count: int) -> None:
        self.count = count

    def embed(self, rgb: np.ndarray) -> None:
        assert max(rgb.shape) <= self.side

    def masks(self, embedding: None, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        logits = np.full((self.count, 32, 32), -20, np.float32)
        for index, (x, y) in enumerate(rng.integers(0, 28, (self.count, 2))):
            size = 2 + index % 9
            logits[index, y : y + size, x : x + size] = 20
        return logits, np.linspace(0.9, 1, self.count, dtype=np.float32)


def test_without_a_mask_the_error_is_one_line_and_with_5000_the_warning_is() -> None:
    picture = Picture(np.random.default_rng(2).integers(0, 256, (128, 128, 3), np.uint8))
    with pytest.raises(CubisegError, match=r"^sam-hq: found no mask in the picture; .*$"):
        SamHq(Drawn(0), 18, lambda: None).unnamed(picture)
    result = SamHq(Drawn(5000), 18, lambda: None).unnamed(picture)
    assert result.segments is not None and 1 < result.segments.max() <= 18
    cut, kept = result.warnings
    assert cut.startswith("cut into ") and kept.startswith("of ") and "masks the" in kept


def test_masks_take_the_name_that_most_of_their_pixels_have_and_small_parts_stay() -> None:
    label = np.full((32, 32), taxonomy.ID["face"], np.uint8)
    label[:, 20:] = taxonomy.ID["hair"]
    label[10:12, 10:12] = taxonomy.ID["nose"]
    label[disc(3) > 0] = taxonomy.ID["clothes"]
    voted = Segmentation(label, np.ones(label.shape, np.float32), "anime-advanced", "anime-unet")
    regions = np.zeros((32, 32), np.int32)
    regions[:, :20], regions[:, 20:24] = 1, 2
    named = named_by_votes(regions, voted).label
    assert (named[:, :20][label[:, :20] != taxonomy.ID["nose"]] == taxonomy.ID["face"]).all()
    assert named[11, 11] == taxonomy.ID["nose"] and np.array_equal(named[:, 24:], label[:, 24:])


def test_where_masks_cover_all_each_is_named_by_its_votes_and_where_none_lies_the_model_s_names_stay() -> None:
    inner = disc(9) > 0
    label = np.where(inner, taxonomy.ID["face"], taxonomy.ID["hair"]).astype(np.uint8)
    label[2:5, 2:5], label[15, 15] = taxonomy.ID["clothes"], taxonomy.ID["skin"]
    voted = Segmentation(label, np.ones(label.shape, np.float32), "anime-advanced", "anime-unet")
    whole = of_masks.smallest_on_top(of_masks.pack(np.stack([np.ones_like(inner), inner])), label.shape)
    assert whole.dtype == np.uint16 and np.array_equal(whole, 1 + inner)
    named = named_by_votes(whole, voted).label
    assert np.array_equal(named, np.where(inner, taxonomy.ID["face"], taxonomy.ID["hair"]))
    part = of_masks.smallest_on_top(of_masks.pack(inner[None]), label.shape)
    assert np.array_equal(part, inner)
    assert np.array_equal(named_by_votes(part, voted).label, np.where(inner, taxonomy.ID["face"], label))


def test_in_a_picture_with_a_face_masks_are_named_and_without_a_model_they_are_not() -> None:
    picture, label = portrait()

    class Model:
        name = architecture = "model"

        def segment(self, picture: Picture) -> Segmentation:
            return Segmentation(label, np.ones(label.shape, np.float32), self.name, self.name, face=0.99)

    named = SamHq(Drawn(40), 18, Model).segment(picture)
    assert named.segments is None and named.backend == "sam-hq" and "drawn" in named.architecture
    assert (named.label == label).mean() > 0.5
    nameless = SamHq(Drawn(40), 18, lambda: None).segment(picture)
    assert nameless.segments is not None and "no model is here to name masks" in nameless.warnings[-1]


@pytest.mark.slow
def test_an_encoder_and_a_decoder_give_what_the_folder_gives(saved: Path, tmp_path: Path) -> None:
    encoder, decoder = tmp_path / "encoder.onnx", tmp_path / "decoder.onnx"
    export_pair(saved, encoder, decoder)
    folder, pair = open_network(str(saved)), open_network(f"{encoder},{decoder}")
    rgb = portraits()[0].image[::4, ::4]
    points = np.array([(3.0, 4.0), (20.0, 9.0)])
    theirs, rated = folder.masks(folder.embed(rgb), points)
    logits, ratings = pair.masks(pair.embed(rgb), points)
    assert pair.side == folder.side and logits.shape == theirs.shape
    assert np.abs(ratings - rated).max() < 1e-3
    assert ((logits > 0) == (theirs > 0)).mean() > 0.99
    decoder.write_bytes(decoder.read_bytes()[:-2000])
    with pytest.raises(CubisegError, match=r"^.*decoder.onnx: (is no usable network|.*is unsafe).*$"):
        open_network(f"{encoder},{decoder}")


def test_onnx_files_of_something_else_are_one_line(tmp_path: Path) -> None:
    ours = write_model(tmp_path / "ours.onnx")
    with pytest.raises(CubisegError, match=r"^.*ours.onnx: is no decoder of SAM's usual interface \(.*\); name .*$"):
        open_network(f"{ours},{ours}")
    cases = {
        f"{ours}": "SAM as ONNX is two files",
        f"{ours},{tmp_path / 'weights.pth'}": "is no .onnx file",
        f"{tmp_path / 'absent.onnx'},{ours}": "absent.onnx: ",
    }
    for source, said in cases.items():
        with pytest.raises(CubisegError, match=said) as caught:
            open_network(source)
        assert "\n" not in str(caught.value)


def test_no_weights_are_told_with_the_variable_that_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBISEG_SAM_HQ", raising=False)
    with pytest.raises(CubisegError, match=r"^sam-hq: needs weights; .*--sam-hq or \$CUBISEG_SAM_HQ$"):
        open_network()
    monkeypatch.setenv("CUBISEG_SAM_HQ", "absent")
    with pytest.raises(CubisegError, match=r"^absent: holds no config.json"):
        open_network()
