// Mouse, pen and fingers on the picture: what they mean, told to whoever paints.

const SLOP = 7;  // px that a finger moves before it paints, so that a second finger can come

export class Pointers {
  // `hover(x, y)`, `press(x, y, pressure)`, `drag(…)`, `lift()`, `pick(x, y)`, `pan(dx, dy)`, `zoom(factor, x, y)`,
  // `level(up)`; x and y are px of the stage.
  constructor(stage, told) {
    Object.assign(this, {stage, told, fingers: new Map(), doing: "", at: [0, 0]});
    const on = (name, act, options) => stage.addEventListener(name, act, options);
    on("pointerdown", event => this.down(event));
    on("pointermove", event => this.move(event));
    on("pointerup", event => this.up(event));
    on("pointercancel", event => this.up(event));
    on("pointerleave", () => this.doing || told.leave());
    on("contextmenu", event => event.preventDefault());
    on("wheel", event => this.wheel(event), {passive: false});
  }

  where(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  pressure(event) {
    return event.pointerType === "pen" ? event.pressure : 0.5;
  }

  down(event) {
    if (event.target.closest("button")) return;
    this.stage.focus({preventScroll: true});
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const [x, y] = this.where(event);
    if (event.pointerType === "touch") {
      this.fingers.set(event.pointerId, [x, y]);
      if (this.fingers.size === 2) {
        if (this.doing === "paint") this.told.lift();
        this.doing = "pinch";
        return;
      }
      if (this.doing) return;
      this.start = [x, y];
      this.doing = "wait";
      return;
    }
    if (this.doing) return;
    if (event.button === 2 || (event.button === 5)) this.told.pick(x, y);
    else if (event.button === 1) {
      this.doing = "pan";
      this.at = [x, y];
      this.stage.classList.add("panning");
    } else if (event.button === 0) {
      this.doing = "paint";
      this.told.press(x, y, this.pressure(event));
    }
  }

  move(event) {
    const [x, y] = this.where(event);
    if (this.doing === "pinch") return this.pinch(event.pointerId, x, y);
    if (this.doing === "pan") {
      this.told.pan(x - this.at[0], y - this.at[1]);
      this.at = [x, y];
    } else if (this.doing === "wait" && Math.hypot(x - this.start[0], y - this.start[1]) > SLOP) {
      this.doing = "paint";
      this.told.press(...this.start, 0.5);
      this.told.drag(x, y, 0.5);
    } else if (this.doing === "paint") {
      const passed = event.getCoalescedEvents?.() ?? [];  // a quick pen reports more points than there are frames
      for (const point of passed.length ? passed : [event]) this.told.drag(...this.where(point), this.pressure(point));
    } else if (!this.doing) this.told.hover(x, y);
  }

  up(event) {
    const {doing} = this;
    this.fingers.delete(event.pointerId);
    if (doing === "pinch" && this.fingers.size) return;
    this.doing = "";
    this.stage.classList.remove("panning");
    if (doing === "wait" && event.type === "pointerup") {
      this.told.press(...this.start, 0.5);
      this.told.lift();
    } else if (doing === "paint") this.told.lift();
  }

  pinch(id, x, y) {
    const other = [...this.fingers].find(([key]) => key !== id)?.[1], old = this.fingers.get(id);
    if (!other || !old) return;
    this.fingers.set(id, [x, y]);
    const before = Math.hypot(old[0] - other[0], old[1] - other[1]), now = Math.hypot(x - other[0], y - other[1]);
    this.told.pan((x - old[0]) / 2, (y - old[1]) / 2);
    if (before > 10) this.told.zoom(now / before, (x + other[0]) / 2, (y + other[1]) / 2);
  }

  wheel(event) {
    event.preventDefault();
    const [x, y] = this.where(event), unit = event.deltaMode ? 30 : 1;
    if (event.altKey) {
      if (event.deltaY || event.deltaX) this.told.level((event.deltaY || event.deltaX) < 0);
    } else if (event.ctrlKey || event.metaKey) this.told.zoom(Math.exp(-event.deltaY * unit * 0.0022), x, y);
    else if (event.shiftKey && !event.deltaX) this.told.pan(-event.deltaY * unit, 0);
    else this.told.pan(-event.deltaX * unit, -event.deltaY * unit);
  }
}
