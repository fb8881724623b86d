/* The next accounts as numbered pins over the map; a pin and its row are chosen together. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.day.Pins) return;

  const NEXT = 8;
  const SIZE = 44; // px: what a finger hits
  const ROOM_M = 4000; // shown around a single account

  const around = (accounts) => accounts.reduce((box, { lat, lon }) => box.extend(L.latLng(lat, lon).toBounds(ROOM_M)), L.latLngBounds([])).pad(0.18);

  gt.day.NEXT = NEXT;
  gt.day.Pins = class Pins {
    constructor(view, words, onChoose) {
      Object.assign(this, { view, words, onChoose, markers: new Map() });
      const pane = view.map.createPane("gt-pins");
      pane.style.zIndex = 620;
      view.map.on("click", (event) => this._click(event));
    }

    /** Show the first accounts of a list that have a place; the map shows all of them the first time. */
    show(accounts) {
      const next = accounts.filter((account) => account.lat !== undefined).slice(0, NEXT);
      const key = JSON.stringify(next.map((account) => [account.id, account.name]));
      if (key === this.key) return;
      this.key = key;
      this.markers.forEach((marker) => marker.remove());
      this.markers = new Map(next.map((account, k) => [account.id, this._marker(account, k + 1)]));
      this.view.map.getContainer().setAttribute("aria-label", this.words.say("map_label", { n: next.length }));
      if (next.length) gt.fit(this.view.map, around(next));
      this.light(this.lit);
    }

    _marker(account, n) {
      const icon = L.divIcon({ className: "gt-pin", iconSize: [SIZE, SIZE], iconAnchor: [SIZE / 2, SIZE / 2], html: gt.element("b", {}, this.words.whole(n)) });
      const title = this.words.say("pin", { n: this.words.whole(n), name: account.name });
      const marker = L.marker([account.lat, account.lon], { icon, title, alt: title, pane: "gt-pins", riseOnHover: true, zIndexOffset: -n });
      marker.on("click", () => this.onChoose(account.id));
      const sign = marker.addTo(this.view.map).getElement();
      sign.setAttribute("aria-label", title);
      sign.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.onChoose(account.id);
      });
      return marker;
    }

    /** Light up the pin of the account that is looked at. */
    light(id) {
      this.lit = id;
      this.markers.forEach((marker, of) => marker.getElement().classList.toggle("gt-lit", of === id));
    }

    /** Bring an account into the map's sight. */
    look(account) {
      if (account.lat === undefined) return;
      const at = L.latLng(account.lat, account.lon);
      if (!this.view.map.getBounds().pad(-0.1).contains(at)) this.view.map.panTo(at, { animate: false });
    }

    _click(event) {
      const layer = this.view.accounts;
      const found = layer ? layer.hit(event.latlng, 12) : -1;
      if (found >= 0 && layer.ids) this.onChoose(layer.ids[found]);
    }
  };
})(window.L);
