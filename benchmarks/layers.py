"""Seconds and memory of `cubiseg layers`, cold (a new process) and warm, on one picture.

    python benchmarks/layers.py --size 1024 [--model FILE] [--image FILE]

Without a picture it draws one; without a model it uses slic. Budgets for 1024x1024 on two cores: warm 1 s, cold 3 s,
1 GB peak.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from cubiseg.imaging import read_picture
from cubiseg.inference import open_segmenter
from cubiseg.layers import IntegrateParams, cut, write_layers
from cubiseg.layers.params import PROFILES
from cubiseg.layers.psd import write_psd


def drawing(size: int) -> np.ndarray:
    """A shaded cartoon portrait: (size, size, 3) uint8. Noise keeps run-length coding honest."""
    rgb = np.full((512, 512, 3), (196, 220, 240), np.uint8)
    cv2.rectangle(rgb, (130, 340), (380, 511), (40, 60, 140), -1)
    cv2.ellipse(rgb, (256, 190), (140, 150), 0, 0, 360, (90, 50, 30), -1)
    cv2.ellipse(rgb, (256, 230), (95, 100), 0, 0, 360, (252, 224, 204), -1)
    for x in (216, 296):
        cv2.ellipse(rgb, (x, 240), (18, 24), 0, 0, 360, (40, 40, 90), -1)
    rgb = cv2.resize(rgb, (size, size), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).integers(-3, 4, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def best(times: int, call) -> float:
    """Least seconds of several calls."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return round(min(seconds), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--image", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    backend = "anime-advanced" if args.model else "slic"
    with tempfile.TemporaryDirectory() as folder:
        image = args.image or Path(folder) / "drawing.png"
        if not args.image:
            Image.fromarray(drawing(args.size)).save(image)
        out = Path(folder) / "out"
        command = [sys.executable, "-m", "cubiseg", "layers", str(image), "-o", str(out), "--backend", backend]
        command += ["--model", str(args.model)] if args.model else []
        cold = best(args.repeat, lambda: subprocess.run(command, check=True, capture_output=True))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        picture = read_picture(image)
        segmenter = open_segmenter(backend, args.model)
        result = segmenter.segment(picture)
        layers = cut(picture, result.label)
        facts = {"backend": result.backend, "architecture": result.architecture}

        def whole() -> None:
            fresh = read_picture(image)
            again = segmenter.segment(fresh)
            write_layers(out / image.stem, fresh, again.label, again.confidence, IntegrateParams(), **facts)

        report = {
            "picture": f"{picture.size[1]}x{picture.size[0]}",
            **facts,
            "layers": len(layers),
            "cold_s": cold,
            "cold_peak_mb": peak,
            "warm_s": best(args.repeat, whole),
            "segment_s": best(args.repeat, lambda: segmenter.segment(picture)),
            "cut_s": best(args.repeat, lambda: cut(picture, result.label)),
            "psd_s": best(args.repeat, lambda: write_psd(Path(folder) / "x.psd", picture, layers, PROFILES["cubiai"])),
            "psd_mb": round((Path(folder) / "x.psd").stat().st_size / 1e6, 2),
        }
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
