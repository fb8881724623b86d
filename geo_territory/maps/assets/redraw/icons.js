/* The editor's own signs, drawn as strokes on a 24 by 24 field. */
(function (L) {
  "use strict";
  const gt = L.geoTerritory;
  if (gt.icon) return;

  const SVG = "http://www.w3.org/2000/svg";
  const PATHS = {
    pan: "M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3",
    click: "M5 3l6.2 16 2.3-6.5L20 10.2zM13.5 12.5l6 6",
    brush: "M20.5 3.5c-4 2-8 5.8-10.2 9.2l2 2C15.700 12.500 19 8.500 20.500 3.500zM9.300 13.800c-2.300-.3-3.900 1.200-4.200 3.200-.2 1.400-.8 2.300-2 3 3.500 1 8 .4 8.200-4.200",
    rectangle: "M4 6h16v12H4zM4 6h.01M20 6h.01M4 18h.01M20 18h.01",
    lasso: "M12 4c5 0 9 2.500 9 6s-4 6-9 6-9-2.500-9-6 4-6 9-6zM7 15c-1.600.8-2 2.200-1 3.300s2.600.5 2.400-1c-.2-1.200-1-1.900-2-2.200M7.500 18.900c-.2 1-.8 1.700-1.700 2.100",
    region: "M4 5l5-1.500 6 2 5-1.500v14.500L15 20l-6-2-5 1.500zM9 3.500V18M15 5.500V20",
    accounts: "M12 21s-6.500-5.700-6.500-11a6.500 6.500 0 0 1 13 0c0 5.300-6.500 11-6.500 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
    undo: "M8 5L3.500 9.500 8 14M4 9.500h10a6 6 0 0 1 0 12h-4",
    redo: "M16 5l4.500 4.500L16 14M20 9.500H10a6 6 0 0 0 0 12h4",
    patterns: "M4 4h16v16H4zM4 12l8-8M4 20L20 4M12 20l8-8",
    lock: "M6 11h12v9.500H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11",
    unlock: "M6 11h12v9.500H6zM8.500 11V7.500a3.500 3.500 0 0 1 6.800-1.200",
    zoom: "M10.500 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.700 15.700L21 21M10.500 7.500v6M7.500 10.500h6",
    close: "M6 6l12 12M18 6L6 18",
    check: "M4.500 12.500l5 5L19.500 7",
    warn: "M12 4L2.500 20h19zM12 10v4.500M12 17.500v.01",
    phone: "M6.500 3.500l3 .5 1.300 4.200-2 1.800a13 13 0 0 0 5.200 5.200l1.800-2 4.200 1.300.5 3c-.4 1.800-1.800 3-3.500 3C10.300 20.500 3.500 13.700 3.500 7c0-1.700 1.200-3.100 3-3.500z",
    border: "M12 3v3M12 9v3M12 15v3M12 21v.01M3 8.500h5M5.500 6L8 8.500 5.500 11M21 15.500h-5M18.500 13L16 15.500l2.500 2.500",
    pieces: "M4 4h7v7H4zM14.500 14.500H20V20h-5.500z",
    hole: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
    merge: "M4 5h5l6 7h5M4 19h5l6-7M17 9l3 3-3 3",
    split: "M4 12h5l6-7h5M9 12l6 7h5M18 2.500L20.500 5 18 7.500M18 16.500l2.500 2.500-2.500 2.500",
    remove: "M4 6.500h16M9 6.500V4h6v2.500M6 6.500l1 14h10l1-14M10 10.500v6M14 10.500v6",
    plus: "M12 5v14M5 12h14",
    pin: "M9 3.500h6l-1 6 3.500 3.500H6.500L10 9.500zM12 13v7.500",
    more: "M5 12h.01M12 12h.01M19 12h.01",
    navigate: "M3.500 11L20.500 3.500 13 20.500l-2-7.500z",
    target: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
    cloud: "M7 18.500a4.500 4.500 0 0 1-.5-9 6 6 0 0 1 11.500 1.200 4 4 0 0 1-.5 7.800z",
  };

  /** One of the editor's signs; it says nothing to a screen reader, the button around it does. */
  gt.icon = (name) => {
    const svg = document.createElementNS(SVG, "svg");
    for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "gt-icon", "aria-hidden": "true", focusable: "false" })) svg.setAttribute(key, value);
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", PATHS[name]);
    svg.append(path);
    return svg;
  };
})(window.L);
