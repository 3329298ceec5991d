"""The source ``layered_psd``: folders of PSDs in, pictures with exact labels out."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.completion.truth import DrawableNames, read_complete
from cubiseg.errors import CubisegError
from cubiseg.samples import LabelMethod, read_manifest
from cubiseg.sources.layered_psd import take_all
from cubiseg.sources.params import LayeredPsdParams
from cubiseg.sources.result import SourceResult
from cubiseg.sources.stage import prepare
from tests.sources.psds import SHAPES, face, put, saved, truth
from tests.sources.test_stage import small
from tests.tiny import bytes_of

NAMES = {part: part for part in SHAPES}


def take(folder: Path, out: Path, count: int | None = None, **params: object) -> SourceResult:
    for name in ("images", "labels"):
        (out / name).mkdir(parents=True, exist_ok=True)
    return take_all(LayeredPsdParams.model_validate(params), 5, folder, out, count)


def test_each_psd_gives_itself_whole_and_then_framings_over_backgrounds(tmp_path: Path) -> None:
    saved(face(NAMES), tmp_path / "in" / "sub" / "前 髪.psd")
    result = take(tmp_path / "in", tmp_path / "out", views=5, size=96, layers=1)
    assert len(result.samples) == 5 and not result.rejected and not result.doubtful
    backgrounds = set()
    for sample in result.samples:
        rgb = imaging.read_picture(tmp_path / "out" / sample.image).rgb
        label = label_maps.read_label(tmp_path / "out" / str(sample.label))
        assert label.shape == rgb.shape[:2] == (sample.height, sample.width)
        assert imaging.pixel_hash(rgb) == sample.sha256 and sample.label_method is LabelMethod.GIVEN
        assert {"face", "eye_left", "eye_right"} <= {taxonomy.NAMES[c] for c in np.unique(taxonomy.CLASS_OF[label])}
        backgrounds.add(rgb[0, 0].tobytes())
    assert len(backgrounds) > 1
    whole = label_maps.read_label(tmp_path / "out" / str(result.samples[0].label))
    assert (whole == np.asarray(Image.fromarray(truth()).resize((96, 96), Image.Resampling.NEAREST))).mean() > 0.97
    assert len({sample.group for sample in result.samples}) == 1
    kept = read_complete(tmp_path / "out" / "layers" / f"{result.samples[0].id}.ora", DrawableNames())
    assert kept.parts["face"].hidden.any(), "layers are complete beneath what covers them"


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    saved(face(NAMES), tmp_path / "in" / "a.psd")
    for out in ("one", "two"):
        take(tmp_path / "in", tmp_path / out, views=2, size=96, layers=1)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_what_cannot_be_taken_is_left_out_with_the_reason_and_the_others_are_done(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    saved(face(NAMES), folder / "good.psd")
    saved(face({**NAMES, "hair_front": "もや", "hair_back": "レイヤー 9", "face": "xyz"}), folder / "unknown.psd")
    saved(face({**NAMES, "nose": "点"}), folder / "dot.psd")
    (folder / "text.psd").write_bytes(b"no PSD")
    result = take(folder, tmp_path / "out", views=1)
    reasons = {r.file: r.reason for r in result.rejected}
    assert sorted(reasons) == ["text.psd", "unknown.psd"]
    assert "of no known part" in reasons["unknown.psd"] and "'レイヤー 9', 'xyz', 'もや'" in reasons["unknown.psd"]
    assert [(file, "'点'" in what) for file, what in result.doubtful] == [("dot.psd", True)]
    dot = next(sample for sample in result.samples if "dot" in sample.id)
    label = label_maps.read_label(tmp_path / "out" / str(dot.label))
    assert (label[68:72, 63:65] == 255).all() and (label == 255).sum() == 8


def test_a_table_beside_the_psds_names_what_their_names_do_not_tell(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    saved(face({**NAMES, "hair_front": "もや"}), folder / "deep" / "art.psd")
    (folder / "parts.yaml").write_text("parts: {もや: hair_front}\n", encoding="utf-8")
    (sample,) = take(folder, tmp_path / "out", views=1).samples
    assert (label_maps.read_label(tmp_path / "out" / str(sample.label)) == truth()).all()
    (folder / "deep" / "parts.yaml").write_text("parts: {もや: bangs}\n", encoding="utf-8")
    with pytest.raises(CubisegError, match="'bangs' is no class or part"):
        take(folder, tmp_path / "out", views=1)


def test_licence_rating_and_group_go_from_the_table_to_the_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a", "b"):
        saved(face(NAMES), folder / f"{name}.psd")
    (folder / "samples.csv").write_text("file,licence,rating,group\na.psd,CC-BY-4.0,sensitive,alice\n")
    a, b = take(folder, tmp_path / "out", views=1, licence="mine").samples
    assert (a.licence, a.rating, a.group) == ("CC-BY-4.0", "sensitive", "layered_psd:alice")
    assert (b.licence, b.rating, b.group) == ("mine", "general", "layered_psd:b")


def test_of_two_psds_whose_names_differ_in_the_suffix_alone_the_first_is_taken(tmp_path: Path) -> None:
    for name in ("a.psb", "a.psd"):
        saved(face(NAMES), tmp_path / "in" / name)
    result = take(tmp_path / "in", tmp_path / "out", views=1)
    assert [s.id for s in result.samples] == ["psd-a-000"]
    assert [(r.file, r.reason) for r in result.rejected] == [
        ("a.psd", "differs from a.psb only in its suffix; rename one of them")
    ]


def test_a_psd_with_its_own_background_is_framed_within_itself(tmp_path: Path) -> None:
    psd = face(NAMES)
    put(psd, "背景", (0, 0, 128, 128), colour=(0, 0, 255))
    layers = list(psd)
    background = layers[-1]
    psd.remove(background)
    psd.insert(0, background)
    saved(psd, tmp_path / "in" / "a.psd")
    for sample in take(tmp_path / "in", tmp_path / "out", views=4, size=96).samples:
        label = label_maps.read_label(tmp_path / "out" / str(sample.label))
        rgb = imaging.read_picture(tmp_path / "out" / sample.image).rgb
        assert (rgb[label == 0].astype(int) @ [-1, -1, 1] > 60).mean() > 0.8, "no other background was painted"


def test_a_share_is_filled_from_the_folder_beside_what_is_drawn(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        saved(face(NAMES), tmp_path / "in" / f"{name}.psd")
    params = small(6, sources=["layered_psd", "synthetic"], shares={"layered_psd": 0.4})
    metrics = prepare(params, tmp_path / "none", tmp_path / "out", {"layered_psd": tmp_path / "in"})
    assert metrics.by_source == {"layered_psd": 4, "synthetic": 6}
    assert sorted(s.group for s in read_manifest(tmp_path / "out") if s.source == "layered_psd") == [
        *("layered_psd:a", "layered_psd:a", "layered_psd:b", "layered_psd:c"),
    ]


@pytest.mark.parametrize(
    ("sources", "shares"),
    [
        (["synthetic"], {"layered_psd": 0.5}),
        (["layered_psd"], {"layered_psd": 0.5}),
        (["layered_psd", "synthetic"], {"layered_psd": 1.0}),
        (["layered_psd", "synthetic"], {"synthetic": 0.5}),
    ],
)
def test_shares_that_cannot_be_are_refused(sources: list[str], shares: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        small(sources=sources, shares=shares)


def test_a_source_without_its_folder_ends_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="--layered-psd"):
        prepare(small(sources=["layered_psd"]), tmp_path / "none", tmp_path / "out")
