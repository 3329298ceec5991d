import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

PLANE = 64
"""Megabytes that a network of these tests holds while it runs, twice."""
RUN = """
import sys
from pathlib import Path
import numpy as np
import onnxruntime as ort
if "registered" in sys.argv:
    info = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(info, ort.OrtArenaCfg(0, -1, -1, -1))
from cubiseg.inference.onnx_session import session_of
content = Path(sys.argv[1]).read_bytes()
sessions = [session_of(content) for _ in range(4)]
Path("/proc/self/clear_refs").write_text("5")
status = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
before = status()
print(*[float(session.run(None, {"x": np.ones(1, np.float32)})[0]) for session in sessions], status() - before)
"""


@pytest.fixture
def hungry(tmp_path: Path) -> Path:
    """A network that spreads one number over a plane, adds 1 to each and takes the mean."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [PLANE << 18])
    one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
    nodes = [
        helper.make_node("Expand", ["x", "shape"], ["plane"]),
        helper.make_node("Add", ["plane", "one"], ["more"]),
        helper.make_node("ReduceMean", ["more"], ["y"], keepdims=0),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [])
    graph = helper.make_graph(nodes, "hungry", [x], [y], [shape, one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "hungry.onnx"))
    return tmp_path / "hungry.onnx"


def run(network: Path, *arguments: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", RUN, network, *arguments], capture_output=True, text=True, check=True)
    return [float(number) for number in re.findall(r"[-\d.]+", done.stdout)]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_sessions_take_their_memory_from_one_place(hungry: Path) -> None:
    *means, taken = run(hungry)
    assert means == [2] * 4
    assert taken < 2.5 * PLANE  # four arenas would keep at least a plane each, the last one two


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_process_that_has_given_its_sessions_memory_already_is_served_all_the_same(hungry: Path) -> None:
    assert np.array_equal(run(hungry, "registered")[:4], [2] * 4)
