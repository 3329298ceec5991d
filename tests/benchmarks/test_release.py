"""A release is the model, which trainings start from too, and what is known of it."""

import hashlib
import json
import subprocess
from pathlib import Path

import yaml
from click.testing import CliRunner

from benchmarks import release


def test_a_release_brings_the_model_by_its_architecture_s_name_and_says_of_which_bytes(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "release"
    for path, content in (
        (release.MODEL, "onnx"),
        (release.MANIFEST, "{}"),
        (release.SCORES, json.dumps({"architecture": "anime-unet", **dict.fromkeys(release.CHOSEN, 1)})),
        (Path("params.yaml"), yaml.safe_dump({"train": {}})),
    ):
        (run / path).parent.mkdir(parents=True, exist_ok=True)
        (run / path).write_text(content)
    git = ["git", "-C", str(run), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "t"], check=True)
    done = CliRunner().invoke(release.main, ["--run", str(run), "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in out.iterdir()) == ["anime-unet.onnx", "release.json"]
    assert (out / "anime-unet.onnx").read_text() == "onnx"
    about = json.loads((out / "release.json").read_text())
    assert about["model_sha256"] == hashlib.sha256(b"onnx").hexdigest()
