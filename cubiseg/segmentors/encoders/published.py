"""Published checkpoints: their names of tensors turned into ours."""

import re
from collections.abc import Iterable

from torch import Tensor

Renaming = tuple[str, str]
"""Pattern and replacement, as for :func:`re.sub`; together they turn one of our names into a published one."""


def renamed(own: dict[str, Tensor], published: dict[str, Tensor], rules: Iterable[Renaming]) -> dict[str, Tensor]:
    """The tensors of a checkpoint under the names of a module.

    Args:
        own: state dict of the module.
        published: state dict of the checkpoint.
        rules: applied one after another to each name of ``own``.

    Returns:
        Those of ``own``'s names that the checkpoint has. A tensor of the same number of values takes the module's shape
        (some publish a scale as (C, 1, 1), others as (C,)).
    """
    found = {}
    for name, value in own.items():
        theirs = name
        for pattern, replacement in rules:
            theirs = re.sub(pattern, replacement, theirs)
        tensor = published.get(theirs)
        if tensor is not None:
            found[name] = tensor.reshape(value.shape) if tensor.numel() == value.numel() else tensor
    return found
