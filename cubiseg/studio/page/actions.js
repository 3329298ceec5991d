// What is done is sent at once, one action after the other; the studio keeps each before it answers.

import {decode, encode, paint} from "./runs.js";

export class Actions {
  // `changed(box)` is called where the label map changed, `stands()` where the numbers of steps did, `lost(error)` where
  // the page must load the newest state again.
  constructor(server, doc, {changed, stands, lost, failed}) {
    Object.assign(this, {server, doc, changed, stands, lost, failed});
    this.waiting = 0;
    this.computing = 0;
    this.last = Promise.resolve();
    this.closed = false;
  }

  _queue(job) {
    this.waiting++;
    this.stands();
    this.last = this.last.then(async () => {
      try {
        if (!this.closed) this._stand(await job());
      } catch (error) {
        if (error.status === 409 || error.status === 0 || error.status === undefined) {
          this.closed = true;
          this.lost(error);
        } else this.failed(error);
      } finally {
        this.waiting--;
        this.stands();
      }
    });
    return this.last;
  }

  _stand({state, undo, redo}) {
    Object.assign(this.doc, {state, undo, redo});
  }

  // The stroke is painted already; where the studio refuses it, however it does, the page loads the state that is kept.
  paint(stroke, tool, place = "") {
    const runs = encode(stroke.words());
    return this._queue(async () => {
      try {
        return await this.server.act({state: this.doc.state + 1, do: "paint", tool, runs, place});
      } catch (error) {
        if (error.status) error.status = 409;
        throw error;
      }
    });
  }

  // What the studio computes: nothing may be painted until it has come.
  _computed(job) {
    this.computing++;
    return this._queue(async () => {
      const answer = await job();
      const box = paint(this.doc.label, this.doc.width, decode(answer.runs));
      if (box) this.changed(box);
      return answer;
    }).finally(() => this.computing--);
  }

  undo() {
    return this._step("undo");
  }

  redo() {
    return this._step("redo");
  }

  _step(way) {
    return this._computed(async () => {
      const {state, undo, redo} = this.doc;
      return this.doc[way] ? this.server.act({state: state + 1, do: way}) : {state, undo, redo, runs: ""};
    });
  }

  rule(rule, x, y, locked) {
    return this._computed(() => this.server.rule({state: this.doc.state + 1, rule, x, y, locked}));
  }

  theirs(ask) {
    return this._computed(() => ask(this.doc.state));
  }

  right(place) {
    return this._queue(() => this.server.act({state: this.doc.state + 1, do: "right", place}));
  }
}
