/* The editor's tools: what the pointer does on the map, for which territory, taken from whom; locks, undo, patterns, and how saving stands. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Toolbar) return;

  const element = gt.element;
  const TOOLS = [["pan", "V"], ["click", "C"], ["brush", "B"], ["rectangle", "R"], ["lasso", "L"], ["region", "G"], ["accounts", "A"]];
  const SIZES = [4, 120]; // brush, pixels
  const ANYONE = "*";
  const NONE_YET = "-";

  const modeOfKey = (key) => (TOOLS.find(([, k]) => k === key.toUpperCase()) || [null])[0];

  /** `root` lies above the map; over it `options`, what the chosen tool can be set to. `status` says how saving stands: beside the
   *  tools while all is well, over the map when it is not, so that the map keeps its size. */
  gt.Toolbar = class Toolbar {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft, tools: editor.tools });
      const { speech } = this;
      this.root = element("div", { class: "gt-toolbar", role: "group", "aria-label": speech.say("tools") });
      this._options();
      this.more = gt.parts.button({ icon: "more", label: speech.say("more"), hook: "more", kind: "tool more", pressed: false, onClick: () => this._unfold() });
      this.root.append(this._tools(), this._aims(), this._actions(), this._history());
      this._state();
      this.update();
    }

    /* ---- the parts ---- */

    _tools() {
      const { speech, tools } = this;
      const group = element("div", { class: "gt-tools", role: "toolbar", "aria-label": speech.say("tools") });
      this.buttons = TOOLS.map(([mode, key]) => {
        const made = gt.parts.button({ icon: mode, label: speech.say("tool_" + mode), hook: "tool-" + mode, kind: "tool", title: `${speech.say("told_" + mode)} (${key})`, pressed: false, onClick: () => tools.setMode(mode) });
        made.setAttribute("aria-keyshortcuts", key);
        made.dataset.mode = mode;
        return made;
      });
      group.append(...this.buttons);
      group.addEventListener("keydown", (event) => this._walk(event));
      return group;
    }

    /** Arrow keys go from tool to tool. */
    _walk(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const at = this.buttons.indexOf(event.target.closest("button"));
      if (!step || at < 0) return;
      event.preventDefault();
      event.stopPropagation();
      const way = getComputedStyle(this.root).direction === "rtl" ? -step : step;
      const next = this.buttons[(at + way + this.buttons.length) % this.buttons.length];
      for (const one of this.buttons) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    }

    _options() {
      const { speech, tools } = this;
      this.size = element("input", { type: "range", min: SIZES[0], max: SIZES[1], step: 2, "data-gt": "brush-size" });
      this.size.addEventListener("input", () => {
        tools.size = Number(this.size.value);
        this._sized();
      });
      this.sizeDot = element("i", { class: "gt-brush-dot", "aria-hidden": "true" });
      this.sizeRow = element("label", { class: "gt-option", title: speech.say("brush_size") + " ([ ])" }, element("span", { class: "gt-label" }, speech.say("brush_size")), element("span", { class: "gt-field" }, this.sizeDot, this.size));
      this.regions = ["state", "county"].map((kind) => gt.parts.button({ label: speech.say("region_" + kind), hook: "region-" + kind, pressed: false, onClick: () => this._region(kind) }));
      this.regionRow = element("div", { class: "gt-option", role: "group", "aria-label": speech.say("tool_region") }, element("span", { class: "gt-label" }, speech.say("region_of")), element("span", { class: "gt-segments" }, ...this.regions));
      this.options = element("div", { class: "gt-options" }, this.sizeRow, this.regionRow);
    }

    _region(kind) {
      this.tools.region = kind;
      this.update();
    }

    _sized() {
      const side = Math.max(4, Math.min(26, Number(this.size.value) / 5));
      this.sizeDot.style.inlineSize = this.sizeDot.style.blockSize = side + "px";
      this.size.setAttribute("aria-valuetext", this.speech.say("pixels", { n: this.size.value }));
    }

    _aims() {
      const { speech, tools, editor } = this;
      this.target = new gt.parts.TerritoryChoice({ label: speech.say("paint_for"), hook: "target", onChange: (id) => editor.choose(id === NONE_YET ? null : id) });
      this.target.select.title = speech.say("paint_for_told");
      this.source = new gt.parts.TerritoryChoice({ label: speech.say("take_from"), hook: "source", onChange: (id) => (tools.from = id === ANYONE ? null : id) });
      this.source.select.title = speech.say("take_from_told");
      this.source.root.classList.add("gt-folds");
      return element("div", { class: "gt-aims" }, this.target.root, this.source.root, this.more);
    }

    _actions() {
      const { speech, tools } = this;
      this.ways = ["assign", "select", "lock"].map((way) =>
        gt.parts.button({ label: speech.say("way_" + way), hook: "action-" + way, title: speech.say("way_" + way + "_told"), pressed: false, onClick: () => ((tools.action = way), this.update()) })
      );
      const segments = element("div", { class: "gt-option", role: "group", "aria-label": speech.say("way") }, element("span", { class: "gt-label" }, speech.say("way")), element("span", { class: "gt-segments" }, ...this.ways));
      this.lockOne = gt.parts.button({ icon: "lock", label: speech.say("lock_this"), hook: "lock-territory", kind: "tool", pressed: false, onClick: () => this._lockOne() });
      this.lockAll = gt.parts.button({ icon: "lock", label: speech.say("lock_all"), hook: "lock-all", kind: "tool", title: speech.say("lock_all_told"), pressed: false, onClick: () => this._lockAll() });
      this.patterns = gt.parts.button({ icon: "patterns", label: speech.say("patterns"), hook: "patterns", kind: "tool", title: speech.say("patterns_told"), pressed: false, onClick: () => this._patterns() });
      return element("div", { class: "gt-ways gt-folds" }, segments, element("div", { class: "gt-group" }, this.lockOne, this.lockAll), this.patterns);
    }

    _lockOne() {
      const id = this.editor.chosen;
      if (id) this.draft.act("lock", { on: !this.draft.locks.territories.has(id), territories: [id] });
    }

    _lockAll() {
      this.draft.act("lock", { on: !this.draft.locks.all, all: true });
    }

    _patterns() {
      this.tools.patterns = !this.tools.patterns;
    }

    _history() {
      const { speech, draft } = this;
      this.undo = gt.parts.button({ icon: "undo", label: speech.say("undo"), hook: "undo", kind: "tool", onClick: () => draft.undo() });
      this.redo = gt.parts.button({ icon: "redo", label: speech.say("redo"), hook: "redo", kind: "tool", onClick: () => draft.redo() });
      this.undo.setAttribute("aria-keyshortcuts", "Control+Z");
      this.redo.setAttribute("aria-keyshortcuts", "Control+Shift+Z Control+Y");
      return element("div", { class: "gt-group gt-history" }, this.undo, this.redo);
    }

    _state() {
      this.status = element("span", { class: "gt-status", role: "status", "data-gt": "status" }, element("i", { "aria-hidden": "true" }), element("span"));
    }

    /** On a narrow page the less used switches are folded away. */
    _unfold() {
      const open = this.root.classList.toggle("gt-unfolded");
      this.more.setAttribute("aria-pressed", String(open));
    }

    /* ---- what it shows ---- */

    update() {
      const { tools } = this;
      this._pressTools();
      this.sizeRow.hidden = tools.mode !== "brush";
      this.regionRow.hidden = tools.mode !== "region";
      this.options.hidden = this.sizeRow.hidden && this.regionRow.hidden;
      if (Number(this.size.value) !== tools.size) this.size.value = tools.size;
      this._sized();
      this.regions.forEach((one, k) => one.setAttribute("aria-pressed", String(tools.region === ["state", "county"][k])));
      this.ways.forEach((one, k) => one.setAttribute("aria-pressed", String(tools.action === ["assign", "select", "lock"][k])));
      this.patterns.setAttribute("aria-pressed", String(Boolean(tools.patterns)));
      this._showAims();
      this._showLocks();
      this._showHistory();
      this._showStatus();
    }

    _pressTools() {
      const focused = this.buttons.find((one) => one === one.getRootNode().activeElement);
      for (const one of this.buttons) {
        const on = one.dataset.mode === this.tools.mode;
        one.setAttribute("aria-pressed", String(on));
        one.tabIndex = (focused ? one === focused : on) ? 0 : -1;
      }
    }

    _showAims() {
      const { speech, tools, draft } = this;
      const rows = draft.territories;
      this.target.fill(rows, [[NONE_YET, speech.say("none_yet")], ["", speech.say("nobody")]]);
      this.source.fill(rows, [[ANYONE, speech.say("anyone")], ["", speech.say("nobodys")]]);
      const to = tools.to === null || tools.to === undefined ? NONE_YET : tools.to;
      if (this.target.value !== to) this.target.value = to;
      const from = tools.from === null || tools.from === undefined ? ANYONE : tools.from;
      if (this.source.value !== from) this.source.value = from;
    }

    _showLocks() {
      const { draft, speech, editor } = this;
      const row = draft.territories.get(editor.chosen);
      const locked = Boolean(row && draft.locks.territories.has(row.id));
      this.lockOne.disabled = !row;
      this.lockOne.setAttribute("aria-pressed", String(locked));
      this.lockOne.title = row ? speech.say(locked ? "unlock_name" : "lock_name", { name: row.name }) : speech.say("lock_this_told");
      this.lockAll.setAttribute("aria-pressed", String(draft.locks.all));
    }

    _showHistory() {
      const { draft, speech } = this;
      const say = (made, title, key, keys) => {
        made.disabled = !title && !draft.pending;
        made.title = `${title ? speech.say(key + "_what", { what: title }) : speech.say(key)} (${keys})`;
      };
      say(this.undo, draft.undoTitle, "undo", "Ctrl+Z");
      say(this.redo, draft.redoTitle, "redo", "Ctrl+Shift+Z");
      if (!draft.redoTitle) this.redo.disabled = true;
    }

    _showStatus() {
      const { draft, speech } = this;
      const words = speech.say("status_" + draft.status, { n: speech.whole(draft.pending), reason: draft.reason || "" });
      this.status.dataset.status = draft.status;
      if (this.status.lastChild.textContent !== words) this.status.lastChild.textContent = words;
      this.status.title = draft.reason || words;
    }
  };

  gt.Toolbar.modeOfKey = modeOfKey;
  gt.Toolbar.SIZES = SIZES;
})(window.L);
