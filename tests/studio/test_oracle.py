"""Whoever knows what is right mends a portrait's wrong names in a few actions, by the page's own keys and clicks."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import studio_oracle
from cubiseg import imaging, label_maps, regions
from cubiseg.annotation.params import NamingErrors
from cubiseg.annotation.providers.simulated_names import misname
from cubiseg.portraits import draw
from cubiseg.regions.quality import oracle_label
from cubiseg.samples import LabelMethod, write_manifest
from cubiseg.taxonomy import ID, NAMES, NUM_CLASSES
from tests.tiny import BUST, only, sample

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not any(map(shutil.which, ("chromium", "google-chrome"))), reason="Chromium is not installed"),
]
ERRORS = NamingErrors(wrong=0.05, omit=0.01, twice=0.0, doubt_wrong=0.0, doubt_right=0.0, confusion={})


def named(rgb: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """A label map of named regions, 5 % of them wrongly: (H, W) uint8."""
    proposals = regions.propose(rgb)
    cut = proposals.label(proposals.cut(240))
    best = oracle_label(cut, truth, NUM_CLASSES)
    names = [NAMES[best[cut == region][0]] for region in range(int(cut.max()) + 1)]
    told = misname(names, ERRORS, np.random.default_rng(3))
    of_region = np.zeros(len(names), np.uint8)
    for name in NAMES:
        of_region[np.array(told[name], int) - 1] = ID[name]
    return of_region[cut]


def test_wrong_names_are_mended_in_a_few_actions(tmp_path: Path) -> None:
    portrait = draw(7, 10, 256, 2, only(BUST))
    label = named(portrait.image, portrait.label)
    imaging.write_png(tmp_path / "prepared/images/p00.png", portrait.image)
    facts = {"label_method": LabelMethod.SIMULATED, "confidence": 0.8}
    for folder, content in (("prepared", portrait.label), ("clean", label)):
        label_maps.write_label(tmp_path / folder / "labels/p00.png", content)
        write_manifest(tmp_path / folder, [sample("p00", portrait.image, **facts)])
    (mended,) = studio_oracle.mend_answers(tmp_path / "clean", tmp_path / "prepared", None, studio_oracle.REACH)
    assert mended.before < studio_oracle.SHARE * mended.allowed <= mended.after and mended.allowed > 0.8
    assert 1 <= mended.count <= studio_oracle.PLANNED and "undo" not in mended.actions
    assert mended.actions.get("area", 0) > 0 and mended.keys > 0
    told = studio_oracle.told([mended])
    assert told["reached"] == 1 and told["actions"]["median"] == mended.count  # type: ignore[index]
