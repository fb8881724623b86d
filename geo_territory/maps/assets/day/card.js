/* One account: how to get there, what was promised and made, and the form that logs a call. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.Card) return;

  const { element } = gt;
  const { button } = gt.parts;
  const OUTCOMES = {
    visit: ["met", "no_answer", "cancelled"],
    video: ["met", "no_answer", "cancelled"],
    phone: ["connected", "voicemail", "no_answer"],
    email: ["connected", "no_answer"],
  };
  const LONGEST = 500; // letters of a note

  /** One of several: buttons of which one is pressed. */
  class Choice {
    constructor(label, options, chosen, hook, onChange) {
      Object.assign(this, { value: chosen, onChange });
      this.buttons = options.map(([value, words]) => [value, button({ label: words, hook: `${hook}-${value}`, pressed: value === chosen, onClick: () => this.set(value) })]);
      this.root = element("div", { class: "gt-options", role: "group", "aria-label": label }, ...this.buttons.map(([, made]) => made));
    }

    set(value) {
      this.value = value;
      this.buttons.forEach(([of, made]) => made.setAttribute("aria-pressed", String(of === value)));
      this.onChange(value);
    }
  }

  class Card {
    /** `acts`: log(call), undo(call), ask(wish), calls(account id), requests(account id), mayLog, mayAsk (not in a copy, which sends nothing), today(), onClose(). */
    constructor(words, acts) {
      Object.assign(this, { words, acts });
      this.root = element("dialog", { class: "gt-card", "data-gt": "card" });
      this.root.addEventListener("close", () => acts.onClose());
      this.root.addEventListener("click", (event) => event.target === this.root && this.root.close()); // beside the card
    }

    open(account, period) {
      Object.assign(this, { account, period, id: gt.day.newId() });
      const { words } = this;
      const close = button({ icon: "close", title: words.say("close"), hook: "close", kind: "quiet", onClick: () => this.root.close() });
      const title = element("h3", { id: "gt-card-name" }, account.name || account.id);
      const head = element("header", {}, gt.day.badge(account.tier), title, close);
      this.made = element("div");
      const inside = [this._address(), this._last(), this._ways(), ...(this.acts.mayLog ? [this._form()] : []), this._plan(), this.made, ...(this.acts.mayAsk ? [this._asking()] : [])];
      this.root.setAttribute("aria-label", account.name || account.id);
      this.root.replaceChildren(element("div", { class: "gt-inside" }, head, ...inside));
      this.refresh();
      if (!this.root.open) this.root.showModal();
      this.root.scrollTop = 0;
    }

    close() {
      if (this.root.open) this.root.close();
    }

    /** Show what was logged and asked here meanwhile; what is being typed stays. */
    refresh() {
      if (!this.account) return;
      const { words, acts } = this;
      const calls = acts.calls(this.account.id);
      const asked = acts.requests(this.account.id);
      const parts = calls.length ? [element("h4", {}, words.say("own_calls")), gt.day.callList(words, calls, acts)] : [];
      this.made.replaceChildren(...parts, ...gt.day.requestLines(words, asked));
    }

    _address() {
      const { account, words } = this;
      const town = [account.postal_code, account.city, account.state].filter(Boolean).join(" ");
      const facts = [account.status === "prospect" ? words.say("prospect") : null, account.value === undefined ? null : words.say("value_year", { value: words.value(account.value) }), account.reason];
      return element("div", { class: "gt-about" }, element("p", {}, [account.street, town].filter(Boolean).join(", ")), element("p", { class: "gt-why" }, facts.filter(Boolean).join(" · ")));
    }

    _last() {
      const { words } = this;
      const { last } = this.account;
      if (!last) return element("p", { class: "gt-why" }, words.say("never_called"));
      return element("p", { class: "gt-why" }, words.say(last.by ? "last_call_by" : "last_call", { what: words.what(last), day: words.fullDay(last.date), name: last.by }));
    }

    /** Ways to the account: links that do nothing until they are tapped. */
    _ways() {
      const { account, words } = this;
      const ways = [];
      const number = String(account.phone || "").replace(/[^\d+*#,;]/g, "");
      if (number) ways.push(way({ href: "tel:" + number, icon: "phone", label: words.say("call"), title: words.say("call_number", { number: account.phone }), hook: "call" }));
      if (account.lat !== undefined) ways.push(way({ href: routeTo(account), icon: "navigate", label: words.say("navigate"), title: words.say("navigate_told"), hook: "navigate" }));
      return element("div", { class: "gt-ways" }, ...ways);
    }

    _form() {
      const { words, account, acts } = this;
      const preset = OUTCOMES[account.channel] ? account.channel : "visit";
      const save = button({ label: words.say("save"), hook: "save", kind: "primary", onClick: () => this._save() });
      save.disabled = true;
      const place = element("div");
      const outcomes = (channel) => {
        save.disabled = true;
        this.outcome = new Choice(words.say("outcome"), OUTCOMES[channel].map((one) => [one, words.outcome(one, channel)]), null, "outcome", () => (save.disabled = false));
        place.replaceChildren(this.outcome.root);
      };
      this.channel = new Choice(words.say("channel"), Object.keys(OUTCOMES).map((one) => [one, words.channel(one)]), preset, "channel", outcomes);
      outcomes(preset);
      this.day = element("input", { type: "date", value: acts.today(), max: acts.today(), required: "", "data-gt": "day" });
      this.note = element("textarea", { rows: "2", maxlength: LONGEST, "data-gt": "note" });
      const hint = element("span", {}, words.say("note_hint", { n: acts.notesMonths }));
      const labelled = (text, field, ...more) => element("label", {}, element("span", {}, text), field, ...more);
      return element("section", { class: "gt-logging" }, element("h4", {}, words.say("log_call")), this.channel.root, place, element("div", { class: "gt-fields" }, labelled(words.say("day"), this.day), labelled(words.say("note"), this.note, hint)), save);
    }

    /** The id was given when the card was opened: two taps log one call. */
    _save() {
      if (!this.outcome.value || !this.day.reportValidity()) return;
      const { account } = this;
      this.acts.log({ id: this.id, kind: "log", account: account.id, name: account.name || account.id, date: this.day.value, channel: this.channel.value, outcome: this.outcome.value, note: this.note.value.trim() });
      this.close();
    }

    _plan() {
      const { words, account, period } = this;
      const title = period ? words.say("plan_until", { start: words.shortDay(period.start), end: words.shortDay(period.end) }) : words.say("plan");
      const lines = account.lines || [];
      if (!lines.length) return element("section", {}, element("h4", {}, title), element("p", { class: "gt-why" }, words.say("plan_none")));
      const rows = lines.map((line) =>
        element("li", {}, element("span", {}, words.say("plan_line", { channel: words.channel(line.channel), cadence: line.cadence })), element("span", {}, words.say("made_of", { made: words.fine(line.made), planned: words.fine(line.planned) })), element("b", {}, words.say("left", { n: words.fine(line.left) }))),
      );
      return element("section", {}, element("h4", {}, title), element("ul", { class: "gt-plan", "data-gt": "plan" }, ...rows));
    }

    _asking() {
      const { words, acts, account } = this;
      const wish = element("div");
      const reason = element("textarea", { rows: "2", maxlength: LONGEST, "data-gt": "ask-reason", placeholder: words.say("ask_reason_hint"), "aria-label": words.say("ask_reason") });
      const send = button({ label: words.say("ask_send"), hook: "ask-send", onClick: () => this._ask(kind.value, reason) });
      send.disabled = true;
      const check = () => (send.disabled = !reason.value.trim() || (kind.value === "tier" && !this.wish.value));
      reason.addEventListener("input", check);
      const wishFor = (of) => {
        const options = [["", words.say("choose")], ...acts.tiers.filter((tier) => tier !== account.tier).map((tier) => [tier, tier])];
        this.wish = of === "tier" ? element("select", { "data-gt": "ask-wish" }, ...options.map(([value, text]) => element("option", { value }, text))) : element("input", { type: "text", maxlength: 80, "data-gt": "ask-wish" });
        this.wish.addEventListener("change", check);
        wish.replaceChildren(element("label", {}, element("span", {}, words.say("ask_wish_" + of)), this.wish));
      };
      const kind = new Choice(words.say("ask_what"), ["tier", "owner"].map((one) => [one, words.say("ask_" + one)]), "tier", "ask", (of) => (wishFor(of), check()));
      wishFor("tier");
      this.askId = gt.day.newId();
      return element("details", { class: "gt-asking", "data-gt": "ask" }, element("summary", {}, words.say("ask")), kind.root, wish, element("label", {}, element("span", {}, words.say("ask_reason")), reason), send);
    }

    _ask(want, reason) {
      const { account } = this;
      this.acts.ask({ id: this.askId, kind: "ask", account: account.id, name: account.name || account.id, want, wish: this.wish.value.trim(), reason: reason.value.trim() });
      this.close();
    }
  }

  function way({ href, icon, label, title, hook }) {
    return element("a", { class: "gt-button gt-way", href, title, "data-gt": hook, rel: "noopener noreferrer", target: href.startsWith("https:") ? "_blank" : null }, gt.icon(icon), element("span", {}, label));
  }

  /** What the device's own map app opens: nothing is asked for before the tap. */
  function routeTo({ lat, lon, name }) {
    const at = `${lat},${lon}`;
    if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) return `https://maps.apple.com/?daddr=${at}`;
    if (/Android/.test(navigator.userAgent)) return `geo:${at}?q=${at}(${encodeURIComponent(name || "")})`;
    return `https://www.openstreetmap.org/directions?to=${at}`;
  }

  Object.assign(gt.day, { Card });
})(window.L);
