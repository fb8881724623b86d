/* A server of a draft that lives in the page: answers what the redraw editor asks, remembers what it was asked (`fake.ops`,
 * `fake.posts`). Figures are sums of the facts; faults, reliefs and proposals are made up. */
(function () {
  "use strict";
  const NOBODY = 65535;
  const world = JSON.parse(document.getElementById("world").textContent);
  const facts = world.facts;
  const fake = (window.fake = { ops: [], posts: [], delay: world.delay, down: false, refuse: null, seqs: new Set() });

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const sums = (owner, slot) => {
    const row = { weight: 0, hours: 0, value: 0, accounts: 0, units: 0, by_tier: [0, 0, 0] };
    for (let u = 0; u < owner.length; u++) {
      if (owner[u] !== slot) continue;
      row.units++;
      for (const key of ["weight", "hours", "value", "accounts"]) row[key] += facts[key][u];
      for (let t = 0; t < 3; t++) row.by_tier[t] += facts["tier" + t][u];
    }
    return row;
  };

  const version = Uint16Array.from(world.owner);
  const owner = Uint16Array.from(world.owner);
  const lines = world.territories.map((line, slot) => ({ ...line, slot }));
  const entries = [];
  const undone = [];
  const locks = { units: new Set(), territories: new Set(), all: false };
  const exceptions = new Map();
  const channels = new Map();
  let rev = 0;
  let seqSeen = 0;
  let job = null;
  Object.assign(fake, { owner, version, lines, entries, locks, exceptions, channels });

  const total = world.facts.weight.reduce((n, w) => n + w, 0);
  const living = () => lines.filter((line) => !line.gone);
  const index = (row) => (100 * row.weight) / (total / living().length);

  function rowOf(line) {
    const now = sums(owner, line.slot);
    const was = sums(version, line.slot);
    const full = total / living().length;
    const capacity = full * 1.04;
    const over = now.hours / capacity;
    const covered = over <= 1 ? [1, 1, 1] : [1, Math.min(1, 2.4 - over), Math.max(0.2, 1 - 2.2 * (over - 1))];
    const of = (u) => ({ index: index(u), hours: u.hours, value: u.value, accounts: u.accounts });
    const then = of(was);
    const after = of(now);
    const change = {};
    for (const key of Object.keys(then)) change[key] = after[key] - then[key];
    return {
      id: line.id, slot: line.slot, name: line.name, color: line.color, rep: line.rep, rep_name: (world.reps.find((r) => r.id === line.rep) || { name: "" }).name,
      locked: locks.territories.has(line.id), ...now, target: full, index: index(now), in_band: index(now) >= 85 && index(now) <= 115,
      pieces: line.pieces || 1, holes: line.holes || 0, area_km2: 1900 * now.units, compactness: 0.4, change,
      roles: [
        { role: "rep", label: "Field rep", hours: now.hours, capacity, shared: false },
        { role: "inside", label: "Inside sales", hours: now.accounts * 0.9, capacity: 5200, shared: true },
      ],
      promise: ["A", "B", "C"].map((tier, k) => ({ tier, covered: covered[k] })),
    };
  }

  const rows = () => living().map(rowOf);
  const nameOf = (id) => (lines.find((line) => line.id === id) || { name: "nobody" }).name;
  const slotOf = (id) => (id ? lines.find((line) => line.id === id).slot : NOBODY);

  function whole() {
    const all = rows();
    let moved = 0;
    let accounts = 0;
    let value = 0;
    let everyone = 0;
    let everything = 0;
    for (let u = 0; u < owner.length; u++) {
      everyone += facts.accounts[u];
      everything += facts.value[u];
      if (owner[u] === version[u]) continue;
      moved++;
      accounts += facts.accounts[u];
      value += facts.value[u];
    }
    const uncovered = sums(owner, NOBODY);
    return {
      imbalance: Math.max(...all.map((row) => Math.abs(row.index / 100 - 1))), in_band: all.filter((row) => row.in_band).length, of: all.length, fits: all.filter((row) => row.roles[0].hours <= 1.005 * row.roles[0].capacity).length, moved_units: moved, moved_accounts: accounts,
      accounts: everyone, disruption: accounts / everyone, value_moved: value / everything, edits: entries.length, uncovered_units: uncovered.units, uncovered_accounts: uncovered.accounts,
    };
  }

  const brief = (row) => ({ index: row.index, accounts: row.accounts, value: row.value });

  function record(op, title, touched, before, box = null, units = 0) {
    const now = new Map(rows().map((row) => [row.id, row]));
    const sides = touched.filter(Boolean).map((id) => ({ territory: id, name: nameOf(id), before: before.has(id) ? brief(before.get(id)) : null, after: now.has(id) ? brief(now.get(id)) : null }));
    entries.unshift({ rev: ++rev, kind: op.why || op.kind, title, who: "Maria Lindqvist", at: new Date().toISOString(), reason: op.reason || "", sides, standing: true, undone: false, of: op.of || null, units, box });
    return entries[0];
  }

  function take(op) {
    const before = new Map(rows().map((row) => [row.id, row]));
    const undo = [];
    const give = (units, slot) => {
      const were = units.map((u) => owner[u]);
      undo.push(() => units.forEach((u, k) => (owner[u] = were[k])));
      units.forEach((u) => (owner[u] = slot));
    };
    const units = (op.moves || []).flatMap((move) => move.units).concat(op.units || []);
    const of = (list) => [...new Set(list.map((u) => (owner[u] === NOBODY ? "" : lines[owner[u]].id)))];
    const say = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
    let entry = null;
    if (op.kind === "move") {
      const from = of(units);
      const to = [...new Set(op.moves.map((move) => move.to))];
      op.moves.forEach((move) => give(move.units, slotOf(move.to)));
      entry = record(op, `${say(units.length, "unit")} from ${from.map(nameOf).join(", ")} to ${to.map(nameOf).join(", ")}`, [...new Set([...from, ...to])], before, world.box, units.length);
    } else if (op.kind === "lock") {
      for (const u of op.units || []) locks.units[op.on ? "add" : "delete"](u);
      for (const id of op.territories || []) locks.territories[op.on ? "add" : "delete"](id);
      if (op.all) locks.all = op.on;
      entry = record(op, op.on ? "Locked" : "Unlocked", op.territories || [], before);
    } else if (op.kind === "territory") {
      const line = lines.find((one) => one.id === op.id);
      const was = { ...line };
      undo.push(() => Object.assign(line, was));
      for (const key of ["name", "color", "rep"]) if (op[key] !== undefined) line[key] = op[key];
      entry = record(op, op.name !== undefined ? `${was.name} is now ${op.name}` : `${line.name} changed`, [op.id], before);
    } else if (op.kind === "add") {
      const line = { id: "T" + (lines.length + 1), name: "New territory", color: world.palette[0], rep: "", slot: lines.length };
      lines.push(line);
      const from = of(units);
      give(units, line.slot);
      undo.push(() => (line.gone = true));
      entry = record(op, `New territory from ${say(units.length, "unit")}`, [...from, line.id], before, world.box, units.length);
    } else if (op.kind === "merge" || op.kind === "delete") {
      const id = op.kind === "merge" ? op.from[0] : op.id;
      const into = (op.kind === "merge" ? op.into : op.to) || living().find((line) => line.id !== id).id;
      const line = lines.find((one) => one.id === id);
      give([...owner.keys()].filter((u) => owner[u] === line.slot), slotOf(into));
      line.gone = true;
      undo.push(() => delete line.gone);
      entry = record(op, op.kind === "merge" ? `${line.name} merged into ${nameOf(into)}` : `${line.name} deleted`, [into], before);
    } else if (op.kind === "move_accounts") {
      op.accounts.forEach((id) => (op.to ? exceptions.set(id, op.to) : exceptions.delete(id)));
      entry = record(op, `${say(op.accounts.length, "account")} to ${nameOf(op.to)}`, [op.to], before);
    } else if (op.kind === "channel") {
      op.accounts.forEach((id) => channels.set(id, op.channel));
      entry = record(op, `${say(op.accounts.length, "account")} by phone`, [], before);
    } else if (op.kind === "undo" || op.kind === "revert") {
      const found = entries.find((one) => (op.kind === "revert" ? one.rev === op.of : one.undo && !one.undone));
      if (!found) return;
      found.undo();
      Object.assign(found, { undone: true, standing: false });
      undone.push(found);
      record({ ...op, of: found.rev }, `Undid: ${found.title}`, [], before);
      return;
    } else if (op.kind === "redo") {
      return;
    } else entry = record(op, op.kind, [op.id], before);
    Object.defineProperty(entry, "undo", { value: () => undo.reverse().forEach((step) => step()), enumerable: false });
  }

  const base64 = (array) => btoa(Array.from(new Uint8Array(array.buffer), (byte) => String.fromCharCode(byte)).join(""));
  const rest = () => {
    const last = entries.find((entry) => entry.undo && !entry.undone);
    return {
      doc: "draft 7", rev, ack: seqSeen, ledger: entries.slice(0, 200), locks: { units: [...locks.units], territories: [...locks.territories], all: locks.all },
      exceptions: [...exceptions], undo: last ? last.title : null, redo: undone.length ? undone[undone.length - 1].title : null, whole: whole(),
    };
  };

  function edits({ ops }) {
    const before = Uint16Array.from(owner);
    const mine = Uint16Array.from(owner);
    const refused = [];
    for (const op of ops) {
      seqSeen = Math.max(seqSeen, op.seq);
      if (fake.seqs.has(op.seq)) continue;
      fake.seqs.add(op.seq);
      fake.ops.push(op);
      if (fake.refuse && op.kind === "move") refused.push({ seq: op.seq, reason: fake.refuse, units: op.moves.flatMap((move) => move.units) });
      else {
        if (op.kind === "move") op.moves.forEach((move) => move.units.forEach((u) => (mine[u] = slotOf(move.to))));
        take(op);
      }
    }
    fake.refuse = null;
    const other = new Map();
    for (let u = 0; u < owner.length; u++) if (owner[u] !== mine[u] || (owner[u] !== before[u] && mine[u] === before[u])) other.set(owner[u], [...(other.get(owner[u]) || []), u]);
    return { ...rest(), refused, owners: [...other], territories: [...rows(), ...lines.filter((line) => line.gone).map(({ id, slot }) => ({ id, slot, gone: true }))] };
  }

  function look({ moves }) {
    const after = Uint16Array.from(owner);
    const touched = new Set();
    for (const { units, to } of moves) for (const u of units) {
      touched.add(owner[u]);
      after[u] = slotOf(to);
      touched.add(after[u]);
    }
    const found = [...touched].filter((slot) => slot !== NOBODY).map((slot) => {
      const now = sums(after, slot);
      const row = rowOf(lines[slot]);
      return { ...row, ...now, index: index(now), pieces: slot === 3 && moves[0].units.some((u) => owner[u] === 3) ? 3 : row.pieces };
    });
    return { rev, selection: {}, territories: found, clean: found.every((row) => row.pieces < 3), told: found.some((row) => row.pieces > 2) ? `${found.find((row) => row.pieces > 2).name} would fall into 3 pieces.` : "" };
  }

  function advice({ territory }) {
    const line = lines.find((one) => one.id === territory);
    const row = line ? rowOf(line) : null;
    const mine = [...owner.keys()].filter((u) => line && owner[u] === line.slot);
    const other = living().find((one) => one.id !== territory);
    const faults = line && line.pieces > 1 ? [{ kind: "piece", territory, units: mine.slice(0, 3), told: `A piece of 3 units lies apart from the rest of ${line.name}.`, repairs: [{ told: `Give these 3 units to ${other.name}`, moves: [{ units: mine.slice(0, 3), to: other.id }], clean: true }, { told: "Give 5 units between them", moves: [{ units: mine.slice(3, 8), to: other.id }], clean: false }] }] : [];
    const heavy = row && row.index > 115;
    const relief = heavy ? [{ territory, told: "Serve 40 C accounts by phone instead of visits: 96 h less, index 131 → 122", accounts: ["a1", "a2"], channel: "phone", hours: 96 }, { territory, told: `Hand 12 accounts in 4 units to ${other.name}: 71 h less`, accounts: [], channel: "visit", hours: 71, moves: [{ units: mine.slice(10, 14), to: other.id }] }] : [];
    return { rev, faults, relief };
  }

  function accounts(query) {
    const id = query.get("territory");
    const q = (query.get("q") || "").toLowerCase();
    const limit = Number(query.get("limit") || 25);
    const all = world.accounts.filter((account) => (exceptions.get(account.id) || account.home) === id || account.home === id).filter((account) => account.name.toLowerCase().includes(q));
    const shown = all.slice(0, limit).map((account) => ({ ...account, territory: exceptions.get(account.id) || account.home, exception: exceptions.get(account.id) || null, channel: channels.get(account.id) || null }));
    return { accounts: shown, more: all.length > limit };
  }

  /** Entries before a revision; the first of all is `-world.older`, made up as they are asked for. */
  function earlier(before) {
    const entry = (k) => ({ rev: before - 1 - k, kind: "move", title: `Old move ${before - 1 - k}`, who: "Ben", at: "2026-01-02T10:00:00Z", reason: "", sides: [], standing: false, undone: false, of: null, units: 1, box: null });
    return { ledger: Array.from({ length: world.older }, (_, k) => entry(k)), older: 0 };
  }

  function begin({ pinned }) {
    const all = living();
    const proposals = [0, 1, 2].map((k) => {
      const [from, to] = [all[k], all[k + 4]];
      const units = [...owner.keys()].filter((u) => owner[u] === from.slot && !pinned.includes(u)).slice(0, 4 + k);
      const [a, b] = [rowOf(from), rowOf(to)];
      return { number: k + 1, units, before: from.id, after: to.id, weight: 40, accounts: 10 * (k + 1), value: 60000 * (k + 1), place: "Boise", told: `Give ${units.length} units from ${from.name} to ${to.name}.`, sides: [{ territory: from.id, before: a.index, after: a.index - 4 }, { territory: to.id, before: b.index, after: b.index + 4 }] };
    });
    job = { polls: 0, rev, proposals };
    return { job: 1 };
  }

  const solving = () => (job.polls++ < fake.solvePolls ? { running: true, phase: "Balancing", fraction: job.polls / 5, failed: null, rev: job.rev, proposals: [] } : { running: false, phase: "done", fraction: 1, failed: null, rev: job.rev, proposals: job.proposals, imbalance: [0.72, 0.05], in_band: [8, 14], in_one_piece: [13, 14], territories: 14, accounts: 60, value: 360000, reasons: [] });
  fake.solvePolls = 1;

  const state = () => ({
    ...rest(), refused: [], owner: base64(owner), version_owner: base64(version), territories: rows(), older: world.older, tiers: ["A", "B", "C"], role: "rep", roles: ["rep", "inside"], currency: "USD", language: world.language,
    texts: world.texts, palette: world.palette, reps: world.reps, name: "Spring draft", seq: seqSeen, facts: world.facts_hash,
  });

  async function answer(path, query, body) {
    if (path === "") return state();
    if (path === "/edits") return edits(body);
    if (path === "/look") return look(body);
    if (path === "/advice") return advice(body);
    if (path === "/accounts") return accounts(query);
    if (path === "/ledger") return earlier(Number(query.get("before")));
    if (path === "/solve") return body ? begin(body) : solving();
    if (path === "/solve/cancel") return (job.polls = 99), {};
    return null; // nothing new since
  }

  const real = window.fetch;
  window.fetch = async (address, options = {}) => {
    if (!String(address).startsWith("/fake")) return real(address, options);
    const [path, query] = String(address).slice(5).split("?");
    const body = options.body ? JSON.parse(options.body) : null;
    if (body) fake.posts.push([path, body]);
    await wait(path === "/edits" ? fake.delay : 5);
    if (fake.down) throw new TypeError("Failed to fetch");
    const said = await answer(path, new URLSearchParams(query), body);
    return said === null ? new Response(null, { status: 204 }) : new Response(JSON.stringify(said), { status: 200, headers: { "Content-Type": "application/json" } });
  };
})();
