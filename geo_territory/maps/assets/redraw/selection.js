/* Before you let go: what is selected, what it would do to both sides, and what to do with it. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.SelectionBar) return;

  const element = gt.element;
  const { parts } = gt;
  const LOOK_MS = 120;

  gt.SelectionBar = class SelectionBar {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft, tools: editor.tools });
      const { speech } = this;
      this.asked = 0;
      this.totals = element("p", { class: "gt-selection-totals", role: "status", "data-gt": "totals" });
      this.effect = element("div", { class: "gt-selection-effect", "aria-live": "polite", "data-gt": "effect" });
      this.choice = new parts.TerritoryChoice({ label: speech.say("give_to"), hook: "selection-to", onChange: (id) => editor.choose(id === "-" ? null : id) });
      this.reason = element("input", { type: "text", maxlength: 200, placeholder: speech.say("reason_hint"), "aria-label": speech.say("reason"), "data-gt": "selection-reason" });
      this.reason.addEventListener("input", () => editor.setReason(this.reason.value));
      this.assign = parts.button({ icon: "check", label: speech.say("assign"), hook: "assign", kind: "primary", onClick: () => this.tools.to !== null && this.tools.assignSelection(this.tools.to) });
      this.add = parts.button({ icon: "plus", label: speech.say("new_territory"), hook: "new-territory", onClick: () => this._new() });
      this.lock = parts.button({ icon: "lock", label: speech.say("lock_selection"), hook: "lock-selection", onClick: () => this._lock() });
      this.clear = parts.button({ icon: "close", label: speech.say("clear"), hook: "clear-selection", onClick: () => this.tools.clear() });
      const doing = element("div", { class: "gt-doing" }, this.assign, this.add, this.lock, this.clear);
      this.root = element("section", { class: "gt-selection", "aria-label": speech.say("selection"), "data-gt": "selection" }, this.totals, this.effect, element("div", { class: "gt-selection-to" }, this.choice.root, this.reason), doing);
      this.lookSoon = parts.quietly(() => this._look(), LOOK_MS);
      this.update();
    }

    get accounts() {
      return this.tools.accounts || new Set();
    }

    get units() {
      return [...this.tools.selection].sort((p, q) => p - q);
    }

    /** Those of the selection that would change hands: not the receiver's already, not locked. */
    get handed() {
      const { draft, tools } = this;
      return this.units.filter((u) => !draft.isLocked(u) && draft.ownerOf(u) !== tools.to);
    }

    update() {
      const any = this.tools.selection.size > 0 || this.accounts.size > 0;
      this.root.hidden = !any;
      this.editor.box.classList.toggle("gt-selecting", any);
      this.asked++;
      this.lookSoon.cancel();
      if (!any) return;
      const { speech, tools, draft } = this;
      this.choice.fill(draft.territories, [["-", speech.say("choose")], ["", speech.say("nobody")]]);
      this.choice.value = tools.to === null ? "-" : tools.to;
      this._showTotals();
      const locked = this._allLocked();
      this.lock.lastChild.textContent = speech.say(locked ? "unlock_selection" : "lock_selection");
      this.add.hidden = this.lock.hidden = !tools.selection.size;
      this.assign.disabled = tools.to === null;
      this.effect.classList.add("gt-stale");
      this.effect.setAttribute("aria-busy", "true");
      this.lookSoon();
    }

    _allLocked() {
      return this.tools.selection.size > 0 && this.units.every((u) => this.draft.locks.units.has(u));
    }

    _lock() {
      this.draft.act("lock", { on: !this._allLocked(), units: this.units });
    }

    _new() {
      this.draft.act("add", { units: this.units });
      this.tools.clear();
    }

    /** Totals known in the browser: nothing is asked for them. */
    _showTotals() {
      const { speech, draft, accounts } = this;
      const { facts } = draft;
      const all = this.units;
      const units = this.tools.to === null ? all : this.handed;
      const some = units.length < all.length;
      const words = all.length ? [element("b", {}, some ? speech.many("hands", units.length, { units: speech.many("units", all.length) }) : speech.many("units", all.length))] : [element("b", {}, speech.many("accounts", accounts.size))];
      if (units.length && facts) {
        const sum = (array) => units.reduce((n, u) => n + array[u], 0);
        const tiers = draft.state.tiers.map((tier, k) => (facts["tier" + k] ? `${tier} ${speech.whole(sum(facts["tier" + k]))}` : "")).filter(Boolean);
        const [hours, value] = [sum(facts.hours), sum(facts.value)];
        const fine = (text, title) => element("span", { title }, text);
        words.push(fine(speech.many("accounts", sum(facts.accounts)), null), fine(speech.say("hours_only", { hours: speech.whole(hours) }), speech.exact(hours)), fine(speech.value(value), speech.exact(value)), fine(tiers.join(" · "), null));
        if (accounts.size) words.push(fine(speech.say("and_named", { accounts: speech.many("accounts", accounts.size) }), null));
      }
      this.totals.replaceChildren(...words);
    }

    async _look() {
      const { draft, tools } = this;
      const asked = ++this.asked;
      const { to } = tools;
      const units = to === null ? this.units : this.handed;
      try {
        const looked = await draft.look(units.length ? [{ units, to: to === null ? "" : to }] : [], this.accounts.size ? [...this.accounts] : undefined, to);
        if (asked === this.asked) this._showEffect(looked);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        if (asked === this.asked) this.effect.replaceChildren(element("p", { class: "gt-note" }, this.speech.say("look_later")));
      }
    }

    _showEffect({ territories }) {
      const { speech, draft } = this;
      this.effect.classList.remove("gt-stale");
      this.effect.setAttribute("aria-busy", "false");
      const side = (row) => {
        const now = draft.territories.get(row.id);
        const note = row.pieces > 1 && (!now || row.pieces > now.pieces) ? speech.many("pieces", row.pieces) : row.holes > 0 && (!now || row.holes > now.holes) ? speech.many("holes", row.holes) : "";
        return parts.side({ name: row.name, color: row.color, before: now ? now.index : null, after: row.index, speech, note });
      };
      const broken = territories.filter((row) => row.pieces > Math.max(1, (draft.territories.get(row.id) || row).pieces));
      const words = broken.map((row) => element("p", { class: "gt-note gt-warned" }, gt.icon("warn"), speech.say("left_in_pieces", { name: row.name, pieces: speech.many("pieces", row.pieces) })));
      const told = this.tools.to === null ? element("p", { class: "gt-note" }, speech.say("choose_to_see")) : element("div", { class: "gt-sides" }, ...territories.map(side));
      this.effect.replaceChildren(told, ...words);
    }
  };
})(window.L);
