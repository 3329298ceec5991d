// What is seen: the picture, the labels over it, and what is under the pointer, each on a canvas of its own.

const MOST_PIXELS = 1.6e6;  // of the canvases that are computed here; a sharper screen gets them enlarged
const MOST_ZOOM = 32;
const CONTEXT = 1 / 6;  // of the picture's longer side that is shown around a place at least
const $ = id => document.getElementById(id);
const pack = (r, g, b, a) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

export class View {
  constructor() {
    this.stage = $("stage");
    this.canvases = ["picture", "labels", "pointer"].map($);
    this.contexts = this.canvases.map(canvas => canvas.getContext("2d"));
    Object.assign(this, {doc: null, zoom: 1, x: 0, y: 0, opacity: 0.45, mode: "labels", hovered: -1, colour: [0, 0, 0]});
    Object.assign(this, {place: null, brush: null, cross: null, solo: -1, classOf: null, onzoom: () => {}});
    this.fill = new Uint32Array(256);
    this.line = new Uint32Array(256);
    this.colours = [];
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  setColours(colours) {
    this.colours = colours;
    this._tables();
  }

  _tables() {
    const alpha = Math.round(255 * this.opacity);
    this.colours.forEach((colour, id) => {
      if (!colour) return;
      const shown = this.solo < 0 || this.classOf[id] === this.solo;
      const [r, g, b] = colour, ground = id === 0;
      this.fill[id] = !shown || ground || this.mode === "outlines" ? 0 : pack(r, g, b, alpha);
      // Outlines are lighter than the colour, so that dark ones show on dark lines too.
      const light = v => Math.round(v + (255 - v) * 0.25);
      this.line[id] = shown ? (ground ? pack(255, 255, 255, 190) : pack(light(r), light(g), light(b), 255)) : 0;
    });
  }

  set(doc, bitmap) {
    this.bitmap?.close();
    this.doc = doc;
    this.bitmap = bitmap;
    this.hovered = -1;
    this.place = null;
    this.heat = null;
    if (doc) this.fit();
    else this.redraw();
  }

  resize() {
    const box = this.stage.getBoundingClientRect(), dpr = window.devicePixelRatio || 1;
    this.width = Math.max(1, Math.floor(box.width));
    this.height = Math.max(1, Math.floor(box.height));
    this.ratio = Math.min(dpr, Math.max(1, Math.sqrt(MOST_PIXELS / (this.width * this.height))));
    this.canvases.forEach((canvas, i) => {
      const scale = i === 0 ? dpr : this.ratio;
      canvas.width = Math.round(this.width * scale);
      canvas.height = Math.round(this.height * scale);
    });
    if (!this.doc) return;
    if (this.fitted) this.fit();
    else this.redraw();
  }

  get fitting() {
    return Math.min(8, (this.width - 32) / this.doc.width, (this.height - 32) / this.doc.height);
  }

  fit() {
    if (!this.doc || !this.width) return;
    this.zoom = this.fitting;
    this.x = (this.width - this.doc.width * this.zoom) / 2;
    this.y = (this.height - this.doc.height * this.zoom) / 2;
    this.fitted = true;
    this.redraw();
  }

  // Zoom so that the pixel under a point of the stage stays under it.
  zoomAt(factor, sx, sy) {
    if (!this.doc) return;
    const zoom = Math.min(MOST_ZOOM, Math.max(this.fitting / 4, this.zoom * factor));
    this.x = sx - (sx - this.x) * zoom / this.zoom;
    this.y = sy - (sy - this.y) * zoom / this.zoom;
    this.zoom = zoom;
    this.fitted = false;
    this.redraw();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.redraw();
  }

  // Show a box of the picture in the middle third of the stage, and never so near that one cannot tell where it lies.
  show([left, top, right, bottom]) {
    const around = Math.max(this.doc.width, this.doc.height) * CONTEXT;
    const room = Math.max(24, around, 3 * Math.max((right - left) / this.width, (bottom - top) / this.height) * Math.min(this.width, this.height));
    this.zoom = Math.min(MOST_ZOOM / 2, Math.max(this.fitting, Math.min(this.width, this.height) / room));
    this.x = this.width / 2 - (left + right) / 2 * this.zoom;
    this.y = this.height / 2 - (top + bottom) / 2 * this.zoom;
    this.fitted = false;
    this.redraw();
  }

  // From a point of the stage to the picture, in fractions of pixels; and whether a pixel lies in the picture.
  toPicture(sx, sy) {
    return [(sx - this.x) / this.zoom, (sy - this.y) / this.zoom];
  }

  toStage(px, py) {
    return [px * this.zoom + this.x, py * this.zoom + this.y];
  }

  inside(x, y) {
    return x >= 0 && y >= 0 && x < this.doc.width && y < this.doc.height;
  }

  redraw() {
    if (this._asked) return;
    this._asked = requestAnimationFrame(() => this.drawAll());
  }

  drawAll() {
    cancelAnimationFrame(this._asked);
    this._asked = 0;
    if (!this.doc) return this.contexts.forEach((c, i) => c.clearRect(0, 0, this.canvases[i].width, this.canvases[i].height));
    this.onzoom(this.zoom);
    this._drawPicture();
    this.drawLabels();
    this.drawPointer();
  }

  _drawPicture() {
    const context = this.contexts[0], scale = this.canvases[0].width / this.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvases[0].width, this.canvases[0].height);
    context.setTransform(scale * this.zoom, 0, 0, scale * this.zoom, scale * this.x, scale * this.y);
    if (!this.paper) {  // a checker for clear pixels, of the page's own colours
      const style = getComputedStyle(document.documentElement), tile = new OffscreenCanvas(16, 16), t = tile.getContext("2d");
      t.fillStyle = style.getPropertyValue("--checker-a");
      t.fillRect(0, 0, 16, 16);
      t.fillStyle = style.getPropertyValue("--checker-b");
      t.fillRect(0, 0, 8, 8);
      t.fillRect(8, 8, 8, 8);
      this.paper = context.createPattern(tile, "repeat");
    }
    this.paper.setTransform(new DOMMatrix().scale(1 / this.zoom));
    context.fillStyle = this.paper;
    context.fillRect(0, 0, this.doc.width, this.doc.height);
    context.imageSmoothingEnabled = this.zoom * scale < 3;
    context.imageSmoothingQuality = this.zoom * scale < 0.6 ? "medium" : "low";
    context.drawImage(this.bitmap, 0, 0);
  }

