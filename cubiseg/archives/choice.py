"""Which pictures of some archives are taken: those that can be, that are wanted, and that chance draws."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cubiseg import imaging
from cubiseg.archives.posts import Post, Wish
from cubiseg.archives.reading import MOST_BYTES, Archive, Member
from cubiseg.sources.result import PassedOver, is_system_file

log = logging.getLogger(__name__)

MOST_REASONS = 8
"""So many reasons why posts are not wanted are told, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that can be taken.

    Attributes:
        archive, member: where it is.
        key: what it is known by whichever way the archive is packed: its number, or its name.
        post: number of its post; None where it has none.
        original: whether it may be the file that its post tells of, and no crop of it.
    """

    archive: Archive
    member: Member
    key: str
    post: int | None
    original: bool = False


def pictures(members: Iterable[Member], passed: PassedOver) -> Iterator[Member]:
    """Those files that are pictures by their names and can be read; others are counted with the reason."""
    for member in members:
        if is_system_file(member.path.name) or "__MACOSX" in member.path.parts:
            passed.system += 1
        elif reason := _why_not(member):
            passed.add(member.name, reason)
        else:
            yield member


def _why_not(member: Member) -> str:
    """Why a member is no picture that can be taken; "" where it is one."""
    name = member.path.name
    if member.fault:
        return member.fault
    if member.path.suffix.lower() not in imaging.SUFFIXES or not member.path.stem.strip(". "):
        return "is not PNG, JPEG or WebP by its name"
    if name.startswith("."):
        return "is hidden by the dot before its name; rename it"
    if member.size <= 0:
        return "is empty"
    return "" if member.size <= MOST_BYTES else f"is over {MOST_BYTES >> 20} MB; scale it down"


def each_once(candidates: Iterable[Candidate], passed: PassedOver) -> Iterator[Candidate]:
    """The first of those with one key; others are counted."""
    seen: set[str] = set()
    for one in candidates:
        if one.key in seen:
            passed.add(one.member.name, "is there twice; the first one counts")
        else:
            seen.add(one.key)
            yield one


def wanted_ones(candidates: list[Candidate], posts: Mapping[int, Post], wish: Wish) -> list[Candidate]:
    """Candidates whose posts are wanted; why others are not is logged, with numbers.

    Args:
        candidates: all of them.
        posts: what is known, by number.
        wish: what is wanted. Where it asks for nothing that takes metadata, unknown posts are taken.
    """
    unwanted: Counter[str] = Counter()
    out = []
    for one in candidates:
        post = None if one.post is None else posts.get(one.post)
        reason = wish.why_not(post) if post is not None else "not in the metadata" if wish.needs_posts else ""
        if reason:
            unwanted[reason] += 1
        else:
            out.append(one)
    if unwanted:
        told = ", ".join(f"{count} {reason}" for reason, count in unwanted.most_common(MOST_REASONS))
        more = ", …" if len(unwanted) > MOST_REASONS else ""
        log.info("%d of %d pictures are not wanted: %s%s", unwanted.total(), len(candidates), told, more)
    return out


def by_chance(candidates: list[Candidate], seed: int) -> list[Candidate]:
    """In the order of their luck, which hangs on seed and key alone: a larger share keeps what a smaller one has."""

    def luck(one: Candidate) -> bytes:
        return hashlib.sha256(f"{seed}:{one.key}".encode("utf-8", "surrogatepass")).digest()

    return sorted(candidates, key=luck)
