/* Areas: basic units or territories, painted by owner. Geometry and ownership are apart: `setOwner` paints a new alignment
 * without touching the map, and territory borders are the edges whose two sides have different owners (borders.js). A small
 * change walks and paints again only what it touches. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.AreaLayer) return;

  const UNASSIGNED = 65535;
  const NO_AREA = -1;
  const SMALLEST = -2147483648; // what payload.py writes for "no point"
  const UNIT_BORDER_FROM_PX = 6.5;
  const REACH_PX = 5; // how far strokes reach beyond the areas they go around

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
      this.borders = new gt.Borders(rings);
      this._own();
    },

    /** Who owns which area, by position; returns how many areas changed hands. Kept when the areas are not here yet. */
    setOwner(owner) {
      const before = this.owner;
      this.owner = owner;
      const changed = before && before.length === owner.length ? differing(before, owner) : null;
      if (changed && !changed.length) return 0;
      if (!changed || !this.rings || !this.labels || changed.length > owner.length / 4) {
        if (this.rings) this._own();
        this.redraw();
        return changed ? changed.length : owner.length;
      }
      this._hand(changed, before);
      return changed.length;
    },

    /** A small change: only the territories it touches are walked, labelled and painted again. */
    _hand(changed, before) {
      const touched = this.borders.hand(changed, before, this.owner);
      this.outlines = this.borders.outlines;
      const others = this.labels.filter((place) => !touched.has(place.territory));
      this.labels = [...others, ...this._labelPlaces(touched)].sort((p, q) => q.size - p.size);
      for (const t of touched) if (this._paths) this._paths.delete(t);
      this._touch(changed);
    },

    /** Paint the places of some areas again with the next frame, the whole when they lie far and wide. */
    _touch(changed) {
      const { view } = this;
      if (!view || this._asked || !this._map || this._map._animatingZoom) return this.redraw();
      const box = this._dirty || [Infinity, Infinity, -Infinity, -Infinity];
      for (const a of changed) {
        if (Number.isNaN(this.boxes[4 * a])) continue;
        for (const k of [0, 1]) {
          box[k] = Math.min(box[k], this.boxes[4 * a + k]);
          box[2 + k] = Math.max(box[2 + k], this.boxes[4 * a + 2 + k]);
        }
      }
      this._dirty = box;
      if (!this._repaintAsked) this._repaintAsked = L.Util.requestAnimFrame(() => this._repaint());
      return undefined;
    },

    _repaint() {
      const { view, _dirty: box } = this;
      this._repaintAsked = this._dirty = null;
      if (!this._map || !box || this._asked) return; // what is drawn whole anyway needs no patch
      if (this._map._animatingZoom || view !== this.view) return this.redraw();
      const begun = performance.now();
      const snap = (px, round) => round(px * view.ratio) / view.ratio;
      const left = Math.max(0, snap(box[0] * view.scale - view.x - REACH_PX, Math.floor));
      const top = Math.max(0, snap(box[1] * view.scale - view.y - REACH_PX, Math.floor));
      const right = Math.min(view.width, snap(box[2] * view.scale - view.x + REACH_PX, Math.ceil));
      const bottom = Math.min(view.height, snap(box[3] * view.scale - view.y + REACH_PX, Math.ceil));
      if (right <= left || bottom <= top) return undefined;
      const context = this._context;
      context.save();
      context.beginPath();
      context.rect(left, top, right - left, bottom - top);
      context.clip();
      context.clearRect(left, top, right - left, bottom - top);
      this.draw(context, view, [left, top, right, bottom]);
      context.restore();
      this.lastPatchMs = performance.now() - begun;
      return undefined;
    },

    /** What owners look like ({name, color} by position, null for none) and which one is lit. */
    setTerritories(territories, selected) {
      const look = territories.map((t) => (t ? t.color : "")).join() + "|" + selected;
      this.territories = territories;
      this.selected = selected;
      if (look !== this._look) this.redraw();
      this._look = look;
    },

    /** Fill each colour with a hatch of its own, for people who cannot rely on colour. */
    setPatterns(on) {
      this.patterns = on;
      this.redraw();
    },

    fits() {
      return !this.rings || !this.owner || this.owner.length === this.rings.count;
    },

    _own() {
      if (!this.owner || !this.fits()) return;
      this.borders.own(this.owner);
      this.outlines = this.borders.outlines;
      this._paths = null;
      this.labels = this._labelPlaces();
    },

    /** For each territory (or those asked for) the point of its own area that lies nearest to the middle of all its areas. */
    _labelPlaces(only = null) {
      const sums = new Map();
      for (let a = 0; a < this.owner.length; a++) {
        if (Number.isNaN(this.centerX[a]) || (only && !only.has(this.owner[a]))) continue;
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
      return this.at(gt.mercatorX(latlng.lng), gt.mercatorY(latlng.lat));
    },

    /** The same at a point of the unit world square. */
    at(x, y) {
      if (!this.rings) return NO_AREA;
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

    draw(context, view, within = null) {
      if (!this.territories || !this.owner || !this.fits()) return;
      context.lineJoin = context.lineCap = "round";
      const shown = [];
      for (const t of this.outlines.keys()) {
        const { path, box } = this.outline(t, view);
        if (!within || (box[0] <= within[2] && box[2] >= within[0] && box[1] <= within[3] && box[3] >= within[1])) shown.push([t, path]);
      }
      for (const [t, path] of shown) this._fill(context, path, t, view);
      context.globalAlpha = 1;
      if (this.options.unit && this.typicalSide * view.scale > UNIT_BORDER_FROM_PX) this._strokeUnits(context, view, within);
      for (const [, path] of shown) this._stroke(context, path, view.style.border, 1.5);
      const lit = shown.find(([t]) => t === this.selected);
      if (!lit) return;
      this._stroke(context, lit[1], view.style.halo, 6);
      this._stroke(context, lit[1], view.style.ink, 3);
    },

    _fill(context, path, t, view) {
      const { style } = view;
      context.fillStyle = t === UNASSIGNED ? style.unassigned : (this.territories[t] || NOBODY).color || style.unassigned;
      const lit = this.selected === null || this.options.even;
      context.globalAlpha = lit ? style.fill : t === this.selected ? style.fillSelected : style.fillOther;
      context.fill(path, "evenodd");
      if (!this.patterns || t === UNASSIGNED || !this.territories[t]) return;
      context.globalAlpha = 1;
      context.fillStyle = gt.hatch(context, hatchOf(this.territories, t), style.ink, view.ratio);
      context.fill(path, "evenodd");
    },

    _stroke(context, path, colour, width) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(path);
    },

    /** The outline of one territory in a view, made once for it: {path, box in pixels}; null when it has no area. */
    outline(t, view) {
      if (this._pathsView !== view || !this._paths) this._paths = new Map();
      this._pathsView = view;
      if (!this._paths.has(t) && this.outlines.has(t)) this._paths.set(t, this._path(this.outlines.get(t), view));
      return this._paths.get(t) || null;
    },

    /** A path along loops, leaving out vertices nearer than 0.7 pixels to the one before. */
    _path(loops, view) {
      const { wx, wy } = this.rings;
      const path = new Path2D();
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const loop of loops) {
        let px = wx[loop[0]] * view.scale - view.x;
        let py = wy[loop[0]] * view.scale - view.y;
        path.moveTo(px, py);
        for (let k = 0; k < loop.length; k++) {
          const x = wx[loop[k]] * view.scale - view.x;
          const y = wy[loop[k]] * view.scale - view.y;
          if (x < box[0]) box[0] = x;
          if (x > box[2]) box[2] = x;
          if (y < box[1]) box[1] = y;
          if (y > box[3]) box[3] = y;
          if (Math.abs(x - px) + Math.abs(y - py) < 0.7) continue;
          path.lineTo((px = x), (py = y));
        }
        path.closePath();
      }
      return { path, box: [box[0] - REACH_PX, box[1] - REACH_PX, box[2] + REACH_PX, box[3] + REACH_PX] };
    },

    /** Thin lines between units, each shared edge once; edges that follow each other along a ring make one line. */
    _strokeUnits(context, view, within) {
      const { wx, wy } = this.rings;
      const { from, to } = this.borders.edges;
      context.beginPath();
      let end = -1;
      let px = 0;
      let py = 0;
      const line = (e) => {
        const i = from[e];
        const j = to[e];
        const x0 = wx[i] * view.scale - view.x;
        const y0 = wy[i] * view.scale - view.y;
        if (x0 < -50 || y0 < -50 || x0 > view.width + 50 || y0 > view.height + 50) return;
        const x1 = wx[j] * view.scale - view.x;
        const y1 = wy[j] * view.scale - view.y;
        if (i !== end || Math.abs(x0 - px) + Math.abs(y0 - py) > 1.5) context.moveTo((px = x0), (py = y0));
        if (Math.abs(x1 - px) + Math.abs(y1 - py) >= 0.7) context.lineTo((px = x1), (py = y1));
        end = j;
      };
      const near = within && this._within(within, view);
      const { a } = this.borders.edges;
      if (near) for (const area of near) this.borders.each(area, (e) => (a[e] === area || !near.has(a[e])) && line(e)); // twice is too strong
      else for (let e = 0; e < from.length; e++) line(e);
      context.strokeStyle = view.style.unit;
      context.lineWidth = 0.6;
      context.stroke();
    },

    /** Areas whose boxes touch a rectangle in pixels of a view. */
    _within([left, top, right, bottom], view) {
      const found = new Set();
      const world = (px, of) => (px + of) / view.scale;
      this.grid.query(world(left, view.x), world(top, view.y), world(right, view.x), world(bottom, view.y), (a) => found.add(a));
      return found;
    },
  });

  const NOBODY = { color: null };

  function differing(before, after) {
    const found = [];
    for (let a = 0; a < after.length; a++) if (after[a] !== before[a]) found.push(a);
    return found;
  }

  /** Which hatch an owner has: one for each colour, so that neighbours never share one. */
  function hatchOf(territories, t) {
    const colours = [...new Set(territories.filter(Boolean).map((one) => one.color))].sort();
    return colours.indexOf(territories[t].color);
  }

  gt.areas = (options) => new gt.AreaLayer(options);
})(window.L);
