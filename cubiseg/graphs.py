"""Graphs of a picture's regions."""

import numpy as np


def components(count: int, pairs: np.ndarray) -> np.ndarray:
    """Which nodes hang together.

    Nodes point to the least that they are joined to, and chains of pointers are halved in turns (Shiloach and Vishkin,
    "An O(log n) parallel connectivity algorithm", 1982).

    Args:
        count: nodes, N.
        pairs: (P, 2) integers, 0..N-1, the nodes that each edge joins.

    Returns:
        (N,) int64, number of each node's component, from 0, in the order of the components' first nodes.
    """
    a, b = pairs.reshape(-1, 2).astype(np.intp, copy=False).T
    owner = np.arange(count)
    while True:
        least = np.minimum(owner[a], owner[b])
        joined = owner.copy()
        np.minimum.at(joined, owner[a], least)
        np.minimum.at(joined, owner[b], least)
        while not np.array_equal(joined, further := joined[joined]):
            joined = further
        if np.array_equal(joined, owner):
            return np.unique(owner, return_inverse=True)[1]
        owner = joined
