"""Run a function over many items on all cores, or on a cluster, in order, with progress.

>>> from cubiseg.workers import run_all
>>> run_all(abs, [-1, 2], "counting")
[1, 2]

The results depend neither on the number of workers nor on the engine that does the work: ``CUBISEG_ENGINE`` chooses
this process, processes of this machine, or Ray (:mod:`cubiseg.workers.choice`). ``CUBISEG_WORKERS`` sets how many work
at once; no more are started, and no more items done at once, than fit into the memory that is free. Workers end with
the process that started them, and take back what is half done. An item whose worker dies is tried again
(:mod:`cubiseg.workers.batches`).
"""

from cubiseg.workers.batches import each, run_all
from cubiseg.workers.counts import cores, worker_count
from cubiseg.workers.memory import available_memory
from cubiseg.workers.picture_threads import HUGE, both, side_by_side, threads_for
from cubiseg.workers.progress_bar import PLAIN_SECONDS, progress

__all__ = [
    "HUGE",
    "PLAIN_SECONDS",
    "available_memory",
    "both",
    "cores",
    "each",
    "progress",
    "run_all",
    "side_by_side",
    "threads_for",
    "worker_count",
]
