"""``cubiseg studio``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, plain, warn
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.studio.document import Labeller
    from cubiseg.studio.session import Session


HOME_FOLDER = "cubiseg-layers"
"""Folder below the user's own that takes the layers of pictures that are dropped onto the page."""


@click.command(cls=Command, short_help="Mend a picture's label map in the browser, and write its PSD.")
@click.argument("paths", nargs=-1, type=options.PATH, metavar="[PICTURE|FOLDER]...")
@click.option(
    "-o",
    "--out",
    type=options.PATH,
    metavar="DIR",
    help=f"Folder to write to. [out; without a picture {HOME_FOLDER} in your home folder; of a review .cubiseg/review]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port; a free one, if not given.")
@click.option("--no-browser", is_flag=True, help="Print the page's address only.")
@click.option(
    "--install-shortcut",
    is_flag=True,
    help="Put a shortcut on the desktop that starts the studio, with -o as here, and end. To remove it, delete it.",
)
@click.option("--review", type=options.PATH, metavar="DIR", help="Review the samples of a labelled folder.")
@click.option("--split", type=click.Choice(["train", "val", "test"]), help="Review this part of a data set.")
@click.option("--only", type=options.PATH, metavar="FILE", help="Review these samples, in this order: ids, one a line.")
@click.option("--prepared", type=options.PATH, metavar="DIR", help="Pictures of the samples. [prepared, beside DIR]")
@click.option(
    "--corrections",
    type=options.PATH,
    default=Path("data/corrections"),
    show_default=True,
    metavar="DIR",
    help="Where reviews go.",
)
@click.option("--reviewer", metavar="NAME", help="Who reviews. [git's user.name, or yours on this machine]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the random part of the order.")
@options.segmenting
def studio(
    paths: tuple[Path, ...],
    out: Path | None,
    port: int,
    no_browser: bool,
    install_shortcut: bool,
    review: Path | None,
    split: str | None,
    only: Path | None,
    prepared: Path | None,
    corrections: Path,
    reviewer: str | None,
    seed: int,
    backend: str,
    fallback: tuple[str, ...],
    segments: int,
    sam_hq: str | None,
    model: Path | None,
    look: Literal["once", "twice", "flipped"],
    all_characters: bool,
) -> None:
    """Mend what the model got wrong, and write the layers again.

    Opens a page in the browser, for this machine alone. Click areas of the drawing to say what they are; ? shows all
    keys. What you do is kept at once in DIR/<name>.studio/, and the page resumes there. "Write PSD" writes DIR/<name>/
    as `cubiseg layers` does, with label.png in it. Ctrl-C ends it.

    Without a picture, the page begins with a place to drop some: each is cut at once into a folder of its own in
    cubiseg-layers, in your home folder, and the first one is opened to be mended.

    --review shows the samples of a data set, those first where most is expected to be wrong: accept, correct or reject
    them. What you say goes to data/corrections, and `dvc repro clean` applies it.

    \b
    Example:  cubiseg studio                  pictures are dropped onto the page
              cubiseg studio --install-shortcut
              cubiseg studio art.png
              cubiseg layers art.png -o out --label out/art/label.png   (the same files again)
              cubiseg studio --review data/clean --reviewer ab
    """
    if install_shortcut:
        _refuse_others(click.get_current_context())
        _install_shortcut(out or Path.home() / HOME_FOLDER)
        return
    import webbrowser

    from cubiseg.inference import open_segmenter
    from cubiseg.layers.fill_files import choose
    from cubiseg.studio.document import Labeller

    files = choose(None)
    if files.note:
        warn(files.note)
    files.open()  # as with the model, a broken one is an error of the call
    chain = options.fallbacks(fallback)[0] if fallback else None  # a person mends what the model sees, face or not
    labeller = Labeller(
        lambda: open_segmenter(
            *(backend, model, chain), look=look, all_characters=all_characters, segments=segments, sam_hq=sam_hq
        )
    )
    from cubiseg.studio.serve import serve  # while the model is made ready

    session: Session
    if review is None:
        if split or only or prepared or reviewer:
            raise CubisegError("--split, --only, --prepared and --reviewer belong to a review; add --review DIR")
        session = _mending(paths, out or (Path("out") if paths else Path.home() / HOME_FOLDER), labeller)
    elif paths:
        raise CubisegError(f"{paths[0]}: a review takes no pictures; leave out either these or --review")
    else:
        asked = _Asked(review, prepared, split, only, corrections, reviewer, seed)
        session = _reviewing(asked, out or Path(".cubiseg/review"), labeller, must_look=model is not None)

    def ready(address: str) -> None:
        click.echo(f"{plain(address)}\nOnly this machine can open it; Ctrl-C ends it, and so does closing this window.")
        if session.begins_empty:
            click.echo(f"Drop pictures onto the page; their layers go to {plain(session.out)}.")
        if review is not None:
            click.echo(f"{len(session.documents)} samples of {plain(str(review))} wait for {plain(session.out.name)}.")
        if not no_browser:
            webbrowser.open(address)

    serve(session, port, ready)


