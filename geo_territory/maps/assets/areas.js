/* Areas: basic units or territories, painted by owner. Geometry and ownership are apart: `setOwner` paints a new alignment
 * without touching the map, and territory borders are the edges whose two sides have different owners. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.AreaLayer) return;

  const UNASSIGNED = 65535;
  const NO_AREA = -1;
  const SMALLEST = -2147483648; // what payload.py writes for "no point"
  const UNIT_BORDER_FROM_PX = 6.5;

  gt.UNASSIGNED = UNASSIGNED;

  gt.AreaLayer = gt.CanvasLayer.extend({
    options: { padding: 0.35, pane: "gt-areas", zIndex: 380, source: null, unit: true },

    onAdd(map) {
      gt.CanvasLayer.prototype.onAdd.call(this, map);
      this._load([this.options.source], (payload) => this._take(payload));
    },

    _take(payload) {
      const rings = new gt.Rings(payload);
      this.rings = rings;
      this.ids = payload.ids;
      this.names = payload.names;
      this.boxes = new Float64Array(rings.count * 4).fill(NaN);
      this.weight = new Float64Array(rings.count);
      this.centerX = new Float64Array(rings.count).fill(NaN);
      this.centerY = new Float64Array(rings.count).fill(NaN);
      const sides = [];
      for (let a = 0; a < rings.count; a++) {
        const box = rings.areaBox(a);
        if (!box) continue;
        this.boxes.set(box, 4 * a);
        this.weight[a] = (box[2] - box[0]) * (box[3] - box[1]);
        sides.push(Math.sqrt(this.weight[a]));
        if (payload.center_x[a] === SMALLEST) continue;
        this.centerX[a] = gt.mercatorX(payload.center_x[a] / gt.STEPS_PER_DEGREE);
        this.centerY[a] = gt.mercatorY(payload.center_y[a] / gt.STEPS_PER_DEGREE);
      }
      sides.sort((p, q) => p - q);
      this.typicalSide = sides.length ? sides[sides.length >> 1] : 0;
      this.grid = new gt.Grid(this.boxes, Math.max(8, Math.min(256, Math.ceil(Math.sqrt(rings.count)))));
      this.edges = edgesOf(rings);
      this._own();
    },

    /** Who owns which area, by position; returns how many areas changed hands. Kept when the areas are not here yet. */
    setOwner(owner) {
      const before = this.owner;
      this.owner = owner;
      let changed = before && before.length === owner.length ? 0 : owner.length;
      if (!changed) for (let a = 0; a < owner.length; a++) if (owner[a] !== before[a]) changed++;
      if (changed && this.rings) this._own();
      if (changed) this.redraw();
      return changed;
    },

    setTerritories(territories, selected) {
      this.territories = territories;
      this.selected = selected;
      this.redraw();
    },

    fits() {
      return !this.rings || !this.owner || this.owner.length === this.rings.count;
    },

    _own() {
      if (!this.owner || !this.fits()) return;
      this.outlines = outlinesOf(this.edges, this.owner);
      this.labels = this._labelPlaces();
    },

    /** For each territory the point of its own area that lies nearest to the middle of all its areas. */
    _labelPlaces() {
      const sums = new Map();
      for (let a = 0; a < this.owner.length; a++) {
        if (Number.isNaN(this.centerX[a])) continue;
        let s = sums.get(this.owner[a]);
        if (!s) sums.set(this.owner[a], (s = { w: 0, x: 0, y: 0, best: Infinity, area: 0 }));
        s.w += this.weight[a];
        s.x += this.weight[a] * this.centerX[a];
        s.y += this.weight[a] * this.centerY[a];
      }
      for (let a = 0; a < this.owner.length; a++) {
        const s = sums.get(this.owner[a]);
        if (!s || Number.isNaN(this.centerX[a])) continue;
        const distance = Math.hypot(this.centerX[a] - s.x / s.w, this.centerY[a] - s.y / s.w);
        if (distance < s.best) Object.assign(s, { best: distance, area: a });
      }
      const places = [...sums].filter(([t]) => t !== UNASSIGNED);
      return places.map(([t, s]) => ({ territory: t, x: this.centerX[s.area], y: this.centerY[s.area], size: s.w })).sort((p, q) => q.size - p.size);
    },

    /** Position of the area at a place, -1 for none. */
    hit(latlng) {
      if (!this.rings) return NO_AREA;
      const x = gt.mercatorX(latlng.lng);
      const y = gt.mercatorY(latlng.lat);
      let found = NO_AREA;
      this.grid.query(x, y, x, y, (a) => {
        if (found === NO_AREA && this.rings.contains(a, x, y)) found = a;
      });
      return found;
    },

    /** Positions in `territories` of the owner at a place; UNASSIGNED where nobody owns it. */
    ownerOf(area) {
      return area === NO_AREA || !this.owner || !this.fits() ? UNASSIGNED : this.owner[area];
    },

    draw(context, view) {
      if (!this.territories || !this.owner || !this.fits()) return;
      context.lineJoin = context.lineCap = "round";
      const paths = new Map();
      for (const [t, loops] of this.outlines) paths.set(t, this._path(loops, view));
      for (const [t, path] of paths) {
        context.fillStyle = t === UNASSIGNED ? view.style.unassigned : this.territories[t].color;
        context.globalAlpha = this.selected === null ? view.style.fill : t === this.selected ? view.style.fillSelected : view.style.fillOther;
        context.fill(path, "evenodd");
      }
      context.globalAlpha = 1;
      if (this.options.unit && this.typicalSide * view.scale > UNIT_BORDER_FROM_PX) this._strokeUnits(context, view);
      for (const path of paths.values()) this._stroke(context, path, view.style.border, 1.5);
      if (!paths.has(this.selected)) return;
      this._stroke(context, paths.get(this.selected), view.style.halo, 6);
      this._stroke(context, paths.get(this.selected), view.style.ink, 3);
    },

    _stroke(context, path, colour, width) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(path);
    },

    /** The outline of one territory, leaving out vertices nearer than 0.7 pixels to the one before. */
    _path(loops, view) {
      const { wx, wy } = this.rings;
      const path = new Path2D();
      for (const loop of loops) {
        let px = wx[loop[0]] * view.scale - view.x;
        let py = wy[loop[0]] * view.scale - view.y;
        path.moveTo(px, py);
        for (let k = 1; k < loop.length; k++) {
          const x = wx[loop[k]] * view.scale - view.x;
          const y = wy[loop[k]] * view.scale - view.y;
          if (Math.abs(x - px) + Math.abs(y - py) < 0.7) continue;
          path.lineTo((px = x), (py = y));
        }
        path.closePath();
      }
      return path;
    },

    /** Thin lines between units, each shared edge once; edges that follow each other along a ring make one line. */
    _strokeUnits(context, view) {
      const { wx, wy } = this.rings;
      const { from, to } = this.edges;
      context.beginPath();
      let end = -1;
      let px = 0;
      let py = 0;
      for (let e = 0; e < from.length; e++) {
        const i = from[e];
        const j = to[e];
        const x0 = wx[i] * view.scale - view.x;
        const y0 = wy[i] * view.scale - view.y;
        if (x0 < -50 || y0 < -50 || x0 > view.width + 50 || y0 > view.height + 50) continue;
        const x1 = wx[j] * view.scale - view.x;
        const y1 = wy[j] * view.scale - view.y;
        if (i !== end || Math.abs(x0 - px) + Math.abs(y0 - py) > 1.5) context.moveTo((px = x0), (py = y0));
        if (Math.abs(x1 - px) + Math.abs(y1 - py) >= 0.7) context.lineTo((px = x1), (py = y1));
        end = j;
      }
      context.strokeStyle = view.style.unit;
      context.lineWidth = 0.6;
      context.stroke();
    },
  });

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

  /** For each owner the closed walks around its areas: edges with the owner on one side only, joined end to end. */
  function outlinesOf(edges, owner) {
    const { from, to, a, b } = edges;
    const own = new Map();
    const put = (t, e) => (own.has(t) ? own.get(t).push(e) : own.set(t, [e]));
    for (let e = 0; e < from.length; e++) {
      const one = owner[a[e]];
      const other = b[e] === NO_AREA ? NO_AREA : owner[b[e]];
      if (one === other) continue;
      put(one, e);
      if (other !== NO_AREA) put(other, e);
    }
    const first = new Int32Array(edges.vertices).fill(-1); // first half-edge that leaves a vertex; half-edge 2k leaves from[e], 2k + 1 leaves to[e]
    return new Map([...own].sort(([s], [t]) => s - t).map(([t, list]) => [t, walks(list, edges, first)]));
  }

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

  gt.areas = (options) => new gt.AreaLayer(options);
})(window.L);
