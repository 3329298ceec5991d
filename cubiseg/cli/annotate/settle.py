"""``cubiseg annotate settle``."""

import click

from cubiseg import settings
from cubiseg.cli import options
from cubiseg.cli.console import Command, plain


@click.command("settle", cls=Command, short_help="Count no more what was not billed.")
@click.option("--unbilled", is_flag=True, required=True, help="You looked at the server's bill: they are not on it.")
@click.option("--sample", multiple=True, metavar="ID", help="Only about this sample; may be repeated.")
@options.common
def settle_losses(unbilled: bool, sample: tuple[str, ...]) -> None:
    """Say that requests which never got an answer were not billed, so that they count towards the cap no more.

    The ledger keeps them, and that a person released them. `cubiseg annotate failures` lists them.

    \b
    Example:  cubiseg annotate settle --unbilled
    """
    from cubiseg.answers.purse import Purse, losses_in
    from cubiseg.answers.store import ResponseStore

    store = ResponseStore(settings.RESPONSES.read())
    losses = [loss for loss in losses_in(store.root) if not sample or loss.sample in sample]
    if losses:
        with Purse(store.root, None) as purse:
            released = purse.release_losses(loss.entry for loss in losses)
            spent = purse.balance().spent
        for loss in losses:
            click.echo(plain(f"{loss.sample or '-':24}  {loss.key[:12]}  ${loss.usd:.4f}  {loss.reason[:100]}"))
        click.echo(f"{released} requests count as not billed; ${spent:.4f} are spent in {plain(store.root)}", err=True)
    else:
        click.echo(f"no request in {plain(store.root)} may have been billed without an answer", err=True)
