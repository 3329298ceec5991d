"""Rules of place split classes into their parts and change none."""

import numpy as np
from click.testing import CliRunner

from benchmarks import part_rules
from cubiseg import taxonomy
from cubiseg.evaluation import parts
from tests import tiny


def test_a_split_keeps_every_class_and_splits_nothing_without_a_face() -> None:
    for portrait in tiny.portraits():
        assert np.array_equal(taxonomy.CLASS_OF[part_rules.split(portrait.label)], portrait.label)
    lone = np.full((8, 8), taxonomy.ID["hair"], np.uint8)
    assert np.array_equal(part_rules.split(lone), lone)
    shut = np.full((8, 8), taxonomy.ID["face"], np.uint8)
    shut[4, 2:7] = taxonomy.ID["eye_left"]
    assert (part_rules.split(shut)[4, 2:7] == taxonomy.PART_ID["eye_left_lashes"]).all()


def test_sides_of_hair_ears_and_eyes_are_the_character_s_own() -> None:
    portraits = tiny.portraits()
    counts = [parts.count(p.parts, part_rules.split(p.label)) for p in portraits]
    found = parts.summary(counts, [p.group for p in portraits])
    assert found is not None and found.left_right_confusion is not None
    assert found.left_right_confusion < 0.02
    assert found.kinds["hair_front"] > 0.5 and found.kinds["eye_iris"] > 0.5


def test_the_command_prints_a_table_of_what_it_scored() -> None:
    done = CliRunner().invoke(part_rules.main, ["--generated", "2"], catch_exceptions=False)
    assert (
        done.exit_code == 0 and "| hair_front | 0." in done.output and "hair_back is called hair_front" in done.output
    )
