"""Which corrected pictures make the best worked examples for the prompt."""

from collections.abc import Mapping, Sequence

from cubiseg.review.confusions import Confusion, NameCounts
from cubiseg.samples import Sample
from cubiseg.taxonomy import ID


def choose_examples(
    tallies: Mapping[str, NameCounts], samples: Sequence[Sample], confusions: Sequence[Confusion], most: int
) -> list[str]:
    """Pictures that together show the most of what is confused, one of a group.

    Each next one adds most to the confusions that are shown; one that shows none is no example. Of equals, the one with
    more of the confused regions counts, then the id.

    Args:
        tallies: names by sample id.
        samples: the samples that tallies are of.
        confusions: what is to be shown, the most frequent first.
        most: number of examples at most.
    """
    weight = {(c.true, c.said): c.regions for c in confusions}
    shows = {
        s.id: {pair: tallies[s.id].names[ID[pair[0]], ID[pair[1]]] for pair in weight}
        for s in samples
        if s.id in tallies
    }
    group = {s.id: s.group for s in samples}
    chosen: list[str] = []
    covered: set[tuple[str, str]] = set()
    while len(chosen) < most:
        taken = {group[i] for i in chosen}
        gain = {
            i: (sum(weight[p] for p, n in seen.items() if n > 0 and p not in covered), sum(seen.values()))
            for i, seen in shows.items()
            if group[i] not in taken
        }
        best = min(gain, key=lambda i: (-gain[i][0], -gain[i][1], i), default=None)
        if best is None or gain[best][0] == 0:
            return chosen
        chosen.append(best)
        covered |= {p for p, n in shows[best].items() if n > 0}
    return chosen
