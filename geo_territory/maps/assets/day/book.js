/* What a rep logged on this page and the workspace has not yet shown back: calls, calls taken back, requests. Each is kept in the
 * browser's storage under a key of its own, so two tabs never overwrite each other. No DOM: all it reaches can be given to it. */
(function (root) {
  "use strict";
  const gt = root.L.geoTerritory;
  if (gt.day) return;

  const ID_BYTES = 12;
  const newId = () => "day-" + Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  class Book {
    /** `doc` names the rep, the person and the workspace: nobody else's entries are read. */
    constructor(doc, storage = storageOrNone()) {
      this.prefix = "gt-day " + doc + " ";
      this.storage = storage;
      this.memory = new Map(); // what the storage had no room for
      this.kept = storage !== null;
    }

    /** All entries, in the order they were made. */
    entries() {
      const found = [...this.memory.values()];
      for (let k = 0; this.storage && k < this.storage.length; k++) {
        const key = this.storage.key(k);
        const entry = key.startsWith(this.prefix) ? this._read(key) : null;
        if (entry && !this.memory.has(entry.id)) found.push(entry);
      }
      return found.sort((p, q) => p.order - q.order || (p.id < q.id ? -1 : 1));
    }

    get(id) {
      return this.memory.get(id) || (this.storage && this._read(this.prefix + id)) || null;
    }

    /** Take an entry once: the same id again changes nothing. */
    add(entry) {
      const known = this.get(entry.id);
      if (known) return known;
      const last = this.entries().pop();
      const order = Math.max(Date.now(), last ? last.order + 1 : 0);
      return this._write({ ...entry, order, at: new Date().toISOString() });
    }

    /** Take a call back: one that never left this page is simply gone. Returns what is to be sent, null for nothing. */
    undo(call) {
      const known = this.get(call.id);
      if (known && !known.tried && !known.done && !known.saved) return void this.drop(call.id);
      return this.add({ id: newId(), kind: "retract", call: call.id, account: call.account, name: call.name });
    }

    change(id, facts) {
      const entry = this.get(id);
      if (entry) this._write({ ...entry, ...facts });
    }

    drop(id) {
      this.memory.delete(id);
      if (this.storage) this.storage.removeItem(this.prefix + id);
      return null;
    }

    /** What is to be sent. */
    waiting() {
      return this.entries().filter((entry) => !entry.done && !entry.refused);
    }

    /** A sheet made at a moment shows what was acknowledged before: that needs no keeping any more. */
    shown(madeAt) {
      for (const entry of this.entries()) if (entry.done && entry.done <= madeAt) this.drop(entry.id);
    }

    _read(key) {
      try {
        const entry = JSON.parse(this.storage.getItem(key) || "null");
        return entry && entry.id && entry.kind ? entry : null;
      } catch (error) {
        if (error instanceof SyntaxError) return null; // not ours
        throw error;
      }
    }

    _write(entry) {
      try {
        if (!this.storage) throw new DOMException("", "QuotaExceededError");
        this.storage.setItem(this.prefix + entry.id, JSON.stringify(entry));
        this.memory.delete(entry.id);
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
        this.kept = false;
        this.memory.set(entry.id, entry);
      }
      return entry;
    }
  }

  function storageOrNone() {
    try {
      const storage = root.localStorage;
      storage.setItem("gt-day", "1"); // some browsers give a storage that takes nothing
      storage.removeItem("gt-day");
      return storage;
    } catch (error) {
      if (["SecurityError", "QuotaExceededError", "TypeError"].includes(error.name)) return null;
      throw error;
    }
  }

  gt.day = { Book, newId };
})(window);
