"""Free memory is what the system and the control groups leave."""

from pathlib import Path

from cubiseg.workers import available_memory

GIB = 2**30


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_memory_that_is_free_is_bounded_by_the_control_groups_around_the_process(tmp_path: Path) -> None:
    machine = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {20 * 2**20} kB\n"}
    group = "sys/fs/cgroup"
    root = _write(tmp_path / "none", machine)
    assert available_memory(root) == 20 * GIB
    limits = {
        "proc/self/cgroup": "0::/batch/job\n",
        f"{group}/batch/memory.max": f"{8 * GIB}\n",
        f"{group}/batch/memory.current": f"{5 * GIB}\n",
        f"{group}/batch/memory.stat": f"anon 1\ninactive_file {GIB}\n",
        f"{group}/batch/job/memory.max": "max\n",
        f"{group}/batch/job/memory.current": f"{GIB}\n",
    }
    assert available_memory(_write(tmp_path / "v2", machine | limits)) == 4 * GIB
    old = {
        "proc/self/cgroup": "5:cpu,memory:/docker/abc\n0::/\n",
        f"{group}/memory/memory.limit_in_bytes": f"{3 * GIB}\n",  # in a container its own group is the top
        f"{group}/memory/memory.usage_in_bytes": f"{GIB}\n",
    }
    assert available_memory(_write(tmp_path / "v1", machine | old)) == 2 * GIB
    assert available_memory(tmp_path / "elsewhere") is None
