"""What tools call classes and parts: by name, never by number, since tools number as they like."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cubiseg import taxonomy

IGNORE = "ignore"
"""What pixels are called of which nobody can tell what they are: 255 in a label map."""
SKIP = "skip"
"""As the meaning of another name: leave such shapes out."""

NAME_OF: dict[int, str] = {**taxonomy.PART_NAME, taxonomy.IGNORE_INDEX: IGNORE}
"""Names by id, of classes, parts and 255."""
_ID_OF = {name: number for number, name in NAME_OF.items()}


@dataclass(frozen=True)
class Translation:
    """What names mean.

    Attributes:
        meant: other names: ours, ``ignore`` or ``skip``. Names that are ours need no entry.
    """

    meant: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for theirs, ours in self.meant.items():
            if ours not in _ID_OF and ours != SKIP:
                raise ValueError(f"{theirs!r} cannot mean {ours!r}: name a class, a part, {IGNORE} or {SKIP}")

    def id_of(self, name: str) -> int | None:
        """Id of what a name means; None to leave it out.

        Raises:
            ValueError: nobody said what it means.
        """
        ours = self.meant.get(name, name)
        if ours == SKIP:
            return None
        if ours not in _ID_OF:
            raise ValueError(f"{name!r} is no class or part; say which it is: --name '{name}=hair', or '{name}={SKIP}'")
        return _ID_OF[ours]

    def translate(self, codes: np.ndarray, names: Mapping[int, str], uncovered: int) -> np.ndarray:
        """A map of other numbers to a label map.

        Args:
            codes: (H, W) of whole numbers.
            names: what they are called.
            uncovered: id for those that are left out.

        Returns:
            (H, W) uint8 ids of classes and parts, and 255.

        Raises:
            ValueError: a number has no name, or a name no meaning.
        """
        known = np.array(sorted(names))
        places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        if (strange := known[places] != codes).any():
            raise ValueError(f"its value {codes[strange][0]} has no name in the list of classes")
        table = np.zeros(len(known), np.uint8)
        for place in np.flatnonzero(np.bincount(places.ravel(), minlength=len(known))).tolist():
            number = self.id_of(names[int(known[place])])
            table[place] = uncovered if number is None else number
        return table[places]
