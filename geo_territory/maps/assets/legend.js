/* The panel beside the map: switches for tiers, and a table of territories that selects them by mouse and by keyboard.
 * Every text is set as text. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Legend) return;

  const BAND = 100;
  const SHORT_FROM = 100000;
  const WIDTHS = { name: 132, index: 52, hours: 56, value: 62, accounts: 74 };
  const TIER_WIDTH = 44;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) made.setAttribute(name, value);
    made.append(...children.map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
    return made;
  }

  /** Formats of one state: whole numbers, compact values, in its language and currency. */
  gt.formats = (state) => {
    const money = state.currency ? { style: "currency", currency: state.currency } : {};
    const whole = new Intl.NumberFormat(state.language, { maximumFractionDigits: 0 });
    const value = new Intl.NumberFormat(state.language, { ...money, notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 });
    const short = new Intl.NumberFormat(state.language, { notation: "compact", maximumFractionDigits: 1 });
    const shown = (format) => (number) => (number === null || number === undefined || Number.isNaN(number) ? "–" : format(number));
    return {
      whole: shown((number) => whole.format(number)),
      count: shown((number) => (number < SHORT_FROM ? whole : short).format(number)),
      value: shown((number) => value.format(number)),
    };
  };

  gt.element = element;

  gt.Legend = class Legend {
    /** `onSelect(position)` and `onTiers(hidden set)` are called for what a person does here. Without a panel only `tiers` is used. */
    constructor(box, { onSelect, onTiers, panel = true }) {
      Object.assign(this, { onSelect, onTiers });
      this.hidden = new Set();
      this.tiers = element("div", { class: "gt-tiers", role: "group" });
      this.head = element("thead");
      this.body = element("tbody");
      this.foot = element("tfoot");
      this.table = element("table", { class: "gt-table" }, this.head, this.body, this.foot);
      this.root = element("section", { class: "gt-panel" }, this.tiers, element("div", { class: "gt-rows", tabindex: "0" }, this.table));
      if (panel) box.append(this.root);
    }

    update(state, selected) {
      const ids = JSON.stringify([state.territories.map((t) => t.id), state.tiers, state.texts, state.language]);
      this.columns = columnsOf(state);
      if (ids !== this.ids) this._build(state);
      this.ids = ids;
      state.territories.forEach((territory, i) => this._row(territory, this.body.rows[i], state));
      this._total(state);
      this.select(selected);
    }

    _build(state) {
      const { texts } = state;
      this.root.setAttribute("aria-label", texts.territories);
      this.tiers.setAttribute("aria-label", texts.accounts);
      const heads = this.columns.map((c) => element("th", { scope: "col", title: c.long, class: c.text ? null : classOf(c) }, c.title));
      this.head.replaceChildren(element("tr", {}, ...heads));
      const width = this.columns.reduce((sum, c) => sum + (WIDTHS[c.key] || TIER_WIDTH), 14); // fixed, so that new numbers never resize the map
      this.root.style.setProperty("--gt-panel", width + "px");
      this.body.replaceChildren(...state.territories.map((_, i) => this._newRow(i)));
    }

    _newRow(i) {
      const name = element("button", { type: "button", class: "gt-name" }, element("i", { class: "gt-swatch" }), element("span"));
      name.addEventListener("click", () => this.onSelect(i));
      const cells = this.columns.slice(1).map((column) => element("td", { class: classOf(column) }));
      return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
    }

    _row(territory, row, state) {
      const name = row.cells[0].firstChild;
      name.firstChild.style.backgroundColor = territory.color;
      name.lastChild.textContent = territory.name;
      name.title = territory.name;
      this.columns.slice(1).forEach((column, k) => {
        const cell = row.cells[k + 1];
        const text = column.show(territory);
        if (column.key !== "index" || territory.in_band !== false) {
          cell.textContent = text;
          cell.classList.remove("gt-out");
          return;
        }
        const over = territory.index > BAND;
        cell.classList.add("gt-out");
        const mark = element("span", { "aria-hidden": "true" }, over ? "▲ " : "▼ ");
        cell.replaceChildren(mark, text, element("span", { class: "gt-hidden" }, " " + (over ? state.texts.over : state.texts.under)));
      });
    }

    _total(state) {
      const sums = this.columns.map((c) => (c.sum ? c.show(c.sum(state.territories)) : ""));
      sums[0] = state.texts.total;
      const cells = sums.map((text, k) => element(k ? "td" : "th", k ? { class: classOf(this.columns[k]) } : { scope: "row" }, text));
      this.foot.replaceChildren(element("tr", {}, ...cells));
    }

    select(position) {
      [...this.body.rows].forEach((row, i) => {
        row.classList.toggle("gt-selected", i === position);
        row.cells[0].firstChild.setAttribute("aria-pressed", String(i === position));
      });
    }

    /** One switch for each tier of the accounts on the map, with its sign and how many there are. */
    setTiers(layer, style, state) {
      const { whole } = gt.formats(state);
      const switches = layer.tiers.map((tier, code) => {
        const input = element("input", { type: "checkbox" });
        input.checked = !this.hidden.has(code);
        input.setAttribute("aria-label", state.texts.show_tier.replace("{tier}", tier));
        input.addEventListener("change", () => {
          if (input.checked) this.hidden.delete(code);
          else this.hidden.add(code);
          this.onTiers(this.hidden);
        });
        return element("label", {}, input, picture(layer, style, code), element("b", {}, tier), element("span", {}, whole(layer.count[code])));
      });
      this.tiers.replaceChildren(...switches, ...(this.key ? [this.key] : []));
    }

    /** What the sign of a rep's base means, beside the switches. */
    setBases(layer, style, state) {
      if (this.key) this.key.remove();
      this.key = layer.wx.length ? element("span", { class: "gt-key", "data-gt": "base-key" }, picture(layer, style, 0), state.texts.base_key) : null;
      if (this.key) this.tiers.append(this.key);
    }
  };

  /** The sign of a tier or a base as on the map. */
  function picture(layer, style, code) {
    const sign = gt.sprite(layer.shapeOf(code), 5, style, code);
    const made = element("canvas", { class: "gt-sign", width: sign.canvas.width, height: sign.canvas.height, "aria-hidden": "true" });
    made.style.width = made.style.height = 2 * sign.half + "px";
    made.getContext("2d").drawImage(sign.canvas, 0, 0);
    return made;
  }

  /** A narrow page hides some columns by their name. */
  function classOf(column) {
    return "gt-number gt-" + column.key;
  }

  /** The columns a state has numbers for: the name always. `sum` makes a row of totals out of all rows. */
  function columnsOf(state) {
    const { texts } = state;
    const { whole, count, value } = gt.formats(state);
    const total = (key) => (rows) => ({ [key]: rows.reduce((sum, row) => sum + (row[key] || 0), 0) });
    const columns = [{ key: "name", title: texts.territory, long: null, text: true }];
    const add = (key, title, long, format, sum) => {
      if (state.territories.some((t) => t[key] !== null)) columns.push({ key, title, long, sum, show: (t) => format(t[key]) });
    };
    add("index", texts.index, texts.index_long, whole, null);
    add("hours", texts.hours, texts.hours_long, count, total("hours"));
    add("value", texts.value, texts.value_long, value, total("value"));
    if (!state.tiers.length) add("accounts", texts.accounts, null, count, total("accounts"));
    state.tiers.forEach((tier, k) => {
      const sum = (rows) => ({ by_tier: { [k]: rows.reduce((n, row) => n + (row.by_tier[k] || 0), 0) } });
      columns.push({ key: "tier" + k, title: tier, long: `${texts.accounts}, ${texts.tier} ${tier}`, sum, show: (t) => count(t.by_tier[k]) });
    });
    return columns;
  }
})(window.L);
