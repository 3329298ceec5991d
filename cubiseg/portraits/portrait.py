"""One portrait: the order of the layers from the background to the hat."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np

from cubiseg.portraits.accessories import Headwear, Wear, paint_accessories, rise
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.background import paint_background
from cubiseg.portraits.body import Torso
from cubiseg.portraits.bows import bow_of, paint_bow
from cubiseg.portraits.brows import paint_brow
from cubiseg.portraits.captions import add_caption
from cubiseg.portraits.carried import Load, carry
from cubiseg.portraits.character import Character, character
from cubiseg.portraits.company import Company
from cubiseg.portraits.compose import DrawnLayer, drawn
from cubiseg.portraits.distractors import add_distractor, add_halo
from cubiseg.portraits.endings import cut, cut_row
from cubiseg.portraits.eyes import Eye
from cubiseg.portraits.face import paint_ears, paint_face, skin_shade
from cubiseg.portraits.garments import Outfit
from cubiseg.portraits.gestures import gesture, paint_hands
from cubiseg.portraits.hair import HairArt, volume
from cubiseg.portraits.head import Head
from cubiseg.portraits.mouths import paint_mouth
from cubiseg.portraits.noses import paint_nose
from cubiseg.portraits.paint import Board
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.scene import Scene, scene
from cubiseg.portraits.seats import add_seat
from cubiseg.portraits.shadows import add_ground, stands
from cubiseg.portraits.surface import Finish, silhouette
from cubiseg.portraits.tails import paint_tail
from cubiseg.portraits.wings import paint_wings


class _Stack:
    """Layers in the making, bottom to top."""

    def __init__(self, size: int, who: Character, view: Scene, *, alone: bool) -> None:
        self.size, self.who, self.view, self.alone = size, who, view, alone
        self.layers: list[DrawnLayer] = []
        self._boards: Counter[str] = Counter()

    def add(self, name: str, board: Board) -> None:
        self.layers.append(drawn(name, board))

    def board(self, part: str) -> Board:
        self._boards[part] += 1  # a pen of its own, whatever else is painted
        rng = self.view.rng(f"pen {part} {self._boards[part]}")
        return Board(self.size, self.who.style.pen(rng, self.view.pose.scale), part, alone=self.alone)


def paint_layers(who: Character, view: Scene, size: int, *, alone: bool = False) -> tuple[DrawnLayer, ...]:
    """All layers of a picture, bottom to top; ``alone``: each part is painted alone too."""
    figure = paint_figure(who, view, size, alone=alone)
    row = cut_row(figure, view.pose)
    figure = figure if row is None else cut(figure, row)
    own = (who.hair, who.skin, who.cloth, who.cloth2)
    shape = silhouette(figure)
    behind = paint_background(
        size, view.rng("background"), view.mix, own, view.pose.tilt, view.rng("backdrop look"), whole=stands(shape)
    )
    company = Company(who, view, size, paint_figure)
    add_caption(behind, view.rng("caption"), view.mix, view.pose)
    add_distractor(behind, view.rng("distractor"), view.mix, company, view.pose, own)
    if view.pose.stance == "sitting":
        add_seat(behind, Torso(who, Head(who.face, view.pose, volume(who))), view)
    finish = Finish(who, view, size)
    finish.behind(behind)
    finish.apply(figure)
    if row is None:  # what is cut stands nowhere
        add_ground(behind, view.rng("ground shadow"), view.mix, shape, figure, view.pose.scale)
    add_halo(behind, view.rng("halo"), view.mix, shape, view.pose.scale)
    return (DrawnLayer("background", behind), *figure)


def paint_figure(who: Character, view: Scene, size: int, *, alone: bool = False) -> list[DrawnLayer]:
    """A character's layers, bottom to top, before the finish."""
    head = Head(who.face, view.pose, volume(who))
    torso = Torso(who, head)
    hair = HairArt(who, head, view.light)
    stack = _Stack(size, who, view, alone=alone)
    load = carry(torso, view, gesture(torso, head, view))
    act = load.act
    outfit = Outfit(stack.board("topwear"), torso, view, act.limbs)
    gear = Headwear(who, head, hair, torso, stack.board("headwear"), hidden=outfit.hooded)
    if gear.covered:
        hair.top = []  # a hat presses stray locks down
    rear = partial(Wear, who, head, hair, torso)
    _behind(stack, rear, who)
    _carried(stack, "behind", load, rear)
    stack.layers += outfit.layers("cape")
    if gear.behind is not None:
        stack.add("accessories", gear.behind)
    _painted(stack, "hair", hair.paint_back, gear.press, part="hair_back")
    _bow_behind(stack, rear, who)
    stack.layers += outfit.layers("nape")
    _painted(stack, "skin", lambda b: torso.paint(b, view.light), part="torso")
    _worn(stack, "neck", who, head, hair, torso)
    stack.layers += outfit.dressed()
    _carried(stack, "over", load, rear)
    _worn(stack, "chest", who, head, hair, torso)
    if hair.hair.mid:
        _painted(stack, "hair", hair.paint_mid, gear.press, part="hair_back")
    stack.layers += outfit.layers("wrap")
    _painted(stack, "skin", lambda b: paint_ears(b, who, head), part="ear_left")
    _worn(stack, "ears", who, head, hair, torso)
    sides = {"right": -1, "left": 1}
    eyes = {name: Eye(who, head, view, s) for name, s in sides.items()}
    _painted(
        stack,
        "face",
        lambda b: paint_face(b, who, head, view, hair, list(eyes.values())),
        lambda b: gear.shade(b, skin_shade(who)),
    )
    nose = stack.board("nose")
    if paint_nose(nose, who, head, view):
        stack.add("nose", nose)
    _painted(stack, "mouth", lambda b: paint_mouth(b, who, head, view), part="lips")
    for name, eye in eyes.items():
        _painted(stack, f"eye_{name}", eye.paint, part=f"eye_{name}_white")
    for name, s in sides.items():
        _painted(stack, f"eyebrow_{name}", partial(paint_brow, who=who, head=head, scene=view, side=s))
    features = {layer.name: layer for layer in stack.layers}
    _worn(stack, "face", who, head, hair, torso)
    shade = hair.paint().shade
    _painted(stack, "hair", hair.paint_front, gear.press, lambda b: gear.shade(b, shade), part="hair_back")
    _shine_through(stack, who, features)
    _worn(stack, "hair", who, head, hair, torso, gear)
    if gear.front is not None:
        stack.add("accessories", gear.front)
    stack.layers += outfit.layers("crown")
    _carried(stack, "below hands", load, rear)
    stack.layers += paint_hands(stack.board("arm_left"), act, outfit)
    return stack.layers


