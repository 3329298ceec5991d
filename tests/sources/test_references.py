"""A user's own folder of pictures: taken whole, or left out with the reason."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, LabelMethod
from cubiseg.sources.references import (
    ReferencesParams,
    copy_all,
    read_reference_label,
    slug,
)
from cubiseg.sources.result import SourceResult
from tests.tiny import bytes_of, face, portraits

PARAMS = ReferencesParams(licence="CC0", rating="general", near_duplicate_bits=6)


def picture(seed: int, height: int = 80, width: int = 96) -> Image.Image:
    """Blocks of random colours: pictures that nobody would call near-duplicates."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.NEAREST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "images").mkdir(parents=True)
    (tmp_path / "in" / "labels").mkdir()
    return tmp_path / "in"


def run(folder: Path) -> tuple[SourceResult, Path]:
    out = folder.parent / "out"
    return copy_all(folder, out, PARAMS), out


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.JPEG", "a.webp"])
def test_a_picture_is_copied_byte_for_byte(folder: Path, name: str) -> None:
    path = folder / "images" / name
    picture(0).save(path)
    taken, out = run(folder)
    (one,) = taken.samples
    assert (out / one.image).read_bytes() == path.read_bytes()
    assert (one.width, one.height) == (96, 80)
    assert one.sha256 == imaging.pixel_hash(imaging.read_picture(path).rgb)
    assert (one.licence, one.rating, one.label, one.label_method) == ("CC0", "general", None, None)


