/* The tools of the redraw editor on a map and a draft: click, brush, rectangle, lasso, region, accounts; assign, select or lock.
 * One stroke is one edit. What hands do comes from hands.js; which units a stroke takes is worked out in strokes.js. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Tools) return;

  const STROKES = new Set(["brush", "rectangle", "lasso"]);
  const MODES = ["pan", "click", "brush", "rectangle", "lasso", "region", "accounts"];
  const TINY_PX = 6;
  const SIZES = [4, 120];
  const NONE = new Set();

  gt.Tools = class Tools {
    constructor(view, draft) {
      Object.assign(this, { view, draft, map: view.map, areas: view.areas });
      this.listeners = new Map();
      this.selection = new Set();
      this.accounts = new Set(); // ids of accounts that are chosen
      this.position = -1; // of the unit cursor
      this._set = { mode: "click", size: 18, region: "county", action: "assign", to: null, from: null, patterns: false };
      this.stroke = null;
      view.editing = true;
      this.paint = new gt.PaintLayer(this.areas).addTo(this.map);
      this.marks = new gt.MarksLayer(this.areas).addTo(this.map);
      this.pointed = new gt.HoverLayer(this.areas).addTo(this.map);
      for (const layer of [this.paint, this.marks, this.pointed]) {
        view.layers.push(layer);
        if (view.style) layer.setStyle(view.style);
      }
      this.hands = new gt.Hands(this);
      this._listen();
      this.setMode("click");
      this.refresh();
    }

    _listen() {
      const { draft } = this;
      this._refresh = () => this.refresh();
      this.map.on("geoterritory:areas", this._refresh);
      const locks = () => this._showLocks();
      this._offs = [
        draft.on("owners", () => this._repaint()),
        draft.on("territories", () => this.refresh()),
        draft.on("locks", locks),
        draft.on("exceptions", () => this.showDots()),
        draft.on("loaded", () => (this.refresh(), locks())),
        draft.on("reloaded", () => (this.refresh(), locks())),
      ];
      locks();
      if (this.view.accounts) this.view.accounts.named.then(() => this.showDots(), () => null); // what failed has told the map
    }

    on(name, listener) {
      if (!this.listeners.has(name)) this.listeners.set(name, new Set());
      this.listeners.get(name).add(listener);
      return () => this.listeners.get(name).delete(listener);
    }

    emit(name, told) {
      for (const listener of [...(this.listeners.get(name) || [])]) listener(told);
    }

    remove() {
      this._offs.forEach((off) => off());
      this.map.off("geoterritory:areas", this._refresh);
      this.hands.remove();
      const own = [this.paint, this.marks, this.pointed];
      for (const layer of own) layer.remove();
      this.view.layers = this.view.layers.filter((layer) => !own.includes(layer));
      this.view.editing = false;
    }

    /* ---- settings ---- */

    setMode(mode) {
      if (!MODES.includes(mode)) throw new Error("no such tool: " + mode);
      this.cancelStroke();
      this.hover(null);
      this._set.mode = mode;
      this.hands.setMode(mode);
      this.emit("mode", mode);
    }

    get strokes() {
      return STROKES.has(this.mode);
    }

    /** Owner that a target is in the map's arrays, null while none is chosen. */
    get lit() {
      return this.to === null || this.to === "" ? null : this.draft.slotOf(this.to);
    }

    /* ---- what is shown ---- */

    refresh() {
      const { draft } = this;
      if (!draft.state) return;
      if (this.to && !draft.territories.has(this.to)) this.to = null; // merged or deleted meanwhile
      this.view.paint(draft.owner, draft.bySlot, this.lit);
    }

    _repaint() {
      this.refresh();
      const waiting = this.draft.timings.filter((timing) => timing.painted === null);
      if (waiting.length) requestAnimationFrame(() => waiting.forEach((timing) => (timing.painted = performance.now() - timing.begun)));
      const locked = this.draft.locks;
      if (locked.territories.size) this.paint.redraw();
    }

    _showLocks() {
      const { locks } = this.draft;
      const slots = new Set([...locks.territories].map((id) => this.draft.slotOf(id)));
      this.paint.setLocks({ all: locks.all, units: locks.units, slots });
    }

    unitAt({ x, y }) {
      return this.areas.hit(gt.unproject(x, y));
    }

    /* ---- selection ---- */

    select(positions, { add = false, remove = false } = {}) {
      const next = add || remove ? new Set(this.selection) : new Set();
      for (const u of positions) next[remove ? "delete" : "add"](u);
      this.selection = next;
      this.marks.show({ selection: next, language: (this.draft.state && this.draft.state.language) || "en" });
      this.emit("selection", next);
    }

    clear() {
      if (this.selection.size) this.select([]);
      if (this.accounts.size) this.chooseAccounts([]);
    }

    chooseAccounts(ids, { add = false, remove = false } = {}) {
      const next = add || remove ? new Set(this.accounts) : new Set();
      for (const id of ids) next[remove ? "delete" : "add"](id);
      this.accounts = next;
      this.showDots();
      this.emit("accounts", next);
    }

    /** Hand over what is selected: units, and accounts by name. Locked units stay. Returns the edit's number, 0 for none. */
    assignSelection(to = this.to) {
      if (to === null) return 0;
      const ids = [...this.accounts];
      const units = [...this.selection].sort((p, q) => p - q);
      const seq = units.length ? this.assign(units, to) : 0;
      const named = ids.length && to ? this.draft.act("move_accounts", { accounts: ids, to }) : 0;
      this.clear();
      return seq || named;
    }

    /** Hand units over, but for those that are locked; "skipped" tells how many. */
    assign(units, to, said = {}) {
      const free = units.filter((u) => !this.draft.isLocked(u));
      if (free.length < units.length) this.emit("skipped", { locked: units.length - free.length, kept: free.length });
      return free.length ? this.draft.move([{ units: free, to }], said) : 0;
    }

    /* ---- what hands do ---- */

    /** What a stroke or a click does: {add, take} from the keys held; without a target units are selected, never handed over. */
    intent({ shift = false, alt = false } = {}) {
      if (this.action === "lock") return alt ? "unlock" : "lock";
      if (this.action === "select" || shift || alt || this.to === null) return alt ? "take" : "select";
      return "assign";
    }

    _concerns(u, intent) {
      const owner = this.draft.ownerOf(u);
      if (this.from !== null && owner !== this.from) return false;
      if (intent === "assign") return owner !== this.to && !this.draft.isLocked(u);
      if (intent === "lock" || intent === "unlock") return this.draft.locks.units.has(u) === (intent === "unlock");
      return intent !== "take" || this.selection.has(u);
    }

    /** Do to units what the action says. `keys`: {shift, alt, touch}; `single` when they were clicked. */
    act(units, keys = {}, single = false) {
      const intent = this.intent(keys);
      if (intent === "assign") {
        const named = this.from === null ? units : units.filter((u) => this.draft.ownerOf(u) === this.from);
        return void this.assign(named, this.to);
      }
      const concerned = units.filter((u) => this._concerns(u, intent));
      if (intent === "select") {
        const again = single && (keys.touch || keys.shift) && concerned.every((u) => this.selection.has(u));
        this.select(concerned, again ? { remove: true } : { add: keys.shift || keys.touch });
      } else if (intent === "take") this.select(concerned, { remove: true });
      else if (concerned.length) this.draft.act("lock", { on: intent === "lock", units: concerned });
    }

    /** Take the target from the map: the territory of the unit that is clicked. */
    pick(u) {
      const territory = this.draft.ownerOf(u);
      if (territory) this.to = territory;
      this.emit("picked", { territory, why: "dropper" });
    }

    tap(at, keys) {
      if (this.mode === "pan") return;
      if (this.mode === "accounts") return void this._tapAccount(at, keys);
      const u = this.unitAt(at);
      if (u < 0) return;
      const dropper = this.action === "assign" && this.to === null && !keys.shift && !keys.alt;
      if (dropper) return void this.pick(u);
      const locked = this.action === "lock" && this.draft.locks.units.has(u);
      const units = this.mode === "region" ? gt.strokes.ofRegion(this.draft.facts && this.draft.facts[this.region], u) : [u];
      this.act(units, locked ? { ...keys, alt: true } : keys, this.mode !== "region");
    }

    _tapAccount(at, keys) {
      const layer = this.view.accounts;
      const i = layer ? layer.hit(gt.unproject(at.x, at.y), 8) : -1;
      const id = i >= 0 && layer.ids ? layer.ids[i] : null;
      if (id === null) return;
      if (this.intent(keys) === "assign" && this.to) this.draft.act("move_accounts", { accounts: [id], to: this.to });
      else this.chooseAccounts([id], keys.alt || this.accounts.has(id) ? { remove: true } : { add: keys.shift || keys.touch });
    }

    /** A stroke begins: the pointer went down in a mode that draws. */
    press(at, keys) {
      const under = this.unitAt(at);
      if (this.mode === "brush" && this.action === "assign" && this.to === null && !keys.shift && !keys.alt && under >= 0) this.pick(under);
      const unlocking = this.action === "lock" && under >= 0 && this.draft.locks.units.has(under);
      const held = unlocking ? { ...keys, alt: true } : keys;
      this.stroke = { keys: held, intent: this.intent(held), first: at, last: at, line: [[at.x, at.y]], units: new Set(), fresh: [] };
      const target = this.draft.territories.get(this.to);
      this.paint.begin(this.stroke.intent === "assign" ? { color: target ? target.color : null } : { mark: true });
      this.view.quiet = true;
      this.view._hideTip();
      this.hover(null);
      this.extend(at);
    }

    extend(at) {
      const { stroke } = this;
      if (this.mode === "brush") {
        gt.strokes.brushed(this.areas, stroke.last.x, stroke.last.y, at.x, at.y, this.size / at.scale, (u) => {
          if (stroke.units.has(u) || !this._concerns(u, stroke.intent)) return;
          stroke.units.add(u);
          stroke.fresh.push(u);
        });
        this._layFresh();
      } else {
        if (this.mode === "lasso") stroke.line.push([at.x, at.y]);
        else stroke.line = cornersOf(stroke.first, at);
        this.marks.show({ line: stroke.line });
      }
      stroke.last = at;
    }

    /** New units are painted once a frame. */
    _layFresh() {
      const { stroke } = this;
      if (!stroke.fresh.length || stroke.asked) return;
      stroke.asked = requestAnimationFrame(() => {
        stroke.asked = null;
        if (this.stroke === stroke) this.paint.add(stroke.fresh.splice(0));
      });
    }

    /** The stroke ends: everything it took is one edit. */
    release() {
      const { stroke } = this;
      if (!stroke) return;
      const units = this.mode === "brush" ? [...stroke.units].sort((p, q) => p - q) : this._framed(stroke);
      this.cancelStroke();
      if (units.length || stroke.intent === "select") this.act(units, stroke.keys);
      this.emit("stroke", { units, action: stroke.intent });
    }

    _framed({ line, first, last }) {
      const box = gt.strokes.boxOf(line);
      if (Math.max(box[2] - box[0], box[3] - box[1]) * last.scale < TINY_PX) return [this.unitAt(first)].filter((u) => u >= 0);
      return this.mode === "lasso" ? gt.strokes.inLasso(this.areas, line) : gt.strokes.inRectangle(this.areas, box);
    }

    cancelStroke() {
      if (!this.stroke) return false;
      this.stroke = null;
      this.paint.end();
      this.view.quiet = false;
      this.marks.show({ line: null });
      return true;
    }

    /** Point at a place, null for nowhere. */
    hover(at) {
      const u = at ? this.unitAt(at) : -1;
      if (u === this._hovered) return;
      this._hovered = u;
      this.pointed.show(this._pointedAt(u));
      this.emit("hover", { position: u });
    }

    /** The units a click here would concern; the same set while the pointer stays in one region. */
    _pointedAt(u) {
      if (u < 0 || this.mode === "pan" || this.mode === "accounts") return NONE;
      if (this.mode !== "region") return new Set([u]);
      if (this.pointed.units && this.pointed.units.has(u) && this._pointedBy === this.region) return this.pointed.units;
      this._pointedBy = this.region;
      return new Set(gt.strokes.ofRegion(this.draft.facts && this.draft.facts[this.region], u));
    }

    /* ---- keyboard ---- */

    /** Put the unit cursor on a unit; the map moves only when it would be out of sight. */
    cursor(position) {
      this.position = position;
      this.marks.show({ cursor: position });
      if (position >= 0) this.map.panInside(gt.unproject(this.areas.centerX[position], this.areas.centerY[position]), { padding: [40, 40], animate: false });
      this.emit("cursor", { position });
    }

    /** Move the unit cursor to the neighbour in a direction [dx, dy]; it begins in the middle of the view. */
    step(direction) {
      if (!this.areas.rings) return;
      const next = this.position < 0 ? this._middleUnit() : gt.strokes.toward(this.areas, this.draft.facts, this.position, direction);
      if (next >= 0) this.cursor(next);
    }

    _middleUnit() {
      const { lat, lng } = this.map.getCenter();
      const [x, y] = [gt.mercatorX(lng), gt.mercatorY(lat)];
      const far = (u) => Math.hypot(this.areas.centerX[u] - x, this.areas.centerY[u] - y);
      let best = -1;
      for (const u of this.areas.centerX.keys()) if (!Number.isNaN(this.areas.centerX[u]) && (best < 0 || far(u) < far(best))) best = u;
      return best;
    }

    toggleCursor() {
      if (this.position >= 0) this.select([this.position], this.selection.has(this.position) ? { remove: true } : { add: true });
    }

    /** Hand over what is selected, or the unit under the cursor. */
    assignHere(to = this.to) {
      if (this.selection.size || this.accounts.size) return void (to === null ? this.emit("picked", { territory: "", why: "none" }) : this.assignSelection(to));
      if (this.position < 0) return undefined;
      return to === null ? this.pick(this.position) : this.assign([this.position], to);
    }

    /** What Escape does: end the stroke, or else let go of the selection. */
    escape() {
      if (!this.cancelStroke()) this.clear();
    }
  };

  /* Settings a toolbar may set; each change is told. */
  for (const name of ["mode", "size", "region", "action", "to", "from", "patterns"]) {
    Object.defineProperty(gt.Tools.prototype, name, {
      get() {
        return this._set[name];
      },
      set(value) {
        if (name === "mode") return void this.setMode(value);
        const next = name === "size" ? Math.max(SIZES[0], Math.min(SIZES[1], value)) : value;
        if (next === this._set[name]) return;
        this._set[name] = next;
        if (name === "to") this.refresh();
        if (name === "patterns") this.areas.setPatterns(next);
        this.hands.setMode(this.mode);
        this.emit("change", name);
      },
    });
  }

  const cornersOf = (a, b) => [[a.x, a.y], [b.x, a.y], [b.x, b.y], [a.x, b.y]];
})(window.L);
