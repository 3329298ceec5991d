"""Chosen pictures become files and rows of the table; what is there already is not read again."""

import functools
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import numpy as np
from PIL import Image

from cubiseg import files, imaging, workers
from cubiseg.archives.choice import Candidate
from cubiseg.archives.posts import Post, Wish
from cubiseg.archives.table import added_rows
from cubiseg.errors import CubisegError
from cubiseg.heads import piece_around
from cubiseg.picture_files import jpeg
from cubiseg.sources.looking import find_looker, look_at
from cubiseg.sources.references import Row
from cubiseg.sources.result import PassedOver

log = logging.getLogger(__name__)

MARGIN = 0.25
"""Of a head's longer side: what of its surroundings a crop shows on each side."""
BYTES_A_PIXEL = 16
"""Bytes that decoding takes for each pixel at most, as measured: that of WebP, others take a half or less."""

Crop = Literal["head", "whole"]


@dataclass(frozen=True)
class Share:
    """What is to be done with the chosen ones.

    Attributes:
        out: folder of the source ``references``: pictures go to ``images/<name>/``, rows to ``samples.csv``.
        name: of the set, and that of its folder.
        count: how many to take; None for all.
        crop: the whole picture as it is, or the largest head with some margin, as PNG.
        wish: what sizes are wanted.
    """

    out: Path
    name: str
    count: int | None
    crop: Crop
    wish: Wish

    @property
    def folder(self) -> Path:
        """Where pictures go."""
        return self.out / "images" / self.name

    def target(self, name: str) -> Path:
        """Where a picture of this name goes."""
        path = self.folder / name
        return path if self.crop == "whole" else path.with_name(f"{path.stem}-head.png")


@dataclass
class Haul:
    """What came of it.

    Attributes:
        files: pictures that are there now, sorted, also those that were there before.
        passed: those that could not be taken.
    """

    files: list[Path] = field(default_factory=list)
    passed: PassedOver = field(default_factory=PassedOver)


def take(
    ordered: Sequence[Candidate], name_of: Callable[[Candidate], str], posts: Mapping[int, Post], share: Share
) -> Haul:
    """Take the first pictures that can be taken.

    Args:
        ordered: in the order of their luck.
        name_of: gives the file's name.
        posts: what is known, by number.
        share: how many, where to, and how.

    Raises:
        CubisegError: the disk or the table cannot be written, or heads are wanted and there is no model.
    """
    model = find_looker() if share.crop == "head" else None
    # One thread decodes while another writes; the network has threads of its own.
    each = functools.partial(workers.each, what="pictures", threads=True, workers=None if model is None else 1)
    take_one = functools.partial(_take_one, name_of, posts, share, model)
    memory = functools.partial(_memory, posts)
    taken, begun = Haul(), 0
    with added_rows(share.out, share.name) as add:
        while begun < len(ordered) and (share.count is None or len(taken.files) < share.count):
            left = len(ordered) if share.count is None else share.count - len(taken.files)
            batch = sorted(ordered[begun : begun + left], key=lambda one: (str(one.archive.path), one.member.where))
            begun += len(batch)
            for one, reason in zip(batch, each(take_one, batch, memory=memory), strict=True):
                if reason:
                    taken.passed.add(one.member.name, reason)
                    continue
                target = share.target(name_of(one))
                taken.files.append(target)
                add(_row(f"{share.name}/{target.name}", one, posts))
    taken.files.sort()
    return taken


def _memory(posts: Mapping[int, Post], one: Candidate) -> int:
    """Bytes that taking a picture takes at most: its file, and its pixels once they are decoded.

    How many pixels there are is told by no size of a file; an original that is larger than its post says is refused
    before it is decoded.
    """
    post = posts.get(one.post) if one.post is not None else None
    told = post.width * post.height if post is not None and _is_original(one, post) else 0
    return one.member.size + BYTES_A_PIXEL * min(told or imaging.MAX_SIDE**2, imaging.MAX_SIDE**2)


def _row(file: str, one: Candidate, posts: Mapping[int, Post]) -> Row:
    if one.post is None:
        return Row(file=file)
    post = posts.get(one.post, Post(one.post))
    return Row(file=file, rating=post.rating or "", group=f"danbooru-{one.post}", artist=post.artist)


def _take_one(
    name_of: Callable[[Candidate], str], posts: Mapping[int, Post], share: Share, model: Path | None, one: Candidate
) -> str:
    """Write one picture; gives why it could not be taken, or ""."""
    target = share.target(name_of(one))
    post = None if one.post is None else posts.get(one.post)
    try:
        if target.exists():
            # A head that was cut out is known by its name alone.
            same = model is not None or _is_there(target, one, post)
            return "" if same else f"another picture is there as {target.name}; move that elsewhere"
        content = one.archive.content(one.member)
    except CubisegError as error:
        return str(error)
    if reason := _damage(one, content, post):
        return reason
    original = post if _is_original(one, post) else None
    try:
        if model is None and _read_as_jpeg(content, original, share.wish.min_side):
            with files.atomic_write(target) as file:
                file.write(content)
        else:
            with files.atomic_write(target) as file:
                _write(file, content, original, share.wish.min_side, model)
    except _NotTaken as refused:
        return str(refused)
    return ""


