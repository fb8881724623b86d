/* Accounts as points: shape and shade by tier, size by value; tiers can be hidden. 100,000 of them stay typed arrays. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.AccountLayer) return;

  const SHAPES = ["diamond", "circle", "ring", "triangle", "square"];
  const SIZES = 6;
  const CROWD_BELOW = 0.5;
  const ROOM_PX = 16;

  gt.AccountLayer = gt.CanvasLayer.extend({
    options: { padding: 0.35, pane: "gt-accounts", zIndex: 440, source: null, names: null, bases: false },

    onAdd(map) {
      if (this.options.bases) L.setOptions(this, { pane: "gt-bases", zIndex: 450 });
      this.hidden = new Set();
      this.room = 1;
      this.names = this.ids = null; // ids only where the map was made with them
      gt.CanvasLayer.prototype.onAdd.call(this, map);
      this._load([this.options.source], (payload) => this._take(payload));
      this.named = this.loaded.then(() => gt.load(this.options.names)).then(({ names, ids }) => Object.assign(this, { names, ids: ids || null }));
      this.named.catch((error) => this._map && this._map.fire("geoterritory:error", { message: error.message }));
    },

    _take(payload) {
      Object.assign(this, { wx: payload.wx, wy: payload.wy, tier: payload.tier, size: payload.size, value: payload.value, tiers: payload.tiers });
      const n = this.wx.length;
      this.count = new Uint32Array(this.tiers.length);
      for (let i = 0; i < n; i++) this.count[this.tier[i]]++;
      const boxes = new Float64Array(n * 4);
      for (let i = 0; i < n; i++) boxes.set([this.wx[i], this.wy[i], this.wx[i], this.wy[i]], 4 * i);
      this.grid = new gt.Grid(boxes, Math.max(8, Math.min(512, Math.ceil(Math.sqrt(n)))));
      // Lowest tier first and large before small, so that the best tier lies on top and no dot hides a smaller one.
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      this.order = order.sort((p, q) => this.tier[q] - this.tier[p] || this.size[q] - this.size[p] || p - q);
    },

    setHidden(hidden) {
      this.hidden = hidden;
      this.redraw();
    },

    shapeOf(tier) {
      return this.options.bases ? "house" : SHAPES[tier % SHAPES.length];
    },

    /** Radius in pixels of a size step: smaller where dots are crowded; the best tier stays the easiest to see. */
    _radius(tier, step) {
      if (this.options.bases) return Math.max(4.5, 7 * Math.min(1, this.room));
      return Math.max(tier === 0 ? 1.5 : 0.9, (1.9 + 5 * (step / (SIZES - 1))) * this.room * (tier === 0 ? 1.1 : 1));
    },

    /** How large dots may be, 0.3 to 1.5: by the distance between dots where there are dots. */
    _roomFor(seen, view) {
      const columns = Math.ceil(view.width / ROOM_PX);
      const peopled = new Uint8Array(columns * Math.ceil(view.height / ROOM_PX));
      let cells = 0;
      for (const i of seen) {
        const cell = Math.floor((this.wy[i] * view.scale - view.y) / ROOM_PX) * columns + Math.floor((this.wx[i] * view.scale - view.x) / ROOM_PX);
        if (!peopled[cell]) cells++;
        peopled[cell] = 1;
      }
      const distance = ROOM_PX * Math.sqrt(cells / (seen.length || 1));
      return Math.max(0.3, Math.min(1.5, distance / 8));
    },

    _step(i) {
      return (this.size[i] * (SIZES - 1) + 127) / 255 | 0;
    },

    draw(context, view) {
      const { order, wx, wy, tier, hidden } = this;
      const seen = [];
      for (let k = 0; k < order.length; k++) {
        const i = order[k];
        if (wx[i] >= view.west && wx[i] < view.east && wy[i] >= view.north && wy[i] < view.south && !hidden.has(tier[i])) seen.push(i);
      }
      this.room = this._roomFor(seen, view);
      const sprites = this.tiers.map((_, t) => Array.from({ length: SIZES }, (_, step) => sprite(this.shapeOf(t), this._radius(t, step), view.style, t)));
      const cellPx = this.room < CROWD_BELOW ? 3 : 2;
      const columns = Math.ceil(view.width / cellPx);
      const taken = new Uint8Array(columns * Math.ceil(view.height / cellPx));
      this.drawn = 0;
      this._container.style.opacity = Math.max(0.55, Math.min(1, this.room * 1.6)); // a crowd lets the territories shine through
      const picture = context.createImageData(this._container.width, this._container.height);
      for (const i of seen) {
        const x = wx[i] * view.scale - view.x;
        const y = wy[i] * view.scale - view.y;
        const cell = Math.floor(y / cellPx) * columns + Math.floor(x / cellPx);
        if (taken[cell] === tier[i] + 1) continue; // a dot of this tier, at least as large, lies there already
        taken[cell] = tier[i] + 1;
        stamp(picture, sprites[tier[i]][this._step(i)], Math.round(x * view.ratio), Math.round(y * view.ratio));
        this.drawn++;
      }
      context.putImageData(picture, 0, 0);
    },

    /** Position of the nearest shown account within reach of a place, -1 for none. */
    hit(latlng, reachPx = 4) {
      if (!this.grid) return -1;
      const scale = 256 * Math.pow(2, this._map.getZoom());
      const x = gt.mercatorX(latlng.lng);
      const y = gt.mercatorY(latlng.lat);
      const reach = (this._radius(0, SIZES - 1) + reachPx) / scale;
      let best = Infinity;
      let found = -1;
      this.grid.query(x - reach, y - reach, x + reach, y + reach, (i) => {
        if (this.hidden.has(this.tier[i])) return;
        const beyond = Math.hypot(this.wx[i] - x, this.wy[i] - y) * scale - this._radius(this.tier[i], this._step(i));
        if (beyond < best && beyond <= reachPx) [best, found] = [beyond, i];
      });
      return found;
    },
  });

  const PATHS = {
    diamond: (c, r) => [c.moveTo(0, -r * 1.25), c.lineTo(r * 1.25, 0), c.lineTo(0, r * 1.25), c.lineTo(-r * 1.25, 0), c.closePath()],
    circle: (c, r) => c.arc(0, 0, r, 0, 2 * Math.PI),
    ring: (c, r) => c.arc(0, 0, r * 0.9, 0, 2 * Math.PI),
    triangle: (c, r) => [c.moveTo(0, -r * 1.2), c.lineTo(r * 1.1, r * 0.8), c.lineTo(-r * 1.1, r * 0.8), c.closePath()],
    square: (c, r) => c.rect(-r * 0.9, -r * 0.9, r * 1.8, r * 1.8),
    house: (c, r) => [c.moveTo(0, -r), c.lineTo(r, -r * 0.1), c.lineTo(r * 0.7, -r * 0.1), c.lineTo(r * 0.7, r * 0.9), c.lineTo(-r * 0.7, r * 0.9), c.lineTo(-r * 0.7, -r * 0.1), c.lineTo(-r, -r * 0.1), c.closePath()],
  };

  /** Lay a sprite over a picture with its middle at (x, y), in device pixels. Fifty thousand of these cost less than as many drawImage. */
  function stamp(picture, { data, side }, x, y) {
    const { data: to, width, height } = picture;
    const left = x - (side >> 1);
    const top = y - (side >> 1);
    for (let row = Math.max(0, -top); row < side && top + row < height; row++) {
      for (let column = Math.max(0, -left); column < side && left + column < width; column++) {
        const s = 4 * (row * side + column);
        const over = data[s + 3];
        if (over === 0) continue;
        const t = 4 * ((top + row) * width + left + column);
        const under = (to[t + 3] * (255 - over)) / 255;
        const sum = over + under;
        to[t] = (data[s] * over + to[t] * under) / sum;
        to[t + 1] = (data[s + 1] * over + to[t + 1] * under) / sum;
        to[t + 2] = (data[s + 2] * over + to[t + 2] * under) / sum;
        to[t + 3] = sum;
      }
    }
  }

  const made = new Map();

  /** A picture of one dot, drawn once for its shape, radius and theme. */
  function sprite(shape, radius, style, tier) {
    const fill = shape === "house" ? style.base : style.tiers[tier % style.tiers.length];
    const outline = shape === "ring" ? style.ring : style.outline;
    const key = [shape, radius.toFixed(2), fill, outline].join();
    if (made.has(key)) return made.get(key);
    const half = Math.ceil(radius * 1.25 + 1);
    const canvas = document.createElement("canvas");
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.height = 2 * half * ratio;
    const c = canvas.getContext("2d", { willReadFrequently: true });
    c.scale(ratio, ratio);
    c.translate(half, half);
    c.beginPath();
    PATHS[shape](c, radius);
    c.fillStyle = fill;
    c.strokeStyle = outline;
    c.lineWidth = radius < 2.5 ? 0.6 : 1.1;
    c.fill();
    c.stroke();
    if (made.size > 400) made.clear();
    made.set(key, { canvas, half, side: canvas.width, data: c.getImageData(0, 0, canvas.width, canvas.height).data });
    return made.get(key);
  }

  gt.sprite = sprite;
  gt.accounts = (options) => new gt.AccountLayer(options);
})(window.L);
