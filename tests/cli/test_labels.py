"""``cubiseg labels`` on the command line."""

import json
from pathlib import Path

import numpy as np

from cubiseg import imaging, label_maps
from cubiseg.cli.labels import _FORMATS
from cubiseg.labels.formats import FORMATS
from tests.cli.test_cli import Call, call  # noqa: F401 - a fixture
from tests.labels.test_codecs import LABEL
from tests.tiny import bytes_of


def write(folder: str, *names: str) -> None:
    for name in names:
        imaging.write_png(Path(folder) / "images" / f"{name}.png", np.dstack([LABEL] * 3))
        label_maps.write_label(Path(folder) / "labels" / f"{name}.png", LABEL)


def test_every_format_can_be_chosen() -> None:
    assert set(_FORMATS) == set(FORMATS)


def test_labels_go_out_and_come_back_with_the_next_step_told(call: Call) -> None:  # noqa: F811
    write("set", "a", "b")
    done = call("labels", "export", "set", "-o", "to-cvat", "--format", "cvat")
    assert done.exit_code == 0 and "2 pictures -> to-cvat" in done.stdout and "Segmentation mask 1.1" in done.stdout
    done = call("labels", "import", "to-cvat/segmentation_mask.zip", "-o", "back", "--format", "cvat", "--json")
    assert json.loads(done.stdout) == {"out": "back", "done": 2, "unlabelled": 0, "failed": [], "warnings": []}
    assert bytes_of(Path("back/labels")) == bytes_of(Path("set/labels"))


def test_failures_are_one_line_each_and_tell_by_the_exit_code(call: Call) -> None:  # noqa: F811
    write("set", "a", "b")
    Path("set/images/a.png").write_bytes(b"broken")
    done = call("labels", "export", "set", "-o", "out", "--format", "labelme")
    assert done.exit_code == 1 and "1 done, 1 failed" in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("error: set/images/a.png: ")]
    for arguments, told in (
        (("export", "set", "-o", "out", "--format", "coco"), "not replaced"),
        (("export", "nowhere", "-o", "new", "--format", "coco"), "no such folder"),
        (("import", "nowhere.json", "-o", "new", "--format", "coco"), "no such file"),
        (("import", "out", "-o", "new", "--format", "labelme", "--name", "hair"), "THEIRS=OURS"),
        (("import", "out", "-o", "new", "--format", "labelme", "--name", "hair=fringe"), "cannot mean"),
    ):
        done = call("labels", *arguments)
        assert done.exit_code == 2 and told in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert not Path("new").exists()


def test_an_odd_shape_fails_with_file_and_remedy(call: Call) -> None:  # noqa: F811
    write("set", "a", "b")
    call("labels", "export", "set", "-o", "out", "--format", "labelme")
    path = Path("out/images/a.json")
    record = json.loads(path.read_text())
    record["shapes"][0]["label"] = "Bangs"
    path.write_text(json.dumps(record))
    done = call("labels", "import", "out", "-o", "back", "--format", "labelme")
    assert done.exit_code == 1 and "error: out/images/a.json: 'Bangs' is no class or part" in done.stderr
    done = call("labels", "import", "out", "-o", "again", "--format", "labelme", "--name", "Bangs=hair")
    assert done.exit_code == 0
