"""``cubiseg completion``."""

import click
from click.shell_completion import get_completion_class

from cubiseg.cli.console import Command

NAME, VARIABLE = "cubiseg", "_CUBISEG_COMPLETE"


@click.command(cls=Command, short_help="Print what has a shell complete commands and options.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script for bash (4.4 or newer), zsh or fish, by which Tab completes commands, options and their values.

    \b
    Example:  eval "$(cubiseg completion bash)"       in ~/.bashrc
              eval "$(cubiseg completion zsh)"        in ~/.zshrc, after compinit
              cubiseg completion fish | source        in ~/.config/fish/config.fish
    """
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click brings these three
    click.echo(made(click.get_current_context().find_root().command, {}, NAME, VARIABLE).source())
