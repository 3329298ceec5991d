"""Protocols that have regions named: ``contact-sheet`` and ``set-of-mark``.

The provider sees numbered regions and answers with one list of numbers per class. A second question with larger crops
follows, about regions that were called unsure, given to two classes or left out (now cut into their parts in the merge
tree), about those whose names contradict what is around them, and about the largest, where a mistake costs most.
"""

import contextlib
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cubiseg import imaging, taxonomy
from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.parsing import find_object, numbers_in, plain_word
from cubiseg.annotation.protocols.base import Ask, Refused, Subject, describe_classes, text_of
from cubiseg.annotation.protocols.errors import UNSURE, Errors, no_numbers
from cubiseg.annotation.protocols.examples import sheets_of
from cubiseg.annotation.protocols.examples import words_of as words_of_examples
from cubiseg.annotation.sheets import FIRST, SECOND, VERSION, Grid, clean_picture, contact_sheets, numbered_picture
from cubiseg.answers.requests import Malformed, Request, Sheet, digest
from cubiseg.regions import Proposals
from cubiseg.regions.files import proposals_hash
from cubiseg.regions.mean_field import Weights, class_probabilities, describe
from cubiseg.regions.naming import Naming, Vote, count_votes

PARTS = 3
"""Pieces that a region is cut into when it is asked about again."""

AGAIN = 90
"""Pieces asked about in the second pass at most: three grids."""

LARGE = 0.015
"""Share of the picture from which a region is asked about twice."""

DOUBT = 0.5
"""A name that is less probable than this, given what is around, contradicts its surroundings."""

KEY_TOKENS, NUMBER_TOKENS = 110, 2
"""About what an answer takes: names and brackets once, a number and its comma each."""

STRANGERS = 0.2
"""Share of numbers that were never shown, from which an answer is none."""


def answer_schema() -> dict[str, Any]:
    """JSON schema of an answer, in the strict form that servers take: every key required, none besides."""
    numbers = {"type": "array", "items": {"type": "integer"}}
    names = (*taxonomy.NAMES, UNSURE)
    return {
        "type": "object",
        "properties": dict.fromkeys(names, numbers),
        "required": list(names),
        "additionalProperties": False,
    }


NAMES_ONLY = {name: name for name in (*taxonomy.NAMES, UNSURE)}


def words_of(codebook: Codebook) -> dict[str, str]:
    """Class by each word that an answer may use for it: its name, and the codebook's words that are for one class."""
    words: dict[str, set[str]] = {}
    for name in taxonomy.NAMES:
        for word in (*codebook.classes[name].ja, *codebook.classes[name].zh):
            words.setdefault(plain_word(word), set()).add(name)
    return {word: min(names) for word, names in words.items() if len(names) == 1} | NAMES_ONLY


def read_answer(text: str, shown: int, words: Mapping[str, str] = NAMES_ONLY) -> dict[str, list[int]]:
    """The numbers of each class, and of ``unsure``, each once and only those that were shown.

    Args:
        text: raw answer.
        shown: largest number that was shown; the smallest is 1.
        words: class by word, see :func:`words_of`.

    Raises:
        Malformed: no JSON object with lists of numbers by class, or about other regions.
    """
    answer = find_object(text, lambda found: sum(plain_word(key) in words for key in found))
    if answer is None:
        raise Malformed("no JSON object")
    lists = no_numbers()
    for key, value in answer.items():
        name = words.get(plain_word(key))
        if name is not None:
            lists[name] += numbers_in(value, shown)
    lists = counted_from_one(lists, shown)
    said = [n for numbers in lists.values() for n in numbers]
    strange = sum(not 1 <= n <= shown for n in said)
    if not said or strange > STRANGERS * len(said):
        raise Malformed("names no region that was shown")
    return {name: sorted({n for n in numbers if 1 <= n <= shown}) for name, numbers in lists.items()}


def counted_from_one(lists: Mapping[str, list[int]], shown: int) -> dict[str, list[int]]:
    """The numbers as they were shown, where a model counted from 0: then all are one off, and look as good as any.

    A 0 where the last number is missing gives it away. Where each number from 0 up to the last but one is named just
    once, nothing is left to guess, and they are moved up; a 0 in several lists only fills empty ones.

    Args:
        lists: numbers by class.
        shown: largest number that was shown; the smallest is 1.

    Raises:
        Malformed: counted from 0, but with gaps, so that it may as well be a slip.
    """
    said = [n for numbers in lists.values() for n in numbers]
    if said.count(0) != 1 or shown in said:
        return dict(lists)
    if sorted(said) == list(range(shown)):
        return {name: [n + 1 for n in numbers] for name, numbers in lists.items()}
    raise Malformed("counts regions from 0")


