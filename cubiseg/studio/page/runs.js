// Patches of a label map as runs, as cubiseg/studio/runs.py has them: pairs of a start, and length << 8 | id.

const CLEAR = 255;  // what a label map has where the picture is clear

export function encode(words) {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

export function decode(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Uint32Array(bytes.buffer);
}

// Gives the pixels of a label map their new ids; returns the box that changed, [left, top, right, bottom].
export function paint(label, width, words) {
  const box = [width, Infinity, 0, 0];
  for (let i = 0; i < words.length; i += 2) {
    const start = words[i], length = words[i + 1] >>> 8;
    label.fill(words[i + 1] & 255, start, start + length);
    const y = Math.floor(start / width), x = start - y * width;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], Math.min(width, x + length));
    box[3] = Math.max(box[3], y + 1);
  }
  return words.length ? box : null;
}

// One undo step: what is painted between pointer down and up. Pixels change at once and are remembered as runs.
export class Stroke {
  constructor(doc, id, locked) {
    this.doc = doc;
    this.id = id;
    this.free = new Uint8Array(256).fill(1);
    for (const other of locked) this.free[other] = 0;
    this.free[id] = 0;
    if (doc.clear) this.free[CLEAR] = 0;  // elsewhere nobody could tell what it is, and somebody may
    this.starts = [];
    this.lengths = [];
    this.fresh = null;
  }

  get isEmpty() {
    return this.starts.length === 0;
  }

  // The box that changed since this was asked for last.
  takeDirty() {
    const box = this.fresh;
    this.fresh = null;
    return box;
  }

  _run(start, length) {
    this.starts.push(start);
    this.lengths.push(length);
    const width = this.doc.width, y = Math.floor(start / width), x = start - y * width;
    const box = this.fresh ??= [x, y, x + length, y + 1];
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x + length > box[2]) box[2] = x + length;
    if (y + 1 > box[3]) box[3] = y + 1;
  }

  // Pixels from x0 to x1 of a row, of the leaves from first to last - 1.
  _row(y, x0, x1, first, last) {
    const {label, rank, width} = this.doc, {free, id} = this, end = y * width + x1;
    let start = -1;
    for (let i = y * width + x0; i < end; i++) {
      if (free[label[i]] === 1 && (last < 0 || (rank[i] >= first && rank[i] < last))) {
        label[i] = id;
        if (start < 0) start = i;
      } else if (start >= 0) {
        this._run(start, i - start);
        start = -1;
      }
    }
    if (start >= 0) this._run(start, end - start);
  }

  area(node) {
    const {areas} = this.doc, [left, top, right, bottom] = areas.box(node);
    for (let y = top; y < bottom; y++) this._row(y, left, right, areas.first[node], areas.last[node]);
  }

  // A round brush from one point to another; radii in pixels. `within` is a node to stay inside, or -1.
  line(x0, y0, r0, x1, y1, r1, within) {
    const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / Math.max(0.5, Math.min(r0, r1) / 3)));
    for (let i = 0; i <= steps; i++) {
      const t = i / steps;
      this._disc(x0 + t * (x1 - x0), y0 + t * (y1 - y0), r0 + t * (r1 - r0), within);
    }
  }

  _disc(x, y, radius, within) {
    const {width, height, areas} = this.doc;
    const first = within < 0 ? 0 : areas.first[within], last = within < 0 ? -1 : areas.last[within];
    const top = Math.max(0, Math.ceil(y - radius - 0.5)), bottom = Math.min(height - 1, Math.floor(y + radius - 0.5));
    for (let row = top; row <= bottom; row++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (row + 0.5 - y) ** 2));
      const left = Math.max(0, Math.ceil(x - half - 0.5)), right = Math.min(width, Math.floor(x + half - 0.5) + 1);
      if (left < right) this._row(row, left, right, first, last);
    }
    const column = Math.floor(x), line = Math.floor(y);  // the smallest brush paints the pixel under it
    if (radius <= 0.75 && column >= 0 && line >= 0 && column < width && line < height)
      this._row(line, column, column + 1, first, last);
  }

  // All that hangs together with a pixel and has its id (4-neighbours).
  fill(x, y) {
    const {label, width, height} = this.doc, {id} = this, old = label[y * width + x];
    if (!this.free[old]) return;
    const open = [x, y];
    while (open.length) {
      const row = open.pop(), from = row * width;
      let left = open.pop();
      if (label[from + left] !== old) continue;
      let right = left + 1;
      while (left > 0 && label[from + left - 1] === old) left--;
      while (right < width && label[from + right] === old) right++;
      label.fill(id, from + left, from + right);
      this._run(from + left, right - left);
      for (const next of [row - 1, row + 1]) {
        if (next < 0 || next >= height) continue;
        const line = next * width;
        for (let i = left; i < right; i++)
          if (label[line + i] === old && (i === left || label[line + i - 1] !== old)) open.push(i, next);
      }
    }
  }

  // All runs in their order, those that touch in one.
  words() {
    const order = Uint32Array.from(this.starts.keys()).sort((a, b) => this.starts[a] - this.starts[b]);
    const words = new Uint32Array(2 * order.length);
    let count = 0, end = -1;
    for (const i of order) {
      const start = this.starts[i], length = this.lengths[i];
      if (start === end && start % this.doc.width) words[2 * count - 1] += length << 8;
      else {
        words[2 * count++] = start;
        words[2 * count - 1] = (length << 8) | this.id;
      }
      end = start + length;
    }
    return words.subarray(0, 2 * count);
  }
}
