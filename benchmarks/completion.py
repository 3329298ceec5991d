"""How well ways of painting what lies beneath do, against complete layers.

    python -m benchmarks.completion [--count 16] [--size 512] [--live2d DIR] [--model FILE] [--segment FILE]
        [--ways W...] [--write] [--json FILE] [--sheet FILE.png]

Two sets: generated portraits, each of another character, of a series that nothing is trained on; and complete layers of
rendered Live2D characters, where their folder is given. Every way is told the true label map of what is seen, so that
completion is measured and not segmentation; with `--segment` a model's label map is taken instead.

A way has a shape and a colour: `nothing` goes on nowhere, `smooth` is what `cubiseg layers` does without a model,
`learnt` the network of `--model`. `smooth + telea` has the shape of `smooth` and another fill, `learnt + telea` that of
the network: colours on the same pixels; `truth + telea` has the true shape, where errors are of colour alone (so far as
the part is stacked below what hides it). Figures: docs/layers.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.fills import FILLS, Fill, filled, seen_names, spanned, true_shape
from cubiseg.completion.measures import MOVES, Painted, PictureCounts, better, score, summary
from cubiseg.completion.model import CompletionModel, SeenPart, open_completion
from cubiseg.completion.truth import (
    CompletePicture,
    beneath,
    of_portrait,
    pictures_in,
    read_complete,
    read_names,
)
from cubiseg.files import write_text
from cubiseg.imaging import Picture, write_png
from cubiseg.inference import open_segmenter
from cubiseg.layers.cut import cut
from cubiseg.metrics import write_metrics
from cubiseg.portraits import draw

SEED = 4201
"""Of the generated pictures: a series of its own."""
NAMES = Path(__file__).with_name("live2d_layers.yaml")
METRICS = Path("metrics/completion.json")
COLUMNS = {
    "hidden_iou": "hidden IoU",
    "alpha_error": "alpha error",
    "iris_iou": "iris IoU",
    "painted": "painted",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "ciede2000": "CIEDE2000",
    "edges": "edges",
    "holes": "holes at 4 %",
    "torn": "torn at 4 %",
}

Way = Callable[[CompletePicture, CompletePicture], Mapping[str, Painted]]
"""What is seen (picture and label map), and the truth, to completions by part."""


def smooth(seen: CompletePicture) -> dict[str, Painted]:
    """What `cubiseg layers` paints beneath, with hard edges."""
    out = {}
    for layer in cut(Picture(seen.rgb), seen.label):
        (rows, columns), rgba = layer.window, layer.rgba
        box = Box(columns.start, rows.start, columns.stop, rows.stop)
        if layer.name != "background":
            out[layer.name] = Painted(box, rgba[..., 3] / np.float32(255), rgba[..., :3])
    return out


def smooth_shape(seen: CompletePicture) -> dict[str, np.ndarray]:
    """(H, W) bool by part: where `cubiseg layers` goes on."""
    return {layer.name: layer.on_canvas(seen.label.shape)[..., 3] > 127 for layer in cut(Picture(seen.rgb), seen.label)}


def learnt(model: CompletionModel, seen: CompletePicture) -> dict[str, Painted]:
    """What the network paints."""
    names = [name for name in seen_names(seen.label) if name in model.parts]
    jobs = [SeenPart(name, seen.label == taxonomy.PART_ID[name], beneath(name, seen.label)) for name in names]
    rest = filled(seen.rgb, seen.label, lambda name: None, spanned)
    done = model.complete(seen.rgb, seen.label, jobs)
    return rest | {name: Painted(c.box, c.alpha, c.rgb) for name, c in zip(names, done, strict=True)}


def learnt_shape(model: CompletionModel, seen: CompletePicture) -> dict[str, np.ndarray]:
    """(H, W) bool by part: where the network goes on."""
    out = {}
    for name, painted in learnt(model, seen).items():
        out[name] = np.zeros(seen.label.shape, bool)
        out[name][painted.box.window] = painted.alpha >= 0.5
    return out


def ways(model: CompletionModel | None, told: bool) -> dict[str, Way]:
    """All ways by name; with a model's label map (not ``told`` the truth), those that need no true shape."""

    def in_smooth_shape(seen: CompletePicture, _: CompletePicture, fill: Fill) -> dict[str, Painted]:
        return filled(seen.rgb, seen.label, smooth_shape(seen).get, fill)

    def in_true_shape(seen: CompletePicture, truth: CompletePicture, fill: Fill) -> dict[str, Painted]:
        return filled(seen.rgb, seen.label, partial(true_shape, truth), fill)

    out: dict[str, Way] = {
        "nothing": lambda seen, truth: filled(seen.rgb, seen.label, lambda name: None, spanned),
        "smooth": lambda seen, truth: smooth(seen),
    }
    if model is not None:

        def in_learnt_shape(seen: CompletePicture, _: CompletePicture, fill: Fill) -> dict[str, Painted]:
            return filled(seen.rgb, seen.label, learnt_shape(model, seen).get, fill)

        out["learnt"] = lambda seen, truth: learnt(model, seen)
    if told:
        out |= {f"smooth + {name}": partial(in_smooth_shape, fill=fill) for name, fill in FILLS.items()}
        if model is not None:
            smooth_ones = {name: fill for name, fill in FILLS.items() if name not in ("patches", "mirrored")}
            out |= {f"learnt + {name}": partial(in_learnt_shape, fill=fill) for name, fill in smooth_ones.items()}
        out |= {f"truth + {name}": partial(in_true_shape, fill=fill) for name, fill in FILLS.items()}
    return out


