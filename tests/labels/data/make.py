"""Let the tools' own libraries read what we wrote (ours/) and write what we read (theirs/); README.md says how."""

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
PICTURE = "猫 art.png"
LABEL = np.asarray(Image.open(HERE / "labelled/labels" / PICTURE))
IDS = json.loads((HERE / "ours/png/classes.json").read_text(encoding="utf-8"))["ids"]
NAMES = {number: name for name, number in IDS.items()}
THERE = [number for number in np.unique(LABEL).tolist() if number]
HEIGHT, WIDTH = LABEL.shape


def labelme() -> None:
    from labelme._label_file import read_label_file, write_label_file
    from labelme.utils import img_arr_to_b64, masks_to_bboxes, shapes_to_label

    with tempfile.TemporaryDirectory() as place:
        shutil.copy(HERE / "labelled/images" / PICTURE, place)
        file = shutil.copy(next((HERE / "ours/labelme").rglob("*.json")), place)
        told = read_label_file(str(file))
    assert told.image_path == PICTURE
    assert (shapes_to_label(LABEL.shape, told.shapes, IDS)[0] == LABEL).all()

    shapes = []
    for number in THERE:
        (box,) = masks_to_bboxes((number == LABEL)[None])
        y1, x1, y2, x2 = map(int, box)
        cut = img_arr_to_b64((number == LABEL)[y1:y2, x1:x2].astype(np.uint8))
        facts = {"label": NAMES[number], "points": [[x1, y1], [x2 - 1, y2 - 1]], "group_id": None, "mask": cut}
        shapes.append({**facts, "shape_type": "mask", "flags": {}, "description": ""})
    target = HERE / "theirs/labelme.json"
    write_label_file(
        str(target), shapes=shapes, image_path=f"..\\images\\{PICTURE}", image_height=HEIGHT, image_width=WIDTH
    )


def coco() -> None:
    from pycocotools import mask

    for kind in ("coco", "coco-uncompressed"):
        told = json.loads((HERE / "ours" / kind / "annotations.json").read_text(encoding="utf-8"))
        seen = np.zeros_like(LABEL)
        for annotation in told["annotations"]:
            rle = annotation["segmentation"]
            if isinstance(rle["counts"], list):
                rle = mask.frPyObjects(rle, *rle["size"])
            assert mask.area(rle) == annotation["area"] and (mask.toBbox(rle) == annotation["bbox"]).all()
            seen[mask.decode(rle) > 0] = annotation["category_id"]
        assert (seen == LABEL).all()


def cvat() -> None:
    import datumaro as dm

    def label_map(folder: Path) -> np.ndarray:
        data = dm.Dataset.import_from(str(folder), "voc_segmentation")
        (item,) = list(data)
        assert item.id == Path(PICTURE).stem
        names = [label.name for label in data.categories()[dm.AnnotationType.label]]
        seen = np.zeros_like(LABEL)
        for annotation in item.annotations:
            seen[np.asarray(annotation.image) > 0] = IDS[names[annotation.label]]
        return seen

    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(HERE / "ours/cvat/segmentation_mask.zip") as archive:
            archive.extractall(place)
        assert (label_map(Path(place)) == LABEL).all()

    masks = [dm.Mask(image=(n == LABEL), label=i, group=i + 1) for i, n in enumerate(THERE)]
    item = dm.DatasetItem(Path(PICTURE).stem, annotations=masks, media=dm.Image.from_numpy(np.zeros((*LABEL.shape, 3))))
    data = dm.Dataset.from_iterable([item], categories=[NAMES[n] for n in THERE])
    target = HERE / "theirs/datumaro.zip"
    with tempfile.TemporaryDirectory() as place:
        data.export(place, "voc_segmentation", save_media=False)
        assert (label_map(Path(place)) == LABEL).all()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(p for p in Path(place).rglob("*") if p.is_file()):
                archive.writestr(zipfile.ZipInfo(path.relative_to(place).as_posix()), path.read_bytes())


def cvat_xml() -> None:
    from cvat_sdk.masks import decode_mask, encode_mask

    seen = np.zeros_like(LABEL)
    for mask in ElementTree.parse(HERE / "ours/cvat-xml/annotations.xml").iter("mask"):
        left, top, width, height = (int(mask.get(key)) for key in ("left", "top", "width", "height"))
        points = [*map(int, mask.get("rle").split(", ")), left, top, left + width - 1, top + height - 1]
        seen[decode_mask(points, image_width=WIDTH, image_height=HEIGHT)] = IDS[mask.get("label")]
    assert (seen == LABEL).all()

    runs = {NAMES[n]: encode_mask(n == LABEL) for n in THERE}
    (HERE / "theirs/cvat_sdk.json").write_text(json.dumps(runs) + "\n")


def label_studio() -> None:
    from label_studio_sdk.converter.brush import decode_rle, mask2rle

    (task,) = json.loads((HERE / "ours/label-studio/tasks.json").read_text(encoding="utf-8"))
    seen = np.zeros_like(LABEL)
    for result in task["annotations"][0]["result"]:
        alpha = decode_rle(result["value"]["rle"]).reshape(HEIGHT, WIDTH, 4)[..., 3]
        assert set(np.unique(alpha)) <= {0, 255}
        seen[alpha > 0] = IDS[result["value"]["brushlabels"][0]]
    assert (seen == LABEL).all()

    runs = {NAMES[n]: mask2rle((n == LABEL).astype(np.uint8) * 255) for n in THERE}
    (HERE / "theirs/label_studio_sdk.json").write_text(json.dumps(runs) + "\n")


if __name__ == "__main__":
    (HERE / "theirs").mkdir(exist_ok=True)
    for check in (labelme, coco, cvat, cvat_xml, label_studio):
        check()
        print(check.__name__, "reads ours")
