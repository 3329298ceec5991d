"""What takes over, when, and what is said of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import backends, open_segmenter
from cubiseg.inference.segmentation import Segmentation
from tests.inference.palette import portrait, write_model


def landscape() -> Picture:
    """Three colours that are no class's, so that the network that reads the palette sees no face."""
    rgb = np.full((120, 160, 3), (150, 190, 235), np.uint8)
    rgb[70:] = (60, 110, 60)
    rgb[30:90, 20:60] = (120, 80, 60)
    return Picture(rgb)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "m.onnx")


def test_a_picture_without_a_face_becomes_segments_and_one_with_a_face_does_not(model: Path) -> None:
    segmenter = open_segmenter("anime-advanced", model, ("sam-hq", "slic"), segments=3)
    faceless = segmenter.segment(landscape())
    assert faceless.segments is not None and faceless.segments.max() == 3 and not faceless.label.any()
    assert faceless.backend == "slic"
    first, second = faceless.warnings
    assert first.startswith("no drawn face was found (probability 0.") and "slic took over" in first
    assert first.count("sam-hq could not run") == 1 and second.startswith("cut into 3 segments without names")
    with_face = segmenter.segment(portrait()[0])
    assert with_face.segments is None and with_face.backend == "anime-advanced"


def test_without_a_fallback_such_a_picture_is_one_line(model: Path) -> None:
    for chain, said in (((), "--fallback slic"), (("sam-hq",), "sam-hq: needs weights")):
        with pytest.raises(CubisegError, match=rf"^no drawn face was found \(probability 0\.\d\d\), .*{said}.*$"):
            open_segmenter("anime-advanced", model, chain).segment(landscape())


def test_with_no_word_of_fallbacks_the_labels_are_what_the_model_gives(model: Path) -> None:
    result = open_segmenter("anime-advanced", model).segment(landscape())
    assert result.segments is None and not result.shows_face


def test_slic_asks_a_model_where_there_is_one_whether_there_is_a_face(model: Path) -> None:
    result = open_segmenter("slic", model, segments=4).segment(landscape())
    assert result.segments is not None and result.segments.max() <= 4


def test_a_backend_that_must_run_is_an_error_whatever_would_take_over(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="no such model file"):
        open_segmenter("anime-advanced", tmp_path / "absent.onnx", ("slic",), must_run=True)


@pytest.mark.parametrize("count", [0, 49])
def test_a_number_of_segments_that_cannot_be_is_one_line(count: int) -> None:
    with pytest.raises(CubisegError, match=rf"^{count} segments are wanted; ask for 1 to 48$"):
        open_segmenter("slic", segments=count)


class Faceless:
    """A backend that sees no face."""

    name = architecture = "faceless"

    def segment(self, picture: Picture) -> Segmentation:
        label = np.zeros(picture.size, np.uint8)
        return Segmentation(label, np.ones(picture.size, np.float32), self.name, self.name, face=0.1)


class Failing(Faceless):
    """A backend that opens and then fails on every picture."""

    def segment(self, picture: Picture) -> Segmentation:
        raise CubisegError("/secret/path: the network failed")


class Cutting(Faceless):
    """A backend that cuts any picture into segments, and cannot tell whether there is a face."""

    name = architecture = "cutting"

    def segment(self, picture: Picture) -> Segmentation:
        return self.unnamed(picture)

    def unnamed(self, picture: Picture) -> Segmentation:
        cut = np.ones(picture.size, np.uint16)
        return replace(super().segment(picture), backend=self.name, segments=cut, face=None)


def test_each_step_of_a_chain_is_told_in_one_line() -> None:
    chain = backends._Chain({"a": Faceless, "b": Failing, "c": Cutting}, must_run=False)
    result = chain.segment(landscape())
    assert result.backend == "cutting"
    assert result.warnings == (
        "no drawn face was found (probability 0.10), c took over (b could not run; `cubiseg doctor` says why)",
    )


def test_what_a_fallback_made_carries_the_probability_of_a_face() -> None:
    result = backends._Chain({"a": Faceless, "b": Cutting}, must_run=True).segment(landscape())
    assert result.backend == "cutting" and result.face == 0.1


def test_a_backend_that_must_run_and_fails_on_a_picture_is_an_error_that_nothing_takes_over() -> None:
    openers = {"a": Failing, "b": Cutting}
    with pytest.raises(CubisegError, match="the network failed"):
        backends._Chain(openers, must_run=True).segment(landscape())
    assert backends._Chain(openers, must_run=False).segment(landscape()).backend == "cutting"
