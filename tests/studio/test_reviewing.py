"""A review: the order of the queue, what is kept of what is said, and what becomes of what changed meanwhile."""

import io
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from cubiseg import label_maps
from cubiseg.cleaning.corrections import Review, Verdict, outcome, read_corrected_label, read_reviews
from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.imaging import read_picture
from cubiseg.label_maps import label_hash, read_label
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import Flag, LabelMethod, Split, read_manifest, write_manifest
from cubiseg.studio.data_set import DataSet, pictures_folder, read_only
from cubiseg.studio.gain import gain, order, reasons
from cubiseg.studio.reviewing import MARKS_FILE, checked_reviewer, folder_of
from cubiseg.taxonomy import ID
from tests.inference.palette import portrait_label
from tests.studio.data_sets import BY_GAIN, KINDS, review_client, reviewing, write_data, wrong_label
from tests.studio.sessions import HOST, TOKEN, painting
from tests.tiny import sample


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_data(tmp_path)
    return tmp_path


@pytest.fixture
def page(place: Path) -> Iterator[TestClient]:
    with review_client(place) as made:
        yield made


def about(page: TestClient, number: int) -> dict[str, Any]:
    return page.get(f"api/review/{number}").json()


def say(page: TestClient, number: int, verdict: str = "right", **changes: Any) -> Any:
    now = about(page, number)
    said = {"verdict": verdict, "base": now["base"], "state": now["state"], "known": now["known"], "seconds": 4.25}
    return page.post(f"api/review/{number}/say", json={**said, **changes})


def mend(page: TestClient, number: int, value: int = ID["nose"], rows: slice = slice(20, 24)) -> np.ndarray:
    """Paint a few rows by the brush; returns the label map."""
    one = f"api/pictures/{number}"
    state = page.post(f"{one}/open").json()["state"]
    label = np.frombuffer(page.get(f"{one}/label.bin").content, np.uint8).reshape(160, 128).copy()
    action = painting(state + 1, label, np.s_[rows], value)
    assert page.post(f"{one}/actions", content=action.model_dump_json()).status_code == 200
    label[rows] = value
    return label


def kept(place: Path, name: str) -> list[Review]:
    return read_reviews(place / "corrections").get(name, [])


def test_the_queue_begins_where_most_is_expected_to_be_wrong(page: TestClient) -> None:
    rows = page.get("api/review/queue").json()
    assert [row["id"] for row in rows][: len(BY_GAIN)] == BY_GAIN
    assert sorted(row["id"] for row in rows) == sorted(KINDS)
    assert rows[0]["why"] == ["low confidence", "confidence 0.30"]


