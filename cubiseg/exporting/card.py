"""The model card: what a model is, how good, and how to use its files."""

from typing import Any

from cubiseg.model_info import METADATA_KEY, ModelInfo

STEM = "anime_advanced_seg"
"""Name of the exported files, without suffix."""

_CARD = """# {stem}

Labels the parts of an anime illustration, pixel by pixel: {classes}.
Left and right are the character's own. Ids are positions in this list; taxonomy version {taxonomy}.

| | |
|---|---|
| architecture | `{architecture}`, {parameters:,} parameters |
| input | `image`, (N, 3, H, W) float32, RGB, `(value in 0..255 - mean) / std` |
| mean, std | {mean}, {std} |
| trained at | {height}x{width}; {sizes} |
| output | `logits`, (N, {number}, H, W) float32; the class is the largest |
| data | the data set `datasets/anime_segmentation/v1`; its card names sources and licences |
| licence | MIT; the ImageNet weights that the default encoder starts from are Apache-2.0 |

{scores}## ONNX

```python
import json, numpy as np, onnxruntime
session = onnxruntime.InferenceSession("{stem}.onnx")
info = json.loads(session.get_modelmeta().custom_metadata_map["{key}"])
image = (rgb.astype(np.float32) - info["mean"]) / info["std"]  # rgb: (H, W, 3) uint8, scaled to info["input_size"]
label = session.run(["logits"], {{"image": image.transpose(2, 0, 1)[None].astype(np.float32)}})[0][0].argmax(0)
```

## TorchScript

```python
import json, numpy as np, torch
extra = {{"{key}": ""}}
network = torch.jit.load("{stem}.pt", _extra_files=extra); info = json.loads(extra["{key}"])
image = torch.from_numpy((rgb - np.array(info["mean"])) / info["std"]).permute(2, 0, 1)[None].float()
label = network(image)[0].argmax(0)
```

`cubiseg predict` and `cubiseg layers` do this, and scale any picture there and the labels back.

## Limits

It has seen portraits and busts of one character. Figures on drawn pictures of its own data set say little of other
styles; `cubiseg evaluate` scores it on yours.
"""


def card(info: ModelInfo, parameters: int, scores: dict[str, Any] | None = None) -> str:
    """Markdown of the card.

    Args:
        parameters: number of trainable values.
        scores: metrics of the evaluate stage, if known.
    """
    rule = f"other sizes: multiples of {info.multiple}" if info.dynamic else "no other size"
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
        sizes=rule,
        number=len(info.classes),
        scores=_scores(scores),
    )


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
