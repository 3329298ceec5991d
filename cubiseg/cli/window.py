"""What a shortcut starts: the command ``cubiseg``, in a window that stays open where something failed."""

from contextlib import suppress

from cubiseg.cli import main
from cubiseg.lifetime import INTERRUPTED, TERMINATED

STOPPED = (0, None, INTERRUPTED, TERMINATED)
"""Exit codes after which nobody has to read anything."""


def stay() -> None:
    """Run the command; the window is closed by Enter where it failed.

    Raises:
        SystemExit: with the command's exit code.
    """
    try:
        main(prog_name="cubiseg")
    except SystemExit as ended:
        if ended.code not in STOPPED:
            with suppress(EOFError, KeyboardInterrupt):
                input("Press Enter to close this window. ")
        raise


if __name__ == "__main__":
    stay()