def test_a_rotated_photo_is_measured_upright_and_still_copied_as_it_is(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = folder / "images" / "a.jpg"
    picture(0).save(path, exif=exif, quality=95)
    label_maps.write_label(folder / "labels" / "a.png", np.ones((96, 80), np.uint8))
    taken, out = run(folder)
    (one,) = taken.samples
    assert (one.width, one.height) == (80, 96)
    assert (out / one.image).read_bytes() == path.read_bytes()
    assert label_maps.read_label(out / str(one.label)).shape == (96, 80)


@pytest.mark.parametrize("there", [True, False])
def test_no_pictures_are_fine(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "README.md").write_text("here")
    assert copy_all(tmp_path / "in", tmp_path / "out", PARAMS) == SourceResult()


def save_as_ids(label: np.ndarray, path: Path) -> None:
    Image.fromarray(label).save(path)


def save_as_grey_colours(label: np.ndarray, path: Path) -> None:
    Image.fromarray(np.dstack([label] * 3)).save(path)


def save_as_colours(label: np.ndarray, path: Path) -> None:
    Image.fromarray(label_maps.colourise(label)).save(path)


def save_as_clear_colours(label: np.ndarray, path: Path) -> None:
    alpha = np.where(label == 0, 0, 255).astype(np.uint8)
    Image.fromarray(np.dstack([label_maps.colourise(label), alpha])).save(path)


def save_as_other_palette(label: np.ndarray, path: Path) -> None:
    """As a painting program saves indexed colours: numbered as they come."""
    ids = np.unique(label)[::-1]
    image = Image.fromarray(np.searchsorted(-ids.astype(int), -label.astype(int)).astype(np.uint8))
    image.putpalette(label_maps.colourise(ids[None])[0].tobytes())
    image.save(path)


def save_with_strange_palette(label: np.ndarray, path: Path) -> None:
    image = Image.fromarray(label)
    image.putpalette(np.random.default_rng(0).integers(0, 256, 768, dtype=np.uint8).tobytes())
    image.save(path)


@pytest.mark.parametrize(
    "save",
    [
        label_maps.write_label,
        save_as_ids,
        save_as_grey_colours,
        save_as_colours,
        save_as_clear_colours,
        save_as_other_palette,
        save_with_strange_palette,
    ],
)
def test_a_label_map_reads_alike_however_it_was_saved(tmp_path: Path, save) -> None:
    label = face()
    label[:4, :4] = 255
    args = (tmp_path / "l.png", label) if save is label_maps.write_label else (label, tmp_path / "l.png")
    save(*args)
    assert np.array_equal(read_reference_label(tmp_path / "l.png", label.shape), label)


@pytest.mark.parametrize("save", [save_as_ids, save_as_colours, save_as_other_palette])
def test_a_label_map_may_tell_parts_also_where_most_of_it_is_background_and_unknown(tmp_path: Path, save) -> None:
    label = face()
    label[40:60, 40:80] = taxonomy.PART_ID["hair_front"]
    label[:, :60] = 255
    save(label, tmp_path / "l.png")
    assert np.array_equal(read_reference_label(tmp_path / "l.png", label.shape), label)
    label[label < 20] = 0
    save(label, tmp_path / "l.png")
    assert np.array_equal(read_reference_label(tmp_path / "l.png", label.shape), label)


def test_a_label_map_becomes_an_indexed_one_and_is_given(folder: Path) -> None:
    label = np.zeros((80, 96), np.uint8)
    label[20:60, 20:70] = taxonomy.ID["hair"]
    picture(0).save(folder / "images" / "a.png")
    save_as_colours(label, folder / "labels" / "a.png")
    taken, out = run(folder)
    (one,) = taken.samples
    assert one.label_method is LabelMethod.GIVEN
    assert np.array_equal(label_maps.read_label(out / str(one.label)), label)


def test_each_bad_file_is_left_out_with_its_reason_and_the_others_are_done(folder: Path) -> None:
    images, labels = folder / "images", folder / "labels"
    for index, name in enumerate(["size", "id", "colour", "deep", "fine"]):
        picture(index).save(images / f"{name}.png")
    (images / "broken.png").write_bytes((images / "size.png").read_bytes()[:100])
    (images / "empty.jpg").touch()
    (images / "note.txt").write_text("a note")
    (images / ".hidden").write_text("not mine")
    picture(9, 20, 20).save(images / "small.png")
    picture(8).save(images / "fine.webp")
    save_as_ids(np.zeros((8, 8), np.uint8), labels / "size.png")
    save_as_ids(np.full((80, 96), 77, np.uint8), labels / "id.png")
    Image.fromarray(np.full((80, 96, 3), (9, 99, 199), np.uint8)).save(labels / "colour.png")
    Image.fromarray(np.full((80, 96), 7, np.uint16)).save(labels / "deep.png")
    save_as_ids(np.zeros((80, 96), np.uint8), labels / "orphan.png")
    taken, out = run(folder)
    assert [s.id for s in taken.samples] == ["ref-fine"]
    assert [p.name for p in (out / "images").iterdir()] == ["ref-fine.png"]
    reasons = {r.file: r.reason for r in taken.rejected}
    expected = {
        "images/broken.png": "",
        "images/empty.jpg": "",
        "images/note.txt": "not PNG, JPEG or WebP",
        "images/small.png": "under 64 pixels",
        "images/fine.webp": "differs from fine.png only in its suffix",
        "labels/size.png": "is 8x8, its picture 96x80",
        "labels/id.png": "ids 77 are no class",
        "labels/colour.png": "#0963c7 at (0, 0)",
        "labels/deep.png": "8 bits a channel",
        "labels/orphan.png": "without a picture",
    }
    assert set(reasons) == set(expected)
    for file, part in expected.items():
        assert part in reasons[file]
        assert "\n" not in reasons[file]
        assert str(folder) not in reasons[file]


def test_folders_inside_are_taken_with_their_label_maps(folder: Path) -> None:
    for kind in ("images", "labels"):
        (folder / kind / "alice").mkdir()
    picture(0).save(folder / "images" / "alice" / "01.png")
    save_as_ids(np.ones((80, 96), np.uint8), folder / "labels" / "alice" / "01.png")
    taken, _ = run(folder)
    assert taken.samples[0].label is not None


@given(
    st.lists(st.text(st.characters(blacklist_characters="/\0", codec="utf-8"), min_size=1, max_size=90), unique=True)
)
def test_ids_are_safe_and_differ_also_where_case_is_ignored(stems: list[str]) -> None:
    import unicodedata

    ids = {unicodedata.normalize("NFC", s): slug(s) for s in stems}
    assert len({i.lower() for i in ids.values()}) == len(ids)
    for made in ids.values():
        assert made.startswith("ref-")
        assert len(made) <= 128
        assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_equal_pixels_are_flagged_and_near_ones_share_a_group(folder: Path) -> None:
    first, other = (Image.fromarray(p.image) for p in (portraits()[0], portraits()[6]))
    first.save(folder / "images" / "a.png")
    first.save(folder / "images" / "b.webp", lossless=True)
    first.resize((110, 110)).save(folder / "images" / "c.jpg", quality=80)
    other.save(folder / "images" / "d.png")
    samples = {s.id: s for s in run(folder)[0].samples}
    assert [s.id for s in samples.values() if Flag.DUPLICATE in s.flags] == ["ref-b"]
    assert [s.id for s in samples.values() if Flag.NEAR_DUPLICATE in s.flags] == ["ref-c"]
    assert samples["ref-b"].reasons[Flag.DUPLICATE] == "the pixels of ref-a"
    assert samples["ref-c"].reasons[Flag.NEAR_DUPLICATE] == "a copy of ref-a"
    assert samples["ref-a"].group == samples["ref-b"].group == samples["ref-c"].group != samples["ref-d"].group


def test_the_table_sets_licence_rating_and_group(folder: Path) -> None:
    for index, name in enumerate("abc"):
        picture(index).save(folder / "images" / f"{name}.png")
    (folder / "samples.csv").write_text(
        "file,licence,rating,group\na.png,MIT,sensitive,alice\nb.png,,,alice\n", encoding="utf-8-sig"
    )
    a, b, c = run(folder)[0].samples
    assert (a.licence, a.rating, a.group) == ("MIT", "sensitive", "references:alice")
    assert (b.licence, b.rating, b.group) == ("CC0", "general", "references:alice")
    assert c.group == "references:ref-c"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("file,group\nnone.png,x\n", "there is no images/none.png"),
        ("file,painter\na.png,x\n", "'painter'"),
        ("group\nx\n", "'file'"),
        ("file\na.png\na.png\n", "listed twice"),
        ("file,group\na.png,x,y\n", "too many"),
        ("file,\udcff\n", "UTF-8"),
    ],
)
def test_a_malformed_table_is_named_in_one_line(folder: Path, text: str, part: str) -> None:
    picture(0).save(folder / "images" / "a.png")
    (folder / "samples.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CubisegError, match=part) as caught:
        run(folder)
    assert "samples.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    for index in range(3):
        picture(index).save(folder / "images" / f"{index}.png")
        save_as_ids(np.ones((80, 96), np.uint8), folder / "labels" / f"{index}.png")
    first, out = run(folder)
    second = copy_all(folder, folder.parent / "again", PARAMS)
    assert first == second
    assert bytes_of(out) == bytes_of(folder.parent / "again")


def rejections(taken: SourceResult) -> dict[str, str]:
    assert all("\n" not in r.reason for r in taken.rejected)
    return {r.file: r.reason for r in taken.rejected}


def save_mask(path: Path, mode: str = "L") -> None:
    Image.fromarray(np.where(face()[:80, :96] > 0, 255, 0).astype(np.uint8)).convert(mode).save(path)


def save_soft_mask(path: Path) -> None:
    Image.fromarray(np.where(face()[:80, :96] > 0, 255, 0).astype(np.uint8)).resize((48, 40)).resize((96, 80)).save(
        path
    )


def save_clear_mask(path: Path) -> None:
    white = np.full((80, 96, 3), 255, np.uint8)
    Image.fromarray(np.dstack([white, np.where(face()[:80, :96] > 0, 255, 0).astype(np.uint8)])).save(path)


@pytest.mark.parametrize(
    "save",
    [
        save_mask,
        lambda path: save_mask(path, "RGB"),
        lambda path: save_mask(path, "1"),
        lambda path: save_mask(path, "P"),
        lambda path: save_mask(path, "LA"),
        lambda path: Image.open(path).quantize(2).save(path) if save_mask(path, "RGB") is None else None,
        lambda path: Image.new("L", (96, 80), 255).save(path),
        save_soft_mask,
        lambda path: (save_soft_mask(path), Image.open(path).convert("RGB").save(path)),
        save_clear_mask,
    ],
)
def test_a_mask_is_refused_as_one_and_what_is_wanted_is_said(folder: Path, save) -> None:
    picture(0).save(folder / "images" / "a.png")
    save(folder / "labels" / "a.png")
    taken, _ = run(folder)
    assert taken.samples == []
    (reason,) = rejections(taken).values()
    assert "mask" in reason and "ids 0 to 11" in reason


@pytest.mark.parametrize("used", [(0, 1), (0, 255, 10), (0, 1, 2, 255), (3, 4)])
def test_a_label_map_of_few_classes_is_no_mask(tmp_path: Path, used: tuple[int, ...]) -> None:
    label = np.resize(np.array(used, np.uint8), (80, 96))
    for save in (save_as_ids, save_as_colours, save_as_grey_colours):
        save(label, tmp_path / "a.png")
        assert np.array_equal(read_reference_label(tmp_path / "a.png", label.shape), label)


def test_a_label_map_that_is_no_png_is_rejected_with_its_picture_and_not_ignored(folder: Path) -> None:
    label = np.ones((80, 96), np.uint8)
    for number, name in enumerate(("jpg", "inside", "webp", "json", "renamed", "upper", "both")):
        picture(number).save(folder / "images" / f"{name}.png")
    labels = folder / "labels"
    Image.fromarray(label).save(labels / "jpg.jpg")
    Image.fromarray(label).save(labels / "inside.png", "JPEG")
    Image.fromarray(label).save(labels / "webp.png", "WEBP", lossless=True)
    (labels / "json.json").write_text('{"shapes": []}')
    Image.fromarray(label).save(labels / "renamed.bmp", "PNG")
    Image.fromarray(label).save(labels / "upper.PNG")
    Image.fromarray(label).save(labels / "both.png")
    Image.fromarray(label).save(labels / "both.jpg")
    taken, _ = run(folder)
    assert {s.id: s.label is not None for s in taken.samples} == {"ref-both": True, "ref-upper": True}
    reasons = rejections(taken)
    for file, part in {
        "jpg.jpg": "must be PNG, this is JPEG", "inside.png": "must be PNG, this is JPEG",
        "webp.png": "must be PNG, this is WebP", "json.json": "must be PNG, this is JSON",
        "renamed.bmp": "rename it to .png", "both.jpg": "must be PNG, this is JPEG",
    }.items():  # fmt: skip
        assert part in reasons.pop(f"labels/{file}")
    assert reasons == {}


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b'{"a": 1}', "JSON"),
        (b"PK\x03\x04" + bytes(40), "ZIP archive"),
        (b"<!DOCTYPE html><html><body>403</body>", "web page"),
        (b"\n<html lang=en>", "web page"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"GIF89a....", "GIF"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"<?xml version='1.0'?><svg>", "SVG"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"outs:\n- md5: 0\n  path: a.png\n", "dvc pull"),
        (bytes(500), "zero bytes"),
        (b"", "empty"),
        ("Fehler: nichts da, bitte spaeter\u00e4".encode() * 90, "text file"),
    ],
)
def test_a_file_with_a_wrong_suffix_is_named_by_what_it_is(folder: Path, content: bytes, part: str) -> None:
    picture(0).save(folder / "images" / "b.png")
    (folder / "images" / "a.png").write_bytes(content)
    (folder / "labels" / "b.png").write_bytes(content)
    reasons = rejections(run(folder)[0])
    assert set(reasons) == {"images/a.png", "labels/b.png"}
    assert all(part in reason and "; " in reason for reason in reasons.values())


