"""Telling a refusal from an answer that is merely broken."""

import re

_REFUSAL = re.compile(
    r"\b(i['’]?m sorry|i am sorry|i can['’]?t|i cannot|i['’]?m (?:not able|unable)|i am (?:not able|unable)|unable to "
    r"(?:help|assist)|申し訳|できません|お手伝い|抱歉|对不起|無法|无法|不能)",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Whether a text that holds no JSON says that the model will not answer."""
    return len(text) < 2000 and "{" not in text and _REFUSAL.search(text) is not None
