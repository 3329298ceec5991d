"""A proposal is applied piece by piece, and nothing that people made is lost by it."""

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cubiseg.annotation.params import AnnotateParams
from cubiseg.cleaning.params import CleanParams
from cubiseg.cli import main
from cubiseg.cli.review.tune import _MOST_SHOWN
from cubiseg.errors import CubisegError
from cubiseg.review.confusions import Confusion, rows_of
from cubiseg.review.proposal import EXAMPLES, Proposal, apply_proposal, changed_values, sha256_of, write_proposal
from tests.conftest import ROOT
from tests.tiny import params

START = CleanParams.model_validate(params("clean"))


class Place:
    """Files to change, and a proposal for them with one example besides the user's.

    Args:
        root: folder to make them in.
    """

    def __init__(self, root: Path) -> None:
        self.params, self.codebook, self.out, self.examples = (
            root / name for name in ("params.yaml", "book.yaml", "out", "examples")
        )
        self.params.write_text((ROOT / "params.yaml").read_text().replace("examples: []", "examples: [mine]"))
        shutil.copyfile(ROOT / "cubiseg" / "codebook.yaml", self.codebook)
        proposal = Proposal(
            params_sha256=sha256_of(self.params),
            codebook_sha256=sha256_of(self.codebook),
            clean={"name_error": 0.35},
            lines=("A line.",),
            examples=("p1",),
            held_out=None,
            kept=("mine",),
        )
        write_proposal(self.out, proposal, self.params, self.codebook, [])
        (self.out / EXAMPLES).mkdir()
        (self.out / EXAMPLES / "p1.png").write_bytes(b"proposed")

    def apply(self, *pieces: str) -> list[Path]:
        return apply_proposal(self.out, self.params, self.codebook, self.examples, pieces)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_pieces_are_applied_one_after_the_other_and_the_user_s_examples_stay(place: Place) -> None:
    assert place.apply("params") == [place.params]
    assert place.apply("examples") == [place.params, place.examples / "p1.png"]
    assert place.apply("codebook") == [place.codebook]
    read = yaml.safe_load(place.params.read_text())
    assert (read["clean"]["name_error"], read["annotate"]["examples"]) == (0.35, ["mine", "p1"])
    assert yaml.safe_load(place.codebook.read_text())["general"][-1] == "A line."


def test_what_the_user_changes_between_two_pieces_is_noticed(place: Place) -> None:
    place.codebook.write_text(place.codebook.read_text() + "# mine\n")
    place.apply("params")
    with pytest.raises(CubisegError, match=r"book\.yaml: has changed since"):
        place.apply("codebook")


def test_a_label_map_of_the_user_s_is_not_overwritten(place: Place) -> None:
    before = place.params.read_text()
    place.examples.mkdir()
    (place.examples / "p1.png").write_bytes(b"mine")
    with pytest.raises(CubisegError, match=r"p1\.png: is another label map"):
        place.apply("params", "codebook", "examples")
    assert (place.examples / "p1.png").read_bytes() == b"mine"
    assert place.params.read_text() == before


def test_a_folder_of_other_files_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mine.md").write_text("mine")
    folders = [str(tmp_path)] * 3
    options = [
        o
        for name, path in zip(("prepared", "annotated", "corrections"), folders, strict=True)
        for o in (f"--{name}", path)
    ]
    files = ["--params", str(ROOT / "params.yaml"), "--codebook", str(ROOT / "cubiseg" / "codebook.yaml")]
    result = CliRunner().invoke(
        main, ["review", "tune", *options, *files, "--examples", str(tmp_path), "-o", str(tmp_path / "docs")]
    )
    assert result.exit_code == 2
    assert "holds other files than a proposal" in result.stderr
    assert (tmp_path / "docs" / "mine.md").read_text() == "mine"


def test_so_many_examples_are_proposed_as_may_be_shown() -> None:
    (most,) = (m.max_length for m in AnnotateParams.model_fields["examples"].metadata if hasattr(m, "max_length"))
    assert most == _MOST_SHOWN


@pytest.mark.parametrize("shares", [(0.6, 0.25, 0.12), (0.45, 0.45), (0.333, 0.333, 0.333), (0.97,), (0.3, 0.2)])
def test_confusions_become_rows_that_the_params_take(shares: tuple[float, ...]) -> None:
    said = ("accessories", "face", "clothes")
    found = [
        Confusion("hair", name, 9, 9, 4, share, (0.1, 0.9), None) for name, share in zip(said, shares, strict=False)
    ]
    (row,) = rows_of(found, 1.0).values()
    fits = START.model_copy(update={"confusion": {"hair": row}})
    assert changed_values(START, fits) == {"confusion": {"hair": row}}
    total = sum(shares)
    assert [row[name] for name, _ in zip(said, shares, strict=False)] == pytest.approx(
        [s * min(1.0, 0.9 / total) for s in shares], abs=0.025
    )


def test_values_that_no_stage_reads_are_not_proposed() -> None:
    with pytest.raises(CubisegError, match=r"clean\.confusion"):
        changed_values(START, START.model_copy(update={"confusion": {"hair": {"face": 0.5, "accessories": 0.5}}}))
