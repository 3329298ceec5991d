"""What servers say in place of an answer: the words of an error, what a page is, and what to set where all requests
would meet the same complaint."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_UNKNOWN = re.compile(
    r"unsupported|not (supported|permitted|allowed|available)|(does|do) ?n[o']t support|un(known|recognized|expected)"
    r"|instead|extra|only the default|may only|cannot find field|deprecated|invalid (value|parameter|argument)"
)
_TAG = re.compile(r"<(script|style|head|title)\b.*?</\1>|<[^<>]{0,2000}>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>(.{0,300}?)</title>", re.DOTALL | re.IGNORECASE)

CAPS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Names that servers have for the cap on an answer."""

_CONTEXT = re.compile(
    r"context[ _](length|window|size)|reduce the (length|number) of (the )?(messages|prompt|input)"
    r"|prompt is too long|input (is )?too long|(input|prompt) token count.{0,40}exceeds"
)
_TOO_LARGE = re.compile(
    r"too (large|high|big)|at most \d|(less|smaller|lower) than|<=|exceeds|maximum (allowed|value|number)|out of range"
)
_PICTURES = re.compile(
    r"at most \d+ (image|picture)|(only|max(imum)?( of)?|more than) (one|\d+) (image|picture)"
    r"|too many (image|picture)|multiple images|limit[-_]mm[-_]per[-_]prompt"
)
_BLIND = re.compile(
    r"not (a )?(multi-?modal|vision)|(does|do) ?n[o']t (support|accept|have) (image|vision|multi-?modal|picture)"
    r"|(image|vision|multi-?modal)(_url|s)?( inputs?| content| urls?)? (is |are )?(not |un)(supported|enabled)"
    r"|mmproj|variant `?image_url|content must be a string|no endpoints found that support image"
)


@dataclass(frozen=True)
class Page:
    """What came where a completion should be.

    Attributes:
        what: what it is, in a few words.
        remedy: what to set.
    """

    what: str
    remedy: str


def words_of(body: str) -> str:
    """What an error says, without its JSON or its tags; the body itself where it has no usual form."""
    try:
        said = _words(json.loads(body))
    except (ValueError, RecursionError):
        said = ""
    return said or _plain(body)


def _words(value: Any, depth: int = 4) -> str:
    if isinstance(value, str):
        return value
    if depth == 0:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_words(item, depth - 1) for item in value[:3])))
    if not isinstance(value, Mapping):
        return ""
    inner = next((w for k in ("error", "message", "msg", "detail") if (w := _words(value.get(k), depth - 1))), "")
    # OpenRouter wraps what the provider behind it said.
    behind = value.get("metadata")
    raw = behind.get("raw") if isinstance(behind, Mapping) else None
    param = value.get("param")
    return inner + (f" ({raw})" if isinstance(raw, str) else "") + (
        f" ({param})" if isinstance(param, str) and param not in inner else ""
    )  # fmt: skip


def _plain(page: str) -> str:
    """A page without its tags, beginning with its title."""
    if "<" not in page:
        return page
    title = _TITLE.search(page)
    return " ".join(f"{title[1] if title else ''} {_TAG.sub(' ', page)}".split())


def is_complaint(status: int, body: str) -> bool:
    """Whether an error is about how the request was put, not about the moment; a gateway's own page never is."""
    if status < 500:
        return status in (400, 413, 415, 422)
    return status in (500, 501, 502) and body.lstrip()[:1] in ("{", "[") and bool(_UNKNOWN.search(body.lower()))


def is_unknown(complaint: str, word: str) -> bool:
    """Whether a complaint says that the server does not know, or not take, the field of a request that a word names."""
    text = complaint.lower()
    # "detail" is a usual word of errors too; the field is quoted or follows a dot.
    before = r"[.'\"`(]" if word == "detail" else "(?<![a-z_])"
    return bool(re.search(f"{before}{word.lower()}(?![a-z_])", text) and _UNKNOWN.search(text))


def remedy_of(complaint: str) -> str | None:
    """What to set where a complaint would meet all requests alike; None where it may be about this one alone."""
    text = complaint.lower()
    if is_about_context(complaint):
        return (
            "the question and the cap on its answer are longer than the model's context; lower annotate.regions or "
            "annotate.openai.max_output_tokens, or serve the model with a longer context"
        )
    if any(cap in text for cap in CAPS) and _TOO_LARGE.search(text):
        return "the cap on an answer is more than the model allows; lower annotate.openai.max_output_tokens"
    if _PICTURES.search(text):
        return (
            "a question has several pictures, and the server takes fewer; start vLLM with --limit-mm-per-prompt "
            "'{\"image\": 8}', or set annotate.openai.base_url to another server"
        )
    if re.search(r"image (format|type)|mime type", text) and _UNKNOWN.search(text):
        return "the server does not read such files; set annotate.openai.encoding to png or jpeg"
    if _BLIND.search(text):
        return "the model does not look at pictures; set annotate.openai.model to one that does"
    if any(is_unknown(complaint, cap) for cap in CAPS):
        return (
            "the server takes no cap on an answer under the names that are known; set annotate.openai.token_field, or "
            "annotate.openai.base_url to another server"
        )
    for word, value in (("temperature", "null"), ("detail", "none"), ("reasoning_effort", "null")):
        if is_unknown(complaint, word):
            return f"the server does not take {word}; set annotate.openai.{word}: {value}"
    return None


def is_about_context(complaint: str) -> bool:
    """Whether a complaint says that the question is too long, which a shorter one may not be."""
    return _CONTEXT.search(complaint.lower()) is not None


def page_of(body: str, kind: str) -> Page:
    """What a body is that came with status 200 and is no completion.

    Args:
        body: text as received.
        kind: its content type, as the server names it.
    """
    start, said = body[:2000].lstrip("\ufeff \r\n\t").lower(), _plain(body[:20_000])[:120].strip()
    if "event-stream" in kind or start.startswith(("data:", "event:")):
        return Page(
            "a stream of events",
            "the server answers only in parts (stream); let it, or the proxy before it, answer in one piece, or set "
            "annotate.openai.base_url to another server",
        )
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")) or "text/html" in kind:
        login = re.search(r"log ?in|sign ?in|password|single sign-on", body[:20_000].lower())
        return Page(
            f"a {'login' if login else 'web'} page ({said!r})",
            "set annotate.openai.base_url to the address of the interface, up to where /chat/completions follows (most "
            "end in /v1)" + (", and sign in where the network wants it" if login else ""),
        )
    what = "JSON without a completion" if start.startswith(("{", "[")) else f"no JSON ({kind or 'of no type'})"
    return Page(
        f"{what} ({said!r})" if said else "an empty body",
        "check that annotate.openai.base_url is the address of an OpenAI-compatible server, up to where "
        "/chat/completions follows",
    )
