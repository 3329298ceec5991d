"""What a request costs: list prices, and how servers count the tokens of pictures and text."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from cubiseg.answers.requests import Request

_FILE = Path(__file__).with_name("prices.yaml")
_LETTERS_A_TOKEN = 3.6
"""English instructions and lists of names, measured on the prompts with the tokenizer of GPT-4o."""

_OVERHEAD = 60
"""Tokens of roles, separators and the schema's frame."""

Dollars = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]


class PictureTokens(BaseModel):
    """How many tokens a picture takes. Either by tiles or by patches.

    Attributes:
        tiles, base: tokens by tile: the picture is scaled into 2048x2048 and to a shortest side of at most 768 px; each
            tile of 512 px counts ``tiles``, the picture ``base``; at low detail only ``base`` (OpenAI's rule for
            GPT-4o).
        patches, most: tokens by patch: patches of ``patch`` px, at most ``most``, times ``patches`` (OpenAI's rule for
            GPT-4.1-mini).
        patch: side of a patch, px.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tiles: Annotated[int, Field(ge=0)] | None = None
    base: Annotated[int, Field(ge=0)] = 0
    patches: Annotated[float, Field(gt=0)] = 1.0
    most: Annotated[int, Field(ge=1)] | None = None
    patch: Annotated[int, Field(ge=1)] = 32

    def count(self, width: int, height: int, low: bool = False) -> int:
        """Tokens of a picture of a size in px."""
        if self.tiles is None:
            patches = math.ceil(width / self.patch) * math.ceil(height / self.patch)
            return math.ceil(min(patches, self.most or patches) * self.patches)
        if low:
            return self.base
        scale = min(1.0, 2048 / max(width, height))
        scale *= min(1.0, 768 / (min(width, height) * scale))
        # Sizes that are a hair above a multiple of 512 by rounding are not another tile.
        across, down = (math.ceil(round(side * scale) / 512) for side in (width, height))
        return self.base + self.tiles * across * down


class Price(BaseModel):
    """US dollars per million tokens.

    Attributes:
        input, output: price of the question and of the answer.
        cached: price of what the server had read before; None: as ``input``.
        picture: how the server counts pictures; the default, patches of 28 px without a limit, is that of open models
            that look at pictures at full size.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Dollars
    output: Dollars
    cached: Dollars | None = None
    picture: PictureTokens = PictureTokens(patch=28)

    def cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """US dollars of a request."""
        cached_tokens = min(cached_tokens, input_tokens)
        cached = self.input if self.cached is None else self.cached
        paid = (input_tokens - cached_tokens) * self.input + cached_tokens * cached + output_tokens * self.output
        return paid / 1e6


@dataclass(frozen=True)
class Tokens:
    """What a request takes.

    Attributes:
        text, pictures: tokens of the question.
        answer: tokens of the answer, about.
    """

    text: int
    pictures: int
    answer: int


@dataclass(frozen=True)
class Tariff:
    """What a provider charges, for a plan.

    Attributes:
        model: name of the model that answers.
        price: price of its tokens.
        factor: share of that price that is asked, below 1 for requests in bulk.
        tokens: counts what a request takes, about.
    """

    model: str
    price: Price
    factor: float
    tokens: Callable[[Request], Tokens]


class PriceList(BaseModel):
    """The file ``prices.yaml``.

    Attributes:
        date: day of the prices.
        batch: share of the price that a request in a batch costs.
        models: price by model; dated versions of a model (``gpt-4o-2024-11-20``) cost what the model costs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    batch: float
    models: dict[str, Price]

    def find(self, model: str, own: Mapping[str, Price]) -> Price | None:
        """Price of a model, None where it is not known.

        Args:
            model: name that is sent to the server; a maker's name before it (``openai/gpt-4o``) does not count.
            own: prices of the user, which go first.
        """
        for prices in (own, self.models):
            for name in (model, model.rpartition("/")[2]):
                if name in prices:
                    return prices[name]
                longest = [n for n in prices if name.startswith(n + "-20")]
                if longest:
                    return prices[max(longest, key=len)]
        return None


@functools.cache
def price_list() -> PriceList:
    """The list that comes with cubiseg."""
    return PriceList.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def text_tokens(text: str) -> int:
    """About how many tokens a text takes: letters of European languages by the handful, all others one each."""
    plain = sum(c < "\u0250" for c in text)
    return math.ceil(plain / _LETTERS_A_TOKEN + (len(text) - plain)) + _OVERHEAD


def most_text_tokens(text: str) -> int:
    """More tokens than a text can take: one a byte."""
    return len(text.encode()) + 4 * _OVERHEAD
