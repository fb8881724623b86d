/* What the editor tells over the map: notices that go by themselves, alerts that stay, and refusals, which go once they are settled.
 * And what a tab remembers through a reload: the tool, the target, what painting does. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.keepHand) return;

  const element = gt.element;
  const { parts } = gt;
  const TOLD_MS = 6000;

  const notices = {
    _refused({ reason, units, op }) {
      this.alert(reason);
      const lastSeq = this.draft.timings.length ? this.draft.timings[this.draft.timings.length - 1].seq : op.seq;
      this.refusal = { lastSeq, op, units: units || [], locked: false };
      this.refusal.locked = this._stillLocked();
      if (units && units.length) this._flash(units);
    },

    /** Whether what was refused is behind a lock: its units, or the territory they were to go to. */
    _stillLocked() {
      const { op, units } = this.refusal;
      const moves = op.moves || [];
      const named = [op.to, op.into, op.id, ...(op.from || []), ...moves.map((move) => move.to)].filter(Boolean);
      const held = [...units, ...moves.flatMap((move) => move.units)];
      return held.some((u) => this.draft.isLocked(u)) || named.some((id) => this.draft.isTerritoryLocked(id));
    },

    /** A refusal is over once something asked for after it was done. */
    _accepted(op) {
      if (this.refusal && op.seq > this.refusal.lastSeq && (op.kind !== "lock" || !op.on)) this._letGo();
    },

    _letGo() {
      this.refusal = null;
      this.alerts.replaceChildren();
    },

    /** Say something that needs no answer; what is said of a target (`aim`) goes when another one is chosen. */
    tell(words, aim) {
      this.notice.textContent = words;
      this.aim = aim === undefined ? this.chosen : aim;
      clearTimeout(this._told);
      this._told = setTimeout(() => (this.notice.textContent = ""), TOLD_MS);
    },

    /** Say what went wrong; it stays until it is closed or another one comes. */
    alert(words) {
      this.refusal = null;
      const close = parts.button({ icon: "close", title: this.speech.say("close"), hook: "close-alert", kind: "small", onClick: () => this.alerts.replaceChildren() });
      this.alerts.replaceChildren(element("div", { class: "gt-refused", role: "alert", "data-gt": "alert" }, gt.icon("warn"), element("span", {}, words), close));
    },
  };

  Object.assign(gt.Editor.prototype, notices);

  const KEPT = ["size", "region", "action", "from", "to"];

  const storage = () => {
    try {
      return window.sessionStorage;
    } catch {
      return null; // a page may be forbidden to store
    }
  };

  /** Take up the tool, target and action this tab had with this draft, and remember them from now on. Returns what ends it. */
  gt.keepHand = (tools, draft) => {
    const kept = storage();
    if (!kept) return () => {};
    const key = "gt-redraw-hand " + draft.doc;
    const had = JSON.parse(kept.getItem(key) || "null");
    const there = (id) => id === null || id === "" || draft.territories.has(id);
    if (had) {
      for (const name of KEPT) if (name in had && (!["from", "to"].includes(name) || there(had[name]))) tools[name] = had[name];
      tools.setMode(had.mode);
    }
    const keep = () => kept.setItem(key, JSON.stringify({ mode: tools.mode, ...Object.fromEntries(KEPT.map((name) => [name, tools[name]])) }));
    const offs = ["mode", "change"].map((name) => tools.on(name, keep));
    return () => offs.forEach((off) => off());
  };
})(window.L);
