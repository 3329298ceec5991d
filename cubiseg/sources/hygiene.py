"""What may be wrong with a picture that somebody brings: each fault is a flag, with a reason in half a line.

No flag changes or leaves out a picture by itself; params say which do. How sure each is was measured on generated
pictures with one fault each (``benchmarks/hygiene.py``); docs/annotate-danbooru.md has the figures.
"""

from pathlib import Path

import numpy as np

from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.samples import Flag, Sample
from cubiseg.sources.faults import blur, is_grey, text_lines
from cubiseg.sources.looking import Seen, look_at
from cubiseg.sources.params import HygieneParams

BLURRED = 0.45
"""Blur, 0..1, from which a picture is flagged."""
OTHER_HEAD = 0.4
"""Share of the largest head's side that another one has at least to be another person's."""


def find_faults(picture: Picture, content: Box, params: HygieneParams, model: Path | None) -> dict[Flag, str]:
    """What is wrong with one picture, by flag, with the reason.

    Args:
        picture: the whole of it.
        content: the picture without its bars, whole px.
        params: how it is judged.
        model: looks for faces; None leaves that out.

    Raises:
        CubisegError: it is no usable model.
    """
    height, width = picture.size
    drawing = np.ascontiguousarray(picture.over()[content.window])
    found: dict[Flag, str] = {}
    if (content.height, content.width) != picture.size:
        left, top, right, bottom = (int(side) for side in content)
        found[Flag.BARS] = f"the drawing is x {left} to {right}, y {top} to {bottom} of {width}x{height}"
    if min(content.width, content.height) < params.min_side:
        found[Flag.SMALL] = f"{content.width:.0f}x{content.height:.0f} px, under {params.min_side}"
    if is_grey(drawing):
        found[Flag.GREYSCALE] = "no colours"
    if lines := text_lines(drawing):
        found[Flag.TEXT] = f"{lines} line{'s' if lines > 1 else ''} of letters"
    if (blurred := blur(drawing)) >= BLURRED:
        found[Flag.BLURRED] = f"blur {blurred:.2f}"
    if model is not None:
        found |= _of_people(look_at(model, picture))
    return found


def _of_people(seen: Seen) -> dict[Flag, str]:
    if not seen.shows_face:
        return {Flag.NO_FACE: f"a face is likely by {seen.face:.2f}"}
    heads = [head for head in seen.heads if head.longest >= OTHER_HEAD * seen.heads[0].longest]
    return {Flag.SEVERAL_PEOPLE: f"{len(heads)} heads"} if len(heads) > 1 else {}


def why_left_out(sample: Sample, params: HygieneParams) -> str:
    """Why a sample is left out, for ``rejected.jsonl``; "" where it is not."""
    bad = [flag for flag in sample.flags if flag in params.leave_out]
    if not bad:
        return ""
    reasons = "; ".join(f"{flag} ({sample.reasons[flag]})" for flag in bad)
    return f"is flagged {reasons}; take the flag out of prepare.hygiene.leave_out to keep it"
