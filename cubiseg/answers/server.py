"""A server: where it is, the key it wants, and what it can do, found out once and remembered."""

import ipaddress
import json
import os
import re
import threading
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from cubiseg.answers.chat import FORMS, Form, TokenField
from cubiseg.answers.params import ChatParams
from cubiseg.errors import CubisegError
from cubiseg.files import write_text

_FILE = "servers.json"
_UNKNOWN = re.compile(r"unsupported|not (supported|permitted|allowed)|un(known|recognized|expected)|instead|extra")
_ABOUT_FORM = ("response_format", "json_object", "schema", "grammar", "structured")


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
        self._file = root / _FILE
        self._name = f"{params.base_url} {params.model}"
        self._lock = threading.Lock()
        known = self._known().get(self._name, {})
        default: TokenField = "max_completion_tokens" if self.host.endswith("openai.com") else "max_tokens"
        self.form: Form = known.get("form", FORMS[0])
        self.field: TokenField = known.get("field", default)
        self._fixed_form, self._fixed_field = params.answer_format != "auto", False
        if params.answer_format != "auto":
            self.form = params.answer_format
        if params.token_field != "auto":  # noqa: S105 (no secret)
            self.field, self._fixed_field = params.token_field, True

    def _known(self) -> dict[str, dict[str, Any]]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                name: facts
                for name, facts in known.items()
                if facts.get("form", FORMS[0]) in FORMS and facts.get("field", "max_tokens") in get_args(TokenField)
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

    def learn(self, complaint: str, form: Form, field: TokenField) -> bool:
        """Take a refused request as a lesson on what the server can do.

        Args:
            complaint: words of the server.
            form, field: how the refused request asked for JSON and named the cap on tokens.

        Returns:
            Whether the request should be sent again, in another form.
        """
        text = complaint.lower()
        with self._lock:
            if (form, field) != (self.form, self.field):
                return True  # another thread has learnt it already
            if not self._fixed_field and any(f in text for f in get_args(TokenField)) and _UNKNOWN.search(text):
                other: TokenField = "max_tokens" if field == "max_completion_tokens" else "max_completion_tokens"
                if self._known().get(self._name, {}).get("field") == field:
                    return False  # it was changed before: the complaint is about something else
                self.field = other
            elif not self._fixed_form and form != FORMS[-1] and any(word in text for word in _ABOUT_FORM):
                self.form = FORMS[FORMS.index(form) + 1]
            else:
                return False
            write_text(self._file, json.dumps({**self._known(), self._name: {"form": self.form, "field": self.field}}))
            return True

    def hidden(self, text: str) -> str:
        """A text without the key, on one line."""
        shown = " ".join(text.split())
        return shown.replace(self.key, "***") if len(self.key) >= 4 else shown
