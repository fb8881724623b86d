/* The page of the tools' browser tests: the map's script has run, `map` is its map. A desk of its own answers in the page: it keeps a
 * draft in localStorage, so that it outlives a reload as a server does. */
(function () {
  "use strict";
  const gt = window.L.geoTerritory;
  const NOBODY = 65535;
  const colours = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bb5566", "#004488"];

  class Desk {
    constructor(given) {
      Object.assign(this, { given, down: false, lose: 0, refuse: null, delay: 0, asked: 0, status: null, bytes: [] });
      this.kept = JSON.parse(localStorage.getItem("desk") || "null") || { rev: 0, owner: [...given.owner], heard: {}, locks: { units: [], territories: [], all: false }, ops: [], exceptions: [] };
      this.fetch = (address, how = {}) => this._fetch(address, how);
    }

    row(slot) {
      const units = this.kept.owner.flatMap((t, u) => (t === slot ? [u] : []));
      const weight = units.reduce((sum, u) => sum + this.given.weight[u], 0);
      const target = this.given.weight.reduce((sum, w) => sum + w, 0) / this.given.territories.length;
      const index = (100 * weight) / target;
      const zero = { index: 0, hours: 0, value: 0, accounts: 0 };
      const id = this.given.territories[slot];
      return { id, slot, name: "Area " + id, color: colours[slot % colours.length], rep: "", index, in_band: index > 85 && index < 115, weight, target, hours: weight, value: weight, accounts: units.length, by_tier: [units.length], units: units.length, pieces: 1, holes: 0, locked: this.kept.locks.territories.includes(id), change: zero };
    }

    answer() {
      const { kept } = this;
      const rows = this.given.territories.map((_, slot) => this.row(slot));
      return { doc: "draft 1", rev: kept.rev, ledger: [], locks: kept.locks, exceptions: kept.exceptions, undo: null, redo: null, whole: { edits: kept.rev }, territories: rows };
    }

    whole(tab) {
      const bytes = new Uint8Array(new Uint16Array(this.kept.owner).buffer);
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      return { ...this.answer(), owner: btoa(text), seq: this.kept.heard[tab] || 0, tiers: ["A"], currency: null, language: "en", texts: this.given.texts, facts: this.given.facts, reps: [] };
    }

    take(body) {
      const { kept } = this;
      const refused = [];
      const other = new Map();
      for (const op of body.ops) {
        if (op.seq <= (kept.heard[body.tab] || 0)) continue;
        kept.heard[body.tab] = op.seq;
        const reason = this.refuse && this.refuse(op);
        if (reason) refused.push({ seq: op.seq, reason, units: [] });
        else this.store(op, other);
      }
      localStorage.setItem("desk", JSON.stringify(kept));
      const owners = [...other].map(([u, t]) => [t, [u]]);
      return { ...this.answer(), ack: kept.heard[body.tab], refused, owners };
    }

    store(op, other) {
      const { kept } = this;
      kept.rev++;
      kept.ops.push(op);
      const slot = (id) => (id === "" ? NOBODY : this.given.territories.indexOf(id));
      if (op.kind === "move") for (const { units, to } of op.moves) for (const u of units) kept.owner[u] = slot(to);
      if (op.kind === "lock") for (const key of ["units", "territories"]) kept.locks[key] = op.on ? [...new Set([...kept.locks[key], ...(op[key] || [])])] : kept.locks[key].filter((one) => !(op[key] || []).includes(one));
      if (op.kind === "move_accounts") kept.exceptions = op.accounts.map((id) => [id, op.to]);
      if (op.kind === "undo") this.kept.owner.forEach((t, u) => t !== this.given.owner[u] && other.set(u, (kept.owner[u] = this.given.owner[u])));
    }

    async _fetch(address, { body, signal } = {}) {
      this.asked++;
      if (this.delay) await new Promise((done) => setTimeout(done, this.delay));
      if (this.down) throw new TypeError("Failed to fetch");
      if (signal && signal.aborted) throw new DOMException("aborted", "AbortError");
      const json = (said, status = 200) => new Response(JSON.stringify(said), { status });
      if (this.proxy) return new Response("<h1>Forbidden</h1>", { status: this.proxy });
      if (this.status) return json({ error: "no longer" }, this.status);
      const url = new URL(address, "http://127.0.0.1");
      if (url.pathname.endsWith("/since")) {
        return Number(url.searchParams.get("rev")) === this.kept.rev ? new Response(null, { status: 204 }) : json({ ...this.answer(), ack: this.kept.heard[url.searchParams.get("tab")] || 0, refused: [], owners: this.kept.owner.map((t, u) => [t, [u]]) });
      }
      if (!url.pathname.endsWith("/edits")) return json(this.whole(url.searchParams.get("tab")));
      const said = this.take(JSON.parse(body));
      this.bytes.push(body.length + JSON.stringify(said).length);
      if (this.lose-- > 0) throw new TypeError("Failed to fetch");
      return json(said);
    }
  }

  window.begin = async (map, given) => {
    const view = new gt.View(map, { panel: false });
    view.setDark(false);
    const desk = new Desk(given);
    const draft = new gt.Draft({ address: "/geo/redraw/word", doc: "draft 1", fetch: desk.fetch });
    view.speak({ texts: given.texts, tiers: ["A"], currency: null, language: "en" });
    const tools = new gt.Tools(view, draft);
    Object.assign(window, { desk, draft, tools, view, told: [] });
    for (const name of ["picked", "skipped", "selection", "cursor", "stroke"]) tools.on(name, (what) => window.told.push([name, what]));
    draft.on("refused", (what) => window.told.push(["refused", what]));
    await draft.load();
    await draft.factsReady;
    await view.ready;
    window.ready = true;
  };
})();
