"""What the stages take for a picture: core-seconds, bytes, and rows of the manifest."""

import functools
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.scale_engines import SIDE
from cubiseg.workers import batches, run_all
from cubiseg.workers.processes import use_one_core


def measure_stages(pictures: int) -> dict[str, Any]:
    """Core-seconds of single pictures in each stage, serial and with one thread; sizes; what a manifest's row takes."""
    os.environ["CUBISEG_ENGINE"] = "serial"
    use_one_core()
    return [_stages(count) for count in (2, pictures)][-1]  # the first time opens the models


def _stages(pictures: int) -> dict[str, Any]:
    from cubiseg.annotation.params import AnnotateParams
    from cubiseg.annotation.stage import annotate
    from cubiseg.answers.store import ResponseStore
    from cubiseg.cleaning.params import CleanParams
    from cubiseg.cleaning.stage import clean
    from cubiseg.imaging import write_png
    from cubiseg.portraits import draw
    from cubiseg.sources.params import PrepareParams
    from cubiseg.sources.stage import prepare
    from stages.common import load_params

    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        os.environ.update(CUBISEG_SHEETS=str(root / "sheets"), CUBISEG_REGIONS=str(root / "regions"))
        drawn = run_all(
            functools.partial(_write_portrait, draw, write_png, root / "references" / "images"), range(pictures), ""
        )
        block = load_params("prepare", PrepareParams)
        hygiene = block.hygiene.model_copy(update={"leave_out": ()})
        prepared = block.model_copy(update={"sources": ("references",), "hygiene": hygiene})
        labelled = load_params("annotate", AnnotateParams).model_copy(update={"provider": "model", "protocol": "paint"})
        (root / "corrections").mkdir()

        def run_annotate() -> None:
            folders = (root / "prepared", Path("cubiseg/codebook.yaml"), root / "annotated", root / "responses")
            annotate(labelled, *folders, ResponseStore(root / "store"), root / "regions")

        def run_clean() -> None:
            folders = (root / "prepared", root / "annotated", root / "corrections", root / "clean")
            clean(load_params("clean", CleanParams), *folders)

        stages = {
            "prepare": lambda: prepare(prepared, root / "references", root / "prepared"),
            "annotate, by the model": run_annotate,
            "clean": run_clean,
        }
        seconds, driver = {}, {}
        for name, stage in stages.items():
            begun = time.process_time()
            with _batches_timed() as spent:
                stage()
            whole = time.process_time() - begun
            seconds[name] = round(sum(spent) / pictures, 4)
            driver[name] = round((whole - sum(spent)) / pictures, 4)
        sizes = {
            "picture": sum(p.stat().st_size for p in (root / "prepared" / "images").iterdir()) / pictures,
            "label map": sum(p.stat().st_size for p in (root / "clean" / "labels").iterdir()) / pictures,
        }
        rows = _manifest(root / "clean")
    return {
        "side": SIDE,
        "pictures": pictures,
        "core_seconds": {"draw": round(statistics.mean(drawn), 4), **seconds},
        "driver_seconds": driver,
        "spread": [round(value / statistics.mean(drawn), 3) for value in sorted(drawn)],
        "bytes": {name: round(value) for name, value in sizes.items()},
        "manifest": rows,
    }


@contextmanager
def _batches_timed() -> Iterator[list[float]]:
    """Seconds of this process in batches that any worker could do; the rest of a stage is the driver's own."""
    spent: list[float] = []

    def timed(results: Iterable[Any], total: int, what: str) -> Iterator[Any]:
        found = iter(results)
        while True:
            begun = time.process_time()
            try:
                result = next(found)
            except StopIteration:
                return
            finally:
                if not what.startswith("asking"):  # in threads, which stay with the driver
                    spent.append(time.process_time() - begun)
            yield result

    before, batches.progress = batches.progress, timed
    try:
        yield spent
    finally:
        batches.progress = before


def _write_portrait(draw: Any, write_png: Any, folder: Path, index: int) -> float:
    begun = time.process_time()
    portrait = draw(5, index, SIDE, 2)
    seconds = time.process_time() - begun
    write_png(folder / f"{index:04}.png", portrait.image)
    return seconds


def _manifest(folder: Path, rows: int = 20_000) -> dict[str, float]:
    """What a long manifest costs a row: bytes of memory, as read and as it will be written; microseconds to read it."""
    from cubiseg.samples import read_manifest, write_manifest

    first = read_manifest(folder)[0]
    with tempfile.TemporaryDirectory() as place:
        write_manifest(Path(place), [first.model_copy(update={"id": f"{i:07}", "group": f"g{i}"}) for i in range(rows)])
        begun = time.process_time()
        read_manifest(Path(place))
        seconds = time.process_time() - begun
        tracemalloc.start()
        read = read_manifest(Path(place))
        kept = [row.model_copy(update={"label": f"labels/{row.id}.png", "label_version": "0"}) for row in read]
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return {"bytes_a_row": round(size / len(kept)), "microseconds_a_row": round(1e6 * seconds / len(kept), 1)}
