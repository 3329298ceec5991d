"""The manifest: one record per picture, carried from prepare to the data set as ``samples.jsonl``."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from cubiseg.errors import CubisegError, fault
from cubiseg.files import write_text
from cubiseg.older_python import StrEnum

MANIFEST = "samples.jsonl"


class Flag(StrEnum):
    """What a person or a filter should know of a sample."""

    NO_FACE = "no_face"
    SEVERAL_PEOPLE = "several_people"
    CROPPED = "cropped"
    LOW_CONFIDENCE = "low_confidence"
    REFUSED = "refused"
    PARTIAL = "partial"
    NEEDS_REVIEW = "needs_review"
    CORRECTED = "corrected"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    BARS = "bars"
    GREYSCALE = "greyscale"
    TEXT = "text"
    SMALL = "small"
    BLURRED = "blurred"


class LabelMethod(StrEnum):
    """Who made the label map."""

    GIVEN = "given"
    LLM = "llm"
    MODEL = "model"
    HUMAN = "human"
    SIMULATED = "simulated"


TRUSTED_METHODS = (LabelMethod.GIVEN, LabelMethod.HUMAN)
"""Labels that may measure others."""


class PartsBy(StrEnum):
    """Who told the parts of a label map apart."""

    LABEL = "label"
    """Whoever made it: the portrait's painter, a user's map, a correction."""
    MODEL = "model"
    """A model, of the classes that somebody else said."""


class Split(StrEnum):
    """Part of the data set."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


def _inside(path: str) -> str:
    """A path below its manifest's folder; manifests travel, so this is checked on every read."""
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path:
        raise ValueError("must be a relative path inside the folder, with forward slashes")
    return path


InsidePath = Annotated[str, AfterValidator(_inside)]


class Sample(BaseModel):
    """One picture and what is known of its labels.

    Paths are POSIX paths. ``image`` is relative to the prepared folder, whichever stage wrote the manifest (later
    stages get ``--prepared`` beside it, so that no picture is copied twice); ``label`` is relative to the manifest's
    own folder, and None while the picture has none. In the data set both are relative to the data set's folder.
    ``width``, ``height`` and ``sha256`` (:func:`cubiseg.imaging.pixel_hash`) are those of the decoded, upright RGB.
    ``parts_by`` is None where the label map tells no parts, and absent from manifests whose stage did not look.
    ``artist`` and ``reasons``, why prepare gave a flag (half a line each), are absent where nobody told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    image: InsidePath
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    source: str
    licence: str = "unknown"
    rating: str = "general"
    group: str
    label: InsidePath | None = None
    label_method: LabelMethod | None = None
    label_version: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    flags: tuple[Flag, ...] = ()
    split: Split | None = None
    parts_by: PartsBy | None = None
    artist: str = ""
    reasons: dict[Flag, str] = {}

    @model_serializer(mode="wrap")
    def _without_what_nobody_said(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        facts = plain(self)
        for name in ("parts_by", "artist", "reasons"):
            if name not in self.model_fields_set:
                del facts[name]
        return facts

    def flagged(self, *flags: Flag) -> "Sample":
        """A copy with flags added, each once, in the order of the closed list."""
        wanted = {*self.flags, *flags}
        return self.model_copy(update={"flags": tuple(f for f in Flag if f in wanted)})


def write_manifest(folder: Path, samples: list[Sample]) -> None:
    """Write ``samples.jsonl`` into a folder, sorted by id."""
    rows = sorted(samples, key=lambda s: s.id)
    write_text(folder / MANIFEST, "".join(s.model_dump_json() + "\n" for s in rows))


def read_manifest(folder: Path) -> list[Sample]:
    """Read a folder's manifest.

    Raises:
        CubisegError: missing, or a record is malformed or doubled (file and line are named).
    """
    path = folder / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); run the stage that makes it") from error
    samples: list[Sample] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            sample = Sample.model_validate_json(line)
        except ValidationError as error:
            raise CubisegError(f"{path}:{number}: {fault(error, 'record')}; rebuild it with its stage") from error
        if sample.id in seen:
            raise CubisegError(f"{path}:{number}: id {sample.id} occurs twice; rebuild it with its stage")
        seen.add(sample.id)
        samples.append(sample)
    return samples
