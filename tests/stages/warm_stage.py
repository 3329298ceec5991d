"""A process that has imported a stage and forks it on request: a run that is to be killed need not wait for imports.

``python -m tests.stages.warm_stage NAME`` takes requests as JSON lines and answers each with one. It has run nothing
itself when it forks, so that a run is as one of ``python -m stages.NAME``.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

HEAVY = {"export": ("cubiseg.exporting.stage", "torch.onnx"), "integrate": ("onnxruntime",)}
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "open"}
"""Audit events of what changes a disk; opening to read is passed over."""


class WarmStage:
    """A stage that can be started many times in one folder, each time in a process group of its own."""

    def __init__(self, name: str, root: Path, cwd: Path) -> None:
        command = [sys.executable, "-m", "tests.stages.warm_stage", name]
        env = {**os.environ, "PYTHONPATH": str(root), "OPENAI_API_KEY": ""}
        self._server = subprocess.Popen(command, cwd=cwd, env=env, stdin=-1, stdout=-1, text=True)

    def start(self, *arguments: str, workers: int = 1, kill_at: int | None = None) -> int:
        """Start it; the number of its process, which is that of its group.

        Args:
            arguments: of the stage.
            workers: ``CUBISEG_WORKERS``.
            kill_at: number of the change to the disk before which it kills its group; None lets it go on.
        """
        return self._ask({"start": arguments, "workers": workers, "kill_at": kill_at})["pid"]

    def wait(self, pid: int) -> dict[str, Any]:
        """Wait for a run: ``code`` as of :mod:`subprocess`, ``stderr``, and ``changes`` to the disk if it ended."""
        return self._ask({"wait": pid})

    def run(self, *arguments: str, workers: int = 1) -> dict[str, Any]:
        """Run it undisturbed."""
        return self.wait(self.start(*arguments, workers=workers))

    def close(self) -> None:
        """End the process."""
        self._server.communicate()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


def _run(main: Any, request: dict[str, Any], told: int, stderr: int) -> NoReturn:
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stderr, 1)
    os.dup2(stderr, 2)
    os.environ["CUBISEG_WORKERS"] = str(request["workers"])
    changes = 0

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal changes
        if event in CHANGES and (event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            if changes == request["kill_at"]:
                os.killpg(0, signal.SIGKILL)
            changes += 1

    sys.addaudithook(seen)
    code = 1
    try:
        main(request["start"])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    os.write(told, str(changes).encode())
    sys.stderr.flush()
    os._exit(code)


def _serve(name: str) -> None:
    main = importlib.import_module(f"stages.{name}").main
    for module in HEAVY.get(name, ()):
        importlib.import_module(module)
    pipes: dict[int, tuple[int, int]] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            pid = request["wait"]
            # Read until both are closed: by the end, or by the kill, of all that have them.
            texts = []
            for pipe in pipes.pop(pid):
                with os.fdopen(pipe, "rb") as file:
                    texts.append(file.read().decode())
            _, status = os.waitpid(pid, 0)
            answer = {"code": os.waitstatus_to_exitcode(status), "changes": int(texts[0] or 0), "stderr": texts[1]}
        else:
            told, stderr = os.pipe(), os.pipe()
            pid = os.fork()
            if pid == 0:
                _run(main, request, told[1], stderr[1])
            with suppress(OSError):  # whoever of the two comes first
                os.setpgid(pid, pid)
            os.close(told[1])
            os.close(stderr[1])
            pipes[pid] = told[0], stderr[0]
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