def test_what_nothing_tells_of_comes_last_in_an_order_drawn_by_the_seed() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    samples = {n: sample(f"s{n:02d}", pixels) for n in range(30)}
    samples[30] = sample("sure", pixels, confidence=0.97)
    samples[31] = sample("unsure", pixels, confidence=0.6)
    drawn = [order(samples, {}, seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(one[0] == 31 and sorted(one) == list(range(32)) for one in drawn)
    assert order(samples, {"s07": 0.9}, 0)[:2] == [7, 31], "the model disagrees"


def test_signs_add_up_and_are_told_in_words() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    told = sample("s", pixels, confidence=0.5, flags=(Flag.CROPPED, Flag.CORRECTED))
    assert gain(told) == pytest.approx(1 - 0.5 * 0.9)
    assert gain(told, 0.2) == pytest.approx(1 - 0.5 * 0.9 * 0.8)
    assert reasons(told, 0.2) == ["cropped", "confidence 0.50", "the model disagrees by 20 %"]
    assert gain(sample("s", pixels)) == 0


def test_the_model_s_opinion_of_answers_moves_them_up_and_shows_where(place: Path) -> None:
    """Its network is right, and the label maps call the nose mouth."""
    rows = read_manifest(place / "clean")
    write_manifest(place / "clean", [s.model_copy(update={"confidence": None, "flags": ()}) for s in rows])
    of = reviewing(place, model=True)
    try:
        for number in (1, 4):
            if of._is_answered(number):
                of._compare(number)
        first, *_ = of.queue()
        assert first["id"] == "p01" and first["why"][0].startswith("the model disagrees by 1")
        assert of._is_answered(4) is False, "a label that was given is right"
        document = of.weighed(1)
        assert "unsure" in {p.kind for p in document.places()}
        unsure = np.frombuffer(document.plane("confidence")[0], np.uint8).reshape(160, 128) < 128
        nose = portrait_label() == ID["nose"]
        assert unsure[nose].mean() > 0.8 and unsure[~nose].mean() < 0.02
        assert len(list((place / "out/ab/opinions").rglob("*.png"))) == 2, "and is kept"
    finally:
        of.close()


def test_an_accepted_sample_is_a_record_and_done(place: Path, page: TestClient) -> None:
    row = say(page, 3).json()
    assert row["done"] and row["said"]["verdict"] == "accepted"
    (review,) = kept(place, "p03")
    assert (review.verdict, review.reviewer, review.seconds, review.revision) == (Verdict.ACCEPTED, "ab", 4.2, 1)
    assert review.base_sha256 == label_hash(wrong_label(3)) and review.label is None and review.actions == {}
    assert page.get("api/review/queue").json()[0]["id"] == "p03", "done ones come first, so that one may go back"
    assert "p03" not in {row["id"] for row in page.get("api/review/sheet").json()}


def test_a_mended_sample_is_a_correction_with_what_was_done(place: Path, page: TestClient) -> None:
    label = mend(page, 3)
    mend(page, 3, ID["mouth"])
    page.post("api/pictures/3/actions", json={"state": 3, "do": "undo"})
    assert say(page, 3).json()["said"]["verdict"] == "corrected"
    (review,) = kept(place, "p03")
    assert review.actions == {"brush": 2, "undo": 1}
    assert np.array_equal(read_corrected_label(place / "corrections", review, (160, 128)), label)
    assert np.array_equal(read_label(place / "clean/labels/p03.png"), wrong_label(3)), "the data set is left alone"


def test_rejected_needs_a_reason_and_unsure_none(place: Path, page: TestClient) -> None:
    assert say(page, 0, "rejected").status_code == 400
    assert say(page, 0, "rejected", reason="ugly").status_code == 400
    assert kept(place, "p00") == []
    assert say(page, 0, "rejected", reason="duplicate", note="of p01").json()["done"]
    assert say(page, 1, "unsure").json()["said"]["verdict"] == "unsure"
    assert (kept(place, "p00")[0].reason, kept(place, "p00")[0].note) == ("duplicate", "of p01")
    assert kept(place, "p01")[0].verdict is Verdict.UNSURE


def test_a_sample_without_a_label_can_be_drawn_or_rejected_and_not_accepted(place: Path, page: TestClient) -> None:
    assert "draw one" in say(page, 6).json()["error"]
    page.post("api/pictures/6/open")
    assert "draw one" in say(page, 6).json()["error"], "all background is nobody's label map"
    label = mend(page, 6, ID["hair"])
    assert say(page, 6).json()["said"]["verdict"] == "corrected"
    (review,) = kept(place, "p06")
    assert review.base_sha256 is None
    assert np.array_equal(read_corrected_label(place / "corrections", review, (160, 128)), label)


def test_whoever_thinks_again_adds_a_review(place: Path, page: TestClient) -> None:
    say(page, 2)
    mend(page, 2)
    say(page, 2)
    assert [(r.revision, r.verdict) for r in kept(place, "p02")] == [(1, "accepted"), (2, "corrected")]


def test_two_reviewers_at_once_keep_both_corrections(place: Path) -> None:
    with review_client(place, "ab") as one, review_client(place, "cd") as other:
        drawn = [mend(one, 3, ID["nose"]), mend(other, 3, ID["hair"])]
        known = about(other, 3)["known"]
        say(one, 3)
        assert say(other, 3, known=known).status_code == 200
        theirs = about(one, 3)["others"]
        assert [(o["reviewer"], o["verdict"]) for o in theirs] == [("cd", "corrected")]
        reviews = kept(place, "p03")
        assert [(r.reviewer, r.revision) for r in reviews] == [("ab", 1), ("cd", 1)]
        for review, label in zip(reviews, drawn, strict=True):
            assert np.array_equal(read_corrected_label(place / "corrections", review, (160, 128)), label)
        assert outcome(reviews).disagree
        order_of_cd = [row["id"] for row in other.get("api/review/queue").json()]
        say(one, 5)
        assert [r["id"] for r in other.get("api/review/queue").json()][-1] == "p05", "what others did comes last"
        assert order_of_cd[-1] != "p05"


def test_another_s_correction_can_be_taken_as_one_step(place: Path) -> None:
    with review_client(place, "ab") as one, review_client(place, "cd") as other:
        label = mend(one, 3)
        say(one, 3)
        other.post("api/pictures/3/open")
        wanted = {"reviewer": "ab", "state": 0}
        assert other.post("api/review/3/theirs", json={**wanted, "reviewer": "xy"}).status_code == 422
        assert other.post("api/review/3/theirs", json=wanted).json()["undo"] == 1
        assert other.post("api/review/3/theirs", json=wanted).status_code == 409, "the state is an old one"
        assert say(other, 3).json()["said"]["verdict"] == "corrected"
        mine = kept(place, "p03")[-1]
        assert (mine.reviewer, mine.revision, mine.actions) == ("cd", 2, {"theirs": 1})
        assert np.array_equal(read_corrected_label(place / "corrections", mine, (160, 128)), label)


def test_reviews_on_two_git_branches_merge_without_a_conflict(place: Path) -> None:
    def git(*arguments: str) -> None:
        told = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *told, *arguments], cwd=place / "corrections", check=True, capture_output=True)

    (place / "corrections").mkdir()
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "begin")
    for reviewer, value in (("ab", ID["nose"]), ("cd", ID["hair"])):
        git("checkout", "-q", "-b", reviewer, "main")
        with review_client(place, reviewer) as page:
            mend(page, 3, value)
            say(page, 3)
            say(page, 2)
        git("add", "-A")
        git("commit", "-q", "-m", reviewer)
    git("merge", "-q", "--no-edit", "ab")
    assert {name: [r.reviewer for r in reviews] for name, reviews in read_reviews(place / "corrections").items()} == {
        "p02": ["ab", "cd"],
        "p03": ["ab", "cd"],
    }


