"""The stream of samples is a function of seed and draw number."""

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import cubiseg.training.transforms  # noqa: F401 - registers what the configs name
from cubiseg.packing import Pack, pack_samples
from cubiseg.segmentors.build import load_config
from cubiseg.training.data import DrawSampler, PictureDataset
from cubiseg.training.randomness import repeatable, seeded
from cubiseg.training.resume import what_decides
from tests.training.tiny_set import CONFIGS, params, write_dataset


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> PictureDataset:
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder)
    return PictureDataset(str(folder), "train", load_config("anime-unet", CONFIGS).train_pipeline, seed=5)


def test_each_epoch_shows_each_sample_once(stream: PictureDataset) -> None:
    names = [Path(stream[draw]["data_samples"].img_path).stem for draw in range(2 * len(stream))]
    first, second = names[: len(stream)], names[len(stream) :]
    assert sorted(first) == sorted(second) == [f"p{i:02d}" for i in range(8)]
    assert first != second


def test_a_draw_is_the_same_whenever_it_is_drawn(stream: PictureDataset) -> None:
    before = stream[11]["inputs"]
    stream[3]
    random.random()
    np.random.rand()  # noqa: NPY002
    assert torch.equal(stream[11]["inputs"], before)
    again = stream[11 + len(stream)]["inputs"]
    assert again.shape == before.shape and not torch.equal(again, before)


def test_drawing_leaves_the_random_state_of_others_alone(stream: PictureDataset) -> None:
    with seeded(1):
        expected = random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002
    with seeded(1):
        stream[0]
        assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected  # noqa: NPY002


@pytest.mark.parametrize(("device", "fixed"), [("cpu", False), ("cuda", True)])
def test_sums_on_an_accelerator_have_one_order_inside_the_block_only(
    monkeypatch: pytest.MonkeyPatch, device: str, fixed: bool
) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with repeatable(device):
        assert torch.are_deterministic_algorithms_enabled() == fixed
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_process_that_loads_leaves_the_accelerator_alone(
    stream: PictureDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What CUDA does in a forked process, also where there is none.
    def refused(device: object) -> torch.Tensor:
        raise RuntimeError("Cannot re-initialize CUDA in forked subprocess")

    loader = DataLoader(stream, batch_size=2, sampler=range(4), num_workers=1, collate_fn=list)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_rng_state", refused)
    assert [len(batch) for batch in loader] == [2, 2]
    with pytest.raises(RuntimeError, match="forked"):
        stream[0]


def test_size_and_crop_of_a_draw_are_decided_by_its_number(tmp_path: Path) -> None:
    from cubiseg.segmentors.build import describe
    from cubiseg.training.config import assemble

    write_dataset(tmp_path, parts=True)
    chosen = params(parts=True, max_iters=9, batch_size=4, last_size=96, last_share=1 / 3, small_crops=0.5)
    config = load_config(chosen.architecture, CONFIGS, parts=True)
    info = describe(config, chosen.architecture, chosen.input_size, parts=True)
    assert info.input_size == (96, 96) and chosen.first_iters == 6
    built = assemble(config, chosen, info, tmp_path, tmp_path).train_dataloader.dataset
    first, second = (PictureDataset(**{k: v for k, v in built.items() if k != "type"}) for _ in range(2))
    sides = [first[draw]["inputs"].shape[-1] for draw in range(36)]
    assert sides == [64] * 24 + [96] * 12
    for draw in (30, 23, 24, 7):  # in any order, as after a resume
        assert torch.equal(second[draw]["inputs"], first[draw]["inputs"])


@pytest.mark.parametrize(
    ("batch", "side", "expected"),
    [(8, 64, [8]), (8, 128, [2, 2, 2, 2]), (8, 96, [3, 3, 2]), (3, 128, [3]), (5, 128, [3, 2]), (1, 128, [1])],
)
def test_a_pass_has_as_many_pixels_at_either_size_and_two_samples_at_least(
    batch: int, side: int, expected: list[int]
) -> None:
    from cubiseg.training.loop import in_passes

    whole = [(np.zeros((3, side, side), np.uint8), number, {}) for number in range(batch)]
    parts = in_passes(whole, 8 * 64 * 64)
    assert [len(part) for part in parts] == expected
    taken = [[number for _, number, _ in part] for part in parts]
    assert taken == [list(range(batch))[first :: len(expected)] for first in range(len(expected))]


def test_a_sampler_goes_on_where_it_was() -> None:
    sampler = DrawSampler(None)
    sampler.skip(12)
    assert list(islice(sampler, 3)) == [12, 13, 14]


@pytest.mark.parametrize(("number", "batch"), [(1, 8), (2, 4), (4, 2)])
def test_processes_see_the_draws_of_one_process_step_by_step(number: int, batch: int) -> None:
    streams = []
    for rank in range(number):
        sampler = DrawSampler(None, rank=rank, number=number)
        sampler.skip(3 * batch)  # resumed after three steps
        streams.append(iter(sampler))
    for step in range(3, 6):
        draws = [next(stream) for stream in streams for _ in range(batch)]
        assert sorted(draws) == list(range(8 * step, 8 * step + 8))


def test_transforms_that_are_off_leave_the_draws_of_the_others_alone() -> None:
    from cubiseg.segmentors.build import describe
    from cubiseg.training.config import assemble

    def steps(**chances: float) -> list[str]:
        chosen = params()
        chosen = params(augmentation={**chosen.augmentation.model_dump(), **chances})
        config = load_config(chosen.architecture, CONFIGS, parts=chosen.parts)
        info = describe(config, chosen.architecture, chosen.size, parts=chosen.parts)
        whole = assemble(config, chosen, info, Path("data"), Path("work"))
        return [step["type"] for step in whole.train_dataloader.dataset.pipeline]

    off = dict.fromkeys(("warp", "blur", "jpeg", "cut_out"), 0.0)
    assert not {"Warp", "Blur", "Jpeg", "CutOut"} & set(steps(**off))
    on = steps(**dict.fromkeys(off, 0.3))
    assert [name for name in on if name in ("Warp", "FlipSides", "Blur", "Jpeg", "RandomPlace", "CutOut")] == [
        "Warp",
        "FlipSides",
        "Blur",
        "Jpeg",
        "RandomPlace",
        "CutOut",
    ]


def test_a_data_set_in_shards_gives_the_same_batches_and_the_same_run(tmp_path: Path) -> None:
    config = load_config("anime-unet", CONFIGS)
    batches, decides = [], []
    for pack in (Pack.FILES, Pack.SHARDS):
        folder = tmp_path / pack
        write_dataset(folder)
        pack_samples(folder, ("images", "labels"), pack, 12)
        stream = PictureDataset(str(folder), "train", config.train_pipeline, seed=5)
        loader = DataLoader(stream, sampler=DrawSampler(stream), batch_size=4, num_workers=2, collate_fn=list)
        batches.append([draw for batch in islice(loader, 3) for draw in batch])
        decides.append(what_decides(params(), config, folder))
    assert decides[0] == decides[1]
    for plain, packed in zip(*batches, strict=True):
        assert torch.equal(plain["inputs"], packed["inputs"])
        assert torch.equal(plain["data_samples"].gt_sem_seg.data, packed["data_samples"].gt_sem_seg.data)
