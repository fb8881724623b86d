/* All units as a list that stays fluent at 30,000 rows: only rows in sight exist. What is checked here is what is selected on the map. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.UnitTable) return;

  const element = gt.element;
  const { parts } = gt;
  const SPARE = 6; // rows made beyond those in sight
  const NONE = 4294967295;
  const EVERY = "*";
  const CHECKED = "+";
  const QUIET_MS = 120;
  const SORTS = ["name", "territory", "weight", "hours", "value", "accounts"];

  gt.UnitTable = class UnitTable {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft, tools: editor.tools });
      const { speech } = this;
      this.shown = new Int32Array(0);
      this.at = -1; // row of the keyboard, in `shown`
      this.sort = { key: "hours", down: true };
      this.text = element("input", { type: "search", placeholder: speech.say("find_unit"), "aria-label": speech.say("find_unit"), "data-gt": "unit-search" });
      this.text.addEventListener("input", parts.quietly(() => this.refilter(), QUIET_MS));
      this.of = new parts.TerritoryChoice({ label: speech.say("of_territory"), hook: "unit-territory", hideLabel: true, onChange: () => this.refilter() });
      this.all = parts.button({ label: speech.say("select_shown"), hook: "select-shown", kind: "small", onClick: () => this._all() });
      this.count = element("span", { class: "gt-note", role: "status", "data-gt": "unit-count" });
      this.head = this._head();
      this.space = element("div", { class: "gt-units-space" });
      this.list = element("div", { class: "gt-units-list gt-scroll", role: "grid", tabindex: "0", "aria-multiselectable": "true", "aria-label": speech.say("units"), "aria-description": speech.say("units_keys"), "data-gt": "units" }, this.head, this.space);
      this.list.addEventListener("scroll", () => this._later());
      this.list.addEventListener("keydown", (event) => this._key(event));
      this.space.addEventListener("click", (event) => this._click(event));
      this.space.addEventListener("pointermove", (event) => this._point(event));
      this.space.addEventListener("pointerleave", () => this.editor.highlight([]));
      const filters = element("div", { class: "gt-unit-filters" }, this.text, this.of.root);
      this.root = element("div", { class: "gt-pane gt-pane-units" }, filters, element("div", { class: "gt-unit-count" }, this.count, this.all), this.list);
      this.sized = new ResizeObserver(() => this._later());
      this.sized.observe(this.list);
    }

    remove() {
      this.sized.disconnect();
    }

    /** Columns that have numbers; the weight only where it isn't the hours. */
    get columns() {
      const { facts } = this.draft;
      const differs = facts && facts.weight && facts.weight.some((w, u) => Math.abs(w - facts.hours[u]) > 1e-3);
      return ["name", "territory", ...(differs ? ["weight"] : []), "hours", "value", "accounts"];
    }

    _head() {
      const { speech } = this;
      this.heads = SORTS.map((key) => {
        const made = parts.button({ label: speech.say(key === "name" ? "unit" : key), kind: "head", hook: "sort-" + key, onClick: () => this._sortBy(key) });
        return element("span", { role: "columnheader", class: "gt-u-" + key, "data-key": key }, made);
      });
      return element("div", { class: "gt-unit gt-unit-head", role: "row", "aria-rowindex": "1" }, element("span", { role: "columnheader", class: "gt-u-check" }), ...this.heads);
    }

    _sortBy(key) {
      this.sort = { key, down: this.sort.key === key ? !this.sort.down : !["name", "territory"].includes(key) };
      this.refilter();
    }

    /* ---- which rows ---- */

    /** The map's own payload has the units' names. */
    _names() {
      const { areas } = this.editor.view;
      return areas.names || this.draft.state.unit_names || [];
    }

    /** Where a unit lies, in words: its county with the state, or the state of a unit that is a county. */
    _where(u) {
      const { facts } = this.draft;
      if (!facts || !facts.states) return "";
      const state = facts.state && facts.state[u] !== NONE ? facts.states[facts.state[u]] : "";
      const county = facts.county && facts.county[u] !== NONE ? facts.counties[facts.county[u]] : "";
      return county && !county.startsWith(this.names[u]) ? county : state;
    }

    /** Show what the filters let through, in order; called when filters, facts or the draft change. */
    refilter() {
      if (this.editor.shown !== "units") return void (this.late = true);
      this.late = false;
      const { draft, speech, tools } = this;
      this.of.fill(draft.territories, [[EVERY, speech.say("all_territories")], [CHECKED, speech.say("only_selected")], ["", speech.say("nobodys")]]);
      const kept = this.at >= 0 ? this.shown[this.at] : -1;
      this.names = this._names();
      const words = this.text.value.trim().toLocaleLowerCase(speech.state.language).split(/\s+/).filter(Boolean);
      const of = this.of.value;
      const found = [];
      for (let u = 0; u < draft.owner.length; u++) {
        if (of === CHECKED ? !tools.selection.has(u) : of !== EVERY && draft.ownerOf(u) !== of) continue;
        if (words.length) {
          const text = `${this.names[u]} ${this._where(u)}`.toLocaleLowerCase(speech.state.language);
          if (!words.every((word) => text.includes(word))) continue;
        }
        found.push(u);
      }
      this.shown = Int32Array.from(this._sorted(found));
      this.at = kept < 0 ? -1 : this.shown.indexOf(kept);
      this._showHeads();
      this._draw();
    }

    _sorted(found) {
      const { draft, names } = this;
      const { key, down } = this.sort;
      const way = down ? -1 : 1;
      const order = new Intl.Collator(this.speech.state.language, { numeric: true });
      if (key === "name") {
        if (!this._byName || this._byName.names !== names) {
          const rank = new Int32Array(names.length);
          [...names.keys()].sort((p, q) => order.compare(names[p], names[q]) || p - q).forEach((u, k) => (rank[u] = k));
          this._byName = { names, rank };
        }
        return found.sort((p, q) => way * (this._byName.rank[p] - this._byName.rank[q]));
      }
      if (key === "territory") {
        const ids = [...draft.territories.values()].sort((p, q) => order.compare(p.name, q.name)).map((row) => row.id);
        const rank = new Map(ids.map((id, k) => [id, k]));
        const at = (u) => (rank.has(draft.ownerOf(u)) ? rank.get(draft.ownerOf(u)) : ids.length);
        return found.sort((p, q) => way * (at(p) - at(q)) || p - q);
      }
      const numbers = draft.facts && draft.facts[key];
      return numbers ? found.sort((p, q) => way * (numbers[p] - numbers[q]) || p - q) : found;
    }

    _showHeads() {
      const columns = new Set(this.columns);
      this.root.classList.toggle("gt-weighted", columns.has("weight"));
      for (const head of this.heads) {
        const { key } = head.dataset;
        head.hidden = !columns.has(key);
        head.setAttribute("aria-sort", this.sort.key !== key ? "none" : this.sort.down ? "descending" : "ascending");
      }
    }

    /* ---- rows in sight ---- */

    _later() {
      if (this._asked) return;
      this._asked = requestAnimationFrame(() => {
        this._asked = null;
        this._draw();
      });
    }

    get rowHeight() {
      return parseFloat(getComputedStyle(this.list).getPropertyValue("--gt-unit-row")) || 40;
    }

    _draw() {
      if (this.editor.shown !== "units" || !this.names) return;
      const { shown, speech, tools } = this;
      const high = this.rowHeight;
      this.space.style.blockSize = shown.length * high + "px";
      const above = Math.max(0, this.list.scrollTop);
      const first = Math.max(0, Math.floor(above / high) - SPARE);
      const last = Math.min(shown.length, Math.ceil((above + this.list.clientHeight) / high) + SPARE);
      this.list.setAttribute("aria-rowcount", String(shown.length + 1));
      const rows = [];
      for (let k = first; k < last; k++) rows.push(this._row(k, high));
      this.space.replaceChildren(...rows);
      const active = this.at >= first && this.at < last;
      if (active) this.list.setAttribute("aria-activedescendant", "gt-unit-" + shown[this.at]);
      else this.list.removeAttribute("aria-activedescendant");
      this.count.textContent = speech.say("units_shown", { shown: speech.many("units", shown.length), selected: speech.whole(tools.selection.size) });
      this.all.disabled = !shown.length;
    }

    _row(k, high) {
      const { draft, tools, speech } = this;
      const u = this.shown[k];
      const { facts } = draft;
      const on = tools.selection.has(u);
      const owner = draft.territories.get(draft.ownerOf(u));
      const number = (key, show) => (facts && facts[key] ? element("span", { role: "gridcell", class: "gt-u-" + key, title: speech.exact(facts[key][u]) }, show(facts[key][u])) : element("span", { role: "gridcell", class: "gt-u-" + key }));
      const where = this._where(u);
      const name = element("span", { role: "rowheader", class: "gt-u-name" }, element("span", { title: this.names[u] }, this.names[u]), ...(where ? [element("small", {}, where)] : []));
      const locked = draft.isLocked(u) ? [gt.icon("lock")] : [];
      const territory = element("span", { role: "gridcell", class: "gt-u-territory" }, parts.swatch(owner && owner.color), element("span", {}, owner ? owner.name : speech.say("nobody")), ...locked);
      const check = element("span", { role: "gridcell", class: "gt-u-check" }, element("i", { class: "gt-box-check" }, ...(on ? [gt.icon("check")] : [])));
      const row = element("div", { class: "gt-unit" + (k === this.at ? " gt-at" : "") + (on ? " gt-on" : ""), role: "row", id: "gt-unit-" + u, "aria-rowindex": k + 2, "aria-selected": String(on), "data-gt": "unit", "data-unit": u }, check, name, territory);
      if (this.root.classList.contains("gt-weighted")) row.append(number("weight", speech.count));
      row.append(number("hours", speech.whole), number("value", speech.value), number("accounts", speech.count));
      row.style.insetBlockStart = k * high + "px";
      return row;
    }

    /* ---- mouse ---- */

    _rowOf(event) {
      const row = event.target.closest(".gt-unit");
      return row ? this.shown.indexOf(Number(row.dataset.unit)) : -1;
    }

    _click(event) {
      const k = this._rowOf(event);
      if (k < 0) return;
      const from = event.shiftKey && this.anchor !== undefined ? this.anchor : k;
      this.at = k;
      if (event.shiftKey) this._range(from, k);
      else this._toggle(k);
    }

    _point(event) {
      const k = this._rowOf(event);
      if (k >= 0 && this._pointed !== this.shown[k]) this.editor.highlight([this.shown[k]]);
      this._pointed = k < 0 ? -1 : this.shown[k];
    }

    /* ---- keyboard ---- */

    _key(event) {
      if (event.target !== this.list) return;
      const page = Math.max(1, Math.floor(this.list.clientHeight / this.rowHeight) - 1);
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
      const all = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a";
      if (step === undefined && event.key !== " " && event.key !== "Enter" && !all) return;
      event.preventDefault();
      event.stopPropagation();
      if (all) this._all();
      else if (event.key === " ") this.at >= 0 && this._toggle(this.at);
      else if (event.key === "Enter") this._give();
      else this._go(step, event.shiftKey);
    }

    _go(step, extend) {
      const before = this.at;
      const from = before >= 0 ? before : step > 0 ? -1 : this.shown.length;
      this.at = Math.max(0, Math.min(this.shown.length - 1, from + step));
      if (extend && before >= 0) this._range(this.anchor === undefined ? before : this.anchor, this.at);
      const high = this.rowHeight;
      const top = this.at * high;
      const head = this.head.offsetHeight;
      if (top < this.list.scrollTop) this.list.scrollTop = top;
      else if (top + high + head > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = top + high + head - this.list.clientHeight;
      this._draw();
    }

    _give() {
      if (this.tools.selection.size && this.tools.to !== null) this.tools.assignSelection(this.tools.to);
      else if (this.at >= 0) this._toggle(this.at);
    }

    _toggle(k) {
      const u = this.shown[k];
      this.anchor = k;
      this.tools.select([u], this.tools.selection.has(u) ? { remove: true } : { add: true });
      this._draw();
    }

    _range(from, to) {
      this.tools.select(this.shown.slice(Math.min(from, to), Math.max(from, to) + 1), { add: true });
      this._draw();
    }

    /** Select everything shown, or let go of it when it is all selected. */
    _all() {
      const every = this.shown.every((u) => this.tools.selection.has(u));
      this.tools.select(this.shown, every ? { remove: true } : { add: true });
      this._draw();
    }
  };
})(window.L);
