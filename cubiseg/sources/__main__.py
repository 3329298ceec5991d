"""``python -m cubiseg.sources sheet FOLDER -o OUT``: numbered sheets of Live2D models, to name their drawables by."""

from pathlib import Path

import click

from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, write_text


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools for the sources of pictures."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for the sheets.")
@click.option("--all", "everything", is_flag=True, help="Show drawables too whose names tell what they are.")
@click.option("--overwrite", is_flag=True, help="Replace sheets and drafts that are there, corrected or not.")
def sheet(folder: Path, out: Path, everything: bool, overwrite: bool) -> None:
    """Draw numbered sheets of the Live2D models in FOLDER.

    For each model OUT gets MODEL.png, which shows its drawables by number, and MODEL.parts.yaml, a draft of the table
    that names them, in the folders that FOLDER has. Correct the draft and put it beside the model as parts.yaml. A
    model whose sheet or draft is there is passed over with a line, unless --overwrite is given.
    """
    from cubiseg.sources.live2d.files import SETTINGS, model_stem
    from cubiseg.sources.references import one_a_stem, walk

    if out.resolve().is_relative_to(folder.resolve()):
        raise click.ClickException(f"{out}: lies among the models, whose files it could replace; choose another folder")
    found, _ = walk(folder, "", "live2d")
    files, same = one_a_stem([file for file in found if file.lower().endswith(SETTINGS)], model_stem, "live2d")
    if not files:
        raise click.ClickException(f"{folder}: holds no *.model3.json or *.model.json")
    for rejected in same:
        click.echo(f"error: {folder / rejected.file}: {rejected.reason}", err=True)
    failed = len(same)
    for file in files:
        picture, table = (out / f"{model_stem(file)}{end}" for end in (".png", ".parts.yaml"))
        if there := [path for path in (table, picture) if path.exists() and not overwrite]:
            click.echo(f"{there[0]}: is there and stays as it is; --overwrite draws it again", err=True)
            continue
        try:
            click.echo(_draw_sheet(folder, file, picture, table, everything))
        except CubisegError as error:
            click.echo(f"error: {error}", err=True)
            failed += 1
    raise SystemExit(1 if failed else 0)


def _draw_sheet(folder: Path, file: str, picture: Path, table: Path, everything: bool) -> str:
    """Write the sheet and the draft of one model; gives what to say of it."""
    from cubiseg.sources.live2d import sheet as sheets
    from cubiseg.sources.live2d.model import read_model
    from cubiseg.sources.part_table import read_table

    model = read_model(folder / file, folder, read_table((folder / file).parent, folder))
    listed = sheets.entries(model, everything)
    with atomic_write(picture) as target:
        sheets.picture(model, listed).save(target, "PNG")
    write_text(table, sheets.draft(listed, picture.name))
    return f"{picture}: {len(listed)} drawables, {len(model.roles.open)} of no known part"


if __name__ == "__main__":
    main()