def _is_there(target: Path, one: Candidate, post: Post | None) -> bool:
    """Whether a file is the picture: by what the index or the post tells of it, else byte for byte.

    Raises:
        CubisegError: the archive cannot be read.
    """
    try:
        if target.stat().st_size != one.member.size:
            return False
        content = target.read_bytes()
    except OSError:
        return False
    if one.member.sha256 or _is_original(one, post):
        return not _damage(one, content, post)
    return content == one.archive.content(one.member)


class _NotTaken(CubisegError):
    """The reason, carried out of the block that writes a file, so that none is left."""


def _is_original(one: Candidate, post: Post | None) -> bool:
    """Whether the file should be the very one that the post tells of.

    Portraits are crops of it, and the WebP set holds scaled copies, which its index vouches for.
    """
    told = one.original and not one.member.sha256 and post is not None and bool(post.md5)
    return told and one.member.path.suffix.lower() == f".{post.ext}"  # type: ignore[union-attr]


def _damage(one: Candidate, content: bytes, post: Post | None) -> str:
    if len(content) != one.member.size:
        return f"has {len(content)} bytes and should have {one.member.size}; fetch the archive again"
    if one.member.sha256 and hashlib.sha256(content).hexdigest() != one.member.sha256:
        return "is not what the index says (SHA-256); fetch the archive and its index again"
    if _is_original(one, post) and hashlib.md5(content, usedforsecurity=False).hexdigest() != post.md5:  # type: ignore[union-attr]
        return "is not what the metadata says (MD5); fetch the archive again"
    return ""


def _check_size(width: int, height: int, original: Post | None, min_side: int) -> None:
    """Raise :class:`_NotTaken` where a picture is larger than can be, smaller than wanted, or other than its post."""
    if max(width, height) > imaging.MAX_SIDE:
        raise _NotTaken(f"is {width}x{height}, over {imaging.MAX_SIDE} pixels a side")
    if min(width, height) < min_side:
        raise _NotTaken(f"is {width}x{height}, under {min_side} pixels a side")
    if original is not None and original.width and {width, height} != {original.width, original.height}:
        raise _NotTaken(f"is {width}x{height}, not {original.width}x{original.height} as the metadata says")


def _read_as_jpeg(content: bytes, original: Post | None, min_side: int) -> bool:
    """Whether libjpeg alone could read a picture whole, which takes half of the time; other decoders may know others.

    Raises:
        _NotTaken: as by :func:`_write`.
    """
    header = jpeg.size_and_colours(content)
    if header is None:
        return False
    width, height, colours = header
    _check_size(width, height, original, min_side)
    reason = jpeg.damage_in(content, colours in ("CMYK", "YCCK"))
    _check_damage(reason)
    return reason is not None


def _check_damage(reason: str | None) -> None:
    if reason:
        raise _NotTaken(f"is damaged ({reason}); fetch the archive again")


def _write(file: IO[bytes], content: bytes, original: Post | None, min_side: int, model: Path | None) -> None:
    """Write a picture, or its head, into a temporary file, in which it is decoded to see that it can be.

    Raises:
        _NotTaken: it cannot be decoded, or is smaller than wanted or other than the metadata says, or shows no head.
    """
    file.write(content)
    file.flush()
    path = Path(file.name)
    try:
        with imaging.opened(path) as (image, _):
            _check_size(*image.size, original, min_side)
            image.load()
            if image.format == "JPEG":
                _check_damage(jpeg.damage(path, image.mode == "CMYK"))
        head = None if model is None else _head(path, model)
    except _NotTaken:
        raise
    except CubisegError as error:
        raise _NotTaken(str(error).removeprefix(f"{path}: ")) from error
    if head is not None:
        file.seek(0)
        file.truncate()
        Image.fromarray(head).save(file, "PNG")


def _head(path: Path, model: Path) -> np.ndarray:
    """The largest head in a picture with :data:`MARGIN`, (h, w, 3 or 4) uint8."""
    picture = imaging.read_picture(path)
    seen = look_at(model, picture)
    if not seen.shows_face or not seen.heads:
        raise _NotTaken(f"shows no head (a face is likely by {seen.face:.2f})")
    piece = piece_around(seen.heads[0], picture.size, MARGIN)
    if min(piece.width, piece.height) < imaging.MIN_SIDE:
        raise _NotTaken(f"has a head of {piece.width:.0f}x{piece.height:.0f}, under {imaging.MIN_SIDE} pixels a side")
    return np.ascontiguousarray((picture.rgb if picture.alpha is None else picture.rgba())[piece.window])