def test_a_second_tab_with_an_old_state_is_refused(place: Path, page: TestClient) -> None:
    old = about(page, 3)
    say(page, 3)
    answer = say(page, 3, "rejected", reason="other", known=old["known"])
    assert answer.status_code == 409 and "you said already that it is accepted" in answer.json()["error"]
    mend(page, 5)
    answer = say(page, 5, state=0)
    assert answer.status_code == 409 and "was mended in another tab" in answer.json()["error"]
    assert say(page, 5, known=7).status_code == 409
    assert [len(kept(place, name)) for name in ("p03", "p05")] == [1, 0]


def test_a_label_map_that_changed_meanwhile_is_shown_and_never_overwritten_silently(place: Path) -> None:
    file = place / "clean/labels/p03.png"
    with review_client(place) as page:
        seen = about(page, 3)
        newer = wrong_label(3)
        newer[100:110] = ID["clothes"]
        label_maps.write_label(file, newer)
        answer = say(page, 3, base=seen["base"])
        assert answer.status_code == 409 and "was changed since you began" in answer.json()["error"]
        assert kept(place, "p03") == []
        label_maps.write_label(file, wrong_label(3))
        mended = mend(page, 3)
        label_maps.write_label(file, newer)
        assert about(page, 3)["changed"]
        assert say(page, 3).status_code == 409, "even where the page knows of the new one"
        assert say(page, 3, "unsure").status_code == 200
        for carry, wanted in ((True, np.where(mended == wrong_label(3), newer, mended)), (False, newer)):
            assert not page.post("api/review/3/renew", json={"carry": carry}).json()["changed"]
            label = np.frombuffer(page.get("api/pictures/3/label.bin").content, np.uint8).reshape(160, 128)
            assert np.array_equal(label, wanted)
            assert say(page, 3).json()["said"]["verdict"] == ("corrected" if carry else "accepted")
            label_maps.write_label(file, newer)
        assert len(list((place / "out/ab").glob("p03.studio.*"))) == 2, "what was mended is set aside"
        assert {r.base_sha256 for r in kept(place, "p03")} == {label_hash(newer)}


