"""What tuning proposes, as files that a person reads, and applying it."""

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg import files
from cubiseg.cleaning.params import CleanParams
from cubiseg.errors import CubisegError, fault
from cubiseg.label_maps import write_label
from cubiseg.review.reviewed import Corrected
from cubiseg.review.tuning import HeldOut
from cubiseg.review.yaml_edits import append_items, set_values

RECORD = "proposal.json"
EXAMPLES = "examples"

Piece = Literal["params", "codebook", "examples"]
PIECES: tuple[Piece, ...] = ("params", "codebook", "examples")
"""What a proposal may change, each of which can be applied alone."""


class Proposal(BaseModel):
    """What is proposed.

    Attributes:
        params_sha256, codebook_sha256: hashes of the files that it is for.
        clean: new values of the block ``clean`` of the params, by key.
        lines: new lines of the codebook.
        examples: ids of samples to show as worked examples besides those that are shown (``annotate.examples``).
        kept: ids of samples that are shown already.
        held_out: what the new params gain; None where none are proposed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    params_sha256: str
    codebook_sha256: str
    clean: dict[str, Any]
    lines: tuple[str, ...]
    examples: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")], ...]
    held_out: HeldOut | None
    kept: tuple[str, ...] = ()


def changed_values(before: CleanParams, after: CleanParams) -> dict[str, Any]:
    """Values that differ, by key, all of which the params take.

    Raises:
        CubisegError: ``after``, which may be a copy that nothing checked, holds a value that they do not take.
    """
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    try:
        CleanParams.model_validate(new)
    except ValidationError as error:
        raise CubisegError(f"clean.{fault(error)}: was fitted but is no valid value; report this") from error
    return {key: value for key, value in new.items() if value != old[key]}


def check_replaceable(out: Path) -> None:
    """Find out whether a folder may be replaced by a proposal.

    Raises:
        CubisegError: it holds something, and that is no proposal.
    """
    try:
        is_other = out.is_dir() and any(out.iterdir()) and not (out / RECORD).is_file()
    except OSError as error:
        raise CubisegError(f"{out}: cannot be read ({error.strerror}); choose another folder") from error
    if is_other:
        raise CubisegError(f"{out}: holds other files than a proposal and would be replaced; choose another folder")


def write_proposal(out: Path, proposal: Proposal, params: Path, codebook: Path, corrected: Sequence[Corrected]) -> None:
    """Write what is proposed: the record, a diff of each file that would change, and the label maps of examples.

    Args:
        out: folder to replace.
        proposal: what is proposed.
        params, codebook: files that it is for.
        corrected: the corrected samples, those of examples among them.

    Raises:
        CubisegError: a file cannot be read, changed or written, or the folder holds anything but a proposal.
    """
    check_replaceable(out)
    with files.fresh_folder(out) as folder:
        for path, old, new in _edited(proposal, params, codebook, PIECES):
            diff = difflib.unified_diff(old.splitlines(True), new.splitlines(True), str(path), str(path))
            files.write_text(folder / f"{path.name}.diff", "".join(diff))
        for item in corrected:
            if item.sample.id in proposal.examples:
                write_label(folder / EXAMPLES / f"{item.sample.id}.png", item.truth)
        files.write_text(folder / RECORD, proposal.model_dump_json(indent=1) + "\n")


def apply_proposal(
    out: Path, params: Path, codebook: Path, examples: Path, pieces: Collection[Piece] = PIECES
) -> list[Path]:
    """Change the files as proposed. What is left of the proposal can be applied afterwards.

    Args:
        out: folder of the proposal.
        params, codebook: files to change.
        examples: folder that label maps of worked examples go to.
        pieces: what to apply.

    Returns:
        The files that were changed.

    Raises:
        CubisegError: there is no proposal, a file has changed since it was made, or an example has another label map.
    """
    try:
        proposal = Proposal.model_validate_json((out / RECORD).read_bytes())
    except OSError as error:
        raise CubisegError(f"{out}: holds no proposal; run `cubiseg review tune` without --apply first") from error
    except ValidationError as error:
        raise CubisegError(f"{out / RECORD}: {fault(error)}; run `cubiseg review tune` again") from error
    edits = _edited(proposal, params, codebook, pieces)
    for path, _, _ in edits:
        known = proposal.params_sha256 if path == params else proposal.codebook_sha256
        if sha256_of(path) != known:
            raise CubisegError(f"{path}: has changed since the proposal was made; run `cubiseg review tune` again")
    copied = [examples / f"{name}.png" for name in proposal.examples if "examples" in pieces]
    for target in copied:
        if target.exists() and not _is_same(target, out / EXAMPLES / target.name):
            raise CubisegError(
                f"{target}: is another label map than the proposed one; remove it, or leave out examples"
            )
    for target in copied:
        files.copy_file(out / EXAMPLES / target.name, target)
    for path, _, new in edits:
        files.write_text(path, new)
    left = _without(proposal, pieces)
    if left.clean or left.lines or left.examples:
        keys = {params: "params_sha256", codebook: "codebook_sha256"}
        now = left.model_copy(update={keys[path]: sha256_of(path) for path, _, _ in edits})
        files.write_text(out / RECORD, now.model_dump_json(indent=1) + "\n")
    return [*(path for path, _, _ in edits), *copied]


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError as error:
        raise CubisegError(
            f"{one}: cannot be compared with {other} ({error.strerror}); run `cubiseg review tune` again"
        ) from error


def _without(proposal: Proposal, pieces: Collection[Piece]) -> Proposal:
    """What is left once some pieces are applied."""
    nothing: dict[Piece, dict[str, Any]] = {
        "params": {"clean": {}},
        "codebook": {"lines": ()},
        "examples": {"examples": ()},
    }
    return proposal.model_copy(update={k: v for piece in pieces for k, v in nothing[piece].items()})


def check_editable(params: Path, codebook: Path) -> None:
    """Find out whether the files can be changed before anything is fitted.

    Raises:
        CubisegError: a key that may change has no line of its own; it is named.
    """
    _edit(params, lambda text: set_values(text, {("clean", "confusion"): {}, ("annotate", "examples"): []}))
    _edit(codebook, lambda text: append_items(text, "general", []))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        CubisegError: it cannot be read.
    """
    return hashlib.sha256(_text(path).encode()).hexdigest()


def _edited(proposal: Proposal, params: Path, codebook: Path, pieces: Collection[Piece]) -> list[tuple[Path, str, str]]:
    """The files that change: path, old text, new text."""
    values: dict[tuple[str, ...], Any] = {}
    if "params" in pieces:
        for key, value in proposal.clean.items():
            # Areas stand one a line, with a comment each.
            nested = value if key == "min_area" else None
            values |= {("clean", key): value} if nested is None else {("clean", key, n): v for n, v in nested.items()}
    if "examples" in pieces and proposal.examples:
        values["annotate", "examples"] = [*proposal.kept, *proposal.examples]
    edits = []
    if values:
        edits.append((params, *_edit(params, lambda text: set_values(text, values))))
    if "codebook" in pieces and proposal.lines:
        edits.append((codebook, *_edit(codebook, lambda text: append_items(text, "general", proposal.lines))))
    return edits


def _edit(path: Path, change: Callable[[str], str]) -> tuple[str, str]:
    """The text of a file, and what it becomes."""
    text = _text(path)
    try:
        return text, change(text)
    except CubisegError as error:
        raise CubisegError(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(
            f"{path}: cannot be read ({type(error).__name__}); run this in the project's folder"
        ) from error


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Plain JSON of a proposal."""
    plain: dict[str, Any] = json.loads(proposal.model_dump_json())
    return plain
