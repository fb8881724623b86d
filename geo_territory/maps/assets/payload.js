/* Payloads: what the layers are drawn from, fetched once and decoded into typed arrays (format: maps/payload.py). */
(function (L) {
  "use strict";
  if (L.geoTerritory) return;

  const STEPS_PER_DEGREE = 100000;
  const KEPT = 24;
  const addresses = new Map(); // hash -> address on this server
  const decoded = new Map(); // hash -> promise of a decoded payload, the least recently asked first

  const mercatorY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (Math.max(-85.06, Math.min(85.06, lat)) * Math.PI) / 360)) / (2 * Math.PI);
  const mercatorX = (lon) => (lon + 180) / 360;

  /** Latitude and longitude of a point of the unit square that holds the world. */
  const unproject = (x, y) => L.latLng((Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, x * 360 - 180);

  function bytesOfBase64(text) {
    const raw = atob(text.trim());
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  async function bytesOf(hash) {
    const inlined = document.getElementById("gt-" + hash);
    if (inlined) return bytesOfBase64(inlined.textContent);
    const address = addresses.get(hash);
    if (!address) throw new Error("no address for " + hash.slice(0, 8));
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error("map data, answer " + answer.status);
    return new Uint8Array(await answer.arrayBuffer());
  }

  const TYPES = { uint8: Uint8Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array };

  function decode(bytes) {
    if (String.fromCharCode(...bytes.subarray(0, 4)) !== "GT1\n") throw new Error("map data in another format");
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const body = bytes.byteOffset + 8 + length;
    for (const [name, a] of Object.entries(header.arrays)) header[name] = new TYPES[a.type](bytes.buffer, body + a.offset, a.length);
    if (header.x) project(header);
    return header;
  }

  /** Replace steps from one point to the next by positions in the unit square that holds the world. */
  function project(header) {
    const n = header.x.length;
    const wx = new Float64Array(n);
    const wy = new Float64Array(n);
    const qx = new Int32Array(n);
    const qy = new Int32Array(n);
    for (let i = 0, x = 0, y = 0; i < n; i++) {
      x += header.x[i];
      y += header.y[i];
      qx[i] = x;
      qy[i] = y;
      wx[i] = mercatorX(x / STEPS_PER_DEGREE);
      wy[i] = mercatorY(y / STEPS_PER_DEGREE);
    }
    Object.assign(header, { wx, wy, qx, qy });
    delete header.x;
    delete header.y;
  }

  /** The decoded payload of this hash; layers and maps of one page share it. */
  function load(hash) {
    let promise = decoded.get(hash);
    decoded.delete(hash);
    if (!promise) promise = bytesOf(hash).then(decode);
    decoded.set(hash, promise);
    promise.catch(() => decoded.delete(hash));
    while (decoded.size > KEPT) decoded.delete(decoded.keys().next().value);
    return promise;
  }

  /** Say where payloads are: an object of hash -> address. */
  function provide(sources) {
    for (const [hash, address] of Object.entries(sources)) addresses.set(hash, address);
  }

  /** Little-endian uint16 numbers from base64. */
  const uint16OfBase64 = (text) => {
    const bytes = bytesOfBase64(text);
    return new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
  };

  L.geoTerritory = { load, provide, unproject, mercatorX, mercatorY, uint16OfBase64, STEPS_PER_DEGREE };
})(window.L);
