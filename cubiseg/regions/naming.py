"""What was said of a picture's regions: votes, as they travel from annotate to clean."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.regions.proposals import Proposals
from cubiseg.sample_files import SampleFile


class Vote(BaseModel):
    """One region was given one class by one answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: int = Field(ge=0)
    name: str
    weight: float = Field(1.0, gt=0, le=100)

    @field_validator("name")
    @classmethod
    def _a_class(cls, name: str) -> str:
        if name not in taxonomy.ID:
            raise ValueError(f"must be one of {', '.join(taxonomy.NAMES)}")
        return name


class Naming(BaseModel):
    """All votes on one picture.

    Attributes:
        asked: nodes of the merge tree that were asked about first: a cut of the tree.
        votes: votes of all passes; a vote on a node below one that was asked about speaks for that part of it alone.
        unsure: nodes that an answer called unsure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: tuple[int, ...]
    votes: tuple[Vote, ...]
    unsure: tuple[int, ...] = ()


def read_naming(path: SampleFile) -> Naming:
    """Read a naming's file.

    Raises:
        CubisegError: missing or damaged.
    """
    try:
        return Naming.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); run the stage annotate again") from error
    except ValidationError as error:
        raise CubisegError(f"{path}: is no record of votes; run the stage annotate again") from error


def count_votes(proposals: Proposals, naming: Naming) -> tuple[np.ndarray, np.ndarray]:
    """Votes on the smallest pieces that any of them tells apart.

    Args:
        proposals: the regions that were shown.
        naming: what was said of them.

    Returns:
        units: (H, W) int32, ids of the pieces, 0..U-1.
        votes: (U, C) float64, sum of the weights for each class.

    Raises:
        CubisegError: the votes are about other regions.
    """
    tree = proposals.tree
    nodes = tree.leaves + len(tree.children)
    if any(n >= nodes for n in (*naming.asked, *(v.node for v in naming.votes))):
        raise CubisegError("the votes are about other regions; run the stage annotate again")
    own = np.zeros((nodes, taxonomy.NUM_CLASSES))
    for vote in naming.votes:
        own[vote.node, taxonomy.ID[vote.name]] += vote.weight
    marked = np.zeros(nodes, bool)
    marked[list(naming.asked)] = True
    marked[[v.node for v in naming.votes]] = True
    owner = np.full(nodes, -1, np.int64)
    owner[marked] = np.flatnonzero(marked)
    # From the root down: a node adds its votes to those of what it is part of, and belongs to the lowest marked node.
    for i in range(len(tree.children) - 1, -1, -1):
        for child in tree.children[i]:
            own[child] += own[tree.leaves + i]
            if not marked[child]:
                owner[child] = owner[tree.leaves + i]
    _, first, unit = np.unique(owner[: tree.leaves], return_index=True, return_inverse=True)
    return unit.astype(np.int32)[proposals.regions], own[: tree.leaves][first]


def voted_label(units: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Each piece in the class with most votes, 255 where it has none: (H, W) uint8."""
    label = votes.argmax(1).astype(np.uint8)
    label[votes.max(1) <= 0] = taxonomy.IGNORE_INDEX
    return label[units]
