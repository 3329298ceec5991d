"""How much time and memory a thousand questions take beside the server's own time: `python -m benchmarks.asking`.

A server in a process of its own answers in 200 ms. Pictures and regions are cached first, as `annotate` does; then the
whole stage runs, conversations and store and ledger included. Printed: the wall time against the ideal (questions x
delay / concurrency), CPU time of this process a question, and the growth of its memory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import yaml

from cubiseg import imaging
from cubiseg.annotation.conversation import converse_with, plan_questions, prepare_questions
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.plan import make_plan
from cubiseg.answers.asking import Asker
from cubiseg.answers.purse import Purse
from cubiseg.answers.store import ResponseStore
from cubiseg.portraits import draw
from cubiseg.samples import Sample, write_manifest

ROOT = Path(__file__).resolve().parents[1]


def write_pictures(folder: Path, count: int, drawn: int, size: int) -> None:
    """A prepared folder of unlabelled pictures; ``drawn`` portraits, told apart by one pixel."""
    samples = []
    portraits = [draw(2026, i, size, 1).image for i in range(drawn)]
    for i in range(count):
        rgb = portraits[i % drawn].copy()
        rgb[0, 0] = i % 256, i // 256, 0
        name = f"p{i:04d}"
        imaging.write_webp(folder / "images" / f"{name}.webp", rgb)
        pixels = imaging.read_picture(folder / "images" / f"{name}.webp").over()
        facts = {"width": size, "height": size, "sha256": imaging.pixel_hash(pixels), "source": "benchmark"}
        samples.append(Sample(id=name, image=f"images/{name}.webp", group=name, **facts))
    write_manifest(folder, samples)


@click.command(help=__doc__)
@click.option("--pictures", default=250, show_default=True)
@click.option("--votes", default=4, show_default=True, help="Times that each is asked about.")
@click.option("--size", default=512, show_default=True, help="Side of a picture, px.")
@click.option("--concurrency", default=4, show_default=True)
@click.option("--delay", default=0.2, show_default=True, help="Seconds that the server takes.")
def main(pictures: int, votes: int, size: int, concurrency: int, delay: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        os.environ |= {"CUBISEG_SHEETS": str(root / "sheets"), "CUBISEG_REGIONS": str(root / "regions")}
        write_pictures(root / "prepared", pictures, 40, size)
        serve = [sys.executable, "-m", "tests.answers.chat_server", str(delay)]
        with subprocess.Popen(serve, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None and server.stdin is not None
            block = yaml.safe_load((ROOT / "params.yaml").read_text())["annotate"]
            block |= {"provider": "openai", "second_pass": False, "max_usd": 1000.0, "votes": votes}
            block["openai"] |= {"base_url": server.stdout.readline().strip(), "model": "gpt-4o"}
            params, store = AnnotateParams.model_validate(block), ResponseStore(root / "store")
            both = params.model_copy(update={"second_pass": True, "votes": 1})
            questions = plan_questions(params, root / "prepared", ROOT / "cubiseg" / "codebook.yaml", store.root)
            start = time.monotonic()
            codebook = ROOT / "cubiseg" / "codebook.yaml"
            plan = make_plan(plan_questions(both, root / "prepared", codebook, store.root), store)
            planned = time.monotonic() - start
            start = time.monotonic()
            prepare_questions(questions)
            prepared = time.monotonic() - start
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            cores = used.ru_utime + used.ru_stime
            with Purse(store.root, params.max_usd) as purse:
                asker = Asker(questions.provider, store, purse, params.openai.attempts, concurrency)
                start, cpu = time.monotonic(), time.process_time()
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                read = converse_with(asker, questions)
                wall, cpu = time.monotonic() - start, time.process_time() - cpu
                after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            server.stdin.close()
    questions_put = pictures * votes
    ideal = questions_put * delay / concurrency
    print(
        json.dumps(
            {
                "questions": sum(len(r.records) for r in read),
                "answered": sum(r.content is not None for r in read),
                "planning_seconds": round(planned, 1),
                "planned_usd_a_picture": [round(usd / pictures, 4) for usd in (plan.first.usd, plan.usd)],
                "preparing_seconds_a_picture": round(prepared / pictures, 3),
                "preparing_core_seconds_a_picture": round(cores / pictures, 3),
                "wall_over_ideal": round(wall / ideal, 3),
                "cpu_ms_a_request": round(1000 * cpu / questions_put, 2),
                "memory_growth_mb": round((after - before) / 1024, 1),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
