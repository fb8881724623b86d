/* A territory map as people see it: one state shown on all layers, the panel, the tooltip, the selection, the theme.
 * `apply(state)` may be called as often as the state changes; it never remakes the map and never moves the view. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.View) return;

  const element = gt.element;
  const STYLE = {
    land: "--gt-land", country: "--gt-country", state: "--gt-state", border: "--gt-border", unit: "--gt-unit", ink: "--gt-ink", halo: "--gt-halo",
    unassigned: "--gt-unassigned", place: "--gt-place", haloPlace: "--gt-halo-place", outline: "--gt-outline", ring: "--gt-ring", base: "--gt-base", font: "--gt-font",
  };
  const NUMBERS = { fill: "--gt-fill", fillSelected: "--gt-fill-selected", fillOther: "--gt-fill-other" };

  const FIT = { animate: false, padding: [12, 12] }; // a running animation would override a later view

  const seen = (map) => map.getSize().x > 0 && map.getSize().y > 0;

  /** Remember the frame to show, and show it where the map can be seen: in a hidden tab nothing fits. */
  gt.fit = (map, bounds) => {
    if (!map.gtFrame) map.on("movestart", () => (map.gtMoved = map.gtMoved || !map.gtFitting));
    map.gtFrame = bounds;
    if (seen(map)) frame(map);
  };

  function frame(map) {
    map.gtFitting = true;
    map.fitBounds(map.gtFrame, FIT);
    map.gtFitting = false;
  }

  gt.View = class View {
    /** `panel: false` leaves out the table beside the map; the switches of its tiers are `legend.tiers`, to be put elsewhere.
     *  `choose: false`: a click selects no territory. */
    constructor(map, { panel = true, choose = true } = {}) {
      this.map = map;
      this.panel = panel;
      this.chooses = choose;
      this.box = map.getContainer().closest(".gt-box");
      this.box.gtView = this;
      this.onSelect = () => {};
      this.layers = [];
      map.eachLayer((layer) => layer instanceof gt.CanvasLayer && this.layers.push(layer));
      this.areas = this.layers.find((layer) => layer instanceof gt.AreaLayer);
      this.points = this.layers.filter((layer) => layer instanceof gt.AccountLayer);
      this.accounts = this.points.find((layer) => !layer.options.bases);
      this.labels = new gt.LabelLayer(this.areas, this.layers.find((layer) => layer instanceof gt.BaseLayer)).addTo(map);
      this.layers.push(this.labels);
      this.tip = element("div", { class: "gt-tip", role: "status" });
      this.tip.hidden = true;
      map.getContainer().append(this.tip);
      this.legend = new gt.Legend(this.box, { onSelect: (i) => this._choose(i), onTiers: (hidden) => this.accounts.setHidden(new Set(hidden)), panel });
      this._listen();
      this.ready = Promise.all(this.layers.map((layer) => layer.loaded));
      this.ready.then(() => this._progress.remove(), () => this._progress.remove()); // what failed has told the map
    }

    _listen() {
      const { map } = this;
      map.attributionControl.setPrefix("Leaflet");
      map.on("geoterritory:error", (e) => this.fail(e.message));
      map.on("geoterritory:ready", (e) => this._arrived(e.source));
      map.on("mousemove", (e) => this._hover(e));
      map.on("mouseout movestart zoomstart", () => this._hideTip());
      map.on("click", (e) => this._click(e));
      this.layers.forEach((layer) => layer.ready && layer !== this.labels && this._arrived(layer));
      this._progress = element("p", { class: "gt-progress", role: "status" });
      this.box.append(this._progress);
      this.resized = new ResizeObserver(() => this.map && this._resize());
      this.resized.observe(map.getContainer());
    }

    /** A map made in a hidden place, or before its panel had its width, was framed for another size. */
    _fitAgain() {
      this.map.invalidateSize({ pan: false });
      this.framed = seen(this.map);
      if (this.framed && this.map.gtFrame) frame(this.map);
    }

    /** The map got another size while being set up: show the whole frame again, unless somebody has moved the map. */
    fitAgain() {
      if (this.map.gtMoved) this.map.invalidateSize({ pan: false });
      else this._fitAgain();
    }

    _resize() {
      if (this.framed && !this.editing) this.map.invalidateSize({ pan: false });
      else this.fitAgain();
    }

    /** A layer's data is here: draw what depends on it. */
    _arrived(layer) {
      if (layer === this.areas) this._show();
      else if (layer instanceof gt.BaseLayer) this.labels.redraw();
      if (this.points.includes(layer) && this.state) this._signs();
    }

    /** Say what the signs of tiers and bases mean. */
    _signs() {
      const bases = this.points.find((layer) => layer.options.bases);
      if (this.accounts && this.accounts.ready) this.legend.setTiers(this.accounts, this.style, this.state);
      if (bases && bases.ready) this.legend.setBases(bases, this.style, this.state);
    }

    /** Show a state (maps/state.py); an older revision of the same plan is a late answer and changes nothing. */
    apply(state) {
      if (this.state && state.doc === this.state.doc && state.rev < this.state.rev) return false;
      const first = !this.state;
      const told = first ? undefined : this.state.selected;
      this.state = state;
      this.box.classList.toggle("gt-bare", !state.territories.length);
      this._progress.textContent = state.texts.loading;
      if (state.selected !== told) this.selected = state.selected;
      this.owner = gt.uint16OfBase64(state.owner);
      this._show();
      this._signs();
      if (first) this._fitAgain();
      return true;
    }

    /** Say how figures are written and called: {texts, tiers, currency, language}, as in a state. */
    speak(words) {
      this.state = { doc: "", rev: 0, territories: [], owner: "", ...this.state, ...words };
      this._progress.textContent = words.texts.loading;
      this._signs();
    }

    /** Paint owners (Uint16Array of positions in `territories`; null there for none) and light one up: what an editor does at
     *  every stroke. Only what changed is drawn. */
    paint(owner, territories, selected = null) {
      const { areas } = this;
      if (!this.state) this.speak({ texts: { loading: "", failed: "{reason}" }, tiers: [], currency: null, language: "en" });
      this.state.territories = territories;
      areas.options.even = true;
      const begun = performance.now();
      const changed = areas.setOwner(owner);
      areas.setTerritories(territories, selected);
      const written = (areas.labels || []).map((p) => [p.x, p.y, territories[p.territory] && territories[p.territory].name]).join("|") + selected;
      if (written !== this._written) this.labels.redraw();
      this._written = written;
      this.paintMs = performance.now() - begun;
      this.map.fire("geoterritory:painted", { changed });
      return changed;
    }

    _show() {
      if (this.editing) return void this.map.fire("geoterritory:areas");
      if (!this.state) return;
      this.repainted = this.areas.setOwner(this.owner);
      if (!this.areas.fits()) this.fail(this.state.texts.mismatch, true);
      const position = this._position();
      this.areas.setTerritories(this.state.territories, position);
      this.labels.redraw();
      if (this.panel) this.legend.update(this.state, position === null ? -1 : position);
    }

    _position() {
      const found = this.state.territories.findIndex((territory) => territory.id === this.selected);
      return found < 0 ? null : found;
    }

    _choose(position) {
      const id = position === null ? null : this.state.territories[position].id;
      this.selected = id === this.selected ? null : id;
      this._show();
      this.onSelect(this.selected);
    }

    _click(event) {
      if (!this.state || this.editing) return;
      const owner = this.areas.ownerOf(this.areas.hit(event.latlng));
      this._describe(event);
      if (owner !== gt.UNASSIGNED && this.chooses) this._choose(owner);
    }

    /* ---- what lies under the pointer ---- */

    _hover(event) {
      this._last = event;
      if (this._asked || this.quiet) return;
      this._asked = requestAnimationFrame(() => {
        this._asked = null;
        if (this.map && this.state && !this.quiet) this._describe(this._last);
      });
    }

    _describe(event) {
      const lines = [];
      for (const layer of this.points) {
        const i = layer.hit(event.latlng);
        if (i >= 0 && !lines.length) lines.push(...this._account(layer, i));
      }
      const area = this.areas.hit(event.latlng);
      const owner = this.areas.ownerOf(area);
      if (area >= 0) lines.push(...this._area(area, owner, lines.length > 0));
      if (!lines.length) return this._hideTip();
      this.tip.replaceChildren(...lines);
      this.tip.hidden = false;
      return this._place(event.containerPoint);
    }

    _account(layer, i) {
      const { texts } = this.state;
      const { value } = gt.formats(this.state);
      const name = (layer.names && layer.names[i]) || "…";
      const kind = layer.options.bases ? texts.base : `${texts.tier} ${layer.tiers[layer.tier[i]]} · ${value(layer.value[i])}`;
      return [element("strong", {}, name), element("div", {}, kind)];
    }

    _area(area, owner, brief) {
      const { texts, tiers } = this.state;
      const { whole, value } = gt.formats(this.state);
      const of = this.state.territories[owner];
      const unit = this.areas.options.unit ? this.areas.names[area] : null;
      const swatch = element("i", { class: "gt-swatch" });
      if (of) swatch.style.backgroundColor = of.color;
      const heading = element("div", { class: "gt-of" }, swatch, element("strong", {}, of ? of.name : texts.unassigned));
      if (unit && !this.unitLine) heading.append(element("span", {}, unit));
      const own = this.unitLine ? [element("div", { class: "gt-own" }, element("strong", {}, unit || ""), element("div", {}, this.unitLine(area)))] : [];
      if (!of || brief) return [...own, heading];
      const figures = [
        of.index === null ? null : `${texts.index} ${whole(of.index)}`,
        of.hours === null ? null : `${whole(of.hours)} ${texts.hours.toLowerCase()}`,
        of.value === null ? null : `${texts.value} ${value(of.value)}`,
      ].filter(Boolean);
      const counts = tiers.length ? tiers.map((tier, k) => `${tier} ${whole(of.by_tier[k])}`) : of.accounts === null ? [] : [`${whole(of.accounts)} ${texts.accounts.toLowerCase()}`];
      return [...own, heading, ...[figures, counts].filter((line) => line.length).map((line) => element("div", {}, line.join(" · ")))];
    }

    _place(point) {
      const size = this.map.getSize();
      const { offsetWidth, offsetHeight } = this.tip;
      const gap = this.editing ? 30 : 14; // what is painted next stays in sight
      const x = point.x + gap + offsetWidth > size.x ? point.x - gap - offsetWidth : point.x + gap;
      const y = point.y + gap + offsetHeight > size.y ? point.y - gap - offsetHeight : point.y + gap;
      this.tip.style.transform = `translate(${Math.round(Math.max(4, x))}px, ${Math.round(Math.max(4, y))}px)`;
    }

    _hideTip() {
      this.tip.hidden = true;
    }

    /* ---- theme, trouble, end ---- */

    /** Take the colours of the light or the dark theme from the style sheet. */
    setDark(dark) {
      this.box.dataset.theme = dark ? "dark" : "light";
      const css = getComputedStyle(this.box);
      const read = (name) => css.getPropertyValue(name).trim();
      const style = { tiers: read("--gt-tiers").split(",").map((colour) => colour.trim()) };
      for (const [key, name] of Object.entries(STYLE)) style[key] = read(name);
      for (const [key, name] of Object.entries(NUMBERS)) style[key] = parseFloat(read(name));
      this.style = style;
      this.layers.forEach((layer) => layer.setStyle(style));
      if (this.state) this._signs();
    }

    fail(reason, whole = false) {
      const texts = this.state ? this.state.texts : { failed: "{reason}" };
      gt.alertIn(this.box, whole ? reason : texts.failed.replace("{reason}", reason));
    }

    remove() {
      if (this.together) this.together.delete(this);
      this.resized.disconnect();
      this.map.remove();
      this.map = null;
    }
  };

  /** Keep the place of several maps the same: panning or zooming one moves all. Call it again when a view joins. */
  gt.sync = (views) => {
    const together = new Set(views);
    for (const view of together) {
      if (!view.together) view.map.on("move moveend", (event) => follow(view, event.type));
      view.together = together;
    }
    const [first, ...others] = together;
    for (const other of first ? others : []) other.map.setView(first.map.getCenter(), first.map.getZoom(), { animate: false });
  };

  let leading = null; // the view a person moves; what the others do because of it moves nobody

  function follow(leader, type) {
    if (leading) return;
    leading = leader;
    const { map } = leader;
    for (const other of leader.together) if (other !== leader && other.map) bring(other.map, map.getCenter(), map.getZoom(), type);
    leading = null;
  }

  /** At the same zoom what is drawn is only shifted; it is drawn again when the leading map comes to rest. */
  function bring(map, center, zoom, type) {
    if (map.getZoom() !== zoom) return void map.setView(center, zoom, { animate: false });
    const by = map.latLngToContainerPoint(center).subtract(map.getSize().divideBy(2)).round();
    if (by.x || by.y) map._rawPanBy(by);
    if (by.x || by.y) map.fire("move");
    if (type === "moveend") map.fire("moveend");
  }

  /** Say what went wrong, once for each reason, where assistive technology reads it aloud. */
  gt.alertIn = (box, text) => {
    if ([...box.querySelectorAll(".gt-alert")].some((alert) => alert.textContent === text)) return;
    box.append(element("p", { class: "gt-alert", role: "alert" }, text));
  };

  /** A map in a page of its own: light or dark as the reader's system is. */
  gt.show = (map, state) => {
    const view = new gt.View(map);
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => view.setDark(scheme.matches));
    view.setDark(scheme.matches);
    view.apply(state);
    return view;
  };
})(window.L);