def test_what_is_shown_is_the_label_map_that_is_spoken_of(place: Path, page: TestClient) -> None:
    """Also of samples that are in memory still, on a label map that cleaning has replaced since."""
    newer = wrong_label(5)
    newer[100:110] = ID["clothes"]
    first = page.post("api/pictures/5/open").json()["base"]
    taken_over = mend(page, 3)
    say(page, 3)
    for number, label in ((5, newer), (3, taken_over)):
        label_maps.write_label(place / f"clean/labels/p0{number}.png", label)
    assert about(page, 5)["begun"] == label_hash(newer) != first, "a page that shows the first one opens it again"
    label_maps.write_label(place / "clean/labels/p05.png", wrong_label(5))
    for number, label in ((5, wrong_label(5)), (3, taken_over)):
        facts = page.post(f"api/pictures/{number}/open").json()
        assert (facts["base"], facts["state"]) == (label_hash(label), 0)
        assert page.get(f"api/pictures/{number}/label.bin").content == label.tobytes()
        assert about(page, number)["begun"] == facts["base"]
        assert say(page, number, base=facts["base"], state=0).json()["said"]["verdict"] == "accepted"
    label_maps.write_label(place / "clean/labels/p03.png", newer)
    mended = mend(page, 3)
    label_maps.write_label(place / "clean/labels/p03.png", taken_over)
    facts, row = page.post("api/pictures/3/open").json(), about(page, 3)
    assert facts["state"] == 1 and row["changed"] and row["begun"] == facts["base"] == label_hash(newer)
    assert page.get("api/pictures/3/label.bin").content == mended.tobytes(), "what would be lost is asked about first"


def test_what_was_said_of_an_older_label_map_waits_again(place: Path, page: TestClient) -> None:
    say(page, 0)
    label_maps.write_label(place / "clean/labels/p00.png", portrait_label())
    first = page.get("api/review/queue").json()[0]
    assert (first["id"], first["done"], first["stale"]) == ("p00", False, True)
    assert say(page, 0).json()["done"]


def test_a_label_map_that_is_gone_or_damaged_keeps_nobody_from_the_others(place: Path, page: TestClient) -> None:
    """Another reviewer rejected it, and cleaning ran meanwhile."""
    say(page, 0)
    mend(page, 2)
    for number in (0, 2, 3):
        (place / f"clean/labels/p0{number}.png").unlink()
    (place / "clean/labels/p05.png").write_bytes(b"no picture")
    rows = {row["id"]: row for row in page.get("api/review/queue").json()}
    assert [name for name in sorted(rows) if rows[name]["gone"]] == ["p00", "p02", "p03"]
    assert all(rows[name]["done"] and not rows[name]["stale"] for name in ("p00", "p02", "p03"))
    assert rows["p03"]["why"] == ["its label map is gone"] and rows["p03"]["said"] is None
    sheet = page.get("api/review/sheet", params={"size": "3"}).json()
    assert sorted(row["id"] for row in sheet) == ["p01", "p04", "p06"]
    assert "is gone" in page.post("api/pictures/3/open").json()["error"]
    assert say(page, 1).json()["done"]


def test_a_correction_that_the_data_set_has_taken_over_is_done(place: Path, page: TestClient) -> None:
    label = mend(page, 3)
    say(page, 3)
    label_maps.write_label(place / "clean/labels/p03.png", label)
    row = about(page, 3)
    assert row["done"] and not row["changed"] and row["state"] == 0 and row["base"] == label_hash(label)


def test_marks_of_the_sheet_are_kept_and_come_first(place: Path, page: TestClient) -> None:
    sheet = page.get("api/review/sheet", params={"size": "3"}).json()
    assert [row["id"] for row in sheet] == BY_GAIN[:3] and {row["state"] for row in sheet} == {0}
    assert page.post("api/review/marks", json={"numbers": [4, 1], "on": True}).status_code == 200
    assert page.post("api/review/marks", json={"numbers": [99], "on": True}).status_code == 422
    page.post("api/review/marks", json={"numbers": [1], "on": False})
    with review_client(place) as again:
        assert [row["id"] for row in again.get("api/review/queue").json() if row["marked"]] == ["p04"]
        assert again.get("api/review/queue").json()[0]["id"] == "p04"
        assert "p04" not in {row["id"] for row in again.get("api/review/sheet").json()}
        say(again, 4)
        assert json.loads((place / "out/ab" / MARKS_FILE).read_text()) == []


def test_marks_that_come_at_once_are_all_kept(place: Path) -> None:
    of, start = reviewing(place), threading.Barrier(len(KINDS))

    def mark(number: int) -> None:
        start.wait()
        of.mark([number], on=True)

    with ThreadPoolExecutor(len(KINDS)) as pool:
        list(pool.map(mark, range(len(KINDS))))
    assert json.loads((of.out / MARKS_FILE).read_text()) == sorted(KINDS)


