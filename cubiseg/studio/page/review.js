// A review of a data set: its queue, the sheet of portraits, and what the reviewer says of each sample.

import {review as api} from "./api.js";
import {$, element, named, toast} from "./panels.js";

const SHEET = 20;  // portraits on a sheet
const AWAY = 60000;  // ms without a sign of the reviewer after which the clock stands still

// How long a reviewer was at something, in seconds, without the time that nobody was there.
class Clock {
  constructor() {
    this.start();
    for (const name of ["pointermove", "pointerdown", "keydown", "wheel"]) document.addEventListener(name, () => this.tick(), {capture: true, passive: true});
  }

  start() {
    this.spent = 0;
    this.last = performance.now();
  }

  tick() {
    const now = performance.now();
    if (now - this.last < AWAY) this.spent += now - this.last;
    this.last = now;
    return this.spent / 1000;
  }
}

export class Review {
  // `app` is the page, `open(number)` opens a picture.
  constructor(app, facts, open) {
    Object.assign(this, {app, facts, open, rows: [], about: null, saying: false, fromSheet: false, cells: []});
    this.clock = new Clock();
    document.body.classList.add("reviewing");
    for (const id of ["reviewbox", "position", "sheetbutton"]) $(id).hidden = false;
    for (const id of ["pictures", "open", "download", "write"]) $(id).hidden = true;
    $("hreview").textContent = `Review by ${facts.reviewer}`;
    const on = (id, act) => $(id).addEventListener("click", act);
    for (const id of ["accept", "reject", "unsure", "next", "previous"]) on(id, () => this[id]());
    on("sheetbutton", () => this.sheet());
    on("sheetaccept", () => this.acceptRest());
    on("sheetopen", () => this.openCell());
    on("carry", () => this.renew(true));
    on("renew", () => this.renew(false));
    on("closerejecting", () => $("rejecting").close());
    $("unsure").title = "Somebody else should look (Ctrl+Shift+Enter)";
    facts.reasons.forEach((reason, i) => {
      const button = element("button", {}, element("kbd", {textContent: String(i + 1)}), element("span", {textContent: named(reason)}));
      button.addEventListener("click", () => this.rejectFor(reason));
      $("reasons").append(button);
    });
    new ResizeObserver(() => this.layOut()).observe($("portraits"));
  }

  async begin() {
    await this.load();
    const first = this.rows.find(row => !row.done);
    if (!first) toast("All samples are reviewed.", "good");
    await this.open((first ?? this.rows.find(row => !row.gone) ?? this.rows[0]).number);
  }

  async load() {
    this.rows = await api.queue();
    this.places = new Map(this.rows.map((row, i) => [row.number, i]));
  }

  // The same, for keys and clicks: whether it came; the reviewer is told where it did not.
  async loaded() {
    try {
      await this.load();
      return true;
    } catch (error) {
      toast(error.message, "bad");
      return false;
    }
  }

  get at() {
    return this.places.get(this.app.number) ?? 0;
  }

  // Numbers of the next samples that wait.
  upcoming(count) {
    return this.rows.slice(this.at + 1).filter(row => !row.done).slice(0, count).map(row => row.number);
  }

  // --- one sample -----------------------------------------------------------------------------------------------

  async opened(number) {
    this.about = null;
    this.clock.start();
    this.show();
    try {
      const about = await api.about(number);
      if (number !== this.app.number) return;
      if (about.begun !== null && about.begun !== this.app.doc?.base) return this.open(number);  // what is shown is an old one
      this.about = about;
      this.put(about);
    } catch (error) {
      toast(error.message, "bad");
    }
    this.show();
  }

  put(row) {
    const place = this.places.get(row.number);
    this.rows[place] = {...this.rows[place], ...row};
  }

  stands() {
    const {doc} = this.app, open = Boolean(this.about?.number === this.app.number && doc?.label) && !this.saying;
    for (const id of ["accept", "unsure", "reject"]) $(id).disabled = !open;
    if (this.about?.changed) $("accept").disabled = true;
    const mended = Boolean(doc?.undo) || (this.about && this.about.base === null);
    $("accept").replaceChildren(mended ? "Keep the correction " : "Accept ", element("kbd", {textContent: "Ctrl+Enter"}));
  }

