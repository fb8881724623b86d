/* The accounts in the order to call them: search, tiers, what is due, near me. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.List) return;

  const { element } = gt;
  const { button, renew } = gt.parts;
  const PAGE = 20;
  const NOW = new Set(["never", "overdue", "due"]);
  const SHOWS = {
    now: (account) => NOW.has(account.standing),
    overdue: (account) => account.standing === "overdue",
    never: (account) => account.standing === "never",
    not_due: (account) => account.standing === "not_due",
    all: () => true,
  };
  const fold = (text) => String(text || "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  gt.day.List = class List {
    /** `onChoose(id)`, `onShown(accounts)`: what the list holds, in its order. */
    constructor(words, { onChoose, onShown }) {
      Object.assign(this, { words, onChoose, onShown, tiers: new Set(), show: "now", asked: "", many: PAGE, accounts: [], marks: new Map(), here: null });
      this.search = element("input", { type: "search", "data-gt": "search", placeholder: words.say("search_hint"), "aria-label": words.say("search"), autocomplete: "off", enterkeyhint: "search" });
      this.search.addEventListener("input", gt.parts.quietly(() => this._ask(), 120));
      this.choice = element("select", { "data-gt": "show", "aria-label": words.say("show") }, ...Object.keys(SHOWS).map((key) => element("option", { value: key }, words.say("show_" + key))));
      this.choice.addEventListener("change", () => this._set({ show: this.choice.value }));
      this.chips = element("div", { class: "gt-chips", role: "group", "aria-label": words.say("tiers") });
      this.near = button({ label: words.say("near_me"), icon: "target", hook: "near", pressed: false, title: words.say("near_me_told"), onClick: () => this._near() });
      this.nearSays = element("p", { class: "gt-told", role: "status" });
      this.count = element("p", { class: "gt-count", role: "status" });
      this.rows = element("ol", { class: "gt-accounts", "data-gt": "accounts" });
      this.empty = element("div", { class: "gt-empty", "data-gt": "empty" });
      this.more = button({ hook: "more", label: words.say("more"), onClick: () => this._set({ many: this.many + PAGE }, false) });
      const tools = element("div", { class: "gt-find" }, this.search, this.choice, this.near, this.chips);
      this.root = element("section", { class: "gt-list" }, tools, this.nearSays, this.count, this.rows, this.empty, this.more);
    }

    /** `accounts`: of the sheet, in its order. `marks`: account id -> what was just logged there. */
    update(accounts, marks) {
      Object.assign(this, { accounts, marks });
      this._draw();
    }

    light(id) {
      this.lit = id;
      for (const row of this.rows.querySelectorAll("button")) row.setAttribute("aria-current", String(row.dataset.account === id));
    }

    scrollTo(id) {
      const row = [...this.rows.querySelectorAll("button")].find((one) => one.dataset.account === id);
      if (row) row.scrollIntoView({ block: "nearest" });
      return row;
    }

    _ask() {
      this._set({ asked: this.search.value });
    }

    _set(facts, anew = true) {
      Object.assign(this, facts, anew ? { many: PAGE } : {});
      this.choice.value = this.show;
      this._draw();
    }

    /** Where the person is: asked once for each tap, kept in this page only. */
    _near() {
      if (this.here) {
        this.nearSays.textContent = "";
        this.near.setAttribute("aria-pressed", "false");
        return this._set({ here: null });
      }
      const failed = (reason) => (this.nearSays.textContent = this.words.say("near_failed", { reason: this.words.say(reason) }));
      if (!navigator.geolocation) return failed("near_unknown");
      this.nearSays.textContent = this.words.say("near_asking");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          this.nearSays.textContent = this.words.say("near_me_told");
          this.near.setAttribute("aria-pressed", "true");
          this._set({ here: { lat: coords.latitude, lon: coords.longitude } });
        },
        (error) => failed(error.code === error.PERMISSION_DENIED ? "near_denied" : "near_unknown"),
        { maximumAge: 60000, timeout: 15000 },
      );
    }

    /** What fits the filters: whoever searches by name looks among all. */
    found() {
      const words = fold(this.asked).split(/\s+/).filter(Boolean);
      const shown = words.length ? SHOWS.all : SHOWS[this.show];
      const fits = (account) => {
        if (this.tiers.size && !this.tiers.has(account.tier)) return false;
        const text = fold([account.name, account.street, account.city, account.postal_code].join(" "));
        return shown(account) && words.every((word) => text.includes(word));
      };
      const found = this.accounts.filter(fits);
      return this.here ? found.sort((p, q) => this._away(p) - this._away(q)) : found;
    }

    _away(account) {
      return account.lat === undefined ? Infinity : gt.day.kmBetween(this.here, account);
    }

    _draw() {
      const { words } = this;
      const tiers = [...new Set(this.accounts.map((account) => account.tier))].sort();
      renew(this.chips, JSON.stringify(tiers), () => tiers.map((tier) => this._chip(tier)));
      const found = this.found();
      const shown = found.slice(0, this.many);
      this.count.textContent = found.length ? words.many("found", found.length) : "";
      const key = JSON.stringify([shown.map((account) => [account, this.marks.get(account.id)]), this.here]);
      if (renew(this.rows, key, () => this._rows(shown))) this.light(this.lit);
      this.more.hidden = found.length <= this.many;
      this.more.firstChild.textContent = words.say("more", { n: words.whole(Math.min(PAGE, found.length - this.many)) });
      this.empty.hidden = found.length > 0;
      if (!found.length) this.empty.replaceChildren(...this._nothing());
      this.onShown(found);
    }

    _chip(tier) {
      return button({
        label: tier,
        hook: "tier-" + tier,
        pressed: this.tiers.has(tier),
        title: this.words.say("show_tier", { tier }),
        onClick: (event) => {
          if (!this.tiers.delete(tier)) this.tiers.add(tier);
          event.currentTarget.setAttribute("aria-pressed", String(this.tiers.has(tier)));
          this._set({});
        },
      });
    }

    /** The first ones with a place carry the number of their pin on the map. */
    _rows(shown) {
      let n = 0;
      return shown.map((account) => this._row(account, account.lat !== undefined && n < gt.day.NEXT ? ++n : null));
    }

    _row(account, n) {
      const { words } = this;
      const mark = this.marks.get(account.id);
      const lines = [element("strong", {}, account.name || account.id), element("span", { class: "gt-why" }, account.reason)];
      if (this.here && account.lat !== undefined) lines.push(element("span", { class: "gt-why" }, words.say("near_from", { km: words.km(this._away(account)) })));
      if (mark) lines.push(element("span", { class: "gt-made" }, gt.icon("check"), words.say("logged_mark", { what: words.what(mark) })));
      const due = [account.due ? element("span", {}, words.say("due_on", { day: words.shortDay(account.due) })) : null, n ? element("span", { class: "gt-number" }, words.whole(n)) : null].filter(Boolean);
      const row = element("button", { type: "button", class: `gt-row gt-is-${account.standing}`, "data-account": account.id, "data-gt": "account" }, gt.day.badge(account.tier), element("span", { class: "gt-lines" }, ...lines), element("span", { class: "gt-due" }, ...due));
      row.addEventListener("click", () => this.onChoose(account.id));
      return element("li", {}, row);
    }

    _nothing() {
      const { words } = this;
      if (!this.accounts.length) return [element("p", {}, words.say("no_accounts"))];
      if (this.asked || this.tiers.size || this.show !== "now") return [element("p", {}, words.say("none_found"))];
      return [element("p", {}, words.say("none_due")), button({ label: words.say("show_all_of_them"), hook: "show-all", onClick: () => this._set({ show: "all" }) })];
    }
  };

  /** The tier of an account, as a letter in a frame. */
  gt.day.badge = (tier) => element("span", { class: "gt-badge" }, tier);
})(window.L);
