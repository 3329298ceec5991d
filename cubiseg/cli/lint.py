"""``cubiseg lint``."""

import json
from pathlib import Path
from typing import Any

import click

from cubiseg.cli import options
from cubiseg.cli.console import FAILED, Command, complain, plain
from cubiseg.errors import CubisegError


@click.command(cls=Command, short_help="Check PSDs against Live2D's import rules.")
@click.argument("files", nargs=-1, required=True, type=options.PATH, metavar="FILE.psd...")
@click.option("--fix", is_flag=True, help="Write a mended copy, FILE.fixed.psd, of each file that needs one.")
@click.option("-o", "--out", type=options.PATH, metavar="FILE", help="With --fix and one file: where the copy goes.")
@click.option("--overwrite", is_flag=True, help="With --fix: replace a copy that is already there.")
@options.as_json
@options.common
def lint(files: tuple[Path, ...], fix: bool, out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Check any PSD against what Live2D Cubism imports.

    Each finding has a stable code, a reason and a remedy (docs/layers.md lists them). Exit code 1 if any is an error.
    --fix mends what can be mended without changing how the drawing looks: names, duplicates, nesting, masks that mask
    nothing, empty layers, Fill, a missing colour profile. Every change is listed. The file itself is never changed;
    what is left is printed.

    \b
    Example:  cubiseg lint out/art/layers.psd
              cubiseg lint art.psd --fix
    """
    from cubiseg.layers.lint import lint as check

    if out is not None and (not fix or len(files) != 1):
        raise CubisegError(f"{out}: -o needs --fix and exactly one file; leave it out for FILE.fixed.psd")
    if overwrite and not fix:
        raise CubisegError("--overwrite needs --fix; lint alone writes nothing")
    reports, failed = [], False
    for path in files:
        report: dict[str, Any] = {"file": str(path), "findings": check(path)}
        if fix and report["findings"]:
            from cubiseg.layers.repair import repair

            target = out if out is not None else path.parent / f"{path.stem}.fixed.psd"
            try:
                done = repair(path, target, overwrite)
                report |= {"findings": done.after, "mended": done.mended, "changes": done.changes}
                if done.changes:
                    report["fixed"] = str(target)
            except CubisegError as error:
                complain(error)
                failed = True
        reports.append(report)
    if as_json:
        click.echo(json.dumps([_printable(report) for report in reports], indent=2))
    else:
        for report in reports:
            _print_findings(report)
    if failed or any(f.severity == "error" for report in reports for f in report["findings"]):
        raise SystemExit(FAILED)


def _printable(report: dict[str, Any]) -> dict[str, Any]:
    lists = ("findings", "changes")
    return {key: [entry.as_dict() for entry in value] if key in lists else value for key, value in report.items()}


def _print_findings(report: dict[str, Any]) -> None:
    name = plain(report["file"])
    for change in report.get("changes", ()):
        where = f"{change.layer}: " if change.layer else ""
        click.echo(plain(f"{name}: {where}{change.what}: {change.old} -> {change.new}"))
    if "fixed" in report:
        click.echo(f"{name}: {report['mended']} findings mended in {plain(report['fixed'])}")
        name = plain(report["fixed"])
    elif "mended" in report:
        click.echo(f"{name}: nothing mended, no copy written")
    if not report["findings"]:
        click.echo(f"{name}: no findings")
    for f in report["findings"]:
        where = f"{f.layer}: " if f.layer else ""
        click.echo(plain(f"{name}: {f.code} {f.severity}: {where}{f.message}; {f.remedy}"))
