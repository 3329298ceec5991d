"""``cubiseg review``: its commands, one file each."""

import click

from cubiseg.cli.console import Group
from cubiseg.cli.review.report import report
from cubiseg.cli.review.sample import sample
from cubiseg.cli.review.tune import tune


@click.group(cls=Group, short_help="Spot-checks with figures, and what corrections teach.")
def review() -> None:
    """Draw label maps for a spot-check, measure what people said of them, and learn from what they corrected.

    `cubiseg studio --review data/clean` is where people look. Run these in the project's folder, where params.yaml is.

    \b
    cubiseg review sample --size 100    which label maps to look at
    cubiseg review report               how many are right, and what that took
    cubiseg review tune                 better cleaning params and prompts, as a proposal
    cubiseg review tune --apply         take the proposal
    """


for command in (sample, report, tune):
    review.add_command(command)
