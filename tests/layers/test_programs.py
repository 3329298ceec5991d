"""What other programs make of what we write. Each test skips where its program is not installed."""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import GroupMixin

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers import LayerParams, write_layers
from cubiseg.layers.check import read_layers
from cubiseg.layers.lint import RULES, lint
from cubiseg.layers.psd import PsdLayer, write_psd
from tests.inference.palette import portrait, portrait_parts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
KRITA, XVFB = shutil.which("krita"), shutil.which("xvfb-run")
GIMP = shutil.which("gimp-console") or shutil.which("gimp")


def imagemagick() -> str | None:
    """The program ``convert``, if it is ImageMagick's."""
    found = shutil.which("convert")
    if found is None:
        return None
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stdout
    return found if "ImageMagick" in told else None


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Picture]:
    """A portrait's folder in the profile with groups, and the portrait."""
    picture, label = portrait(240, 200)
    noise = np.random.default_rng(0).integers(-20, 21, picture.rgb.shape)
    picture = Picture(np.clip(picture.rgb + noise, 0, 255).astype(np.uint8))
    folder = tmp_path_factory.mktemp("programs") / "art"
    confidence = np.where(label > 0, 0.9, 0.3).astype(np.float32)
    segmentation = Segmentation(label, confidence, "slic", "slic", ("look <at> it",))
    write_layers(folder, picture, segmentation, LayerParams(profile="cubism", background="keep"))
    return folder, picture


def difference(path: Path, picture: Picture) -> int:
    """Largest difference between a picture file and the picture, in levels."""
    with Image.open(path) as image:
        seen = np.array(image.convert("RGB")).astype(int)
    return int(np.abs(seen - picture.rgb).max())


def test_imagemagick_stacks_the_layers_to_the_picture(drawn: tuple[Path, Picture], tmp_path: Path) -> None:
    program = imagemagick()
    if program is None:
        pytest.skip("ImageMagick is not installed")
    folder, picture = drawn
    for name in ("layers.psd", "material_separation.psd"):
        # Frame 0 is the stored merged picture; without it, the layers are stacked. The last frame is the hidden input.
        kept = "0" if name == "layers.psd" else "0,-1"
        out = tmp_path / "seen.png"
        options = ["-delete", kept, "-background", "none", "-layers", "merge"]
        subprocess.run([program, folder / name, *options, out], check=True, capture_output=True)
        assert difference(out, picture) <= 1, name  # it rounds at each layer


