"""``cubiseg lint``."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cubiseg.cli import options
from cubiseg.cli.console import FAILED, Command, complain, plain
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.layers.lint import Finding
    from cubiseg.layers.repair import Repair


@dataclass(frozen=True)
class _Report:
    """One file: its findings (with a mended copy, those that are left in it), what was mended and where to."""

    file: Path
    findings: "list[Finding]"
    repair: "Repair | None" = None
    fixed: Path | None = None

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"file": str(self.file), "findings": [asdict(f) for f in self.findings]}
        if self.repair is not None:
            out |= {"mended": self.repair.mended, "changes": [asdict(c) for c in self.repair.changes]}
        return out if self.fixed is None else {**out, "fixed": str(self.fixed)}


@click.command(cls=Command, short_help="Check PSDs against Live2D's import rules.")
@click.argument("files", nargs=-1, required=True, type=options.PATH, metavar="FILE.psd...")
@click.option(
    "--for",
    "programs",
    type=click.Choice(["cubism", "psd2live", "anime2.5drig", "see-through"]),
    multiple=True,
    help="Also tell which layers this program will not know by their names; may be repeated.",
)
@click.option("--fix", is_flag=True, help="Write a mended copy, FILE.fixed.psd, of each file that needs one.")
@click.option("--apply-masks", is_flag=True, help="With --fix: apply masks where the drawing looks the same.")
@click.option("--remove-dust", is_flag=True, help="With --fix: erase detached specks and faint remains.")
@click.option("-o", "--out", type=options.PATH, metavar="FILE", help="With --fix and one file: where the copy goes.")
@click.option("--overwrite", is_flag=True, help="With --fix: replace a copy that is already there.")
@options.as_json
@options.common
def lint(
    files: tuple[Path, ...],
    programs: tuple[str, ...],
    fix: bool,
    apply_masks: bool,
    remove_dust: bool,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Check any PSD against what Live2D Cubism imports.

    Each finding has a stable code, a reason and a remedy (docs/layers.md lists them). Exit code 1 if any is an error.
    --fix mends what can be mended without changing how the drawing looks: names, duplicates, nesting, masks that mask
    nothing, empty layers, Fill, a missing colour profile. With --apply-masks, masks too, and with --remove-dust, specks
    are erased. Every change is listed. The file itself is never changed; what is left is printed.

    \b
    Example:  cubiseg lint out/art/layers.psd
              cubiseg lint out/art/layers.psd --for psd2live
              cubiseg lint art.psd --fix --apply-masks --remove-dust
    """
    from cubiseg.layers.lint import lint as check

    if out is not None and (not fix or len(files) != 1):
        raise CubisegError(f"{out}: -o needs --fix and exactly one file; leave it out for FILE.fixed.psd")
    for given, option in ((overwrite, "--overwrite"), (apply_masks, "--apply-masks"), (remove_dust, "--remove-dust")):
        if given and not fix:
            raise CubisegError(f"{option} needs --fix; lint alone writes nothing")
    reports, failed = [], False
    for path in files:
        report = _Report(path, check(path, programs))
        if fix and report.findings:
            from cubiseg.layers.repair import repair

            target = out if out is not None else path.parent / f"{path.stem}.fixed.psd"
            try:
                done = repair(path, target, overwrite, apply_masks=apply_masks, remove_dust=remove_dust)
                fixed = target if done.changes else None
                if fixed:
                    report = _Report(path, check(fixed, programs) if programs else done.after, done, fixed)
                else:
                    report = replace(report, repair=done)
            except CubisegError as error:
                complain(error)
                failed = True
        reports.append(report)
    if as_json:
        click.echo(json.dumps([report.as_json() for report in reports], indent=2))
    else:
        for report in reports:
            _print_findings(report)
    if failed or any(f.severity == "error" for report in reports for f in report.findings):
        raise SystemExit(FAILED)


def _print_findings(report: _Report) -> None:
    name = plain(report.file)
    for change in report.repair.changes if report.repair else ():
        where = f"{change.layer}: " if change.layer else ""
        click.echo(plain(f"{name}: {where}{change.what}: {change.old} -> {change.new}"))
    if report.repair is not None and report.fixed is not None:
        click.echo(f"{name}: {report.repair.mended} findings mended in {plain(report.fixed)}")
        name = plain(report.fixed)
    elif report.repair is not None:
        click.echo(f"{name}: nothing mended, no copy written")
    if not report.findings:
        click.echo(f"{name}: no findings")
    for f in report.findings:
        where = f"{f.layer}: " if f.layer else ""
        click.echo(plain(f"{name}: {f.code} {f.severity}: {where}{f.message}; {f.remedy}"))
