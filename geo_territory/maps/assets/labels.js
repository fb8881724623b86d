/* Names on the map: territories first, then cities where there is room. Never interactive. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.LabelLayer) return;

  /* The smallest city written at a zoom: people in it. */
  const CITY_FROM = [[4, Infinity], [5, 900000], [6, 350000], [7, 120000], [8, 50000], [Infinity, 0]];
  const cityFrom = (zoom) => CITY_FROM.find(([below]) => zoom < below)[1];

  /* Where a territory's name may go when its own place is taken, in pixels from there: as near as there is room. */
  const ASIDE = [[0, 0], [0, -9], [0, 9], [0, -16], [0, 16], [-18, 0], [18, 0], [-18, -16], [18, -16], [-18, 16], [18, 16], [0, -26], [0, 26], [-36, 0], [36, 0], [-36, -16], [36, -16], [-36, 16], [36, 16]];

  gt.LabelLayer = gt.CanvasLayer.extend({
    options: { padding: 0.35, pane: "gt-labels", zIndex: 460 },

    initialize(areas, base) {
      L.setOptions(this, {});
      L.stamp(this);
      this._layers = {};
      this.areas = areas;
      this.base = base;
      this.ready = true;
    },

    draw(context, view) {
      context.textBaseline = "middle";
      context.lineJoin = "round";
      const taken = [];
      const free = (x, y, half, high) => !taken.some((t) => Math.abs(t.x - x) < t.half + half && Math.abs(t.y - y) < t.high + high);
      this.shown = this._territories(context, view, taken, free);
      this.cities = this._cities(context, view, taken, free);
    },

    /** The largest territories first; one that would cover another goes aside within its territory, or is left out until there is room. */
    _territories(context, view, taken, free) {
      const { labels, territories, selected } = this.areas;
      if (!labels || !territories || !this.areas.ready || !this.areas.fits()) return [];
      context.textAlign = "center";
      context.font = `600 12px ${view.style.font}`;
      const shown = [];
      for (const place of [...labels].sort((p, q) => (q.territory === selected) - (p.territory === selected))) {
        if (!territories[place.territory]) continue;
        const text = territories[place.territory].name;
        const half = context.measureText(text).width / 2 + 3;
        const spot = this._spot(place, half, view, free);
        if (!spot) continue;
        const [x, y] = spot;
        taken.push({ x, y, half, high: 8 });
        write(context, text, x, y, view.style.ink, view.style.halo, 3.5);
        shown.push(text);
      }
      return shown;
    },

    /** Where a name of half a width goes: at its place or aside, with its middle on the territory; null where there is no room. */
    _spot(place, half, view, free) {
      for (const [dx, dy] of ASIDE) {
        const [x, y] = [place.x * view.scale - view.x + dx, place.y * view.scale - view.y + dy];
        if (!inside(x, y, view) || !free(x, y, half, 8)) continue;
        const area = dx || dy ? this.areas.at(place.x + dx / view.scale, place.y + dy / view.scale) : null;
        if (area === null || this.areas.ownerOf(area) === place.territory) return [x, y];
      }
      return null;
    },

    _cities(context, view, taken, free) {
      const places = this.base && this.base.places;
      const least = cityFrom(view.zoom);
      if (!places || least === Infinity) return [];
      context.textAlign = "start";
      context.font = `11px ${view.style.font}`;
      const shown = [];
      for (let i = 0; i < places.names.length && places.population[i] >= least; i++) {
        const [x, y] = [places.wx[i] * view.scale - view.x, places.wy[i] * view.scale - view.y];
        if (!inside(x, y, view)) continue;
        const half = context.measureText(places.names[i]).width / 2 + 10;
        if (!free(x + half, y, half, 14)) continue;
        taken.push({ x: x + half, y, half, high: 14 });
        context.fillStyle = view.style.place;
        context.fillRect(x - 1.5, y - 1.5, 3, 3);
        write(context, places.names[i], x + 5, y, view.style.place, view.style.haloPlace, 2.5);
        shown.push(places.names[i]);
      }
      return shown;
    },
  });

  const inside = (x, y, view) => x > -60 && y > -20 && x < view.width + 60 && y < view.height + 20;

  function write(context, text, x, y, ink, halo, width) {
    context.strokeStyle = halo;
    context.lineWidth = width;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }
})(window.L);