@pytest.fixture(scope="module")
def by_part(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A PSD of parts in groups, and the names in it from the top, groups before what they hold."""
    label = portrait_parts(240, 200)
    folder = tmp_path_factory.mktemp("programs") / "parts"
    told = Segmentation(taxonomy.CLASS_OF[label], np.ones(label.shape, np.float32), "a", "a", (), 1.0, label)
    write_layers(folder, Picture(taxonomy.COLOURS[label]), told, LayerParams(profile="cubism", background="keep"))
    psd = folder / "layers.psd"

    def names(group: GroupMixin) -> list[str]:
        return [n for item in reversed(group) for n in (item.name, *(names(item) if item.is_group() else ()))]

    found = names(PSDImage.open(psd))
    assert len(found) > 40 and len(set(found)) == len(found)
    return psd, found


def run_in_gimp(script: str, out: Path) -> None:
    """Have GIMP run a script that writes a file; skips the test where it does not."""
    if GIMP is None:
        pytest.skip("GIMP is not installed")
    command = [GIMP, "--no-interface", "--batch", script, "--batch", "(gimp-quit 0)"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("GIMP does not start here")
    if not out.exists():
        pytest.skip(f"this GIMP takes other batch commands: {done.stderr[-200:]}")


@pytest.mark.slow
def test_gimp_reads_all_parts_and_groups_where_and_as_they_are(by_part: tuple[Path, list[str]], tmp_path: Path) -> None:
    psd, ours = by_part
    out = tmp_path / "names.txt"
    numbers = (
        "(car (gimp-drawable-offsets i)) (cadr (gimp-drawable-offsets i)) (car (gimp-drawable-width i))"
        " (car (gimp-drawable-height i)) (car (gimp-layer-get-mode i)) (car (gimp-item-get-visible i))"
        " (car (gimp-layer-get-mask i))"
    )
    script = (
        '(define out "") (define (walk items) (for-each (lambda (i)'
        " (set! out (string-append out (car (gimp-item-get-name i))))"
        f' (for-each (lambda (n) (set! out (string-append out "|" (number->string n)))) (list {numbers}))'
        ' (set! out (string-append out "\n"))'
        " (if (= (car (gimp-item-is-group i)) 1) (walk (vector->list (cadr (gimp-item-get-children i))))))"
        f' items)) (walk (vector->list (cadr (gimp-image-get-layers (car (gimp-file-load 1 "{psd}" "psd"))))))'
        f' (let ((port (open-output-file "{out}"))) (display out port) (close-output-port port))'
    )
    run_in_gimp(script, out)
    seen = {name: [int(n) for n in rest] for name, *rest in (line.split("|") for line in out.read_text().splitlines())}
    assert list(seen) == ours
    normal, pass_through, no_mask = 28, 61, -1
    for layer in PSDImage.open(psd).descendants():
        x, y, width, height, mode, visible, mask = seen[layer.name]
        assert (mode, mask) == (pass_through if layer.is_group() else normal, no_mask), layer.name
        assert visible == layer.visible
        if not layer.is_group():
            assert (x, y, width, height) == (layer.left, layer.top, layer.width, layer.height), layer.name


def exported_by_krita(psd: Path, out: Path, home: Path) -> None:
    """Have Krita write a PSD as another file; skips the test where it does not."""
    if KRITA is None or XVFB is None:
        pytest.skip("Krita or a virtual screen for it is not installed")
    places = {name: str(home) for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    command = [XVFB, "-a", KRITA, "--nosplash", "--export", "--export-filename", str(out), str(psd)]
    try:
        subprocess.run(command, capture_output=True, timeout=180, check=False, env={**os.environ, **places})
    except subprocess.TimeoutExpired:
        pytest.skip("Krita does not start here")
    if not out.exists():
        pytest.skip("Krita does not start here")


@pytest.mark.slow
def test_krita_reads_all_parts_and_groups_in_our_order(by_part: tuple[Path, list[str]], tmp_path: Path) -> None:
    psd, ours = by_part
    out = tmp_path / "seen.kra"
    exported_by_krita(psd, out, tmp_path)
    with zipfile.ZipFile(out) as archive:
        document = archive.read("maindoc.xml").decode()
    assert re.findall(r'<layer [^>]*?\bname="([^"]*)"', document) == ours
    groups = re.findall(r'<layer [^>]*nodetype="grouplayer"[^>]*>', document)
    assert len(groups) > 10 and all('passthrough="1"' in group for group in groups)
    assert set(re.findall(r'compositeop="([^"]*)"', document)) == {"normal"}
    assert "<mask " not in document


@pytest.mark.slow
def test_gimp_stacks_the_layers_to_the_picture_and_what_it_saves_can_be_checked(
    drawn: tuple[Path, Picture], tmp_path: Path
) -> None:
    folder, picture = drawn
    psd, out, again = folder / "layers.psd", tmp_path / "seen.png", tmp_path / "again.psd"
    script = (
        f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{psd}" "psd")))'
        f" (top (car (gimp-image-get-active-layer image))))"
        f' (file-psd-save RUN-NONINTERACTIVE image top "{again}" "psd" 0 0)'
        f" (let ((flat (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))))"
        f' (file-png-save RUN-NONINTERACTIVE image flat "{out}" "png" 0 6 0 0 0 0 0)))'
    )
    run_in_gimp(script, out)
    assert difference(out, picture) <= 1
    assert {f.code for f in lint(again)} <= set(RULES) - {"L000", "L001", "L002", "L003", "L010", "L014", "L016"}


@pytest.mark.slow
def test_what_krita_saves_of_our_layers_has_no_faults(drawn: tuple[Path, Picture], tmp_path: Path) -> None:
    again = tmp_path / "again.psd"
    exported_by_krita(drawn[0] / "layers.psd", again, tmp_path)
    assert lint(again) == []


@pytest.mark.slow
def test_krita_stacks_the_layers_to_the_picture(drawn: tuple[Path, Picture], tmp_path: Path) -> None:
    folder, picture = drawn
    black = Picture(np.zeros_like(picture.rgb))
    read = read_layers(folder / "layers.psd")
    flat = [PsdLayer(layer.class_name, (), layer.x, layer.y, layer.rgba) for layer in read]
    psd, out = tmp_path / "layers.psd", tmp_path / "seen.png"
    write_psd(psd, black, flat)  # the stored merged picture is of no help
    exported_by_krita(psd, out, tmp_path)
    assert difference(out, picture) <= 1


def screenshot(page: Path, fragment: str, out: Path) -> np.ndarray:
    """What headless Chromium shows of a page."""
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={out.parent / 'profile'}",
        "--hide-scrollbars",
        "--window-size=1100,760",
        "--virtual-time-budget=3000",
        f"--screenshot={out}",
        f"{page.as_uri()}{fragment}",
    ]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)
    with Image.open(out) as image:
        return np.array(image.convert("RGB")).astype(int)


@pytest.mark.browser
def test_the_page_toggles_solos_compares_and_warns(drawn: tuple[Path, Picture], tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    page = drawn[0] / "preview.html"
    # A click, as a user makes it, of the checkbox of the layer on top but one: the hair.
    clicked = tmp_path / "clicked.html"
    click = '<script>document.querySelectorAll("#list input")[1].click();</script></body>'
    clicked.write_text(page.read_text(encoding="utf-8").replace("</body>", click), encoding="utf-8")
    whole = screenshot(page, "", tmp_path / "whole.png")
    toggled = screenshot(clicked, "", tmp_path / "toggled.png")
    changed = np.abs(toggled - whole).max(axis=2) > 60
    view = changed[:, :700]
    red = (np.abs(whole[:, :700] - (230, 60, 60)) < 45).all(axis=2)  # the palette's hair
    assert view.sum() > 0.02 * view.size and red.sum() > 0.02 * red.size
    assert red[view].mean() > 0.7, "what vanished is the hair"
    assert (np.abs(toggled[:, :700] - (230, 60, 60)) < 45).all(axis=2).sum() < 0.1 * red.sum()
    solo = screenshot(page, "#solo=10", tmp_path / "solo.png")
    assert (np.abs(solo[:, :700] - (230, 60, 60)) < 45).all(axis=2)[red].mean() > 0.9
    apart = screenshot(page, "#apart=80", tmp_path / "apart.png")
    assert (np.abs(apart - whole).max(axis=2) > 60)[:, :700].mean() > 0.1
    compared = screenshot(page, "#before=100", tmp_path / "compared.png")
    assert np.abs(compared - whole)[:, :700].mean() < 3, "the layers look like the input"
    # The lowest layer alone: what is painted of it behind the figure is tinted, and nothing else.
    tinted = screenshot(page, "#solo=0&invented", tmp_path / "tinted.png")
    pink = (np.abs(tinted[:, :700] - screenshot(page, "#solo=0", tmp_path / "lowest.png")[:, :700]) > 20).any(axis=2)
    assert 0.05 < pink.mean() < 0.8 and (np.ptp(tinted[:, :700][pink], axis=1) > 60).mean() > 0.9
    doubt = screenshot(page, "#doubt", tmp_path / "doubt.png")
    assert (doubt[..., 0] - doubt[..., 1] - (whole[..., 0] - whole[..., 1]) > 40)[:, :700].mean() > 0.1


def test_the_page_loads_nothing_and_nothing_in_it_can_end_its_script(drawn: tuple[Path, Picture]) -> None:
    text = (drawn[0] / "preview.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text) and "default-src 'none'" in text
    assert "look <at> it" not in text and "look \\u003cat> it" in text
