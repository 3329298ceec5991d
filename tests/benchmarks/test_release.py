"""A release is the model, the weights that trainings start from, and what is known of both."""

import hashlib
import json
import subprocess
from pathlib import Path

import yaml
from click.testing import CliRunner

from benchmarks import release


def test_a_release_brings_the_weights_that_a_training_starts_from(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "release"
    for path, content in (
        (release.MODEL, "onnx"),
        (release.WEIGHTS, "weights"),
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
    assert (out / "anime-unet.safetensors").read_text() == "weights" and (out / "anime-unet.onnx").read_text() == "onnx"
    about = json.loads((out / "release.json").read_text())
    assert about["weights_sha256"] == hashlib.sha256(b"weights").hexdigest()
