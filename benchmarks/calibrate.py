"""Fit the confidence of an exported model on generated pictures, and put it into the file.

    python -m benchmarks.calibrate --model FILE.onnx [--write] [--data DATASET]

For a model that was exported without the scores of the stage evaluate, which does the same on its validation split. The
pictures are drawn with a seed of their own, so no model was trained on them, or are the validation and test splits of
`--data`. Prints the expected calibration error of other pictures before and after. `--write` replaces the file.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from benchmarks.quality import drawn
from cubiseg.errors import CubisegError
from cubiseg.evaluation import confidence
from cubiseg.files import atomic_write
from cubiseg.inference.backends import LOOK, LOW_CONFIDENCE
from cubiseg.inference.exported_model import ExportedModel
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.samples import Split
from stages.common import one_line_errors

PATH = click.Path(path_type=Path)
FIRST = 1000
"""Index of the first picture of the fit; those for testing are the first of the series."""


def some(first: int, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return (drawn(index) for index in range(first, first + count))


def put(model: Path, info: ModelInfo) -> None:
    """Replace the description inside an ONNX file."""
    import onnx
    from onnx import helper

    content = onnx.load(str(model))
    helper.set_model_props(content, {METADATA_KEY: info.model_dump_json()})
    with atomic_write(model) as file:
        file.write(content.SerializeToString(deterministic=True))


@click.command(help=__doc__)
@click.option("--model", type=PATH, required=True, help="ONNX file.")
@click.option("--data", type=PATH, help="Data set whose splits are used instead of pictures drawn for it.")
@click.option("--count", type=click.IntRange(4, 500), default=48, show_default=True, help="Pictures for either end.")
@click.option("--write", is_flag=True, help="Put the calibration into the file.")
@one_line_errors
def main(model: Path, data: Path | None, count: int, write: bool) -> None:
    if model.suffix != ".onnx":
        raise CubisegError(f"{model}: is no .onnx file; export the model again for a TorchScript file")
    known = ExportedModel(model, "anime-advanced", LOW_CONFIDENCE, look=LOOK)
    fitting = some(FIRST, count) if data is None else confidence.some_of(data, Split.VAL)
    how = confidence.fit(known, fitting)
    testing = some(0, count) if data is None else confidence.some_of(data, Split.TEST)
    found = confidence.figures(confidence.measure(known, testing, how), how)
    click.echo(f"temperature {how.temperature:.3f}")
    click.echo(f"expected calibration error {found.ece_before:.4f} before, {found.ece:.4f} after")
    for name, before in found.classes_before.items():
        shown = [("-" if value is None else f"{value:.3f}") for value in (before, found.classes[name])]
        click.echo(f"  {name:14} offset {found.offsets[name]:+.2f}  error {shown[0]} before, {shown[1]} after")
    if write:
        put(model, known.info.model_copy(update={"calibration": how}))
        click.echo(f"{model}: written")


if __name__ == "__main__":
    main()
