"""Who goes where: groups shared out to train, val and test."""

import hashlib
import math
from collections.abc import Mapping

from cubiseg.dataset.params import SplitParams
from cubiseg.errors import CubisegError
from cubiseg.samples import Split


def assign(groups: Mapping[str, bool], params: SplitParams) -> tuple[dict[str, Split], str | None]:
    """Share groups out.

    Groups stand in the order of a hash of the seed and their names; val is taken from its front and test from its
    back, so that new groups move few of the others, and none from test to val.

    Args:
        groups: name of each group, and whether all its labels may measure others (given or human).
        params: shares of val and test, and the seed of the order.

    Returns:
        The split of each group, and a note where val or test had to take groups with other labels.

    Raises:
        CubisegError: fewer than three groups.
    """
    if len(groups) < 3:
        raise CubisegError(
            f"split: {len(groups)} groups with labels are too few for train, val and test; "
            "add pictures of more characters (or artists), or name their groups in data/references/samples.csv"
        )

    def place(group: str) -> str:
        return hashlib.sha256(f"split:{params.seed}:{group}".encode()).hexdigest()

    val, test = (max(1, math.floor(share * len(groups) + 0.5)) for share in (params.val, params.test))
    while val + test >= len(groups):  # few groups: something must be left to train on
        val, test = (val - 1, test) if val >= test else (val, test - 1)
    trusted = sorted((g for g in groups if groups[g]), key=place)
    note = None
    if len(trusted) < val + test:
        note = (
            f"Only {len(trusted)} groups have labels that are all given or human, and val and test need {val + test}: "
            "the figures on them partly measure how well other labels were copied."
        )
        trusted += sorted((g for g in groups if not groups[g]), key=place)[: val + test - len(trusted)]
    chosen = dict.fromkeys(groups, Split.TRAIN)
    chosen.update(dict.fromkeys(trusted[:val], Split.VAL))
    chosen.update(dict.fromkeys(trusted[-test:], Split.TEST))
    return chosen, note
