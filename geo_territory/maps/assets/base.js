/* The drawn base map: land, borders of countries and states. Never interactive.
 * The cities it loads are written by the label layer, above the territories. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.BaseLayer) return;

  gt.BaseLayer = gt.CanvasLayer.extend({
    options: { padding: 0.35, pane: "gt-base", zIndex: 150, countries: null, states: null, places: null, attribution: "" },

    onAdd(map) {
      gt.CanvasLayer.prototype.onAdd.call(this, map);
      this._load([this.options.countries, this.options.states, this.options.places], (countries, states, places) => {
        this.countries = new gt.Rings(countries);
        this.states = new gt.Rings(states);
        this.places = places;
      });
    },

    draw(context, view) {
      const s = view.style;
      context.beginPath();
      this._trace(context, view, this.countries);
      context.fillStyle = s.land;
      context.fill("evenodd");
      context.strokeStyle = s.country;
      context.lineWidth = 1;
      context.lineJoin = "round";
      context.stroke();
      if (view.zoom < 3.5) return;
      context.beginPath();
      this._trace(context, view, this.states);
      context.strokeStyle = s.state;
      context.lineWidth = 0.8;
      context.stroke();
    },

    _trace(context, view, rings) {
      for (let r = 0; r < rings.ringVertex.length - 1; r++) if (rings.inView(r, view)) rings.trace(context, view, r);
    },
  });

  gt.base = (options) => new gt.BaseLayer(options);
})(window.L);