def test_a_picture_under_a_name_of_another_kind_is_told_how_to_be_named(folder: Path) -> None:
    picture(0).save(folder / "images" / "a.jfif", "JPEG")
    assert "it is JPEG: rename it to .jpeg" in rejections(run(folder)[0])["images/a.jfif"]


def test_whatever_is_passed_over_is_named(folder: Path, tmp_path: Path) -> None:
    images = folder / "images"
    picture(0).save(images / "fine.png")
    picture(1).save(folder / "misplaced.png")
    picture(1).save(images / ".hidden.png")
    (images / "._fine.png").write_bytes(b"x")
    (images / ".DS_Store").write_bytes(b"x")
    (folder / "Samples.csv").write_text("file\n")
    (images / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "elsewhere").mkdir()
    (images / "linked").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(images / "pipe.png")
    (images / os.fsdecode(b"caf\xe9.png")).write_bytes((images / "fine.png").read_bytes())
    taken, _ = run(folder)
    assert [s.id for s in taken.samples] == ["ref-fine"]
    reasons = rejections(taken)
    assert set(reasons) == {
        "misplaced.png", "Samples.csv", "images/.hidden.png", "images/gone.png", "images/linked", "images/pipe.png",
        "images/caf\\udce9.png",
    }  # fmt: skip
    assert "not followed" in reasons["images/linked"] and "UTF-8" in reasons["images/caf\\udce9.png"]


