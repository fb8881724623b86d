/* The table of territories beside the map: where each stands against the band, what changed since the saved version, and the whole draft. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.TerritoryTable) return;

  const element = gt.element;
  const { parts } = gt;
  const FITS = 1.005; // as in redraw/hours.py: half a percent over is rounding

  gt.TerritoryTable = class TerritoryTable {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft });
      const { speech } = this;
      this.rows = new Map(); // territory_id -> {row, cells}
      this.whole = element("div", { class: "gt-whole", role: "status", "data-gt": "whole" });
      this.head = element("thead", {}, element("tr", {}, ...this._columns().map((c) => element("th", { scope: "col", class: "gt-c-" + c.key, title: c.long }, c.title))));
      this.body = element("tbody");
      this.foot = element("tfoot");
      this.table = element("table", { class: "gt-grid", "aria-label": speech.say("territories") }, this.head, this.body, this.foot);
      this.root = element("div", { class: "gt-pane gt-pane-territories" }, this.whole, element("div", { class: "gt-scroll" }, this.table));
      this.update([...this.draft.territories.keys()]);
    }

    _columns() {
      const { speech } = this;
      const { state } = this.draft;
      const columns = [
        { key: "name", title: speech.say("territory") },
        { key: "index", title: speech.say("index"), long: speech.say("index_long") },
        { key: "change", title: "±", long: speech.say("change_long") },
        { key: "hours", title: speech.say("hours"), long: speech.say("hours_long"), sum: (row) => row.hours, show: speech.count },
        { key: "value", title: speech.say("value"), long: speech.say("value_long"), sum: (row) => row.value, show: speech.value },
      ];
      state.tiers.forEach((tier, k) => columns.push({ key: "tier", title: tier, long: `${speech.say("accounts")}, ${speech.say("tier")} ${tier}`, sum: (row) => row.by_tier[k], show: speech.count }));
      if (!state.tiers.length) columns.push({ key: "tier", title: speech.say("accounts"), sum: (row) => row.accounts, show: speech.count });
      return columns;
    }

    /** Show rows anew: those named, or those whose order or waiting changed. */
    update(ids = []) {
      const { draft } = this;
      const living = [...draft.territories.keys()];
      for (const [id, made] of this.rows) {
        if (draft.territories.has(id)) continue;
        made.remove();
        this.rows.delete(id);
      }
      living.forEach((id, k) => {
        const fresh = !this.rows.has(id);
        if (fresh) this.rows.set(id, this._newRow(id));
        const made = this.rows.get(id);
        if (this.body.rows[k] !== made) this.body.insertBefore(made, this.body.rows[k] || null);
        if (fresh || ids.includes(id)) this._fill(made, draft.territories.get(id), k);
        this._mark(made, id);
      });
      this._total();
      this.showWhole();
    }

    /** Waiting figures are dimmed, the chosen territory is lit. */
    _mark(made, id) {
      const stale = this.draft.stale.has(id);
      const chosen = this.editor.chosen === id;
      made.classList.toggle("gt-stale", stale);
      made.setAttribute("aria-busy", String(stale));
      made.classList.toggle("gt-selected", chosen);
      made.cells[0].querySelector("button").setAttribute("aria-pressed", String(chosen));
    }

    _newRow(id) {
      const columns = this._columns();
      const name = element("button", { type: "button", class: "gt-name" }, parts.swatch(null), element("span"));
      const badges = element("span", { class: "gt-badges" });
      const cells = columns.slice(1).map((c) => element("td", { class: "gt-c-" + c.key, "data-gt": c.key }));
      const lock = element("button", { type: "button", class: "gt-lock-cell", "data-gt": "lock" });
      lock.addEventListener("click", (event) => {
        event.stopPropagation(); // a lock that is pressed chooses nothing
        this.draft.act("lock", { on: !this.draft.locks.territories.has(id), territories: [id] });
      });
      const row = element("tr", { "data-gt": "territory", "data-id": id }, element("th", { scope: "row", class: "gt-c-name" }, element("div", { class: "gt-name-row" }, name, lock), badges), ...cells);
      row.addEventListener("click", (event) => event.target.closest(".gt-badges button") || this.editor.choose(id));
      row.addEventListener("dblclick", () => this.editor.showDetails(id));
      return row;
    }

    _fill(made, row, k) {
      const { speech } = this;
      const name = made.cells[0].querySelector(".gt-name");
      name.firstChild.style.backgroundColor = row.color;
      name.lastChild.textContent = row.name;
      name.title = [row.name, row.rep_name, k < 9 ? speech.say("key_number", { n: k + 1 }) : ""].filter(Boolean).join(" · ");
      this._lock(made.querySelector(".gt-lock-cell"), row);
      this._badges(made.cells[0].lastChild, row);
      this._columns().forEach((column, c) => {
        const cell = made.cells[c];
        if (column.key === "index") this._index(cell, row);
        else if (column.key === "change") this._change(cell, row);
        else if (column.key === "hours") this._hours(cell, column, row);
        else if (column.sum) {
          cell.textContent = column.show(column.sum(row));
          cell.title = this._exact(column, row);
        }
      });
    }

    _exact(column, row) {
      const { speech } = this;
      const exact = speech.exact(column.sum(row));
      const change = row.change && row.change[column.key];
      return change ? `${exact} (${speech.say("since_version", { change: speech.signed(change) || speech.exact(change) })})` : exact;
    }

    /** Hours, and how much of the rep's hours that is when it is more than there are. */
    _hours(cell, column, row) {
      const { speech } = this;
      const mine = (row.roles || []).find((one) => one.role === this.draft.state.role);
      const over = Boolean(mine) && mine.capacity > 0 && mine.hours > FITS * mine.capacity;
      const words = over ? speech.say("over_hours", { hours: speech.whole(mine.hours), capacity: speech.whole(mine.capacity) }) : "";
      const exact = this._exact(column, row);
      cell.title = over ? `${exact} · ${words}` : exact;
      cell.classList.toggle("gt-over", over);
      const share = over ? [element("small", { "data-gt": "over", "aria-label": words }, speech.whole((100 * mine.hours) / mine.capacity) + "%")] : [];
      cell.replaceChildren(element("span", {}, speech.count(row.hours)), ...share);
    }

    _index(cell, row) {
      const number = element("span", { class: row.in_band === false ? "gt-out" : null }, ...parts.outOfBand(row, this.speech), this.speech.whole(row.index));
      cell.replaceChildren(number, parts.bandBar(row.index, this.speech.band));
      cell.title = this.speech.exact(row.index);
    }

    _change(cell, row) {
      const change = row.change ? row.change.index : null;
      const words = change === null || change === undefined ? "" : this.speech.signed(change);
      cell.textContent = words;
      cell.classList.toggle("gt-moved", Boolean(words));
      cell.title = change === null || change === undefined ? "" : this.speech.say("index_change", { change: this.speech.exact(change) });
    }

    _lock(made, row) {
      const locked = this.draft.locks.territories.has(row.id);
      const words = this.speech.say(locked ? "unlock_name" : "lock_name", { name: row.name });
      if (made.getAttribute("aria-label") === words) return;
      made.replaceChildren(gt.icon(locked ? "lock" : "unlock"));
      made.title = words;
      made.setAttribute("aria-label", words);
      made.setAttribute("aria-pressed", String(locked));
    }

    _badges(place, row) {
      const { speech } = this;
      const badge = (key, n, icon) => parts.button({ icon, label: speech.many(key, n), hook: "badge-" + key, kind: "badge", title: speech.say("show_faults"), onClick: () => this.editor.showDetails(row.id) });
      const found = [...(row.pieces > 1 ? [["pieces", row.pieces, "pieces"]] : []), ...(row.holes > 0 ? [["holes", row.holes, "hole"]] : [])];
      parts.renew(place, JSON.stringify(found), () => found.map((one) => badge(...one)));
    }

    _total() {
      const { speech } = this;
      const rows = [...this.draft.territories.values()];
      const cells = this._columns().map((c, k) => {
        if (!k) return element("th", { scope: "row" }, speech.say("total"));
        const sum = c.sum ? rows.reduce((n, row) => n + (c.sum(row) || 0), 0) : null;
        return element("td", { class: "gt-c-" + c.key, title: sum === null ? null : speech.exact(sum) }, sum === null ? "" : c.show(sum));
      });
      this.foot.replaceChildren(element("tr", {}, ...cells));
    }

    /** The whole draft in a few figures. */
    showWhole() {
      const { speech, draft } = this;
      const { whole } = draft;
      if (!whole) return;
      const figure = (hook, words, title, ...lines) => element("div", { class: "gt-figure", "data-gt": hook, title }, element("span", {}, words), ...lines);
      const handed = element("b", {}, speech.many("accounts", whole.moved_accounts));
      const figures = [
        figure("whole-band", speech.say("band_count"), speech.say("band_count_long"), element("b", {}, speech.say("of", { n: speech.whole(whole.in_band), of: speech.whole(whole.of) }))),
        ...(typeof whole.fits === "number" ? [figure("fits", speech.say("calls_fit"), speech.say("calls_fit_long"), element("b", { class: whole.fits < whole.of ? "gt-out" : null }, speech.say("of", { n: speech.whole(whole.fits), of: speech.whole(whole.of) })))] : []),
        figure("whole-imbalance", speech.say("imbalance"), speech.say("imbalance_long"), element("b", { title: speech.exact(whole.imbalance) }, speech.finePercent(whole.imbalance))),
        figure("whole-moved", speech.say("changes_hands"), speech.say("changes_hands_long"), handed, ...(whole.moved_accounts ? [element("small", {}, speech.say("shares_moved", { accounts: speech.finePercent(whole.disruption), value: speech.finePercent(whole.value_moved) }))] : [])),
      ];
      const lines = whole.uncovered_units ? [element("p", { class: "gt-note gt-warned" }, gt.icon("warn"), speech.many("uncovered", whole.uncovered_units, { accounts: speech.many("accounts", whole.uncovered_accounts) }))] : [];
      parts.renew(this.whole, JSON.stringify(whole), () => [element("div", { class: "gt-figures" }, ...figures), ...lines]);
      this.whole.setAttribute("aria-busy", String(draft.stale.size > 0));
      this.whole.classList.toggle("gt-stale", draft.stale.size > 0);
    }
  };
})(window.L);
