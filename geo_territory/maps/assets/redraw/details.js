/* One territory from near: its name, colour and rep, its figures, whether its calls fit into the hours there are, and what can be
 * done with it. What is at fault and how to mend it comes from advice.js, its accounts from account_list.js. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Details) return;

  const element = gt.element;
  const { parts } = gt;
  const FULL = 0.995; // a tier whose calls fit to this share is not warned about

  gt.Details = class Details {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft });
      this.empty = element("p", { class: "gt-empty" }, this.speech.say("choose_territory"));
      this.head = this._head();
      this.figures = element("dl", { class: "gt-facts" });
      this.hours = element("section", { class: "gt-section", "data-gt": "hours-by-role" });
      this.promise = element("section", { class: "gt-section", "data-gt": "promise" });
      this.advice = new gt.Advice(editor);
      this.doing = this._doing();
      this.accounts = new gt.AccountList(editor);
      this.body = element("div", { class: "gt-details" }, this.head, this.figures, this.promise, this.hours, this.advice.root, this.doing, this.accounts.root);
      this.root = element("div", { class: "gt-pane gt-scroll gt-pane-details" }, this.empty, this.body);
      this.update();
    }

    get row() {
      return this.draft.territories.get(this.editor.chosen) || null;
    }

    /* ---- name, colour, rep ---- */

    _head() {
      const { speech } = this;
      this.color = element("button", { type: "button", class: "gt-color", title: speech.say("color"), "aria-label": speech.say("color"), "data-gt": "color" });
      this.color.addEventListener("click", () => gt.dialogs.colors(this.editor, this.row));
      this.name = element("input", { class: "gt-title", maxlength: 80, "aria-label": speech.say("name"), "data-gt": "name", spellcheck: "false" });
      this.name.addEventListener("change", () => this._rename());
      this.name.addEventListener("keydown", (event) => this._nameKey(event));
      this.rep = element("select", { "data-gt": "rep" });
      this.rep.addEventListener("change", () => this.draft.act("territory", { id: this.row.id, rep: this.rep.value }));
      this.rep.append(...[["", speech.say("no_rep")], ...this.draft.state.reps.map((rep) => [rep.id, rep.name])].map(([value, words]) => element("option", { value }, words)));
      const rep = element("label", { class: "gt-choice" }, element("span", { class: "gt-label" }, speech.say("rep")), this.rep);
      return element("header", { class: "gt-details-head" }, element("div", { class: "gt-title-row" }, this.color, this.name), rep);
    }

    _rename() {
      const { row } = this;
      const name = this.name.value.trim();
      if (!name) this.name.value = row.name;
      else if (name !== row.name) this.draft.act("territory", { id: row.id, name });
    }

    _nameKey(event) {
      if (event.key === "Enter") this.name.blur();
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.name.value = this.row.name;
      this.name.blur();
    }

    _doing() {
      const { speech, editor } = this;
      this.lock = parts.button({ icon: "lock", label: speech.say("lock"), hook: "lock-this", kind: "small", pressed: false, onClick: () => this._lock() });
      const made = [
        parts.button({ icon: "zoom", label: speech.say("zoom_to"), hook: "zoom", kind: "small", onClick: () => this._zoom() }),
        this.lock,
        parts.button({ icon: "merge", label: speech.say("merge") + "…", hook: "merge", kind: "small", onClick: () => gt.dialogs.merge(editor, this.row) }),
        parts.button({ icon: "split", label: speech.say("split"), hook: "split", kind: "small", title: speech.say("split_told"), onClick: () => editor.act("split", { id: this.row.id }) }),
        parts.button({ icon: "remove", label: speech.say("delete") + "…", hook: "delete", kind: "small danger-quiet", onClick: () => gt.dialogs.remove(editor, this.row) }),
      ];
      return element("div", { class: "gt-doing", role: "group", "aria-label": speech.say("do_with_it") }, ...made);
    }

    _lock() {
      const { id } = this.row;
      this.draft.act("lock", { on: !this.draft.locks.territories.has(id), territories: [id] });
    }

    _zoom() {
      this.editor.zoomTo(this.editor.unitsOf(this.row.id));
    }

    /* ---- what it shows ---- */

    update() {
      const { row } = this;
      this.empty.hidden = Boolean(row);
      this.body.hidden = !row;
      if (!row) return;
      const stale = this.draft.stale.has(row.id);
      for (const part of [this.figures, this.hours, this.promise]) {
        part.classList.toggle("gt-stale", stale);
        part.setAttribute("aria-busy", String(stale));
      }
      this._showHead(row);
      parts.renew(this.figures, JSON.stringify(row), () => this._figures(row));
      parts.renew(this.hours, JSON.stringify(row.roles), () => this._hours(row));
      parts.renew(this.promise, JSON.stringify(row.promise), () => this._promise(row));
      const locked = this.draft.locks.territories.has(row.id);
      this.lock.setAttribute("aria-pressed", String(locked));
      this.lock.lastChild.textContent = this.speech.say(locked ? "unlock" : "lock");
    }

    _showHead(row) {
      const active = this.root.getRootNode().activeElement;
      this.color.style.backgroundColor = row.color;
      if (active !== this.name || this._of !== row.id) this.name.value = row.name;
      if (active !== this.rep || this._of !== row.id) this.rep.value = row.rep;
      this._of = row.id;
    }

    _figures(row) {
      const { speech } = this;
      const change = (key, show) => {
        const n = row.change && row.change[key];
        if (!n || !speech.signed(n)) return [];
        const words = show(Math.abs(n)).match(/[1-9۱-۹١-٩]/) ? (n > 0 ? "+" : "−") + show(Math.abs(n)) : speech.signed(n);
        return [element("small", { title: speech.say("since_version", { change: speech.exact(n) }) }, words)];
      };
      const fact = (key, words, show, n, title) => element("div", {}, element("dt", {}, words), element("dd", { title: title || speech.exact(n), "data-gt": "fact-" + key }, show(n), ...change(key, show)));
      const index = element("div", { class: "gt-fact-index" }, element("dt", { title: speech.say("index_long") }, speech.say("index")), element("dd", { title: speech.exact(row.index) }, element("span", { class: row.in_band === false ? "gt-out" : null }, ...parts.outOfBand(row, speech), speech.whole(row.index)), parts.bandBar(row.index, speech.band), ...change("index", speech.whole)));
      const counts = this.draft.state.tiers.map((tier, k) => `${tier} ${speech.whole(row.by_tier[k])}`).join(" · ");
      return [
        index,
        fact("hours", speech.say("hours"), speech.count, row.hours),
        fact("value", speech.say("value"), speech.value, row.value),
        fact("accounts", speech.say("accounts"), speech.whole, row.accounts, counts || null),
        fact("units", speech.say("units"), speech.whole, row.units),
        fact("area", speech.say("area"), (n) => speech.say("square_km", { n: speech.count(n) }), row.area_km2),
      ];
    }

    _hours(row) {
      const { speech } = this;
      const line = ({ label, hours, capacity, shared }) => {
        const known = capacity > 0;
        const over = known && Math.round(hours) > Math.round(capacity);
        const told = known ? speech.say("hours_of", { hours: speech.whole(hours), capacity: speech.whole(capacity) }) : speech.say("hours_only", { hours: speech.whole(hours) });
        const title = known ? `${speech.exact(hours)} / ${speech.exact(capacity)}` : speech.exact(hours);
        return element("li", { title }, element("span", {}, label, ...(shared ? [element("small", {}, speech.say("whole_team"))] : [])), known ? parts.meter(hours / capacity, over ? "over" : null) : element("span"), element("span", { class: over ? "gt-out" : null }, ...(over ? [element("span", { "aria-hidden": "true" }, "▲ ")] : []), told));
      };
      return row.roles && row.roles.length ? [element("h4", {}, speech.say("hours_by_role")), element("ul", { class: "gt-meters" }, ...row.roles.map(line))] : [];
    }

    /** Which tier's calls no longer fit. */
    _promise(row) {
      const { speech } = this;
      const tiers = (row.promise || []).filter((one) => one.covered !== null);
      const none = (row.promise || []).filter((one) => one.covered === null).map((one) => one.tier);
      if (!tiers.length) return [];
      const short = tiers.filter((one) => one.covered < FULL);
      const told = short.length ? speech.say("promise_short", { tiers: short.map((one) => `${one.tier} ${speech.share(one.covered)}`).join(", ") }) : speech.say("promise_kept");
      const line = ({ tier, covered }) =>
        element("li", { title: speech.finePercent(covered), class: covered < FULL ? "gt-short" : null }, element("b", {}, tier), parts.meter(covered, covered < FULL ? "short" : "kept"), element("span", {}, speech.share(covered)));
      const heading = element("h4", { title: speech.say("promise_long") }, speech.say("promise"));
      return [heading, element("p", { class: short.length ? "gt-note gt-warned" : "gt-note" }, gt.icon(short.length ? "warn" : "check"), told), element("ul", { class: "gt-meters gt-promise" }, ...tiers.map(line)), ...(none.length ? [element("p", { class: "gt-note", "data-gt": "promise-none" }, speech.say("promise_none", { tiers: none.join(", ") }))] : [])];
    }
  };

  /** Rows of the territories beside one, the one with the longest border first: counted in pairs of units that touch. */
  gt.neighborsOf = (editor, row) => {
    const { draft } = editor;
    const found = new Map();
    const meet = (p, q) => {
      if (p === row.slot && q !== p) found.set(q, (found.get(q) || 0) + 1);
    };
    const { facts, owner } = draft;
    if (facts && facts.near_first) {
      for (let u = 0; u < owner.length; u++) if (owner[u] === row.slot) for (let k = facts.near_first[u]; k < facts.near_first[u + 1]; k++) meet(row.slot, owner[facts.near[k]]);
    } else if (editor.view.areas.borders) {
      const { a, b } = editor.view.areas.borders.edges;
      for (let e = 0; e < a.length; e++) if (b[e] >= 0) meet(owner[a[e]], owner[b[e]]), meet(owner[b[e]], owner[a[e]]);
    }
    const sorted = [...found].sort((p, q) => q[1] - p[1] || p[0] - q[0]);
    return sorted.map(([slot]) => draft.territories.get(draft.slots[slot])).filter(Boolean);
  };

  /** Colours the neighbours of a territory have: colour -> the neighbour's name. */
  gt.neighborColors = (editor, row) => new Map(gt.neighborsOf(editor, row).map((other) => [other.color.toLowerCase(), other.name]));
})(window.L);
