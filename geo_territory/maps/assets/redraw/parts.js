/* Small pieces the editor's panels are made of: words with numbers in them, buttons, choosers, the bar of an index. Text is set as text. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.parts) return;

  const element = gt.element;
  const LOWEST = 55; // the index bar shows 55 to 145, the band lies inside
  const HIGHEST = 145;
  const BAND = [85, 115];
  const NOISE = 1e-6; // a change below this is none

  /** Put values into the {places} of a sentence. */
  const fill = (sentence, values = {}) => String(sentence).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

  /** The words and number formats of one draft. `say("key", values)`; `many("units", n)` is "1 unit", "12 units". */
  class Speech {
    constructor(state) {
      const { language } = state;
      Object.assign(this, gt.formats(state), { state, texts: state.texts });
      const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
      const fine = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
      const exact = new Intl.NumberFormat(language, { maximumFractionDigits: 12 });
      const signed = new Intl.NumberFormat(language, { maximumFractionDigits: 0, signDisplay: "exceptZero" });
      const small = new Intl.NumberFormat(language, { maximumFractionDigits: 1, signDisplay: "always" });
      const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
      const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
      const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
      const known = (format) => (n) => (n === null || n === undefined || Number.isNaN(n) ? "–" : format(n));
      this.percent = known((n) => percent.format(n));
      this.finePercent = known((n) => fine.format(n));
      this.exact = known((n) => exact.format(n));
      this.fine = known((n) => one.format(n));
      this.signed = known((n) => (Math.abs(n) <= NOISE ? "" : Math.abs(n) >= 0.5 ? signed.format(n) : Math.abs(n) >= 0.05 ? small.format(n) : n > 0 ? "+<" + one.format(0.1) : "−<" + one.format(0.1)));
      this.time = (at) => (sameDay(at, new Date()) ? time : day).format(at);
      this.plural = new Intl.PluralRules(language);
      this.band = state.band || BAND;
    }

    say(key, values) {
      return fill(this.texts[key] === undefined ? key : this.texts[key], values);
    }

    many(key, n, values = {}) {
      const form = this.texts[`${key}_${this.plural.select(n)}`] || this.texts[key + "_other"] || key;
      return fill(form, { n: this.whole(n), ...values });
    }

    /** Two numbers that differ never look the same: with a decimal where whole numbers would hide it. */
    pair(before, after) {
      const [p, q] = [this.whole(before), this.whole(after)];
      return p === q && Math.abs(after - before) > NOISE ? [this.fine(before), this.fine(after)] : [p, q];
    }

    /** Share of what must be done that fits; a share just under all is not written as all. */
    share(n) {
      return this.percent(n < 1 ? Math.min(0.99, n) : 1);
    }
  }

  const sameDay = (p, q) => p.getFullYear() === q.getFullYear() && p.getMonth() === q.getMonth() && p.getDate() === q.getDate();

  /** A button with a sign, words or both; `hook` is its data-gt name. */
  function button({ label = null, icon = null, title = null, hook = null, kind = null, pressed = null, onClick }) {
    const inside = [...(icon ? [gt.icon(icon)] : []), ...(label ? [element("span", {}, label)] : [])];
    const attributes = { type: "button", class: ["button", ...(kind || "").split(" ").filter(Boolean)].map((one) => "gt-" + one).join(" "), title, "data-gt": hook, "aria-label": label ? null : title };
    const made = element("button", { ...attributes, "aria-pressed": pressed === null ? null : String(pressed) }, ...inside);
    if (onClick) made.addEventListener("click", onClick);
    return made;
  }

  function swatch(color) {
    const made = element("i", { class: "gt-swatch", "aria-hidden": "true" });
    if (color) made.style.backgroundColor = color;
    return made;
  }

  /** A list to choose a territory from, with the colour of what is chosen beside it. `extra`: [value, words] put first. */
  class TerritoryChoice {
    constructor({ label, hook, onChange, hideLabel = false }) {
      this.swatch = swatch(null);
      this.select = element("select", { "data-gt": hook, "aria-label": hideLabel ? label : null });
      this.select.addEventListener("change", () => {
        this._color();
        if (onChange) onChange(this.value);
      });
      const words = hideLabel ? [] : [element("span", { class: "gt-label" }, label)];
      this.root = element("label", { class: "gt-choice" }, ...words, element("span", { class: "gt-field" }, this.swatch, this.select));
    }

    get value() {
      return this.select.value;
    }

    set value(id) {
      this.select.value = id;
      this._color();
    }

    /** Say what may be chosen; what was chosen stays when it is still there. */
    fill(territories, extra, without = null) {
      const rows = [...territories.values()].filter((row) => row.id !== without);
      const key = JSON.stringify([extra, rows.map((row) => [row.id, row.name, row.color])]);
      if (key === this._key) return;
      this._key = key;
      this.colors = new Map(rows.map((row) => [row.id, row.color]));
      const kept = this.select.options.length ? this.select.value : null; // an empty list has the value "", which may be one of the new ones
      const options = [...extra, ...rows.map((row) => [row.id, row.name])];
      this.select.replaceChildren(...options.map(([value, words]) => element("option", { value }, words)));
      if (options.some(([value]) => value === kept)) this.select.value = kept;
      this._color();
    }

    _color() {
      const color = this.colors && this.colors.get(this.select.value);
      this.swatch.style.backgroundColor = color || "";
      this.swatch.classList.toggle("gt-none", !color);
    }
  }

  /** Where an index lies against the band: a track, the band on it, a mark. For the eye only; the number says it too. */
  function bandBar(index, band = BAND) {
    const at = (n) => (100 * (Math.max(LOWEST, Math.min(HIGHEST, n)) - LOWEST)) / (HIGHEST - LOWEST);
    const range = element("i", { class: "gt-band-range" });
    range.style.insetInlineStart = at(band[0]) + "%";
    range.style.inlineSize = at(band[1]) - at(band[0]) + "%";
    const mark = element("i", { class: "gt-band-mark" });
    if (index === null || index === undefined) mark.hidden = true;
    else mark.style.insetInlineStart = at(index) + "%";
    return element("span", { class: "gt-band", "aria-hidden": "true" }, range, mark);
  }

  /** ▲ or ▼ with words that are read aloud, for an index out of its band. */
  function outOfBand(row, speech) {
    if (row.in_band !== false) return [];
    const over = row.index > 100;
    return [element("span", { class: "gt-arrow", "aria-hidden": "true" }, over ? "▲" : "▼"), element("span", { class: "gt-hidden" }, speech.say(over ? "over" : "under") + " ")];
  }

  /** A bar of how much of a whole is used; `over` where it is more than all. */
  function meter(share, kind) {
    const inner = element("i");
    inner.style.inlineSize = 100 * Math.max(0, Math.min(1, share || 0)) + "%";
    return element("span", { class: "gt-meter" + (kind ? " gt-" + kind : ""), "aria-hidden": "true" }, inner);
  }

  /** "Denver 121 → 108" with the colour of the territory. */
  function side({ name, color, before, after, speech, note = "" }) {
    const out = after !== null && after !== undefined && (after < speech.band[0] || after > speech.band[1]);
    const [then, now] = speech.pair(before, after);
    const numbers = element("span", { class: "gt-numbers" }, then, element("span", { class: "gt-to" }, "→"), element("b", { class: out ? "gt-out" : null }, now));
    numbers.title = `${speech.exact(before)} → ${speech.exact(after)}`;
    return element("span", { class: "gt-side" }, swatch(color), element("span", { class: "gt-side-name" }, name), numbers, ...(note ? [element("em", {}, note)] : []));
  }

  const isTyping = (node) => {
    if (!(node instanceof Element)) return false;
    if (node.matches("textarea, select, [contenteditable='true']")) return true;
    return node.matches("input") && !["checkbox", "radio", "range", "button"].includes(node.type);
  };

  /** Run `fn` once things have been quiet for a while. */
  function quietly(fn, ms) {
    let timer = null;
    const call = (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => fn(...given), ms);
    };
    call.cancel = () => clearTimeout(timer);
    return call;
  }

  /** Put children into an element only when `key` says they differ from those that are there: focus and scrolling stay. */
  function renew(place, key, make) {
    if (place.gtKey === key) return false;
    place.gtKey = key;
    place.replaceChildren(...make());
    return true;
  }

  gt.parts = { Speech, TerritoryChoice, bandBar, button, fill, isTyping, meter, outOfBand, quietly, renew, side, swatch };
})(window.L);
