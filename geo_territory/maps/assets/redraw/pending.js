/* The figures of what is pending: additive ones are known in the browser before Python answers. Functions without DOM. */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.rowWith) return;

  const BAND = [85, 115];
  const SUMS = ["weight", "hours", "value", "accounts", "units"];

  /** Add (`sign` 1) or take (-1) one unit's facts to what a territory gains; `deltas`: territory_id -> sums. */
  gt.addFacts = (deltas, id, facts, unit, sign) => {
    if (!id) return;
    if (!deltas.has(id)) deltas.set(id, { weight: 0, hours: 0, value: 0, accounts: 0, units: 0, by_tier: [] });
    const delta = deltas.get(id);
    delta.units += sign;
    if (!facts) return;
    for (const key of SUMS) if (facts[key]) delta[key] += sign * facts[key][unit];
    for (let t = 0; facts["tier" + t]; t++) delta.by_tier[t] = (delta.by_tier[t] || 0) + sign * facts["tier" + t][unit];
  };

  /** A territory's row with what it gains; its index follows its workload, its target stays. */
  gt.rowWith = (row, delta, band) => {
    const shown = { ...row, change: { ...row.change } };
    for (const key of SUMS) if (typeof row[key] === "number") shown[key] = row[key] + delta[key];
    shown.by_tier = (row.by_tier || []).map((n, t) => n + (delta.by_tier[t] || 0));
    if (row.target > 0) shown.index = (100 * shown.weight) / row.target;
    const [low, high] = band || BAND;
    if (typeof shown.index === "number") shown.in_band = shown.index >= low && shown.index <= high;
    for (const key of ["index", ...SUMS]) if (row.change && typeof row.change[key] === "number") shown.change[key] = row.change[key] + shown[key] - row[key];
    return shown;
  };

  /** What a pending edit of a territory's line shows before its answer. */
  gt.lineOf = ({ name, color, rep }, reps) => {
    const line = {};
    if (name !== undefined) line.name = name;
    if (color !== undefined) line.color = color;
    if (rep !== undefined) {
      const known = (reps || []).find((one) => one.id === rep);
      Object.assign(line, { rep, rep_name: known ? known.name : "" });
    }
    return line;
  };
})(window);
