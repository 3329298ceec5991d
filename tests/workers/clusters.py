"""A Ray cluster of several nodes on this machine, and a look at what listens."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cubiseg.workers import ray_engine


@contextmanager
def cluster(nodes: int) -> Iterator[Any]:
    """A head without CPUs and nodes of one each, on the loopback; gives Ray's ``Cluster``, which can lose nodes."""
    os.environ.update({**ray_engine._LOCAL, **ray_engine._QUIET, "RAY_AUTH_TOKEN": "0" * 64})
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    quiet = {"include_log_monitor": False, "no_monitor": True, "object_store_memory": 80 * 2**20}
    head = {"num_cpus": 0, "include_dashboard": False, "temp_dir": folder, "node_ip_address": "127.0.0.1"}
    made = Cluster(initialize_head=True, head_node_args={**quiet, **head})
    try:
        for _ in range(nodes):
            made.add_node(num_cpus=1, node_ip_address="127.0.0.1", wait=False, **quiet)
        made.wait_for_nodes()
        yield made
    finally:
        ray_engine.disconnect()
        made.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
