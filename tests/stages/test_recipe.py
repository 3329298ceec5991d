"""docs/annotate-danbooru.md from start to end: an archive, a server, and the commands as they are written there."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import yaml

from cubiseg.samples import LabelMethod, read_manifest
from tests.answers.chat_server import chat_server
from tests.conftest import ROOT
from tests.tiny import portraits
from tests.training.tiny_set import params as train_params

PAGE = (ROOT / "docs" / "annotate-danbooru.md").read_text(encoding="utf-8")


def write_archive(path: Path, count: int) -> None:
    """Portraits in the archive's shape: ``portraits/NNNN/ID.jpg``."""
    with tarfile.open(path, "w") as archive:
        for i, portrait in enumerate(portraits(count)):
            data = cv2.imencode(".jpg", portrait.image[..., ::-1])[1].tobytes()
            info = tarfile.TarInfo(f"portraits/{i % 1000:04}/{1000 + i}.jpg")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def commands() -> list[str]:
    """All lines of the page's shell blocks, without their comments."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [re.sub(r"\s+#.*", "", line) for language, block in blocks if not language for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.slow
def test_the_recipe_leads_from_an_archive_to_a_model(clone: Path, run: Callable, tmp_path: Path) -> None:
    count = 6
    write_archive(clone / "portraits.tar", 12)
    with chat_server() as server:
        chosen = yaml.safe_load((clone / "params.yaml").read_text())
        chosen["prepare"]["synthetic"] |= {"count": 12, "size": 128, "layers": 0}
        chosen["annotate"] |= {"provider": "openai", "regions": 40, "min_gold_miou": 0, "hide_labels": 0.2}
        chosen["annotate"]["openai"] |= {"base_url": server.url, "prices": {"gpt-4o": {"input": 2.5, "output": 10}}}
        chosen["train"] = json.loads(train_params().model_dump_json())
        (clone / "params.yaml").write_text(yaml.safe_dump(chosen))
        shell = {"PYTHONPATH": str(clone), "CUBISEG_RESPONSES": str(tmp_path / "store")}
        for line in commands():
            line = line.replace("--count 300", f"--count {count}")
            done = run("bash", "-c", line, cwd=clone, **shell)
            if "annotate plan" in line:
                assert re.search(r"about \$\d+\.\d\d", done.stdout)
        billed = server.billed

    rows = [s for s in read_manifest(clone / "datasets/anime_segmentation/v1") if s.source == "references"]
    assert len(rows) == count
    assert {r.label_method for r in rows} == {LabelMethod.LLM}
    metrics = json.loads((clone / "metrics/annotate.json").read_text())
    assert metrics["unlabelled"] == count
    # One more was billed: the greeting that proves the server before a picture is sent.
    assert metrics["questions"] + 1 == billed
    assert metrics["raw_accuracy"]["pictures"] > 0
    assert (clone / "models/anime_advanced_seg.onnx").stat().st_size > 1000


def test_the_settings_of_the_page_are_params() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    known = yaml.safe_load((ROOT / "params.yaml").read_text())["annotate"]
    said = yaml.safe_load(block)["annotate"]
    assert set(said) <= set(known)
    assert set(said["openai"]) <= set(known["openai"])
