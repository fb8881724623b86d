/* What the tools of the redraw editor show of units and accounts: outlines, places, rings around named accounts. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Tools.prototype.highlight) return;

  const sights = {
    /** Outline units: positions, or [{units, to}] each in its territory's colour; nothing to take the outlines away. */
    highlight(what = []) {
      const list = Array.from(what);
      const groups = list.length && typeof list[0] === "number" ? [{ units: list, to: null }] : list;
      const colour = (to) => (this.draft.territories.get(to) || { color: null }).color;
      this.marks.show({ highlights: groups.map(({ units, to }) => ({ units: new Set(units), color: to ? colour(to) : null })) });
    },

    /** Show units: the map moves only as far as it must to hold them. */
    zoomTo(positions) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const u of positions) {
        if (Number.isNaN(this.areas.boxes[4 * u])) continue;
        for (const k of [0, 1]) {
          box[k] = Math.min(box[k], this.areas.boxes[4 * u + k]);
          box[2 + k] = Math.max(box[2 + k], this.areas.boxes[4 * u + 2 + k]);
        }
      }
      if (box[0] === Infinity) return;
      const bounds = L.latLngBounds(gt.unproject(box[0], box[1]), gt.unproject(box[2], box[3])).pad(0.6);
      this.map.fitBounds(bounds, { animate: false, maxZoom: Math.max(this.map.getZoom(), 10) });
    },

    /** Where a unit's inner point is on the page: {x, y}. */
    screenOf(position) {
      const p = this.map.latLngToContainerPoint(gt.unproject(this.areas.centerX[position], this.areas.centerY[position]));
      const box = this.map.getContainer().getBoundingClientRect();
      return { x: box.x + p.x, y: box.y + p.y };
    },

    /** Ring accounts that are chosen, and in their territory's colour those that are in another one than their unit. */
    showDots() {
      const layer = this.view.accounts;
      if (!this.map._mapPane || !layer || !layer.ids || !layer.wx) return;
      if (!this._dots) this._dots = new Map(layer.ids.map((id, i) => [id, i]));
      const dots = [];
      const ring = (id, look) => this._dots.has(id) && dots.push({ x: layer.wx[this._dots.get(id)], y: layer.wy[this._dots.get(id)], ...look });
      for (const [id, to] of this.draft.exceptions) ring(id, { color: (this.draft.territories.get(to) || { color: null }).color });
      for (const id of this.accounts) ring(id, { chosen: true });
      this.marks.show({ dots });
    },
  };

  Object.assign(gt.Tools.prototype, sights);
})(window.L);
