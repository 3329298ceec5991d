"""What Danbooru says of a picture, in one form whatever year the dump is of, and which pictures are wanted by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cubiseg.errors import CubisegError
from cubiseg.older_python import StrEnum

NEW_RATINGS = 2022
"""First year whose dumps rate general, sensitive, questionable, explicit; before, ``s`` meant safe."""


class Rating(StrEnum):
    """How fit for all eyes a picture is, as Danbooru has said since 2022."""

    GENERAL = "general"
    SENSITIVE = "sensitive"
    QUESTIONABLE = "questionable"
    EXPLICIT = "explicit"


_OLD = {"s": Rating.GENERAL, "safe": Rating.GENERAL, "q": Rating.QUESTIONABLE, "e": Rating.EXPLICIT}
_NEW = {r.value[0]: r for r in Rating}
_WORDS = {r.value: r for r in Rating}
_KINDS = ("", "_general", "_artist", "_character", "_copyright", "_meta")
COLUMNS = (
    *("id", "rating", "md5", "file_ext", "image_width", "image_height", "is_deleted", "tags"),
    *(f"tag_string{kind}" for kind in _KINDS),
)
"""Fields that are looked at."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is known of a post.

    Attributes:
        id: its number.
        rating: in the words of today; None where it is not told.
        artist: names, with ``+`` between several; "" where none is known.
        tags: all of them, with underscores.
        md5: of the original file, 32 hexadecimal digits; "" where it is not told.
        ext: suffix of the original file, without dot.
        width, height: of the original, px; 0 where they are not told.
        deleted: whether Danbooru has taken it down.
    """

    id: int
    rating: Rating | None = None
    artist: str = ""
    tags: frozenset[str] = frozenset()
    md5: str = ""
    ext: str = ""
    width: int = 0
    height: int = 0
    deleted: bool = False


def rating_of(word: str, year: int) -> Rating | None:
    """A rating in the words of today; None where nothing is said.

    >>> str(rating_of("s", 2019)), str(rating_of("s", 2023))
    ('general', 'sensitive')

    Args:
        word: as the dump has it, a letter or a word.
        year: of the dump.

    Raises:
        CubisegError: dumps have it only since another year.
        ValueError: none has it.
    """
    known = {**(_NEW if year >= NEW_RATINGS else _OLD), **_WORDS}
    if not word:
        return None
    if word.lower() not in known and word.lower() in _NEW:
        raise CubisegError(f"rating {word!r} is in no dump of {year}; say of which year this is: --year 2023")
    if word.lower() not in known:
        raise ValueError("no rating")
    return known[word.lower()]


def parse_post(facts: object, year: int) -> Post:
    """A record of the metadata; numbers and truths may be text, as they were until 2021.

    Args:
        facts: decoded JSON, or a row of a table.
        year: of the dump.

    Raises:
        ValueError: it is no record of a post.
        CubisegError: its rating is one of another year.
    """
    if not isinstance(facts, Mapping):
        raise ValueError("no record")
    tags, artists = _tags(facts)
    return Post(
        id=_number(facts.get("id")),
        rating=rating_of(_text(facts.get("rating")), year),
        artist="+".join(sorted(artists)),
        tags=frozenset(tags),
        md5=_text(facts.get("md5")).lower(),
        ext=_text(facts.get("file_ext")).lower(),
        width=_number(facts.get("image_width") or 0),
        height=_number(facts.get("image_height") or 0),
        deleted=str(facts.get("is_deleted")).lower() in ("true", "1"),
    )


def _tags(facts: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """All tags, and those that name artists. Until 2021 each is a record with a category, 1 for artists."""
    tags = {tag for kind in _KINDS for tag in _words(facts.get(f"tag_string{kind}"))}
    artists = set(_words(facts.get("tag_string_artist")))
    for tag in facts.get("tags") or () if isinstance(facts.get("tags"), list) else _words(facts.get("tags")):
        if isinstance(tag, Mapping):
            tags.add(_text(tag.get("name")))
            if str(tag.get("category")) == "1":
                artists.add(_text(tag.get("name")))
        else:
            tags.add(_text(tag))
    return tags - {""}, artists - {""}


def _words(value: object) -> list[str]:
    return value.split() if isinstance(value, str) else [_text(v) for v in value] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _number(value: object) -> int:
    number = int(value) if isinstance(value, int | str) else -1
    if not 0 <= number < 2**63:
        raise ValueError("no number")
    return number


@dataclass(frozen=True)
class Wish:
    """Which posts are wanted.

    Attributes:
        ratings: any of these; none for any at all.
        having: tags that all must have.
        lacking: tags that none may have.
        min_side: px of the shorter side.
        deleted: whether posts that Danbooru has taken down are wanted too.
    """

    ratings: frozenset[Rating] = frozenset()
    having: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    min_side: int = 64
    deleted: bool = False

    @property
    def needs_posts(self) -> bool:
        """Whether it takes metadata to tell."""
        return bool(self.ratings or self.having or self.lacking)

    def why_not(self, post: Post) -> str:
        """Why a post is not wanted, in a few words that many share; "" where it is."""
        if post.deleted and not self.deleted:
            return "deleted"
        if self.ratings and post.rating not in self.ratings:
            return f"rated {post.rating or 'unknown'}"
        if missing := sorted(self.having - post.tags):
            return f"without {missing[0]}"
        if bad := sorted(self.lacking & post.tags):
            return f"with {bad[0]}"
        if post.width and post.height and min(post.width, post.height) < self.min_side:
            return f"under {self.min_side} px a side"
        return ""