def test_names_are_compared_in_one_unicode_form(folder: Path) -> None:
    for kind in ("images", "labels"):
        (folder / kind / "é").mkdir()
    nfc, nfd = (unicodedata.normalize(form, "é/café") for form in ("NFC", "NFD"))
    (folder / "images" / nfd).parent.mkdir(exist_ok=True)
    picture(0).save(folder / "images" / f"{nfd}.png")
    save_as_ids(np.ones((80, 96), np.uint8), folder / "labels" / f"{nfc}.png")
    (folder / "samples.csv").write_text(f"file,licence\n{nfc}.png,MIT\n", encoding="utf-8")
    taken, _ = run(folder)
    (one,) = taken.samples
    assert one.licence == "MIT" and one.label is not None and taken.rejected == []
    picture(1).save(folder / "images" / f"{nfc}.png")
    taken, _ = run(folder)
    assert len(taken.samples) == 1 and "Unicode" in next(iter(rejections(taken).values()))
    (folder / "samples.csv").write_text(f"file\n{nfc}.png\n{nfd}.png\n", encoding="utf-8")
    with pytest.raises(CubisegError, match="listed twice"):
        run(folder)


def test_mirrored_copies_share_a_group_and_different_characters_do_not(folder: Path) -> None:
    for index in range(0, 12, 2):
        Image.fromarray(portraits()[index].image).save(folder / "images" / f"{chr(97 + index)}.png")
    flipped = Image.fromarray(portraits()[0].image[:, ::-1])
    flipped.save(folder / "images" / "z.png")
    flipped.resize((100, 100)).save(folder / "images" / "zz.jpg", quality=80)
    groups = {s.id: s.group for s in run(folder)[0].samples}
    assert groups["ref-a"] == groups["ref-z"] == groups["ref-zz"]
    assert len(set(groups.values())) == 6


def test_crops_and_pages_of_one_post_share_a_group_unless_the_table_knows_better(folder: Path) -> None:
    names = ("9331960", "9331961", "9331970", "81234567_p0", "81234567_p12", "000010", "000011", "12", "13")
    for number, name in enumerate(names):
        picture(number).save(folder / "images" / f"{name}.jpg")

    def groups() -> dict[str, str]:
        return {s.id.removeprefix("ref-"): s.group for s in run(folder)[0].samples}

    found = groups()
    assert found["9331960"] == found["9331961"] and found["81234567_p0"] == found["81234567_p12"]
    assert len(set(found.values())) == len(names) - 2
    (folder / "samples.csv").write_text("file,group\n9331960.jpg,alice\n9331961.jpg,bob\n")
    assert len(set(groups().values())) == len(names) - 1
