"""What lies before what when a head is turned far: bundles on the near side come forward, locks on the far side go."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits.hair.strands import Hair, Strand
from cubiseg.portraits.head import Head

_AT_THE_SIDE = frozenset(
    {"high_twin", "long_twin", "thin_twin", "curled_twin", "big_drills", "odango", "side_pony", "ringlet_pony"}
)
"""Kinds of back hair tied on the head's side, so that the near bundle hides part of the head."""
_FAR = 0.6
"""Yaw (radians) from which it matters."""


def turned(hair: Hair, head: Head) -> Hair:
    """``hair`` with its strands, buns and ties sorted for the head's pose; ties that the head hides are left out."""
    yaw = head.pose.yaw
    if abs(yaw) < _FAR:
        return hair
    far = float(np.sign(yaw))

    def beyond(s: Strand) -> bool:  # a lock that hangs past the far cheek
        return bool(far * s.points[-1, 0] > 0.85 and s.points[-1, 1] > 0.7)

    def near(s: Strand) -> bool:  # a bundle tied at the near side
        return bool(far * s.points[:, 0].mean() < -0.85 and far * s.points[0, 0] < -0.75)

    side = hair.names.get("back") in _AT_THE_SIDE
    loose, bundles = hair.mid[: hair.base], [*hair.mid[hair.base :], *hair.back]
    come = [s for s in bundles if side and near(s)]
    out = set(map(id, come))
    back = [s for s in hair.back if id(s) not in out]
    mid = [*loose, *(s for s in hair.mid[hair.base :] if id(s) not in out), *filter(beyond, hair.front)]
    front, buns = [*(s for s in hair.front if not beyond(s)), *come], [b for b in hair.buns if far * b[0] > -0.6]
    near_buns, ties = [b for b in hair.buns if far * b[0] <= -0.6], [t for t in hair.ties if far * t[0] < 0.7]
    return replace(hair, back=back, mid=mid, front=front, buns=buns, near_buns=near_buns, ties=ties)
