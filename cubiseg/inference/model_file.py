"""Finding a model file, and refusing what must not be loaded.

Model files are untrusted: their size is bounded, ONNX files that point at other files are refused before onnxruntime
sees them, and PyTorch pickles are not read at all (TorchScript archives are).
"""

from collections.abc import Iterator
from pathlib import Path

from cubiseg import settings
from cubiseg.errors import CubisegError
from cubiseg.file_kinds import HEAD_BYTES, identify

MAX_BYTES = 1 << 30
RELEASE = Path("models/release")
PIPELINE = Path("models/anime_advanced_seg.onnx")
SUFFIXES = (".onnx", ".pt")


def find_model(given: Path | None = None, option: str = "--model", rules: str = "--backend slic") -> Path:
    """The model file to use: the given one, ``$CUBISEG_MODEL``, the release, or the pipeline's own.

    The last two are looked up below the current folder, then below the source checkout that holds this package; last
    comes the release that the wheel brings.

    Args:
        given: the given one.
        option: what gives one, for messages.
        rules: what chooses the backend that needs none, for messages.

    Raises:
        CubisegError: none is there; says how to get one.
    """
    if given is not None:
        return existing(given, f"check {option}")
    if (named := settings.MODEL.read()) is not None:
        return existing(named, f"correct ${settings.MODEL.name} or unset it")
    for root in _roots():
        released = sorted((root / RELEASE).glob("*.onnx"))
        for path in (*released, root / PIPELINE):
            if path.is_file():
                return path
    raise CubisegError(
        f"no model: neither {RELEASE}/*.onnx nor {PIPELINE} is here; get one with `dvc pull` or `dvc repro` in a"
        f" clone, name one with {option} FILE or ${settings.MODEL.name}, or use {rules}, which needs none"
    )


def refuse_own_product(path: Path) -> Path:
    """A model file that may take part in labelling.

    Raises:
        CubisegError: it is the pipeline's own, which is trained on what would be labelled with it.
    """
    if path.name == PIPELINE.name:
        raise CubisegError(
            f"{path}: is trained on the labels that it would make; name another model with "
            f"${settings.MODEL.name}, or get the released one with `dvc pull`"
        )
    return path


def existing(path: Path, remedy: str) -> Path:
    """A named model file, which must be there.

    Args:
        path: the file.
        remedy: what to do where it is not.

    Raises:
        CubisegError: it is not there, or is a pointer to it.
    """
    if path.suffix == ".dvc":
        raise CubisegError(f"{path}: is a DVC pointer, not the model; run `dvc pull {path}` and name {path.stem}")
    if not path.is_file():
        pointer = path.with_name(f"{path.name}.dvc")
        if pointer.is_file():
            raise CubisegError(f"{path}: only its pointer is here; fetch the model with `dvc pull {pointer}`")
        raise CubisegError(f"{path}: no such model file; {remedy}")
    return path


def _roots() -> Iterator[Path]:
    """Where ``models/`` may be: here, in the clone that holds this package, in the package itself (see setup.py)."""
    yield Path()
    package = Path(__file__).resolve().parents[1]
    if (package.parent / "dvc.yaml").is_file():
        yield package.parent
    yield package


def at_hand(name: Path) -> Path | None:
    """A file by its path in a clone, below the current folder, the clone or the package; None where it is in none."""
    return next((root / name for root in _roots() if (root / name).is_file()), None)


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """The file's content, after checks of suffix and size.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        CubisegError: unreadable, empty, too large, or of another kind.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise CubisegError(f"{path}: a model must be {' or '.join(SUFFIXES)}; make one with `dvc repro export`")
    try:
        size = path.stat().st_size
        if size > most:
            raise CubisegError(f"{path}: {size >> 20} MB is over {most >> 20} MB; this is no cubiseg model")
        if size == 0:
            raise CubisegError(f"{path}: is empty; fetch or export it again")
        content = path.read_bytes()
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    kind = identify(content[:HEAD_BYTES])
    if kind is not None and kind.group == "pointer":
        raise CubisegError(f"{path}: is {kind.what}; {kind.remedy}, or take the released model: `dvc pull`")
    return content


# Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that can lead to a TensorProto:
# message -> field -> message.
_NESTED = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of TensorProto
_MAX_DEPTH = 32


def has_external_data(model: bytes) -> bool:
    """Whether an ONNX model keeps a tensor in another file, which loading it would then read.

    Raises:
        ValueError: the bytes are no well-formed protobuf message.
    """
    return _external(memoryview(model), "Model", 0)


def _external(message: memoryview, kind: str, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    nested = _NESTED.get(kind, {})
    for field, value in _fields(message):
        if kind == "Tensor":
            if field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0):
                return True
        elif field in nested and isinstance(value, memoryview) and _external(value, nested[field], depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of one message (protobuf.dev/programming-guides/encoding)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        value: int | memoryview
        if wire == 0:
            value, at = _varint(message, at)
        else:
            if wire == 2:
                length, at = _varint(message, at)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise ValueError("unknown wire type")
            if at + length > len(message):
                raise ValueError("cut short")
            value, at = message[at : at + length], at + length
        yield key >> 3, value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("cut short")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
