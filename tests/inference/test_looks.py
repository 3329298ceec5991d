"""A picture is looked at as a whole, then at its heads, and what both saw is merged without a seam."""

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import piece_around
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation, open_segmenter
from cubiseg.inference.exported_model import ExportedModel, model_info
from cubiseg.inference.looks import RAMP, STEPS, Look, add_mirrored, in_steps, merged, prevailing, seen
from cubiseg.label_maps import colourise
from cubiseg.letterbox import Placement, from_logits
from tests.inference.palette import portrait_label, portrait_parts, write_model


@pytest.fixture(scope="module", params=[False, True], ids=["classes", "parts"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "m.onnx", parts=request.param)


def figure(
    model: Path, *places: tuple[int, int, int], size: tuple[int, int] = (960, 960)
) -> tuple[Picture, np.ndarray]:
    """A picture with small portraits, each at (y, x, height), in the colours that a model knows, and its parts."""
    label = np.zeros(size, np.uint8)
    for y, x, height in places:
        label[y : y + height, x : x + height * 4 // 5] = portrait_parts(height, height * 4 // 5)
    return drawn(model, label), label


def drawn(model: Path, label: np.ndarray) -> Picture:
    return Picture(colourise(taxonomy.CLASS_OF[label] if model_info(model).parts is None else label))


def look_at(model: Path, picture: Picture, look: str = "twice", **choices: bool) -> Segmentation:
    return open_segmenter("anime-advanced", model, look=look, **choices).segment(picture)


def test_the_head_of_a_figure_is_seen_larger_and_its_small_parts_are_found(model: Path) -> None:
    picture, label = figure(model, (60, 300, 130))
    once, twice = (look_at(model, picture, look) for look in ("once", "twice"))
    (head,) = twice.heads
    assert head.seen is not None and once.heads == () and (once.look, twice.look) == ("once", "twice")
    assert head.seen.union(head.box) == head.seen and head.cell < twice.cell / 3
    truth = taxonomy.CLASS_OF[label]
    face = np.isin(truth, taxonomy.FACE_IDS)
    assert (twice.label != truth)[face].mean() < 0.3 * (once.label != truth)[face].mean()
    for part in taxonomy.ids("nose", "eyebrow_left", "eyebrow_right", "mouth"):
        found = np.count_nonzero((twice.label == part) & (truth == part))
        assert found > 0.75 * np.count_nonzero(truth == part), taxonomy.NAMES[part]
    outside = np.ones(truth.shape, bool)
    outside[head.seen.window] = False
    assert (twice.label == once.label)[outside].mean() > 0.998, "the rest is as it was, but for stray pieces"
    assert np.array_equal(twice.confidence[outside], once.confidence[outside])
    if twice.parts is not None:
        assert np.array_equal(taxonomy.CLASS_OF[twice.parts], twice.label)
        assert (twice.parts != label)[face].mean() < 0.3 * (once.parts != label)[face].mean()


def test_a_head_that_fills_the_picture_is_not_seen_twice(model: Path) -> None:
    label = portrait_label(400, 320)[100:280, 60:260]
    close = Picture(colourise(label))
    for look in ("twice", "once"):
        result = look_at(model, close, look)
        assert (result.look, result.finer, result.at_edges) == ("once", (), True)
    assert len(look_at(model, close).heads) == 1 and look_at(model, close).heads[0].seen is None
    assert np.array_equal(look_at(model, close).label, look_at(model, close, "once").label)


def test_of_several_heads_the_largest_is_the_character_unless_all_are(model: Path) -> None:
    picture, label = figure(model, (500, 80, 130), (60, 520, 200))
    one, every = look_at(model, picture), look_at(model, picture, all_characters=True)
    assert [head.seen is not None for head in one.heads] == [True, False]
    assert [head.seen is not None for head in every.heads] == [True, True]
    assert one.heads[0].box.left > 480 and one.heads[0].box.longest > one.heads[1].box.longest
    truth = taxonomy.CLASS_OF[label]
    face = np.isin(truth, taxonomy.FACE_IDS)
    face[:, 300:] = False
    wrong = [(result.label != truth)[face].mean() for result in (one, every)]
    assert wrong[1] < 0.3 * wrong[0]


def test_a_figure_without_a_head_is_looked_at_once_and_said_to_show_no_face(model: Path) -> None:
    label = np.zeros((200, 200), np.uint8)
    label[40:180, 60:140] = taxonomy.PART_ID["topwear"]
    picture = Picture(colourise(label if "parts" in model.name else taxonomy.CLASS_OF[label]))
    result = look_at(model, picture)
    assert sum(warning.startswith("no drawn face was found") for warning in result.warnings) == 1
    assert (result.look, result.heads, result.shows_face) == ("once", (), False)


def test_bars_move_the_boxes_of_heads_with_the_picture(model: Path) -> None:
    picture, _ = figure(model, (60, 300, 130))
    (plain,) = look_at(model, picture).heads
    barred = Picture(cv2.copyMakeBorder(picture.rgb, 40, 40, 0, 0, cv2.BORDER_CONSTANT, value=(240, 240, 240)))
    (head,) = look_at(model, barred).heads
    assert head.box == plain.box.moved(0, 40) and head.seen == plain.seen.moved(0, 40)


def test_equal_pictures_give_equal_results_by_one_thread_and_by_two(model: Path) -> None:
    picture, _ = figure(model, (60, 300, 130), (500, 80, 130))
    before, results = cv2.getNumThreads(), []
    for threads in (1, 2):
        cv2.setNumThreads(threads)
        results.append(look_at(model, picture, "flipped", all_characters=True))
    cv2.setNumThreads(before)
    one, two = results
    assert one.predicted_iou == two.predicted_iou
    assert np.array_equal(one.finest, two.finest) and np.array_equal(one.confidence, two.confidence)
    assert one.heads == two.heads


def test_the_best_part_of_any_class_is_told_by_the_finer_look_too(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", parts=True)
    for size in ((960, 960), (1500, 1100)):
        picture, _ = figure(model, (60, 300, 130), size=size)
        result = look_at(model, picture, choices=True)
        assert result.choices is not None and result.parts is not None and result.look == "twice"
        alike = result.choices.tell(result.label) == result.parts
        assert alike.all() if max(size) <= 1024 else alike.mean() > 0.99


def test_a_model_of_one_size_is_asked_for_that_size_alone(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        for axis, length in ((0, 1), (2, 160), (3, 160)):
            value.type.tensor_type.shape.dim[axis].dim_value = length
    onnx.save(model, path)
    assert look_at(path, figure(path, (60, 300, 130))[0], "flipped").look == "flipped"


def test_torchscript_looks_twice_as_onnx_does(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from cubiseg.model_info import METADATA_KEY
    from tests.inference.palette import info

    onnx_file = write_model(tmp_path / "m.onnx")
    weights = {w.name: onnx.numpy_helper.to_array(w).copy() for w in onnx.load(onnx_file).graph.initializer}
    conv = torch.nn.Conv2d(3, 12, 1)
    conv.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    path = tmp_path / "m.pt"
    torch.jit.save(torch.jit.script(conv), str(path), _extra_files={METADATA_KEY: info().model_dump_json()})
    picture, _ = figure(path, (60, 300, 130))
    ours, theirs = (look_at(p, picture) for p in (path, onnx_file))
    assert (ours.label == theirs.label).mean() > 0.9999 and ours.heads == theirs.heads


class _Sided(ExportedModel):
    """A network that calls the left half of what it sees its right eye, and the rest its left eye."""

    def _logits(self, batch: np.ndarray) -> np.ndarray:
        self.calls = getattr(self, "calls", 0) + 1
        logits = np.zeros((self.info.outputs, *batch.shape[2:]), np.float32)
        ids = taxonomy.CLASS_OF[taxonomy.OUTPUT_IDS][: self.info.outputs]
        half = batch.shape[3] // 2
        logits[ids == taxonomy.ID["eye_right"], :, :half] = 9
        logits[ids == taxonomy.ID["eye_left"], :, half:] = 9
        return logits


@pytest.mark.parametrize("look", ["once", "twice", "flipped"])
def test_left_and_right_stay_the_character_s_own(model: Path, look: str) -> None:
    network = _Sided(model, "anime-advanced", 0, look=look)
    result = network.segment(Picture(np.full((200, 200, 3), 200, np.uint8)))
    assert (result.label[:, :99] == taxonomy.ID["eye_right"]).all()
    assert (result.label[:, 101:] == taxonomy.ID["eye_left"]).all()
    assert result.confidence.min() > 0.9, "the mirrored look agrees"
    assert network.calls == {"once": 1, "twice": 1, "flipped": 2}[look]


def test_a_mirrored_look_exchanges_what_has_sides_and_nothing_else() -> None:
    both = taxonomy.OUTPUT_IDS
    for told, ids in ((portrait_label(), both[:12]), (portrait_label(), both), (portrait_parts(), both)):
        logits = (told == ids[:, None, None]).astype(np.float32)
        other = dict((*taxonomy.FLIP_PAIRS, *taxonomy.PART_FLIP_PAIRS))
        other |= {b: a for a, b in other.items()}
        expected = np.vectorize(lambda number, other=other: other.get(number, number))(told[:, ::-1])
        both_ways = np.zeros_like(logits)
        add_mirrored(both_ways, logits)
        assert np.array_equal(ids[both_ways.argmax(0)], expected)
        add_mirrored(logits, 2 * both_ways)
        assert np.array_equal(logits, told == ids[:, None, None]), "mirrored twice, it is what it was"


def test_logits_of_parts_in_whole_steps_are_mirrored_and_merged_as_their_fractions_are() -> None:
    rng = np.random.default_rng(1)
    count = len(taxonomy.OUTPUT_IDS)
    views = rng.normal(0, 6, (2, count, 48, 48)).astype(np.float32)
    views[:, -1, 0] = 1e9  # of a broken network
    exact, classes = views[0].copy(), taxonomy.NUM_CLASSES
    add_mirrored(list(exact), views[1])
    shown = Look(
        Box(0, 0, 96, 96),
        views[0, :classes].copy(),
        Placement((96, 96), (48, 48), (0, 0)),
        parts=in_steps(views[0, classes:]),
    )
    add_mirrored(shown.planes, views[1])
    assert np.array_equal(shown.logits, exact[:classes])
    assert shown.parts is not None and shown.parts.dtype == np.int16
    assert np.abs(shown.parts[:-1] / STEPS - exact[classes:-1]).max() < 1.5 / STEPS
    assert (shown.parts[-1, 0] > 120 * STEPS).all()

    whole = Look(Box(0, 0, 96, 96), np.zeros_like(shown.logits), shown.placement, parts=np.zeros_like(shown.parts))
    piece = Box(30, 30, 78, 78)
    near = Look(piece, shown.logits, Placement((48, 48), (48, 48), (0, 0)), parts=shown.parts.copy())
    again = merged(near, [whole], (96, 96))
    middle = slice(round(2 * RAMP * 48), -round(2 * RAMP * 48))
    assert again.parts is not None and np.array_equal(again.parts[:, middle, middle], shown.parts[:, middle, middle])
    assert np.abs(again.parts[:-1, [0, -1]]).max() < 0.05 * np.abs(shown.parts[:-1]).max()


def constant(value: float, box: Box, cell: float, count: int = 3) -> Look:
    size = round(box.height / cell), round(box.width / cell)
    logits = np.full((count, *size), value, np.float32)
    return Look(box, logits, Placement((int(box.height), int(box.width)), size, (0, 0)))


def test_where_both_looks_agree_nothing_shows_that_there_were_two() -> None:
    whole = constant(2.5, Box(0, 0, 300, 200), 4)
    again = merged(constant(2.5, Box(40, 30, 140, 130), 1.5), [whole], (200, 300))
    np.testing.assert_allclose(again.logits, 2.5, rtol=1e-6)


def test_the_second_look_counts_fully_in_its_middle_and_not_at_all_at_its_sides() -> None:
    size = (200, 300)
    looks = [constant(0, Box(0, 0, 300, 200), 4)]
    looks.append(merged(constant(1, Box(40, 30, 140, 130), 0.5), looks, size))
    weight = looks[1].logits[0]
    inner = round(RAMP * len(weight)) + 1
    assert (weight[inner:-inner, inner:-inner] == 1).all()
    assert max(weight[0].max(), weight[-1].max(), weight[:, 0].max(), weight[:, -1].max()) < 0.01
    steps = max(np.abs(np.diff(weight, axis=axis)).max() for axis in (0, 1))
    assert steps < 2 / (RAMP * len(weight)), "no step is larger than a smooth fall has"
    corner = merged(constant(1, Box(0, 0, 100, 100), 0.5), looks[:1], size).logits[0]
    assert corner[0, 0] == 1, "a picture's side is no seam"


def test_of_looks_that_overlap_the_later_leaves_no_seam_in_the_former() -> None:
    size = (200, 300)
    looks = [constant(0, Box(0, 0, 300, 200), 4)]
    looks.append(merged(constant(1, Box(20, 20, 160, 160), 1), looks, size))
    looks.append(merged(constant(2, Box(80, 60, 180, 160), 0.5), looks, size))
    together = next(seen(looks, Box(0, 0, 300, 200), size, slice(None)))
    steps = max(np.abs(np.diff(together, axis=axis)).max() for axis in (0, 1))
    assert steps < 2.2 * 2 / (RAMP * 100)
    assert together[110, 130] == 2 and together[50, 50] == 1 and together[10, 250] == 0


def test_the_first_look_s_logits_are_the_same_on_another_grid() -> None:
    rng = np.random.default_rng(0)
    small = rng.normal(0, 3, (12, 9, 7)).astype(np.float32)
    logits = np.stack([cv2.resize(m, (56, 72), interpolation=cv2.INTER_CUBIC) for m in small])
    first = Look(Box(0, 0, 280, 360), logits, Placement((360, 280), (72, 56), (0, 0)))
    box = Box(33, 41, 201, 257)
    grid = np.stack([*seen([first], box, (216, 168), slice(None))])
    label, _ = from_logits(logits, first.placement)
    again, _ = from_logits(grid, Placement((216, 168), (216, 168), (0, 0)))
    assert (label[box.window] == again).mean() > 0.999


def test_a_piece_lies_in_the_picture_and_is_square_where_there_is_room() -> None:
    assert piece_around(Box(40, 50, 60, 80), (200, 300)).longest == piece_around(Box(40, 50, 60, 80), (200, 300)).height
    for head in (Box(0, 0, 20, 30), Box(290, 180, 300, 200), Box(0, 0, 300, 200), Box(5, 5, 6, 6)):
        piece = piece_around(head, (200, 300))
        assert piece.union(head) == piece and piece.left >= 0 and piece.top >= 0
        assert piece.right <= 300 and piece.bottom <= 200 and piece.width >= 16
        inner = prevailing(piece, (200, 300))
        assert piece.union(inner) == piece and inner.width > 0.85 * piece.width


def test_a_large_picture_takes_no_maps_of_its_size_for_its_second_look(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", parts=True)
    label = np.zeros((3000, 3000), np.uint8)
    label[200:1400, 900:1860] = portrait_parts(1200, 960)
    picture = Picture(colourise(label))
    peaks = []
    for look in ("once", "flipped"):
        segmenter = open_segmenter("anime-advanced", model, look=look)
        tracemalloc.start()
        result = segmenter.segment(picture)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert result.look == look
    assert peaks[1] < 1.15 * peaks[0]
