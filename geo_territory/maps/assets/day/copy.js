/* The calls of an offline copy as files: the same calls saved twice and brought twice count once. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.files) return;

  const FORMAT = "geo-territory calls";
  const COLUMNS = ["call_id", "account_id", "name", "rep_id", "role", "date", "channel", "outcome", "note", "logged_at", "retracted"];
  const FORMULA = /^[=+\-@\t\r']/; // a table program would run it, or swallow it

  /** The rows to bring: each call once, with whether it was taken back. */
  function rows(book, rep) {
    const entries = book.entries();
    const back = new Set(entries.filter((entry) => entry.kind === "retract").map((entry) => entry.call));
    const own = entries.filter((entry) => entry.kind === "log");
    const known = new Set(own.map((entry) => entry.id));
    const made = own.map((entry) => ({
      call_id: entry.id, account_id: entry.account, name: entry.name, rep_id: rep.id, role: rep.role, date: entry.date,
      channel: entry.channel, outcome: entry.outcome, note: entry.note || "", logged_at: entry.at, retracted: back.has(entry.id) ? "yes" : "no",
    }));
    const older = entries.filter((entry) => entry.kind === "retract" && !known.has(entry.call)); // calls of the sheet, taken back here
    return made.concat(older.map((entry) => ({ ...Object.fromEntries(COLUMNS.map((name) => [name, ""])), call_id: entry.call, account_id: entry.account, name: entry.name, rep_id: rep.id, role: rep.role, logged_at: entry.at, retracted: "yes" })));
  }

  const cell = (text) => '"' + (FORMULA.test(text) ? "'" : "") + String(text).replace(/"/g, '""') + '"';

  const WRITERS = {
    csv: { type: "text/csv;charset=utf-8", write: (found) => "\ufeff" + [COLUMNS, ...found.map((row) => COLUMNS.map((name) => row[name]))].map((line) => line.map((text) => cell(String(text))).join(",")).join("\r\n") + "\r\n" },
    json: { type: "application/json", write: (found) => JSON.stringify({ format: FORMAT, version: 1, calls: found }, null, 1) },
  };

  /** Save the calls as a file; what was saved is known as such, so undoing it later is told in the next file. */
  function save(book, rep, kind, asOf) {
    const { type, write } = WRITERS[kind];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([write(rows(book, rep))], { type }));
    link.download = `calls-${rep.id}-${asOf}.${kind}`.replace(/[^\w.-]+/g, "-");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    book.entries().forEach((entry) => book.change(entry.id, { saved: true }));
  }

  gt.day.files = { rows, save };
})(window.L);
