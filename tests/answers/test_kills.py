"""However often the stage is killed, labels come out the same, and the ledger agrees with the server's bill."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from cubiseg.answers.asking import let_ask_again
from cubiseg.answers.purse import Purse
from cubiseg.answers.store import ResponseStore
from cubiseg.samples import write_manifest
from tests.answers.test_openai import EACH, PRICE, remember
from tests.conftest import ROOT
from tests.tiny import bytes_of, params, write_prepared

KILLS = int(os.environ.get("CUBISEG_TEST_KILLS", "15"))
PICTURES = 12


class Stage:
    """The stage annotate as a process of its own, in a folder of its own."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        root.mkdir()
        block = params("annotate")
        block |= {"provider": "openai", "regions": 40, "max_usd": 50.0}
        block["openai"] |= {"base_url": url, "model": "eye-1", "prices": {"eye-1": PRICE}, "max_output_tokens": 64}
        remember(root / "store", url)
        (root / "params.yaml").write_text(yaml.safe_dump({"annotate": block, "split": params("split")}))
        samples = write_prepared(root / "prepared", PICTURES)
        unlabelled = {"label": None, "label_method": None, "label_version": None}
        write_manifest(root / "prepared", [s.model_copy(update=unlabelled) for s in samples])

    def start(self) -> subprocess.Popen:
        command = [
            sys.executable, "-m", "stages.annotate", "--prepared", "prepared", "--codebook",
            str(ROOT / "cubiseg" / "codebook.yaml"), "--out", "annotated", "--responses", "responses", "--metrics",
            "metrics.json",
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUBISEG_CONCURRENCY": "3", "OPENAI_API_KEY": ""}
        for name, folder in (("RESPONSES", "store"), ("SHEETS", "../sheets"), ("REGIONS", "../regions")):
            environment[f"CUBISEG_{name}"] = folder
        return subprocess.Popen(
            command, cwd=self.root, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
        )


@pytest.mark.slow
def test_kills_change_no_label_and_lose_no_answer(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "tests.answers.chat_server", "0.02"]
    with subprocess.Popen(serve, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = server.stdout.readline().strip()

        def bill() -> int:
            server.stdin.write("\n")  # type: ignore[union-attr]
            server.stdin.flush()  # type: ignore[union-attr]
            return int(server.stdout.readline())  # type: ignore[union-attr]

        calm = Stage(tmp_path / "calm", url)
        assert calm.start().wait(120) == 0
        asked = bill()
        whole = json.loads((calm.root / "metrics.json").read_text())
        assert whole["answered"] == PICTURES
        assert whole["questions"] == asked

        stage = Stage(tmp_path / "killed", url)
        rng, kills = random.Random(5), 0
        store = ResponseStore(stage.root / "store")
        while kills < KILLS:
            before = bill()
            process = stage.start()
            # Half of the kills at any moment, the others shortly after the server was asked something.
            if rng.random() < 0.5:
                time.sleep(rng.uniform(0.1, 4))
            else:
                while bill() == before and process.poll() is None:
                    time.sleep(0.002)
                time.sleep(rng.uniform(0, 0.03))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            if sum(1 for _ in store.records()) == asked:  # all answered: begin again, or the kills would meet nothing
                let_ask_again(store, list(store.records())[:: rng.randint(1, 3)])
        assert stage.start().wait(120) == 0
        billed = bill() - asked
        server.stdin.close()

    for folder in ("annotated/answers", "annotated/regions", "responses"):
        assert bytes_of(stage.root / folder) == bytes_of(calm.root / folder)
    stored = len(list((stage.root / "store").glob("*/*.json")))
    with Purse(stage.root / "store", None) as purse:
        purse.recover(lambda key: None)
        balance = purse.balance()
    assert balance.reserved == 0
    assert balance.settled == stored, "each stored answer is settled once"
    assert stored <= billed <= stored + balance.losses, "the server billed nothing that the ledger does not know"
    assert balance.spent >= billed * EACH - 1e-9
    assert billed > asked
