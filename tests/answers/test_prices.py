"""Prices and tokens follow the servers' published rules."""

import pytest

from cubiseg.answers.prices import PictureTokens, Price, most_text_tokens, price_list, text_tokens


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    # OpenAI's own examples, and sizes of our sheets.
    [(1024, 1024, 765), (2048, 4096, 1105), (512, 512, 255), (1770, 1330, 765), (1498, 1674, 765), (1280, 1280, 765)],
)
def test_tiles_are_counted_as_openai_does(width: int, height: int, tokens: int) -> None:
    rule = PictureTokens(tiles=170, base=85)
    assert rule.count(width, height) == tokens
    assert rule.count(width, height, low=True) == 85


def test_patches_have_a_limit_and_a_factor() -> None:
    rule = PictureTokens(patches=1.62, most=1536)
    assert rule.count(320, 320) == 162
    assert rule.count(4096, 4096) == rule.count(2048, 2048) == 2489


def test_cached_tokens_cost_less_and_are_part_of_the_input() -> None:
    price = Price(input=2, cached=0.5, output=8)
    assert price.cost(1_000_000, 0) == 2
    assert price.cost(1_000_000, 100_000, 400_000) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.8)
    assert price.cost(10, 0, 10**9) == pytest.approx(10 * 0.5 / 1e6)


def test_a_model_is_found_by_its_name_its_date_and_its_maker_and_own_prices_go_first() -> None:
    prices = price_list()
    assert prices.find("gpt-4o-2024-11-20", {}) == prices.find("openai/gpt-4o", {}) == prices.models["gpt-4o"]
    assert prices.find("gpt-4o-mini-2024-07-18", {}) == prices.models["gpt-4o-mini"]
    assert prices.find("gpt-4o-audio", {}) is None
    assert prices.find("llama", {}) is None
    own = {"gpt-4o": Price(input=1, output=1)}
    assert prices.find("gpt-4o", own) == own["gpt-4o"]


def test_the_most_is_never_below_the_estimate() -> None:
    for text in ("", "Name the regions", "髪と顔" * 50, "👁" * 9, "a" * 5000):
        assert most_text_tokens(text) >= text_tokens(text)
