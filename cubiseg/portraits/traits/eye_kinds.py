"""Kinds of eyes: the means around which the shape of each kind varies. Two kinds blend into the eyes between them."""

from dataclasses import astuple, dataclass

import numpy as np

from cubiseg.portraits.rng import Rng


@dataclass(frozen=True)
class EyeShape:
    """The outline of an open eye, its iris and its lashes.

    Attributes:
        width: width of the eye in head units.
        ratio: height in widths.
        tilt: rise of the outer corner, a slope.
        peak: place at which the upper lid is highest, -1 at the inner corner to 1 at the outer.
        inner, outer: heights of the corners, -0.5 top to 0.5 bottom of the eye.
        inner_bow, outer_bow: power of the upper lid's curve on either side of its peak; high is boxy.
        inner_round, outer_round: 0 the lid ends in a pointed corner, 1 it comes round as a circle.
        low_peak, low_bow, low_round: peak, power and roundness for the lower lid.
        iris: half width of the iris in half widths of the eye.
        aspect: height of the iris in its widths.
        sink: share of the iris below the lower lid, negative leaves white under it.
        lash: thickness of the upper lash in head units.
        heavy: 0 an even lash, 1 thick outside, -1 thick in the middle.
        wing: length of the lash's outer corner in head units.
        wing_turn: direction of that corner in radians, 0 outwards, positive up.
        lower: 0..1, how much of the lower lid is drawn.
    """

    width: float = 0.6
    ratio: float = 0.8
    tilt: float = 0.02
    peak: float = 0.05
    inner: float = 0.12
    outer: float = 0.06
    inner_bow: float = 2.1
    outer_bow: float = 2.3
    inner_round: float = 0.4
    outer_round: float = 0.6
    low_peak: float = 0.05
    low_bow: float = 2.5
    low_round: float = 0.4
    iris: float = 0.73
    aspect: float = 1.18
    sink: float = 0.05
    lash: float = 0.075
    heavy: float = 0.5
    wing: float = 0.07
    wing_turn: float = 0.25
    lower: float = 0.5


def _shapes(table: str) -> dict[str, EyeShape]:
    """Shapes from a row each, below a head line: a name and the attributes in order, ``-`` for the usual value."""
    usual, shapes = astuple(EyeShape()), {}
    for words in map(str.split, table.strip().splitlines()[1:]):
        values = [
            value if word == "-" else float(word) for word, value in zip(words[-len(usual) :], usual, strict=True)
        ]
        shapes[" ".join(words[: -len(usual)])] = EyeShape(*values)
    return shapes


KINDS = _shapes("""
                wide  rat tilt peak   in  out ibow obow irnd ornd  lpk lbow lrnd iris  asp sink lash hvy wing turn lower
    round          -  .92    -    -    -    -    -    -  .65   .8    -    -    -  .77  1.2    -    -   -    -    -     -
    tall         .55 1.18    -    -    -    -    -    -   .5   .7    -    -   .6   .8 1.42    -    -   -    -    -     -
    bold           -  .78    -  .15    -  .16    -    -    -  .75    -    -    -    -    -    -   .1  .8  .12    -    .3
    almond       .58  .58  .05    -  .22 -.03  1.7  1.9   .1   .2    -  1.9   .1  .65  1.1  .08    -   -    -    -     -
    upturned       -  .66  .11  .25  .26 -.12  1.6  2.4  .12   .5 -.12  1.8  .25  .68    -    -    -  .9  .13   .6     -
    drooping       -  .74 -.09 -.12  .02   .2    -    2   .3   .4   .3  2.2    -    -    -    -    -  .7  .09 -.35     -
    half lidded    -   .5    -   .1 -.08  -.1  4.5    5   .6   .7    -    -   .6  .68  1.2  .04    -  .3  .05  -.1     -
    sharp        .58   .5  .09  .45   .3  -.1 1.25  2.6  .05   .5  .15  2.6   .3  .61 1.12    -  .05  .6  .05   .3    .4
    narrow       .56  .34  .06    -   .2  -.1  1.8  2.2   .1   .2   .1  2.2  .15  .56 1.05  .12 .042  .3  .04   .1   .45
    realistic    .57  .46  .05    -  .24    0  1.7    2   .1   .2  .15  2.1   .1  .57 1.03   .1  .04  .6  .06   .3    .8
    small iris     -  .62    -    -   .1    0    -    -    -    -    -    -    -  .36 1.08  -.3 .055   -    -    -    .8
    shoujo       .64    1    -    -    -    -    -    -   .6   .7    -    -    -  .82 1.28    -  .08   -  .14   .3    .9
    cat          .62    -   .1   .2   .3 -.12  1.7    -  .25   .5 -.05    2    -  .75 1.12    -    -   -  .12  .45     -
    baby          .7  .98 -.02    -    -    -    -    -  .75  .85    -    -   .7  .78 1.25    - .065  .1  .03    -   .25
    dot           .3 1.45    0    0    0    0    2    2    1    1    0    2    1  1.3  1.3   .2  .03   0    0    -     0
    plain ball   .56    1    0    0    0    0    2    2    1    1    0    2    1   .3  1.1  -.9 .025   0    0    -     1
""")
GAGS = frozenset({"dot", "plain ball"})
"""Eyes of a joke: neither blended nor given lashes and lid folds."""

_SPREAD, _LOW, _HIGH = _shapes("""
                wide  rat tilt peak   in  out ibow obow irnd ornd  lpk lbow lrnd iris  asp sink lash hvy wing turn lower
    spread      .045  .08 .035  .08  .05  .06  .25   .3  .12  .12   .1   .3  .15  .05  .07  .06 .018 .25  .04   .2   .25
    low           .2  .24 -.16  -.5  -.3  -.3  1.1  1.2    0    0  -.4  1.4    0  .24   .9 -1.2 .018  -1    0   -1     0
    high         .76  1.5  .19   .6  .38  .32    7    7    1    1   .5    6    1  1.4  1.6   .3  .12   1  .26  1.2     1
""").values()


def draw_shape(rng: Rng, kind: str, other: str, maturity: float, masculine: float) -> EyeShape:
    """An eye of ``kind``, somewhat like ``other``; flatter and thinner-lashed on the mature and the angular."""
    a, b, spread = (np.array(astuple(s)) for s in (KINDS[kind], KINDS[other], _SPREAD))
    blend = 0.0 if {kind, other} & GAGS else 0.45 * rng.random() ** 2
    values = a + (b - a) * blend + spread * rng.normal(0, 1, len(a)) * (0.4 if kind in GAGS else 1.0)
    shape = EyeShape(*np.clip(values, astuple(_LOW), astuple(_HIGH)).tolist())
    if kind in GAGS:
        return shape
    flat = 1.1 - 0.17 * maturity - 0.1 * masculine
    thin = 1.08 - 0.3 * masculine
    small = 1.06 - 0.1 * maturity - 0.04 * masculine
    return EyeShape(
        **{
            **shape.__dict__,
            "width": shape.width * small,
            "ratio": shape.ratio * flat,
            "lash": shape.lash * thin,
            "wing": shape.wing * (1 - 0.6 * masculine),
            "iris": min(shape.iris * (1.03 - 0.08 * maturity), 0.87),
        }
    )
