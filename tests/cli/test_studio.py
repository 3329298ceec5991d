import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from cubiseg.cli.studio import HOME_FOLDER
from tests.inference.palette import write_model


def test_without_pictures_layers_go_to_a_folder_in_the_users_own_which_is_told(tmp_path: Path) -> None:
    write_model(tmp_path / "m.onnx")
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    command = [sys.executable, "-m", "cubiseg", "studio", "--no-browser", "--model", "m.onnx"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **home}, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            address, _, told = (running.stdout.readline().strip() for _ in range(3))
            with urllib.request.urlopen(f"{address}api/session") as answer:
                facts = json.load(answer)
        finally:
            running.terminate()
    out = tmp_path / HOME_FOLDER
    assert told == f"Drop pictures onto the page; their layers go to {out}."
    assert facts["out"] == str(out) and facts["begins_empty"] and facts["pictures"] == []
    assert not out.exists(), "nothing is made before a picture comes"
