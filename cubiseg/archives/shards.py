"""Shards of Danbooru2023, as originals or as the WebP set, become your own pictures: those whose tags are wanted.

A shard is a .tar whose files are named by their posts, in a folder or not. Where an index lies beside it, each picture
is one seek; else the headers of the tar are walked once. What is known of posts is Danbooru's metadata, or a JSON file
beside each picture in the tar, as webdatasets have it.
"""

import json
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cubiseg.archives.choice import Candidate, by_chance, each_once, pictures, wanted_ones
from cubiseg.archives.index import IndexedTar, find_index
from cubiseg.archives.metadata import read_posts
from cubiseg.archives.portraits import tell
from cubiseg.archives.posts import Post, parse_post
from cubiseg.archives.reading import Archive, Member, open_archive
from cubiseg.archives.table import check_table
from cubiseg.archives.taking import Haul, Share, take
from cubiseg.errors import CubisegError
from cubiseg.sources.result import PassedOver
from cubiseg.workers import progress

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[0-9]{1,18}")
MOST_SIDECAR = 2**20
"""Bytes of a JSON file beside a picture."""


def take_posts(
    shards: Sequence[Path],
    share: Share,
    seed: int,
    metadata: Path | None = None,
    indexes: Sequence[Path] = (),
    year: int = 2023,
) -> Haul:
    """Take a share of the wanted pictures of some shards, drawn by chance.

    Args:
        shards: .tar files; a folder or .zip does as well. One that cannot be read is told, and the others are done.
        share: how many pictures, which, and where to.
        seed: of the choice.
        metadata: Danbooru's.
        indexes: of the shards that have the same names; others are looked for beside the shards.
        year: of the metadata.

    Raises:
        CubisegError: nothing could be taken, an index belongs to no shard, metadata is needed and there is none, or
            ``samples.csv`` cannot be read.
    """
    check_table(share.out)
    indexed = _indexed(shards, indexes)
    passed, posts = PassedOver(), dict[int, Post]()
    archives: list[Archive] = []
    candidates: list[Candidate] = []
    for path in progress(shards, len(shards), "shards"):
        try:
            archive = _opened(path, indexed.get(path))
        except CubisegError as error:
            log.warning("%s", error)
            continue
        archives.append(archive)
        candidates += _candidates(archive, posts, metadata is None, year, passed)
    candidates = list(each_once(candidates, passed))
    if metadata is not None:
        wanted = {one.post for one in candidates if one.post is not None}
        posts = {post.id: post for post in read_posts(metadata, year, wanted.__contains__)}
    elif candidates and share.wish.needs_posts and not posts:
        raise CubisegError(
            "ratings and tags are in the metadata; name it: --metadata FILE, or take any picture whatever it shows:"
            " --unfiltered"
        )
    chosen = wanted_ones(candidates, posts, share.wish)
    taken = take(by_chance(chosen, seed), _name, posts, share)
    passed.join(taken.passed)
    for archive in archives:
        tell(archive.path, archive.fault, PassedOver())
    tell(shards[0] if len(shards) == 1 else Path(f"{len(shards)} shards"), "", passed)
    if not taken.files:
        found = f"{len(candidates)} pictures are there, {len(chosen)} of them wanted, none could be taken"
        raise CubisegError(f"{shards[0]}: {found}; the lines above say why")
    return Haul(taken.files, passed)


def _indexed(shards: Sequence[Path], indexes: Sequence[Path]) -> dict[Path, Path]:
    """Index by shard, as named; with one shard and one index, whatever they are named."""
    if len(shards) == len(indexes) == 1:
        return {shards[0]: indexes[0]}
    by_stem = {shard.stem: shard for shard in shards}
    if strange := [index for index in indexes if index.stem not in by_stem]:
        raise CubisegError(f"{strange[0]}: is no shard's index by its name; name it as its shard, with .json")
    return {by_stem[index.stem]: index for index in indexes}


def _opened(path: Path, index: Path | None) -> Archive:
    archive = open_archive(path)
    index = index or (find_index(path) if path.is_file() else None)
    return archive if index is None else IndexedTar(path, index)


def _candidates(
    archive: Archive, posts: dict[int, Post], sidecars: bool, year: int, passed: PassedOver
) -> Iterator[Candidate]:
    """Pictures by their posts; what JSON files beside them say goes into ``posts``."""
    numbers: dict[str, int] = {}
    # A JSON file may come after its picture.
    for member in list(pictures(_without_sidecars(archive, posts, numbers, sidecars, year), passed)):
        stem = member.path.stem
        number = numbers.get(_key(member), int(stem) if _NUMBER.fullmatch(stem) else None)
        if number is None:
            passed.add(member.name, "is named by no post")
        else:
            yield Candidate(archive, member, str(number), number, original=True)


def _without_sidecars(
    archive: Archive, posts: dict[int, Post], numbers: dict[str, int], wanted: bool, year: int
) -> Iterator[Member]:
    """The members but JSON files, which are read where they are wanted; ``numbers`` gets the posts by key."""
    for member in archive.members():
        if member.path.suffix.lower() != ".json" or member.fault:
            yield member
        elif wanted and 0 < member.size <= MOST_SIDECAR:
            try:
                content = archive.content(member)
            except CubisegError:  # a damaged one tells nothing; its picture is named by no post
                continue
            try:
                post = parse_post(json.loads(content), year)
            except CubisegError as error:
                raise CubisegError(f"{archive.path}: {error}") from error
            except (ValueError, RecursionError):
                continue
            numbers[_key(member)], posts[post.id] = post.id, post


def _key(member: Member) -> str:
    """What a picture and the JSON file beside it have in common."""
    return member.path.with_suffix("").as_posix()


def _name(one: Candidate) -> str:
    return f"{one.post}{one.member.path.suffix.lower()}"
