/* What an editor draws over the areas: a running stroke and locks below the accounts (PaintLayer), and above them what is selected,
 * proposed or at fault (MarksLayer) and pointed at (HoverLayer). */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.MarksLayer) return;

  const NONE = new Set();
  const rims = new WeakMap(); // set of units -> its outline

  const Overlay = gt.CanvasLayer.extend({
    initialize(areas) {
      L.setOptions(this, {});
      L.stamp(this);
      this._layers = {};
      this.areas = areas;
      this.ready = true;
    },

    /** A path along the rings of some units. */
    _unitsPath(units, view) {
      const path = new Path2D();
      for (const u of units) this.areas.rings.traceArea(path, view, u);
      return path;
    },

    /** The outline of a set of units, walked once for the set and made once for a view: {path, box}. */
    _rim(units, view) {
      if (!rims.has(units)) rims.set(units, { loops: this.areas.borders.around(units) });
      const rim = rims.get(units);
      if (rim.view !== view) Object.assign(rim, this.areas._path(rim.loops, view), { view });
      return rim;
    },

    _outline(context, path, style, width, dash) {
      this._stroke(context, path, style.halo, width + 2.4);
      this._stroke(context, path, style.ink, width, dash);
    },

    _stroke(context, path, colour, width, dash = []) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.stroke(path);
      context.setLineDash([]);
    },
  });

  /** The units of a running stroke in the colour they are about to have, painted as they come; locks as a hatch. */
  gt.PaintLayer = Overlay.extend({
    options: { padding: 0.35, pane: "gt-paint", zIndex: 385 },

    /** `look`: {color} to hand over, {color: null} to nobody, {mark: true} to select or to lock. */
    begin(look) {
      this.look = look;
      this.units = [];
    },

    /** Paint more units of the stroke: the cost is theirs alone, however large the map. */
    add(units) {
      this.units.push(...units);
      if (this.view && !this._asked && this.areas.rings) this._lay(this._context, this.view, units);
      else this.redraw();
    },

    end() {
      const any = this.units && this.units.length;
      this.units = this.look = null;
      if (any) this.redraw();
    },

    /** `locks`: {all, units: Set of positions, slots: Set of owners}. */
    setLocks(locks) {
      const none = (l) => !l || (!l.all && !l.units.size && !l.slots.size);
      const same = none(locks) && none(this.locks);
      this.locks = locks;
      if (!same) this.redraw();
    },

    draw(context, view) {
      if (!this.areas.rings) return;
      context.lineJoin = "round";
      if (this.locks) this._drawLocks(context, view);
      if (this.units && this.units.length) this._lay(context, view, this.units);
    },

    _drawLocks(context, view) {
      const { all, units, slots } = this.locks;
      context.fillStyle = gt.hatch(context, "lock", view.style.ink, view.ratio);
      for (const t of this.areas.outlines ? this.areas.outlines.keys() : []) {
        if (t === gt.UNASSIGNED ? all : all || slots.has(t)) context.fill(this.areas.outline(t, this.areas.view || view).path, "evenodd");
      }
      if (!all && units.size) context.fill(this._rim(units, view).path, "evenodd");
    },

    _lay(context, view, units) {
      const { style } = view;
      const path = this._unitsPath(units, view);
      if (this.look.mark) {
        context.globalAlpha = 0.35;
        context.fillStyle = style.ink;
        context.fill(path, "evenodd");
        context.globalAlpha = 1;
        return;
      }
      context.fillStyle = style.land; // hides the colour the unit has until now
      context.fill(path, "evenodd");
      context.globalAlpha = style.fill;
      context.fillStyle = this.look.color || style.unassigned;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      this._stroke(context, path, style.unit, 0.6);
    },
  });

  /** The outline of what is pointed at. It follows the pointer, so only its own place is drawn again. */
  gt.HoverLayer = Overlay.extend({
    options: { padding: 0.35, pane: "gt-hover", zIndex: 456 },

    show(units) {
      if (units === this.units || (!units.size && !(this.units && this.units.size))) return;
      this.units = units;
      if (!this.view || this._asked || !this.areas.rings || this._map._animatingZoom) return void this.redraw();
      if (this.box) this._context.clearRect(this.box[0], this.box[1], this.box[2] - this.box[0], this.box[3] - this.box[1]);
      this.draw(this._context, this.view);
    },

    draw(context, view) {
      this.box = null;
      if (!this.areas.rings || !this.units || !this.units.size) return;
      context.lineJoin = context.lineCap = "round";
      const { path, box } = this._rim(this.units, view);
      this._outline(context, path, view.style, 1.6);
      this.box = box;
    },
  });

  /** Outlines of what is selected, proposed or at fault; the unit cursor; a rectangle or lasso being drawn. */
  gt.MarksLayer = Overlay.extend({
    options: { padding: 0.35, pane: "gt-marks", zIndex: 455 },

    initialize(areas) {
      Overlay.prototype.initialize.call(this, areas);
      this.selection = NONE;
      this.highlights = [];
      this.dots = [];
      this.cursor = -1;
      this.line = null;
      this.language = "en";
    },

    /** Show other marks: any of {selection (Set of positions), highlights [{units: Set, color}], dots [{x, y, color, chosen}], cursor, line ([x, y] of the unit square)}. */
    show(marks) {
      Object.assign(this, marks);
      this.redraw();
    },

    draw(context, view) {
      if (!this.areas.rings) return;
      context.lineJoin = context.lineCap = "round";
      for (const one of this.highlights) this._highlight(context, view, one);
      if (this.selection.size) this._selection(context, view);
      for (const dot of this.dots) this._dot(context, view, dot);
      if (this.cursor >= 0) this._cursor(context, view);
      if (this.line) this._line(context, view);
    },

    _highlight(context, view, { units, color }) {
      const { path } = this._rim(units, view);
      context.globalAlpha = 0.55;
      context.fillStyle = color || view.style.unassigned;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      this._stroke(context, path, view.style.ink, 5);
      this._stroke(context, path, color || view.style.unassigned, 2.6);
    },

    _selection(context, view) {
      context.fillStyle = gt.hatch(context, 0, view.style.ink, view.ratio);
      const { path } = this._rim(this.selection, view);
      context.fill(path, "evenodd");
      this._outline(context, path, view.style, 2.4, [7, 4]);
      const [x, y] = this._middle(this.selection, view);
      const text = new Intl.NumberFormat(this.language).format(this.selection.size);
      context.font = `700 13px ${view.style.font}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      const half = Math.max(13, context.measureText(text).width / 2 + 7);
      context.beginPath();
      context.roundRect(x - half, y - 11, 2 * half, 22, 11);
      context.fillStyle = view.style.ink;
      context.fill();
      context.fillStyle = view.style.land;
      context.fillText(text, x, y + 0.5);
    },

    /** The inner point of the unit nearest to the middle of some units, in pixels. */
    _middle(units, view) {
      const { centerX, centerY } = this.areas;
      const placed = [...units].filter((u) => !Number.isNaN(centerX[u]));
      const sum = placed.reduce(([x, y], u) => [x + centerX[u], y + centerY[u]], [0, 0]);
      const far = (u) => Math.hypot(centerX[u] - sum[0] / placed.length, centerY[u] - sum[1] / placed.length);
      const u = placed.reduce((best, one) => (far(one) < far(best) ? one : best), placed[0]);
      return [centerX[u] * view.scale - view.x, centerY[u] * view.scale - view.y];
    },

    _dot(context, view, { x, y, color, chosen }) {
      const ring = new Path2D();
      ring.arc(x * view.scale - view.x, y * view.scale - view.y, chosen ? 10 : 7, 0, 2 * Math.PI);
      this._stroke(context, ring, view.style.ink, 5);
      this._stroke(context, ring, chosen ? view.style.halo : color || view.style.unassigned, 2.6);
    },

    _cursor(context, view) {
      this._outline(context, this._unitsPath([this.cursor], view), view.style, 3);
      const [x, y] = this._middle([this.cursor], view);
      const ring = new Path2D();
      ring.arc(x, y, 7, 0, 2 * Math.PI);
      this._outline(context, ring, view.style, 2);
    },

    _line(context, view) {
      const path = new Path2D();
      this.line.forEach(([x, y], k) => path[k ? "lineTo" : "moveTo"](x * view.scale - view.x, y * view.scale - view.y));
      path.closePath();
      context.globalAlpha = 0.12;
      context.fillStyle = view.style.ink;
      context.fill(path);
      context.globalAlpha = 1;
      this._outline(context, path, view.style, 1.6, [5, 4]);
    },
  });
})(window.L);