class RegionProtocol:
    """A protocol that has regions named; they differ in the pictures that they show."""

    version = 2
    suffix = ".json"
    needs_regions = True

    def __init__(self, name: str, grids: bool) -> None:
        self.name = name
        self.grids = grids

    def prompt(self, codebook: Codebook) -> str:
        """The question: what the pictures show, classes and rules, and the form of the answer."""
        shown = (
            "1. the picture; 2. the same with outlined, numbered regions (small ones carry no number there); 3. grids "
            "in which every region has a cell under its number: a close view, paler outside the region, beside a wider "
            "one that shows where it lies."
            if self.grids
            else "1. the picture; 2. the same with outlined, numbered regions."
        )
        return "\n".join(
            [
                f"Name the regions of this anime illustration. You see {shown}",
                *describe_classes(codebook),
                "Give every number to exactly one class, that of most of its area. Put a number under unsure as well "
                "where you cannot tell.",
                # Spaces between numbers would cost half as many tokens again.
                "Answer with JSON only, without spaces: "
                f"{json.dumps(no_numbers(), separators=(',', ':'))} with the numbers in "
                "the lists.",
            ]
        )

    def second_prompt(self, codebook: Codebook) -> str:
        """The question of the second pass."""
        return "\n".join(
            [
                "You named regions of this anime illustration. Some need a second look; here they are again, partly "
                "cut into smaller pieces, with new numbers. You see the picture, the pieces outlined in it, and each "
                "piece enlarged.",
                *self.prompt(codebook).splitlines()[1:],
            ]
        )

    def sheets(self, rgb: np.ndarray, numbers: np.ndarray, grid: Grid) -> tuple[Sheet, ...]:
        """The pictures of one question."""
        close = contact_sheets(rgb, numbers, grid) if self.grids or grid is SECOND else ()
        # The second time the picture is only there for orientation.
        return (clean_picture(rgb, "high" if grid is FIRST else "low"), numbered_picture(rgb, numbers), *close)

    def converse(self, subject: Subject, ask: Ask) -> bytes:
        """Have the regions named; the second pass is a bonus, whose failure spoils nothing."""
        proposals = subject.proposals()
        asked = reading_order(proposals, proposals.cut(subject.regions))
        answers = [_answer(self.request(subject, proposals, asked, 1), ask)]
        for vote in range(1, subject.votes):
            with contextlib.suppress(Malformed, Refused):
                answers.append(_answer(self.request(subject, proposals, asked, 1, vote), ask))
        votes, doubtful = votes_of_answers(asked, answers)
        unsure = {int(asked[n - 1]) for answer in answers for n in answer[UNSURE]}
        if subject.second_pass:
            picture = imaging.read_picture(subject.request.image).over()
            contradicting = second_opinions(proposals, asked, votes, picture)
            pieces = pieces_of(proposals, doubtful, [n for n in contradicting if n not in set(doubtful)])
            votes += self._again(subject, proposals, pieces, ask)
        naming = Naming(asked=tuple(asked.tolist()), votes=tuple(votes), unsure=tuple(sorted(unsure)))
        return naming.model_dump_json().encode()

    def _again(self, subject: Subject, proposals: Proposals, pieces: np.ndarray, ask: Ask) -> list[Vote]:
        """Votes of the second pass, none where it fails."""
        if not len(pieces):
            return []
        pieces = reading_order(proposals, pieces)
        try:
            return votes_of_answer(pieces, _answer(self.request(subject, proposals, pieces, 2), ask))[0]
        except (Malformed, Refused):
            return []

    def first(self, subject: Subject) -> Request:
        """The first question."""
        proposals = subject.proposals()
        return self.request(subject, proposals, reading_order(proposals, proposals.cut(subject.regions)), 1)

    def longest_second(self, subject: Subject) -> Request:
        """The second question with as many pieces as it may have."""
        proposals = subject.proposals()
        return self.request(subject, proposals, reading_order(proposals, proposals.cut(AGAIN)), 2)

    def answer_from_label(self, label: np.ndarray, errors: Errors, numbers: np.ndarray) -> str:
        """The answer of one who knows the label map.

        Args:
            label: (H, W) uint8, taxonomy ids, 255 where unknown.
            errors: errors that the answer has.
            numbers: (H, W) int32, number that is drawn on each pixel's region, 0 where none.
        """
        return json.dumps(errors.in_names(commonest_names(label, numbers)), separators=(",", ":"))

    def request(self, subject: Subject, proposals: Proposals, nodes: np.ndarray, turn: int, vote: int = 0) -> Request:
        """A question about regions.

        Args:
            subject: picture that is asked about.
            proposals: regions of the picture.
            nodes: (K,) int32, regions that are asked about, in the order of their numbers.
            turn, vote: number of the question and of its repetition, see :class:`Request`.
        """
        numbers = proposals.label(nodes) + 1
        grid = FIRST if turn == 1 else SECOND
        image = subject.request.image
        examples = subject.examples if turn == 1 else ()
        shown: dict[str, Any] = {"regions": proposals_hash(proposals), "nodes": nodes.tolist()}
        prompt = subject.request.prompt if turn == 1 else self.second_prompt(subject.codebook)
        if examples:
            shown["examples"] = [e.pixels for e in examples]
            prompt = f"{prompt}\n{words_of_examples(examples)}"
        return replace(
            subject.request,
            prompt=prompt,
            turn=turn,
            vote=vote,
            shown=digest(shown),
            schema=answer_schema(),
            sheets=lambda: (
                *sheets_of(examples),
                *self.sheets(imaging.read_picture(image).over(), numbers, grid),
            ),
            look=VERSION,
            expected=functools.partial(self.answer_from_label, numbers=numbers),
            check=functools.partial(read_answer, shown=len(nodes), words=words_of(subject.codebook)),
            answer_tokens=KEY_TOKENS + NUMBER_TOKENS * len(nodes),
        )