def test_what_was_done_is_kept_of_a_sample_that_had_left_the_memory(place: Path, page: TestClient) -> None:
    mend(page, 3)
    for number in (0, 1, 2, 4, 5, 6):
        page.post(f"api/pictures/{number}/open")
    say(page, 3)
    assert kept(place, "p03")[0].actions == {"brush": 1}


def test_each_reviewer_has_a_folder_of_their_own() -> None:
    names = ["Ann_B", "Ann B.", "Ann/B", "..", "reviewer", "絵師"]
    folders = [folder_of(name) for name in names]
    assert len(set(folders)) == len(names) and all(Path(folder).name == folder for folder in folders)
    assert (folders[0], folders[-1]) == ("Ann_B", "絵師"), "a plain name is as it was"


def test_portraits_of_the_sheet_show_what_is_mended(page: TestClient) -> None:
    before = page.get("api/review/3/portrait.webp", params={"side": "200"})
    assert before.headers["Content-Type"] == "image/webp" and before.content[8:12] == b"WEBP"
    mend(page, 3)
    after = page.get("api/review/3/portrait.webp", params={"side": "200"})
    assert after.content != before.content
    assert page.get("api/review/3/portrait.webp", params={"side": "9" * 9}).status_code == 200
    assert page.get("api/review/99/portrait.webp").status_code == 422


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("review/queue", {"Host": "evil.example"}, 421),
        ("review/3/say", {"Origin": "http://evil.example"}, 403),
        ("review/3/say", {"Origin": ""}, 403),
        ("../wrong/api/review/queue", {}, 404),
        ("review/..%2f..%2fsamples.jsonl", {}, 404),
        ("review/-1", {}, 404),
        ("review/99", {}, 422),
    ],
)
def test_strangers_and_wrong_paths_are_refused(page: TestClient, path: str, headers: dict, status: int) -> None:
    method = "POST" if path.endswith("say") else "GET"
    answer = page.request(method, f"http://{HOST}/{TOKEN}/api/{path}", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("body", [b"", b"{}", b'{"verdict": "right"}', b"x" * 2**17, b'{"numbers": "../x", "on": 1}'])
def test_what_the_page_would_not_send_is_refused_and_leaves_nothing(place: Path, page: TestClient, body: bytes) -> None:
    for path in ("3/say", "3/renew", "3/theirs", "marks"):
        assert page.post(f"api/review/{path}", content=body).status_code in (400, 422)
    assert not (place / "corrections").exists()


def test_links_that_lead_out_of_the_folders_are_refused(place: Path) -> None:
    (place / "secret.png").write_bytes((place / "prepared/images/p00.png").read_bytes())
    for name in ("prepared/images/p02.png", "clean/labels/p03.png"):
        (place / name).unlink()
        (place / name).symlink_to(place / "secret.png")
    with pytest.raises(CubisegError, match=r"p02\.png: is a link that leads out of"):
        reviewing(place)
    data = DataSet(place / "clean", place / "prepared", only=["p03"])
    with pytest.raises(CubisegError, match=r"p03\.png: is a link that leads out of"):
        data.label(data.samples[0])


def test_a_manifest_that_names_a_path_outside_is_refused(place: Path) -> None:
    file = place / "clean/samples.jsonl"
    file.write_text(file.read_text().replace("labels/p03.png", "../../secret.png"))
    with pytest.raises(CubisegError, match="must be a relative path inside the folder"):
        reviewing(place)


def test_a_split_or_a_list_is_reviewed_alone_and_a_list_in_its_order(place: Path) -> None:
    rows = read_manifest(place / "clean")
    write_manifest(place / "clean", [s.model_copy(update={"split": list(Split)[i % 3]}) for i, s in enumerate(rows)])
    assert [s.id for s in reviewing(place, split=Split.VAL).data.samples] == ["p01", "p04"]
    (place / "list.jsonl").write_text('{"sample": "p04", "stratum": "x"}\n{"id": "p03"}\np00\n\np04\n')
    only = read_only(place / "list.jsonl")
    of = reviewing(place, only=only, fixed=True)
    assert [row["id"] for row in of.queue()] == only == ["p04", "p03", "p00"]
    with review_client(place, "cd") as other:
        say(other, 4)
    assert [row["id"] for row in of.queue()] == only, "each looks at all of them"
    with pytest.raises(CubisegError, match="has no sample gone"):
        reviewing(place, only=["gone"])
    left = DataSet(place / "clean", place / "prepared", None, ["p03", "gone", "p00"], {"gone"})
    assert [s.id for s in left.samples] == ["p03", "p00"], "who was rejected may be on the list still"
    for line in ("{", '{"x": 1}'):
        (place / "list.jsonl").write_text(f"p01\n{line}\n")
        with pytest.raises(CubisegError, match=r"list.jsonl:2: names no sample"):
            read_only(place / "list.jsonl")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * 65])
