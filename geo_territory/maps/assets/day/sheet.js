/* A rep's day: who to call next and why, one account at a time, what is made and left. The same page lives in the app (entries go
 * to the workspace) and as an offline copy (entries stay in the browser until they are saved as a file). */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.DaySheet) return;

  const { element } = gt;
  const { button } = gt.parts;
  const TABS = ["calls", "progress", "changes"];
  const TOAST_MS = 12000;
  const STALE_MS = 5 * 60000;
  const DAY_MS = 24 * 3600000;

  gt.DaySheet = class DaySheet {
    /** `day`: {sheet, made_at, doc, address | null, may_log, tiers, state (of the map), texts, currency, language}. */
    constructor(view, day) {
      this.view = view;
      this.box = view.box;
      this.box.classList.add("gt-day");
      this.box.gtDay = this;
      const words = (this.words = new gt.day.Words({ texts: day.texts, language: day.language, currency: day.currency }));
      this.book = new gt.day.Book(day.doc);
      this.post = day.address === null ? null : new gt.day.Post(this.book, { address: () => this.day.address, onSent: () => this._sent(), onStatus: () => this._entries() });
      this.mayLog = day.may_log;
      this.tiers = day.tiers;
      this.pins = new gt.day.Pins(view, words, (id) => this.choose(id, true));
      this.list = new gt.day.List(words, { onChoose: (id) => this.choose(id), onShown: (accounts) => this.pins.show(accounts) });
      this.card = new gt.day.Card(words, {
        mayLog: this.mayLog,
        mayAsk: this.mayLog && day.address !== null,
        tiers: day.tiers,
        notesMonths: day.notes_months,
        log: (entry) => this._log(entry),
        undo: (call) => this._undo(call),
        ask: (entry) => this._ask(entry),
        calls: (id) => this.calls().filter((call) => call.account === id),
        requests: (id) => this.requests().filter((request) => request.account === id),
        today: () => this.today(),
        onClose: () => this._closed(),
      });
      this._lay();
      this._listen();
      view.apply(day.state);
      this.take(day);
    }

    /* ---- what there is ---- */

    /** Take a sheet: of a run of the page, or fetched. An older one than is shown changes only the address. */
    take(day) {
      const older = this.day && day.made_at < this.day.made_at;
      this.day = older ? { ...this.day, address: day.address } : day;
      if (!older) this.book.shown(day.made_at);
      this._head();
      this._entries();
      if (!this.post) return;
      this.post.wake();
      if (this.today() === this.sheet.as_of || this.wanted === this.today()) return;
      this.wanted = this.today(); // another day where the person is: asked for once
      this._sent();
    }

    get sheet() {
      return this.day.sheet;
    }

    /** The day a call is logged for unless said otherwise: the device's, or that of a sheet of another time. */
    today() {
      const asOf = this.sheet.as_of;
      const device = gt.day.dayOf(new Date());
      return this.live && Date.parse(device) >= Date.parse(asOf) - DAY_MS ? device : asOf;
    }

    /** Whether the sheet is of the day it was made on, give or take a time zone. */
    get live() {
      return Math.abs(Date.parse(this.sheet.as_of) - Date.parse(this.day.made_at.slice(0, 10))) <= DAY_MS;
    }

    /** Own calls, newest first: of the sheet, and those it does not show yet; without what was taken back. */
    calls() {
      const entries = this.book.entries().filter((entry) => !entry.refused);
      const back = new Set(entries.filter((entry) => entry.kind === "retract").map((entry) => entry.call));
      const known = new Set(this.sheet.log.map((call) => call.id));
      const fresh = entries.filter((entry) => entry.kind === "log" && !known.has(entry.id)).map((entry) => ({ ...entry, waiting: this.post && !entry.done }));
      return [...fresh.reverse(), ...this.sheet.log].filter((call) => !back.has(call.id)).sort((p, q) => (p.date < q.date ? 1 : p.date > q.date ? -1 : 0));
    }

    requests() {
      const asked = this.book.entries().filter((entry) => entry.kind === "ask" && !entry.refused);
      const fresh = asked.map((entry) => ({ id: entry.id, account: entry.account, name: entry.name, kind: entry.want, wish: entry.wish, reason: entry.reason, state: entry.done ? "open" : "unsent", answer: null }));
      return [...fresh, ...this.sheet.requests];
    }

    /* ---- what a person does ---- */

    choose(id, fromMap = false) {
      const account = this.sheet.accounts.find((one) => one.id === id);
      if (!account) return;
      this.list.light(id);
      this.pins.light(id);
      if (fromMap) this.list.scrollTo(id);
      else this.pins.look(account);
      this.chosen = id;
      this.card.open(account, this.sheet.attainment);
    }

    _closed() {
      const row = this.list.scrollTo(this.chosen);
      if (row) row.focus({ preventScroll: true });
    }

    _log(entry) {
      this.book.add(entry);
      this._toast(this.words.say("saved", { name: entry.name, what: this.words.what(entry) }), () => this._undo(entry));
      this._changed();
    }

    _undo(call) {
      this.book.undo(call);
      this._toast(this.words.say("undone", { name: call.name || call.account, what: this.words.what(call) }));
      this._changed();
    }

    _ask(entry) {
      this.book.add(entry);
      this._toast(this.words.say("ask_sent", { name: entry.name }));
      this._changed();
    }

    _changed() {
      this._entries();
      if (this.post) this.post.wake();
    }

    /** Acknowledged: a fresh sheet counts it in, a little later when several come. */
    _sent() {
      clearTimeout(this._asking);
      this._asking = setTimeout(() => this.fetchSheet(), 400);
    }

    async fetchSheet() {
      try {
        const answer = await gt.ask(window.fetch.bind(window), this.day.address + (this.live ? "?day=" + this.today() : ""), {});
        if (answer && !this.gone) this.take({ ...this.day, ...answer });
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error; // what is shown stays; the next one is asked for later
      }
    }

    /* ---- the page ---- */

    _lay() {
      const { words } = this;
      this.status = element("p", { class: "gt-status", role: "status", "data-gt": "status" });
      this.head = element("header", { class: "gt-day-head" });
      this.notices = element("div", { class: "gt-notices" });
      this.refused = element("div", { class: "gt-refused" });
      const map = this.box.querySelector(".gt-map");
      const calls = element("div", { class: "gt-calls" }, map, this.list.root);
      this.panels = { calls, progress: element("div", { class: "gt-progress-panel" }), changes: element("div", { class: "gt-changes" }) };
      this.tabs = TABS.map((name) => button({ label: words.say("tab_" + name), hook: "tab-" + name, onClick: () => this.open(name) }));
      const bar = element("div", { class: "gt-tabs", role: "tablist", "aria-label": words.say("parts") }, ...this.tabs);
      bar.addEventListener("keydown", (event) => this._arrow(event));
      TABS.forEach((name, k) => {
        Object.entries({ role: "tab", id: "gt-tab-" + name, "aria-controls": "gt-panel-" + name }).forEach(([key, value]) => this.tabs[k].setAttribute(key, value));
        Object.entries({ role: "tabpanel", id: "gt-panel-" + name, "aria-labelledby": "gt-tab-" + name }).forEach(([key, value]) => this.panels[name].setAttribute(key, value));
      });
      this.toast = element("div", { class: "gt-toast", role: "status", "data-gt": "toast" });
      this.toast.hidden = true;
      this.foot = element("footer", { class: "gt-foot" });
      this.box.prepend(this.head, this.status, this.notices, this.refused, bar, ...Object.values(this.panels), this.foot, this.toast, this.card.root);
      this.open("calls");
    }

    open(name) {
      TABS.forEach((one, k) => {
        this.tabs[k].setAttribute("aria-selected", String(one === name));
        this.tabs[k].tabIndex = one === name ? 0 : -1;
        this.panels[one].hidden = one !== name;
      });
    }

    _arrow(event) {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const k = (TABS.findIndex((_, i) => this.tabs[i].tabIndex === 0) + by + TABS.length) % TABS.length;
      this.open(TABS[k]);
      this.tabs[k].focus();
    }

    _listen() {
      this.onOnline = () => this.post && this.post.wake();
      this.onStorage = (event) => (event.key === null || event.key.startsWith(this.book.prefix)) && this._entries(); // another tab
      this.onVisible = () => {
        if (document.visibilityState !== "visible" || !this.post) return;
        this.post.wake();
        if (Date.now() - (this.lastAsked || Date.now()) > STALE_MS) this.fetchSheet();
        this.lastAsked = Date.now();
      };
      this.lastAsked = Date.now();
      window.addEventListener("online", this.onOnline);
      window.addEventListener("storage", this.onStorage);
      document.addEventListener("visibilitychange", this.onVisible);
    }

    _head() {
      const { words, sheet } = this;
      const plan = sheet.published ? words.say("plan_since", { plan: sheet.published.name, day: words.fullDay(sheet.published.since) }) : words.say("no_plan");
      this.head.replaceChildren(element("h2", {}, sheet.rep.name), element("p", { "data-gt": "territory" }, element("strong", {}, this.day.state.territories.map((one) => one.name).join(", ")), " · ", plan), element("p", {}, words.say("as_of", { day: words.longDay(sheet.as_of) })));
      const notices = [];
      if (!this.mayLog) notices.push(["read-only", words.say("read_only", { name: sheet.rep.name })]);
      if (sheet.day_off) notices.push(["day-off", words.say("day_off", { why: sheet.day_off })]);
      if (!this.post) notices.push(["copy", words.say("copy_told", { day: words.longDay(sheet.as_of) })]);
      this.notices.replaceChildren(...notices.map(([hook, text]) => element("p", { "data-gt": hook }, text)));
      this.foot.replaceChildren(...(this.post ? [] : [this._saving()]), element("p", {}, words.say("purpose")));
    }

    _saving() {
      const saves = ["csv", "json"].map((kind) => button({ label: this.words.say("copy_" + kind), hook: "save-" + kind, onClick: () => this._save(kind) }));
      this.saves = element("div", { class: "gt-saves" }, ...saves);
      return this.saves;
    }

    _save(kind) {
      gt.day.files.save(this.book, this.sheet.rep, kind, this.sheet.as_of);
      this._entries();
    }

    /** Show what the book holds: marks in the list, the status, the tabs. */
    _entries() {
      if (this.gone) return;
      const { words, sheet } = this;
      const calls = this.calls();
      const marks = new Map(calls.filter((call) => call.kind === "log").reverse().map((call) => [call.account, { channel: call.channel, outcome: call.outcome }]));
      this.list.update(sheet.accounts, marks);
      this.panels.progress.replaceChildren(...gt.day.progress(words, sheet, calls, this.requests(), { mayLog: this.mayLog, undo: (call) => this._undo(call) }));
      this.panels.changes.replaceChildren(...gt.day.changes(words, sheet));
      this.card.refresh();
      this._status(calls);
      this._refusals();
    }

    _status(calls) {
      const { words } = this;
      const fresh = calls.filter((call) => call.kind === "log").length;
      const kind = this.post ? this.post.status : "copy";
      const n = kind === "copy" ? fresh : this.book.waiting().length;
      const reason = this.post && this.post.halted;
      this.status.dataset.status = kind;
      const said = kind === "copy" && !n ? words.say("status_copy_none") : ["offline", "stopped", "copy"].includes(kind) ? words.many("status_" + kind, n, { reason }) : words.say("status_" + kind);
      this.status.textContent = this.book.kept ? said : `${said}. ${words.say("not_kept")}`;
      this.status.hidden = !this.mayLog;
      if (this.saves) [...this.saves.children].forEach((save) => (save.disabled = !this.book.entries().length));
    }

    /** What the workspace did not take stays here, with its reason, until the person lets it go. */
    _refusals() {
      const { words } = this;
      const refused = this.book.entries().filter((entry) => entry.refused);
      this.refused.hidden = !refused.length;
      if (!refused.length) return;
      const rows = refused.map((entry) => {
        const what = entry.kind === "log" ? `${words.shortDay(entry.date)}, ${words.what(entry)}` : entry.kind === "ask" ? entry.reason : words.say("undo");
        const go = button({ label: words.say("let_go"), hook: "let-go", onClick: () => (this.book.drop(entry.id), this._entries()) });
        return element("li", {}, element("span", { class: "gt-lines" }, element("strong", {}, entry.name || entry.account), element("span", {}, what), entry.note ? element("q", {}, entry.note) : "", element("span", {}, entry.refused)), go);
      });
      this.refused.replaceChildren(element("h3", {}, words.say("refused")), element("p", {}, words.say("refused_told")), element("ul", {}, ...rows));
    }

    _toast(text, undo = null) {
      clearTimeout(this._toasting);
      const act = undo ? [button({ label: this.words.say("undo"), hook: "undo", onClick: undo })] : [];
      this.toast.replaceChildren(element("span", {}, text), ...act);
      this.toast.hidden = false;
      this._toasting = setTimeout(() => (this.toast.hidden = true), TOAST_MS);
    }

    remove() {
      this.gone = true;
      clearTimeout(this._asking);
      clearTimeout(this._toasting);
      if (this.post) this.post.stop();
      this.card.close();
      window.removeEventListener("online", this.onOnline);
      window.removeEventListener("storage", this.onStorage);
      document.removeEventListener("visibilitychange", this.onVisible);
    }
  };

  /** The offline copy: light or dark as the reader's system is. */
  gt.showDay = (map, day) => {
    const view = new gt.View(map, { panel: false, choose: false });
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => view.setDark(scheme.matches));
    view.setDark(scheme.matches);
    return new gt.DaySheet(view, day);
  };
})(window.L);