  // Rows and columns of the picture under those of a computed canvas, from one to another; -1 outside.
  _samples(from, to, offset, size) {
    const found = new Int32Array(to - from);
    const scale = 1 / (this.zoom * this.ratio), start = -offset / this.zoom;
    for (let i = from; i < to; i++) {
      const at = Math.floor(start + (i + 0.5) * scale);
      found[i - from] = at >= 0 && at < size ? at : -1;
    }
    return found;
  }

  // The part of a computed canvas that shows a box of the picture, with a pixel around it.
  _window(box, canvas) {
    if (!box) return [0, 0, canvas.width, canvas.height];
    const scale = this.zoom * this.ratio, ox = this.x * this.ratio, oy = this.y * this.ratio;
    return [
      Math.max(0, Math.floor(box[0] * scale + ox) - 2), Math.max(0, Math.floor(box[1] * scale + oy) - 2),
      Math.min(canvas.width, Math.ceil(box[2] * scale + ox) + 2), Math.min(canvas.height, Math.ceil(box[3] * scale + oy) + 2),
    ];
  }

  drawLabels(box = null) {
    const context = this.contexts[1], canvas = this.canvases[1], doc = this.doc;
    const [left, top, right, bottom] = this._window(box, canvas);
    if (left >= right || top >= bottom) return;
    if (this.mode === "bare" || !doc.label) return context.clearRect(0, 0, canvas.width, canvas.height);
    this._tables();
    const ids = this.mode === "before" && doc.base ? doc.base : doc.label;
    const image = context.createImageData(right - left, bottom - top), out = new Uint32Array(image.data.buffer);
    const columns = this._samples(left, right + 1, this.x, doc.width), rows = this._samples(top, bottom + 1, this.y, doc.height);
    const {fill, line} = this, w = right - left, heat = this.heat && doc.confidence, lines = this.opacity > 0;
    for (let y = 0, o = 0; y < bottom - top; y++) {
      const row = rows[y] < 0 ? -1 : rows[y] * doc.width, below = rows[y + 1] < 0 ? row : rows[y + 1] * doc.width;
      for (let x = 0; x < w; x++, o++) {
        const c = columns[x];
        if (row < 0 || c < 0) continue;
        const id = ids[row + c], next = columns[x + 1];
        if (heat) {
          const unsure = 255 - heat[row + c];
          out[o] = unsure > 25 ? pack(230, 60, 30, Math.min(220, unsure * 1.4)) : 0;
          continue;
        }
        const right_ = next < 0 ? id : ids[row + next], below_ = ids[below + c];
        if (lines && (id !== right_ || id !== below_)) out[o] = line[id || right_ || below_] || line[right_];
        else out[o] = fill[id];
      }
    }
    context.putImageData(image, left, top);
  }

