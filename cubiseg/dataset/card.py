"""The data card: what is in the data set, where it comes from, who labelled it, what is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from cubiseg import taxonomy
from cubiseg.dataset.figures import SplitMetrics
from cubiseg.samples import Sample, Split


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in r) + " |" for r in lines)


def _tally(rows: Sequence[Sample], head: str, values: Sequence[Sequence[str]]) -> str:
    """Pictures by a property and split; ``values`` holds the property's values of each row."""
    counts = Counter((v, r.split) for r, of_row in zip(rows, values, strict=True) for v in of_row)
    names = sorted({v for v, _ in counts})
    return _table((head, *(p.value for p in Split)), [(n, *(counts[n, p] for p in Split)) for n in names])


def _occurrences(head: str, share: dict[str, dict[str, float]], pictures: dict[str, dict[str, int]]) -> str:
    return _table(
        (head, *(p.value + " %" for p in Split), *(p.value + " pictures" for p in Split)),
        [
            (
                name,
                *(f"{100 * share[p.value][name]:.2f}" for p in Split),
                *(pictures[p.value][name] for p in Split),
            )
            for name in share[Split.TRAIN.value]
        ],
    )


def card(rows: Sequence[Sample], figures: SplitMetrics) -> str:
    """The data card, in Markdown.

    Args:
        rows: samples with their splits.
        figures: what was counted of them.
    """
    left_out = ", ".join(f"{n} ({why})" for why, n in figures.left_out.items())
    numbers = [("pictures", *figures.pictures.values()), ("groups", *figures.groups.values())]
    parts = [
        f"# Anime segmentation, taxonomy v{taxonomy.VERSION}",
        f"{len(rows)} pictures of {sum(figures.groups.values())} groups (characters, artists or clusters of "
        "near-duplicates). A group lies in one split only. `samples.jsonl` has a record for each picture, "
        "`classes.json` the classes and their parts; label maps are indexed PNG of ids, 255 is not known. A map may "
        "tell parts in some places and classes in others: a class id says that nobody told its parts apart. Left and "
        "right are the character's own: mirror a picture and the `flip_pairs` and `part_flip_pairs` must swap.",
        _table(("", *(p.value for p in Split)), numbers),
        f"Left out for want of a label: {left_out or 'none'}.",
    ]
    if figures.note:
        parts.append(f"**Note.** {figures.note}")
    flags = [[f.value for f in r.flags] or ["none"] for r in rows]
    parts += [
        "## Where it comes from",
        _tally(rows, "source, licence, rating", [[f"{r.source}, {r.licence}, {r.rating}"] for r in rows]),
        "## Who labelled it",
        "`given`: came with the picture. `human`: corrected by a person. `simulated`: the known label with set errors, "
        "cleaned by rules; stands in for a vision model. `llm`, `model`: answered by one, cleaned by rules.",
        _tally(rows, "method", [[r.label_method.value if r.label_method else "none"] for r in rows]),
        "## Quality flags",
        _tally(rows, "flag", flags),
        "## Classes",
        "Share of the pixels in percent, and in how many pictures the class occurs.",
        _occurrences("class", figures.class_share, figures.class_pictures),
    ]
    if any(n for of_split in figures.part_pictures.values() for n in of_split.values()):
        parts += [
            "## Who told the parts apart",
            "`label`: whoever made the label map. `model`: a model, of the classes that an answer gave; train on "
            "them, but measure no parts by them.",
            _tally(rows, "parts by", [[r.parts_by.value if r.parts_by else "none"] for r in rows]),
        ]
        parts += ["## Parts", "Where they are told.", _occurrences("part", figures.part_share, figures.part_pictures)]
    return "\n\n".join(parts) + "\n"