def commonest_names(label: np.ndarray, numbers: np.ndarray) -> list[str | None]:
    """The class of most pixels of each numbered region, in the order of the numbers; None where most are unknown.

    Args:
        label: (H, W) uint8, taxonomy ids, 255 where unknown.
        numbers: (H, W) int32, 1.. on regions, 0 elsewhere.
    """
    names = (*taxonomy.NAMES, None)
    wide = np.where(label == taxonomy.IGNORE_INDEX, taxonomy.NUM_CLASSES, label).astype(np.int64)
    count = int(numbers.max()) + 1
    seen = np.bincount(numbers.ravel().astype(np.int64) * len(names) + wide.ravel(), minlength=count * len(names))
    return [names[i] for i in seen.reshape(count, len(names)).argmax(1)[1:]]


def _answer(request: Request, ask: Ask) -> dict[str, list[int]]:
    if request.check is None:
        raise ValueError("a request of this protocol knows how its answer is read")
    return request.check(text_of(ask(request)))  # type: ignore[return-value]


def votes_of_answers(nodes: np.ndarray, answers: Sequence[Mapping[str, Sequence[int]]]) -> tuple[list[Vote], list[int]]:
    """Votes of several answers to one question, and the nodes that are left in doubt or that they name apart."""
    each = [votes_of_answer(nodes, answer) for answer in answers]
    votes = [vote for one, _ in each for vote in one]
    named: dict[int, set[str]] = {}
    for vote in votes:
        named.setdefault(vote.node, set()).add(vote.name)
    doubtful = {n for _, doubts in each for n in doubts} | {n for n, names in named.items() if len(names) > 1}
    return votes, [int(n) for n in nodes if int(n) in doubtful]


def votes_of_answer(nodes: np.ndarray, answer: Mapping[str, Sequence[int]]) -> tuple[list[Vote], list[int]]:
    """Votes of one answer, and the nodes that it leaves in doubt.

    A region that was given to several classes splits its vote; one that was called unsure has half of one.
    """
    given: dict[int, list[str]] = {}
    for name, numbers in answer.items():
        if name != UNSURE:
            for n in numbers:
                given.setdefault(n, []).append(name)
    unsure = set(answer[UNSURE])
    votes = [
        Vote.model_construct(node=int(nodes[n - 1]), name=name, weight=(0.5 if n in unsure else 1.0) / len(names))
        for n, names in sorted(given.items())
        for name in names
    ]
    doubtful = [int(nodes[n - 1]) for n in range(1, len(nodes) + 1) if n in unsure or len(given.get(n, ())) != 1]
    return votes, doubtful


def second_opinions(proposals: Proposals, asked: np.ndarray, votes: Sequence[Vote], rgb: np.ndarray) -> list[int]:
    """Nodes whose names contradict their surroundings, then the large ones: what is worth a second look."""
    naming = Naming(asked=tuple(asked.tolist()), votes=tuple(votes))
    unit_map, tally = count_votes(proposals, naming)
    units = describe(unit_map, tally, rgb, proposals.seen_label())
    probability = class_probabilities(units, Weights())
    named = tally.argmax(1)
    doubtful = (probability[np.arange(len(named)), named] < DOUBT) & (tally.max(1) > 0)
    large = units.area > LARGE * unit_map.size
    # Units are numbered by the nodes that were asked about, in ascending order.
    nodes = np.sort(asked)
    order = np.argsort(-units.area, kind="stable")
    return [int(nodes[u]) for mask in (doubtful, large & ~doubtful) for u in order if mask[u]]


def pieces_of(proposals: Proposals, doubtful: Sequence[int], again: Sequence[int]) -> np.ndarray:
    """What the second question is about: (K,) int32.

    Args:
        proposals: regions of the picture.
        doubtful: nodes to be cut into their parts in the merge tree.
        again: nodes to be shown as they were, the most important first.
    """
    pieces = [piece for node in doubtful for piece in proposals.tree.split(node, PARTS)]
    return np.array([*pieces, *again][:AGAIN], np.int32)


def reading_order(proposals: Proposals, nodes: np.ndarray) -> np.ndarray:
    """The nodes by where they lie: in bands from top to bottom, in each from left to right."""
    owner = proposals.label(nodes)
    height, width = owner.shape
    flat = owner.ravel() + 1
    area, rows, columns = (
        np.bincount(flat, weights, len(nodes) + 1)[1:]
        for weights in (None, np.repeat(np.arange(height), width), np.tile(np.arange(width), height))
    )
    middle = np.maximum(area, 1)
    band = np.floor(rows / middle / (height / 16))
    return nodes[np.lexsort((columns / middle, band))]
