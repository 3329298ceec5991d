"""A Ray cluster of several nodes on this machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cubiseg.workers import ray_engine


@contextmanager
def cluster(cpus: Sequence[int], memory: int) -> Iterator[Any]:
    """A head without CPUs and further nodes, all on the loopback; gives Ray's ``Cluster``, which can lose nodes.

    Args:
        cpus: of each further node.
        memory: bytes of each that tasks may ask for.
    """
    os.environ.update({**ray_engine.LOCAL, **ray_engine.QUIET, "RAY_AUTH_TOKEN": "0" * 64})
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    common = {"include_log_monitor": False, "object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}
    head = {"num_cpus": 0, "include_dashboard": False, "no_monitor": True, "temp_dir": folder}
    made = Cluster(initialize_head=True, head_node_args={**common, **head})
    try:
        for count in cpus:
            made.add_node(num_cpus=count, memory=memory, wait=False, **common)
        made.wait_for_nodes()
        yield made
    finally:
        ray_engine.disconnect()
        made.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
