"""What a source hands over to the prepared folder, and how what it left out is told."""

from dataclasses import dataclass, field

from cubiseg.samples import Flag, Sample

MOST_NAMED = 10
"""So many files that were passed over are named; of the others the number is told."""


@dataclass(frozen=True)
class Rejected:
    """A file that could not be taken.

    Attributes:
        source: name of the source.
        file: where it lies, relative to the source's folder.
        reason: one line, says what to do.
        flags: of a picture that params leave out; none of one that cannot be taken.
    """

    source: str
    file: str
    reason: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class SourceResult:
    """What came of a source.

    Attributes:
        samples: those whose pictures and label maps lie in the prepared folder.
        rejected: what was left out.
        doubtful: files that were taken although something may be wrong with them, each with a warning.
    """

    samples: list[Sample] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    doubtful: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class PassedOver:
    """Counts what was not taken, or not without a doubt; keeps the first few names with their reasons, not all.

    >>> passed = PassedOver()
    >>> passed.add("notes.txt", "is no picture")
    >>> passed.lines("art.zip")
    ['art.zip: 1 file passed over', '  notes.txt: is no picture']

    Attributes:
        count: number of files.
        named: the first of them, one line each.
        system: number of files that operating systems leave everywhere; they are counted and not named.
    """

    count: int = 0
    named: list[str] = field(default_factory=list)
    system: int = 0

    def add(self, file: str, reason: str) -> None:
        """Count a file; a name that is no printable text is told in escapes."""
        self.count += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{printable(file)}: {reason}")

    def join(self, other: "PassedOver") -> None:
        """Count those of another one too."""
        self.count, self.system = self.count + other.count, self.system + other.system
        self.named = [*self.named, *other.named][:MOST_NAMED]

    def lines(self, where: str, fate: str = "passed over") -> list[str]:
        """What to tell of ``where``, a line each, with what became of the files; nothing where there are none."""
        if not self.count and not self.system:
            return []
        told = [f"{where}: {self.count} file{'' if self.count == 1 else 's'} {fate}"]
        told += [f"  {line}" for line in self.named]
        if self.count > len(self.named):
            told.append(f"  … and {self.count - len(self.named)} more")
        if self.system:
            told.append(f"  besides, {self.system} of the operating system (._*, .DS_Store, Thumbs.db)")
        return told


def is_system_file(name: str) -> bool:
    """Whether a file (by its bare name) is one that macOS or Windows leave beside pictures."""
    return name.startswith("._") or name.lower() in (".ds_store", "thumbs.db", "desktop.ini", "__macosx")


def printable(name: str) -> str:
    """A file's name on one line, also where it is no UTF-8 or has line breaks in it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)
