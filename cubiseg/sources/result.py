"""What a source hands over to the prepared folder."""

from dataclasses import dataclass, field

from cubiseg.samples import Sample


@dataclass(frozen=True)
class Rejected:
    """A file that could not be taken.

    Attributes:
        source: name of the source.
        file: where it lies, relative to the source's folder.
        reason: one line, says what to do.
    """

    source: str
    file: str
    reason: str


@dataclass(frozen=True)
class SourceResult:
    """Samples whose pictures and label maps lie in the prepared folder, and what was left out."""

    samples: list[Sample] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
