"""The engine ray gives what the others give, on a cluster that loses nodes and workers."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cubiseg import __version__, lifetime
from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.imaging import write_png
from cubiseg.sources.stage import prepare
from cubiseg.workers import ray_engine, ray_tasks, run_all
from tests.annotation.test_model_provider import label as label_by_model
from tests.annotation.test_model_provider import root as pictures_in_palette_colours  # noqa: F401 - a fixture
from tests.cleaning.test_stage import Workplace
from tests.conftest import ROOT
from tests.sources.test_stage import small
from tests.test_lifetime import _COMMAND, _kill_all, _processes_of, _start, _wait
from tests.tiny import bytes_of, portraits
from tests.workers.clusters import cluster

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]

MIB = 2**20


@pytest.fixture(scope="session")
def nodes() -> Iterator[Any]:
    """A head and two nodes, of one CPU and of two."""
    with cluster((1, 1536 * MIB), (2, 1536 * MIB)) as made:
        yield made


@pytest.fixture
def on_ray(nodes: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Batches go to the cluster."""
    monkeypatch.setenv("CUBISEG_ENGINE", "ray")
    monkeypatch.setenv("CUBISEG_RAY_ADDRESS", nodes.address)
    monkeypatch.delenv("CUBISEG_WORKERS")
    return nodes


def _build(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A few portraits drawn, a few answers cleaned, two pictures cut and labelled; all that was written."""
    prepare(small(3), root / "none", root / "prepared")
    Workplace(root / "answers", count=4).clean()
    for i in range(2):
        write_png(root / "art" / f"{i}.png", portraits(2)[i].image)
    monkeypatch.chdir(root)
    for command in ("layers", "predict"):
        done = CliRunner().invoke(main, [command, "art", "-o", command, "--backend", "slic"])
        assert done.exit_code == 0, done.output
    return bytes_of(root)


def test_all_engines_write_the_same_bytes(tmp_path: Path, nodes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_RAY_ADDRESS", nodes.address)
    written = {}
    for engine, workers in (("serial", ""), ("process", "2"), ("ray", "")):
        monkeypatch.setenv("CUBISEG_ENGINE", engine)
        monkeypatch.setenv("CUBISEG_WORKERS", workers)
        written[engine + workers] = _build(tmp_path / f"{engine}{workers}", monkeypatch)
    assert len(written["serial"]) > 20
    assert all(files == written["serial"] for files in written.values())


def test_the_model_labels_pictures_on_the_cluster_as_here(
    pictures_in_palette_colours: Path,  # noqa: F811 - the fixture
    on_ray: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = pictures_in_palette_colours
    there, written = label_by_model(root), bytes_of(root / "annotated")
    assert len(list((root / "sheets").rglob("*.labels.png"))) == 2, "workers have labelled them beforehand"
    monkeypatch.setenv("CUBISEG_ENGINE", "serial")
    for folder in ("store", "cache", "sheets", "responses"):
        (root / folder).rename(root / f"{folder}-of-ray")
    assert label_by_model(root) == there and bytes_of(root / "annotated") == written


def _where(item: int) -> tuple[int, str, str, float, float]:
    import ray

    context, begun = ray.get_runtime_context(), time.monotonic()
    time.sleep(0.01)
    return item, context.get_node_id(), context.get_task_id(), begun, time.monotonic()


def test_quick_items_share_a_task_and_their_results_are_in_order(on_ray: Any) -> None:
    found = run_all(_where, range(400), "looking")
    assert [item for item, *_ in found] == list(range(400))
    assert len({task for _, _, task, *_ in found}) < 200


def _where_once_both_have_begun(begun: Path, item: int) -> str:
    import ray

    node: str = ray.get_runtime_context().get_node_id()
    (begun / node).touch()
    assert _wait(lambda: len(list(begun.iterdir())) == 2, 120)
    return node


def test_all_nodes_have_a_share(on_ray: Any, tmp_path: Path) -> None:
    assert len(set(run_all(partial(_where_once_both_have_begun, tmp_path), range(6), "meeting"))) == 2


def test_no_workers_are_one_on_a_cluster_too(on_ray: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "0")
    engine = ray_engine.Ray(abs, None)
    assert engine.slots == engine.window == 1
    engine.close()


def test_items_on_a_node_fit_into_its_memory_together_and_one_that_never_fits_is_done(on_ray: Any) -> None:
    found = run_all(_where, range(24), "looking", memory=lambda item: (900 if item else 99_999) * MIB)
    by_node = defaultdict(list)
    for item, node, task, begun, ended in found:
        by_node[node].append((begun, ended, task, item))
    for spans in by_node.values():
        spans.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert len(found) == 24


def _told(item: int) -> tuple[str | None, ...]:
    import cv2

    names = ("CUBISEG_RESPONSES", "CUBISEG_ENGINE", "OMP_NUM_THREADS", "CUBISEG_MODEL")
    return (*map(os.environ.get, names), str(Path.cwd()), str(cv2.getNumThreads()))


def test_settings_and_the_folder_reach_the_workers(
    on_ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBISEG_MODEL", "a.onnx")
    run_all(_told, range(4), "looking")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_MODEL")
    monkeypatch.setenv("CUBISEG_RESPONSES", "elsewhere")
    assert set(run_all(_told, range(4), "looking")) == {("elsewhere", "serial", "1", None, str(tmp_path), "1")}


class _Odd(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def _fail(error: Callable[[], Exception], item: int) -> int:
    if item == 5:
        raise error()
    return item


def test_an_error_arrives_as_it_was_raised(on_ray: Any) -> None:
    with pytest.raises(CubisegError) as caught:
        run_all(partial(_fail, partial(CubisegError, "five: is odd; leave it out")), range(9), "failing")
    assert type(caught.value) is CubisegError and str(caught.value) == "five: is odd; leave it out"
    assert "in _fail" in str(caught.value.__cause__), "where it was raised is known"
    with pytest.raises(RuntimeError, match=r"cannot be sent back"):
        run_all(partial(_fail, partial(_Odd, 1, 2)), range(9), "failing")


def _die_at_seven(folder: Path, item: int) -> int:
    if item == 7:
        os._exit(9)
    (folder / str(item)).touch()
    return item


def test_an_item_that_ends_its_worker_is_named_once_the_rest_is_done(on_ray: Any, tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match=r"^dying: number 7 ended the worker .*; the rest is done$"):
        run_all(partial(_die_at_seven, tmp_path), range(30), "dying")
    assert {int(path.name) for path in tmp_path.iterdir()} == set(range(30)) - {7}


def test_a_node_that_has_another_version_is_one_line(on_ray: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    call = ray_tasks.Call(b"", {}, ".", version="0")
    with pytest.raises(CubisegError, match=rf"has cubiseg {__version__}, the driver 0"):
        ray_tasks._prepared(call)
    call = ray_tasks.Call(b"", {}, "/no/such/folder")
    with pytest.raises(CubisegError, match=r"^/no/such/folder: is not on node .* same path"):
        ray_tasks._prepared(call)


def _wait_for_the_loss(folder: Path, item: int) -> tuple[int, str]:
    """A node's first item is done at once, each further one only when a node has been lost."""
    import ray

    node: str = ray.get_runtime_context().get_node_id()
    first, further = folder / f"{node}-first", folder / f"{node}-further"
    if not first.exists():
        first.touch()
    else:
        further.touch()
        assert _wait((folder / "lost").exists, 120)
    return item, node


def _lose(nodes: Any, node: Any, folder: Path) -> threading.Thread:
    """Lose a node in the midst of its second item."""

    def lose() -> None:
        _wait((folder / f"{node.node_id}-further").exists, 120)
        nodes.remove_node(node, allow_graceful=False)
        (folder / "lost").touch()

    losing = threading.Thread(target=lose)
    losing.start()
    return losing


def test_a_node_that_is_lost_in_the_midst_loses_no_result(on_ray: Any, tmp_path: Path) -> None:
    (node,) = (n for n in on_ray.worker_nodes if n._ray_params.num_cpus == 2)
    losing = _lose(on_ray, node, tmp_path)
    found = run_all(partial(_wait_for_the_loss, tmp_path), range(60), "looking")
    losing.join()
    assert [item for item, _ in found] == list(range(60))
    assert len({node for _, node in found}) == 2, "both nodes had a share"


def test_what_asked_for_the_memory_of_a_lost_node_is_done_on_a_smaller_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "_LOOK_AGAIN", 1.0)
    with cluster((1, 2048 * MIB), (1, 1024 * MIB)) as nodes:
        monkeypatch.setenv("CUBISEG_ENGINE", "ray")
        monkeypatch.setenv("CUBISEG_RAY_ADDRESS", nodes.address)
        monkeypatch.delenv("CUBISEG_WORKERS")
        large, small = sorted(nodes.worker_nodes, key=lambda n: -n._ray_params.memory)
        losing = _lose(nodes, large, tmp_path)
        done = partial(_wait_for_the_loss, tmp_path)
        found = run_all(done, range(12), "looking", memory=lambda item: 1500 * MIB)
        losing.join()
        assert [item for item, _ in found] == list(range(12))
        assert found[0][1] == large.node_id and found[-1][1] == small.node_id


