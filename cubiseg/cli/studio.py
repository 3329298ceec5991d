"""``cubiseg studio``."""

from pathlib import Path
from typing import Literal

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, plain, warn


@click.command(cls=Command, short_help="Mend a picture's label map in the browser, and write its PSD.")
@click.argument("paths", nargs=-1, type=options.PATH, metavar="[PICTURE|FOLDER]...")
@click.option(
    "-o", "--out", type=options.PATH, default=Path("out"), show_default=True, metavar="DIR", help="Folder to write to."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port; a free one, if not given.")
@click.option("--no-browser", is_flag=True, help="Print the page's address only.")
@options.segmenting
def studio(
    paths: tuple[Path, ...],
    out: Path,
    port: int,
    no_browser: bool,
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
    as `cubiseg layers` does, with label.png in it. Without a picture, drop one onto the page. Ctrl-C ends it.

    \b
    Example:  cubiseg studio art.png
              cubiseg layers art.png -o out --label out/art/label.png   (the same files again)
    """
    import webbrowser

    from cubiseg.inference import open_segmenter
    from cubiseg.layers.fill_files import choose
    from cubiseg.studio.document import Labeller
    from cubiseg.studio.session import Session, pictures_of

    files = choose(None)
    if files.note:
        warn(files.note)
    files.open()  # as with the model, a broken one is an error of the call
    pictures.check_out(out)
    found = pictures_of(paths, out)
    chain = options.fallbacks(fallback)[0] if fallback else None  # a person mends what the model sees, face or not
    labeller = Labeller(
        lambda: open_segmenter(
            *(backend, model, chain), look=look, all_characters=all_characters, segments=segments, sam_hq=sam_hq
        )
    )
    from cubiseg.studio.serve import serve

    _ = labeller.name  # a missing model is an error of the call

    def ready(address: str) -> None:
        click.echo(f"{plain(address)}\nOnly this machine can open it; Ctrl-C ends it.")
        if not no_browser:
            webbrowser.open(address)

    serve(Session(found, out, labeller), port, ready)
