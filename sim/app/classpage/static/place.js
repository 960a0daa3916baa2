// Where the page stands: frame, slider values, step, who is watched; and its link.
// Owns: the settings and how they are written after the "#". Never does: show anything.

export const VERSION = "1";

/** A structure's or department's name as people write it. */
export const plain = (name) => name.replaceAll("_", " ");

export class Place {
  constructor(data) {
    this.data = data;
    this.names = data.structures.map((s) => s.name);
    this.home();
  }

  home() {
    const { start, steps } = this.data;
    this.frame = start.frame;
    this.at = start.at.slice();
    this.step = steps.length ? 0 : null;
    this.watch = [...new Set([this.names[0], this.names[this.names.length - 1]])];
    this.always = false;
    this.speed = 1;
  }

  /** Index of the point on show. */
  get index() {
    return this.data.sliders.reduce((place, s, i) => place * s.values.length + this.at[i], this.frame);
  }

  get point() { return this.data.points[this.index]; }

  go(step) {
    const { frame, at } = this.data.steps[step];
    this.step = step;
    this.frame = frame;
    this.at = at.slice();
  }

  move(slider, i) {
    this.at[slider] = i;
    const steps = this.data.steps;
    const here = steps.findIndex((s) => s.frame === this.frame && s.at.every((v, k) => v === this.at[k]));
    this.step = here >= 0 ? here : null;
  }

  /** The settings in words: "staff.heads 12 people, ..." */
  words(frame = this.frame, at = this.at) {
    const parts = this.data.sliders.map((s, i) => `${s.key} = ${s.texts[at[i]]}${s.unit ? ` ${s.unit}` : ""}`);
    return [...this.data.frames[frame], ...parts].join(", ");
  }

  /** The link's part after "#". */
  hash() {
    const found = new URLSearchParams();
    found.append("v", VERSION);
    if (this.step !== null) found.append("step", this.step + 1);
    else if (this.frame) found.append("frame", this.frame + 1);
    this.data.sliders.forEach((s, i) => found.append(s.key, s.texts[this.at[i]].replaceAll(",", "")));
    found.append("watch", this.watch.join(","));
    if (this.always) found.append("ask", "1");
    if (this.speed !== 1) found.append("speed", this.speed);
    return found.toString();
  }

  /** Take a link's settings; returns what could not be taken as it stands, in words. */
  read(text) {
    const given = new URLSearchParams(text.replace(/^#/, "")), said = [];
    if (!given.has("v")) return said;
    this.home();
    if (given.get("v") !== VERSION) said.push(`The link is of version ${given.get("v")}, this page reads version ${VERSION}.`);
    const step = Number(given.get("step")) - 1, frame = Number(given.get("frame")) - 1;
    if (given.has("step") && this.data.steps[step]) this.go(step);
    else if (given.has("frame") && this.data.frames[frame]) { this.frame = frame; this.step = null; }
    this.data.sliders.forEach((s, i) => {
      if (!given.has(s.key)) return;
      const wanted = Number(given.get(s.key));
      if (given.get(s.key).trim() === "" || !Number.isFinite(wanted)) { said.push(`The link's ${s.key} is no number.`); return; }
      const near = s.values.reduce((best, v, k) => (Math.abs(v - wanted) < Math.abs(s.values[best] - wanted) ? k : best), 0);
      if (Math.abs(s.values[near] - wanted) > 1e-9 * Math.max(1, Math.abs(wanted))) said.push(`${s.key} = ${wanted} was not run; shown is the nearest that was, ${s.texts[near]}.`);
      this.move(i, near);
    });
    const watch = (given.get("watch") ?? "").split(",").filter((n) => this.names.includes(n));
    if (watch.length) this.watch = [...new Set(watch)].slice(0, 3);
    this.always = given.get("ask") === "1";
    const speed = Number(given.get("speed"));
    if ([0.25, 0.5, 1, 2, 4, 8, 16].includes(speed)) this.speed = speed;
    return said;
  }
}