_LISTENING = """
import os, psutil, sys
from cubiseg.workers import run_all
if __name__ == "__main__":
    run_all(abs, range(4), "counting")
    mine = psutil.Process().children(recursive=True)
    ports = [c for p in [psutil.Process(), *mine] for c in p.net_connections("tcp") if c.status == "LISTEN"]
    print(len(mine), len(ports), *{c.laddr.ip.removeprefix("::ffff:") for c in ports})
"""


def test_a_cluster_that_is_started_here_listens_on_the_loopback_alone_says_nothing_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    script, home = tmp_path / "script.py", tmp_path / "home"
    script.write_text(_LISTENING)
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment = {**kept, "PYTHONPATH": str(ROOT), "CUBISEG_ENGINE": "ray", "HOME": str(home)}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True)
    processes, ports, *addresses = done.stdout.split()
    assert int(processes) > 4 and int(ports) > 4 and addresses == ["127.0.0.1"]
    assert done.stderr == "" and list(home.iterdir()) == []
    folders = Path(tempfile.gettempdir()).glob("cubiseg-*-*-*")
    assert [folder for folder in folders if lifetime.born(int(folder.name.split("-")[2])) is None] == []


def test_sigterm_takes_back_what_is_half_done_on_ray_and_ends_all(tmp_path: Path) -> None:
    script, out = tmp_path / "command.py", tmp_path / "out"
    script.write_text(_COMMAND.replace("time.sleep(60)", "[time.sleep(0.05) for _ in range(1200)]"))
    out.mkdir()
    process = _start([sys.executable, str(script), str(out)], CUBISEG_ENGINE="ray", CUBISEG_RAY_ADDRESS="")
    try:
        assert _wait(lambda: len(list(out.glob(".cubiseg-*.tmp/half"))) == 2, 120)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 143
        assert said.startswith("stopped by SIGTERM") and len(said.splitlines()) == 1, said
        assert _wait(lambda: not _processes_of(process.pid), 20)
        assert list(out.iterdir()) == []
    finally:
        _kill_all(process)
