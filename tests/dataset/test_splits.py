"""Groups are shared out whole, and trusted labels measure."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from cubiseg.dataset.params import SplitParams
from cubiseg.dataset.splits import assign
from cubiseg.errors import CubisegError
from cubiseg.samples import Split

PARAMS = SplitParams(val=0.2, test=0.2, seed=1)
GROUPS = st.dictionaries(st.text(min_size=1, max_size=6), st.booleans(), min_size=3, max_size=60)
SHARES = st.tuples(st.floats(0.01, 0.5), st.floats(0.01, 0.5)).filter(lambda s: sum(s) < 1)


@given(GROUPS, SHARES, st.integers(0, 9))
def test_each_part_gets_groups_and_about_its_share(
    groups: dict[str, bool], shares: tuple[float, float], seed: int
) -> None:
    chosen, _ = assign(groups, SplitParams(val=shares[0], test=shares[1], seed=seed))
    assert set(chosen) == set(groups)
    numbers = {p: list(chosen.values()).count(p) for p in Split}
    assert min(numbers.values()) >= 1
    for part, share in zip((Split.VAL, Split.TEST), shares, strict=True):
        assert numbers[part] <= max(1, share * len(groups) + 0.5)


@given(GROUPS)
def test_val_and_test_are_trusted_while_there_are_enough(groups: dict[str, bool]) -> None:
    chosen, note = assign(groups, PARAMS)
    used = [g for g, p in chosen.items() if p is not Split.TRAIN]
    if sum(groups.values()) >= len(used):
        assert all(groups[g] for g in used)
        assert note is None
    else:
        assert {g for g in groups if groups[g]} <= set(used)
        assert "given or human" in str(note)


@given(GROUPS, st.text(min_size=7, max_size=8))
def test_a_new_group_moves_few_others_and_none_from_test_to_val(groups: dict[str, bool], new: str) -> None:
    trusted = dict.fromkeys(groups, True)
    assume(len(trusted) >= 8)
    before, _ = assign(trusted, PARAMS)
    after, _ = assign({**trusted, new: True}, PARAMS)
    moved = [(before[g], after[g]) for g in groups if before[g] != after[g]]
    assert len(moved) <= 2
    assert all(Split.TRAIN in pair for pair in moved)


def test_the_order_of_groups_does_not_matter_and_the_seed_does() -> None:
    groups = {f"g{i}": True for i in range(40)}
    backwards = dict(reversed(groups.items()))
    assert assign(groups, PARAMS)[0] == assign(backwards, PARAMS)[0]
    assert assign(groups, PARAMS)[0] != assign(groups, PARAMS.model_copy(update={"seed": 2}))[0]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_too_few_groups_are_one_line(number: int) -> None:
    with pytest.raises(CubisegError, match=f"{number} groups with labels are too few"):
        assign({f"g{i}": True for i in range(number)}, PARAMS)


@pytest.mark.parametrize(("val", "test"), [(0, 0.1), (0.1, 0), (0.5, 0.5), (1, 0.1), (-0.1, 0.1)])
def test_shares_must_leave_something_to_train_on(val: float, test: float) -> None:
    with pytest.raises(ValidationError):
        SplitParams(val=val, test=test, seed=0)