def _painted(stack: _Stack, name: str, *paints: Callable[[Board], None], part: str | None = None) -> None:
    board = stack.board(part or name)
    for paint in paints:
        paint(board)
    stack.add(name, board)


def _behind(stack: _Stack, rear: Callable[[Board, Rng], Wear], who: Character) -> None:
    """Wings and a tail: each on a layer of its own, below all hair."""
    for part, paint in (("wings", paint_wings), ("tail", paint_tail)):
        board = stack.board(part)
        if paint(rear(board, who.rng(f"{part} look"))):
            stack.add("accessories", board)


def _carried(stack: _Stack, place: str, load: Load, rear: Callable[[Board, Rng], Wear]) -> None:
    """What is carried, where it lies at this place of the stack."""
    if place in load.paints:
        board = stack.board("held")
        load.paints[place](rear(board, stack.view.rng("carried look")))
        stack.add("accessories", board)


def _bow_behind(stack: _Stack, rear: Callable[[Board, Rng], Wear], who: Character) -> None:
    """A big bow between the hair behind and the head or the body: headwear, or with the belt the top's."""
    where = bow_of(who)
    if where != "none":
        board = stack.board("headwear" if where == "head" else "topwear")
        paint_bow(rear(board, who.rng("bow behind look")))
        stack.add("accessories" if where == "head" else "clothes", board)


def _worn(
    stack: _Stack, place: str, who: Character, head: Head, hair: HairArt, torso: Torso, gear: Headwear | None = None
) -> None:
    board = stack.board("headwear")
    if paint_accessories(place, who, head, hair, torso, board, covered=gear is not None and gear.covered):
        if gear is not None:
            gear.press(board)
        stack.add("accessories", board)


def _shine_through(stack: _Stack, who: Character, features: dict[str, DrawnLayer]) -> None:
    """Brows, and fainter the eyes, seen through the fringe: a faded copy above the hair, as artists do it."""
    rng = who.rng("through hair")
    eye = 0.35 * rng.random() if rng.random() < 0.3 else 0.0
    for part, strength in (("eyebrow", who.brows.over_hair), ("eye", eye)):
        for side in ("right", "left"):
            if strength > 0:
                stack.layers.append(_faded(features[f"{part}_{side}"], strength))


def _faded(layer: DrawnLayer, strength: float) -> DrawnLayer:
    """The layer with its alpha and its parts' shares weakened."""

    def fade(alpha: np.ndarray) -> np.ndarray:
        return np.rint(alpha * np.float32(strength)).astype(np.uint8)

    rgba = layer.rgba.copy()
    rgba[..., 3] = left = fade(rgba[..., 3])
    first, *others = layer.parts
    parts = {}
    for name in others:
        parts[name] = np.minimum(fade(layer.parts[name]), left)
        left = left - parts[name]
    return DrawnLayer(layer.name, rgba, {first: left, **parts})


def compose_scene(seed: int, index: int, size: int, pictures_per_character: int, mix: Mix) -> tuple[Character, Scene]:
    """Who picture ``index`` shows, and how."""
    who = character(seed, index // pictures_per_character, mix)
    return who, scene(seed, index, size, who, mix, rise(who))
