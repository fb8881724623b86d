/* Sends a book to the workspace: one batch at a time, in order, repeated until it is answered. The workspace knows entries by their
 * id, so what arrives twice counts once. */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.day.Post) return;

  const WAITS_MS = [1000, 2000, 4000, 8000, 15000];
  const ANSWER_MS = 20000;
  const BATCH = 50;
  const GONE = new Set([403, 404]); // the address is worn out, or the person may no longer

  gt.day.Post = class Post {
    /** Hooks: `address()`, `onSent()` when something was acknowledged, `onStatus()`. */
    constructor(book, hooks, fetch = root.fetch.bind(root)) {
      Object.assign(this, { book, hooks, fetch, failures: 0, halted: null, alone: false, stopped: false });
    }

    get status() {
      if (!this.book.waiting().length) return "saved";
      if (this.halted) return "stopped";
      return this.failures ? "offline" : "sending";
    }

    /** Something is waiting, the connection came back, or there is a new address. */
    wake() {
      this.halted = null;
      this.failures = 0;
      return this.turn();
    }

    stop() {
      this.stopped = true;
      clearTimeout(this._timer);
      if (this._abort) this._abort.abort();
    }

    async turn() {
      clearTimeout(this._timer);
      if (this._abort || this.stopped || this.halted) return;
      const entries = this.book.waiting().slice(0, this.alone ? 1 : BATCH);
      if (!entries.length) return;
      this._abort = new AbortController();
      const late = setTimeout(() => this._abort && this._abort.abort(), ANSWER_MS);
      entries.forEach((entry) => this.book.change(entry.id, { tried: true })); // from now on it may have arrived
      try {
        const answer = await gt.ask(this.fetch, this.hooks.address() + "/calls", { body: { entries }, signal: this._abort.signal });
        this._answered(answer, entries);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        this._failed(error, entries);
      } finally {
        clearTimeout(late);
        this._abort = null;
      }
      if (this.stopped) return;
      this.hooks.onStatus();
      this._again();
    }

    _answered(answer, entries) {
      for (const id of answer.done) this.book.change(id, { done: answer.at });
      for (const { id, reason } of answer.refused) this.book.change(id, { refused: reason });
      const settled = answer.done.length + answer.refused.length > 0;
      this.failures = settled ? 0 : this.failures + 1; // an answer that settles nothing is not asked for without pause
      if (settled && entries.length) this.alone = false;
      if (settled) this.hooks.onSent();
    }

    _failed(error, entries) {
      if (GONE.has(error.status)) this.halted = error.message;
      else if (error.status === 400 && entries.length === 1) this.book.change(entries[0].id, { refused: error.message });
      else if (error.status === 400) this.alone = true;
      else this.failures++;
    }

    _again() {
      if (this.halted || !this.book.waiting().length) return;
      const ms = this.failures ? WAITS_MS[Math.min(this.failures, WAITS_MS.length) - 1] : 0;
      this._timer = setTimeout(() => this.turn(), ms);
    }
  };
})(window);
