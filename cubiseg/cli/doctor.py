"""``cubiseg doctor``."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from cubiseg import __version__, settings
from cubiseg.cli import options
from cubiseg.cli.console import Command, plain
from cubiseg.errors import CubisegError

_COLUMN = 31
"""Characters of the longest name in a list, and one."""


@click.command(cls=Command, short_help="What is installed, and which backends can run.")
@click.option("--model", type=options.PATH, metavar="FILE", help="Model file to examine.")
@click.option("--sam-hq", metavar="DIR", help="Weights of SAM-HQ to examine: a folder, or two ONNX files.")
@click.option(
    "--remote",
    metavar="[NAME]",
    is_flag=False,
    flag_value="",
    help="Examine a DVC remote instead, the default one where none is named: is all there that dvc.lock names?",
)
@click.option(
    "--mend", is_flag=True, help="With --remote: copy what is missing or damaged there from this machine's cache."
)
@options.as_json
@options.common
def doctor(model: Path | None, sam_hq: str | None, remote: str | None, mend: bool, as_json: bool) -> None:
    """Tell what is installed, which backends can run here, and why others cannot.

    \b
    Example:  cubiseg doctor
              cubiseg doctor --remote team     what is missing or damaged on a DVC remote, and how to mend it
    """
    if remote is not None:
        raise SystemExit(_examine_remote(remote, mend, as_json))
    if mend:
        raise CubisegError("--mend goes with --remote, which says what is missing; give both")
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from cubiseg.inference import devices
    from cubiseg.inference.diagnosis import diagnose
    from cubiseg.superpixels import OPENCV
    from cubiseg.workers import cores
    from cubiseg.workers.choice import chosen
    from cubiseg.workers.ray_cluster import can_import_ray

    versions: dict[str, str | None] = {}
    for package in (
        "numpy", OPENCV, "pillow", "onnxruntime", "psd-tools",
        "torch", "transformers", "onedl-mmsegmentation", "dvc", "ray",
    ):  # fmt: skip
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    found = diagnose(model, sam_hq)
    completion, lacking = _completion()
    engine = chosen()
    facts = {
        "cubiseg": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cores": cores(),
        "bf16": _bf16(),
        "devices": devices.found(),
        "packages": versions,
        "model": None if found.model is None else str(found.model),
        "problem": found.problem,
        "architecture": found.architecture,
        "completion": completion,
        "completion_problem": lacking,
        "engine": engine.told,
        "engine_problem": engine.problem,
        "ray": can_import_ray(),
        "backends": found.backends,
        "environment": {setting.name: os.environ.get(setting.name) for setting in settings.SETTINGS},
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"cubiseg {facts['cubiseg']}, Python {facts['python']}, {facts['platform']}, {facts['cores']} cores")
    click.echo(f"bf16 arithmetic: {facts['bf16']}")
    click.echo(f"Devices, for networks: {', '.join(devices.found())}")
    click.echo("\nPackages")
    for package, number in versions.items():
        click.echo(f"  {package:{_COLUMN}} {number or 'not installed'}")
    click.echo(f"\nModel: {plain(found.model or 'none')}" + (f" ({found.architecture})" if found.architecture else ""))
    if found.problem:
        click.echo(f"  {plain(found.problem)}")
    click.echo(f"\nCompletion model, for hidden parts: {plain(completion or 'none')}")
    if lacking:
        click.echo(f"  {plain(lacking)}")
    click.echo(f"\nEngine, for batches: {engine.told}" + ("" if can_import_ray() else " (ray: not installed)"))
    if engine.problem:
        click.echo(f"  {plain(engine.problem)}")
    click.echo("\nBackends")
    for name, reason in found.backends.items():
        click.echo(f"  {name:{_COLUMN}} {'can run' if reason is None else plain(f'cannot run: {reason}')}")
    click.echo("\nEnvironment variables")
    for setting in settings.SETTINGS:
        value = plain(os.environ.get(setting.name) or "-")
        click.echo(f"  {setting.name:{_COLUMN}} {value}  ({setting.meaning}; default: {setting.default_text})")


_REMOTE = """
import runpy, sys
sys.path.append(sys.argv.pop(1))
runpy.run_module("stages.remote", run_name="__main__", alter_sys=True)
"""


def _examine_remote(name: str, mend: bool, as_json: bool) -> int:
    """Ask the pipeline's side, which knows DVC; its exit code is ours."""
    import subprocess

    if find_spec("dvc") is None:
        raise CubisegError("--remote needs DVC; it comes with the pipeline: pip install 'cubiseg[pipeline]'")
    here = Path.cwd()
    places = (Path(__file__).parents[2], here, *here.parents)
    home = next((folder for folder in places if (folder / "stages/remote").is_dir()), None)
    if home is None:
        raise CubisegError("--remote works in a clone of cubiseg, which has the pipeline; go there and run it again")
    # No module of the clone, nor (-P) of the folder that it is called in, hides one of Python or of a package.
    command = [sys.executable, "-P", "-c", _REMOTE, str(home)]
    command += [f"--name={name}"] if name else []
    command += ["--mend"] if mend else []
    command += ["--json"] if as_json else []
    return subprocess.run(command, check=False).returncode


def _completion() -> tuple[str | None, str | None]:
    """The completion model's file, and why hidden parts are not completed; None where they are."""
    from cubiseg.errors import CubisegError
    from cubiseg.layers.fill_files import choose

    try:
        files = choose(None)
        files.open()
    except CubisegError as error:
        return None, str(error)
    return None if files.completion is None else str(files.completion), files.note or None


def _bf16() -> str:
    """Whether the processor has bfloat16 instructions; without them, bf16 training is slower than fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown on this system"
    fast = [name for name in ("amx_bf16", "avx512_bf16", "bf16") if f" {name}" in flags]
    return f"yes ({fast[0]})" if fast else "emulated, slow; use precision fp32"
