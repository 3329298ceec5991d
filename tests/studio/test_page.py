"""The page itself, in a browser that nobody sees, by its own keys and clicks."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cubiseg.label_maps import read_label
from cubiseg.layers.lint import lint
from cubiseg.taxonomy import CLASS_OF, ID, PART_ID
from tests.inference.palette import portrait
from tests.studio.pages import LABELLED, at, contrasts, shown, studio, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def art(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(-5, 6, (160, 128, 3))
    rgb = np.clip(portrait()[0].rgb + noise, 0, 255).astype(np.uint8)
    Image.fromarray(rgb).save(tmp_path / "art.png")
    return tmp_path / "art.png"


def test_an_area_is_painted_undone_kept_and_written(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        face = tuple(np.argwhere(first == ID["face"])[len(np.argwhere(first == ID["face"])) // 2])
        page.mouse.move(*at(page, face[1], face[0]))
        for _ in range(40):  # up the tree until the area is as large as a cheek
            if page.evaluate("studio.view.hovered >= 0 && studio.doc.areas.pixels[studio.view.hovered] > 150"):
                break
            page.keyboard.press("Period")
        area = page.evaluate("studio.doc.areas.pixels[studio.view.hovered]")
        assert area > 150
        page.keyboard.press("Minus")
        page.keyboard.press("KeyQ")
        page.mouse.click(*at(page, face[1], face[0]))
        painted = shown(page)
        new = painted != first
        assert (painted[new] == PART_ID["topwear"]).all() and new.sum() == area and new[face]
        assert np.array_equal(running.kept(), painted)
        page.keyboard.press("Control+KeyZ")
        assert np.array_equal(shown(page), first) and np.array_equal(running.kept(), first)
        page.keyboard.press("Control+Shift+KeyZ")
        assert np.array_equal(shown(page), painted)
        page.close()
        again = running.page()
        assert np.array_equal(shown(again), painted), "a new tab resumes"
        again.keyboard.press("Control+KeyS")
        until(lambda: again.evaluate("studio.written"))
        assert again.evaluate("studio.written.findings") == []
        assert lint(tmp_path / "out/art/layers.psd") == []
        assert np.array_equal(read_label(tmp_path / "out/art/label.png"), painted)
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        assert np.array_equal(shown(page), painted), "another run resumes"
        page.keyboard.press("Control+KeyZ")
        assert np.array_equal(shown(page), first), "and undoes what the first one did"


def test_brush_fill_locks_rules_and_places_by_keys(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        page.keyboard.press("KeyB")
        page.keyboard.press("Shift+BracketLeft")
        page.keyboard.press("Digit8")
        page.mouse.move(*at(page, 5, 12))
        page.mouse.down()
        page.mouse.move(*at(page, 15, 12), steps=5)
        page.mouse.up()
        brushed = shown(page)
        new = np.argwhere(brushed != first)
        assert (brushed[brushed != first] == ID["mouth"]).all()
        assert 14 <= np.ptp(new[:, 1]) <= 30, "the stroke and its round ends"
        assert page.evaluate("studio.doc.undo") == 1, "a stroke is one step"
        page.keyboard.press("KeyF")
        page.keyboard.press("Digit7")
        page.mouse.click(*at(page, 10, 12))
        assert np.array_equal(shown(page) == ID["nose"], (brushed == ID["nose"]) | (brushed != first))
        page.keyboard.press("KeyL")  # nobody may take the nose's pixels
        page.keyboard.press("Digit1")
        page.mouse.click(*at(page, 10, 12))
        assert page.evaluate("studio.doc.undo") == 2
        page.keyboard.press("Digit7")
        page.keyboard.press("KeyL")
        until(lambda: page.evaluate("studio.places.some(p => p.kind === 'outside' && p.id === 7 && p.y < 20)"))
        for _ in range(page.evaluate("studio.places.length")):
            page.keyboard.press("Tab")
            if page.evaluate("studio.place.id === 7 && studio.place.y < 20"):
                break
        assert page.evaluate("studio.place.kind === 'outside' && studio.view.zoom > studio.view.fitting")
        page.keyboard.press("KeyG")
        assert np.array_equal(shown(page), first)
        page.keyboard.press("Escape")
        eye = tuple(np.argwhere(CLASS_OF[first] == ID["eye_left"])[3])
        page.keyboard.press("Home")
        page.mouse.move(*at(page, eye[1], eye[0]))
        page.keyboard.press("KeyX")
        assert CLASS_OF[shown(page)[eye]] == ID["eye_right"]
        last = shown(page)
        assert np.array_equal(running.kept(), last)


def test_everything_can_be_done_by_keys_alone(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        first = shown(page)
        for key in ("Digit3", "KeyB", "Shift+ArrowLeft", "Shift+ArrowUp", "Enter"):
            page.keyboard.press(key)
        assert (shown(page) != first).sum() > 0
        assert set(shown(page)[shown(page) != first]) == {ID["eye_left"]}
        page.keyboard.press("Shift+Slash")
        assert page.evaluate("document.getElementById('keys').open")
        page.keyboard.press("Escape")
        page.evaluate("document.getElementById('stage').focus()")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "pictures", "Escape leaves the picture"
        unnamed = page.evaluate(
            "[...document.querySelectorAll('button, select, input, [tabindex]')].filter(e => !e.closest('[hidden]')"
            " && !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length)).map(e => e.outerHTML)"
        )
        assert unnamed == []


def test_a_second_tab_with_an_old_state_loads_the_newer_one(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        one, other = running.page(LABELLED), running.page(LABELLED)
        for page, key, x in ((one, "Digit3", 20), (other, "Digit5", 60)):
            page.keyboard.press("KeyB")
            page.keyboard.press(key)
            page.mouse.click(*at(page, x, 20))
        until(lambda: other.evaluate("document.getElementById('toasts').textContent.includes('changed elsewhere')"))
        until(lambda: other.evaluate("!studio.actions.closed"))
        first = shown(one)
        assert np.array_equal(shown(other), first) and np.array_equal(running.kept(), first)
        other.mouse.click(*at(other, 60, 20))
        last = shown(other)
        assert np.array_equal(running.kept(), last) and ID["eyebrow_left"] in last[:40]
        running.faults = [fault for fault in running.faults if "409" not in fault]


def test_no_key_changes_the_picture_during_a_stroke(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        page.mouse.click(*at(page, 20, 20))
        shown(page)
        page.mouse.move(*at(page, 60, 20))
        page.mouse.down()
        for key in ("Control+KeyZ", "Control+KeyY", "KeyG", "KeyX", "Enter"):
            page.keyboard.press(key)
        page.mouse.move(*at(page, 90, 60))
        page.mouse.up()
        last = shown(page)
        assert page.evaluate("studio.doc.state") == 2 and np.array_equal(running.kept(), last)
        assert last[60, 90] == ID["eyebrow_left"]


def test_a_stroke_that_is_refused_leaves_the_screen_too(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED)
        before = shown(page)
        page.route("**/actions", lambda route: route.fulfill(status=500))
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        page.mouse.click(*at(page, 60, 20))
        until(lambda: page.evaluate("document.getElementById('toasts').textContent.includes('refused')"))
        assert np.array_equal(shown(page), before)
        page.unroute("**/actions")
        page.mouse.click(*at(page, 60, 20))
        after = shown(page)
        assert not np.array_equal(after, before) and np.array_equal(running.kept(), after)
        running.faults = [fault for fault in running.faults if "500" not in fault]


def test_a_dropped_picture_is_opened_and_layers_are_shown(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        page.set_input_files("#file", art)
        until(lambda: page.evaluate("Boolean(studio.doc?.label)"))
        page.keyboard.press("KeyN")
        until(lambda: page.evaluate("document.querySelectorAll('#layerlist li').length > 5"))
        assert page.evaluate("document.querySelectorAll('#layerstage img:not([hidden])').length") > 5
        page.click("#layerlist li:first-child button")
        assert page.evaluate("document.querySelectorAll('#layerstage img:not([hidden])').length") == 1
        assert (tmp_path / "out/art.studio/picture.png").read_bytes() == art.read_bytes()


def test_a_picture_that_is_dropped_onto_the_page_is_opened(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        fire = """([name, content]) => {
          const data = new DataTransfer(), bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
          data.items.add(new File([bytes], "art.png", {type: "image/png"}));
          const event = new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true});
          document.getElementById("stage").dispatchEvent(event);
          return [event.defaultPrevented, document.body.classList.contains("dropping")];
        }"""
        content = base64.b64encode(art.read_bytes()).decode()
        assert page.evaluate(fire, ["dragenter", content]) == [True, True]
        assert page.evaluate(fire, ["dragover", content]) == [True, True]
        assert page.evaluate(fire, ["drop", content]) == [True, False]
        until(lambda: page.evaluate("Boolean(studio.doc?.label)"))
        assert (tmp_path / "out/art.studio/picture.png").read_bytes() == art.read_bytes()


DROP = """files => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name));
  }
  document.getElementById("stage").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
}"""


def test_several_pictures_are_dropped_at_once_and_each_is_cut(tmp_path: Path, art: Path, browser: "Browser") -> None:
    Image.fromarray(portrait()[0].rgb).save(tmp_path / "other.webp", lossless=True)
    content = {name: base64.b64encode((tmp_path / name).read_bytes()).decode() for name in ("art.png", "other.webp")}
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        assert page.inner_text("#out") == str(tmp_path / "out")
        page.evaluate(DROP, [["notes.txt", "bm8="], ["b.txt", "bm8="], ["c.txt", "bm8="], *content.items()])
        until(lambda: page.evaluate("studio.cut?.length === 2"))
        assert page.evaluate("[studio.pictures, studio.number]") == [["art", "other"], 0]
        toasts = page.locator("#toasts .toast").all_inner_texts()
        assert toasts[0].startswith("notes: is no PNG, JPEG or WebP picture; save it as one")
        assert toasts[1].startswith("b: is no PNG, JPEG or WebP picture; save it as one (and 1 more like it)")
        assert f"2 pictures are cut: each has a folder with its PSD in {tmp_path / 'out'}" in toasts[2]
        assert page.inner_text("#cutting") == ""
        assert min(ratio for ratio, _ in contrasts(page)) >= 4.5
        running.faults = [fault for fault in running.faults if "422" not in fault]  # the three that are no pictures
    for name in ("art", "other"):
        assert not [f for f in lint(tmp_path / "out" / name / "layers.psd") if f.severity == "error"]
    assert art.is_file() and (tmp_path / "other.webp").is_file()


def test_a_picture_in_which_nobody_was_found_is_named(tmp_path: Path, art: Path, browser: "Browser") -> None:
    Image.new("RGB", (128, 128)).save(tmp_path / "blank.png")
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        page.set_input_files("#file", [art, tmp_path / "blank.png"])
        until(lambda: page.evaluate("studio.cut?.length === 2"))
        toasts = page.locator("#toasts .toast").all_inner_texts()
        assert any(text.startswith("blank: no character was found, so all is one layer; open it") for text in toasts)


def test_a_psd_is_downloaded_with_what_was_mended_in_it(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        page.keyboard.press("KeyB")
        page.mouse.click(*at(page, 60, 60))
        mended = shown(page)
        with page.expect_download() as told:
            page.click("#download")
        assert told.value.suggested_filename == "art.psd"
        assert told.value.path().read_bytes() == (tmp_path / "out/art/layers.psd").read_bytes()
        assert np.array_equal(read_label(tmp_path / "out/art/label.png"), mended)


def test_a_studio_without_pictures_begins_with_the_place_to_drop_them(
    tmp_path: Path, art: Path, browser: "Browser"
) -> None:
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        assert page.is_hidden("#former") and page.is_hidden("#pictures") and page.is_disabled("#download")
        page.set_input_files("#file", [art])
        until(lambda: page.evaluate("studio.cut?.length === 1"))
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        assert page.locator("#formerlist button").all_inner_texts() == ["art"]
        assert min(ratio for ratio, _ in contrasts(page)) >= 4.5
        page.click("#formerlist button")
        until(lambda: page.evaluate(f"Boolean({LABELLED})"))
        assert page.is_hidden("#empty") and page.is_visible("#pictures")


def test_a_picture_that_is_too_large_is_refused_before_it_is_sent(
    tmp_path: Path, art: Path, browser: "Browser"
) -> None:
    with studio(tmp_path, browser) as running:
        page = running.page("!document.getElementById('empty').hidden")
        assert page.evaluate("studio.most") == 2**27
        page.evaluate("studio.most = 2 << 20")
        page.set_input_files("#file", {"name": "huge.png", "mimeType": "image/png", "buffer": bytes(3 << 20)})
        until(lambda: page.locator("#toasts .toast").count() == 1)
        assert "huge.png: is over 2 MB; scale the picture down" in page.inner_text("#toasts")
    assert not (tmp_path / "out").exists()


def test_layers_come_as_data_and_are_drawn(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED)
        page.keyboard.press("KeyN")
        until(lambda: page.evaluate("document.querySelectorAll('#layerstage img').length > 5"))
        loaded = (
            "[...document.querySelectorAll('#layerstage img')].every(i => i.src.startsWith('data:') && i.naturalWidth)"
        )
        until(lambda: page.evaluate(loaded), 60)


def test_the_wheel_with_alt_goes_through_the_tree(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page()
        page.mouse.move(*at(page, 64, 70))
        areas = [page.evaluate("[studio.view.hovered, studio.doc.areas.count, studio.view.zoom]")]
        page.keyboard.down("Alt")
        for step in (-100, -100, 100, 100):
            page.mouse.wheel(0, step)
            until(lambda: page.evaluate("studio.doc.areas.count") != areas[-1][1], 30)
            areas.append(page.evaluate("[studio.view.hovered, studio.doc.areas.count, studio.view.zoom]"))
        page.keyboard.up("Alt")
        counts = [count for _, count, _ in areas]
        assert counts[0] > counts[1] > counts[2] < counts[3] < counts[4]
        assert areas[2][0] not in (-1, areas[0][0]) and areas[4][0] == areas[0][0]
        assert len({zoom for _, _, zoom in areas}) == 1, "and does nothing else"


def test_a_finger_paints_and_two_fingers_zoom(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED, has_touch=True, viewport={"width": 1024, "height": 768})
        first = shown(page)
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        page.touchscreen.tap(*at(page, 30, 20))
        tapped = shown(page)
        assert tapped[20, 30] == ID["eyebrow_left"] and page.evaluate("studio.doc.undo") == 1
        touch = page.context.new_cdp_session(page)

        def fingers(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(at(page, *place) for place in places)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        fingers("touchStart", (60, 20))
        for x in (70, 80, 90):
            fingers("touchMove", (x, 20))
        fingers("touchEnd")
        drawn = shown(page)
        assert (drawn[20, 62:89] == ID["eyebrow_left"]).all() and page.evaluate("studio.doc.undo") == 2
        zoom = page.evaluate("studio.view.zoom")
        one, other = at(page, 55, 80), at(page, 75, 80)
        for kind, away in (("touchStart", 0), ("touchMove", 30), ("touchMove", 60)):
            points = [{"x": one[0] - away, "y": one[1], "id": 0}, {"x": other[0] + away, "y": other[1], "id": 1}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert page.evaluate("studio.view.zoom") > 1.2 * zoom
        assert np.array_equal(shown(page), drawn) and not np.array_equal(drawn, first), "two fingers paint nothing"


def test_a_pen_that_presses_harder_paints_wider(tmp_path: Path, art: Path, browser: "Browser") -> None:
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED)
        page.keyboard.press("KeyB")
        page.keyboard.press("Digit5")
        pen = page.context.new_cdp_session(page)
        widths = []
        for y, force in ((20, 0.1), (60, 0.9)):
            before = shown(page)
            for kind, x in (("mousePressed", 30), ("mouseMoved", 60), ("mouseMoved", 90), ("mouseReleased", 90)):
                left, top = at(page, x, y)
                told = {"x": left, "y": top, "pointerType": "pen", "force": 0 if kind == "mouseReleased" else force}
                pen.send(
                    "Input.dispatchMouseEvent", {"type": kind, "button": "left", "buttons": 1, "clickCount": 1, **told}
                )
            new = shown(page) != before
            widths.append(int(new[:, 40:80].any(1).sum()))
        assert widths[1] > 1.5 * widths[0] > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(tmp_path: Path, art: Path, browser: "Browser", scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) of all text that is shown."""
    with studio(tmp_path, browser, art) as running:
        page = running.page(LABELLED, color_scheme=scheme)
        pairs = contrasts(page)
        assert len(pairs) > 20
        assert [pair for pair in pairs if pair[0] < 4.5] == []
