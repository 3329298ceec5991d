"""The finish of painted layers: brushwork, light, texture and the range of colours. Colours change, alpha never does.

All maps are made once a picture and cut to each layer's box. Fine parts (eyes, brows, nose, mouth) get light and
colours only: an artist draws them last, and clean.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.compose import DrawnLayer, painted_box
from cubiseg.portraits.lighting import Light, draw_light
from cubiseg.portraits.rng import Rng, uniform
from cubiseg.portraits.scene import Scene

_BROAD = frozenset({"hair", "face", "skin", "clothes", "accessories"})


def _noise(rng: Rng, size: int, cells: Sequence[tuple[int, int]], decay: float = 0.7) -> np.ndarray:
    """(size, size) float32, spread about 1: random grids of (rows, columns), the later ones weaker by ``decay``."""
    out, weight = np.zeros((size, size), np.float32), 1.0
    for k in cells:
        if max(k) <= 2 * size:
            grid = rng.standard_normal(k, np.float32)
            out += cv2.resize(grid, (size, size), interpolation=cv2.INTER_LINEAR) * np.float32(weight)
        weight *= decay
    return out


class Finish:
    """One picture's finish."""

    def __init__(self, who: Character, view: Scene, size: int) -> None:
        self.who, self.view, self.size = who, view, size
        self.style = who.style
        rng = view.rng("surface")
        kind = view.lighting if self.style.colouring != "manga" else "none"  # ink knows no dusk
        self.light: Light = draw_light(kind, view.rng("light"), view.light, size)
        self.texture = self._texture(who.rng("texture"), rng)
        self.depth = uniform(who.rng("finish"), 0.1, 0.38)
        self.tail = col.hsv(who.rng("tail").random(), uniform(rng, 0.1, 0.5), 1.0)
        self.brush = self._brush(who.rng("brush"), rng) if self.style.finish == "painterly" else None
        self.blush = self._blush(who.rng("hair blush"))
        self.matrix, self.tones = self._colouring(who.rng("colouring"))

    def _brush(self, who: Rng, rng: Rng) -> np.ndarray:
        """(n, n, 3): strokes in one direction and patches that differ in colour."""
        n, k = self.size, int(who.integers(24, 70))
        strokes = _noise(rng, n, [(k, k // 4), (2 * k, k // 2), (k // 4, k // 5)])
        turn = cv2.getRotationMatrix2D((n / 2, n / 2), uniform(who, 20, 160), 1.5)
        strokes = cv2.warpAffine(strokes, turn, (n, n), borderMode=cv2.BORDER_REFLECT)
        patches = cv2.resize(rng.standard_normal((10, 10, 3), np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
        a, b = np.float32(uniform(who, 0.015, 0.05)), np.float32(uniform(who, 0.005, 0.03))
        return 1 + a * cv2.merge([strokes] * 3) + b * patches

    def _blush(self, rng: Rng) -> np.ndarray | None:
        """(n, n) 0..1: how much of the skin's colour shines into hair that hangs before the face."""
        amount, reach, shown = uniform(rng, 0.12, 0.6), uniform(rng, 0.8, 1.4), rng.random()
        if self.style.finish in ("flat", "hatched") or shown > (0.3 if self.style.finish == "cel" else 0.5):
            return None
        pose, t = self.view.pose, np.linspace(0, self.size, 64, dtype=np.float32)
        d2 = ((t[None] - pose.x) ** 2 + (t[:, None] - pose.y - 0.15 * pose.scale) ** 2) / (reach * pose.scale) ** 2
        small = np.float32(amount) * np.exp(-d2 * d2)
        return cv2.resize(small, (self.size, self.size), interpolation=cv2.INTER_LINEAR)

    def _texture(self, who: Rng, rng: Rng) -> np.ndarray | None:
        """(n, n) gain of the ground that is painted on."""
        kind, n, amount = self.style.texture, self.size, uniform(who, 0.4, 1.0)
        if kind == "paper":
            return 1 + np.float32(0.03 * amount) * _noise(rng, n, [(n // 4, n // 4), (n // 2, n // 2), (24, 24)])
        if kind == "noise":
            return 1 + np.float32(0.06 * amount) * rng.standard_normal((n, n), np.float32)
        if kind == "canvas":
            t = np.arange(n, dtype=np.float32) * np.float32(2 * np.pi / max(2.2, n * uniform(who, 0.005, 0.012)))
            weave = np.sin(t)[None] * np.sin(t)[:, None] + 0.4 * np.sin(t)[None] - 0.4 * np.sin(t)[:, None]
            return 1 + np.float32(0.05 * amount) * (weave + 0.4 * _noise(rng, n, [(n // 3, n // 3)]))
        if kind == "watercolour":
            return 1 + np.float32(0.05 * amount) * _noise(rng, n, [(7, 7), (15, 15), (40, 40), (n // 4, n // 4)], 0.8)
        return None

    def _dots(self, cell: float, turn: float = 0.7854) -> np.ndarray:
        """(n, n) 0..1 of a dot screen: thresholds that grow from the dots' middles."""
        t = np.arange(self.size, dtype=np.float32) * np.float32(2 * np.pi / cell)
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        u, v = t[None] * c + t[:, None] * s, t[:, None] * c - t[None] * s
        return 0.5 + 0.25 * (np.cos(u) + np.cos(v))

    def _colouring(self, rng: Rng) -> tuple[np.ndarray | None, np.ndarray | None]:
        """A (3, 4) matrix for ``cv2.transform`` and a dot screen for manga."""
        kind, amount = self.style.colouring, uniform(rng, 0.3, 0.8)
        grey, unit = np.array([(0.299, 0.587, 0.114)] * 3), np.eye(3)
        hue, cell = rng.random(), max(2.5, self.size * uniform(rng, 0.006, 0.014))
        if kind == "muted":
            return _with(unit + amount * (grey - unit)), None
        if kind == "vivid":
            return _with(unit - 0.6 * amount * (grey - unit)), None
        if kind == "grey":
            return _with(grey), None
        if kind == "manga":
            return _with(grey), self._dots(cell)
        if kind in ("duotone", "sepia"):
            dark, bright = (
                (col.hsv(hue, 0.7, 0.25), col.hsv(hue + 0.1, 0.12, 1.0))
                if kind == "duotone"
                else ((0.2, 0.12, 0.06), (1.0, 0.95, 0.84))
            )
            span = np.array(bright) - np.array(dark)
            return _with(span[:, None] * grey, 255 * np.array(dark)), None
        return None, None

    def _toned(self, rgb: np.ndarray) -> np.ndarray:
        """The range of colours applied to (h, w, 3) uint8."""
        return rgb if self.matrix is None else cv2.transform(rgb, self.matrix)

    def _screened(self, rgb: np.ndarray, at: tuple[slice, slice]) -> np.ndarray:
        if self.tones is None:
            return rgb
        g = rgb[..., 0].astype(np.float32) * np.float32(1 / 255)
        ink = np.clip((g - 0.25 - 0.5 * self.tones[at]) * 4 + 0.5, 0, 1)  # black below, dots between, white above
        ink = np.where(g > 0.72, 1.0, np.where(g < 0.28, np.minimum(ink, g), ink))
        return cv2.merge([np.rint(ink * 255).astype(np.uint8)] * 3)

    def _form(self, alpha: np.ndarray, at: tuple[slice, slice], warm: bool) -> np.ndarray:
        """(h, w, 3) gain as if the layer bulged: lit on the light's side, its shadow warm on skin, else cool."""
        h, w = alpha.shape
        k = min(1.0, 56 / max(h, w))
        small = cv2.resize(alpha, (max(4, round(w * k)), max(4, round(h * k))), interpolation=cv2.INTER_AREA)
        # what the picture's edge cuts goes on beyond it; elsewhere the layer ends
        up, down = 12 * (at[0].start == 0), 12 * (at[0].stop == self.size)
        left, right = 12 * (at[1].start == 0), 12 * (at[1].stop == self.size)
        wide = cv2.copyMakeBorder(small, up, down, left, right, cv2.BORDER_REPLICATE)
        rest = (12 - up, 12 - down, 12 - left, 12 - right)
        wide = cv2.copyMakeBorder(wide, rest[0], rest[1], rest[2], rest[3], cv2.BORDER_CONSTANT).astype(np.float32)
        soft = cv2.GaussianBlur(wide, (0, 0), 0.1 * min(small.shape) + 1, borderType=cv2.BORDER_REPLICATE)
        gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0)[12:-12, 12:-12], cv2.Sobel(soft, cv2.CV_32F, 0, 1)[12:-12, 12:-12]
        lit = -(gx * np.float32(self.view.light) - gy * np.float32(0.7))
        lit *= np.float32(self.depth) / max(float(np.abs(lit).max()), 1e-6)
        part = np.minimum(lit, 0)
        weights = (0.7, 1.15, 1.1) if warm else (1.2, 1.05, 0.7)
        gain = np.stack([1 + 0.6 * np.maximum(lit, 0) + part * np.float32(c) for c in weights], 2).astype(np.float32)
        return cv2.resize(gain, (w, h), interpolation=cv2.INTER_LINEAR)

    def _gain(self, layer: DrawnLayer, at: tuple[slice, slice], order: int) -> np.ndarray | None:
        """(h, w, 3) factor on a layer's colours, or None."""
        finish, broad = self.style.finish, layer.name in _BROAD
        alpha = layer.rgba[at][..., 3]
        h, w = alpha.shape
        gain: np.ndarray | None = None if self.light.gain is None else self.light.gain[at]
        if not broad:
            return gain

        def times(a: np.ndarray | None, b: np.ndarray) -> np.ndarray:
            return b if a is None else a * b

        if finish in ("painterly", "airbrush") and h > 8 and w > 8:
            gain = times(gain, self._form(alpha, at, layer.name in ("face", "skin")))
        if self.brush is not None:
            strokes = np.roll(self.brush, 37 * order, 1)[at] if order % 3 else self.brush[at]
            gain = times(gain, 0.65 + 0.35 * strokes if layer.name in ("face", "skin") else strokes)
        if finish == "gradation" and layer.name in ("hair", "clothes", "skin"):
            t = np.clip(np.linspace(-0.6, 1, h, dtype=np.float32), 0, 1)[:, None, None] * np.float32(2 * self.depth)
            fade = 1 + t * (np.array(self.tail, np.float32) - 1) * (0.4 if layer.name == "skin" else 1.0)
            gain = times(gain, np.ascontiguousarray(np.broadcast_to(fade, (h, w, 3))))
        if self.texture is not None:
            scalar = self.texture[at]
            if self.style.texture == "watercolour":  # pigment gathers at the edges of a wash
                rim = cv2.erode(alpha, np.ones((3, 3), np.uint8), iterations=max(1, self.size // 170))
                scalar = scalar * (1.06 - np.float32(0.22 / 255) * (255 - cv2.blur(rim, (3, 3))))
            gain = times(gain, cv2.merge([scalar] * 3))
        return gain

    def _inked(self, rgb: np.ndarray, at: tuple[slice, slice]) -> np.ndarray:
        """Shadows as hatching or dots: where a part is darker than most of itself."""
        hatched, toned = self.style.finish == "hatched", self.style.texture == "screentone"
        if not (hatched or toned):
            return rgb
        cell = max(3.0, self.size * 0.011)
        g = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        top = float(np.percentile(g[::4, ::4], 80)) if g.size > 64 else 255.0
        dark = np.clip((0.86 * top - g) * np.float32(0.05), 0, 1)
        if hatched:
            t = np.arange(self.size, dtype=np.float32) * np.float32(2 * np.pi / cell)
            mask = np.clip(np.sin(t[at[1]][None] + t[at[0]][:, None]) * 2 - 0.6, 0, 1)
        else:
            mask = np.clip((self._dots(cell)[at] - 0.5) * 5, 0, 1)
        return cv2.multiply(rgb, cv2.merge([(1 - 0.4 * dark * mask).astype(np.float32)] * 3), dtype=cv2.CV_8U)

    def edges(self, layers: Sequence[DrawnLayer]) -> list[tuple[np.ndarray, col.Colour]]:
        """Masks (n, n) float32 with a colour: the rim light and the bold contour, within the silhouette."""
        scale = self.view.pose.scale
        out: list[tuple[np.ndarray, col.Colour]] = []
        bold = self.style.manner == "bold contour" and self.style.line > 0
        if self.light.rim is None and not bold:
            return out
        shape = silhouette(layers)
        if self.light.rim is not None:
            d = self.light.rim_width * scale + 1
            move = np.array([(1, 0, -d * self.light.side[0]), (0, 1, -d * self.light.side[1])], np.float32)
            moved = cv2.warpAffine(shape, move, shape.shape, borderMode=cv2.BORDER_REPLICATE)
            moved = cv2.GaussianBlur(moved, (0, 0), 0.25 * d + 0.5)
            out.append((np.clip((255 - moved.astype(np.float32)) * np.float32(1.3 / 255), 0, 0.9), self.light.rim))
        if bold:
            k = max(1, round((1.2 * self.style.line + 0.012) * scale))
            ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * k + 1, 2 * k + 1))
            pad = cv2.erode(shape, ball, borderType=cv2.BORDER_REPLICATE)
            out.append(((255 - pad).astype(np.float32) / 255, col.ink(self.who.hair, self.style.ink)))
        return out

    def apply(self, layers: list[DrawnLayer]) -> None:
        """Finish a figure's layers in place."""
        edges = self.edges(layers)
        hidden = np.zeros((self.size, self.size), np.uint8) if edges else None
        before = next((k for k, layer in enumerate(layers) if layer.name == "face"), len(layers))
        idle = self.light.gain is None and self.style.finish in ("flat", "cel", "soft")
        idle = idle and self.texture is None and self.matrix is None and self.style.texture != "screentone"
        if idle and not edges and self.blush is None:
            return
        for order, layer in reversed(list(enumerate(layers))):
            at = painted_box(silhouette([layer, *(replace(layer, rgba=rgba) for rgba in layer.alone.values())]))
            if at is None:
                continue
            gain, masks = self._gain(layer, at, order), []
            if hidden is not None:
                masks = [(np.where(hidden[at] > 128, 0, mask[at]).astype(np.float32), c) for mask, c in edges]
                hidden[at] = np.maximum(hidden[at], layer.rgba[at][..., 3])
            for rgba in (layer.rgba, *layer.alone.values()):
                rgb = np.ascontiguousarray(rgba[at][..., :3])
                if self.blush is not None and layer.name == "hair" and order > before:
                    skin = np.full_like(rgb, np.rint(np.array(self.who.skin) * 255))
                    rgb = cv2.blendLinear(skin, rgb, m := np.ascontiguousarray(self.blush[at]), 1 - m)
                if gain is not None:
                    rgb = cv2.multiply(rgb, np.ascontiguousarray(gain), dtype=cv2.CV_8U)
                if layer.name in _BROAD:
                    rgb = self._inked(rgb, at)
                for mask, c in masks:
                    rgb = cv2.blendLinear(np.full_like(rgb, np.rint(np.array(c) * 255)), rgb, mask, 1 - mask)
                rgba[at][..., :3] = self._screened(self._toned(rgb), at)

    def behind(self, rgba: np.ndarray) -> None:
        """The same light, texture and colours on the background, in place."""
        rgb = np.ascontiguousarray(rgba[..., :3])
        if self.light.behind is not None:
            rgb = cv2.multiply(rgb, self.light.behind, dtype=cv2.CV_8U)
        if self.texture is not None:
            rgb = cv2.multiply(rgb, cv2.merge([self.texture] * 3), dtype=cv2.CV_8U)
        whole = (slice(None), slice(None))
        rgba[..., :3] = self._screened(self._toned(rgb), whole)


def _with(matrix: np.ndarray, add: np.ndarray | None = None) -> np.ndarray:
    return np.column_stack([matrix, np.zeros(3) if add is None else add]).astype(np.float32)


def silhouette(layers: Sequence[DrawnLayer]) -> np.ndarray:
    """(n, n) uint8: the largest alpha of all layers."""
    out = layers[0].rgba[..., 3].copy()
    for layer in layers[1:]:
        np.maximum(out, layer.rgba[..., 3], out=out)
    return out
