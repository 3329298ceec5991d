"""Proposals as files, and a cache of them by pixel hash."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg.arrays import read_arrays
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.regions.proposals import VERSION, Proposals, propose
from cubiseg.regions.tree import MergeTree
from cubiseg.sample_files import SampleFile
from cubiseg.taxonomy import NUM_CLASSES


def write_proposals(path: Path, proposals: Proposals) -> None:
    """Write proposals as compressed NumPy arrays; equal proposals give equal bytes.

    Raises:
        CubisegError: the file cannot be written.
    """
    arrays: dict[str, Any] = {
        "regions": proposals.regions.astype(np.uint16),
        "children": proposals.tree.children.astype(np.uint16),
        "head": np.array(proposals.head, np.float64),
        "version": np.array(VERSION),
    }
    if proposals.seen is not None:
        arrays["seen"] = proposals.seen
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def read_proposals(path: SampleFile) -> Proposals:
    """Read what :func:`write_proposals` wrote.

    Raises:
        CubisegError: missing, damaged, or of another version.
    """
    try:
        with path.open("rb") as file:
            arrays = read_arrays(file, "version", "regions", "children", "head", "seen")
        if int(arrays["version"]) != VERSION:
            raise CubisegError(f"{path}: regions of another version; run the stage annotate again")
        regions = arrays["regions"].astype(np.int32)
        children = arrays["children"].astype(np.int32).reshape(-1, 2)
        head = Box(*(float(v) for v in arrays["head"]))
        seen = arrays.get("seen")
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; run the stage annotate again") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise CubisegError(f"{path}: is no whole file of regions; run the stage annotate again") from error
    leaves = int(regions.max()) + 1
    if children.max(initial=0) >= leaves + len(children) or len(children) >= leaves:
        raise CubisegError(f"{path}: is no tree of regions; run the stage annotate again")
    if seen is not None and (seen.shape != (leaves,) or seen.dtype != np.uint8 or seen.max() >= NUM_CLASSES):
        raise CubisegError(f"{path}: is no whole file of regions; run the stage annotate again")
    return Proposals(regions, MergeTree(children, leaves), head, seen)


def cached_proposals(
    folder: Path, pixels: str, picture: Callable[[], np.ndarray], seen: np.ndarray | None = None
) -> Proposals:
    """Proposals out of a cache, made and kept where they are not there yet.

    Args:
        folder: folder of the cache; a damaged file in it is made anew.
        pixels: hash of the picture's pixels.
        picture: gives the picture, (H, W, 3) uint8, sRGB; called only where it is needed.
        seen: as for :func:`cubiseg.regions.propose`.
    """
    guide = "seen" + hashlib.sha256(seen.tobytes()).hexdigest() if seen is not None else None
    facts = f"{VERSION}:{pixels}:{guide}"
    name = hashlib.sha256(facts.encode()).hexdigest()
    path = folder / name[:2] / f"{name}.npz"
    if path.is_file():
        try:
            return read_proposals(path)
        except CubisegError:
            pass  # cut short by a full disk or a kill
    proposals = propose(picture(), seen=seen)
    write_proposals(path, proposals)
    return proposals


def proposals_hash(proposals: Proposals) -> str:
    """SHA-256 of regions and tree: what numbers drawn on them mean."""
    digest = hashlib.sha256(f"{VERSION}:{proposals.regions.shape}".encode())
    digest.update(proposals.regions.astype("<u2").tobytes())
    digest.update(proposals.tree.children.astype("<u2").tobytes())
    return digest.hexdigest()