  drawPointer() {
    const context = this.contexts[2], canvas = this.canvases[2], doc = this.doc;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!doc || this.mode === "bare") return;
    if (this.hovered >= 0 && doc.areas) this._drawArea(context, canvas, this.hovered);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    if (this.place) this._drawPlace(context, this.place);
    if (this.brush) {
      const [sx, sy] = this.toStage(this.brush.x, this.brush.y), radius = Math.max(2, this.brush.radius * this.zoom);
      this._twice(context, () => context.arc(sx, sy, radius, 0, 2 * Math.PI), `rgb(${this.colour})`);
    }
    if (this.cross) {
      const [sx, sy] = this.cross;
      this._twice(context, () => {
        for (const [a, b] of [[-12, -4], [4, 12]]) {
          context.moveTo(sx + a, sy);
          context.lineTo(sx + b, sy);
          context.moveTo(sx, sy + a);
          context.lineTo(sx, sy + b);
        }
      }, "#fff");
    }
  }

  _drawArea(context, canvas, node) {
    const {doc} = this, {areas} = doc, first = areas.first[node], last = areas.last[node], rank = doc.rank;
    const [left, top, right, bottom] = this._window(areas.box(node), canvas);
    if (left >= right || top >= bottom) return;
    const w = right - left, h = bottom - top;
    const image = context.createImageData(w, h), out = new Uint32Array(image.data.buffer);
    const columns = this._samples(left, right, this.x, doc.width), rows = this._samples(top, bottom, this.y, doc.height);
    const tint = pack(...this.colour, 96), dark = pack(12, 14, 22, 230), light = pack(255, 255, 255, 255);
    for (let y = 0, o = 0; y < h; y++) {
      const row = rows[y] * doc.width;
      for (let x = 0; x < w; x++, o++) {
        if (rows[y] < 0 || columns[x] < 0) continue;
        const leaf = rank[row + columns[x]];
        if (leaf >= first && leaf < last && !(doc.clear && doc.label[row + columns[x]] === 255)) out[o] = tint;  // not where it is clear
      }
    }
    // A light line just inside and a dark one just outside are seen on every ground.
    for (let y = 0, o = 0; y < h; y++) {
      for (let x = 0; x < w; x++, o++) {
        const inside = out[o] === tint || out[o] === light;
        if (inside) {
          const l = x > 0 ? out[o - 1] : 0, u = y > 0 ? out[o - w] : 0;
          const r = x < w - 1 ? out[o + 1] : 0, d = y < h - 1 ? out[o + w] : 0;
          const open = v => v !== tint && v !== light;
          if (open(l) || open(u) || open(r) || open(d)) {
            if (x > 0 && open(l)) out[o - 1] = dark;
            if (y > 0 && open(u)) out[o - w] = dark;
            if (x < w - 1 && open(r)) out[o + 1] = dark;
            if (y < h - 1 && open(d)) out[o + w] = dark;
            out[o] = light;
          }
        }
      }
    }
    context.putImageData(image, left, top);
  }

  _drawPlace(context, {box}) {
    const [x0, y0] = this.toStage(box[0], box[1]), [x1, y1] = this.toStage(box[2], box[3]), away = 8;
    this._twice(context, () => context.roundRect(x0 - away, y0 - away, x1 - x0 + 2 * away, y1 - y0 + 2 * away, 6), "#ffb347");
  }

  _twice(context, path, colour) {
    for (const [width, stroke] of [[3.5, "rgb(0 0 0 / .55)"], [1.6, colour]]) {
      context.beginPath();
      path();
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.stroke();
    }
  }
}
