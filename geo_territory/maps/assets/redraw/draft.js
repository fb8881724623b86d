/* The draft as this tab sees it: what the server holds, and on top of it what this tab has asked for and not yet had answered.
 * A model without DOM. `on(name, fn)`: "owners" (positions), "territories" (ids), "ledger", "locks", "exceptions", "whole",
 * "refused" ({reason, units, op}), "accepted" (op), "status" (status), "proposals" (state of the solve), "loaded", "facts". */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.Draft) return;

  const NOBODY = 65535;
  const SOLVE_MS = 250;
  const SETTLE_MS = 3000;
  const REASONED = new Set(["move", "move_accounts", "add", "merge", "split", "delete", "channel"]);

  gt.Draft = class Draft {
    constructor({ address, doc = "", tab = null, fetch = root.fetch.bind(root), storage, locks, visible, load = gt.load }) {
      Object.assign(this, { address, doc, fetch, visible: visible || (() => root.document.visibilityState !== "hidden"), loadPayload: load });
      this.outbox = new gt.Outbox({ doc, tab, ...(storage === undefined ? {} : { storage }), ...(locks === undefined ? {} : { locks }) });
      this.sender = new gt.Sender(this.outbox, this._hooks(), fetch);
      this.listeners = new Map();
      this.timings = [];
      this.rev = -1;
      this.slots = [];
      this.rows = new Map(); // as the server said them
      this.territories = new Map(); // as they are shown
      this.stale = new Set();
      this.locks = this.serverLocks = locksOf({});
      this.exceptions = new Map();
      this.ledger = [];
      this.older = this._backwards = 0;
      this.whole = null;
      this.undoTitle = this.redoTitle = null;
      this.facts = this.state = null;
      this.owner = this.serverOwner = new Uint16Array(0);
      this._status = "saved";
      this._seen = () => this.visible() && this.sender.wake();
    }

    _hooks() {
      return {
        address: () => this.address,
        rev: () => this.rev,
        onAnswer: (answer) => this._take(answer),
        onRefused: (op, reason) => this._refuse(op, reason),
        onStatus: () => this._tellStatus(),
        visible: () => this.visible(),
      };
    }

    on(name, listener) {
      if (!this.listeners.has(name)) this.listeners.set(name, new Set());
      this.listeners.get(name).add(listener);
      return () => this.listeners.get(name).delete(listener);
    }

    _emit(name, told) {
      for (const listener of [...(this.listeners.get(name) || [])]) listener(told);
    }

    /* ---- coming and going ---- */

    /** Take the whole state, then send what this tab left behind. Raises gt.Unanswered when the server does not give it. */
    async load() {
      if (!this.outbox.release) await this.outbox.claim();
      const state = this.stopped ? null : await gt.ask(this.fetch, `${this.address}?tab=${encodeURIComponent(this.tab)}`);
      if (this.stopped) return this.stop(), this; // taken off the page meanwhile: what this tab left behind is its successor's
      this._begin(state);
      if (root.document) root.document.addEventListener("visibilitychange", this._seen);
      this.sender.start();
      return this;
    }

    _begin(state) {
      const anew = this.state !== null;
      this.state = state;
      this.doc = state.doc;
      this.rev = state.rev;
      this.outbox.acknowledge(state.seq || 0);
      this.slots = [];
      this.rows = new Map();
      this._takeRows(state.territories);
      this.serverOwner = gt.uint16OfBase64(state.owner).slice();
      this.versionOwner = state.version_owner ? gt.uint16OfBase64(state.version_owner) : null;
      this.ledger = [...(state.ledger || [])].sort((p, q) => q.rev - p.rev);
      this.older = state.older || 0;
      this._takeRest(state);
      this._loadFacts(state.facts);
      this._show(true);
      this._emit(anew ? "reloaded" : "loaded", this);
      for (const name of ["ledger", "locks", "exceptions", "whole"]) this._emit(name);
      this._tellStatus();
    }

    _loadFacts(facts) {
      if (!facts || this._factsAsked === facts) return;
      this._factsAsked = facts;
      this.factsReady = this.loadPayload(facts).then((payload) => {
        this.facts = payload;
        this._show();
        this._emit("facts", payload);
      });
      this.factsReady.catch((error) => this._emit("trouble", { message: error.message }));
    }

    stop() {
      this.sender.stop();
      this.stopped = true;
      if (root.document) root.document.removeEventListener("visibilitychange", this._seen);
      if (this.outbox.release) this.outbox.release();
      this.outbox.release = null;
    }

    /** Go on at a new address: after a restart of the server, or when the old one is worn out. */
    moveTo(address) {
      if (address === this.address && !this.sender.halted) return;
      this.address = address;
      if (this.state && !this.stopped) this.sender.start();
      this._tellStatus();
    }

    get tab() {
      return this.outbox.tab;
    }

    get pending() {
      return this.outbox.ops.length;
    }

    get status() {
      return this.sender.status;
    }

    /** Why nothing is sent any more, null while it is. */
    get reason() {
      return this.sender.halted;
    }

    _tellStatus() {
      const now = [this.status, this.pending, this.outbox.kept].join();
      if (now === this._status) return;
      this._status = now;
      this._emit("status", this.status);
    }

    /** Resolves when everything asked for has been answered, or after a while when it is not. */
    settled(ms = SETTLE_MS) {
      if (!this.pending) return Promise.resolve();
      return new Promise((done) => {
        const off = this.on("status", () => this.pending || finish());
        const late = setTimeout(() => finish(), ms);
        const finish = () => (off(), clearTimeout(late), done());
      });
    }

    /* ---- what a person does ---- */

    /** Hand units over: `moves` [{units: positions, to: territory_id or ""}]. Returns the operation's number, 0 when nothing changes. */
    move(moves, { why, reason } = {}) {
      const kept = moves.map(({ units, to }) => ({ units: Array.from(units).filter((u) => this.owner[u] !== this.slotOf(to)), to }));
      const real = kept.filter((move) => move.units.length);
      return real.length ? this.act("move", { moves: real, ...(why ? { why } : {}), ...(reason ? { reason } : {}) }) : 0;
    }

    /** Ask for an edit of any kind; returns its number. What can be shown before the answer is shown now. */
    act(kind, fields = {}) {
      const begun = root.performance.now();
      const op = this.outbox.add({ kind, base: this.rev, ...(this.reasoned && REASONED.has(kind) ? { reason: this.reasoned } : {}), ...fields });
      this.timings.push({ seq: op.seq, begun, painted: null, answered: null });
      if (this.timings.length > 2000) this.timings.shift();
      this._show();
      this._tellStatus();
      this.sender.wake();
      return op.seq;
    }

    undo() {
      return this.act("undo");
    }

    redo() {
      return this.act("redo");
    }

    revert(rev) {
      return this.act("revert", { of: rev });
    }

    /* ---- what a person asks ---- */

    async look(moves, accounts, to) {
      await this.settled();
      return this._post("/look", { have: this.rev, moves: moves.map((m) => ({ ...m, units: Array.from(m.units) })), ...(accounts ? { accounts, to } : {}) });
    }

    async advice(territory = null) {
      await this.settled();
      return this._post("/advice", { territory });
    }

    /** Accounts by {territory, unit, q, ids, limit}; ids are sent with commas between them. */
    async accounts(query = {}) {
      const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
      return this._ask("/accounts?" + new URLSearchParams(given.map(([key, value]) => [key, Array.isArray(value) ? value.join(",") : String(value)])));
    }

    /** Solve what is not pinned; "proposals" tells how far it is. Resolves to its last state. */
    async solve(pinned = [], drawn = true) {
      await this.settled();
      await this._post("/solve", { pinned: Array.from(pinned), drawn });
      for (;;) {
        this.proposals = await this._ask("/solve");
        this._emit("proposals", this.proposals);
        if (!this.proposals.running || this.stopped) return this.proposals;
        await new Promise((done) => setTimeout(done, SOLVE_MS));
      }
    }

    async cancel() {
      return this._post("/solve/cancel", {});
    }

    async loadOlder() {
      const said = await this._ask("/ledger?before=" + this.ledger[this.ledger.length - 1].rev);
      this._takeRest(said);
      this._takeLedger(said.ledger);
      this._emit("ledger");
    }

    _post(path, body) {
      return gt.ask(this.fetch, this.address + path, { body });
    }

    _ask(path) {
      return gt.ask(this.fetch, this.address + path);
    }

    isLocked(position) {
      return this.locks.all || this.locks.units.has(position) || this.locks.territories.has(this.ownerOf(position));
    }

    /** Whether units may neither leave nor join a territory. */
    isTerritoryLocked(id) {
      return this.locks.all || this.locks.territories.has(id);
    }

    ownerOf(position) {
      return this.slots[this.owner[position]] || "";
    }

    slotOf(id) {
      const row = this.rows.get(id);
      return row ? row.slot : NOBODY;
    }

    /** Shown rows by slot, null where a territory is gone: what a map is painted from. */
    get bySlot() {
      if (!this._bySlot) this._bySlot = this.slots.map((id) => this.territories.get(id) || null);
      return this._bySlot;
    }

    /* ---- what the server says ---- */

    /** Take an answer; false when it is a late one or of another draft. */
    _take(answer) {
      if (answer.doc !== this.doc || answer.rev < this.rev) {
        if (answer.doc !== this.doc || ++this._backwards > 2) this._reload(); // the draft was put back to an earlier day
        return false;
      }
      this._backwards = 0;
      this.rev = answer.rev;
      const refused = new Map((answer.refused || []).map((refusal) => [refusal.seq, refusal]));
      this._takeRows(answer.territories || []);
      const done = this.outbox.acknowledge(answer.ack || 0);
      for (const op of done) if (op.kind === "move" && !refused.has(op.seq)) for (const { units, to } of op.moves) this._own(units, this.slotOf(to));
      for (const [slot, units] of answer.owners || []) this._own(units, slot);
      this._takeLedger(answer.ledger || []);
      this._takeRest(answer);
      this._show(false, (answer.territories || []).map((row) => row.id));
      this._time(done);
      for (const [name, key] of [["ledger", "ledger"], ["exceptions", "exceptions"], ["whole", "whole"]]) if (answer[key]) this._emit(name);
      for (const op of done) this._emit(...(refused.has(op.seq) ? ["refused", { ...refused.get(op.seq), op }] : ["accepted", op]));
      return true;
    }

    _own(units, slot) {
      for (const u of units) this.serverOwner[u] = slot;
    }

    _time(done) {
      const now = root.performance.now();
      for (const op of done) {
        const timing = this.timings.find((t) => t.seq === op.seq);
        if (timing) timing.answered = now - timing.begun;
      }
    }

    async _reload() {
      this._backwards = 0;
      try {
        this._begin(await gt.ask(this.fetch, `${this.address}?tab=${encodeURIComponent(this.tab)}`));
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error; // the sender goes on asking
      }
    }

    _refuse(op, reason) {
      this.outbox.remove(op.seq);
      this._show();
      this._emit("refused", { seq: op.seq, reason, units: [], op });
    }

    _takeRows(rows) {
      for (const row of rows) {
        this.slots[row.slot] = row.id;
        if (row.gone) this.rows.delete(row.id);
        else this.rows.set(row.id, { ...this.rows.get(row.id), ...row }); // where only its share changed, only that is told
      }
    }

    _takeLedger(entries) {
      const byRev = new Map(this.ledger.map((entry) => [entry.rev, entry]));
      for (const entry of entries) byRev.set(entry.rev, entry);
      this.ledger = [...byRev.values()].sort((p, q) => q.rev - p.rev);
    }

    _takeRest(said) {
      if (said.locks) this.serverLocks = locksOf(said.locks);
      if (said.exceptions) this.exceptions = new Map(said.exceptions);
      if (said.whole) this.whole = said.whole;
      if ("undo" in said) this.undoTitle = said.undo;
      if ("redo" in said) this.redoTitle = said.redo;
      if ("older" in said) this.older = said.older;
    }

    /* ---- what is shown: the server's state and what is pending ---- */

    _show(all = false, told = []) {
      const before = this.owner;
      const touched = new Set();
      this.owner = this.serverOwner.slice();
      for (const op of this.outbox.ops) if (op.kind === "move") for (const { units, to } of op.moves) this._lay(units, this.slotOf(to), touched);
      const changed = [];
      for (let u = 0; u < this.owner.length; u++) if (all || this.owner[u] !== before[u]) changed.push(u);
      this._showLocks(all);
      const ids = new Set([...told, ...this.stale]);
      this._showRows(touched);
      for (const id of this.stale) ids.add(id);
      if (all) for (const id of this.territories.keys()) ids.add(id);
      if (changed.length) this._emit("owners", changed);
      if (ids.size) this._emit("territories", [...ids]);
    }

    _lay(units, slot, touched) {
      for (const u of units) {
        this.owner[u] = slot;
        touched.add(u);
      }
    }

    _showLocks(all) {
      const locks = { all: this.serverLocks.all, units: new Set(this.serverLocks.units), territories: new Set(this.serverLocks.territories) };
      for (const op of this.outbox.ops) {
        if (op.kind !== "lock") continue;
        if (op.all) locks.all = op.on;
        for (const u of op.units || []) locks.units[op.on ? "add" : "delete"](u);
        for (const id of op.territories || []) locks.territories[op.on ? "add" : "delete"](id);
      }
      const same = locks.all === this.locks.all && sameSet(locks.units, this.locks.units) && sameSet(locks.territories, this.locks.territories);
      this.locks = locks;
      if (!same && !all) this._emit("locks");
    }

    /** Rows with the additive figures of what is pending; the ids of both sides are stale until the answer. */
    _showRows(touched) {
      const deltas = new Map();
      for (const u of touched) {
        if (this.owner[u] === this.serverOwner[u]) continue;
        gt.addFacts(deltas, this.slots[this.serverOwner[u]], this.facts, u, -1);
        gt.addFacts(deltas, this.slots[this.owner[u]], this.facts, u, 1);
      }
      this.stale = new Set(deltas.keys());
      const lines = new Map();
      for (const op of this.outbox.ops) {
        if (op.kind === "territory") lines.set(op.id, { ...lines.get(op.id), ...gt.lineOf(op, this.state.reps) });
        if (op.kind === "move_accounts" && this.rows.has(op.to)) this.stale.add(op.to);
      }
      this.territories = new Map();
      for (const [id, row] of this.rows) {
        const locked = this.locks.territories.has(id);
        const shown = deltas.has(id) && this.facts ? gt.rowWith(row, deltas.get(id), this.state.band) : row;
        this.territories.set(id, lines.has(id) || shown.locked !== locked ? { ...shown, ...lines.get(id), locked } : shown);
        if (lines.has(id)) this.stale.add(id);
      }
      this._bySlot = null;
    }
  };

  const locksOf = (said) => ({ all: Boolean(said.all), units: new Set(said.units || []), territories: new Set(said.territories || []) });
  const sameSet = (p, q) => p.size === q.size && [...p].every((one) => q.has(one));
})(window);
