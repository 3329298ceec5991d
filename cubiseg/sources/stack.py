"""Complete layers on top of each other, as an artist drew them, and the label map of what is seen of them."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.older_python import StrEnum


class SeenAs(StrEnum):
    """How a layer is seen: as itself, as far as it is dark, as far as it is light, or as what lies beneath."""

    PLAIN = "plain"
    DARKER = "darker"
    LIGHTER = "lighter"
    OTHER = "other"


UNKNOWN = taxonomy.IGNORE_INDEX
"""Number of a layer that no name tells."""

Blend = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Colours of what lies beneath and of what is laid on it, (h, w, 3) float32 0..1, to what is seen of both."""


@dataclass(frozen=True)
class StackLayer:
    """One layer.

    Attributes:
        number: id of the class or part that it holds, or ``UNKNOWN``.
        box: its place in the picture, whole px.
        rgba: (h, w, 4) uint8, sRGB, straight alpha, complete beneath what covers it.
    """

    number: int
    box: Box
    rgba: np.ndarray


class Stack:
    """Layers from bottom to top; those of one part that follow each other are one.

    Attributes:
        size: height and width of the picture.
        layers: bottom to top.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.layers: list[StackLayer] = []

    def add(self, number: int, box: Box, rgba: np.ndarray) -> None:
        """Lay a layer on top.

        Args:
            number: id of what it holds, or ``UNKNOWN``.
            box: its place, within the picture.
            rgba: (h, w, 4) uint8, straight alpha; what is clear around is cut off.
        """
        inner = Box.around(rgba[..., 3])
        if inner is None:
            return
        layer = StackLayer(number, inner.moved(box.left, box.top), rgba[inner.window])
        if self.layers and self.layers[-1].number == number:
            self.layers[-1] = _joined(self.layers[-1], layer)
        else:
            self.layers.append(layer)

    def tint(self, box: Box, rgba: np.ndarray, blend: Blend | None = None, beside: int = UNKNOWN) -> None:
        """Let light or shade fall on what is seen beneath.

        Args:
            box: its place, within the picture.
            rgba: (h, w, 4) uint8, straight alpha.
            blend: how it changes colours; None covers them.
            beside: id of what it is itself, which is seen where nothing lies beneath.
        """
        rest = rgba[..., 3].astype(np.float32) * np.float32(1 / 255)
        source = rgba[..., :3].astype(np.float32) * np.float32(1 / 255)
        for place in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[place]
            common = _common(layer.box, box)
            if common is None:
                continue
            inside, own = common.moved(-box.left, -box.top).window, common.moved(-layer.box.left, -layer.box.top).window
            amount = rest[inside]
            if not amount.any():
                continue
            colours = layer.rgba.copy()
            before = colours[own][..., :3].astype(np.float32) * np.float32(1 / 255)
            after = source[inside] if blend is None else blend(before, source[inside])
            changed = before + amount[..., None] * (after - before)
            colours[own][..., :3] = np.rint(np.clip(changed, 0, 1) * 255).astype(np.uint8)
            rest[inside] = amount * (1 - layer.rgba[own][..., 3] * np.float32(1 / 255))
            self.layers[place] = StackLayer(layer.number, layer.box, colours)
        alone = np.dstack([rgba[..., :3], np.rint(rest * 255).astype(np.uint8)])
        self.add(beside, box, alone)

    def lay(
        self, number: int | None, box: Box, rgba: np.ndarray, light: SeenAs = SeenAs.PLAIN, blend: Blend | None = None
    ) -> None:
        """Lay a layer on top, as its blend mode lets it be seen.

        What darkens is seen as far as it is dark, and what lightens as far as it is light: a line in Multiply is a
        line, shade in Multiply is what it falls on. Other modes change the colours beneath alone.

        Args:
            number: id of what it holds, ``UNKNOWN``, or None for light and shade that belong to what lies beneath.
            box: its place, within the picture.
            rgba: (h, w, 4) uint8, straight alpha.
            light: what its blend mode does.
            blend: how it changes colours; None for Normal.
        """
        if light is SeenAs.PLAIN and number is not None:
            self.add(number, box, rgba)
            return
        self.tint(box, rgba, blend, UNKNOWN if number is None else number)
        if number is None or light is SeenAs.OTHER:
            return
        value = rgba[..., :3].max(axis=2)
        seen = value if light is SeenAs.LIGHTER else 255 - value
        own = rgba.copy()
        own[..., 3] = (rgba[..., 3].astype(np.uint16) * seen // 255).astype(np.uint8)
        self.add(number, box, own)

    def label(self) -> np.ndarray:
        """What is seen: the class with the largest visible contribution at each pixel, then the largest of its parts.

        A layer contributes its alpha times what all layers above let through (Porter and Duff, "Compositing digital
        images", 1984); contributions of one class add up.

        Returns:
            (H, W) uint8: ids of classes and parts, 0 where nothing is, 255 where an unknown layer is seen.
        """
        through = np.ones(self.size, np.float32)
        share: dict[int, np.ndarray] = {0: np.zeros(self.size, np.float32)}
        for layer in reversed(self.layers):
            at = layer.box.window
            alpha = layer.rgba[..., 3] * np.float32(1 / 255)
            share.setdefault(layer.number, np.zeros(self.size, np.float32))[at] += alpha * through[at]
            through[at] *= 1 - alpha
        share[0] += through
        return _largest(share)

    def framed(self, window: Box, size: tuple[int, int]) -> "Stack":
        """A piece of the picture at another size, in which it may be smaller than the piece."""
        out = Stack(size)
        for layer in self.layers:
            if _common(layer.box, window) is not None:
                out.add(layer.number, Box(0, 0, size[1], size[0]), framed(layer.rgba, layer.box, window, size))
        return out

    def composed(self) -> np.ndarray:
        """(H, W, 4) uint8, straight alpha: the layers source over destination."""
        colour, alpha = np.zeros((*self.size, 3), np.float32), np.zeros((*self.size, 1), np.float32)
        for layer in self.layers:
            at = layer.box.window
            a = layer.rgba[..., 3:] * np.float32(1 / 255)
            colour[at] = layer.rgba[..., :3] * a + colour[at] * (1 - a)
            alpha[at] = a + alpha[at] * (1 - a)
        return np.dstack([np.rint(colour / np.maximum(alpha, 1e-6)), np.rint(alpha * 255)]).astype(np.uint8)


def framed(rgba: np.ndarray, box: Box, window: Box, size: tuple[int, int]) -> np.ndarray:
    """A piece of a picture at another size.

    Args:
        rgba: (h, w, 4) uint8, straight alpha, lies at ``box``; everything else is clear.
        box: whole px.
        window: the piece, whole px; it may reach beyond the picture.
        size: height and width to scale it to.

    Returns:
        (*size, 4) uint8, straight alpha; areas are averaged where it shrinks.
    """
    height, width = int(window.height), int(window.width)
    common = _common(box, window)
    out = np.zeros((height, width, 4), np.uint8)
    if common is not None:
        inside = common.moved(-window.left, -window.top).window
        out[inside] = rgba[common.moved(-box.left, -box.top).window]
    if (height, width) == size:
        return out
    shrinks = size[0] < height
    return resized(out, size, cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def resized(rgba: np.ndarray, size: tuple[int, int], interpolation: int = cv2.INTER_AREA) -> np.ndarray:
    """(h, w, 4) uint8 of straight alpha at another size; colours are weighed by alpha."""
    light = rgba.astype(np.float32)
    light[..., :3] *= light[..., 3:] * np.float32(1 / 255)
    light = np.asarray(cv2.resize(light, size[::-1], interpolation=interpolation), np.float32)
    light[..., :3] /= np.maximum(light[..., 3:] * np.float32(1 / 255), np.float32(1e-6))
    out = np.rint(np.clip(light, 0, 255)).astype(np.uint8)
    out[out[..., 3] == 0] = 0
    return out


def _common(one: Box, other: Box) -> Box | None:
    box = Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )
    return box if box.width > 0 and box.height > 0 else None


def _joined(below: StackLayer, above: StackLayer) -> StackLayer:
    box = below.box.union(above.box)
    both = Stack((int(box.height), int(box.width)))
    both.layers = [StackLayer(0, part.box.moved(-box.left, -box.top), part.rgba) for part in (below, above)]
    return StackLayer(below.number, box, both.composed())


def _largest(share: dict[int, np.ndarray]) -> np.ndarray:
    """Id of the largest class at each pixel, told as far as its largest part does."""
    of = {number: int(taxonomy.CLASS_OF[number]) for number in share}
    label = np.zeros(share[0].shape, np.uint8)
    best = np.zeros(share[0].shape, np.float32)
    for number in sorted(set(of.values())):
        members = [member for member in sorted(share) if of[member] == number]
        total = sum((share[member] for member in members), np.zeros_like(best))
        wins = total > best
        np.maximum(best, total, out=best)
        told, most = np.full(label.shape, members[0], np.uint8), share[members[0]]
        for member in members[1:]:
            told[share[member] > most] = member
            most = np.maximum(most, share[member])
        label[wins] = told[wins]
    return label
