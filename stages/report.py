"""Say where the outputs of the pipeline are and how good the model is.

`make repro` ends with it; `--readme` also puts the figures between the README's markers.
"""

import json
import re
from pathlib import Path
from typing import Any

import click

from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from stages.common import one_line_errors

METRICS = Path("metrics")
BASELINE = "baseline-mobilenetv2"


@click.command(help=__doc__)
@click.option("--readme", type=click.Path(path_type=Path), help="File whose numbers to replace.")
@one_line_errors
def main(readme: Path | None) -> None:
    table = figures()
    print(f"\n{table}\n\n{places()}")
    if readme is not None:
        text = readme.read_text(encoding="utf-8")
        fresh = re.sub(r"(<!-- numbers -->\n).*?(<!-- /numbers -->)", rf"\g<1>{table}\n\g<2>", text, flags=re.DOTALL)
        write_text(readme, fresh)


def figures() -> str:
    """The figures that users care about, as a Markdown table of plain numbers."""
    scored, exported, layers = _read("evaluate"), _read("export"), _read("integrate")
    name = scored["architecture"]
    low, high = scored["intervals"]["mean_iou"]
    spread = "" if low is None else f" (95 % interval {low:.3f} to {high:.3f})"
    rows = [
        (f"mean IoU of `{name}`, {scored['pictures']} test portraits", f"{_number(scored['mean_iou'])}{spread}"),
        (
            "mean F1; of eyes, brows, nose and mouth",
            f"{_number(scored['mean_f1'])}; {_number(scored['small_part_f1'])}",
        ),
        ("boundary F-score at 2 px", _number(scored["boundary_f"])),
        ("left and right confused", _number(scored["left_right_confusion"])),
        ("parameters; ONNX file", f"{exported['parameters'] / 1e6:.2f} M; {exported['onnx']['bytes'] / 1e6:.1f} MB"),
        ("example PSDs that recompose exactly", f"{layers['exact'] * layers['count']:.0f} of {layers['count']}"),
        ("Live2D import errors in them", str(layers["lint_errors"])),
    ]
    if (METRICS / "benchmark.json").is_file():
        compared = _read("benchmark")["architectures"]
        over = compared.get(name, {}).get("test", {}).get("over")
        if over is not None and over["mean"] is not None:
            ours, other = (_number(compared[who]["test"]["mean_iou"]) for who in (name, BASELINE))
            low, high = over["interval"]
            value = f"{ours}, {other}; {over['mean']:+.3f} by character ({low:+.3f} to {high:+.3f})"
            rows.insert(1, (f"mean IoU in the benchmark, equal samples: `{name}`, `{BASELINE}`; our gain", value))
    lines = ["| figure | value |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows)]
    return "\n".join(lines)


def places() -> str:
    """Where the outputs are, one a line."""
    return "\n".join(
        f"{what:<12}{where}"
        for what, where in (
            ("data set", "datasets/anime_segmentation/v1/ (card: README.md)"),
            ("model", "models/anime_advanced_seg.onnx, models/anime_advanced_seg.pt (card: anime_advanced_seg.md)"),
            ("metrics", "metrics/*.json (dvc metrics show)"),
            ("plots", "metrics/plots/ (dvc plots show)"),
            ("layers", "data/layers/*/layers.psd (preview.png beside each)"),
            ("next", "cubiseg layers YOUR_PICTURE.png -o out/"),
        )
    )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _read(stage: str) -> dict[str, Any]:
    path = METRICS / f"{stage}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); run `make repro`") from error


if __name__ == "__main__":
    main()
