/* Streamlit host of a territory map. The default export runs again at every rerun with new `data`; the map is made once
 * for each `data.map.hash`, and everything else that changes goes through `view.apply(state)`. */

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

/* Make the map of `host.wanted`; what was asked for meanwhile, or a page that is gone, leaves it unmade. */
async function make(host, map) {
  await style(map.style, host.parent);
  for (const address of map.scripts) await script(address);
  if (host.wanted !== map.hash) return;
  if (host.view) host.view.remove();
  host.view = null;
  const box = document.createElement("div");
  box.className = "gt-box";
  const frame = document.createElement("div");
  frame.className = "gt-map";
  frame.innerHTML = map.html; // Folium's <div>, made by our Python; it holds no text of anybody's
  box.append(frame);
  host.root.replaceChildren(box);
  window.L.geoTerritory.provide(map.sources);
  const run = new Function("L", `${map.script}\n;return ${map.map_name};`);
  host.view = new window.L.geoTerritory.View(run(leafletFor(box)));
  host.hash = map.hash;
  host.show();
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
    host.view.apply(data.state);
  };
  if (host.view && host.hash === data.map.hash) host.show();
  else if (host.wanted !== data.map.hash) {
    host.wanted = data.map.hash;
    make(host, data.map).catch((error) => fail(host, data.state.texts, error));
  }
  return () => {
    host.wanted = null;
    if (host.view) host.view.remove();
    hosts.delete(parentElement);
  };
}
