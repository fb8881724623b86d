/* What hands do on the map: mouse, pen, fingers and keys, told to the tools. In any mode the right button, two fingers or the space
 * bar pan, and the wheel zooms; Leaflet does what it does well (dragging without a stroke, pinching, the wheel). */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.Hands) return;

  const CLICK_PX = 6;
  const PAN_PX = 90;
  const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const CURSORS = { pan: "", click: "pointer", region: "pointer", accounts: "pointer", brush: "crosshair", rectangle: "crosshair", lasso: "crosshair" };

  gt.Hands = class Hands {
    constructor(tools) {
      Object.assign(this, { tools, map: tools.map, host: tools.map.getContainer() });
      this.pointers = new Set();
      this.ring = gt.element("div", { class: "gt-brush", "aria-hidden": "true" });
      Object.assign(this.ring.style, { position: "absolute", left: 0, top: 0, borderRadius: "50%", pointerEvents: "none", zIndex: 700, boxSizing: "border-box", display: "none", willChange: "transform" });
      this.host.append(this.ring);
      this.events = {
        pointerdown: (e) => this._down(e),
        pointermove: (e) => this._move(e),
        pointerup: (e) => this._up(e),
        pointercancel: (e) => this._lost(e),
        pointerleave: (e) => this._leave(e),
        contextmenu: (e) => e.preventDefault(),
        keydown: (e) => this._key(e),
        keyup: (e) => this._keyUp(e),
        blur: () => (this.space = null),
      };
      for (const [name, listener] of Object.entries(this.events)) this.host.addEventListener(name, listener, { capture: true });
      this.map.keyboard.disable();
      this.map.on("zoom", () => this._size());
    }

    remove() {
      for (const [name, listener] of Object.entries(this.events)) this.host.removeEventListener(name, listener, { capture: true });
      this.ring.remove();
      if (!this.map._mapPane) return; // the map is gone
      this.setMode("pan");
      this.map.keyboard.enable();
    }

    setMode(mode) {
      const { map, tools } = this;
      const free = !tools.strokes;
      map.dragging[free ? "enable" : "disable"]();
      for (const handler of [map.boxZoom, map.doubleClickZoom]) handler[mode === "pan" ? "enable" : "disable"]();
      this.host.style.touchAction = free ? "" : "none"; // else a finger scrolls the page: Leaflet gives it back when dragging is off
      this.host.style.cursor = CURSORS[mode];
      this._size();
      if (mode !== "brush") this.ring.style.display = "none";
    }

    _size() {
      const { size, to, draft } = this.tools;
      const target = draft.territories.get(to);
      const side = 2 * size + "px";
      Object.assign(this.ring.style, { width: side, height: side, margin: `-${size}px 0 0 -${size}px`, border: `2px solid ${target ? target.color : "#17212b"}`, boxShadow: "0 0 0 1.5px #fff, inset 0 0 0 1px #fff" });
    }

    /** Where an event is: {x, y} in the unit square of the world, {left, top} in the map, scale in pixels. */
    _at(event) {
      const p = this.map.mouseEventToContainerPoint(event);
      const w = this.map.containerPointToLayerPoint(p).add(this.map.getPixelOrigin());
      const scale = 256 * Math.pow(2, this.map.getZoom());
      return { x: w.x / scale, y: w.y / scale, left: p.x, top: p.y, scale };
    }

    _keys(event) {
      return { shift: event.shiftKey, alt: event.altKey, touch: event.pointerType === "touch" };
    }

    _ours(event) {
      const inner = event.target.closest && event.target.closest(".leaflet-control, button, input, select, a");
      return this.tools.areas.rings && !inner;
    }

    /* ---- pointers ---- */

    _down(event) {
      if (!this._ours(event)) return;
      this.pointers.add(event.pointerId);
      if (this.pointers.size > 1) return void this._second();
      this.host.focus({ preventScroll: true });
      const at = this._at(event);
      const left = event.button === 0;
      if (!left || (this.space && this.tools.strokes)) return void this._beginPan(event);
      if (!this.tools.strokes) {
        this.begun = { id: event.pointerId, at };
        if (this.space) this.space.used = true; // Leaflet drags
        return;
      }
      event.preventDefault();
      this._hold(event);
      this.drawing = event.pointerId;
      this._showRing(at, true);
      this.tools.press(at, this._keys(event));
    }

    /** A second finger: what was begun was no stroke, the two fingers pinch. */
    _second() {
      this.tools.cancelStroke();
      this.drawing = this.begun = this.pan = null;
      this.pinching = true;
      this.ring.style.display = "none";
    }

    _hold(event) {
      if (event.isTrusted) this.host.setPointerCapture(event.pointerId); // a stroke goes on outside the map
    }

    _beginPan(event) {
      event.preventDefault();
      this._hold(event);
      if (this.space) this.space.used = true;
      this.pan = { id: event.pointerId, x: event.clientX, y: event.clientY };
      this.host.style.cursor = "grabbing";
    }

    _move(event) {
      if (this.pan && this.pan.id === event.pointerId) return void this._panTo(event);
      if (this.drawing === event.pointerId && this.tools.stroke) {
        const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
        for (const one of steps.length ? steps : [event]) this.tools.extend(this._at(one));
        return void this._showRing(this._at(event), true);
      }
      if (event.pointerType === "touch") return;
      this._last = event;
      if (!this._asked) this._asked = requestAnimationFrame(() => this._point());
    }

    _point() {
      this._asked = null;
      if (!this.map._mapPane || this.tools.stroke || this.pan) return;
      const ours = this._ours(this._last);
      const at = this._at(this._last);
      this.tools.hover(ours ? at : null);
      this._showRing(at, ours);
    }

    _showRing(at, inside) {
      this.ring.style.display = inside && this.tools.mode === "brush" ? "block" : "none";
      this.ring.style.transform = `translate(${at.left}px, ${at.top}px)`;
    }

    _panTo(event) {
      const by = L.point(this.pan.x - event.clientX, this.pan.y - event.clientY);
      if (!this.pan.moved) this.map.fire("movestart");
      Object.assign(this.pan, { x: event.clientX, y: event.clientY, moved: true });
      this.map._rawPanBy(by);
      this.map.fire("move"); // what is drawn is shifted; it is drawn again at rest
    }

    _up(event) {
      const pinched = this.pinching;
      this._release(event.pointerId);
      if (this.pan && this.pan.id === event.pointerId) return void this._endPan();
      if (this.drawing === event.pointerId) {
        this.drawing = null;
        if (this.tools.stroke) this.tools.extend(this._at(event));
        this.tools.release();
        if (event.pointerType === "touch") this.ring.style.display = "none";
        return;
      }
      const { begun } = this;
      this.begun = null;
      if (!begun || begun.id !== event.pointerId || pinched) return;
      const at = this._at(event);
      if (Math.hypot(at.left - begun.at.left, at.top - begun.at.top) < CLICK_PX) this.tools.tap(begun.at, this._keys(event));
    }

    _endPan() {
      const { moved } = this.pan;
      this.pan = null;
      this.host.style.cursor = CURSORS[this.tools.mode];
      if (moved) this.map.fire("moveend");
    }

    _release(id) {
      this.pointers.delete(id);
      if (!this.pointers.size) this.pinching = false;
    }

    _lost(event) {
      this._release(event.pointerId);
      if (this.drawing === event.pointerId) this.tools.cancelStroke();
      if (this.pan && this.pan.id === event.pointerId) this._endPan();
      this.drawing = this.begun = null;
    }

    _leave(event) {
      if (event.target !== this.host || this.tools.stroke) return;
      this.tools.hover(null);
      this.ring.style.display = "none";
    }

    /* ---- keys ---- */

    _key(event) {
      if (event.target !== this.host || event.ctrlKey || event.metaKey || event.altKey) return;
      const { tools, map } = this;
      const direction = ARROWS[event.key];
      if (direction && event.shiftKey) map.panBy([direction[0] * PAN_PX, direction[1] * PAN_PX], { animate: false });
      else if (direction) tools.step(direction);
      else if (event.key === " ") this.space = this.space || { used: false };
      else if (event.key === "Enter") tools.assignHere();
      else if (event.key === "Delete" || event.key === "Backspace") tools.assignHere("");
      else if (event.key === "Escape") tools.escape();
      else if (event.key === "+" || event.key === "=") map.zoomIn(1);
      else if (event.key === "-") map.zoomOut(1);
      else return;
      event.preventDefault();
    }

    _keyUp(event) {
      if (event.key !== " " || !this.space) return;
      const { used } = this.space;
      this.space = null;
      if (!used && event.target === this.host) this.tools.toggleCursor();
    }
  };
})(window.L);
