// The areas of the drawing and their merge tree, as cubiseg/studio/areas.py has them.

const COUNT = 300;  // areas that are shown first, a good number to mend faces with

export class Areas {
  constructor(tree, rank, width) {
    this.leaves = tree.leaves;
    this.parent = Int32Array.from(tree.parent);
    this.first = Int32Array.from(tree.first);
    this.last = Int32Array.from(tree.last);
    this.rank = rank;
    this.width = width;
    this.limit = Math.max(this.leaves, 2 * this.leaves - COUNT);  // nodes below it are there; see `count`
    this._measure();
  }

  // Boxes of all nodes, [left, top, right, bottom], and their pixels: leaves by one look at each pixel, then upward.
  _measure() {
    const {rank, width, parent} = this, nodes = parent.length;
    const boxes = this.boxes = new Int32Array(4 * nodes), pixels = this.pixels = new Float64Array(nodes);
    for (let n = 0; n < nodes; n++) boxes[4 * n] = boxes[4 * n + 1] = 1 << 30;
    for (let i = 0, y = 0; i < rank.length; y++) {
      for (let x = 0; x < width; x++, i++) {
        const at = 4 * rank[i];
        pixels[rank[i]]++;
        if (x < boxes[at]) boxes[at] = x;
        if (y < boxes[at + 1]) boxes[at + 1] = y;
        if (x >= boxes[at + 2]) boxes[at + 2] = x + 1;
        boxes[at + 3] = y + 1;
      }
    }
    for (let n = 0; n < nodes; n++) {
      const above = parent[n];
      if (above < 0) continue;
      pixels[above] += pixels[n];
      for (const k of [0, 1]) boxes[4 * above + k] = Math.min(boxes[4 * above + k], boxes[4 * n + k]);
      for (const k of [2, 3]) boxes[4 * above + k] = Math.max(boxes[4 * above + k], boxes[4 * n + k]);
    }
  }

  // How many areas there are at this level: each merge below the limit has made one of two.
  get count() {
    return 2 * this.leaves - this.limit;
  }

  box(node) {
    return this.boxes.subarray(4 * node, 4 * node + 4);
  }

  // The area at a pixel, at this level.
  at(x, y) {
    let node = this.rank[y * this.width + x];
    while (this.parent[node] >= 0 && this.parent[node] < this.limit) node = this.parent[node];
    return node;
  }

  // One level up or down, as seen at a pixel: its area and the one beside it become one, or it becomes two.
  up(x, y) {
    const above = this.parent[this.at(x, y)];
    if (above >= 0) this.limit = above + 1;
  }

  down(x, y) {
    const node = this.at(x, y);
    if (node >= this.leaves) this.limit = node;
  }
}
