"""A labelled folder goes through any tool's files and comes back as it was; what does not fit is named, not obeyed."""

import base64
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation.labelled_folder import find_labelled
from cubiseg.files import write_text
from cubiseg.labels import coco, label_studio
from cubiseg.labels.exchange import Tally, export_labels, import_labels, names_meant
from cubiseg.labels.formats import FORMATS
from cubiseg.labels.masks import encode_png
from cubiseg.labels.shapes import Rules
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import Flag, LabelMethod, PartsBy, Split, read_manifest, write_manifest
from tests.labels.test_codecs import LABEL
from tests.tiny import bytes_of, sample, write_prepared

HAIR, FACE, FRONT = taxonomy.PART_ID["hair"], taxonomy.PART_ID["face"], taxonomy.PART_ID["hair_front"]


def picture(label: np.ndarray) -> np.ndarray:
    return np.dstack([label * 4, label, 255 - label])


def write(folder: Path, name: str, label: np.ndarray) -> None:
    imaging.write_png(folder / "images" / name, picture(label))
    label_maps.write_label((folder / "labels" / name).with_suffix(".png"), label)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Label maps of every kind: both levels, holes, one pixel, 255, nothing but background, odd names and sizes."""
    folder = tmp_path / "labelled"
    write(folder, "plain.png", LABEL)
    write(folder, '50% & #1 "x" <y>\'s.png', LABEL.T.copy())
    write(folder, "train/猫 の絵.png", np.zeros((3, 11), np.uint8))
    write(folder, "train/unknown.png", np.full((11, 3), 255, np.uint8))
    every = np.array([*taxonomy.PART_NAME, 255], np.uint8)
    write(folder, "val/every.v2.png", np.concatenate([every, every[::-1]]).reshape(2, -1))
    turned = Image.fromarray(np.zeros((5, 7, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # upright it is 5 wide and 7 high
    turned.save(folder / "images/phone.jpg", exif=exif)
    label_maps.write_label(folder / "labels/phone.png", LABEL.T.copy())
    return folder


def there_and_back(folder: Path, name: str, **options: Any) -> tuple[Tally, Path]:
    out, back = folder.parent / "out", folder.parent / "back"
    export_labels(folder, out, name, **options)
    return import_labels(out, back, name), back


@pytest.mark.parametrize("name", FORMATS)
def test_label_maps_and_pictures_come_back_byte_by_byte(labelled: Path, name: str) -> None:
    tally, back = there_and_back(labelled, name)
    assert (tally.done, tally.failed, tally.warnings) == (6, [], [])
    assert bytes_of(back / "images") == bytes_of(labelled / "images")
    assert bytes_of(back / "labels") == bytes_of(labelled / "labels")
    samples = read_manifest(back)
    assert {s.label_method for s in samples} == {LabelMethod.HUMAN}
    assert [s.parts_by for s in samples if s.image.endswith("unknown.png")] == [None]
    assert [s.parts_by for s in samples if s.image.endswith("plain.png")] == [PartsBy.LABEL]
    assert {f.image.relative_to(back).as_posix() for f in find_labelled(back)} == {s.image for s in samples}


@pytest.mark.parametrize("name", FORMATS)
def test_at_the_level_of_classes_parts_become_their_classes(labelled: Path, name: str) -> None:
    _, back = there_and_back(labelled, name, by_class=True)
    for path in (labelled / "labels").rglob("*.png"):
        label = label_maps.read_label(back / "labels" / path.relative_to(labelled / "labels"))
        assert np.array_equal(label, taxonomy.CLASS_OF[label_maps.read_label(path)])


@pytest.mark.parametrize("name", ["coco", "png"])
def test_what_the_manifest_tells_of_a_picture_is_kept(tmp_path: Path, name: str) -> None:
    """As in data/clean, whose pictures lie in data/prepared."""
    imaging.write_png(tmp_path / "prepared/images/a.png", picture(LABEL))
    label_maps.write_label(tmp_path / "clean/labels/a.png", LABEL)
    told = {"licence": "CC0-1.0", "group": "miku", "split": Split.TRAIN, "label_method": LabelMethod.LLM}
    flags = (Flag.CROPPED, Flag.LOW_CONFIDENCE)
    record = sample("a", picture(LABEL), **told, confidence=0.4, flags=flags)  # type: ignore[arg-type]
    waiting = sample("b", picture(LABEL), label=None, label_method=None)
    write_manifest(tmp_path / "clean", [record, waiting])
    with pytest.raises(CubisegError, match="--images"):
        export_labels(tmp_path / "clean", tmp_path / "out", name)
    assert export_labels(tmp_path / "clean", tmp_path / "out", name, images=tmp_path / "prepared").unlabelled == 1
    import_labels(tmp_path / "out", tmp_path / "back", name)
    (back,) = read_manifest(tmp_path / "back")
    assert (back.id, back.licence, back.group, back.split) == ("a", "CC0-1.0", "miku", Split.TRAIN)
    assert (back.label_method, back.confidence, back.flags) == (LabelMethod.HUMAN, None, (Flag.CROPPED,))
    assert (back.sha256, back.parts_by) == (record.sha256, PartsBy.LABEL)


def test_a_picture_that_fails_is_named_and_the_others_are_done(labelled: Path, tmp_path: Path) -> None:
    (labelled / "images/plain.png").write_bytes(b"no picture")
    label_maps.write_label(labelled / "labels/phone.png", LABEL)  # as the file lies, not upright
    tally = export_labels(labelled, tmp_path / "out", "coco")
    assert tally.done == 4
    errors = {Path(where).name: str(error) for where, error in tally.failed}
    assert errors.keys() == {"plain.png", "phone.jpg"} and "upright picture is 5x7" in errors["phone.jpg"]
    images = json.loads((tmp_path / "out/annotations.json").read_text())["images"]
    assert len(images) == 4 and not (tmp_path / "out/images/plain.png").exists()
    (tmp_path / "out/images/train/unknown.png").unlink()
    tally = import_labels(tmp_path / "out", tmp_path / "back", "coco")
    assert tally.done == 3 and "is not in" in str(tally.failed[0][1])


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_replaced_and_where_nothing_could_be_done_nothing_is_left(
    labelled: Path, tmp_path: Path, name: str
) -> None:
    export_labels(labelled, tmp_path / "out", name)
    before = bytes_of(tmp_path / "out")
    with pytest.raises(CubisegError, match="not replaced"):
        export_labels(labelled, tmp_path / "out", name)
    with pytest.raises(CubisegError, match="not replaced"):
        import_labels(tmp_path / "out", labelled, name)
    assert bytes_of(tmp_path / "out") == before
    imaging.write_png(tmp_path / "other/images/other.png", picture(LABEL))
    with pytest.raises(CubisegError, match="none of 6 pictures"):
        import_labels(tmp_path / "out", tmp_path / "back", name, images=tmp_path / "other")
    assert not (tmp_path / "back").exists() and not list(tmp_path.glob(".cubiseg-*"))


def test_what_comes_to_lie_there_meanwhile_is_not_replaced_either(labelled: Path, tmp_path: Path) -> None:
    def disturbed(out: Path) -> Callable[[Iterable[Any], int], Iterable[Any]]:
        def progress(items: Iterable[Any], count: int) -> Iterable[Any]:
            write_text(out / "mine.txt", "mine")
            return items

        return progress

    with pytest.raises(CubisegError, match="not replaced"):
        export_labels(labelled, tmp_path / "out", "coco", progress=disturbed(tmp_path / "out"))
    with pytest.raises(CubisegError, match="not replaced"):
        import_labels(labelled, tmp_path / "back", "png", progress=disturbed(tmp_path / "back"))
    for name in ("out", "back"):
        assert [path.name for path in (tmp_path / name).iterdir()] == ["mine.txt"]
    assert not list(tmp_path.glob(".cubiseg-*"))


def labelme(name: str, shapes: list[dict[str, Any]] | None = None, **facts: Any) -> dict[str, Any]:
    pixels = base64.b64encode(encode_png(np.ones((5, 7), np.uint8))).decode()
    whole = {"label": "hair", "points": [[0, 0], [6, 4]], "shape_type": "mask", "mask": pixels}
    return {
        "imagePath": name,
        "imageHeight": 5,
        "imageWidth": 7,
        "shapes": [whole] if shapes is None else shapes,
        **facts,
    }


def read_one(tmp_path: Path, record: dict[str, Any], below: str = "json", **options: Any) -> np.ndarray:
    """The label map of a LabelMe file that lies in ``below``; its picture lies in ``art``."""
    imaging.write_png(tmp_path / "art/sub/a.png", picture(LABEL))
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    (tmp_path / below / "a.json").write_text(json.dumps(record))
    tally = import_labels(tmp_path / below, tmp_path / "back", "labelme", images=tmp_path / "art", **options)
    assert tally.failed == []
    return label_maps.read_label(tmp_path / "back/labels/sub/a.png")


def test_windows_paths_lead_to_the_picture(tmp_path: Path) -> None:
    assert (read_one(tmp_path, labelme(r"..\art\sub\a.png")) == HAIR).all()


@pytest.mark.parametrize(
    "name", ["../../art/sub/a.png", "/etc/a.png", r"C:\art\sub\a.png", r"\\server\a.png", "a.png", "../art/../a.png"]
)
def test_a_path_that_leaves_the_folder_is_refused_unless_the_name_alone_shall_count(tmp_path: Path, name: str) -> None:
    with pytest.raises(CubisegError, match="lies outside of"):
        read_one(tmp_path, labelme(name))
    assert (read_one(tmp_path, labelme(name), by_name=True) == HAIR).all()


def test_links_that_lead_out_of_the_folder_are_left_out(labelled: Path, tmp_path: Path) -> None:
    """Neither a picture nor a label map of another folder comes with a folder that a stranger sent."""
    export_labels(labelled, tmp_path / "out", "cvat", with_pictures=False)
    sent = tmp_path / "sent"
    shutil.copytree(labelled / "images", sent / "images")
    with zipfile.ZipFile(tmp_path / "out/segmentation_mask.zip") as archive:
        archive.extractall(sent)
    for path, secret in (("images/plain.png", "a.png"), ("SegmentationClass/phone.png", "b.png")):
        (sent / path).rename(tmp_path / secret)
        (sent / path).symlink_to(tmp_path / secret)
    (sent / "images/loop.png").symlink_to("loop.png")
    (sent / "images/val/again.png").symlink_to("every.v2.png")
    tally = import_labels(sent, tmp_path / "back", "cvat")
    assert tally.done == 4 and len(tally.failed) == 1 and "is not in" in str(tally.failed[0][1])
    names = {path.name for path in (tmp_path / "back/images").rglob("*.*")}
    assert not names & {"plain.png", "phone.jpg"} and len(names) == 4


@pytest.mark.parametrize("name", ["images", "labels"])
def test_a_folder_of_pictures_or_label_maps_that_leads_elsewhere_is_refused(
    labelled: Path, tmp_path: Path, name: str
) -> None:
    export_labels(labelled, tmp_path / "sent", "png")
    assert import_labels(tmp_path / "sent", tmp_path / "whole", "png").done == 6
    (tmp_path / "sent" / name).rename(tmp_path / "private")
    (tmp_path / "sent" / name).symlink_to(tmp_path / "private")
    with pytest.raises(CubisegError, match="leads out of"):
        import_labels(tmp_path / "sent", tmp_path / "back", "png")
    with pytest.raises(CubisegError, match=r"leads out of|no labelled pictures"):
        export_labels(tmp_path / "sent", tmp_path / "again", "labelme")
    assert not (tmp_path / "back").exists() and not (tmp_path / "again").exists()


def test_a_picture_or_label_map_that_leads_elsewhere_is_not_exported(labelled: Path, tmp_path: Path) -> None:
    export_labels(labelled, tmp_path / "sent", "png")
    for number, kind in enumerate(("images", "labels")):
        path = sorted(p for p in (tmp_path / "sent" / kind).glob("*.png"))[number]
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    tally = export_labels(tmp_path / "sent", tmp_path / "out", "labelme")
    assert tally.done == 4 and len(tally.failed) == 2
    assert all("leads out of" in str(error) for _, error in tally.failed)


def test_names_from_a_zip_write_nothing_outside(labelled: Path, tmp_path: Path) -> None:
    export_labels(labelled, tmp_path / "out", "cvat", with_pictures=False)
    with zipfile.ZipFile(tmp_path / "out/segmentation_mask.zip", "a") as archive:
        archive.writestr("SegmentationClass/../../../evil.png", encode_png(picture(LABEL)))
        archive.writestr("SegmentationClass//tmp/evil.png", encode_png(picture(LABEL)))
    before = set(tmp_path.parent.rglob("*"))
    tally = import_labels(tmp_path / "out", tmp_path / "back", "cvat", images=labelled)
    assert tally.done == 6 and len(tally.failed) == 2
    assert all(tmp_path / "back" in (p, *p.parents) for p in set(tmp_path.parent.rglob("*")) - before)
    assert len(list((tmp_path / "back").rglob("*.png"))) == 5 + 6


def test_a_file_that_unpacks_to_gigabytes_is_refused_unread(labelled: Path, tmp_path: Path) -> None:
    export_labels(labelled, tmp_path / "out", "cvat", with_pictures=False)
    path = tmp_path / "out/segmentation_mask.zip"
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("SegmentationClass/bomb.png", "w", force_zip64=True) as file,
    ):
        for _ in range(130):
            file.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    write(labelled, "bomb.png", LABEL)
    tally = import_labels(path, tmp_path / "back", "cvat", images=labelled)
    assert tally.done == 6 and "130 MB" in str(tally.failed[0][1])


ART = "../art/sub/a.png"


def shape(points: list[list[float]], **facts: str) -> dict[str, Any]:
    return {"label": "hair", "points": points, **facts}


@pytest.mark.parametrize(
    ("told", "record"),
    [
        ("for 7x6 pixels", labelme(ART, imageHeight=6)),
        ("outside", labelme(ART, [shape([[0, 0], [10**9, 4]], shape_type="mask", mask="")])),
        ("no base64", labelme(ART, [shape([[0, 0], [6, 4]], shape_type="mask", mask="!")])),
        ("circle, which is not read", labelme(ART, [shape([[0, 0], [1, 1]], shape_type="circle")])),
        ("--name 'Bangs=hair'", labelme(ART, [shape([[0, 0], [1, 1], [0, 1]], label="Bangs")])),
        ("no LabelMe file", {"images": []}),
    ],
)
def test_what_does_not_fit_the_picture_is_named(tmp_path: Path, told: str, record: dict[str, Any]) -> None:
    with pytest.raises(CubisegError, match=told):
        read_one(tmp_path, record)


SQUARE = [[1, 1], [3, 1], [3, 3], [1, 3]]


def test_labelme_s_polygons_and_rectangles_are_painted_in_their_order(tmp_path: Path) -> None:
    shapes = [
        {"label": "Bangs", "points": [[0, 0], [7, 5]], "shape_type": "rectangle"},
        {"label": "face", "points": SQUARE, "shape_type": "polygon"},
        {"label": "note", "points": [[0, 0]], "shape_type": "point"},
    ]
    rules = Rules(names_meant(["Bangs=hair_front", "note=skip"]))
    label = read_one(tmp_path, labelme(ART, shapes), rules=rules)
    wanted = np.full((5, 7), FRONT, np.uint8)
    wanted[1:3, 1:3] = FACE
    assert np.array_equal(label, wanted)


@pytest.fixture
def art(tmp_path: Path) -> Path:
    imaging.write_png(tmp_path / "images/a b.png", picture(LABEL))
    return tmp_path


def square() -> np.ndarray:
    label = np.zeros((5, 7), np.uint8)
    label[1:3, 1:3] = FACE
    return label


def read_file(folder: Path, file: str, content: str, name: str, **options: Any) -> tuple[np.ndarray, Tally]:
    (folder / file).write_text(content)
    tally = import_labels(folder / file, folder / "back", name, **options)
    return label_maps.read_label(folder / "back/labels/a b.png"), tally


def test_coco_s_polygons_are_pieces_and_overlaps_are_told(art: Path) -> None:
    pieces = [[1, 1, 3, 1, 3, 2, 1, 2], [1, 2, 3, 2, 3, 3, 1, 3]]
    whole = {"size": [5, 7], "counts": [0, 35]}
    told = {
        "images": [{"id": 9, "file_name": "some/where/images/a b.png", "width": 7, "height": 5}],
        "categories": [{"id": 1, "name": "face"}, {"id": 0, "name": "hair"}],
        "annotations": [
            {"image_id": 9, "category_id": 1, "segmentation": pieces},
            {"image_id": 9, "category_id": 0, "segmentation": whole},
        ],
    }
    label, tally = read_file(art, "c.json", json.dumps(told), "coco", rules=Rules(by_stack=False))
    assert (label == HAIR).all() and "overlap in 4 pixels; the later one is on top" in tally.warnings[0]
    told["annotations"].pop()
    (art / "back").rename(art / "first")
    assert np.array_equal(read_file(art, "c.json", json.dumps(told), "coco")[0], square())


@pytest.mark.parametrize(
    ("told", "segmentation"),
    [
        ("do not add up", {"size": [5, 7], "counts": [0, 1_000_000_000]}),
        ("runs for 40000x40000", {"size": [40000, 40000], "counts": [0, 1_600_000_000]}),
        ("no outline", []),
        ("half a corner", [[1, 1, 2]]),
        ("4097 pieces", [[1, 1, 3, 1, 3, 2]] * 4097),
    ],
)
def test_coco_s_masks_that_are_none_are_named(art: Path, told: str, segmentation: object) -> None:
    file = {
        "images": [{"id": 1, "file_name": "a b.png", "width": 7, "height": 5}],
        "categories": [{"id": 3, "name": "hair"}],
        "annotations": [{"image_id": 1, "category_id": 3, "segmentation": segmentation}],
    }
    with pytest.raises(CubisegError, match=told):
        read_file(art, "c.json", json.dumps(file), "coco")


def test_cvat_s_polygons_and_boxes_lie_as_their_order_says(art: Path) -> None:
    xml = (
        '<annotations><image id="0" name="a b.png" width="7" height="5">'
        '<polygon label="face" points="1,1;3,1;3,3;1,3" z_order="2"/>'
        '<box label="hair" xtl="0" ytl="0" xbr="7" ybr="5" z_order="1"/></image></annotations>'
    )
    label, tally = read_file(art, "c.xml", xml, "cvat-xml")
    assert np.array_equal(label == FACE, square() == FACE) and (label[0] == HAIR).all()
    assert len(tally.warnings) == 1
    with zipfile.ZipFile(art / "c.zip", "w") as archive:
        archive.writestr("annotations.xml", xml)
    import_labels(art / "c.zip", art / "zipped", "cvat-xml", images=art)
    assert np.array_equal(label_maps.read_label(art / "zipped/labels/a b.png"), label)
    with pytest.raises(CubisegError, match="--format cvat-xml"):
        import_labels(art / "c.zip", art / "no", "cvat")


def tasks(*annotations: dict[str, Any], image: str = "/data/upload/3/1a2b3c4d-a_b.png") -> str:
    return json.dumps([{"id": 1, "data": {"image": image}, "annotations": list(annotations)}])


def brush(name: str, mask: np.ndarray, **facts: Any) -> dict[str, Any]:
    value = {"format": "rle", "rle": label_studio.pack(mask), "brushlabels": [name]}
    region = {"type": "brushlabels", "original_width": 7, "original_height": 5, "image_rotation": 0, "value": value}
    return {"result": [region, {"type": "choices", "value": {"choices": ["good"]}}], **facts}


def test_label_studio_s_uploads_are_found_and_the_ground_truth_or_the_last_counts(art: Path) -> None:
    mask = square() > 0
    first, truth, last = brush("hair", mask), brush("face", mask, ground_truth=True), brush("skin", mask)
    cancelled = brush("nose", mask, was_cancelled=True)
    label, _ = read_file(art, "t.json", tasks(first, truth, last, cancelled), "label-studio")
    assert np.array_equal(label, square())
    (art / "back").rename(art / "first")
    label, _ = read_file(art, "t.json", tasks(truth | {"ground_truth": False}, cancelled), "label-studio")
    assert np.array_equal(label, square())


@pytest.mark.parametrize(
    "image", ["/data/local-files/?d=x/images/a%20b.png", "s3://bucket/images/a%20b.png", "a b.png"]
)
def test_label_studio_s_polygons_are_in_percent(art: Path, image: str) -> None:
    points = [[x / 7 * 100, y / 5 * 100] for x, y in SQUARE]
    region = {"type": "polygonlabels", "original_width": 7, "original_height": 5}
    drawn = {"result": [{**region, "value": {"points": points, "polygonlabels": ["face"]}}]}
    assert np.array_equal(read_file(art, "t.json", tasks(drawn, image=image), "label-studio")[0], square())


def test_label_studio_s_other_exports_are_refused_with_a_hint(art: Path) -> None:
    imaging.write_png(art / "masks/task-1-annotation-2-by-3-tag-hair-0.png", picture(LABEL))
    with pytest.raises(CubisegError, match="export as JSON"):
        import_labels(art / "masks", art / "back", "label-studio")
    (art / "min.json").write_text('[{"image": "/data/upload/1/a.png", "tag": []}]')
    with pytest.raises(CubisegError, match="JSON-MIN is none"):
        import_labels(art / "min.json", art / "back", "label-studio")
    (art / "t.json").write_text(tasks(brush("hair", np.ones((5, 7), bool), result=[])))
    with pytest.raises(CubisegError, match="none of 1 pictures could be done; nothing in it is labelled"):
        import_labels(art / "t.json", art / "back", "label-studio")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("classes.txt", "nothing\nBangs\nface\n"),
        ("classes.txt", "0 nothing\n1: Bangs\n2,face\n"),
        ("classes.json", '["nothing", "Bangs", "face"]'),
        ("classes.json", '{"classes": ["nothing", "Bangs", "face"]}'),
        ("classes.json", '{"ids": {"face": 2, "nothing": 0, "Bangs": 1}}'),
    ],
)
def test_plain_maps_of_other_numbers_are_read_and_written_by_their_names(art: Path, file: str, text: str) -> None:
    stored = np.array([[0, 1, 2, 2, 255, 0, 0]] * 5, np.uint8)
    imaging.write_png(art / "labels/a b.png", stored)
    (art / file).write_text(text)
    meant = names_meant(["nothing=background", "Bangs=hair_front"])
    import_labels(art, art / "back", "png", rules=Rules(meant))
    wanted = np.array([0, FRONT, FACE, FACE, 255, 0, 0], np.uint8)
    assert (label_maps.read_label(art / "back/labels/a b.png") == wanted).all()
    export_labels(art, art / "out", "coco", translation=meant)
    told = json.loads((art / "out" / coco.FILE).read_text())
    assert {a["category_id"] for a in told["annotations"]} == {FRONT, FACE, 255}


@pytest.mark.parametrize("number", ["null", "Infinity", "NaN", "[]", '"x"'])
def test_numbers_of_classes_that_are_none_are_one_line(art: Path, number: str) -> None:
    imaging.write_png(art / "labels/a b.png", np.zeros((5, 7), np.uint8))
    (art / "classes.json").write_text(f'{{"ids": {{"hair": {number}}}}}')
    with pytest.raises(CubisegError, match=r"^.*classes.json: is no list of classes .*$"):
        import_labels(art, art / "back", "png")


def test_two_pictures_that_would_share_a_label_map_are_not_both_written(art: Path) -> None:
    Image.fromarray(picture(LABEL)).save(art / "images/a b.webp")
    content = {
        "images": [{"id": i, "file_name": f"a b.{s}", "width": 7, "height": 5} for i, s in enumerate(("png", "webp"))],
        "categories": [{"id": 1, "name": "hair"}],
        "annotations": [
            {"image_id": i, "category_id": 1, "segmentation": {"size": [5, 7], "counts": [i, 35 - i]}} for i in (0, 1)
        ],
    }
    label, tally = read_file(art, "c.json", json.dumps(content), "coco")
    assert (label == HAIR).all() and tally.done == 1 and "share its label map" in str(tally.failed[0][1])


def test_progress_is_told_of_every_picture(labelled: Path, tmp_path: Path) -> None:
    seen: list[int] = []

    def progress(items: Any, count: int) -> Any:
        for item in items:
            seen.append(count)
            yield item

    export_labels(labelled, tmp_path / "out", "labelme", progress=progress)
    import_labels(tmp_path / "out", tmp_path / "back", "labelme", progress=progress)
    assert seen == [6] * 12


def test_label_maps_and_pictures_in_shards_are_written_and_pictures_in_shards_are_found(tmp_path: Path) -> None:
    written, taken = [], []
    for pack in (Pack.FILES, Pack.SHARDS):
        prepared, clean = tmp_path / pack / "prepared", tmp_path / pack / "clean"
        samples = write_prepared(prepared, 4)
        write_manifest(clean, samples)
        (prepared / "labels").rename(clean / "labels")
        pack_samples(prepared, ("images",), pack, 4)
        pack_samples(clean, ("labels",), pack, 4)
        out, back = tmp_path / pack / "out", tmp_path / pack / "back"
        assert export_labels(clean, out, "png", images=prepared).done == 4
        shutil.rmtree(out / "images")
        assert import_labels(out, back, "png", images=prepared).done == 4
        written.append(bytes_of(out))
        taken.append(bytes_of(back))
    assert written[0] == written[1] and taken[0] == taken[1] and len(taken[0]) == 9