def test_a_reviewer_has_a_name_that_can_be_printed(name: str) -> None:
    with pytest.raises(CubisegError, match="1 to 64 printable"):
        checked_reviewer(name)
    assert checked_reviewer(" 絵師 B. ") == "絵師 B."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--review", "none"], "samples.jsonl: cannot be read"),
        (["--review", "clean", "--split", "val"], "holds no sample to review"),
        (["--review", "clean", "--prepared", "clean"], "say where the pictures are"),
        (["--review", "clean", "--reviewer", "a\tb"], "printable"),
        (["--review", "clean", "art.png"], "takes no pictures"),
        (["--split", "val"], "belong to a review"),
        (["--review", "clean", "--model", "none.onnx"], "none.onnx"),
        (["prepared/images/p00.png", "--model", "none.onnx"], "none.onnx"),
    ],
)
def test_what_the_command_cannot_review_is_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(place)
    result = CliRunner().invoke(main, ["studio", *arguments, "--no-browser"])
    assert result.exit_code != 0
    (line,) = result.stderr.strip().splitlines()
    assert told in line


def test_cleaning_applies_what_was_said(place: Path) -> None:
    """From the stage's own folder to the page and back."""
    from tests.cleaning.test_stage import Workplace, figures_of

    work = Workplace(place / "work")
    before = work.clean()
    data = DataSet(work.root / "clean", work.root / "prepared")
    numbers = {s.id: n for n, s in enumerate(data.samples)}
    with review_client(work.root) as page:
        state = page.post(f"api/pictures/{numbers['p02']}/open").json()["state"]
        label = data.label(data.samples[numbers["p02"]])
        action = painting(state + 1, label, np.s_[:9], ID["hair"])
        page.post(f"api/pictures/{numbers['p02']}/actions", content=action.model_dump_json())
        for name, verdict, more in (
            ("p02", "right", {}),
            ("p03", "right", {}),
            ("p04", "rejected", {"reason": "other"}),
        ):
            assert say(page, numbers[name], verdict, **more).status_code == 200
        metrics = work.clean()
        assert metrics.corrections == figures_of(applied=1, accepted=1, rejected={"other": 1})
        assert metrics.pictures == before.pictures - 1
        assert (work.label("p02")[:9] == ID["hair"]).all()
        assert work.row("p02").label_method is LabelMethod.HUMAN
    with review_client(work.root) as page:
        done = {row["id"] for row in page.get("api/review/queue").json() if row["done"]}
        assert done == {"p02", "p03"}


def test_a_data_set_in_shards_is_reviewed_also_after_it_was_built_again(place: Path) -> None:
    def pack() -> None:
        pack_samples(place / "clean", ("labels",), Pack.SHARDS, 7)

    shown = read_label(place / "clean/labels/p03.png")
    drawn = read_picture(place / "prepared/images/p03.png").rgb
    pack_samples(place / "prepared", ("images",), Pack.SHARDS, 7)
    pack()
    assert pictures_folder(place / "clean") == place / "prepared"
    with review_client(place) as page:
        assert [row["id"] for row in page.get("api/review/queue").json()][: len(BY_GAIN)] == BY_GAIN
        assert page.post("api/pictures/3/open").json()["base"] == label_hash(shown)
        assert page.get("api/pictures/3/label.bin").content == shown.tobytes()
        sent = Image.open(io.BytesIO(page.get("api/pictures/3/picture.png").content)).convert("RGB")
        assert np.array_equal(np.asarray(sent), drawn)
        mend(page, 3)
        assert say(page, 3).json()["said"]["verdict"] == "corrected"
        shutil.rmtree(place / "clean/shards")
        newer = wrong_label(9)
        for number in (2, 5):  # the others were left out
            label_maps.write_label(place / f"clean/labels/p0{number}.png", newer)
        pack()
        assert about(page, 5)["base"] == label_hash(newer)
        assert page.get("api/review/queue").status_code == 200
    assert read_corrected_label(place / "corrections", kept(place, "p03")[-1], shown.shape).shape == shown.shape
