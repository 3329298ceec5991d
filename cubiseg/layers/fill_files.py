"""Which files paint what lies beneath: the completion model where it is there, LaMa where the user names it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cubiseg import settings
from cubiseg.errors import CubisegError
from cubiseg.inference import model_file
from cubiseg.layers.beneath import Filler, FillName

COMPLETION = Path("models/completion.onnx")
POINTER = Path(f"{COMPLETION}.dvc")
"""What a clone has where a completion model can be pulled."""
HOW = f"`dvc pull {POINTER}` or `make completion` in a clone"
"""How to get a completion model."""
NOT_THERE = f"hidden parts are only extended smoothly, as no completion model is here; get one with {HOW}"

_File = tuple[Path, tuple[int, ...]]


@dataclass(frozen=True)
class FillFiles:
    """The files that paint what lies beneath; none extends smoothly.

    Attributes:
        completion: completion model, or None.
        lama: LaMa export, or None.
        note: one line for the user on what is missing, or "".
    """

    completion: Path | None = None
    lama: Path | None = None
    note: str = ""

    def open(self) -> "Filler":
        """Make them ready; kept for the pictures that follow while the files stay as they are.

        Raises:
            CubisegError: a file is unreadable, broken, unsafe, or of another kind.
        """
        return _opened(_file(self.completion), _file(self.lama))


def choose(fill: FillName | None, given: Path | None = None, option: str = "--fill-model") -> FillFiles:
    """The files that a way to fill needs.

    Args:
        fill: what was asked for; None takes the completion model where there is one.
        given: file that was given: a completion model, with ``lama`` a LaMa export.
        option: what gives one, for messages.

    Raises:
        CubisegError: a file that was asked for is not there, or one was given that is not used.
    """
    if fill in ("smooth", "none"):
        if given is not None:
            raise CubisegError(
                f"{given}: the fill {fill} takes no model; leave {option} out, or ask for learnt or lama"
            )
        return FillFiles()
    if fill == "lama":
        if given is None:
            raise CubisegError(f"the fill lama needs LaMa's file; name an ONNX export with {option} FILE")
        return FillFiles(_found(None, option), model_file.existing(given, f"check {option}"))
    found = _found(given, option)
    if found is None and fill == "learnt":
        raise CubisegError(
            f"the fill learnt needs a completion model; get one with {HOW}, name one with {option} FILE or"
            f" ${settings.COMPLETION.name}, or ask for smooth"
        )
    # Nobody is told at every call of what cannot be had: a model must have been released.
    missing = not found and settings.COMPLETION.read() != settings.NONE and model_file.at_hand(POINTER)
    return FillFiles(found, note=NOT_THERE if missing else "")


def _found(given: Path | None, option: str) -> Path | None:
    if given is not None:
        return model_file.existing(given, f"check {option}")
    if (named := settings.COMPLETION.read()) == settings.NONE:
        return None
    if named is not None:
        return model_file.existing(named, f"correct ${settings.COMPLETION.name} or unset it")
    return model_file.at_hand(COMPLETION)


def _file(path: Path | None) -> _File | None:
    """A file and what changes when somebody puts another in its place."""
    if path is None:
        return None
    try:
        state = path.stat()
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    return path, (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _opened(completion: _File | None, lama: _File | None) -> Filler:
    model = painter = None
    if completion is not None:
        from cubiseg.completion.model import open_completion

        model = open_completion(completion[0])
    if lama is not None:
        from cubiseg.completion.lama import Lama

        painter = Lama(lama[0])
    return Filler(model, painter)
