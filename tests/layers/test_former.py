"""What a user did in a folder of layers survives another run."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg.errors import CubisegError
from cubiseg.inference import Segmentation
from cubiseg.layers import LayerParams, write_layers
from cubiseg.layers.former import fault
from tests.inference.palette import portrait


def write(folder: Path, overwrite: bool = False, **params: object) -> None:
    picture, label = portrait(96, 80)
    segmentation = Segmentation(label, np.full(label.shape, 0.75, np.float32), "slic", "slic")
    write_layers(folder, picture, segmentation, LayerParams(profile="cubism", **params), overwrite)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def paint(path: Path) -> None:
    image = Image.open(path).copy()
    image.putpixel((0, 0), (1, 2, 3, 255))
    image.save(path)


def shuffle(path: Path) -> None:
    facts = json.loads(path.read_text())
    facts["warnings"] = ["mine"]
    path.write_text(json.dumps(facts, indent=2) + "\n")


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a PNG is painted over": ("png/Hair.png", paint),
    "the PSD to import was edited": ("layers.psd", lambda p: p.write_bytes(p.read_bytes() + b"mine")),
    "the PSD to paint on was edited": ("material_separation.psd", lambda p: p.write_bytes(b"mine")),
    "a preview was changed": ("preview.png", lambda p: p.write_bytes(b"mine")),
    "the page was changed": ("preview.html", lambda p: p.write_text("mine")),
    "the manifest was edited": ("manifest.json", shuffle),
    "the manifest was spaced anew": ("manifest.json", lambda p: p.write_text(p.read_text() + "\n")),
    "a file was added": ("notes.txt", lambda p: p.write_text("mine")),
    "a hidden file was added": (".notes", lambda p: p.write_text("mine")),
    "a PNG was added": ("png/glasses.png", lambda p: p.write_bytes(b"mine")),
    "a folder was added": ("png/old", lambda p: p.mkdir()),
    "a folder with a file was added": ("psd/mine.psd", lambda p: (p.parent.mkdir(), p.write_bytes(b"mine"))),
    "a file became a link": ("layers.psd", lambda p: (p.rename(p.parent.parent / "l.psd"), p.symlink_to("../l.psd"))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_or_added_since_is_named_and_nothing_is_touched(tmp_path: Path, change: str) -> None:
    name, make = CHANGES[change]
    out = tmp_path / "out"
    write(out)
    make(out / name)
    before = contents(out)
    with pytest.raises(CubisegError, match=r"--overwrite replaces what cubiseg wrote, -o names another") as raised:
        write(out)
    assert str(raised.value).startswith(f"{out / name}: ") and "\n" not in str(raised.value)
    assert contents(out) == before and {p.name for p in tmp_path.iterdir()} <= {"out", "l.psd"}


@pytest.mark.parametrize("change", CHANGES)
def test_overwrite_replaces_what_cubiseg_wrote_and_keeps_what_was_added(tmp_path: Path, change: str) -> None:
    name, make = CHANGES[change]
    out, clean = tmp_path / "out", tmp_path / "clean"
    write(out)
    make(out / name)
    added = contents(out).get(name) if "added" in change else None
    write(out, overwrite=True)
    write(clean)
    assert contents(out) == contents(clean) | ({name: added} if added is not None else {})
    assert (out / name).exists()
    assert not (out / "layers.psd").is_symlink() and len(list(tmp_path.iterdir())) <= 3


def test_an_untouched_folder_is_replaced_also_by_another_profile_and_after_files_were_deleted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out)
    before = contents(out)
    write(out)
    assert contents(out) == before
    (out / "png/Hair.png").unlink()
    (out / "preview.html").unlink()
    (out / ".DS_Store").write_bytes(b"of the system")
    write(out, full_canvas=True)
    assert fault(out) is None and "png/Hair.png" in contents(out) and ".DS_Store" not in contents(out)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["notes.txt", "png/hair_001.png", "manifest.json", "deep/er/x"])
def test_a_folder_that_is_no_result_is_never_replaced(tmp_path: Path, name: str, overwrite: bool) -> None:
    mine = tmp_path / "out" / name
    mine.parent.mkdir(parents=True)
    mine.write_text('{"name": "my app"}')
    with pytest.raises(CubisegError, match="choose another -o folder") as raised:
        write(tmp_path / "out", overwrite)
    assert str(raised.value).startswith(f"{mine}: ") and contents(tmp_path / "out") == {name: b'{"name": "my app"}'}


def test_a_result_of_an_older_version_says_what_to_do(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out)
    facts = json.loads((out / "manifest.json").read_text())
    old = {key: value for key, value in facts.items() if key not in ("files", "seal")} | {"format": 1}
    (out / "manifest.json").write_text(json.dumps(old))
    before = contents(out)
    with pytest.raises(CubisegError, match=r"older cubiseg without checksums.*; --overwrite replaces"):
        write(out)
    assert contents(out) == before
    (out / "mine.psd").write_bytes(b"mine")
    write(out, overwrite=True)
    assert (out / "mine.psd").read_bytes() == b"mine" and json.loads((out / "manifest.json").read_text())["format"] == 2


def test_a_link_to_a_folder_stays_a_link_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "disk/real", tmp_path / "out"
    real.mkdir(parents=True)
    link.symlink_to(real)
    for _ in range(2):
        write(link)
        assert link.is_symlink() and (real / "layers.psd").is_file()
    (real / "mine.txt").write_text("mine")
    with pytest.raises(CubisegError, match=r"mine\.txt"):
        write(link)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CubisegError, match="leads nowhere"):
        write(tmp_path / "gone")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["disk", "gone", "out"]
    assert [p.name for p in (tmp_path / "disk").iterdir()] == ["real"]


def test_what_is_saved_while_the_layers_are_cut_is_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cubiseg.layers import export

    out = tmp_path / "out"
    write(out)
    page = export.page

    def meanwhile(*arguments: object) -> str:
        (out / "layers.psd").write_bytes(b"mine")
        return page(*arguments)

    monkeypatch.setattr(export, "page", meanwhile)
    with pytest.raises(CubisegError, match=r"layers\.psd: was changed since"):
        write(out)
    assert (out / "layers.psd").read_bytes() == b"mine" and [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_manifest_knows_each_file_by_its_hash(tmp_path: Path) -> None:
    import hashlib

    write(tmp_path / "out")
    files = contents(tmp_path / "out")
    text = files.pop("manifest.json").decode()
    facts = json.loads(text)
    assert facts["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert hashlib.sha256(text.replace(facts["seal"], "").encode()).hexdigest() == facts["seal"]
