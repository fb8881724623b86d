/* The moves of the draft, newest first: what, who, when, why, and what it did to both sides. One of them can be taken back where it
 * still stands. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Ledger) return;

  const element = gt.element;
  const { parts } = gt;

  gt.Ledger = class Ledger {
    constructor(editor) {
      Object.assign(this, { editor, speech: editor.speech, draft: editor.draft });
      const { speech } = this;
      this.entries = new Map(); // rev -> {item, key}
      this.reason = element("input", { type: "text", maxlength: 200, placeholder: speech.say("reason_hint"), "data-gt": "reason" });
      this.reason.addEventListener("input", () => editor.setReason(this.reason.value));
      const reason = element("label", { class: "gt-choice gt-reason" }, element("span", { class: "gt-label" }, speech.say("reason_next")), this.reason);
      this.empty = element("p", { class: "gt-empty" }, speech.say("how_to_paint"));
      this.list = element("ol", { class: "gt-edits", "aria-label": speech.say("moves") });
      this.older = parts.button({ label: "", hook: "older", kind: "small", onClick: () => this._loadOlder() });
      this.older.append(element("span"));
      this.root = element("div", { class: "gt-pane gt-pane-ledger" }, reason, element("div", { class: "gt-scroll" }, this.empty, this.list, this.older));
      this.update();
    }

    update() {
      const { draft, speech } = this;
      const { ledger } = draft;
      this.empty.hidden = ledger.length > 0;
      this.older.hidden = !(draft.older > 0);
      this.older.lastChild.textContent = speech.say("load_older", { n: speech.whole(draft.older) });
      const living = new Set(ledger.map((entry) => entry.rev));
      for (const [rev, { item }] of this.entries) {
        if (living.has(rev)) continue;
        item.remove();
        this.entries.delete(rev);
      }
      ledger.forEach((entry, k) => {
        const item = this._item(entry);
        if (this.list.children[k] !== item) this.list.insertBefore(item, this.list.children[k] || null);
      });
    }

    /** The line of an edit, made anew only when the edit changed. */
    _item(entry) {
      const key = JSON.stringify(entry);
      const known = this.entries.get(entry.rev);
      if (known && known.key === key) return known.item;
      const item = this._newItem(entry);
      if (known) known.item.replaceWith(item);
      this.entries.set(entry.rev, { item, key });
      return item;
    }

    _newItem(entry) {
      const { speech } = this;
      const at = new Date(entry.at.endsWith("Z") || entry.at.includes("+") ? entry.at : entry.at + "Z");
      const when = element("time", { datetime: at.toISOString(), title: at.toLocaleString(speech.state.language) }, speech.time(at));
      const title = element(entry.undone ? "s" : "span", { class: "gt-edit-title" }, entry.title);
      const meta = element("p", { class: "gt-edit-meta" }, [entry.who, ""].filter(Boolean).join(" "), " ", when, ...(entry.undone ? [element("em", {}, speech.say("undone"))] : []));
      const sides = (entry.sides || []).map((side) => this._side(side));
      const reason = entry.reason ? [element("p", { class: "gt-edit-reason" }, entry.reason)] : [];
      const doing = element("span", { class: "gt-edit-doing" }, ...this._doing(entry));
      return element("li", { class: entry.undone ? "gt-undone" : null, "data-gt": "edit", "data-rev": entry.rev }, element("div", { class: "gt-edit-head" }, title, doing), meta, element("p", { class: "gt-sides" }, ...sides), ...reason);
    }

    _side({ territory, name, before, after }) {
      const row = this.draft.territories.get(territory);
      const made = parts.side({ name, color: row ? row.color : null, before: before ? before.index : null, after: after ? after.index : null, speech: this.speech });
      const { speech } = this;
      if (before && after) made.title = `${speech.many("accounts", before.accounts)} → ${speech.many("accounts", after.accounts)}, ${speech.value(before.value)} → ${speech.value(after.value)}`;
      return made;
    }

    _doing(entry) {
      const { speech, draft, editor } = this;
      const made = [];
      if (entry.box) made.push(parts.button({ icon: "zoom", title: speech.say("zoom_to"), hook: "zoom", kind: "small", onClick: () => editor.zoomToBox(entry.box) }));
      if (entry.standing && !entry.undone) made.push(parts.button({ icon: "undo", title: speech.say("revert_told", { what: entry.title }), hook: "revert", kind: "small", onClick: () => draft.revert(entry.rev) }));
      return made;
    }

    async _loadOlder() {
      this.older.disabled = true;
      try {
        await this.draft.loadOlder();
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        this.editor.alert(this.speech.say("later"));
      } finally {
        this.older.disabled = false;
      }
    }
  };
})(window.L);
