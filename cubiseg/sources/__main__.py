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
def sheet(folder: Path, out: Path, everything: bool) -> None:
    """Draw numbered sheets of the Live2D models in FOLDER.

    For each model OUT gets MODEL.png, which shows its drawables by number, and MODEL.parts.yaml, a draft of the table
    that names them. Correct the draft and put it beside the model as parts.yaml.
    """
    from cubiseg.sources.live2d import sheet as sheets
    from cubiseg.sources.live2d.files import SETTINGS
    from cubiseg.sources.live2d.model import read_model
    from cubiseg.sources.part_table import read_table
    from cubiseg.sources.references import walk

    found, _ = walk(folder, "", "live2d")
    files = [file for file in found if file.lower().endswith(SETTINGS)]
    if not files:
        raise click.ClickException(f"{folder}: holds no *.model3.json or *.model.json")
    failed = 0
    for file in files:
        name = file.removesuffix(".json").removesuffix(".model3").removesuffix(".model").replace("/", "_")
        try:
            model = read_model(folder / file, folder, read_table((folder / file).parent, folder))
            listed = sheets.entries(model, everything)
        except CubisegError as error:
            click.echo(f"error: {error}", err=True)
            failed += 1
            continue
        with atomic_write(out / f"{name}.png") as target:
            sheets.picture(model, listed).save(target, "PNG")
        write_text(out / f"{name}.parts.yaml", sheets.draft(listed, f"{name}.png"))
        click.echo(f"{out / name}.png: {len(listed)} drawables, {len(model.roles.open)} of no known part")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
