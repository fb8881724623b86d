/* Which units a stroke takes: geometry in the unit square that holds the world, without DOM. A unit is taken by its inner point
 * (`centerX`, `centerY` of the area layer), by a brush also when the pointer passed over any part of it. */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.strokes) return;

  const STEP_SIDES = 4; // a fast stroke is looked at in steps of at most so many typical units
  const CONE = Math.cos((62 * Math.PI) / 180);

  const distance = (px, py, ax, ay, bx, by) => {
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const t = length ? Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length)) : 0;
    return Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay));
  };

  const side = (ax, ay, bx, by, px, py) => (bx - ax) * (py - ay) - (by - ay) * (px - ax);

  const cross = (ax, ay, bx, by, cx, cy, dx, dy) => {
    const p = side(ax, ay, bx, by, cx, cy) > 0 !== side(ax, ay, bx, by, dx, dy) > 0;
    return p && side(cx, cy, dx, dy, ax, ay) > 0 !== side(cx, cy, dx, dy, bx, by) > 0;
  };

  /** Whether the way from a to b touches an area: begins in it or crosses its rim. */
  function passes(rings, area, ax, ay, bx, by) {
    if (rings.contains(area, ax, ay)) return true;
    for (let r = rings.areaRing[area]; r < rings.areaRing[area + 1]; r++) {
      const end = rings.ringVertex[r + 1];
      for (let i = rings.ringVertex[r], j = end - 1; i < end; j = i++) {
        if (cross(ax, ay, bx, by, rings.wx[j], rings.wy[j], rings.wx[i], rings.wy[i])) return true;
      }
    }
    return false;
  }

  /** Call `visit(unit)` for each unit under a brush of `radius` drawn straight from a to b; a unit may come more than once. */
  function brushed(areas, ax, ay, bx, by, radius, visit) {
    const step = Math.max(2 * radius, STEP_SIDES * areas.typicalSide) || 1;
    const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / step));
    for (let k = 0; k < steps; k++) {
      const [cx, cy] = [ax + ((bx - ax) * k) / steps, ay + ((by - ay) * k) / steps];
      const [dx, dy] = [ax + ((bx - ax) * (k + 1)) / steps, ay + ((by - ay) * (k + 1)) / steps];
      const box = [Math.min(cx, dx), Math.min(cy, dy), Math.max(cx, dx), Math.max(cy, dy)];
      areas.grid.query(box[0] - radius, box[1] - radius, box[2] + radius, box[3] + radius, (u) => {
        const b = areas.boxes;
        const near = distance(areas.centerX[u], areas.centerY[u], cx, cy, dx, dy) <= radius;
        const over = b[4 * u] <= box[2] && b[4 * u + 2] >= box[0] && b[4 * u + 1] <= box[3] && b[4 * u + 3] >= box[1];
        if (near || (over && passes(areas.rings, u, cx, cy, dx, dy))) visit(u);
      });
    }
  }

  /** Units whose inner point lies in a rectangle. */
  function inRectangle(areas, [west, north, east, south]) {
    const { centerX: x, centerY: y } = areas;
    const found = new Set();
    areas.grid.query(west, north, east, south, (u) => {
      if (x[u] >= west && x[u] <= east && y[u] >= north && y[u] <= south) found.add(u);
    });
    return inOrder(found);
  }

  /** How often a closed line of points [x, y] goes around a place: 0 is outside, also of a line that crosses itself. */
  function windings(line, x, y) {
    let turns = 0;
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
      const [ax, ay] = line[j];
      const [bx, by] = line[i];
      if (ay <= y !== by <= y) turns += side(ax, ay, bx, by, x, y) > 0 === by > ay ? (by > ay ? 1 : -1) : 0;
    }
    return turns;
  }

  /** Units whose inner point lies in a closed line; one that goes around them twice takes them too. */
  function inLasso(areas, line) {
    const found = new Set();
    if (line.length < 3) return [];
    const box = boxOf(line);
    areas.grid.query(...box, (u) => {
      if (!found.has(u) && windings(line, areas.centerX[u], areas.centerY[u])) found.add(u);
    });
    return inOrder(found);
  }

  function boxOf(line) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of line) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
    return box;
  }

  const inOrder = (set) => [...set].sort((p, q) => p - q);

  /** The unit next to one in a direction [dx, dy] (north is up): of its neighbours the one most in that direction, and where there is
   *  none the nearest unit that lies there; -1 for none. */
  function toward(areas, facts, from, [dx, dy]) {
    const { centerX: x, centerY: y } = areas;
    const choose = (candidates, score) => {
      let best = Infinity;
      let found = -1;
      for (const u of candidates) {
        if (u === from || Number.isNaN(x[u])) continue;
        const far = Math.hypot(x[u] - x[from], y[u] - y[from]);
        const along = ((x[u] - x[from]) * dx + (y[u] - y[from]) * dy) / (far || 1);
        if (along >= CONE && score(far, along) < best) [best, found] = [score(far, along), u];
      }
      return found;
    };
    if (facts && facts.near_first) {
      const near = choose(facts.near.subarray(facts.near_first[from], facts.near_first[from + 1]), (far, along) => -along);
      if (near >= 0) return near;
    }
    return choose(x.keys(), (far, along) => far * (2 - along));
  }

  /** Units of the same region as one: `list` is the position of each unit's region; empty where it has none. */
  function ofRegion(list, unit) {
    if (!list || unit < 0 || list[unit] === 4294967295) return [];
    const found = [];
    for (let u = 0; u < list.length; u++) if (list[u] === list[unit]) found.push(u);
    return found;
  }

  gt.strokes = { brushed, inRectangle, inLasso, toward, ofRegion, boxOf };
})(window);