def generated(count: int, size: int) -> Iterator[CompletePicture]:
    """Portraits, each of another character."""
    for index in range(count):
        yield of_portrait(draw(SEED, index, size, 1, alone=True), f"generated/{index:03d}")


def live2d(folder: Path, poses: int) -> Iterator[CompletePicture]:
    """Renders, the first poses of each model."""
    names, taken = read_names(NAMES), dict[str, int]()
    for path in pictures_in(folder):
        model = path.parent.name
        if taken.setdefault(model, 0) < poses:
            taken[model] += 1
            yield read_complete(path, names)


def measured(
    pictures: Sequence[CompletePicture] | Iterator[CompletePicture],
    all_ways: Mapping[str, Way],
    segment: Callable[[Picture], Any] | None,
) -> dict[str, list[PictureCounts]]:
    """Counts of each way on each picture."""
    out: dict[str, list[PictureCounts]] = {name: [] for name in all_ways}
    for picture in pictures:
        seen = picture if segment is None else replace(picture, label=segment(Picture(picture.rgb)).finest)
        began = time.perf_counter()
        for name, way in all_ways.items():
            out[name].append(score(picture, way(seen, picture)))
        print(f"{picture.name}: {len(picture.names)} parts, {time.perf_counter() - began:.1f} s", flush=True)
    return out


def told_of(counts: Mapping[str, Sequence[PictureCounts]]) -> dict[str, Any]:
    """Scores by way, and how each differs from `smooth`; and by how much `learnt` is nearer in colour than each other.

    Figures of parts and characters are of `smooth` and `learnt` alone: of all ways they would be thousands of lines.
    """
    out: dict[str, Any] = {}
    keys = ("hidden_iou", "ciede2000", "edges", *(f"{kind} {move:.2f}" for kind in ("holes", "torn") for move in MOVES))
    for name, own in counts.items():
        over = {} if name == "smooth" else {key: better(own, counts["smooth"], key).as_json() for key in keys}
        out[name] = summary(own).as_json() | {"over_smooth": over}
        if name not in ("smooth", "learnt"):
            del out[name]["parts"], out[name]["by_character"]
    if "learnt" in counts:
        others = [name for name, told in out.items() if name != "learnt" and told["figures"]["ciede2000"] is not None]
        out["learnt"]["ciede2000_over"] = {
            name: better(counts["learnt"], counts[name], "ciede2000").as_json() for name in others
        }
    return out


