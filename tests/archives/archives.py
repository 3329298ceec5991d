"""Small archives in the shapes that people have, and in shapes that nobody should have."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(i: int, suffix: str = "JPEG", size: tuple[int, int] = (64, 64)) -> bytes:
    """A plain picture of a colour of its own."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((*size, 3), (i % 256, i // 256, 99), np.uint8)).save(buffer, suffix)
    return buffer.getvalue()


def write_folder(path: Path, content: Mapping[str, bytes]) -> Path:
    for name, data in content.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def write_tar(path: Path, content: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_zip(path: Path, content: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def write_index(tar: Path) -> Path:
    """The index beside a tar of the WebP set."""
    files = {}
    with tarfile.open(tar) as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            digest = hashlib.sha256(content.read()).hexdigest()
            files[member.name] = {"offset": member.offset_data, "size": member.size, "sha256": digest}
    index = {"filesize": tar.stat().st_size, "hash": "0" * 40, "hash_lfs": "0" * 64, "files": files}
    path = tar.with_suffix(".json")
    path.write_text(json.dumps(index))
    return path


def record_2019(post: int, rating: str = "s", artist: str = "") -> dict[str, Any]:
    """A line of the metadata of Danbooru2018 to 2021: numbers are text, tags are records."""
    tags = [{"id": "470575", "name": "1girl", "category": "0"}, {"id": "1", "name": "some_song", "category": "3"}]
    tags += [{"id": "77", "name": artist, "category": "1"}] if artist else []
    return {
        "id": str(post),
        "created_at": "2013-01-01 00:00:00 UTC",
        "score": "5",
        "md5": "0" * 32,
        "rating": rating,
        "image_width": "800",
        "image_height": "900",
        "is_deleted": False,
        "file_ext": "jpg",
        "tags": tags,
    }


def record_2023(
    post: int, rating: str = "g", tags: str = "1girl solo", artist: str = "", **facts: Any
) -> dict[str, Any]:
    """A line of posts.json of Danbooru2023."""
    return {
        "id": post,
        "rating": rating,
        "md5": "",
        "file_ext": "jpg",
        "image_width": 800,
        "image_height": 900,
        "score": 5,
        "tag_string": f"{artist} {tags}".strip(),
        "tag_string_general": tags,
        "tag_string_artist": artist,
        "tag_string_character": "",
        "tag_string_copyright": "original",
        "tag_string_meta": "highres",
        "is_deleted": False,
        **facts,
    }


def lines(*records: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    """Rows of samples.csv by the file's bare name."""
    import csv

    with (out / "samples.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"].rpartition("/")[2]: row for row in csv.DictReader(file)}
