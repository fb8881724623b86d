/* Streamlit host of a territory map, and of the redraw editor or a rep's day sheet on it. The default export runs again at every rerun with new `data`;
 * the map is made once for each `data.map.hash`. What else changes goes through `view.apply(state)`; in the editor (`data.editor`)
 * and the day sheet (`data.day`) through their own addresses. Maps with the same `data.sync` show the same place. */

const loading = new Map();

function script(address) {
  if (!loading.has(address)) {
    const loaded = new Promise((done, failed) => {
      const tag = document.createElement("script");
      tag.src = address;
      tag.async = false;
      tag.onload = done;
      tag.onerror = () => {
        loading.delete(address);
        tag.remove();
        failed(new Error("the script " + address.split("/").pop() + " does not load"));
      };
      document.head.append(tag);
    });
    loading.set(address, loaded);
  }
  return loading.get(address);
}

function style(address, root) {
  if ([...root.querySelectorAll("link")].some((link) => link.getAttribute("href") === address)) return Promise.resolve();
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = link.onerror = done; // a map without Leaflet's style is ugly, not lost
    root.append(link);
  });
}

function dark(host) {
  const colour = getComputedStyle(host.querySelector(".gt-host")).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = colour || "#ffffff";
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

/* Folium names its <div> by id, which document.getElementById does not find inside a shadow root. */
function leafletFor(box) {
  const L = window.L;
  const map = (id, options) => L.map(box.querySelector("#" + CSS.escape(id)), options);
  return Object.assign(Object.create(L), { map });
}

const together = new Map(); // name -> views that show the same place

function join(host, name) {
  if (!name) return;
  const views = together.get(name) || new Set();
  together.set(name, views.add(host.view));
  host.joined = name;
  window.L.geoTerritory.sync([...views]);
}

function leave(host) {
  if (host.editor) host.editor.remove();
  if (host.day) host.day.remove();
  if (host.view) host.view.remove();
  const views = together.get(host.joined);
  if (views && views.delete(host.view) && !views.size) together.delete(host.joined);
  host.view = host.editor = host.day = host.joined = null;
}

/* Make the map of `host.wanted`; what was asked for meanwhile, or a page that is gone, leaves it unmade. */
async function make(host, { map, editor, day, sync }) {
  const [leaflet, ...own] = map.scripts;
  await Promise.all([style(map.style, host.parent), script(leaflet)]); // without it the others would each fail in their own words
  await Promise.all(own.map(script)); // fetched together, run in their order
  if (host.wanted !== map.hash) return;
  leave(host);
  const box = document.createElement("div");
  box.className = "gt-box";
  const frame = document.createElement("div");
  frame.className = "gt-map";
  frame.innerHTML = map.html; // Folium's <div>, made by our Python; it holds no text of anybody's
  box.append(frame);
  host.root.replaceChildren(box);
  window.L.geoTerritory.provide(map.sources);
  const run = new Function("L", `${map.script}\n;return ${map.map_name};`);
  host.view = new window.L.geoTerritory.View(run(leafletFor(box)), { panel: !editor && !day && !sync, choose: !day });
  host.hash = map.hash;
  host.show();
  join(host, sync);
}

/* The editor is made once for its map; it keeps what was drawn and takes a new address, as after a restart of the server. */
function edit(host, editor) {
  if (host.editor) host.editor.setAddress(editor.address);
  else host.editor = new window.L.geoTerritory.Editor(host.view, editor);
}

/* The day sheet is made once for its map; another run brings it a fresh sheet. */
function tend(host, day) {
  if (host.day) host.day.take(day);
  else host.day = new window.L.geoTerritory.DaySheet(host.view, day);
}

function fail(host, texts, error) {
  host.wanted = null; // the next run tries again
  const alert = document.createElement("p");
  alert.className = "gt-alert gt-alone";
  alert.setAttribute("role", "alert");
  alert.textContent = texts.failed.replace("{reason}", error.message);
  host.root.replaceChildren(alert);
}

const hosts = new WeakMap(); // parentElement -> what is kept from run to run

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let host = hosts.get(parentElement);
  if (!host) {
    host = { parent: parentElement, root: parentElement.querySelector(".gt-host") };
    hosts.set(parentElement, host);
  }
  host.root.style.setProperty("--gt-height", data.height + "px");
  host.show = () => {
    window.L.geoTerritory.provide(data.map.sources);
    host.view.onSelect = (id) => setTriggerValue("select", { territory_id: id });
    host.view.setDark(dark(parentElement));
    if (data.editor) edit(host, data.editor);
    else if (data.day) tend(host, data.day);
    else host.view.apply(data.state);
  };
  if (host.view && host.hash === data.map.hash) host.show();
  else if (host.wanted !== data.map.hash) {
    host.wanted = data.map.hash;
    make(host, data).catch((error) => fail(host, (data.editor || data.day || data.state).texts, error));
  }
  return () => {
    host.wanted = null;
    leave(host);
    hosts.delete(parentElement);
  };
}
