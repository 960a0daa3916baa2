// Sliders made from the scenario's schema, in three layers; what has changed; seed; one reset.
// Owns: the controls. Never does: hold a range, unit or default: they come from the schema.

import { el, fill, settled } from "./dom.js";

const MOST_FOUND = 40;

export class Setup {
  /** `actions`: change(key, text or null), seed(text), replication(text), overlay(name, on), reset(), close() */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.search = "";
    this.faults = new Map();
    this.later = settled((key, text) => this.actions.change(key, text), 160);
  }

  load(schema, settings) {
    this.schema = schema;
    this.settings = settings;
    this.faults.clear();
    if (!this.root.hidden) this.draw();
  }

  /** Faults of the last question, shown beside their control. */
  refuse(faults) {
    this.faults.clear();
    for (const f of faults) this.faults.set(f.key, f.hint ? `${f.message} (${f.hint})` : f.message);
    for (const node of this.root.querySelectorAll("[data-key]")) this.mark(node, node.dataset.key);
  }

  mark(node, key) {
    const text = this.faults.get(key) ?? "";
    const place = node.querySelector(".fault-text");
    place.textContent = text;
    place.hidden = text === "";
    node.classList.toggle("wrong", text !== "");
  }

  open() { this.draw(); }

  draw() {
    const at = document.activeElement?.id;
    const { schema, settings } = this;
    if (!schema) { fill(this.root, el("p", { class: "loading" }, "Loading…")); return; }
    const layer = (n) => schema.keys.filter((k) => k.layer === n);
    const found = el("div", { class: "found" });
    const box = el("input", { type: "search", id: "search-keys", value: this.search, placeholder: "such as wait, error, learn", oninput: () => { this.search = box.value; this.find(found); } });
    const more = el("details", { open: this.moreOpen, ontoggle: (e) => { this.moreOpen = e.target.open; } }, el("summary", {}, "More"), layer(2).map((k) => this.control(k)));
    const all = el("details", { open: this.allOpen || this.search !== "", ontoggle: (e) => { this.allOpen = e.target.open; } }, el("summary", {}, `Search all ${schema.keys.length} settings`),
      el("label", { class: "wide" }, "Search ", box), found);
    fill(this.root, 
      el("div", { class: "drawerhead" }, el("h2", {}, "Change the firm"), el("button", { type: "button", onclick: () => this.actions.close() }, "Close")),
      el("p", { class: "sentence", id: "what-changed" }, this.sentence()),
      el("p", {}, el("button", { type: "button", id: "reset-setup", disabled: settings.changed === 0, onclick: () => this.actions.reset() }, "Undo all changes")),
      layer(1).map((k) => this.control(k)),
      schema.overlays.length ? el("fieldset", {}, el("legend", {}, "What if?"), schema.overlays.map((name) => el("label", { class: "wide" },
        el("input", { type: "checkbox", id: `overlay-${name}`, checked: settings.overlays.includes(name), onchange: (e) => this.actions.overlay(name, e.target.checked) }), ` ${name.replaceAll("-", " ")}`))) : null,
      more, all,
      el("fieldset", {}, el("legend", {}, "Luck"),
        this.number("seed", "Seed", settings.seed === "" ? schema.seed : settings.seed, "another seed is another run of luck, the same under every structure", (v) => this.actions.seed(v)),
        this.number("replication", "Run on show", settings.replication || "0", "number of the replication, from 0", (v) => this.actions.replication(v))));
    this.find(found);
    if (at) document.getElementById(at)?.focus();
  }

  sentence() {
    const { schema } = this;
    const texts = schema.changes.map((c) => c.replace(/ \((--set|overlay [^)]*)\)$/, "").replace("->", "→"));
    return texts.length ? `Changed: ${texts.join("; ")}.` : "Nothing is changed.";
  }

  number(id, label, value, help, act) {
    const box = el("input", { type: "number", id: `box-${id}`, min: 0, step: 1, value, onchange: () => act(box.value) });
    return el("div", { class: "control", "data-key": id }, el("label", { for: `box-${id}` }, label), box, el("p", { class: "help" }, help), el("p", { class: "fault-text", hidden: true, role: "alert" }));
  }

  find(place) {
    const words = this.search.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) { fill(place, el("p", { class: "help" }, "Every setting of the scenario file can be found here by its name, meaning or source.")); return; }
    const hits = this.schema.keys.filter((k) => words.every((w) => `${k.key} ${k.label} ${k.source} ${k.unit}`.toLowerCase().includes(w)));
    fill(place, ...hits.slice(0, MOST_FOUND).map((k) => this.control(k, "found-")),
      el("p", { class: "help", role: "status" }, hits.length > MOST_FOUND ? `${hits.length} found; the first ${MOST_FOUND} are shown` : `${hits.length} found`));
  }

  control(k, prefix = "") {
    const id = `${prefix}${k.key}`.replace(/[^\w-]/g, "-");
    const changed = this.settings.set.has(k.key);
    const unit = k.unit && k.unit !== "duration" ? ` ${k.unit}` : "";
    const about = `${k.allowed}. Source: ${k.source}. Key: ${k.key}. In the scenario: ${k.default}${unit}.`;
    const node = el("div", { class: `control${changed ? " changed" : ""}`, "data-key": k.key, title: about });
    const label = el("label", { for: id }, k.label, changed ? el("span", { class: "mark" }, " changed") : null);
    const undo = changed ? el("button", { type: "button", class: "plain", "aria-label": `Undo: ${k.label}`, onclick: () => this.actions.change(k.key, null) }, "undo") : null;
    const help = el("p", { class: "help", id: `${id}-help` }, `${this.range(k)} · source: ${k.source}`);
    const fault = el("p", { class: "fault-text", hidden: true, role: "alert" });
    let parts;
    if (k.kind === "boolean") parts = [el("input", { type: "checkbox", id, checked: k.value, onchange: (e) => this.actions.change(k.key, String(e.target.checked)) })];
    else if (k.kind === "choice") parts = [el("select", { id, onchange: (e) => this.actions.change(k.key, e.target.value) }, k.choices.map((c) => el("option", { value: c, selected: c === k.value }, c)))];
    else if (k.kind === "duration") parts = [el("input", { type: "text", id, value: k.value ?? "", onchange: (e) => this.actions.change(k.key, e.target.value) })];
    else parts = this.slider(k, id, unit);
    parts[0].setAttribute("aria-describedby", `${id}-help`);
    node.append(label, ...parts, undo ?? "", help, fault);
    this.mark(node, k.key);
    return node;
  }

  range(k) {
    if (k.kind === "number" || k.kind === "integer") return `${k.allowed}`;
    return k.allowed;
  }

  slider(k, id, unit) {
    const [low, high] = k.slider, whole = k.kind === "integer";
    const step = whole ? 1 : 10 ** Math.floor(Math.log10((high - low || 1) / 50));
    const start = whole ? Math.floor(low) : low;
    const shown = el("input", { type: "text", inputmode: "decimal", class: "value", "aria-label": `${k.label}, value`, value: k.value ?? "", onchange: () => this.actions.change(k.key, shown.value.trim()) });
    const slider = el("input", { type: "range", id, min: start, max: whole ? Math.ceil(high) : high, step, value: k.value ?? start,
      oninput: () => { shown.value = whole ? slider.value : String(Number(Number(slider.value).toPrecision(4))); this.later(k.key, shown.value); } });
    return [slider, el("span", { class: "valuebox" }, shown, unit)];
  }
}
