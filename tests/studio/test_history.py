import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg.errors import CubisegError
from cubiseg.studio.history import Action, History, encoded
from cubiseg.studio.runs import Runs
from tests.studio.sessions import painting

SIZE = (9, 7)
maps = st.lists(st.integers(0, 11), min_size=63, max_size=63).map(lambda ids: np.array(ids, np.uint8).reshape(SIZE))
paints = st.tuples(
    st.just("paint"), st.integers(0, 8), st.integers(0, 6), st.integers(1, 5), st.sampled_from([1, 2, 25])
)
deeds = st.lists(st.one_of(paints, st.just(("undo",)), st.just(("redo",))), max_size=25)


@given(maps, maps)
def test_runs_turn_one_map_into_another_and_back_through_their_bytes(before: np.ndarray, after: np.ndarray) -> None:
    runs = Runs.between(before, after)
    again = Runs.parse(runs.pack(), before.size)
    label = before.copy()
    back = again.paint(label)
    assert np.array_equal(label, after)
    assert (runs.start % 7 + runs.length <= 7).all(), "a run ends with its row"
    back.paint(label)
    assert np.array_equal(label, before)


@pytest.mark.parametrize(
    "words",
    [
        [[62, 2 << 8 | 1]],  # leaves the map
        [[0, 0 << 8 | 1]],  # has no pixel
        [[0, 1 << 8 | 255]],  # is no class
        [[0, 1 << 8 | 13]],
        [[0, 3 << 8 | 1], [2, 1 << 8 | 1]],  # overlaps
        [[5, 1 << 8 | 1], [2, 1 << 8 | 1]],  # goes back
        [[2**32 - 1, (2**24 - 1) << 8 | 1]],
    ],
)
def test_runs_that_do_not_fit_are_refused(words: list[list[int]]) -> None:
    with pytest.raises(CubisegError):
        Runs.parse(np.array(words, "<u4").tobytes(), 63)


@pytest.mark.parametrize("text", ["%", base64.b64encode(b"1234").decode(), "AAAA"])
def test_patches_that_are_none_are_refused_and_change_nothing(text: str) -> None:
    history = History(np.zeros(SIZE, np.uint8))
    with pytest.raises(CubisegError):
        history.apply(Action(state=1, do="paint", runs=text))
    assert (history.state, history.label.any(), history.can_undo) == (0, False, False)


@settings(deadline=None)
@given(maps, deeds)
def test_any_list_of_actions_is_replayed_to_the_same_map_and_undone_without_limit(
    base: np.ndarray, wanted: list[tuple[object, ...]]
) -> None:
    history, actions, past, future = History(base.copy()), [], [base.copy()], []
    for deed in wanted:
        state = history.state + 1
        if deed[0] == "paint":
            _, row, column, side, value = deed
            window = np.s_[row : row + side, column : column + side]  # type: ignore[operator, misc]
            action = painting(state, history.label, window, value)  # type: ignore[arg-type]
            past, future = [*past, history.label.copy()], []
            past[-1][window] = value
        elif deed[0] == "undo" and len(past) > 1:
            action = Action(state=state, do="undo")
            future.append(past.pop())
        elif deed[0] == "redo" and future:
            action = Action(state=state, do="redo")
            past.append(future.pop())
        else:
            with pytest.raises(CubisegError):
                history.apply(Action(state=state, do=deed[0]))  # type: ignore[arg-type]
            continue
        history.apply(action)
        actions.append(action)
        assert np.array_equal(history.label, past[-1])
    assert np.array_equal(History.of(base, actions).label, history.label)
    while history.can_undo:
        history.apply(Action(state=history.state + 1, do="undo"))
    assert np.array_equal(history.label, base)


def test_an_action_on_another_state_is_refused() -> None:
    history = History(np.zeros(SIZE, np.uint8))
    action = painting(1, history.label, np.s_[:2, :2], 1)
    history.apply(action)
    with pytest.raises(CubisegError, match="does not follow"):
        history.apply(action)


def test_what_changes_nothing_can_be_undone_like_the_rest() -> None:
    history = History(np.zeros(SIZE, np.uint8))
    history.apply(Action(state=1, do="paint", runs=encoded(Runs.between(history.label, history.label))))
    history.apply(Action(state=2, do="undo"))
    assert history.state == 2 and history.can_redo
