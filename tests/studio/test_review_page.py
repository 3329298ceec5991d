"""A review's page, in a browser that nobody sees, by its own keys and clicks."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cubiseg.cleaning.corrections import Review, Verdict, read_corrected_label, read_reviews
from cubiseg.label_maps import label_hash, write_label
from cubiseg.taxonomy import ID
from tests.studio.data_sets import BY_GAIN, KINDS, write_data, wrong_label
from tests.studio.pages import at, contrasts, shown, studio, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
READY = "studio.review?.about && studio.doc?.label && studio.actions"
LOADED = "[...document.querySelectorAll('#portraits img')].every(i => i.naturalWidth)"
SHEET = f"!document.getElementById('sheet').hidden && {LOADED}"


def options(folder: Path, reviewer: str = "ab") -> list[str | Path]:
    return ["--review", folder / "clean", "--corrections", folder / "corrections", "--reviewer", reviewer]


def last(folder: Path, name: str) -> Review:
    return read_reviews(folder / "corrections")[name][-1]


def sample(page: "Page") -> str:
    """The sample that is shown, once one can say something of it."""
    until(lambda: page.evaluate(f"Boolean({READY} && studio.review.about.number === studio.number)"))
    return str(page.evaluate("document.getElementById('sampleid').textContent"))


def said(page: "Page", key: str) -> str:
    """Press a key that says something; the sample that comes next."""
    before = sample(page)
    page.keyboard.press(key)
    until(lambda: sample(page) != before)
    return sample(page)


def mend_nose(page: "Page") -> np.ndarray:
    """Fill what stands where the nose is; the label map."""
    page.keyboard.press("KeyF")
    page.keyboard.press("Digit7")
    page.mouse.click(*at(page, 64, 83))
    return shown(page)


def test_a_queue_is_gone_through_by_keys_and_resumed(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        queue = page.evaluate("studio.review.rows.map(row => row.id)")
        assert sample(page) == queue[0] and sorted(queue) == sorted(KINDS)
        page.keyboard.press("KeyJ")
        assert sample(page) == queue[1]
        page.keyboard.press("KeyK")
        assert sample(page) == queue[0]
        until(lambda: page.evaluate("Boolean(studio.doc?.areas)"))
        assert said(page, "Control+Enter") == queue[1]
        assert last(tmp_path, queue[0]).verdict is Verdict.ACCEPTED
        mended = mend_nose(page)
        assert mended[83, 64] == ID["nose"]
        until(lambda: page.evaluate("document.getElementById('accept').textContent.startsWith('Keep the correction')"))
        assert said(page, "Control+Enter") == queue[2]
        review = last(tmp_path, queue[1])
        assert (review.verdict, review.actions) == (Verdict.CORRECTED, {"fill": 1}) and review.seconds
        assert np.array_equal(read_corrected_label(tmp_path / "corrections", review, (160, 128)), mended)
        page.keyboard.press("Delete")
        assert page.evaluate("document.getElementById('rejecting').open")
        assert said(page, "Digit2") == queue[3]
        assert last(tmp_path, queue[2]).reason == "several_people"
        assert said(page, "Control+Shift+Enter") == queue[4]
        assert last(tmp_path, queue[3]).verdict is Verdict.UNSURE
        page.keyboard.press("KeyK")
        assert sample(page) == queue[3] and "You were unsure" in page.text_content("#mine")
        mend_nose(page)
        page.reload()
        assert sample(page) in queue[4:] and "5 of 7, 4 done" in page.text_content("#position")
        page.keyboard.press("KeyK")
        assert sample(page) == queue[3] and shown(page)[83, 64] == ID["nose"], "also what is half mended"


def test_killed_in_the_middle_nothing_is_lost(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        first = sample(page)
        second = said(page, "Control+Enter")
        mended = mend_nose(page)
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(60)
        page.keyboard.press("Control+Enter")
        until(lambda: "does not answer" in page.text_content("#toasts"))
        page.close()
        running.faults.clear()
    assert not list((tmp_path / "corrections").rglob(".cubiseg-*")), "nothing half-written"
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        assert page.evaluate("studio.review.rows.filter(row => row.done).map(row => row.id)") == [first]
        assert sample(page) == second and np.array_equal(shown(page), mended)


def test_the_sheet_accepts_all_but_what_is_marked(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path, {**KINDS, **{f"q{i:02d}": {} for i in range(16)}})
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        page.keyboard.press("KeyZ")
        until(lambda: page.evaluate(SHEET))
        names = page.evaluate("studio.review.cells.map(cell => cell.row.id)")
        assert len(names) == 20 and set(BY_GAIN) < set(names)
        boxes = page.evaluate(
            "[...document.querySelectorAll('#portraits img')].map(i => i.getBoundingClientRect().toJSON())"
        )
        assert min(box["width"] for box in boxes) > 130 and max(box["bottom"] for box in boxes) < 720
        blank = names.index("p06")
        marked = [n for n in (2, 5, 6) if n != blank]  # in the first row of seven
        page.click(f"#portraits li:nth-child({marked[0] + 1}) button")
        page.keyboard.press("Home")
        page.evaluate("studio.review.cells[0].button.focus()")
        for _ in range(marked[1]):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("studio.review.cell.row.id") == names[marked[1]]
        page.keyboard.press("Space")
        until(lambda: page.text_content("#sheettext").startswith("3 of 20"))
        page.keyboard.press("Enter")
        until(lambda: page.evaluate("document.getElementById('sheet').hidden"))
        reviews = read_reviews(tmp_path / "corrections")
        needs_work = {names[n] for n in (*marked[:2], blank)}
        assert set(reviews) == set(names) - needs_work
        assert {r.verdict for (r,) in reviews.values()} == {Verdict.ACCEPTED}
        for _ in range(3):
            assert sample(page) in needs_work
            needs_work.discard(sample(page))
            page.keyboard.press("Control+Shift+Enter")
            until(lambda: page.evaluate(SHEET) or (page.evaluate(READY) and sample(page) in needs_work))
        until(lambda: page.evaluate(SHEET))
        assert page.evaluate("studio.review.cells.length") == 3, "the next sheet"
        page.keyboard.press("KeyO")
        until(lambda: page.evaluate("document.getElementById('sheet').hidden"))


def test_a_new_label_map_has_a_new_portrait(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path, {"p00": {}})
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        for index in (0, 40):
            write_label(tmp_path / "clean/labels/p00.png", wrong_label(index))
            page.evaluate("studio.review.openSheet()")
            address, wanted = "studio.review.cells[0]?.image.src ?? ''", label_hash(wrong_label(index))
            until(lambda address=address, wanted=wanted: wanted in page.evaluate(address))
            until(lambda: page.evaluate(SHEET))


def test_a_label_map_that_changed_is_shown_and_what_was_mended_can_be_kept(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        name = sample(page)
        mended = mend_nose(page)
        newer = wrong_label(list(KINDS).index(name))
        newer[150:155] = ID["background"]
        write_label(tmp_path / f"clean/labels/{name}.png", newer)
        page.keyboard.press("Control+Enter")
        until(lambda: "was changed since you began" in page.text_content("#toasts"))
        until(lambda: page.is_visible("#changed"))
        assert page.is_disabled("#accept") and read_reviews(tmp_path / "corrections") == {}
        page.click("#carry")
        until(lambda: page.is_hidden("#changed") and sample(page) == name)
        both = shown(page)
        assert (both[150:155] == 0).all() and both[83, 64] == mended[83, 64] == ID["nose"]
        said(page, "Control+Enter")
        assert last(tmp_path, name).actions == {"carry": 1}
        # The old state is refused, and so are its places, if they are asked for when the sample is being opened anew.
        refused = [
            fault for fault in running.faults if "409" in fault or ("422" in fault and fault.endswith("/places"))
        ]
        running.faults = [fault for fault in running.faults if fault not in refused]


def test_what_one_accepts_is_what_one_sees(tmp_path: Path, browser: "Browser") -> None:
    """The next sample is in memory already when cleaning replaces its label map."""
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        first, second = page.evaluate("studio.review.rows.slice(0, 2).map(row => row.id)")
        until(lambda: (tmp_path / f"out/ab/{second}.studio/areas.npz").exists())
        newer = wrong_label(list(KINDS).index(second))
        newer[150:155] = ID["background"]
        write_label(tmp_path / f"clean/labels/{second}.png", newer)
        page.keyboard.press("KeyJ")
        assert sample(page) == second and np.array_equal(shown(page), newer)
        said(page, "Control+Enter")
        assert last(tmp_path, second).base_sha256 == label_hash(newer)
        page.keyboard.press("KeyK")
        assert sample(page) == second
        write_label(tmp_path / f"clean/labels/{second}.png", wrong_label(list(KINDS).index(second)))
        page.evaluate("studio.review.opened(studio.number)")
        until(lambda: sample(page) == second and (shown(page)[150:155] != 0).any())
        assert sample(page) == second != first


def test_after_the_last_sample_one_may_think_again(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path, {"p00": {}})
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY)
        for verdict, key in ((Verdict.ACCEPTED, "Control+Enter"), (Verdict.UNSURE, "Control+Shift+Enter")):
            assert sample(page) == "p00"
            page.keyboard.press(key)
            until(lambda verdict=verdict: f"{verdict}" in (page.text_content("#mine") or ""))
        assert [r.verdict for r in read_reviews(tmp_path / "corrections")["p00"]] == ["accepted", "unsure"]


def test_two_reviewers_and_two_tabs(tmp_path: Path, browser: "Browser") -> None:
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        one, other = running.page(READY), running.page(READY)
        name = sample(one)
        mended = mend_nose(one)
        said(one, "Control+Enter")
        other.keyboard.press("Control+Enter")
        until(lambda: "in another tab" in other.text_content("#toasts"))
        until(lambda: sample(other) == name and "You corrected it" in other.text_content("#mine"))
        assert np.array_equal(shown(other), mended)
        assert len(read_reviews(tmp_path / "corrections")[name]) == 1
        running.faults = [fault for fault in running.faults if "409" not in fault]
        (tmp_path / "cd").mkdir()
        with studio(tmp_path / "cd", browser, *options(tmp_path, "cd")) as second:
            page = second.page(READY)
            assert page.evaluate("studio.review.rows.at(-1).id") == name, "what others did comes last"
            page.evaluate("studio.review.open(studio.review.rows.at(-1).number)")
            until(lambda: sample(page) == name)
            page.click("#theirs button")
            until(lambda: page.evaluate("studio.doc.undo === 1"))
            assert np.array_equal(shown(page), mended)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_a_review_can_be_read_and_has_a_name_on_a_tablet_too(
    tmp_path: Path, browser: "Browser", scheme: str
) -> None:
    write_data(tmp_path)
    with studio(tmp_path, browser, *options(tmp_path)) as running:
        page = running.page(READY, color_scheme=scheme, viewport={"width": 1024, "height": 768})
        unnamed = (
            "[...document.querySelectorAll('button, select, input, [tabindex]')].filter(e => !e.closest('[hidden]')"
            " && !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length)).map(e => e.outerHTML)"
        )
        for key, ready in (("", READY), ("Delete", "document.getElementById('rejecting').open"), ("KeyZ", SHEET)):
            if key:
                page.keyboard.press(key)
            until(lambda ready=ready: page.evaluate(f"Boolean({ready})"))
            assert [pair for pair in contrasts(page) if pair[0] < 4.5] == []
            assert page.evaluate(unnamed) == []
            assert page.evaluate("document.documentElement.scrollWidth <= 1024 && document.body.scrollHeight <= 768")
            if key == "Delete":
                page.keyboard.press("Escape")
