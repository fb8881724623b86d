/* The redraw editor around a map: tools above it, panels beside it, what is selected over it. It wires the draft (a model), the tools
 * (what hands do on the map) and the panels (what is read and pressed); a move never waits for any of them. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Editor) return;

  const element = gt.element;
  const { parts } = gt;
  const TABS = ["territories", "details", "moves", "solve", "units"];
  const FLASHES = 3;
  const FLASH_MS = 260;
  const RETRY_MS = 3000;
  let editors = 0;

  gt.Editor = class Editor {
    /** `options`: {address, doc, texts} as the page gives them; the whole state brings every other word. */
    constructor(view, options) {
      Object.assign(this, { view, options, box: view.box, chosen: null, shown: "territories", reason: "", offs: [] });
      this.number = ++editors;
      this.box.gtEditor = this;
      this.box.classList.add("gt-editing");
      this.draft = new gt.Draft({ address: options.address, doc: options.doc });
      this.waiting = element("p", { class: "gt-progress", role: "status" }, options.texts.loading);
      this.box.append(this.waiting);
      this.ready = this._load();
    }

    async _load() {
      while (!this.removed) {
        try {
          await this.draft.load();
          break;
        } catch (error) {
          if (!(error instanceof gt.Unanswered)) throw error;
          gt.alertIn(this.box, parts.fill(this.options.texts.failed, { reason: error.message }));
          if (error.status) return this;
          await new Promise((done) => setTimeout(done, RETRY_MS));
        }
      }
      if (!this.removed) this._build();
      return this;
    }

    setAddress(address) {
      this.options.address = address;
      this.draft.moveTo(address);
    }

    remove() {
      this.removed = true;
      this.offs.forEach((off) => off());
      if (this.units) this.units.remove();
      if (this.tools) this.tools.remove();
      this.draft.stop();
    }

    /* ---- making it ---- */

    _build() {
      const { state } = this.draft;
      this.waiting.remove();
      for (const alert of this.box.querySelectorAll(".gt-alert")) alert.remove();
      this.speech = new parts.Speech(state);
      this.view.speak({ texts: state.texts, tiers: state.tiers, currency: state.currency, language: state.language });
      this.tools = new gt.Tools(this.view, this.draft);
      this.offs.push(gt.keepHand(this.tools, this.draft));
      this.view.unitLine = (u) => this._unitLine(u);
      this.toolbar = new gt.Toolbar(this);
      this.table = new gt.TerritoryTable(this);
      this.details = new gt.Details(this);
      this.ledger = new gt.Ledger(this);
      this.solve = new gt.SolvePanel(this);
      this.units = new gt.UnitTable(this);
      this.selection = new gt.SelectionBar(this);
      this.panes = { territories: this.table.root, details: this.details.root, moves: this.ledger.root, solve: this.solve.root, units: this.units.root };
      this._layOut();
      this._listen();
      this.show("territories");
      if (this.tools.to) this._chose(this.tools.to);
    }

    _layOut() {
      const { speech } = this;
      this.notice = element("p", { class: "gt-notice", role: "status", "data-gt": "notice" });
      this.alerts = element("div", { class: "gt-alerts" });
      this.tabs = TABS.map((name) => {
        const ids = { id: `gt-tab-${this.number}-${name}`, "aria-controls": `gt-pane-${this.number}-${name}` };
        const tab = element("button", { type: "button", role: "tab", ...ids, "data-gt": "tab-" + name }, element("span", {}, speech.say("tab_" + name)));
        tab.addEventListener("click", () => this._turnTo(name));
        const pane = this.panes[name];
        for (const [key, value] of Object.entries({ id: ids["aria-controls"], role: "tabpanel", "aria-labelledby": ids.id })) pane.setAttribute(key, value);
        return tab;
      });
      const list = element("div", { class: "gt-tabs", role: "tablist", "aria-label": speech.say("panels") }, ...this.tabs);
      list.addEventListener("keydown", (event) => this._tabKey(event));
      this.panel = element("section", { class: "gt-side-panel" }, list, ...Object.values(this.panes));
      const map = this.box.querySelector(".gt-map");
      const legend = this.view.legend && this.view.legend.tiers;
      if (legend) legend.classList.add("gt-map-tiers");
      this.box.prepend(this.toolbar.root, this.toolbar.status);
      map.after(this.toolbar.options, ...(legend ? [legend] : []), this.alerts, this.notice, this.selection.root, this.panel);
      this.box.append(element("p", { class: "gt-hidden", "aria-live": "polite", "data-gt": "spoken" }));
      this.view.fitAgain();
    }

    _listen() {
      const { draft, tools } = this;
      const on = (source, name, fn) => this.offs.push(source.on(name, fn));
      on(draft, "owners", () => this._moved());
      on(draft, "territories", (ids) => this._figures(ids));
      on(draft, "ledger", () => (this.ledger.update(), this.solve.update()));
      on(draft, "whole", () => (this.table.showWhole(), this.toolbar.update()));
      on(draft, "locks", () => this._locked());
      on(draft, "exceptions", () => this.details.accounts.outdated());
      on(draft, "status", () => this._saving());
      on(draft, "refused", (refusal) => this._refused(refusal));
      on(draft, "accepted", (op) => this._accepted(op));
      on(draft, "proposals", (said) => this.solve.take(said));
      on(draft, "facts", () => this._moved());
      on(draft, "trouble", ({ message }) => this.alert(message));
      on(draft, "reloaded", () => this._reloaded());
      on(tools, "mode", () => this.toolbar.update());
      on(tools, "change", (name) => this._set(name));
      on(tools, "selection", () => this._selected());
      on(tools, "accounts", () => this._selected());
      on(tools, "picked", ({ territory, why }) => this._picked(territory, why));
      on(tools, "skipped", ({ locked }) => this.tell(this.speech.many("skipped", locked)));
      on(tools, "cursor", ({ position }) => this._spoken(position));
      const key = (event) => this._key(event);
      window.addEventListener("keydown", key, true);
      this.offs.push(() => window.removeEventListener("keydown", key, true));
    }

    /* ---- what happened ---- */

    /** Units changed hands: heavy panels follow once a frame. */
    _moved() {
      this.details.advice.outdated();
      this.details.accounts.outdated();
      if (this._asked) return;
      this._asked = requestAnimationFrame(() => {
        this._asked = null;
        if (this.removed) return;
        this.units.refilter();
        this.solve.update();
        if (this.tools.selection.size) this.selection.update();
      });
    }

    _figures(ids) {
      if (this.chosen && !this.draft.territories.has(this.chosen)) this.choose(null);
      this.table.update(ids);
      this.details.update();
      this.toolbar.update();
      if (ids.includes(this.chosen)) this.details.advice.outdated();
    }

    _locked() {
      if (this.refusal && this.refusal.locked && !this._stillLocked()) this._letGo();
      this.table.update([...this.draft.territories.keys()]);
      this.details.update();
      this.toolbar.update();
      this.units._later();
      this.solve.update();
      this.selection.update();
    }

    _saving() {
      this.toolbar.update();
      this.ledger.update();
    }

    _reloaded() {
      this._figures([...this.draft.territories.keys()]);
      this.ledger.update();
      this._moved();
    }

    _selected() {
      this.selection.update();
      this.units._later();
      this.solve.update();
    }

    _set(name) {
      if (name === "to") this._chose(this.tools.to);
      if (name === "action") this._sayAction();
      this.toolbar.update();
      if (name === "to") this.selection.update();
    }

    _sayAction() {
      const { action, to } = this.tools;
      if (action === "assign" && to === null) this.tell(this.speech.say("pick_first"), null);
    }

    _picked(territory, why) {
      const row = this.draft.territories.get(territory);
      if (row) this.tell(this.speech.say("picked", { name: row.name }), territory);
      else this.tell(this.speech.say(why === "none" ? "pick_first" : "picked_nobody"), null);
    }

    /** Tell a screen reader which unit the cursor of the map is on. */
    _spoken(position) {
      if (position < 0) return;
      const row = this.draft.territories.get(this.draft.ownerOf(position));
      const name = (this.view.areas.names || [])[position] || "";
      this.box.querySelector('[data-gt="spoken"]').textContent = `${name}, ${row ? row.name : this.speech.say("nobody")}`;
    }

    /** A unit's own figures in a line, "" until they are here. */
    _unitLine(u) {
      const { speech } = this;
      const { facts } = this.draft;
      return facts ? [speech.say("hours_only", { hours: speech.whole(facts.hours[u]) }), speech.value(facts.value[u]), speech.many("accounts", facts.accounts[u])].join(" · ") : "";
    }

    _flash(units) {
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      clearTimeout(this._flashing);
      const turn = (k) => {
        this.highlight(k % 2 ? [] : units);
        if (k < 2 * FLASHES - 1) this._flashing = setTimeout(() => turn(k + 1), still ? FLASHES * FLASH_MS : FLASH_MS);
      };
      turn(still ? 2 * FLASHES - 2 : 0);
    }

    /* ---- what panels call ---- */

    /** Choose a territory: it is painted for, its row is lit, Details show it. "" is nobody, null none. */
    choose(id) {
      if (this.tools.to !== id) this.tools.to = id;
      else this._chose(id);
    }

    _chose(id) {
      const next = id && this.draft.territories.has(id) ? id : null;
      const other = next !== this.chosen;
      this.chosen = next;
      this.table.update();
      this.details.update();
      this.toolbar.update();
      if (other) this.details.accounts.restart();
      if (other) this.details.advice.outdated();
      if (other && this.aim !== next) this.tell("");
    }

    showDetails(id) {
      this.choose(id);
      this._turnTo("details");
    }

    /** Show a panel where it can be seen: on a narrow page it lies below the map. */
    _turnTo(name) {
      this.show(name);
      const map = this.view.map.getContainer().getBoundingClientRect();
      if (this.panel.getBoundingClientRect().top >= map.bottom) this.panel.scrollIntoView({ block: "start" });
    }

    show(name) {
      const before = this.shown;
      this.shown = name;
      TABS.forEach((one, k) => {
        const on = one === name;
        this.tabs[k].setAttribute("aria-selected", String(on));
        this.tabs[k].tabIndex = on ? 0 : -1;
        this.panes[one].hidden = !on;
      });
      if (before === "solve" && name !== "solve") this.highlight([]);
      if (name === "solve") this.solve._light();
      if (name === "units") this.units.refilter();
      if (name === "details") {
        this.details.advice.outdated();
        this.details.accounts.outdated();
      }
    }

    act(kind, fields) {
      return this.draft.act(kind, fields);
    }

    /** Why the next moves are made; kept until it is changed. */
    setReason(words) {
      this.reason = words.trim();
      this.draft.reasoned = this.reason;
      for (const field of [this.ledger.reason, this.selection.reason]) if (field.value.trim() !== this.reason) field.value = words;
    }

    unitsOf(id) {
      const slot = this.draft.slotOf(id);
      return [...this.draft.owner.keys()].filter((u) => this.draft.owner[u] === slot);
    }

    highlight(what) {
      this.tools.highlight(what);
    }

    zoomTo(units) {
      this.tools.zoomTo(units);
    }

    /** Show a place [west, south, east, north] in degrees. */
    zoomToBox([west, south, east, north]) {
      this.view.map.fitBounds(L.latLngBounds([south, west], [north, east]).pad(0.5), { animate: false, maxZoom: Math.max(this.view.map.getZoom(), 10) });
    }

    screenOf(position) {
      return this.tools.screenOf(position);
    }

    /* ---- keyboard ---- */

    _tabKey(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const end = { Home: 0, End: TABS.length - 1 }[event.key];
      if (step === undefined && end === undefined) return;
      event.preventDefault();
      const way = getComputedStyle(this.panel).direction === "rtl" ? -step : step;
      const next = end === undefined ? (TABS.indexOf(this.shown) + way + TABS.length) % TABS.length : end;
      this.show(TABS[next]);
      this.tabs[next].focus();
    }

    /** Keys of the editor, from anywhere on the page but fields of text. They are taken before the page's own shortcuts. */
    _key(event) {
      const target = event.composedPath()[0];
      const here = event.composedPath().includes(this.box);
      if (parts.isTyping(target) || this.box.querySelector("dialog[open]")) return;
      if (!here && target !== document.body && target !== document.documentElement) return;
      if (!this.box.isConnected || !this.box.getClientRects().length) return;
      if (this._command(event, here)) {
        event.preventDefault();
        event.stopPropagation();
      }
    }

    _command(event, here) {
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && !event.altKey) {
        if (key === "z") return event.shiftKey ? this.draft.redo() : this.draft.undo(), true;
        return key === "y" && (this.draft.redo(), true);
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return false;
      const { tools } = this;
      const mode = gt.Toolbar.modeOfKey(event.key);
      if (mode) return tools.setMode(mode), true;
      if (key === "[" || key === "]") return (tools.size += key === "]" ? 6 : -6), true;
      if (/^[1-9]$/.test(key)) return this._number(Number(key)), true;
      if (key === "delete") return this._toNobody();
      if (key === "escape" && !(here && event.composedPath().includes(this.view.map.getContainer()))) return this._escape();
      return false;
    }

    _number(n) {
      const id = [...this.draft.territories.keys()][n - 1];
      if (id) this.choose(id);
    }

    /** What is selected goes to nobody; the unit cursor of the map is the map's own. */
    _toNobody() {
      if (!this.tools.selection.size) return false;
      this.tools.assignSelection("");
      return true;
    }

    _escape() {
      if (this.alerts.firstChild) return this.alerts.replaceChildren(), true;
      this.tools.escape();
      return true;
    }
  };
})(window.L);
