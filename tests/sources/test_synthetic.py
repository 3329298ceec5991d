"""The source ``synthetic``: portraits that are drawn and stored."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.portraits import VERSION, draw
from cubiseg.portraits.openraster import read_layers
from cubiseg.sources.params import SyntheticParams
from cubiseg.sources.synthetic import draw_all


def test_params_are_bounded() -> None:
    assert SyntheticParams().count == 360
    for bad in ({"count": 0}, {"size": 63}, {"size": 2049}, {"pictures_per_character": 0}, {"colour": 1}):
        with pytest.raises(ValidationError):
            SyntheticParams(**bad)


def test_portraits_are_stored_as_they_are_drawn_and_the_first_with_their_layers(tmp_path: Path) -> None:
    for name in ("images", "labels", "layers"):
        (tmp_path / name).mkdir()
    samples = draw_all(SyntheticParams(count=3, size=96, layers=1), 5, tmp_path).samples
    assert [s.group for s in samples] == ["synthetic:synthetic-5-00000"] * 2 + ["synthetic:synthetic-5-00001"]
    for index, sample in enumerate(samples):
        portrait = draw(5, index, 96, 2)
        assert sample.label is not None and sample.label_version == f"synthetic-{VERSION}"
        assert np.array_equal(label_maps.read_label(tmp_path / sample.label), portrait.label)
        assert imaging.pixel_hash(imaging.read_picture(tmp_path / sample.image).rgb) == sample.sha256
    assert [path.name for path in (tmp_path / "layers").iterdir()] == ["synthetic-000000.ora"]
    assert np.array_equal(read_layers(tmp_path / "layers/synthetic-000000.ora").label, draw(5, 0, 96, 2).label)


def test_label_maps_tell_parts_on_request_and_nothing_else_changes(tmp_path: Path) -> None:
    plain, told = tmp_path / "plain", tmp_path / "told"
    for folder in (plain, told):
        for name in ("images", "labels"):
            (folder / name).mkdir(parents=True)
    samples = [
        draw_all(SyntheticParams(count=2, size=96, layers=1, parts=parts), 5, folder).samples
        for parts, folder in ((False, plain), (True, told))
    ]
    assert samples[0] == samples[1]
    for path in plain.rglob("*.webp"):
        assert (told / path.relative_to(plain)).read_bytes() == path.read_bytes()
    for index, sample in enumerate(samples[1]):
        classes, parts = (label_maps.read_label(folder / str(sample.label)) for folder in (plain, told))
        assert np.array_equal(parts, draw(5, index, 96, 2).parts)
        assert np.array_equal(taxonomy.CLASS_OF[parts], classes)
    assert np.array_equal(read_layers(told / "layers/synthetic-000000.ora").parts, draw(5, 0, 96, 2).parts)


def test_importing_the_params_does_not_load_the_painter() -> None:
    code = "import sys, cubiseg.sources.synthetic; sys.exit('skia' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
