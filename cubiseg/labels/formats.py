"""The formats by name, and what a user is told of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cubiseg.labels import coco, cvat_masks, cvat_xml, label_studio, labelme, png
from cubiseg.labels.foreign import Outgoing, Waiting


@dataclass(frozen=True)
class Format:
    """What tools of one kind read and write.

    Attributes:
        write: writes label maps into a folder; their pictures lie in its ``images/``.
        read: finds what is labelled in a file or folder.
        next_step: what to do with what was written, with ``{out}`` for the folder.
    """

    write: Callable[[Path, Iterable[Outgoing]], None]
    read: Callable[[Path], Iterable[Waiting]]
    next_step: str


FORMATS: dict[str, Format] = {
    "labelme": Format(labelme.write, labelme.read, "labelme {out}/images --labels {out}/labels.txt"),
    "coco": Format(coco.write, coco.read, f"{{out}}/{coco.FILE}; pictures are named from {{out}}/images"),
    "coco-uncompressed": Format(
        partial(coco.write, compressed=False), coco.read, f"{{out}}/{coco.FILE}; pictures are named from {{out}}/images"
    ),
    "cvat": Format(
        cvat_masks.write,
        cvat_masks.read,
        f'a task with the labels of {{out}}/{cvat_masks.CONSTRUCTOR} (tab "Raw") and the pictures of {{out}}/images, '
        f'then "Upload annotations", "Segmentation mask 1.1": {{out}}/{cvat_masks.FILE}',
    ),
    "cvat-xml": Format(
        cvat_xml.write,
        cvat_xml.read,
        f'a task with the labels of {{out}}/{cvat_masks.CONSTRUCTOR} (tab "Raw") and the pictures of {{out}}/images, '
        f'then "Upload annotations", "CVAT 1.1": {{out}}/{cvat_xml.FILE}',
    ),
    "label-studio": Format(
        label_studio.write,
        label_studio.read,
        f"a project with the interface {{out}}/{label_studio.INTERFACE} and {{out}} as local storage, "
        f"then import {{out}}/{label_studio.FILE}",
    ),
    "png": Format(png.write, png.read, f"{{out}}/labels and {{out}}/{png.CLASSES}"),
}