def table(scores: Mapping[str, Mapping[str, Any]]) -> str:
    """A Markdown table, a line a way."""
    lines = ["| way | " + " | ".join(COLUMNS.values()) + " |", "|---|" + "---|" * len(COLUMNS)]
    for name, told in scores.items():
        row = told["figures"] | {"iris_iou": told["iris_iou"]} | {key: told[key]["0.04"] for key in ("holes", "torn")}
        lines.append(f"| {name} | " + " | ".join(_cell(key, row[key]) for key in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    if key in ("psnr", "ciede2000"):
        return f"{value:.1f}"
    return f"{100 * value:.1f} %" if key in ("holes", "torn", "painted") else f"{value:.2f}"


def sheet(picture: CompletePicture, shown: Mapping[str, Way], parts: Sequence[str], tile: int = 160) -> np.ndarray:
    """(H, W, 3) uint8: a row a part: what is seen of it, the truth, then each way; where it is not, pink."""
    done = [way(picture, picture) for way in shown.values()]
    titles = np.full((18, tile * (2 + len(done)), 3), 255, np.uint8)
    for k, name in enumerate(("seen", "truth", *shown)):
        cv2.putText(titles, name, (4 + k * tile, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    rows = [titles]
    for part in (picture.parts[name] for name in parts):
        box = part.box.grown(6, picture.label.shape)
        seen = (picture.label == taxonomy.PART_ID[part.name]).astype(np.float32)
        everything = Box(0, 0, *picture.label.shape[::-1])
        pieces = [
            Painted(everything, seen, picture.rgb),
            Painted(part.box, part.rgba[..., 3] / np.float32(255), part.rgba[..., :3]),
            *(one.get(part.name) for one in done),
        ]
        rows.append(np.hstack([_on_pink(piece, box, picture.label.shape, tile) for piece in pieces]))
    return np.vstack(rows)


def _on_pink(painted: Painted | None, box: Box, size: tuple[int, ...], tile: int) -> np.ndarray:
    canvas = np.full((*size, 3), (235, 150, 200), np.float32)
    if painted is not None:
        at = painted.box.window
        canvas[at] += painted.alpha[..., None] * (painted.rgb - canvas[at])
    shown, scale = np.rint(canvas[box.window]).astype(np.uint8), tile / box.longest
    to = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    out = np.full((tile, tile, 3), 255, np.uint8)
    out[: to[1], : to[0]] = cv2.resize(shown, to, interpolation=cv2.INTER_AREA)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=16, help="generated pictures")
    parser.add_argument("--size", type=int, default=512, help="side of these in px")
    parser.add_argument("--live2d", type=Path, help="folder of complete layers: <model>/<pose>/")
    parser.add_argument("--poses", type=int, default=1, help="pictures of each model there")
    parser.add_argument("--model", type=Path, help="completion network, .onnx")
    parser.add_argument("--segment", type=Path, help="model that says what is seen, in place of the truth")
    parser.add_argument("--ways", nargs="*", help="only these; smooth is always there")
    parser.add_argument("--write", action="store_true", help=f"write {METRICS}")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--sheet", type=Path, help="write a picture of the first figure's largest hidden parts, .png")
    args = parser.parse_args()
    model = open_completion(args.model) if args.model else None
    segment = open_segmenter(model=args.segment).segment if args.segment else None
    chosen = ways(model, segment is None)
    if args.ways:
        chosen = {name: way for name, way in chosen.items() if name in ("smooth", *args.ways)}
    sets = {"generated": generated(args.count, args.size)}
    if args.live2d:
        sets["live2d"] = live2d(args.live2d, args.poses)
    told = {}
    for name, pictures in sets.items():
        counts = measured(pictures, chosen, segment)
        if counts["smooth"]:
            told[name] = told_of(counts)
            print(f"\n{name}\n\n{table(told[name])}", flush=True)
    if args.sheet:
        picture = next(live2d(args.live2d, 1) if args.live2d else generated(1, args.size))
        largest = sorted(picture.parts, key=lambda name: -np.count_nonzero(picture.parts[name].hidden))[:8]
        write_png(args.sheet, sheet(picture, chosen, largest))
    if args.write:
        write_metrics(METRICS, told)
    if args.json:
        write_text(args.json, json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
