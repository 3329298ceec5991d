"""Who is answered, what is answered, and what another tab makes of it."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from cubiseg import taxonomy
from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation, open_segmenter
from cubiseg.label_maps import read_label
from cubiseg.layers.lint import lint
from cubiseg.studio.document import Document, Labeller, StaleState
from cubiseg.studio.history import Action
from cubiseg.studio.journal import Journal
from cubiseg.studio.session import pictures_of, safe_stem
from tests.inference.palette import portrait, write_model
from tests.studio.sessions import HOST, TOKEN, art, client, labeller, painting, session

ONE = "api/pictures/0"


def png(rgb: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


def label_of(page: TestClient, number: int = 0) -> np.ndarray:
    return np.frombuffer(page.get(f"api/pictures/{number}/label.bin").content, np.uint8).reshape(160, 128)


def act(page: TestClient, action: Action) -> int:
    return page.post(f"{ONE}/actions", content=action.model_dump_json()).status_code


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{TOKEN}/", {}, 200),
        (f"/{TOKEN}/", {"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ("/", {}, 404),
        ("/wrong/", {}, 404),
        (f"/{TOKEN}x/", {}, 404),
        ("/wrong/api/session", {}, 404),
        (f"/{TOKEN}/", {"Host": "evil.example:8000"}, 421),
        (f"/{TOKEN}/", {"Host": "evil.example"}, 421),
        (f"/{TOKEN}/", {"Host": "127.0.0.1:8001"}, 421),
        (f"/{TOKEN}/api/session", {"Origin": "http://evil.example"}, 403),
        (f"/{TOKEN}/api/session", {"Origin": "null"}, 403),
        (f"/{TOKEN}/api/session", {"Origin": "https://127.0.0.1:8000"}, 403),
        (f"/{TOKEN}/api/session", {"Origin": "http://localhost:8000"}, 403),
    ],
)
def test_strangers_are_refused(tmp_path: Path, path: str, headers: dict[str, str], status: int) -> None:
    with client(session(tmp_path)) as page:
        answer = page.get(f"http://{HOST}{path}", headers=headers)
        assert answer.status_code == status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_another_site_s_picture_tag_and_a_post_without_origin_are_refused(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        del page.headers["Origin"]
        assert page.get(f"{ONE}/picture.png").status_code == 200
        assert page.get(f"{ONE}/picture.png", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert page.post(f"{ONE}/open").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2Fsecret.txt",
        "page/../secret.txt",
        "page/..%2f..%2fguard.py",
        "page/%2e%2e/guard.py",
        "api/pictures/..%2f0/picture.png",
        "api/pictures/0/..%2fjournal.bin",
        "page//etc/passwd",
        "api/pictures/7/picture.png",
        "api/pictures/-1/picture.png",
        "page/",
        "art.png",
    ],
)
def test_no_other_file_can_be_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    with client(session(tmp_path, art(tmp_path))) as page:
        assert page.get(f"http://{HOST}/{TOKEN}/{path}").status_code in (404, 422)


def test_every_file_of_the_page_is_served_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "cubiseg/studio/page"
    with client(session(tmp_path)) as page:
        for file in folder.iterdir():
            answer = page.get(f"page/{file.name}")
            assert answer.content == file.read_bytes() and "octet" not in answer.headers["Content-Type"]
            assert not re.search(r"""["'(](https?:)?//(?!www\.w3\.org/)""", answer.text)


