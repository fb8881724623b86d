/* Borders between areas, and the outlines of who owns them: worked out once, then kept up to date where ownership changes. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Borders) return;

  const NO_AREA = -1;

  gt.Borders = class Borders {
    constructor(rings) {
      this.edges = edgesOf(rings);
      this._byArea(rings.count);
      this.first = new Int32Array(this.edges.vertices).fill(-1); // first half-edge that leaves a vertex; half-edge 2k leaves from[e], 2k + 1 leaves to[e]
      this.outlines = new Map();
    }

    _byArea(count) {
      const { a, b } = this.edges;
      this.areaFirst = new Uint32Array(count + 1);
      for (const sides of [a, b]) for (const area of sides) if (area !== NO_AREA) this.areaFirst[area + 1]++;
      for (let k = 0; k < count; k++) this.areaFirst[k + 1] += this.areaFirst[k];
      const next = this.areaFirst.slice();
      this.areaEdge = new Uint32Array(this.areaFirst[count]);
      for (let e = 0; e < a.length; e++) {
        this.areaEdge[next[a[e]]++] = e;
        if (b[e] !== NO_AREA) this.areaEdge[next[b[e]]++] = e;
      }
    }

    /** Call `visit(edge)` for each edge of an area. */
    each(area, visit) {
      for (let k = this.areaFirst[area]; k < this.areaFirst[area + 1]; k++) visit(this.areaEdge[k]);
    }

    /** The closed walks around a set of areas: along edges with one side in it only. */
    around(areas) {
      const { a, b } = this.edges;
      const found = [];
      for (const area of areas) {
        this.each(area, (e) => {
          const other = a[e] === area ? b[e] : a[e];
          if (other === NO_AREA || !areas.has(other)) found.push(e);
        });
      }
      return walks(Int32Array.from(found).sort(), this.edges, this.first);
    }

    /** Work out the outlines of all owners. */
    own(owner) {
      this.of = new Map();
      const { a } = this.edges;
      for (let e = 0; e < a.length; e++) this._put(e, owner, true);
      this.outlines = new Map();
      this._walk(this.of.keys());
    }

    /** Some areas changed hands: work out the outlines of their old and new owners, and return these. */
    hand(changed, before, owner) {
      const touched = new Set();
      const edges = new Set();
      for (const area of changed) {
        touched.add(before[area]).add(owner[area]);
        this.each(area, (e) => edges.add(e));
      }
      for (const e of edges) this._put(e, before, false);
      for (const e of edges) this._put(e, owner, true);
      this._walk(touched);
      return touched;
    }

    _put(e, owner, there) {
      const { a, b } = this.edges;
      const one = owner[a[e]];
      const other = b[e] === NO_AREA ? NO_AREA : owner[b[e]];
      if (one === other) return;
      for (const t of other === NO_AREA ? [one] : [one, other]) {
        if (!this.of.has(t)) this.of.set(t, new Set());
        this.of.get(t)[there ? "add" : "delete"](e);
      }
    }

    _walk(owners) {
      const { outlines } = this;
      for (const t of owners) {
        const list = Int32Array.from(this.of.get(t) || []).sort();
        if (list.length) outlines.set(t, walks(list, this.edges, this.first));
        else outlines.delete(t);
      }
      this.outlines = new Map([...outlines].sort(([s], [t]) => s - t));
    }
  };

  /** For each vertex the first vertex at the same place. */
  function canonical({ qx, qy }) {
    const n = qx.length;
    let size = 16;
    while (size < 2 * n) size *= 2;
    const slots = new Int32Array(size).fill(-1);
    const canon = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      let slot = Math.imul(Math.imul(qx[i], 0x9e3779b1) ^ qy[i], 0x85ebca6b);
      for (slot = (slot ^ (slot >>> 15)) & (size - 1); slots[slot] !== -1; slot = (slot + 1) & (size - 1)) {
        if (qx[slots[slot]] === qx[i] && qy[slots[slot]] === qy[i]) break;
      }
      if (slots[slot] === -1) slots[slot] = i;
      canon[i] = slots[slot];
    }
    return canon;
  }

  /** Every edge once, in ring order: vertices `from`, `to`, and the areas `a`, `b` on its two sides (b is -1 at the rim). */
  function edgesOf(rings) {
    const canon = canonical(rings);
    const n = canon.length;
    let size = 16;
    while (size < 2 * n) size *= 2;
    const slots = new Int32Array(size).fill(-1);
    const edges = { from: new Int32Array(n), to: new Int32Array(n), a: new Int32Array(n), b: new Int32Array(n).fill(NO_AREA) };
    const { from, to, a, b } = edges;
    let count = 0;
    for (let area = 0; area < rings.count; area++) {
      for (let r = rings.areaRing[area]; r < rings.areaRing[area + 1]; r++) {
        const end = rings.ringVertex[r + 1];
        for (let k = rings.ringVertex[r]; k < end; k++) {
          const i = canon[k];
          const j = canon[k + 1 < end ? k + 1 : rings.ringVertex[r]];
          if (i === j) continue;
          let slot = Math.imul(Math.imul(Math.min(i, j), 0x9e3779b1) ^ Math.max(i, j), 0x85ebca6b);
          for (slot = (slot ^ (slot >>> 15)) & (size - 1); slots[slot] !== -1; slot = (slot + 1) & (size - 1)) {
            const e = slots[slot];
            if (b[e] === NO_AREA && a[e] !== area && ((from[e] === j && to[e] === i) || (from[e] === i && to[e] === j))) break;
          }
          if (slots[slot] !== -1) {
            b[slots[slot]] = area;
            continue;
          }
          slots[slot] = count;
          from[count] = i;
          to[count] = j;
          a[count++] = area;
        }
      }
    }
    for (const name of Object.keys(edges)) edges[name] = edges[name].slice(0, count);
    edges.vertices = n;
    return edges;
  }

  /** The closed walks along edges that are joined end to end. */
  function walks(list, { from, to }, first) {
    const next = new Int32Array(2 * list.length);
    const used = new Uint8Array(list.length);
    const start = (half) => (half & 1 ? to : from)[list[half >> 1]];
    for (let half = 0; half < next.length; half++) {
      next[half] = first[start(half)];
      first[start(half)] = half;
    }
    const loops = [];
    for (let k = 0; k < list.length; k++) {
      if (used[k]) continue;
      const loop = [];
      for (let half = 2 * k; half !== -1; ) {
        used[half >> 1] = 1;
        loop.push(start(half));
        const vertex = start(half ^ 1);
        while (first[vertex] !== -1 && used[first[vertex] >> 1]) first[vertex] = next[first[vertex]];
        half = first[vertex];
      }
      loops.push(Int32Array.from(loop));
    }
    for (const e of list) first[from[e]] = first[to[e]] = -1;
    return loops;
  }
})(window.L);
