"""``cubiseg review tune``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, plain, print_table, warn
from cubiseg.cli.review import folders

if TYPE_CHECKING:
    from cubiseg.review.proposal import Proposal
    from cubiseg.review.tuning import FittedParams, HeldOut

_PIECES = ("params", "codebook", "examples")
"""As ``cubiseg.review.proposal.PIECES`` has them, which is imported late; a test keeps both equal."""

_MOST_SHOWN = 8
"""Worked examples in all that ``annotate.examples`` may have; a test keeps both equal."""


@click.command(cls=Command, short_help="What corrections teach: cleaning params, codebook, examples.")
@folders.of_stages
@folders.file("--codebook", "cubiseg/codebook.yaml", "What belongs to each class.")
@folders.folder("--examples", "data/examples", "Where label maps of worked examples go.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of who is left out when.")
@click.option(
    "--most", type=click.IntRange(4), default=60, show_default=True, help="Corrected samples to fit to, at most."
)
@click.option("--lines", type=click.IntRange(0), default=5, show_default=True, help="New codebook lines, at most.")
@click.option(
    "--shown", type=click.IntRange(0, _MOST_SHOWN), default=2, show_default=True, help="New worked examples, at most."
)
@click.option("--apply", "applies", is_flag=True, help="Take the last proposal instead of making one.")
@click.option("--only", type=click.Choice(_PIECES), multiple=True, help="Take this of it alone; may be repeated.")
@click.option(
    "-o",
    "--out",
    type=options.PATH,
    default=Path(".cubiseg/tuning"),
    show_default=True,
    metavar="DIR",
    help="Folder of the proposal, replaced whole.",
)
@options.as_json
@options.common
def tune(
    prepared: Path,
    annotated: Path,
    corrections: Path,
    params: Path,
    codebook: Path,
    examples: Path,
    seed: int,
    most: int,
    lines: int,
    shown: int,
    applies: bool,
    only: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Learn from what people corrected, and propose changes of params.yaml and the codebook.

    Cleaning params are fitted to the corrected samples, and the gain is measured on characters that the fit did not
    see: where its interval holds 0, nothing is proposed. What answers confuse becomes lines for the codebook, and the
    samples that show it best become worked examples; what these two gain only new answers can tell, which cost money.

    The proposal is a folder with diffs to read. --apply takes it; comments in the files stay.

    \b
    Example:  cubiseg review tune
              cubiseg review tune --apply --only params && dvc repro clean
    """
    from cubiseg.review.proposal import PIECES, apply_proposal

    if applies:
        changed = apply_proposal(out, params, codebook, examples, [p for p in PIECES if p in (only or PIECES)])
        click.echo(plain(f"changed: {', '.join(map(str, changed)) or 'nothing'}"))
        if set(changed) - {params}:
            warn("questions are new now: `cubiseg annotate plan` says what their answers cost, `dvc repro` asks")
        return
    from cubiseg.annotation.codebook import load_codebook
    from cubiseg.annotation.params import AnnotateParams
    from cubiseg.cleaning.corrections import read_reviews
    from cubiseg.cleaning.params import CleanParams
    from cubiseg.params import read_block
    from cubiseg.review.confusions import codebook_lines
    from cubiseg.review.examples import choose_examples
    from cubiseg.review.proposal import (
        Proposal,
        changed_values,
        check_editable,
        check_replaceable,
        sha256_of,
        write_proposal,
    )
    from cubiseg.review.proposal import as_json as plain_json
    from cubiseg.review.reviewed import Folders, read_corrected
    from cubiseg.review.tuning import fit
    from cubiseg.samples import read_manifest

    check_replaceable(out)
    check_editable(params, codebook)
    kept = read_block(params, "annotate", AnnotateParams).examples
    block, book = read_block(params, "clean", CleanParams), load_codebook(codebook)
    items = read_corrected(
        Folders(prepared, annotated, corrections), read_manifest(annotated), read_reviews(corrections)
    )
    found = fit(items, block, seed=seed, most=most)
    is_better = found.held_out is not None and found.held_out.is_certain and found.params != block
    others = [c.sample for c in items if c.sample.id not in kept]
    proposal = Proposal(
        params_sha256=sha256_of(params),
        codebook_sha256=sha256_of(codebook),
        clean=changed_values(block, found.params) if is_better else {},
        lines=tuple(codebook_lines(found.confusions, book, lines)),
        examples=tuple(choose_examples(found.tallies, others, found.confusions, min(shown, _MOST_SHOWN - len(kept)))),
        held_out=found.held_out,
        kept=kept,
    )
    write_proposal(out, proposal, params, codebook, items)
    if as_json:
        click.echo(json.dumps(plain_json(proposal), indent=2, ensure_ascii=False))
        return
    click.echo(f"{len(items)} corrected samples with answers")
    _show_confusions(found)
    _show_gain(proposal, is_better)
    _show_proposal(proposal, out)


def _show_confusions(found: "FittedParams") -> None:
    if not found.confusions:
        click.echo("no confusion of names is frequent enough to tell from slips")
        return
    rows = [
        (c.true, c.said, c.regions, c.pictures, f"{c.share:.3f} [{c.interval[0]:.3f}, {c.interval[1]:.3f}]")
        for c in found.confusions
    ]
    print_table(("is", "called", "regions", "pictures", "share of its regions"), rows)


def _show_gain(proposal: "Proposal", is_better: bool) -> None:
    held = proposal.held_out
    if held is None:
        click.echo("too few groups were corrected to fit params and know what that gains; correct samples of four")
        return
    print_table(("held-out samples", "before", "after"), _rows(held))
    low, high = held.gain.interval
    gain = f"{held.gain.mean or 0:+.4f} [{low or 0:+.4f}, {high or 0:+.4f}] mean IoU"
    if is_better:
        click.echo(
            f"new params gain {gain} on {held.pictures} samples of {held.groups} groups that they were not fitted to"
        )
    else:
        click.echo(f"no params are proposed: on samples that they were not fitted to, they change {gain}")


def _rows(held: "HeldOut") -> list[tuple[str, str, str]]:
    rows = []
    for name, before in held.iou_before.items():
        after = held.iou_after[name]
        if before is not None and after is not None:
            rows.append((name, f"{before:.3f}", f"{after:.3f}"))
    means = (f"{m:.3f} [{low:.3f}, {high:.3f}]" for m, low, high in (held.before, held.after))
    return [*rows, ("mean IoU by group", *means)]  # type: ignore[list-item]


def _show_proposal(proposal: "Proposal", out: Path) -> None:
    for key, value in proposal.clean.items():
        click.echo(plain(f"clean.{key}: {value}"))
    for line in proposal.lines:
        click.echo(plain(f"codebook: {line}"))
    if proposal.examples:
        click.echo(plain(f"annotate.examples: {', '.join((*proposal.kept, *proposal.examples))}"))
    if proposal.clean or proposal.lines or proposal.examples:
        click.echo(plain(f"the proposal is in {out}; take it with `cubiseg review tune --apply`"))
    else:
        click.echo("nothing is proposed")
