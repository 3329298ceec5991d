"""Say whether a remote holds what dvc.lock and the *.dvc files name, and how to mend what it lacks."""

import json
import logging
from dataclasses import asdict
from typing import Any

import click

from cubiseg.cli.console import plain, warn
from cubiseg.errors import CubisegError, brief
from stages.common import one_line_errors
from stages.remote import faults
from stages.remote.objects import Fault, Findings, examine, mend

LINES = 20
"""Objects that are shown; --json lists all."""
FOUND, USAGE = 1, 2
"""Exit codes: something is wrong with what the remote holds or takes; it cannot be asked at all."""


@click.command(help=__doc__)
@click.option("--name", help="The remote; the default one where none is named.")
@click.option("--mend", "mending", is_flag=True, help="Copy what is missing or damaged from this machine's cache.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@one_line_errors
def main(name: str | None, mending: bool, as_json: bool) -> None:
    try:
        code = _check(name, mending, as_json)
    except CubisegError as error:
        if as_json:
            click.echo(json.dumps({"problems": [str(error)]}, indent=2))
        _complain(str(error))
        code = USAGE
    raise SystemExit(code)


def _check(name: str | None, mending: bool, as_json: bool) -> int:
    from dvc.config import ConfigError
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        repo = Repo()
        name = name or repo.config["core"].get("remote")
        if name is None:
            raise CubisegError("no remote is the default one; name one, or set it: dvc remote default NAME")
        if name not in repo.config["remote"]:
            known = ", ".join(sorted(repo.config["remote"])) or "none"
            raise CubisegError(f"remote {name}: there is none of this name, but {known}; see `dvc remote list`")
    except NotDvcRepoError as error:
        raise CubisegError(f"{brief(error)}; run it in a clone of the repository") from error
    except ConfigError as error:
        raise CubisegError(f"{brief(error)}; correct .dvc/config or .dvc/config.local") from error
    try:
        remote = repo.cloud.get_remote(name)
        if (problem := faults.absent(remote)) is not None:
            raise CubisegError(problem)
        findings = examine(repo, remote)
        mended = 0
        if mending and findings.faults:
            mended = mend(repo, remote, findings.faults)
            findings = examine(repo, remote)
    except CubisegError:
        raise
    except Exception as error:
        raise CubisegError(faults.told(error, repo, name)) from error
    problems = [p for p in (faults.cramped(repo, findings.to_pull),) if p]
    warnings = []
    try:
        faults.try_writing(repo, name)
    except faults.ReadOnly as error:
        warnings.append(str(error))
    except CubisegError as error:
        problems.append(str(error))
    if as_json:
        click.echo(json.dumps(_facts(repo, name, findings, mended, problems, warnings), indent=2))
    else:
        _print(repo, name, findings, mended)
    for warning in warnings:
        warn(warning)
    for problem in problems:
        _complain(problem)
    return FOUND if findings.faults or findings.untold or problems else 0


def _facts(
    repo: Any, name: str, findings: Findings, mended: int, problems: list[str], warnings: list[str]
) -> dict[str, Any]:
    config = repo.config["remote"][name]
    at = {"remote": name, "url": config["url"], "endpoint": faults.endpoint(config)}
    return {**at, **asdict(findings), "mended": mended, "problems": problems, "warnings": warnings}


def _print(repo: Any, name: str, findings: Findings, mended: int) -> None:
    config = repo.config["remote"][name]
    at = faults.endpoint(config)
    click.echo(f"remote {name}: {plain(config['url'])}{f' at {plain(at)}' if at else ''}")
    missing, damaged = ([fault for fault in findings.faults if fault.kind == kind] for kind in ("missing", "damaged"))
    whole = f"{findings.objects - len(findings.faults)} there ({findings.size / 1e6:,.1f} MB)"
    copied = f"; {mended} copied from the cache" if mended else ""
    click.echo(
        f"{findings.objects} objects are named by dvc.lock and *.dvc files: {whole}, "
        f"{len(missing)} missing, {len(damaged)} damaged{copied}"
    )
    for fault in findings.faults[:LINES]:
        click.echo(f"  {fault.kind}  {fault.named.oid}  {_of(fault)}")
    if len(findings.faults) > LINES:
        click.echo(f"  and {len(findings.faults) - LINES} more, which --json lists")
    for folder in findings.untold:
        click.echo(f"  {plain(folder)}/: nobody knows its files, as its list is neither on the remote nor in the cache")
    here = sum(fault.is_here for fault in findings.faults)
    if here:
        click.echo(f"{here} of them are in the cache; copy them: cubiseg doctor --remote {name} --mend")
    if here < len(findings.faults) or findings.untold:
        click.echo("what is not in the cache: run the same on a machine that built it, or `dvc repro` and `dvc push`")


def _of(fault: Fault) -> str:
    """Whose content it is, and how much of it is there."""
    first, *others = fault.named.places
    more = f" and {len(others)} more" if others else ""
    of = "" if fault.named.size is None else f" of {fault.named.size}"
    return f"{plain(first)}{more}" + (f" ({fault.held}{of} bytes)" if fault.kind == "damaged" else "")


def _complain(text: str) -> None:
    click.echo(f"error: {plain(text)}", err=True)


if __name__ == "__main__":
    main()
