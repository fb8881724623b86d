/* Solve the rest: what was drawn by hand stays, the others are solved anew; each proposed move is accepted, rejected or pinned. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.SolvePanel) return;

  const element = gt.element;
  const { parts } = gt;

  gt.SolvePanel = class SolvePanel {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft, tools: editor.tools });
      const { speech } = this;
      this.pinned = new Set(); // units of proposals a person pinned
      this.answered = new Map(); // proposal number -> "accepted" | "rejected" | "pinned"
      this.said = null;
      this.byHand = this._check("pin_moved", true);
      this.selected = this._check("pin_selected", true);
      this.start = parts.button({ icon: "target", label: speech.say("solve"), hook: "solve", kind: "primary", onClick: () => this._solve() });
      this.pins = element("p", { class: "gt-note", "data-gt": "pinned" });
      this.unpin = parts.button({ label: speech.say("unpin"), hook: "unpin", kind: "small", onClick: () => (this.pinned.clear(), this.update()) });
      this.progress = element("div", { class: "gt-progress-row", role: "status", "data-gt": "progress" });
      this.news = element("div", { class: "gt-news" });
      this.list = element("ol", { class: "gt-proposals", "aria-label": speech.say("proposals") });
      const told = element("p", { class: "gt-note" }, speech.say("solve_told"));
      const form = element("div", { class: "gt-solve-form" }, told, this.byHand.root, this.selected.root, element("div", { class: "gt-solve-go" }, this.start, this.pins, this.unpin));
      this.root = element("div", { class: "gt-pane gt-scroll gt-pane-solve" }, form, this.progress, this.news, this.list);
      this.update();
    }

    _check(key, on) {
      const input = element("input", { type: "checkbox", "data-gt": key });
      input.checked = on;
      input.addEventListener("change", () => this.update());
      const words = element("span");
      return { input, words, root: element("label", { class: "gt-check" }, input, words) };
    }

    /** Units that stay where they are: moved by hand, selected, of proposals that were pinned. */
    stays() {
      const { draft, tools } = this;
      const found = new Set(this.pinned);
      if (this.byHand.input.checked) for (const u of this._moved()) found.add(u);
      if (this.selected.input.checked) for (const u of tools.selection) found.add(u);
      for (const u of draft.locks.units) found.add(u);
      return [...found].sort((p, q) => p - q);
    }

    _moved() {
      const { owner, versionOwner, slots, territories } = this.draft;
      const found = []; // what a merged or deleted territory left is no drawing: it may be evened out
      if (versionOwner) for (let u = 0; u < owner.length; u++) if (owner[u] !== versionOwner[u] && territories.has(slots[versionOwner[u]])) found.push(u);
      return found;
    }

    async _solve() {
      this.answered.clear();
      this.failed = null;
      this.said = { running: true, phase: "", fraction: 0, proposals: [] };
      this.editor.highlight([]);
      this.update();
      try {
        await this.draft.solve(this.stays(), this.byHand.input.checked);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        this.said = null;
        this.failed = error.message || this.speech.say("later");
        this.update();
      }
    }

    /** How the solve stands (GET /solve). */
    take(said) {
      this.said = said;
      this.failed = said.failed || null;
      this.update();
      if (!said.running) this._light();
    }

    /** Whether the draft moved on since these proposals were made, other than by accepting some of them. */
    get outdated() {
      const { said, draft } = this;
      return Boolean(said && !said.running && said.proposals.length && draft.ledger.some((entry) => entry.rev > said.rev && entry.kind !== "solve"));
    }

    _open() {
      return this.said && !this.said.running ? this.said.proposals.filter((one) => !this.answered.has(one.number)) : [];
    }

    /** Whether a proposal still begins where its units are. */
    _holds(one) {
      return one.units.every((u) => this.draft.ownerOf(u) === one.before);
    }

    _light() {
      if (this.editor.shown === "solve") this.editor.highlight(this._open().map((one) => ({ units: one.units, to: one.after })));
    }

    /* ---- what a person does with a proposal ---- */

    /** One move for each proposal, so that each can be taken back. */
    _accept(list) {
      for (const one of list.filter((each) => this._holds(each))) {
        this.answered.set(one.number, "accepted");
        this.draft.move([{ units: one.units, to: one.after }], { why: "solve" });
      }
      this._after();
    }

    _reject(one) {
      this.answered.set(one.number, "rejected");
      this._after();
    }

    _pin(one) {
      for (const u of one.units) this.pinned.add(u);
      this.answered.set(one.number, "pinned");
      this._after();
    }

    _after() {
      this.update();
      this._light();
    }

    /* ---- what it shows ---- */

    update() {
      const { speech } = this;
      const moved = this._moved().length;
      const selected = this.tools.selection.size;
      this.byHand.words.textContent = speech.say("pin_moved", { units: speech.many("units", moved) });
      this.selected.words.textContent = speech.say("pin_selected", { units: speech.many("units", selected) });
      this.byHand.root.hidden = !moved;
      this.selected.root.hidden = !selected;
      const stays = this.stays().length;
      this.pins.textContent = stays ? speech.say("pinned", { units: speech.many("units", stays) }) : speech.say("pinned_none");
      this.unpin.hidden = !this.pinned.size;
      const running = Boolean(this.said && this.said.running);
      this.start.disabled = running;
      this._showProgress(running);
      this._showNews();
      this._showList();
    }

    _showProgress(running) {
      const { speech, said } = this;
      const key = running ? "running" : "";
      parts.renew(this.progress, key, () => {
        if (!running) return [];
        this.bar = element("progress", { max: 1, value: 0, "aria-label": speech.say("solving") });
        this.phase = element("span");
        return [this.phase, this.bar, parts.button({ label: speech.say("cancel"), hook: "cancel-solve", kind: "small", onClick: () => this.draft.cancel() })];
      });
      if (!running) return;
      this.bar.value = said.fraction || 0;
      this.phase.textContent = said.phase || speech.say("solving");
    }

    _showNews() {
      const { speech, said } = this;
      const open = this._open();
      const done = said && !said.running;
      const key = JSON.stringify([done, this.failed, this.outdated, open.length, said && said.proposals.length]);
      parts.renew(this.news, key, () => {
        if (this.failed) return [element("p", { class: "gt-note gt-warned", role: "alert" }, gt.icon("warn"), this.failed)];
        if (!done) return [];
        if (!said.proposals.length) return [...this._reasons(), element("p", { class: "gt-note" }, gt.icon("check"), speech.say("nothing_better"))];
        const late = this.outdated ? [element("p", { class: "gt-note gt-warned", "data-gt": "outdated" }, gt.icon("warn"), speech.say("proposals_old")), parts.button({ label: speech.say("solve_again"), hook: "solve-again", kind: "small", onClick: () => this._solve() })] : [];
        const reasons = this._reasons();
        if (!open.length) return [...reasons, ...late, element("p", { class: "gt-note" }, speech.say("all_answered"))];
        const all = parts.button({ icon: "check", label: speech.say("accept_all", { n: speech.whole(open.length) }), hook: "accept-all", kind: "small primary", onClick: () => this._accept(this._open()) });
        return [...reasons, this._end(open.length > 1), ...late, ...(open.length > 1 ? [all] : [])];
      });
    }

    /** What stands in the way of balance, with the remedy. */
    _reasons() {
      return (this.said.reasons || []).map((told) => element("p", { class: "gt-note gt-warned", "data-gt": "hindrance" }, gt.icon("warn"), told));
    }

    /** What all proposals together come to; of several, that one alone may look worse. */
    _end(several) {
      const { speech, said } = this;
      const whole = ([before, after]) => ({ before: speech.whole(before), after: speech.whole(after), of: speech.whole(said.territories) });
      const [before, after] = said.imbalance;
      const lines = [
        speech.say("end_imbalance", { before: speech.percent(before), after: speech.percent(after) }),
        speech.say("end_band", whole(said.in_band)),
        speech.say("end_pieces", whole(said.in_one_piece)),
        speech.say("end_hands", { accounts: speech.many("accounts", said.accounts), value: speech.value(said.value) }),
      ];
      const list = element("ul", {}, ...lines.map((line) => element("li", {}, line)));
      const alone = several ? [element("p", { class: "gt-note" }, speech.say("end_told"))] : [];
      return element("div", { "data-gt": "end-state" }, element("b", {}, speech.say("end_state")), list, ...alone);
    }

    /** "217 units at Boise, 30 accounts, 1.8M from Denver to Dallas". */
    _what(one) {
      const { speech, draft } = this;
      const name = (id) => (draft.territories.has(id) ? draft.territories.get(id).name : id || speech.say("nobody"));
      const counts = { units: speech.many("units", one.units.length), accounts: speech.many("accounts", one.accounts), value: speech.value(one.value) };
      return speech.say("proposal", { ...counts, place: one.place, from: name(one.before), to: name(one.after) });
    }

    _showList() {
      const open = this._open();
      const key = JSON.stringify(open.map((one) => [one.number, this._holds(one), one.sides]));
      parts.renew(this.list, key + (this.said && this.said.rev), () => open.map((one) => this._proposal(one)));
    }

    _proposal(one) {
      const { speech, editor, draft } = this;
      const holds = this._holds(one);
      const sides = one.sides.map(({ territory, before, after }) => {
        const row = draft.territories.get(territory);
        const index = (n) => (n !== null && typeof n === "object" ? n.index : n);
        return parts.side({ name: row ? row.name : territory, color: row ? row.color : null, before: index(before), after: index(after), speech });
      });
      const accept = parts.button({ icon: "check", label: speech.say("accept"), hook: "accept", kind: "small", onClick: () => this._accept([one]) });
      accept.disabled = !holds;
      const doing = [
        accept,
        parts.button({ icon: "close", label: speech.say("reject"), hook: "reject", kind: "small", onClick: () => this._reject(one) }),
        parts.button({ icon: "pin", label: speech.say("pin"), hook: "pin", kind: "small", title: speech.say("pin_told"), onClick: () => this._pin(one) }),
        parts.button({ icon: "zoom", title: speech.say("zoom_to"), hook: "zoom", kind: "small", onClick: () => editor.zoomTo(one.units) }),
      ];
      const item = element("li", { "data-gt": "proposal", "data-number": one.number, class: holds ? null : "gt-undone" }, element("p", { title: one.told }, this._what(one)), element("p", { class: "gt-sides" }, ...sides), ...(holds ? [] : [element("p", { class: "gt-note" }, speech.say("no_longer"))]), element("div", { class: "gt-doing" }, ...doing));
      item.addEventListener("pointerenter", () => editor.highlight([{ units: one.units, to: one.after }]));
      item.addEventListener("pointerleave", () => this._light());
      return item;
    }
  };
})(window.L);
