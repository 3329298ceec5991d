"""Several processes that train one network together, started as torchrun starts them.

Each takes a share of every batch, and gradients are averaged (MMEngine's DistributedDataParallel): gloo between
processors, NCCL between accelerators.
"""

import logging
import os
import signal
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import torch
from mmengine.device import get_device
from mmengine.model import MMDistributedDataParallel
from torch import distributed, nn
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, record
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from cubiseg import lifetime, logs
from cubiseg.errors import CubisegError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def number() -> int:
    """Processes that train together; 1 where torchrun has not started this one."""
    return int(os.environ["WORLD_SIZE"]) if distributed.is_torchelastic_launched() else 1


def rank() -> int:
    """Number of this process among them, from 0."""
    return int(os.environ["RANK"]) if distributed.is_torchelastic_launched() else 0


def launch(
    count: int, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call a function in ``count`` processes of this machine, and return what the first returns.

    Args:
        function: a function of a module, called alike in each process; its arguments are pickled.

    Raises:
        CubisegError: the one that was raised first in a process; the others are ended, as they are where this process
            is ended by a signal.
    """
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in signals}
    follow = lifetime.ends_with_this(at_once=True)
    # The launcher reports a failed process in thirty lines; the error itself says what is wrong.
    logging.disable(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as logs:
            config = LaunchConfig(
                min_nodes=1,
                max_nodes=1,
                nproc_per_node=count,
                run_id=uuid.uuid4().hex,
                rdzv_backend="c10d",
                rdzv_endpoint="localhost:0",
                local_addr="localhost",
                logs_specs=DefaultLogsSpecs(log_dir=logs),
                # A run that ends early is resumed from its checkpoint by whoever starts it again.
                max_restarts=0,
            )
            return elastic_launch(config, _call)(follow, function, args, kwargs)[0]
    except ChildFailedError as error:
        last = str(error.get_first_failure()[1].message).strip().splitlines()[-1]
        _, known, line = last.partition(f"{CubisegError.__name__}: ")
        if known:
            raise CubisegError(line) from error
        raise
    except SignalException as error:
        raise (KeyboardInterrupt if error.sigval == signal.SIGINT else lifetime.Terminated) from error
    finally:
        logging.disable(logging.NOTSET)
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():  # the launcher leaves its own there
                signal.signal(number, handler)


@record
def _call(follow: Callable[[], None], function: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
    follow()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the launcher passes it on, and waits for what it ends
    if rank():
        logging.disable(logging.WARNING)  # the first process says it
    else:
        logs.to_stderr()  # a new process knows nothing of the stage's
    return function(*args, **kwargs)


@contextmanager
def together() -> Iterator[None]:
    """Connect the processes inside the block; nothing happens where there is only this one.

    Raises:
        CubisegError: there is no accelerator for this process, but for others.
    """
    if not distributed.is_torchelastic_launched():
        yield
        return
    if get_device() == "cuda":
        place, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if place >= there:
            raise CubisegError(
                f"train.num_procs: more processes than accelerators ({there}); set it to {there} at most"
            )
        torch.cuda.set_device(place)
    distributed.init_process_group("nccl" if get_device() == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def check_alike(facts: Mapping[str, str]) -> None:
    """See that all processes have the same facts; nothing happens where there is only this one.

    Args:
        facts: by what a user would call them.

    Raises:
        CubisegError: they differ, as on machines whose data or code are not the same; raised in all processes.
    """
    if not distributed.is_initialized():
        return
    known: list[Any] = [None] * number()
    distributed.all_gather_object(known, dict(facts))
    differs = [name for name in facts if len({other[name] for other in known}) > 1]
    if differs:
        raise CubisegError(f"the machines that train together differ in {', '.join(differs)}; make them equal")


def shared(model: nn.Module) -> nn.Module:
    """A model on this process's device whose gradients are the mean over all processes; alone, the model itself.

    Statistics of batch norm are those of the first process's share, as are those that are saved.
    """
    if not distributed.is_initialized():
        return model
    accelerated = get_device() == "cuda"
    # On a CPU the wrapper refuses numbers of devices, and MMEngine would give it one.
    return MMDistributedDataParallel(
        module=model.to(get_device()),
        device_ids=[torch.cuda.current_device()] if accelerated else None,
    )
