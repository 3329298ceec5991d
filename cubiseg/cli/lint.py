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
@options.as_json
@options.common
def lint(files: tuple[Path, ...], fix: bool, out: Path | None, as_json: bool) -> None:
    """Check any PSD against what Live2D Cubism imports.

    Each finding has a stable code, a reason and a remedy (docs/layers.md lists them). Exit code 1 if any is an error.
    --fix mends what can be mended without touching a pixel: names, duplicates, nesting, masks that mask nothing, empty
    layers, Fill, a missing colour profile. The file itself is never changed; what is left is printed.

    \b
    Example:  cubiseg lint out/art/layers.psd
              cubiseg lint art.psd --fix
    """
    from cubiseg.layers.lint import lint as check

    if out is not None and (not fix or len(files) != 1):
        raise CubisegError(f"{out}: -o needs --fix and exactly one file; leave it out for FILE.fixed.psd")
    reports, failed = [], False
    for path in files:
        report: dict[str, Any] = {"file": str(path), "findings": check(path)}
        if fix and report["findings"]:
            from cubiseg.layers.repair import repair

            target = out if out is not None else path.with_name(f"{path.stem}.fixed.psd")
            try:
                if out is None and target.exists():
                    raise CubisegError(f"{target}: is already there; remove it, or name another file with -o")
                before, left = repair(path, target)
                report |= {"fixed": str(target), "findings": left, "mended": len(before) - len(left)}
            except CubisegError as error:
                complain(error)
                failed = True
        reports.append(report)
    if as_json:
        printed = [{**report, "findings": [f.as_dict() for f in report["findings"]]} for report in reports]
        click.echo(json.dumps(printed, indent=2))
    else:
        for report in reports:
            _print_findings(report)
    if failed or any(f.severity == "error" for report in reports for f in report["findings"]):
        raise SystemExit(FAILED)


def _print_findings(report: dict[str, Any]) -> None:
    name = plain(report["file"])
    if "fixed" in report:
        click.echo(f"{name}: {report['mended']} findings mended in {plain(report['fixed'])}")
        name = plain(report["fixed"])
    if not report["findings"]:
        click.echo(f"{name}: no findings")
    for f in report["findings"]:
        where = f"{f.layer}: " if f.layer else ""
        click.echo(plain(f"{name}: {f.code} {f.severity}: {where}{f.message}; {f.remedy}"))
