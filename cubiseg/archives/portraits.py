"""Danbooru2019 Portraits, or any other archive of pictures, become your own pictures.

Portraits are named by the post that they were cut from and a digit that counts its crops: ``9331960.jpg`` and
``9331961.jpg`` are one drawing, and share a group.
"""

import logging
import re
from pathlib import Path

from cubiseg.archives.choice import Candidate, by_chance, each_once, pictures, wanted_ones
from cubiseg.archives.metadata import read_posts
from cubiseg.archives.names import FileNames
from cubiseg.archives.posts import Post
from cubiseg.archives.reading import Archive, Member, open_archive
from cubiseg.archives.table import check_table
from cubiseg.archives.taking import Haul, Share, take
from cubiseg.errors import CubisegError
from cubiseg.sources.result import PassedOver

log = logging.getLogger(__name__)

_PORTRAIT = re.compile(r"([1-9]\d{0,8})\d")
LONG = 5
"""Digits from which a name is a portrait's wherever it lies; shorter ones are in a folder ``portraits``."""


def take_portraits(path: Path, share: Share, seed: int, metadata: Path | None = None, year: int = 2019) -> Haul:
    """Take a share of an archive, drawn by chance.

    Args:
        path: folder, .zip or .tar.
        share: how many pictures, which, and where to.
        seed: of the choice.
        metadata: Danbooru's, for ratings and artists.
        year: of the metadata.

    Raises:
        CubisegError: nothing could be taken, the wish takes metadata and there is none, or ``samples.csv`` cannot be
            read.
    """
    if share.wish.needs_posts and metadata is None:
        raise CubisegError("ratings and tags are in the metadata; name it: --metadata FILE")
    check_table(share.out)
    archive = open_archive(path)
    passed, names = PassedOver(), FileNames()
    candidates = []
    for one in each_once((_candidate(archive, member) for member in pictures(archive.members(), passed)), passed):
        names.add(one.member.name)
        candidates.append(one)
    if not candidates:
        tell(path, archive.fault, passed)
        raise CubisegError(f"{path}: holds no picture (.jpg, .png, .webp); check that it is the right archive")
    posts: dict[int, Post] = {}
    if metadata is not None:
        wanted = {one.post for one in candidates if one.post is not None}
        posts = {post.id: post for post in read_posts(metadata, year, wanted.__contains__)}
        candidates = wanted_ones(candidates, posts, share.wish)
    taken = take(by_chance(candidates, seed), lambda one: names.of(one.member.name), posts, share)
    passed.join(taken.passed)
    tell(path, archive.fault, passed)
    if not taken.files:
        raise CubisegError(f"{path}: none of {len(candidates)} pictures could be taken; the lines above say why")
    return Haul(taken.files, passed)


def tell(path: Path, fault: str, passed: PassedOver) -> None:
    """Log what is wrong with an archive, and what was passed over in it."""
    if fault:
        log.warning("%s: %s; fetch it again for the rest", path, fault)
    for line in passed.lines(str(path)):
        log.warning("%s", line)


def _candidate(archive: Archive, member: Member) -> Candidate:
    stem = member.path.stem
    number = _PORTRAIT.fullmatch(stem)
    if number is not None and (len(stem) >= LONG or member.path.parent.name == "portraits"):
        return Candidate(archive, member, stem, int(number[1]))
    return Candidate(archive, member, member.path.as_posix(), None)