def test_links_that_lead_out_of_the_given_folder_are_left_out(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    art(given)
    (given / "outside.png").symlink_to(art(tmp_path, "secret.png"))
    assert [path.name for path in pictures_of([given], tmp_path / "out")] == ["art.png"]
    for name in ("dropped", "linked"):
        (tmp_path / f"out/{name}.studio").mkdir(parents=True)
    (tmp_path / "out/linked.studio/picture.png").symlink_to(tmp_path / "secret.png")
    art(tmp_path / "out/dropped.studio", "picture.png")
    assert list(pictures_of([], tmp_path / "out").values()) == ["dropped"]


HOSTILE = [
    "../../etc/passwd.png",
    "..\\..\\x.png",
    "/abs.png",
    ".png",
    "..",
    "",
    "a\0b\n.png",
    "con" * 200,
    "CON.png",
    "lpt1.final.png",
    '<b>&".png',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_a_dropped_picture_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with client(session(tmp_path)) as page:
        answer = page.post("api/pictures", params={"name": name}, content=png(portrait()[0].rgb))
        assert answer.status_code == 200
        (told,) = page.get("api/session").json()["pictures"]
        assert told == safe_stem(name) and "/" not in told and "\\" not in told and len(told) <= 80
    inside = list(tmp_path.rglob("picture.png"))
    assert [p.parent.parent for p in inside] == [tmp_path / "out"]


@pytest.mark.parametrize("name", ["CON", "nul.txt.png", "Com1.png", "aux .png"])
def test_no_folder_has_a_name_that_windows_keeps_for_devices(name: str) -> None:
    assert safe_stem(name).startswith("picture ")
    assert safe_stem("console.png") == "console" and safe_stem("com10.png") == "com10"


def test_a_psd_is_downloaded_as_it_was_written(tmp_path: Path) -> None:
    with client(session(tmp_path)) as page:
        added = page.post("api/pictures", params={"name": "絵.png"}, content=png(portrait()[0].rgb)).json()
        assert added == {"number": 0, "written": False}
        early = page.get(f"{ONE}/layers.psd")
        assert early.status_code == 422 and early.json()["error"] == "絵: its PSD is not written yet; press Write PSD"
        assert page.post(f"{ONE}/write", json={}).status_code == 200
        answer = page.get(f"{ONE}/layers.psd")
        assert answer.content == (tmp_path / "out/絵/layers.psd").read_bytes() and len(answer.content) > 1000
        assert "attachment" in answer.headers["Content-Disposition"] and ".psd" in answer.headers["Content-Disposition"]
        again = page.post("api/pictures", params={"name": "絵.png"}, content=png(portrait()[0].rgb)).json()
        assert again == {"number": 0, "written": True}


def test_a_link_in_place_of_a_psd_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"8BPS secret")
    with client(session(tmp_path, art(tmp_path))) as page:
        (tmp_path / "out/art").mkdir(parents=True)
        (tmp_path / "out/art/layers.psd").symlink_to(tmp_path / "secret")
        assert page.get(f"{ONE}/layers.psd").status_code == 422


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(99), b"<svg/>"])
def test_what_is_no_picture_is_refused_in_one_line_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    with client(session(tmp_path)) as page:
        answer = page.post("api/pictures", params={"name": "x.png"}, content=content)
        assert answer.status_code == 422 and "\n" not in answer.json()["error"]
        assert str(tmp_path) not in answer.json()["error"]
        assert page.get("api/session").json()["pictures"] == []
    assert not list(tmp_path.glob("out/*"))


def test_a_picture_dropped_twice_is_one_and_another_of_its_name_is_another(tmp_path: Path) -> None:
    one, other = png(portrait()[0].rgb), png(255 - portrait()[0].rgb)
    with client(session(tmp_path)) as page:
        numbers = [
            page.post("api/pictures", params={"name": "a.png"}, content=content).json()["number"]
            for content in (one, other, one, other)
        ]
        assert numbers == [0, 1, 0, 1] and page.get("api/session").json()["pictures"] == ["a", "a-2"]
    assert list(pictures_of([], tmp_path / "out").values()) == ["a", "a-2"], "the next session finds them"