_PATIENCE = 0.3
"""Seconds in which a model that is not there is found missing; the server need not wait until one is ready."""


def _refuse_others(context: click.Context) -> None:
    """A shortcut keeps no option but -o, and takes no pictures.

    Raises:
        CubisegError: another one is given.
    """
    kept = ("out", "install_shortcut", "verbose")
    for option in context.command.params:
        name = str(option.name)
        if name not in kept and context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            what = "pictures" if name == "paths" else option.opts[0]
            raise CubisegError(f"a shortcut starts the studio with -o alone; leave out {what}")


def _install_shortcut(out: Path) -> None:
    from cubiseg.cli.shortcut import install

    written = install(out.absolute())
    click.echo(plain(f"{written[0]}: starts the studio, which writes to {out.absolute()}"))
    click.echo(f"To remove it, delete: {', '.join(map(plain, written))}")


@dataclass(frozen=True)
class _Asked:
    """The options of a review."""

    folder: Path
    prepared: Path | None
    split: str | None
    only: Path | None
    corrections: Path
    reviewer: str | None
    seed: int


def _mending(paths: tuple[Path, ...], out: Path, labeller: "Labeller") -> "Session":
    from cubiseg.studio.session import Session, pictures_of

    pictures.check_out(out)
    found = pictures_of(paths, out)
    refusal = labeller.refusal(_PATIENCE)  # a missing model is an error of the call
    if refusal is not None:
        raise refusal
    return Session(found, out, labeller, begins_empty=not paths)


def _reviewing(asked: _Asked, out: Path, labeller: "Labeller", *, must_look: bool) -> "Session":
    from cubiseg.cleaning.corrections import outcome, read_reviews
    from cubiseg.samples import Split
    from cubiseg.studio.data_set import DataSet, pictures_folder, read_only
    from cubiseg.studio.reviewing import Reviewing, checked_reviewer, folder_of

    reviewer = checked_reviewer(asked.reviewer or _user())
    split = Split(asked.split) if asked.split else None
    only = None if asked.only is None else read_only(asked.only)
    rejected = {name for name, reviews in read_reviews(asked.corrections).items() if outcome(reviews).rejected}
    data = DataSet(asked.folder, asked.prepared or pictures_folder(asked.folder), split, only, rejected)
    pictures.check_out(asked.corrections)
    refusal = labeller.refusal(None if must_look else _PATIENCE)
    if refusal is not None and must_look:
        raise refusal
    if refusal is not None:
        warn(f"{refusal}. The review goes without the model's opinion")
    return Reviewing(
        data,
        asked.corrections,
        reviewer,
        out / folder_of(reviewer),
        None if refusal is not None else labeller,
        seed=asked.seed,
        fixed=only is not None,
    )


def _user() -> str:
    """Who sits here: git's user.name, or the name of the account."""
    import getpass
    import subprocess

    try:
        told = subprocess.run(["git", "config", "user.name"], capture_output=True, timeout=5, check=False)
        name = told.stdout.decode("utf-8").strip()  # whatever the console's encoding is
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        name = ""
    try:
        return name or getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise CubisegError("who reviews? Nobody is known to git or to this machine; add --reviewer NAME") from None
