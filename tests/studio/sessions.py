"""A session over painted pictures and the tiny network that reads them, and a client of its server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from cubiseg.inference import open_segmenter
from cubiseg.studio.document import Labeller
from cubiseg.studio.history import Action, encoded
from cubiseg.studio.runs import Runs
from cubiseg.studio.server import application
from cubiseg.studio.session import Session, pictures_of
from tests.inference.palette import portrait, write_model

TOKEN, HOST = "secret-token", "127.0.0.1:8000"


def labeller(folder: Path) -> Labeller:
    """The tiny network, of its file in a folder."""
    model = folder / "m.onnx"
    if not model.exists():
        write_model(model)
    return Labeller(lambda: open_segmenter(model=model, look="once"))


def art(folder: Path, name: str = "art.png") -> Path:
    """A portrait of 160x128 pixels, painted in palette colours."""
    Image.fromarray(portrait()[0].rgb).save(folder / name)
    return folder / name


def session(folder: Path, *paths: Path) -> Session:
    """A session over some pictures, that writes to ``folder/out``."""
    return Session(pictures_of(paths, folder / "out"), folder / "out", labeller(folder))


@contextmanager
def client(of: Session, token: str = TOKEN) -> Iterator[TestClient]:
    """A client that behaves as the page does."""
    app = application(of, TOKEN, [HOST, "localhost:8000"])
    with TestClient(app, f"http://{HOST}/{token}/", headers={"Origin": f"http://{HOST}"}) as made:
        yield made


def painting(state: int, label: np.ndarray, window: tuple[slice, slice], value: int) -> Action:
    """The action that gives a window of a label map an id."""
    after = label.copy()
    after[window] = value
    return Action(state=state, do="paint", tool="brush", runs=encoded(Runs.between(label, after)))
