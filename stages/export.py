"""export: bare weights to TorchScript, ONNX and a model card, compared with the checkpoint."""

import json
from pathlib import Path

import click

from cubiseg.errors import CubisegError
from cubiseg.exporting.params import ExportParams
from cubiseg.files import write_text
from stages.common import load_params, one_line_errors, write_metrics


@click.command(help=__doc__)
@click.option("--configs", type=click.Path(path_type=Path), required=True, help="Folder of architectures.")
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Weights file of the stage train.")
@click.option("--scores", type=click.Path(path_type=Path), help="Metrics of the stage evaluate, for the card.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the exported files.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics file (JSON).")
@one_line_errors
def main(configs: Path, weights: Path, scores: Path | None, out: Path, metrics: Path) -> None:
    """The stage."""
    params = load_params("export", ExportParams)
    from cubiseg.exporting import card, onnx_file, parity, torchscript
    from cubiseg.segmentors.build import parameter_count, use_threads
    from cubiseg.segmentors.weights import load_weights

    use_threads()
    network, info = load_weights(weights, configs)
    files = {"torchscript": out / f"{card.STEM}.pt", "onnx": out / f"{card.STEM}.onnx"}
    torchscript.write_torchscript(files["torchscript"], network, info)
    onnx_file.write_onnx(files["onnx"], network, info)
    write_text(out / f"{card.STEM}.md", card.card(info, parameter_count(network), _read_scores(scores)))

    openers = {"torchscript": parity.open_torchscript, "onnx": parity.open_onnx}
    report = {
        kind: {
            "bytes": file.stat().st_size,
            **parity.measure(network, openers[kind](file), info, params.parity_inputs, params.seed),
        }
        for kind, file in files.items()
    }
    write_metrics(metrics, {"architecture": info.architecture, "parameters": parameter_count(network), **report})


def _read_scores(path: Path | None) -> dict | None:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CubisegError(f"{path}: not a metrics file ({type(error).__name__}); run `dvc repro evaluate`") from error


if __name__ == "__main__":
    main()
