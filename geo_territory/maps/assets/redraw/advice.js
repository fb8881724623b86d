/* What is at fault in a territory and what mends it with one click: pieces and holes with repairs, and channel before border when its
 * calls don't fit. Asked anew once the figures of a move are here; dimmed until then. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Advice) return;

  const element = gt.element;
  const { parts } = gt;
  const SETTLE_MS = 250;

  gt.Advice = class Advice {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft });
      this.root = element("section", { class: "gt-section gt-advice", "data-gt": "advice" });
      this.asked = 0;
      this.askSoon = parts.quietly(() => this._ask(), SETTLE_MS);
    }

    /** The draft moved on: what is shown may no longer hold. */
    outdated() {
      if (this.of !== this.editor.chosen) this.root.replaceChildren(); // another territory's offers are nobody's here
      for (const does of this.root.querySelectorAll("button:not([data-gt='zoom'])")) does.disabled = true;
      this.root.classList.add("gt-stale");
      this.root.setAttribute("aria-busy", "true");
      this.asked++;
      if (this.editor.chosen && this.editor.shown === "details") this.askSoon();
    }

    async _ask() {
      const id = this.editor.chosen;
      const asked = ++this.asked;
      try {
        const advice = await this.draft.advice(id);
        if (asked === this.asked && id === this.editor.chosen) this._show(advice, id);
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        if (asked === this.asked) this.root.replaceChildren(element("p", { class: "gt-note" }, this.speech.say("advice_later")));
      }
    }

    _show({ faults, relief }, id) {
      this.of = id;
      this.root.classList.remove("gt-stale");
      this.root.setAttribute("aria-busy", "false");
      const { speech } = this;
      const blocks = [];
      const own = faults.filter((fault) => !fault.territory || fault.territory === id);
      if (own.length) blocks.push(element("h4", {}, speech.say("faults")), ...own.map((fault) => this._fault(fault)));
      if (relief.length) blocks.push(element("h4", {}, speech.say("relief")), element("p", { class: "gt-note" }, speech.say("relief_told")), ...relief.map((offer) => this._relief(offer)));
      this.root.replaceChildren(...blocks);
    }

    _fault(fault) {
      const { speech, editor } = this;
      const zoom = parts.button({ icon: "zoom", title: speech.say("zoom_to"), hook: "zoom", kind: "small", onClick: () => (editor.zoomTo(fault.units), editor.highlight(fault.units)) });
      const offers = fault.repairs.map((repair) => this._repair(repair));
      const told = element("p", {}, gt.icon(fault.kind === "hole" ? "hole" : fault.kind === "piece" ? "pieces" : "warn"), element("span", {}, fault.told), zoom);
      return element("div", { class: "gt-offer-group", "data-gt": "fault" }, told, ...(offers.length ? offers : [this._beyond()]));
    }

    /** No single repair reaches: solving the rest moves more than two neighbours at once. */
    _beyond() {
      const { speech, editor } = this;
      const there = parts.button({ icon: "target", label: speech.say("solve"), hook: "to-solve", kind: "small", onClick: () => editor.show("solve") });
      return this._offer(element("span", { class: "gt-note" }, speech.say("no_repair")), there);
    }

    _repair(repair) {
      const { speech, editor, draft } = this;
      const words = element("span", {}, repair.told, ...(repair.clean ? [] : [element("small", {}, speech.say("not_clean"))]));
      const does = parts.button({ icon: "check", label: speech.say("do_it"), hook: "repair", kind: "small primary", onClick: () => (editor.highlight([]), draft.move(repair.moves, { why: "repair" })) });
      return this._offer(words, does, repair.moves);
    }

    _relief(offer) {
      const { speech, draft, editor } = this;
      const border = Boolean(offer.moves && offer.moves.length);
      const act = () => (border ? draft.move(offer.moves, { why: "repair" }) : draft.act("channel", { accounts: offer.accounts, channel: offer.channel }));
      const words = element("span", {}, gt.icon(border ? "border" : "phone"), element("span", {}, offer.told));
      const does = parts.button({ icon: "check", label: speech.say("do_it"), hook: "relief", kind: "small primary", onClick: () => (editor.highlight([]), act()) });
      return this._offer(words, does, offer.moves);
    }

    /** An offer; what it would move is lit on the map while it is pointed at. */
    _offer(words, does, moves) {
      const { editor } = this;
      const made = element("div", { class: "gt-offer" }, words, does);
      if (!moves || !moves.length) return made;
      for (const name of ["pointerenter", "focusin"]) made.addEventListener(name, () => editor.highlight(moves));
      for (const name of ["pointerleave", "focusout"]) made.addEventListener(name, () => editor.highlight([]));
      return made;
    }
  };
})(window.L);
