/* What all drawn layers share: a canvas that follows the map, rings traced with the detail the screen can show, and a grid
 * that finds what lies at a place. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.CanvasLayer) return;

  /** A canvas larger than the view by `padding`, moved by the map and drawn again when the view comes to rest.
   *  Subclasses give `draw(context, view)`, where view = {scale, x, y, width, height, west, north, east, south, zoom, ratio, style}: a
   *  point of the unit world square is at (wx * scale - x, wy * scale - y) on the canvas, `ratio` device pixels to a pixel. */
  gt.CanvasLayer = L.Renderer.extend({
    options: { padding: 0.35, pane: "overlayPane", zIndex: null },

    _initContainer() {
      const map = this._map;
      if (this.options.zIndex !== null && !map.getPane(this.options.pane)) {
        const pane = map.createPane(this.options.pane);
        pane.style.zIndex = this.options.zIndex;
        pane.style.pointerEvents = "none";
      }
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._context = this._container.getContext("2d");
    },

    _destroyContainer() {
      this._drawn = null;
      L.Util.cancelAnimFrame(this._asked);
      this._container.remove();
      this._container = null;
    },

    getEvents() {
      return { ...L.Renderer.prototype.getEvents.call(this), move: this._keepCovered };
    },

    /** While panning: draw again only when the view leaves what is drawn. */
    _keepCovered() {
      const map = this._map;
      if (!this._bounds || map._animatingZoom || map.getZoom() !== this._zoom) return;
      const corner = map.containerPointToLayerPoint([0, 0]);
      if (!this._bounds.contains(L.bounds(corner, corner.add(map.getSize())))) this.redraw();
    },

    _update() {
      if (!this._map || (this._map._animatingZoom && this._bounds)) return;
      L.Renderer.prototype._update.call(this);
      const b = this._bounds;
      L.DomUtil.setPosition(this._container, b.min);
      const size = b.getSize();
      if (this.ready && size.x > 0 && size.y > 0) this._paint(b, size);
    },

    /** Draw, unless this very view is drawn already: Leaflet asks twice for one jump. */
    _paint(b, size) {
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const origin = this._map.getPixelOrigin().add(b.min);
      const drawn = [this._zoom, origin.x, origin.y, size.x, size.y, ratio].join();
      if (drawn === this._drawn) return;
      this._drawn = drawn;
      const canvas = this._container;
      canvas.width = Math.round(size.x * ratio); // also clears it
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      this._context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const scale = 256 * Math.pow(2, this._zoom);
      const view = { scale, ratio, x: origin.x, y: origin.y, width: size.x, height: size.y, zoom: this._zoom, style: this.style || {} };
      Object.assign(view, { west: origin.x / scale, north: origin.y / scale, east: (origin.x + size.x) / scale, south: (origin.y + size.y) / scale });
      const begun = performance.now();
      this.view = view;
      this.draw(this._context, view);
      this.lastDrawMs = performance.now() - begun;
    },

    /** Draw again with the next frame; many calls make one drawing. */
    redraw() {
      this._drawn = null;
      if (!this._map || this._asked) return;
      this._asked = L.Util.requestAnimFrame(() => {
        this._asked = null;
        if (this._map) this._update();
      });
    },

    /** Colours of the theme, as {name: css colour}. */
    setStyle(style) {
      this.style = style;
      this.redraw();
    },

    /** Decode sources, then draw; what goes wrong is told to the map as "geoterritory:error". */
    _load(hashes, then) {
      this.loaded = Promise.all(hashes.map(gt.load)).then((payloads) => {
        if (!this._map) return;
        then(...payloads);
        this.ready = true;
        this._update();
        this._map.fire("geoterritory:ready", { source: this });
      });
      this.loaded.catch((error) => this._map && this._map.fire("geoterritory:error", { message: error.message }));
    },
  });

  const HATCHES = [[1], [-1], [0], [2], [1, -1], [0, 2], [3], [4]]; // signs of a tile: rising, falling, level, upright, crossed; dots, rings
  const LOCK = { signs: [5], side: 26 }; // padlocks
  const hatches = new Map();

  /** A fill of thin lines or dots over what lies below; 16 kinds can be told apart without colour, and "lock". `ratio`: device pixels to a pixel. */
  gt.hatch = (context, kind, ink, ratio) => {
    const wide = kind % (2 * HATCHES.length) >= HATCHES.length; // the same signs once more, wider apart
    const { signs, side } = kind === "lock" ? LOCK : { signs: HATCHES[kind % HATCHES.length], side: wide ? 14 : 8 };
    const key = [kind, ink, ratio].join();
    if (!hatches.has(key)) hatches.set(key, tile(signs, side, ink, ratio));
    const pattern = context.createPattern(hatches.get(key), "repeat");
    pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, 0, 0]));
    return pattern;
  };

  function tile(signs, side, ink, ratio) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side * ratio;
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    c.strokeStyle = c.fillStyle = ink;
    c.globalAlpha = 0.55;
    const line = (x0, y0, x1, y1) => [c.moveTo(x0, y0), c.lineTo(x1, y1)];
    c.beginPath();
    for (const sign of signs) {
      if (sign === 0) line(0, side / 2, side, side / 2);
      else if (sign === 2) line(side / 2, 0, side / 2, side);
      else if (sign === 5) padlock(c, side / 2);
      else if (sign > 2) c.arc(side / 2, side / 2, sign === 3 ? 1.3 : 2.6, 0, 2 * Math.PI);
      else for (const shift of [-side, 0, side]) line(shift, sign > 0 ? side : 0, shift + side, sign > 0 ? 0 : side);
    }
    if (signs[0] === 3) c.fill();
    else c.stroke();
    if (signs[0] === 5) stripes(c, side, line);
    return canvas;
  }

  /** Faint lines between padlocks, so that a small place shows that it is locked. */
  function stripes(c, side, line) {
    c.globalAlpha = 0.4;
    c.lineWidth = 0.8;
    c.beginPath();
    for (const shift of [-side, -side / 2, 0, side / 2, side]) line(shift, side, shift + side, 0);
    c.stroke();
  }

  function padlock(c, at) {
    c.globalAlpha = 0.8;
    c.lineWidth = 1.6;
    c.fillRect(at - 4, at - 1, 8, 6.5);
    c.arc(at, at - 1.5, 2.7, Math.PI, 2 * Math.PI);
  }

  /** Areas as rings in typed arrays, with a box around each ring. */
  gt.Rings = class Rings {
    constructor(payload) {
      Object.assign(this, { wx: payload.wx, wy: payload.wy, qx: payload.qx, qy: payload.qy });
      this.areaRing = payload.area_ring;
      this.ringVertex = payload.ring_vertex;
      this.count = this.areaRing.length - 1;
      const rings = this.ringVertex.length - 1;
      this.box = new Float64Array(rings * 4);
      for (let r = 0; r < rings; r++) this.box.set(this._boxOf(this.ringVertex[r], this.ringVertex[r + 1]), r * 4);
    }

    _boxOf(first, end) {
      const b = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = first; i < end; i++) {
        if (this.wx[i] < b[0]) b[0] = this.wx[i];
        if (this.wx[i] > b[2]) b[2] = this.wx[i];
        if (this.wy[i] < b[1]) b[1] = this.wy[i];
        if (this.wy[i] > b[3]) b[3] = this.wy[i];
      }
      return b;
    }

    /** The box around all rings of an area, null when it has no shape. */
    areaBox(area) {
      const first = this.areaRing[area];
      const end = this.areaRing[area + 1];
      if (first === end) return null;
      return this._boxOf(this.ringVertex[first], this.ringVertex[end]);
    }

    inView(ring, view) {
      const k = ring * 4;
      return this.box[k] < view.east && this.box[k + 2] > view.west && this.box[k + 1] < view.south && this.box[k + 3] > view.north;
    }

    /** Add one ring to the path, leaving out vertices nearer than 0.7 pixels to the one before. */
    trace(context, view, ring) {
      const first = this.ringVertex[ring];
      const end = this.ringVertex[ring + 1];
      let px = this.wx[first] * view.scale - view.x;
      let py = this.wy[first] * view.scale - view.y;
      context.moveTo(px, py);
      for (let i = first + 1; i < end; i++) {
        const x = this.wx[i] * view.scale - view.x;
        const y = this.wy[i] * view.scale - view.y;
        if (Math.abs(x - px) + Math.abs(y - py) < 0.7 && i !== end - 1) continue;
        context.lineTo(x, y);
        px = x;
        py = y;
      }
      context.closePath();
    }

    traceArea(context, view, area) {
      for (let r = this.areaRing[area]; r < this.areaRing[area + 1]; r++) if (this.inView(r, view)) this.trace(context, view, r);
    }

    contains(area, x, y) {
      let inside = false;
      for (let r = this.areaRing[area]; r < this.areaRing[area + 1]; r++) {
        const end = this.ringVertex[r + 1];
        for (let i = this.ringVertex[r], j = end - 1; i < end; j = i++) {
          if (this.wy[i] > y !== this.wy[j] > y && x < ((this.wx[j] - this.wx[i]) * (y - this.wy[i])) / (this.wy[j] - this.wy[i]) + this.wx[i]) inside = !inside;
        }
      }
      return inside;
    }
  };

  /** A grid over boxes (Float64Array of west, north, east, south; NaN for none): which boxes touch a rectangle. */
  gt.Grid = class Grid {
    constructor(boxes, side) {
      const n = boxes.length / 4;
      this.side = side;
      this.from = [Infinity, Infinity];
      this.to = [-Infinity, -Infinity];
      for (let i = 0; i < n; i++) {
        if (Number.isNaN(boxes[4 * i])) continue;
        for (const axis of [0, 1]) {
          this.from[axis] = Math.min(this.from[axis], boxes[4 * i + axis]);
          this.to[axis] = Math.max(this.to[axis], boxes[4 * i + 2 + axis]);
        }
      }
      this.first = new Uint32Array(side * side + 1);
      const each = (visit) => {
        for (let i = 0; i < n; i++) if (!Number.isNaN(boxes[4 * i])) this._cells(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], (cell) => visit(cell, i));
      };
      each((cell) => this.first[cell + 1]++);
      for (let c = 0; c < side * side; c++) this.first[c + 1] += this.first[c];
      const next = this.first.slice();
      this.items = new Uint32Array(this.first[side * side]);
      each((cell, i) => (this.items[next[cell]++] = i));
    }

    _at(value, axis) {
      const share = (value - this.from[axis]) / (this.to[axis] - this.from[axis] || 1);
      return Math.max(0, Math.min(this.side - 1, Math.floor(share * this.side)));
    }

    _cells(west, north, east, south, visit) {
      const lastX = this._at(east, 0);
      const lastY = this._at(south, 1);
      for (let y = this._at(north, 1); y <= lastY; y++) for (let x = this._at(west, 0); x <= lastX; x++) visit(y * this.side + x);
    }

    /** Call `visit(item)` for every item in the cells that touch the rectangle; an item may come more than once. */
    query(west, north, east, south, visit) {
      this._cells(west, north, east, south, (cell) => {
        for (let k = this.first[cell]; k < this.first[cell + 1]; k++) visit(this.items[k]);
      });
    }
  };
})(window.L);
