// What the page is set to, and its link.
// Owns: the settings and how they are written into the address. Never does: check them: the
// server reads them by the schema and says what is wrong.

export const VERSION = "1";

export class Settings {
  constructor(query = "") {
    this.scenario = "";
    this.structures = [];
    this.seed = "";
    this.replication = "";
    this.overlays = [];
    this.set = new Map();
    this.own = new Map();
    this.lesson = "";
    this.other = []; // what this page does not know is handed to the server, which says so
    for (const [key, value] of new URLSearchParams(query)) {
      if (key === "v") { if (value !== VERSION) this.other.push([key, value]); }
      else if (key === "scenario") this.scenario = value;
      else if (key === "structures") this.structures = value.split(",").filter(Boolean);
      else if (key === "lesson") this.lesson = value;
      else if (key === "seed") this.seed = value;
      else if (key === "replication") this.replication = value;
      else if (key === "overlay") this.overlays.push(value);
      else if (key === "set") { const at = value.indexOf("="); this.set.set(at < 0 ? value : value.slice(0, at), at < 0 ? null : value.slice(at + 1)); }
      else if (key === "own") for (const part of value.split(",")) { const at = part.lastIndexOf(":"); if (at > 0) this.own.set(part.slice(0, at), part.slice(at + 1)); else this.other.push([key, value]); }
      else this.other.push([key, value]);
    }
  }

  /** The query of the link, with `more` for one question. */
  query(more = {}) {
    const found = new URLSearchParams();
    found.append("v", VERSION);
    for (const [key, value] of this.other) found.append(key, value);
    if (this.other.some(([key]) => key === "v")) found.delete("v", VERSION);
    if (this.scenario) found.append("scenario", this.scenario);
    if (this.lesson) found.append("lesson", this.lesson);
    if (this.structures.length) found.append("structures", this.structures.join(","));
    if (this.seed !== "") found.append("seed", this.seed);
    if (this.replication !== "" && this.replication !== "0") found.append("replication", this.replication);
    for (const name of this.overlays) found.append("overlay", name);
    for (const [key, value] of this.set) found.append("set", value === null ? key : `${key}=${value}`);
    if (this.own.size) found.append("own", [...this.own].map(([f, k]) => `${f}:${k}`).join(","));
    for (const [key, value] of Object.entries(more)) found.append(key, value);
    return found.toString();
  }

  /** Back to the scenario as it is. */
  clear() {
    this.set.clear();
    this.overlays = [];
    this.other = [];
    this.seed = "";
    this.replication = "";
  }

  get changed() { return this.set.size + this.overlays.length + (this.seed !== "" ? 1 : 0) + (this.replication !== "" && this.replication !== "0" ? 1 : 0); }
}
