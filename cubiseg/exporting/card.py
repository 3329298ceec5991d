"""The model card: what a model is, how good, and how to use its files."""

from typing import Any

from cubiseg.model_info import METADATA_KEY, ModelInfo

STEM = "anime_advanced_seg"
"""Name of the exported files, without suffix."""

_CARD = """# {stem}

Labels the parts of an anime illustration, pixel by pixel: {classes}.
Left and right are the character's own. Ids are positions in this list; taxonomy version {taxonomy}.
{parts}
| | |
|---|---|
| architecture | `{architecture}`, {parameters:,} parameters |
| input | `image`, (N, 3, H, W) float32, RGB, `(value in 0..255 - mean) / std` |
| mean, std | {mean}, {std} |
| trained at | {height}x{width}; {sizes} |
| output | `logits`, (N, {number}, H, W) float32; {rule} |
{confidence}| data | the data set `datasets/anime_segmentation/v1`; its card names sources and licences |
| licence | MIT; the ImageNet weights that the default encoder starts from are Apache-2.0 |

{scores}## ONNX

```python
import json, numpy as np, onnxruntime
session = onnxruntime.InferenceSession("{stem}.onnx")
info = json.loads(session.get_modelmeta().custom_metadata_map["{key}"])
image = (rgb.astype(np.float32) - info["mean"]) / info["std"]  # rgb: (H, W, 3) uint8, scaled to info["input_size"]
logits = session.run(["logits"], {{"image": image.transpose(2, 0, 1)[None].astype(np.float32)}})[0][0]
{choice}```

## TorchScript

```python
import json, numpy as np, torch
extra = {{"{key}": ""}}
network = torch.jit.load("{stem}.pt", _extra_files=extra); info = json.loads(extra["{key}"])
image = torch.from_numpy((rgb - np.array(info["mean"])) / info["std"]).permute(2, 0, 1)[None].float()
logits = network(image)[0].detach().numpy()
{choice}```

`cubiseg predict` and `cubiseg layers` do this, and scale any picture there and the labels back.

## Limits

It has seen portraits and busts of one character. Figures on drawn pictures of its own data set say little of other
styles; `cubiseg evaluate` scores it on yours.
"""


_PARTS = """
After the outputs of the classes come those of parts, each within its class: {names}.
`part_ids` and `part_classes` of the description have each part's value in a label map and the class that it is of.
"""
_CHOICE = "label = logits.argmax(0)\n"
_CHOICE_OF_PARTS = """of_classes, of_parts = np.split(logits, [len(info["classes"])])
label = of_classes.argmax(0)
classes, ids = np.array(info["part_classes"]), np.array(info["part_ids"])
own = np.where(classes[:, None, None] == label, of_parts, -np.inf)  # the parts of each pixel's class
parts = np.where(np.isin(label, classes), ids[own.argmax(0)], label)
"""


def card(info: ModelInfo, parameters: int, scores: dict[str, Any] | None = None) -> str:
    """Markdown of the card.

    Args:
        parameters: number of trainable values.
        scores: metrics of the evaluate stage, if known.
    """
    sizes = f"other sizes: multiples of {info.multiple}" if info.dynamic else "no other size"
    apart = info.parts is not None
    return _CARD.format(
        stem=STEM,
        key=METADATA_KEY,
        classes=", ".join(info.classes),
        taxonomy=info.taxonomy,
        architecture=info.architecture,
        parameters=parameters,
        mean=list(info.mean),
        std=list(info.std),
        height=info.input_size[0],
        width=info.input_size[1],
        sizes=sizes,
        number=info.outputs,
        parts=_PARTS.format(names=", ".join(info.parts)) if info.parts is not None else "",
        rule="the class is the largest of the first, its part the largest of its own"
        if apart
        else "the class is the largest",
        confidence=_confidence(info),
        choice=_CHOICE_OF_PARTS if apart else _CHOICE,
        scores=_scores(scores),
    )


def _confidence(info: ModelInfo) -> str:
    if info.calibration is None:
        return ""
    how = f"softmax of the classes' logits / {info.calibration.temperature:.3f} + `offsets` of its `calibration`"
    return f"| confidence | {how}, of the class that the logits alone give |\n"


def _scores(scores: dict[str, Any] | None) -> str:
    if not scores:
        return ""
    lines = [
        f"## Test split ({scores['pictures']} pictures of {scores['groups']} characters)",
        "",
        "| | |",
        "|---|---|",
    ]
    names = ("mean_f1", "mean_iou", "small_part_f1", "boundary_f", "left_right_confusion", "pixel_accuracy")
    lines += [f"| {name.replace('_', ' ')} | {scores[name]:.3f} |" for name in names if scores.get(name) is not None]
    return "\n".join(lines) + "\n\n"
