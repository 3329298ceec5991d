"""A refusal is told from an answer that is merely broken."""

from hypothesis import given
from hypothesis import strategies as st

from cubiseg.answers.refusals import is_refusal


def test_refusals_are_told_from_other_prose() -> None:
    assert is_refusal("I'm sorry, but I can't assist with that request.")
    assert is_refusal("申し訳ありませんが、お手伝いできません。")
    assert is_refusal("抱歉，我无法帮助您。")
    assert not is_refusal("The picture shows a girl with long hair.")
    assert not is_refusal('{"hair": [1]} I cannot tell the rest.')


@given(st.text(max_size=300) | st.text('{}[]",:1 \n', max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert is_refusal(text) in (True, False)
