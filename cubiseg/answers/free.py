"""What providers have in common that cost nothing: no bill, nothing to draw or to connect to, a plain asker."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from cubiseg.answers.asking import Asker
from cubiseg.answers.base import AnyAsker, Provider
from cubiseg.answers.prices import Tariff
from cubiseg.answers.requests import Request
from cubiseg.answers.store import ResponseStore


class FreeProvider(Provider):
    """See the module; ``name``, ``fingerprint`` and ``annotate`` are left to each."""

    @property
    def host(self) -> str:
        """Nothing is sent anywhere."""
        return ""

    @property
    def tariff(self) -> Tariff | None:
        """There is none."""
        return None

    @property
    def draw(self) -> Callable[[Request], object] | None:
        """What pictures it needs, it draws itself."""
        return None

    def worst_cost(self, request: Request) -> float:
        """Always 0."""
        return 0.0

    def require_key(self) -> None:
        """None is wanted."""

    def connect(self) -> None:
        """It is ready."""

    def greeting(self) -> Request | None:
        """It is known."""
        return None

    def greeted(self) -> None:
        """It never is."""

    def asker(self, store: ResponseStore) -> AbstractContextManager[AnyAsker]:
        """One without a purse."""
        return contextlib.nullcontext(Asker(self, store))
