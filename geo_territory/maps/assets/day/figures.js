/* What a rep has made and what is left, the calls of late, requests, and what changed hands. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.progress) return;

  const { element } = gt;
  const { button, meter } = gt.parts;

  /** Calls, newest first, with a button to take one back. */
  gt.day.callList = (words, calls, acts, named = false) => {
    const rows = calls.map((call) => {
      const what = words.what(call);
      const lines = [named ? element("strong", {}, call.name || call.account) : null, element("span", {}, `${words.shortDay(call.date)}: ${what}`), call.note ? element("q", {}, call.note) : null, call.waiting ? element("em", {}, words.say("waiting")) : null];
      const undo = acts.mayLog ? [button({ label: words.say("undo"), title: words.say("undo_call", { what, day: words.shortDay(call.date) }), hook: "undo-call", onClick: () => acts.undo(call) })] : [];
      return element("li", {}, element("span", { class: "gt-lines" }, ...lines.filter(Boolean)), ...undo);
    });
    return element("ul", { class: "gt-made-list", "data-gt": "made" }, ...rows);
  };

  gt.day.requestLines = (words, requests, named = false) =>
    requests.map((request) => {
      const values = { kind: words.say("ask_" + request.kind), wish: request.wish, state: words.say("ask_state_" + request.state) };
      const said = words.say(request.wish ? "ask_line_wish" : "ask_line", values);
      const more = [element("q", {}, request.reason), ...(request.answer ? [element("span", {}, request.answer)] : [])];
      return element("p", { class: "gt-request", "data-gt": "request" }, ...(named ? [element("strong", {}, request.name || request.account)] : []), element("span", {}, said), ...more);
    });

  /** The tab of progress. `calls`, `requests`: of the sheet and of this page together. */
  gt.day.progress = (words, sheet, calls, requests, acts) => {
    const { attainment, pace } = sheet;
    const parts = [];
    if (attainment) {
      const title = words.say("progress", { start: words.shortDay(attainment.start), end: words.shortDay(attainment.end) });
      parts.push(element("h3", {}, title));
      if (sheet.utilisation) parts.push(element("p", { class: "gt-warned", "data-gt": "utilisation" }, words.say("utilisation", { share: words.percent(sheet.utilisation) })));
      if (attainment.why) parts.push(element("p", { class: "gt-why" }, attainment.why));
      parts.push(table(words, attainment), element("p", { class: "gt-why" }, words.say("capped_told")));
    }
    if (pace && pace.why) parts.push(element("p", { class: "gt-why" }, pace.why));
    else if (pace && pace.on_pace !== null) parts.push(element("p", { "data-gt": "pace" }, words.say(pace.on_pace ? "pace_on" : "pace_behind", { made: words.fine(pace.made), expected: words.fine(pace.expected) })));
    parts.push(element("h3", {}, words.say("recent")), calls.length ? gt.day.callList(words, calls, acts, true) : element("p", { class: "gt-why" }, words.say("recent_none")));
    parts.push(element("h3", {}, words.say("requests")), ...(requests.length ? gt.day.requestLines(words, requests, true) : [element("p", { class: "gt-why" }, words.say("requests_none"))]));
    return parts;
  };

  function table(words, { tiers, total }) {
    const heads = ["tier_head", "made_head", "share_head", "left_head"].map((key) => element("th", { scope: "col" }, words.say(key)));
    const row = (name, figures, left) =>
      element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, words.say("capped", { made: words.fine(figures.capped), planned: words.fine(figures.planned) })), element("td", {}, meter(figures.share), element("b", {}, figures.share === null ? "–" : words.share(figures.share))), element("td", {}, words.fine(left)));
    const rows = tiers.map((one) => row(one.tier, one, Math.max(0, one.planned - one.capped)));
    return element("table", { class: "gt-attained", "data-gt": "attainment" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows), element("tfoot", {}, row(words.say("all_tiers"), total, total.left)));
  }

  /** The tab of what changed hands. */
  gt.day.changes = (words, sheet) => {
    const { changes } = sheet;
    const none = !changes || !changes.date || !(changes.kept || changes.gained.length || changes.lost.length);
    if (none) return [element("p", { class: "gt-empty" }, words.say("changes_none"))];
    const list = (key, rows, side) => [
      element("h4", {}, `${words.say(key)} (${words.whole(rows.length)})`),
      ...(rows.length ? [element("ul", { class: "gt-hands", "data-gt": key }, ...rows.map((row) => line(words, row, side)))] : []),
    ];
    return [
      element("h3", {}, words.say("changes_of", { day: words.longDay(changes.date) })),
      ...list("gained", changes.gained, "gained_from"),
      ...list("lost", changes.lost, "lost_to"),
      element("h4", {}, words.say("kept")),
      element("p", { "data-gt": "kept" }, words.many("kept_count", changes.kept)),
    ];
  };

  function line(words, row, side) {
    const who = words.say(side, { name: row.other || words.say("nobody") });
    return element("li", {}, ...(row.tier ? [gt.day.badge(row.tier)] : []), element("span", { class: "gt-lines" }, element("strong", {}, row.name || row.id), element("span", { class: "gt-why" }, [who, row.reason].filter(Boolean).join(" · "))));
  }
})(window.L);