def test_a_picture_is_opened_painted_undone_and_resumed(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        facts = page.post(f"{ONE}/open").json()
        assert (facts["width"], facts["height"], facts["state"], facts["undo"]) == (128, 160, 0, 0)
        base = label_of(page)
        assert (base == portrait()[1]).mean() > 0.95
        assert act(page, painting(1, base, np.s_[:9, :9], 3)) == 200
        assert act(page, painting(2, label_of(page), np.s_[20:30, :9], 4)) == 200
        undone = page.post(f"{ONE}/actions", content='{"state": 3, "do": "undo"}').json()
        assert (undone["state"], undone["undo"], undone["redo"], undone["runs"] != "") == (3, 1, 1, True)
        mended = label_of(page)
        assert np.array_equal(np.argwhere(mended != base).max(0), (8, 8))
    with client(session(tmp_path, tmp_path / "art.png")) as page:
        facts = page.post(f"{ONE}/open").json()
        assert (facts["state"], facts["undo"], facts["redo"]) == (3, 1, 1)
        assert np.array_equal(label_of(page), mended)
        assert page.get(f"{ONE}/base.bin").content == base.tobytes()


def test_a_second_tab_with_an_old_state_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        base = label_of(page)
        assert act(page, painting(1, base, np.s_[:9, :9], 3)) == 200
        newer = label_of(page)
        for request in (painting(1, base, np.s_[:], 5), Action(state=1, do="undo"), Action(state=4, do="undo")):
            assert act(page, request) == 409
        rule = {"state": 1, "rule": "give", "x": 2, "y": 2}
        assert page.post(f"{ONE}/rules", json=rule).status_code == 409
        assert np.array_equal(label_of(page), newer)


def test_two_sessions_on_one_folder_merge_and_overwrite_nothing(tmp_path: Path) -> None:
    path = art(tmp_path)
    with client(session(tmp_path, path)) as one, client(session(tmp_path, path)) as other:
        base = label_of(one)
        assert act(other, painting(1, base, np.s_[:9, :9], 3)) == 200
        assert act(one, painting(1, base, np.s_[:], 5)) == 409
        assert np.array_equal(label_of(one), label_of(other))
        assert act(one, painting(2, label_of(one), np.s_[50:60], 5)) == 200
        assert act(other, Action(state=2, do="undo")) == 409
        assert np.array_equal(label_of(one), label_of(other))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"state": 1, "do": "format"}',
        '{"state": "x", "do": "undo"}',
        '{"state": 1, "do": "paint", "runs": "AAAA"}',
        '{"state": 1, "do": "undo"}',
        '{"state": 1, "do": "redo"}',
        '{"state": 1, "do": "right", "place": "../x"}',
        '{"state": 1, "do": "undo", "more": 1}',
    ],
)
def test_strange_requests_are_refused_and_change_nothing(tmp_path: Path, body: str) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        assert page.post(f"{ONE}/actions", content=body).status_code in (400, 422)
        assert page.post(f"{ONE}/rules", content=body).status_code in (400, 422)
        assert page.post(f"{ONE}/open").json()["state"] == 0


def test_too_little_memory_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Document, "layers", full)
    with client(session(tmp_path, art(tmp_path))) as page:
        answer = page.post(f"{ONE}/layers", json={})
        assert answer.status_code == 422 and "memory" in answer.json()["error"]


def test_too_large_a_body_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubiseg.studio.server.MOST_PICTURE", 1000)
    with client(session(tmp_path)) as page:
        assert page.post("api/pictures", params={"name": "x"}, content=bytes(1001)).status_code == 422


