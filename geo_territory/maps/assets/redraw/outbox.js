/* What this tab has asked for and not yet had acknowledged: numbered, kept over a reload or a crash, sent one batch at a time and
 * repeated until it is answered. No DOM: everything it reaches can be given to it. */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.Outbox) return;

  const WAITS_MS = [500, 1000, 2000, 4000];
  const POLL_MS = 2000;
  const ANSWER_MS = 20000;
  const BATCH = 100;
  const CLAIM_TRIES = 4;
  const CLAIM_MS = 120;
  const GONE = new Set([403, 404, 409]); // the address is worn out, the draft is no more, it is closed

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, "0")).join("");

  /** Hold a name as long as this page lives: resolves to a function that lets go, null when another page holds it. */
  async function held(name, locks) {
    if (!locks) return heldByAsking(name);
    for (let k = 0; k < CLAIM_TRIES; k++) {
      const release = await new Promise((done) => {
        locks.request(name, { ifAvailable: true }, (lock) => (lock ? new Promise((free) => done(free)) : done(null))).catch(() => done(heldByAsking(name)));
      });
      if (release) return release;
      await wait(CLAIM_MS); // a page that is being reloaded lets go a moment late
    }
    return null;
  }

  /** The same where the browser has no locks: ask all pages of this origin, and answer those that ask later. */
  async function heldByAsking(name) {
    if (!root.BroadcastChannel) return () => {};
    const channel = new BroadcastChannel("gt-redraw");
    const token = newId();
    let taken = false;
    let mine = false;
    channel.onmessage = ({ data }) => {
      if (data.name !== name || data.token === token) return;
      if (data.taken || (!mine && data.token < token)) taken = true;
      else if (mine) channel.postMessage({ name, token, taken: true });
    };
    channel.postMessage({ name, token, taken: false });
    await wait(2 * CLAIM_MS);
    mine = !taken;
    if (taken) channel.close();
    return taken ? null : () => channel.close();
  }

  gt.Outbox = class Outbox {
    /** `doc` names the draft; `tab` is given only by who knows better than the storage. */
    constructor({ doc, tab = null, storage = sessionStorageOrNone(), locks = root.navigator && root.navigator.locks }) {
      Object.assign(this, { key: "gt-redraw " + doc, tab, storage, locks });
      this.ops = [];
      this.seq = 0;
      this.kept = true; // false when the browser has no room: what is pending would not survive a reload
    }

    /** Take up what this tab left behind; a tab the browser made as a copy of another gets an id of its own and leaves the rest. */
    async claim() {
      const found = this.tab ? null : this._found();
      const tab = this.tab || (found && found.tab) || newId();
      this.release = await held("gt-redraw " + tab, this.locks);
      const taken = !this.release;
      this.tab = taken ? newId() : tab;
      if (taken) this.release = await held("gt-redraw " + this.tab, this.locks);
      else if (found) Object.assign(this, { ops: found.ops, seq: found.seq });
      this.keep();
    }

    _found() {
      try {
        const found = JSON.parse((this.storage && this.storage.getItem(this.key)) || "null");
        return found && found.tab && Array.isArray(found.ops) ? found : null;
      } catch (error) {
        if (error instanceof SyntaxError) return null; // not ours: begin anew
        throw error;
      }
    }

    add(op) {
      const numbered = { seq: ++this.seq, ...op };
      this.ops.push(numbered);
      this.keep();
      return numbered;
    }

    /** Let go of everything up to a number; returns what was let go. */
    acknowledge(seq) {
      const done = this.ops.filter((op) => op.seq <= seq);
      this.ops = this.ops.filter((op) => op.seq > seq);
      this.seq = Math.max(this.seq, seq);
      if (done.length) this.keep();
      return done;
    }

    remove(seq) {
      this.ops = this.ops.filter((op) => op.seq !== seq);
      this.keep();
    }

    batch() {
      return this.ops.slice(0, BATCH);
    }

    keep() {
      if (!this.storage) return;
      try {
        this.storage.setItem(this.key, JSON.stringify({ tab: this.tab, seq: this.seq, ops: this.ops }));
        this.kept = true;
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
        this.kept = false;
      }
    }
  };

  function sessionStorageOrNone() {
    try {
      return root.sessionStorage;
    } catch (error) {
      if (error.name === "SecurityError") return null; // the browser keeps nothing for this page
      throw error;
    }
  }

  /** What the server said instead of an answer; `status` 0 when it said nothing. */
  gt.Unanswered = class Unanswered extends Error {
    constructor(message, status = 0) {
      super(message);
      this.status = status;
    }
  };

  /** One request to a route of the draft; answers are JSON, null for "nothing new". */
  gt.ask = async (fetch, address, { body, signal } = {}) => {
    let answer;
    try {
      const how = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal, ...how });
    } catch (error) {
      throw new gt.Unanswered(error.message);
    }
    if (answer.status === 204) return null;
    let said = null;
    try {
      said = await answer.json();
    } catch (error) {
      if (answer.ok) throw new gt.Unanswered(error.message);
    }
    if (!answer.ok && said && said.error) throw new gt.Unanswered(said.error, answer.status);
    if (!answer.ok) throw new gt.Unanswered("answer " + answer.status); // not our server's word: a proxy's page, say. It is asked again
    return said;
  };

  /** Sends an outbox and looks for other people's edits: never two requests at a time, so answers come in order.
   *  Hooks: `address()`, `rev()`, `onAnswer(answer)`, `onRefused(op, reason)`, `onStatus()`, `visible()`. */
  gt.Sender = class Sender {
    constructor(outbox, hooks, fetch) {
      Object.assign(this, { outbox, hooks, fetch });
      this.failures = 0;
      this.halted = null; // why nothing more is sent: a worn-out address, a draft that is closed
      this.alone = false; // after a batch the server could not read, operations are sent one by one
      this.stopped = true;
    }

    start() {
      this.stopped = false;
      this.halted = null;
      this.failures = 0;
      return this.turn();
    }

    stop() {
      this.stopped = true;
      clearTimeout(this._timer);
      this._abandon();
    }

    get status() {
      if (this.halted) return "stopped";
      if (this.failures) return "offline";
      return this.outbox.ops.length ? "saving" : "saved";
    }

    /** Something is waiting: a look for other people's edits makes way for it, a batch on its way is waited for. */
    wake() {
      if (this._flight && !this._flight.ops.length) this._abandon();
      if (!this.failures) this.turn();
    }

    _abandon() {
      const flight = this._flight;
      this._flight = null;
      if (flight) flight.abort.abort();
    }

    _later(ms) {
      clearTimeout(this._timer);
      if (!this.stopped && !this.halted) this._timer = setTimeout(() => this.turn(), ms);
    }

    /** One request: what is waiting, or else what is new; then the next one. */
    async turn() {
      clearTimeout(this._timer);
      if (this._flight || this.stopped || this.halted) return;
      const ops = this.alone ? this.outbox.ops.slice(0, 1) : this.outbox.batch();
      if (!ops.length && !this.hooks.visible()) return this._later(POLL_MS);
      const flight = (this._flight = { ops, abort: new AbortController() });
      const late = setTimeout(() => flight.abort.abort(), ANSWER_MS);
      let failure = null;
      let answer = null;
      try {
        answer = await this._request(flight);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        failure = error;
      } finally {
        clearTimeout(late);
      }
      if (this._flight !== flight) return; // abandoned meanwhile
      this._flight = null;
      if (failure) this._failed(failure, ops);
      else this._answered(answer, ops);
    }

    _request({ ops, abort }) {
      const { tab } = this.outbox;
      const address = this.hooks.address();
      const have = this.hooks.rev();
      if (ops.length) return gt.ask(this.fetch, address + "/edits", { body: { tab, have, ops }, signal: abort.signal });
      return gt.ask(this.fetch, `${address}/since?rev=${have}&tab=${encodeURIComponent(tab)}`, { signal: abort.signal });
    }

    _answered(answer, ops) {
      const waiting = this.outbox.ops.length;
      const taken = !answer || this.hooks.onAnswer(answer);
      const progress = taken && (!ops.length || this.outbox.ops.length < waiting || !this.outbox.ops.includes(ops[0]));
      this.failures = progress ? 0 : this.failures + 1; // an answer that acknowledges nothing must not be asked for without pause
      if (progress && ops.length) this.alone = false;
      this.hooks.onStatus();
      if (!progress) this._later(this._pause());
      else if (this.outbox.ops.length) this.turn();
      else this._later(POLL_MS);
    }

    _failed(error, ops) {
      if (GONE.has(error.status)) this.halted = error.message;
      else if (error.status === 400 && ops.length === 1) this.hooks.onRefused(ops[0], error.message);
      else if (error.status === 400 && ops.length) this.alone = true;
      else this.failures++;
      this.hooks.onStatus();
      this._later(this.failures ? this._pause() : 0);
    }

    _pause() {
      return WAITS_MS[Math.min(this.failures, WAITS_MS.length) - 1];
    }
  };
})(window);