  show() {
    const {about} = this, done = this.rows.filter(row => row.done).length, row = this.rows[this.at];
    $("position").textContent = `${this.at + 1} of ${this.rows.length}, ${done} done`;
    $("sampleid").textContent = row ? row.id : "";
    $("why").textContent = row ? [row.method, row.split, ...row.why].filter(Boolean).join(" · ") : "";
    $("mine").hidden = !about?.said;
    if (about?.said) $("mine").textContent = `You ${about.said.verdict === "unsure" ? "were unsure" : `${about.said.verdict} it`}${about.said.reason ? `: ${named(about.said.reason)}` : ""}${about.stale ? "; its label map is another now" : ""}.`;
    $("changed").hidden = !about?.changed;
    $("theirs").replaceChildren(...(about?.others ?? []).map(other => {
      const item = element("li", {}, element("span", {textContent: `${other.reviewer}: ${other.verdict}${other.reason ? `, ${named(other.reason)}` : ""}`}));
      if (other.drawn && other.verdict === "corrected") {
        const button = element("button", {textContent: "Take theirs", title: "Paint it as they did, as one step"});
        button.addEventListener("click", () => this.take(other.reviewer));
        item.append(button);
      }
      return item;
    }));
    this.stands();
  }

  async take(reviewer) {
    const {app} = this, number = app.number;
    await app.actions?.theirs(state => api.theirs(number, reviewer, state));
  }

