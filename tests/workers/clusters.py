"""A Ray cluster of several nodes on this machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cubiseg.workers import ray_cluster
from tests.conftest import ROOT


@contextmanager
def cluster(*nodes: tuple[int, int]) -> Iterator[Any]:
    """A head without CPUs and further nodes, all on the loopback; gives Ray's ``Cluster``, which can lose nodes.

    Args:
        nodes: CPUs of each further node, and bytes that tasks may ask it for.
    """
    os.environ.update({**ray_cluster.LOCAL, **ray_cluster.QUIET, "RAY_AUTH_TOKEN": "0" * 64})
    from ray.cluster_utils import Cluster

    with ExitStack() as left:
        folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
        left.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Cluster()
        left.callback(made.shutdown)
        left.callback(ray_cluster.disconnect)
        common = {"include_log_monitor": False, "object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}
        head = {"num_cpus": 0, "include_dashboard": False, "no_monitor": True, "temp_dir": folder}
        # It writes the cluster's address into a folder that it does not make.
        Path(folder, "ray").mkdir()
        # Later tests send SIGTERM to this process. Workers import the tests wherever they are started.
        with ray_cluster.signals_kept(), ray_cluster.variables({"PYTHONPATH": str(ROOT)}):
            with ray_cluster.variables({"RAY_TMPDIR": folder}):
                made.add_node(**common, **head)
            for cpus, memory in nodes:
                made.add_node(num_cpus=cpus, memory=memory, wait=False, **common)
        made.wait_for_nodes()
        yield made
