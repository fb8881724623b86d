/* Questions that stop everything else: only before a territory is deleted or merged; everything else can be undone. And the list
 * of colours. Both are <dialog>s, closed by Escape. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.dialogs) return;

  const element = gt.element;

  /** Ask in a dialog; `content` are nodes, `actions` [{label, kind, hook, onClick}]. Focus goes back to where it was. */
  function open(box, { title, content = [], actions, words, hook = "dialog" }) {
    const before = box.getRootNode().activeElement;
    const heading = element("h3", {}, title);
    const foot = element("div", { class: "gt-actions" });
    const dialog = element("dialog", { class: "gt-dialog", "data-gt": hook, "aria-label": title }, heading, ...content, foot);
    const cancel = gt.parts.button({ label: words.cancel, hook: "cancel", onClick: () => dialog.close() });
    const others = actions.map(({ label, kind, hook: name, onClick }) =>
      gt.parts.button({
        label,
        kind,
        hook: name,
        onClick: () => {
          dialog.close();
          onClick();
        },
      })
    );
    foot.append(cancel, ...others);
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before && before.isConnected && before.focus) before.focus();
    });
    box.append(dialog);
    dialog.showModal();
    return dialog;
  }

  /** Territories with those beside one first. */
  function nearFirst(editor, row) {
    const rows = new Set([...gt.neighborsOf(editor, row), ...editor.draft.territories.values()]);
    return new Map([...rows].map((one) => [one.id, one]));
  }

  /** A line that tells how the territory that gets everything would stand; `show(to)` asks for it. */
  function effectOf(editor, row) {
    const { speech, draft } = editor;
    const root = element("div", { class: "gt-selection-effect", "aria-live": "polite", "data-gt": "dialog-effect" });
    const targets = [...draft.territories.values()].reduce((sum, one) => sum + (one.target || 0), 0);
    const stays = targets ? 1 - (row.target || 0) / targets : 1; // with one territory less, each one's fair share is larger
    let asked = 0;
    const show = async (to) => {
      const turn = ++asked;
      root.replaceChildren();
      if (!to) return;
      try {
        const { territories } = await draft.look([{ units: editor.unitsOf(row.id), to }]);
        const after = territories.find((one) => one.id === to);
        const now = draft.territories.get(to);
        if (turn === asked && after && now) root.replaceChildren(gt.parts.side({ ...after, before: now.index, after: after.index === null ? null : after.index * stays, speech, note: after.pieces > Math.max(1, now.pieces) ? speech.many("pieces", after.pieces) : "" }));
      } catch (error) {
        if (!(error instanceof gt.Unanswered)) throw error;
        if (turn === asked) root.replaceChildren(element("p", { class: "gt-note" }, speech.say("look_later")));
      }
    };
    return { root, show };
  }

  /** Ask which territory this one goes into; the neighbour with the longest border is offered. */
  function merge(editor, row) {
    const { speech } = editor;
    const effect = effectOf(editor, row);
    const choice = new gt.parts.TerritoryChoice({ label: speech.say("merge_into"), hook: "merge-into", onChange: effect.show });
    choice.fill(nearFirst(editor, row), [], row.id);
    effect.show(choice.value);
    return open(editor.box, {
      title: speech.say("merge_title", { name: row.name }),
      content: [element("p", {}, speech.say("merge_told", { name: row.name })), choice.root, effect.root],
      words: speech.texts,
      actions: [{ label: speech.say("merge"), kind: "primary", hook: "merge-yes", onClick: () => editor.act("merge", { from: [row.id], into: choice.value }) }],
    });
  }

  /** Ask who gets the units of a territory that goes: its neighbours, or one of them. */
  function remove(editor, row) {
    const { speech } = editor;
    const effect = effectOf(editor, row);
    const choice = new gt.parts.TerritoryChoice({ label: speech.say("delete_to"), hook: "delete-to", onChange: effect.show });
    choice.fill(nearFirst(editor, row), [["", speech.say("its_neighbours")]], row.id);
    return open(editor.box, {
      title: speech.say("delete_title", { name: row.name }),
      content: [element("p", {}, speech.say("delete_told", { units: speech.many("units", row.units), accounts: speech.many("accounts", row.accounts) })), choice.root, effect.root],
      words: speech.texts,
      actions: [{ label: speech.say("delete"), kind: "danger", hook: "delete-yes", onClick: () => editor.act("delete", { id: row.id, to: choice.value || null }) }],
    });
  }

  /** The palette: each colour a button, those of neighbours marked with who has them. */
  function colors(editor, row) {
    const { speech, draft } = editor;
    const having = gt.neighborColors(editor, row);
    const note = element("p", { class: "gt-warn-note", role: "status", "data-gt": "color-note" });
    const choose = (color) => {
      dialog.close();
      if (color !== row.color) draft.act("territory", { id: row.id, color });
    };
    const wells = draft.state.palette.map((color, k) => {
      const neighbor = having.get(color.toLowerCase());
      const title = neighbor ? speech.say("color_taken", { name: neighbor }) : speech.say("color_number", { n: speech.whole(k + 1) });
      const well = element("button", { type: "button", class: "gt-well", title, "aria-label": title, "aria-pressed": String(color === row.color), "data-color": color }, ...(neighbor ? [gt.icon("warn")] : []));
      well.style.backgroundColor = color;
      well.addEventListener("click", () => choose(color));
      for (const name of ["focus", "pointerenter"]) well.addEventListener(name, () => (note.textContent = neighbor ? title : ""));
      return well;
    });
    const dialog = open(editor.box, {
      title: speech.say("color_title", { name: row.name }),
      content: [element("div", { class: "gt-wells", role: "group", "aria-label": speech.say("color") }, ...wells), note],
      words: speech.texts,
      actions: [],
      hook: "colors",
    });
    return dialog;
  }

  gt.dialogs = { open, merge, remove, colors };
})(window.L);
