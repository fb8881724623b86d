/* The accounts of one territory, best first; one or several of them go to another territory than their unit's: an exception. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.AccountList) return;

  const element = gt.element;
  const { parts } = gt;
  const PAGE = 25;
  const QUIET_MS = 250;

  gt.AccountList = class AccountList {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft });
      const { speech } = this;
      this.limit = PAGE;
      this.chosen = new Set();
      this.asked = 0;
      this.search = element("input", { type: "search", placeholder: speech.say("find_account"), "aria-label": speech.say("find_account"), "data-gt": "account-search" });
      this.search.addEventListener("input", () => this.askSoon());
      this.body = element("tbody");
      const heads = [["check", ""], ["name", speech.say("account")], ["tier", speech.say("tier")], ["value", speech.say("value")], ["hours", speech.say("hours")]];
      const head = element("thead", {}, element("tr", {}, ...heads.map(([key, words]) => element(words ? "th" : "td", { scope: words ? "col" : null, class: "gt-a-" + key }, words))));
      this.table = element("table", { class: "gt-grid gt-accounts", "aria-label": speech.say("accounts") }, head, this.body);
      this.note = element("p", { class: "gt-note", role: "status" });
      this.more = parts.button({ label: speech.say("show_more"), hook: "more-accounts", kind: "small", onClick: () => ((this.limit += 2 * PAGE), this._ask()) });
      this.root = element("section", { class: "gt-section gt-account-list", "data-gt": "accounts" }, element("h4", {}, speech.say("accounts")), this.search, this._bar(), this.table, this.note, this.more);
      this.askSoon = parts.quietly(() => this._ask(), QUIET_MS);
      this._showBar();
    }

    _bar() {
      const { speech } = this;
      this.choice = new parts.TerritoryChoice({ label: speech.say("move_to"), hook: "accounts-to", onChange: () => this._showBar() });
      this.send = parts.button({ label: speech.say("move"), hook: "move-accounts", kind: "small primary", onClick: () => this._move(this.choice.value) });
      this.back = parts.button({ label: speech.say("back_to_unit"), title: speech.say("back_to_unit_told"), hook: "accounts-back", kind: "small", onClick: () => this._move(null) });
      this.count = element("b");
      this.bar = element("div", { class: "gt-account-bar" }, this.count, this.choice.root, this.send, this.back);
      return this.bar;
    }

    _move(to) {
      if (!this.chosen.size || to === "") return;
      this.draft.act("move_accounts", { accounts: [...this.chosen], to });
      this.chosen.clear();
      this._showBar();
      this.outdated();
    }

    /** Another territory is looked at. */
    restart() {
      this.limit = PAGE;
      this.chosen.clear();
      this.search.value = "";
      this.body.replaceChildren();
      this.more.hidden = true;
      this._showBar();
      this.outdated();
    }

    outdated() {
      this.table.classList.add("gt-stale");
      this.asked++;
      if (this.editor.chosen && this.editor.shown === "details") this.askSoon();
    }

    async _ask() {
      const { draft, editor } = this;
      const asked = ++this.asked;
      const q = this.search.value.trim();
      try {
        await draft.settled();
        const said = await draft.accounts({ territory: editor.chosen, q: q || null, limit: this.limit });
        if (asked === this.asked) this._show(said);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        if (asked === this.asked) this.note.textContent = this.speech.say("accounts_later");
      }
    }

    _show({ accounts, more }) {
      this.table.classList.remove("gt-stale");
      this.note.textContent = accounts.length ? "" : this.speech.say(this.search.value.trim() ? "none_found" : "no_accounts");
      this.more.hidden = !more;
      const here = new Set(accounts.map((account) => account.id));
      for (const id of this.chosen) if (!here.has(id)) this.chosen.delete(id);
      this.exceptions = new Set(accounts.filter((account) => account.exception).map((account) => account.id));
      this.body.replaceChildren(...accounts.map((account) => this._row(account)));
      this._showBar();
    }

    _row(account) {
      const { speech } = this;
      const box = element("input", { type: "checkbox", "aria-label": account.name, "data-gt": "account" });
      box.checked = this.chosen.has(account.id);
      box.addEventListener("change", () => {
        this.chosen[box.checked ? "add" : "delete"](account.id);
        this._showBar();
      });
      const marks = [
        ...(account.exception ? [element("small", { class: "gt-mark", title: speech.say("exception_told") }, speech.say("exception"))] : []),
        ...(account.channel ? [element("small", { class: "gt-mark", title: speech.say("channel_told", { channel: account.channel }) }, speech.say("channel_" + account.channel))] : []),
      ];
      const row = element("tr", { "data-id": account.id }, element("td", { class: "gt-a-check" }, box), element("th", { scope: "row", class: "gt-a-name" }, element("span", { title: account.name }, account.name), ...marks));
      row.append(element("td", { class: "gt-a-tier" }, account.tier), element("td", { class: "gt-a-value", title: speech.exact(account.value) }, speech.value(account.value)), element("td", { class: "gt-a-hours", title: speech.exact(account.hours) }, speech.whole(account.hours)));
      row.addEventListener("click", (event) => event.target !== box && box.click());
      return row;
    }

    _showBar() {
      const { speech, chosen } = this;
      this.bar.hidden = !chosen.size;
      if (!chosen.size) return;
      this.choice.fill(this.draft.territories, [["", speech.say("choose")]], this.editor.chosen);
      this.count.textContent = speech.many("accounts", chosen.size);
      this.send.disabled = !this.choice.value;
      this.back.hidden = ![...chosen].some((id) => this.exceptions && this.exceptions.has(id));
    }
  };
})(window.L);
