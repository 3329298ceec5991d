"""docs/annotate-danbooru.md from start to end: both archives, a server, and the commands as they are written there."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from cubiseg.samples import LabelMethod, read_manifest
from cubiseg.sources.params import PrepareParams
from tests.answers.chat_server import chat_server
from tests.archives.archives import lines, record_2019, record_2023, write_tar
from tests.conftest import ROOT
from tests.tiny import portraits
from tests.training.tiny_set import params as train_params

PAGE = (ROOT / "docs" / "annotate-danbooru.md").read_text(encoding="utf-8")


def jpeg(rgb: np.ndarray, side: int = 512) -> bytes:
    large = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", cv2.cvtColor(large, cv2.COLOR_RGB2BGR))[1].tobytes()


def write_portraits(raw: Path) -> set[str]:
    """Danbooru2019 Portraits with its metadata: two crops of one post, a copy, a grey one, and one that is not general.

    Returns:
        Names of those that are fit.
    """
    drawn = [portrait.image for portrait in portraits(12)]
    grey = np.dstack([cv2.cvtColor(drawn[4], cv2.COLOR_RGB2GRAY)] * 3)
    content = {
        "9331960": jpeg(drawn[0]),
        "9331961": jpeg(drawn[2]),
        "9331970": jpeg(drawn[0], 500),
        "9331980": jpeg(grey),
        "9331990": jpeg(drawn[6]),
        "9332000": jpeg(drawn[8]),
    }
    write_tar(raw / "portraits.tar", {f"portraits/{name}.jpg": data for name, data in content.items()})
    records = [record_2019(933196 + n, "sssqs"[n], f"artist_{n}") for n in range(5)]
    write_packed(raw / "metadata.tar.xz", "w:xz", {"metadata/2019000000000000": lines(*records)})
    return {"9331960", "9331961", "9332000"}


def write_shard(raw: Path) -> set[str]:
    """A shard of Danbooru2023 with its metadata; two of its posts are not wanted.

    Returns:
        Names of those that are.
    """
    drawn = [portrait.image for portrait in portraits(12)]
    content = {f"./{1000 * n}.jpg": jpeg(drawn[2 * n - 1]) for n in range(1, 6)}
    write_tar(raw / "data-0000.tar", {**content, "./6000.mp4": b"x", "./7000.": b""})
    size = {"image_width": 512, "image_height": 512}
    records = [record_2023(1000 * n, **size) for n in range(1, 4)]
    records += [record_2023(4000, tags="solo comic", **size), record_2023(5000, "s", **size)]
    write_packed(raw / "posts.tar.gz", "w:gz", {"posts.json": lines(*records)})
    return {"1000", "2000", "3000"}


def write_packed(path: Path, mode: Any, content: dict[str, bytes]) -> None:
    with tarfile.open(path, mode) as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def settings() -> dict[str, Any]:
    """What the page sets in params.yaml, by block."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return {name: values for block in blocks for name, values in yaml.safe_load(block).items()}


def commands() -> list[str]:
    """All lines of the page's shell blocks, without their comments."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [re.sub(r"\s+#.*", "", line) for language, block in blocks if not language for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.slow
def test_the_recipe_leads_from_both_archives_to_a_model(clone: Path, run: Callable, tmp_path: Path) -> None:
    raw = clone / "data" / "raw"
    raw.mkdir()
    fit = write_portraits(raw) | write_shard(raw)
    assert run("git", "status", "--short", cwd=clone).stdout == ""
    with chat_server() as server:
        chosen = yaml.safe_load((clone / "params.yaml").read_text())
        chosen["prepare"]["synthetic"] |= {"count": 12, "size": 128, "layers": 0}
        # No model is here that could look for faces.
        told = settings()["prepare"]["hygiene"]
        flags = [flag for flag in told["leave_out"] if flag not in ("no_face", "several_people")]
        chosen["prepare"]["hygiene"] |= {**told, "faces": "none", "leave_out": flags}
        chosen["annotate"] |= {"provider": "openai", "regions": 40, "min_gold_miou": 0, "hide_labels": 0.2}
        chosen["annotate"]["openai"] |= {"base_url": server.url, "prices": {"gpt-4o": {"input": 2.5, "output": 10}}}
        chosen["train"] = json.loads(train_params().model_dump_json())
        (clone / "params.yaml").write_text(yaml.safe_dump(chosen))
        shell = {"PYTHONPATH": str(clone), "CUBISEG_RESPONSES": str(tmp_path / "store")}
        for line in commands():
            done = run("bash", "-c", line, cwd=clone, **shell)
            if "annotate plan" in line:
                assert re.search(r"about \$\d+\.\d\d", done.stdout)
        billed = server.billed

    rows = [s for s in read_manifest(clone / "datasets/anime_segmentation/v1") if s.source == "references"]
    assert {r.id.removeprefix("ref-danbooru").split("-")[1] for r in rows} == fit
    groups = {r.id.split("-")[2]: r.group for r in rows}
    assert groups["9331960"] == groups["9331961"] == "references:danbooru-933196"
    assert {r.rating for r in rows} == {"general"} and {r.artist for r in rows} >= {"artist_0", "artist_4"}
    prepared = json.loads((clone / "metrics/prepare.json").read_text())
    assert prepared["left_out"] == {"near_duplicate": 1, "greyscale": 1}
    assert {r.label_method for r in rows} == {LabelMethod.LLM}
    metrics = json.loads((clone / "metrics/annotate.json").read_text())
    assert metrics["unlabelled"] == len(fit)
    # One more was billed: the greeting that proves the server before a picture is sent.
    assert metrics["questions"] + 1 == billed
    assert metrics["raw_accuracy"]["pictures"] > 0
    assert (clone / "models/anime_advanced_seg.onnx").stat().st_size > 1000


def test_the_settings_of_the_page_are_params() -> None:
    known = yaml.safe_load((ROOT / "params.yaml").read_text())

    def within(said: dict[str, Any], there: dict[str, Any]) -> bool:
        return all(k in there and (not isinstance(v, dict) or within(v, there[k])) for k, v in said.items())

    assert set(settings()) == {"prepare", "annotate"} and within(settings(), known)
    PrepareParams.model_validate({**known["prepare"], **settings()["prepare"]})
