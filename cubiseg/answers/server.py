"""A server: where it is, the key it wants, and what it can do, found out once and remembered."""

import ipaddress
import json
import logging
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from cubiseg.answers.chat import FORMS, Form, TokenField
from cubiseg.answers.complaints import is_unknown
from cubiseg.answers.params import ChatParams
from cubiseg.errors import CubisegError
from cubiseg.files import write_text

log = logging.getLogger(__name__)

_FILE = "servers.json"
_ABOUT_FORM = ("response_format", "json_object", "schema", "grammar", "structured")
CLOSED = "additionalProperties"
"""Word of a JSON schema that some servers do not know."""

_DROPPABLE = ("temperature", "reasoning_effort", "detail")
"""Fields that a request can do without."""


@dataclass(frozen=True)
class Ability:
    """What is known of what a server takes.

    Attributes:
        form: how JSON is asked for.
        field: name of the cap on an answer.
        without: words that are left out of requests.
    """

    form: Form
    field: TokenField
    without: frozenset[str] = frozenset()

    def params(self, params: ChatParams) -> ChatParams:
        """Params without what is left out; they shape the request, never its identity."""
        left_out = {"temperature": None, "reasoning_effort": None, "detail": "none"}
        return params.model_copy(update={k: v for k, v in left_out.items() if k in self.without})


def is_near(host: str) -> bool:
    """Whether a host is this machine or in a private network."""
    if host == "localhost" or ("." not in host and ":" not in host):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith((".local", ".internal", ".localhost"))
    return address.is_private or address.is_loopback


class Server:
    """An OpenAI-compatible server and one of its models.

    Args:
        params: address and model.
        root: folder that remembers what servers can do.

    Attributes:
        host: name of the server, for warnings.
        key: secret that it wants, never written or shown.
        away: whether it is neither on this machine nor in a private network.
        ability: what is known of what it takes.

    Raises:
        CubisegError: an address that cannot be used.
    """

    def __init__(self, params: ChatParams, root: Path) -> None:
        parts = urlsplit(params.base_url)
        self.host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not self.host or parts.username or parts.password:
            raise CubisegError(
                f"annotate.openai.base_url = {params.base_url!r}: must be an http or https address without user and "
                "password, as in https://api.openai.com/v1"
            )
        self.key = os.environ.get(params.key_variable, "").strip()
        self.away = not is_near(self.host)
        if self.away and parts.scheme == "http":
            raise CubisegError(f"{params.base_url}: pictures and key would travel unencrypted; use https")
        self._key_variable = params.key_variable
        self._params = params
        self._file = root / _FILE
        self._name = f"{params.base_url} {params.model}"
        self._lock = threading.Lock()
        known = self._known().get(self._name, {})
        default: TokenField = "max_completion_tokens" if self.host.endswith("openai.com") else "max_tokens"
        form, field = known.get("form", FORMS[0]), known.get("field", default)
        self._fixed_form, self._fixed_field = params.answer_format != "auto", False
        if params.answer_format != "auto":
            form = params.answer_format
        if params.token_field != "auto":  # noqa: S105 (no secret)
            field, self._fixed_field = params.token_field, True
        self.ability = Ability(form, field, frozenset(known.get("without", ())))

    def _known(self) -> dict[str, dict[str, Any]]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                name: facts
                for name, facts in known.items()
                if facts.get("form", FORMS[0]) in FORMS
                and facts.get("field", "max_tokens") in get_args(TokenField)
                and set(facts.get("without", ())) <= {CLOSED, *_DROPPABLE}
            }
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def require_key(self) -> None:
        """Servers on the internet want a key.

        Raises:
            CubisegError: there is none in the environment.
        """
        if self.away and not self.key:
            raise CubisegError(
                f"{self.host} wants a key; put it into the environment: export {self._key_variable}=... (never into "
                "params.yaml)"
            )

    @property
    def speaks(self) -> bool:
        """Whether it answered before, in this run or another."""
        return bool(self._known().get(self._name, {}).get("speaks"))

    def spoke(self) -> None:
        """It answered: that is remembered."""
        with self._lock:
            if not self.speaks:
                self._remember(speaks=True)

    def _remember(self, **facts: Any) -> None:
        known = self._known()
        known[self._name] = {**known.get(self._name, {}), **facts}
        write_text(self._file, json.dumps(known))

    def learn(self, complaint: str, used: Ability) -> bool:
        """Take a refused request as a lesson on what the server can do.

        Args:
            complaint: words of the server.
            used: what the refused request was made for.

        Returns:
            Whether the request should be sent again, in another form.
        """
        with self._lock:
            if used != self.ability:
                return True  # another thread has learnt it already
            taught = self._taught(complaint)
            if taught is None:
                return False
            for word in sorted((taught.without - used.without) & set(_DROPPABLE)):
                value = "none" if word == "detail" else "null"
                log.warning(
                    f"{self.host}: {self._params.model} does not take {word} = {getattr(self._params, word)}; it is "
                    f"left out from now on, as annotate.openai.{word}: {value} would have it"
                )
            self.ability = taught
            self._remember(form=taught.form, field=taught.field, without=sorted(taught.without))
            return True

    def _taught(self, complaint: str) -> Ability | None:
        """What a complaint teaches; None where nothing new."""
        able, text = self.ability, complaint.lower()
        if able.form == "json_schema" and CLOSED not in able.without and CLOSED.lower() in text:
            return replace(able, without=able.without | {CLOSED})
        for word in _DROPPABLE:
            # Without the word low, a server may look closely at pictures, and charge more than was reserved.
            sent = getattr(self._params, word) not in (None, "none", "low") and word not in able.without
            if sent and is_unknown(complaint, word):
                return replace(able, without=able.without | {word})
        if not self._fixed_field and any(is_unknown(complaint, name) for name in get_args(TokenField)):
            other: TokenField = "max_tokens" if able.field == "max_completion_tokens" else "max_completion_tokens"
            # It was changed before: the server takes neither, or the complaint is about something else.
            return None if self._known().get(self._name, {}).get("field") == able.field else replace(able, field=other)
        if not self._fixed_form and able.form != FORMS[-1] and any(word in text for word in _ABOUT_FORM):
            return replace(able, form=FORMS[FORMS.index(able.form) + 1])
        return None

    def hidden(self, text: str) -> str:
        """A text without the key, on one line."""
        shown = " ".join(text.split())
        return shown.replace(self.key, "***") if len(self.key) >= 4 else shown