def test_rules_places_and_areas_are_answered(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        base = label_of(page)
        assert act(page, painting(1, base, np.s_[2:14, 2:14], taxonomy.ID["mouth"])) == 200
        places = page.get(f"{ONE}/places").json()
        (place,) = [p for p in places if p["kind"] == "outside" and p["box"] == [2, 2, 14, 14]]
        answer = page.post(f"{ONE}/rules", json={"state": 2, "rule": "give", "x": place["x"], "y": place["y"]})
        assert answer.json()["undo"] == 2 and np.array_equal(label_of(page), base)
        assert act(page, Action(state=3, do="undo")) == 200
        assert act(page, Action(state=4, do="right", place=place["key"])) == 200
        assert place["key"] not in [p["key"] for p in page.get(f"{ONE}/places").json()]
        tree = page.get(f"{ONE}/tree").json()
        rank = np.frombuffer(page.get(f"{ONE}/areas.bin").content, "<u2")
        assert rank.size == base.size and rank.max() + 1 == tree["leaves"] and len(tree["parent"]) == len(tree["last"])


def test_the_psd_is_written_and_clean_and_a_changed_one_is_kept(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        assert act(page, painting(1, label_of(page), np.s_[120:, :], taxonomy.ID["skin"])) == 200
        shown = page.post(f"{ONE}/layers", json={"profile": "cubism"}).json()
        done = page.post(f"{ONE}/write", json={}).json()
        folder = tmp_path / "out/art"
        assert done == {"folder": str(folder), "layers": len(shown["layers"]), "findings": []}
        assert lint(folder / "layers.psd") == []
        assert np.array_equal(read_label(folder / "label.png"), label_of(page))
        assert page.post(f"{ONE}/write", json={"profile": "flat"}).status_code == 200, "its own result is replaced"
        (folder / "label.png").write_bytes(b"mine")
        refused = page.post(f"{ONE}/write", json={})
        assert refused.status_code == 422 and "label.png" in refused.json()["error"]
        assert page.post(f"{ONE}/write", json={"overwrite": True}).status_code == 200
        assert page.post(f"{ONE}/write", json={"profile": "none"}).status_code == 400


def test_layers_by_the_label_map_that_was_written_are_the_same_files(tmp_path: Path) -> None:
    with client(session(tmp_path, art(tmp_path))) as page:
        assert act(page, painting(1, label_of(page), np.s_[120:, :], taxonomy.PART_ID["sleeve_left"])) == 200
        assert page.post(f"{ONE}/write", json={}).status_code == 200
    command = ["layers", str(tmp_path / "art.png"), "-o", str(tmp_path / "again")]
    command += ["--label", str(tmp_path / "out/art/label.png")]
    assert CliRunner().invoke(main, command).exit_code == 0
    files = {p.relative_to(tmp_path / "out/art"): p.read_bytes() for p in (tmp_path / "out/art").rglob("*.*")}
    again = {p.relative_to(tmp_path / "again/art"): p.read_bytes() for p in (tmp_path / "again/art").rglob("*.*")}
    assert len(files) > 8 and again == files
    several = CliRunner().invoke(main, [*command, str(art(tmp_path, "other.png"))])
    assert several.exit_code == 2 and "label map of one picture" in several.output


def test_a_picture_or_first_map_that_was_changed_since_is_not_painted_on(tmp_path: Path) -> None:
    path, out, model = art(tmp_path), tmp_path / "out", labeller(tmp_path)
    document = Document("art", path, out)
    document.open(model)
    document.act(painting(1, document.history.label, np.s_[:3], 1))
    Image.fromarray(255 - portrait()[0].rgb).save(path)
    with pytest.raises(CubisegError, match="another picture"):
        Document("art", path, out).open(model)
    art(tmp_path)
    base = out / "art.studio/base.png"
    Image.fromarray(np.zeros((160, 128), np.uint8)).save(base)
    with pytest.raises(CubisegError, match="was changed"):
        Document("art", path, out).open(model)


def test_what_was_done_while_another_studio_labelled_the_same_picture_is_kept(tmp_path: Path) -> None:
    path, out = art(tmp_path), tmp_path / "out"
    model, first = labeller(tmp_path), Document("art", path, out)

    class Slow(Labeller):
        def segment(self, picture: Picture) -> Segmentation:
            first.open(model)
            first.act(painting(1, first.history.label, np.s_[:9], 3))
            return super().segment(picture)

    second = Document("art", path, out)
    second.open(Slow(lambda: open_segmenter(model=tmp_path / "m.onnx", look="once")))
    assert second.history.state == 1 and np.array_equal(second.history.label, first.history.label)
    second.act(painting(2, second.history.label, np.s_[9:12], 4))
    with pytest.raises(StaleState):
        first.act(painting(2, first.history.label, np.s_[20:], 5))
    assert np.array_equal(second.history.label, first.history.label)


def test_a_journal_that_goes_on_with_what_cannot_be_done_is_told_and_the_document_opened_anew(tmp_path: Path) -> None:
    document, model = Document("art", art(tmp_path), tmp_path / "out"), labeller(tmp_path)
    document.open(model)
    first = painting(1, document.history.label, np.s_[:3], 1)
    file = document.work / "journal.jsonl"
    content = file.read_bytes()
    Journal(file).append(Action(state=1, do="undo"))
    with pytest.raises(CubisegError, match="nothing to undo"):
        document.act(first)
    with pytest.raises(CubisegError, match="nothing to undo"):
        document.open(model)
    file.write_bytes(content)
    document.open(model)
    assert document.act(first)["state"] == 1


def test_another_model_labels_anew_what_nobody_has_mended_and_nothing_else(tmp_path: Path) -> None:
    path, out = art(tmp_path), tmp_path / "out"
    Document("art", path, out).open(labeller(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    write_model(other / "m.onnx", parts=True)
    document = Document("art", path, out)
    document.open(labeller(other))
    assert document.facts()["parts"]
    document.act(painting(1, document.history.label, np.s_[:3], 1))
    mended = document.history.label.copy()
    document = Document("art", path, out)
    document.open(labeller(tmp_path))
    assert np.array_equal(document.history.label, mended)


def test_pictures_that_are_not_looked_at_are_let_go_and_open_again_as_they_were(tmp_path: Path) -> None:
    paths = [art(tmp_path, f"{name}.png") for name in "abcdef"]
    of = session(tmp_path, *paths)
    with client(of) as page:
        assert act(page, painting(1, label_of(page), np.s_[:3], 1)) == 200
        mended = label_of(page)
        for number in range(1, 6):
            assert page.post(f"api/pictures/{number}/open").status_code == 200
        assert sum(document._history is not None for document in of.documents) == 4
        assert np.array_equal(label_of(page), mended)


def test_a_picture_that_is_being_opened_is_not_let_go(tmp_path: Path) -> None:
    of = session(tmp_path, *(art(tmp_path, f"{name}.png") for name in "abcdef"))

    class Slow(Labeller):
        def segment(self, picture: Picture) -> Segmentation:
            for number in range(1, 6):
                of.document(number)
            return super().segment(picture)

    of.labeller = Slow(lambda: open_segmenter(model=tmp_path / "m.onnx", look="once"))
    document = of.opened(0)
    assert of.documents[0] is document and document.history.state == 0
    of.labeller.close()
    for number in range(1, 6):
        of.document(number)
    assert of.documents[0] is not document


def test_a_patch_survives_its_base64() -> None:
    action = painting(1, np.zeros((4, 4), np.uint8), np.s_[1:3, 1:3], 2)
    assert len(base64.b64decode(action.runs)) == 16 and action.patch(16).value.tolist() == [2, 2]


def test_clear_pixels_are_told_and_no_rule_paints_them(tmp_path: Path) -> None:
    picture = portrait(alpha=True)[0]
    Image.fromarray(picture.rgba()).save(tmp_path / "art.png")
    with client(session(tmp_path, tmp_path / "art.png")) as page:
        label = label_of(page)
        clear = picture.rgba()[..., 3] == 0
        assert clear.any() and np.array_equal(label == taxonomy.IGNORE_INDEX, clear)
        y, x = (int(v) for v in np.argwhere(label == taxonomy.ID["hair"])[5])
        for rule in ("give", "holes", "largest"):
            state = page.post(f"{ONE}/open").json()["state"]
            assert page.post(f"{ONE}/rules", json={"state": state + 1, "rule": rule, "x": x, "y": y}).status_code == 200
            assert np.array_equal(label_of(page) == taxonomy.IGNORE_INDEX, clear)