  async renew(carry) {
    const {app} = this, number = app.number;
    try {
      await app.actions?.last;
      await api.renew(number, carry);
      await this.open(number);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async say(verdict, more = {}) {
    const {app, about} = this, number = app.number;
    if (about?.number !== number || this.saying || !app.actions || app.actions.closed || app.stroke) return;
    this.saying = true;
    this.stands();
    let done = null, behind = false;
    try {
      await app.actions.last;
      const {base, known} = about;
      done = await api.say(number, {verdict, base, known, state: app.doc.state, seconds: this.clock.tick(), ...more});
    } catch (error) {
      toast(error.message, "bad");
      behind = error.status === 409;
    } finally {
      this.saying = false;
      this.stands();
    }
    if (behind && number === app.number) this.open(number);
    if (!done) return;
    this.put(done);
    if (number !== app.number) return;
    this.about = done;  // a second thought is about this; it stays open after the last sample
    this.advance();
  }

  accept() {
    return this.about?.changed ? toast("The label map was changed: say first which one you mean.", "bad") : this.say("right");
  }

  unsure() {
    return this.say("unsure");
  }

  reject() {
    if (!this.about || this.saying) return;
    $("note").value = "";
    $("rejecting").showModal();
  }

  rejectFor(reason) {
    $("rejecting").close();
    this.say("rejected", {reason, note: $("note").value});
  }

  advance() {
    const after = [...this.rows.slice(this.at + 1), ...this.rows.slice(0, this.at)];
    if (this.fromSheet && !this.rows.some(row => row.marked)) {
      this.fromSheet = false;
      return this.openSheet();
    }
    const next = after.find(row => row.marked) ?? after.find(row => !row.done);
    if (next) return this.open(next.number);
    this.show();
    toast("All samples are reviewed.", "good");
  }

  next() {
    this.step(1);
  }

  previous() {
    this.step(-1);
  }

  step(by) {
    const row = this.rows[this.at + by];
    if (row) this.open(row.number);
    else toast(by > 0 ? "This is the last sample." : "This is the first sample.");
  }

  // --- the sheet ------------------------------------------------------------------------------------------------

  get isSheet() {
    return !$("sheet").hidden;
  }

  async sheet() {
    if (!this.isSheet) return this.openSheet();
    this.closeSheet();
    if (await this.loaded()) this.show();
  }

  closeSheet() {
    $("sheet").hidden = true;
    document.body.classList.remove("sheeted");
    $("sheetbutton").setAttribute("aria-pressed", "false");
    $("stage").focus({preventScroll: true});
  }

  async openSheet() {
    try {
      await this.app.actions?.last;
      if (this.app.pane.isOpen) this.app.pane.close();
      const found = await api.sheet(SHEET);
      if (!found.length) {
        if (this.isSheet) await this.sheet();
        return toast("Nothing waits for the sheet.", "good");
      }
      document.body.classList.add("sheeted");
      $("sheetbutton").setAttribute("aria-pressed", "true");
      $("sheet").hidden = false;
      this.fill(found);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  fill(found) {
    this.cells = found.map(row => {
      const image = element("img", {alt: "", draggable: false});
      const words = row.changed ? ["its label map was changed"] : row.base ? row.why : ["no label", ...row.why];
      const button = element("button", {"aria-pressed": String(row.changed || !row.base), "aria-label": `${row.id}: ${words.join(", ") || row.method}`, title: row.id},
        image, element("span", {className: "about", textContent: words.join(" · ") || row.method, "aria-hidden": "true"}));
      const cell = {row, button, image};
      button.addEventListener("click", () => this.toggle(cell));
      return cell;
    });
    $("portraits").replaceChildren(...this.cells.map(({button}) => element("li", {}, button)));
    this.clock.start();
    this.layOut();
    this.tell();
    this.cells[0].button.focus();
  }

  // As large as all of them fit.
  layOut() {
    if (!this.isSheet || !this.cells.length) return;
    const {clientWidth: width, clientHeight: height} = $("portraits"), count = this.cells.length;
    let side = 0;
    for (let columns = 1; columns <= count; columns++) side = Math.max(side, Math.min((width - 16) / columns, (height - 16) / Math.ceil(count / columns)) - 7);
    side = Math.max(80, Math.min(360, Math.floor(side)));
    $("portraits").style.setProperty("--cell", `${side}px`);
    const pixels = Math.min(768, Math.ceil(side * (window.devicePixelRatio || 1) / 64) * 64);
    for (const {row, image} of this.cells) {
      const address = api.portrait(row, pixels);
      if (image.getAttribute("src") !== address) image.src = address;
    }
  }

  tell() {
    const marked = this.cells.filter(({button}) => button.getAttribute("aria-pressed") === "true").length;
    $("sheettext").textContent = marked ? `${marked} of ${this.cells.length} need work` : "Click what needs work";
  }

  async toggle(cell) {
    const on = cell.button.getAttribute("aria-pressed") !== "true";
    cell.button.setAttribute("aria-pressed", String(on));
    this.tell();
    try {
      await (this.marking = (this.marking ?? Promise.resolve()).catch(() => {}).then(() => api.mark([cell.row.number], on)));
    } catch (error) {
      cell.button.setAttribute("aria-pressed", String(!on));
      this.tell();
      toast(error.message, "bad");
    }
  }

  async acceptRest() {
    if (this.saying) return;
    this.saying = true;
    const seconds = this.clock.tick() / this.cells.length;
    let accepted = 0, marked = 0, fault = null;
    try {
      await this.marking?.catch(() => {});
      const pressed = this.cells.filter(({button}) => button.getAttribute("aria-pressed") === "true");
      if (pressed.length) await api.mark(pressed.map(({row}) => row.number), true);
      for (const {row, button} of this.cells) {
        if (button.getAttribute("aria-pressed") === "true") {
          marked++;
          continue;
        }
        try {
          const {base, known, state} = row;
          await api.say(row.number, {verdict: "right", base, known, state, seconds});
          accepted++;
          button.disabled = true;
        } catch (error) {
          fault = error;
          if (!error.status) break;
        }
        $("sheettext").textContent = `${accepted} accepted…`;
      }
    } catch (error) {
      fault = error;
    } finally {
      this.saying = false;
    }
    if (fault) toast(fault.message, "bad");
    toast(`${accepted} accepted${marked ? `, ${marked} to mend` : ""}.`, "good");
    if (fault && !fault.status) return;
    if (!await this.loaded()) return;
    const first = this.rows.find(row => !row.done && (row.marked || row.stale));
    if (!marked || !first) return this.openSheet();
    this.fromSheet = true;
    this.closeSheet();
    await this.open(first.number);
  }

  get cell() {
    return this.cells.find(({button}) => button === document.activeElement);
  }

  async openCell() {
    const {row} = this.cell ?? this.cells[0];
    this.closeSheet();
    if (await this.loaded()) await this.open(row.number);
  }

  // Move the focus to the nearest portrait in a direction.
  move(code) {
    const now = this.cell?.button ?? this.cells[0].button, {left, top, width} = now.getBoundingClientRect();
    const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[code];
    let best = null, least = Infinity;
    for (const {button} of this.cells) {
      const box = button.getBoundingClientRect(), x = (box.left - left) / width, y = (box.top - top) / width;
      const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (along > 0.3 && aside < 0.8 && along + 2 * aside < least) [best, least] = [button, along + 2 * aside];
    }
    best?.focus();
  }

  // Whether a key is for the sheet or the question for a reason, and no other.
  takes(event) {
    const {code} = event, plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ($("rejecting").open) {
      const reason = this.facts.reasons[Number(code.replace(/^(Digit|Numpad)/, "")) - 1];
      if (reason && plain && event.target !== $("note")) {
        event.preventDefault();
        this.rejectFor(reason);
      }
      return true;
    }
    if (!this.isSheet || $("keys").open) return false;
    if (!plain || code === "Tab" || (code === "Slash")) return code !== "Slash";
    const onCell = Boolean(this.cell) || event.target === document.body;
    const does = {
      Enter: () => onCell && (event.repeat || this.acceptRest()), NumpadEnter: () => onCell && (event.repeat || this.acceptRest()),
      KeyO: () => this.openCell(), KeyZ: () => this.sheet(), Escape: () => this.sheet(),
    }[code] ?? (code.startsWith("Arrow") ? () => this.move(code) : null);
    if (does && (onCell || !code.endsWith("Enter"))) {
      event.preventDefault();
      does();
    }
    return true;
  }
}
