// The class page: sliders over runs made before, a film of recorded runs, prediction, debrief.
// Owns: what is shown when. Everything it shows came with the page; it asks nobody.

import { Tile } from "./charts.js";
import { el, settled } from "./dom.js";
import { Group } from "./group.js";
import { Guesses } from "./guess.js";
import { Place, plain } from "./place.js";
import { Player } from "./player.js";
import { about, debrief, means, why } from "./sheets.js";

const $ = (id) => document.getElementById(id);
const PARTS = ["why", "debrief", "group"];

class ClassPage {
  constructor(data) {
    this.data = data;
    this.place = new Place(data);
    this.colourOf = Object.fromEntries(data.structures.map((s) => [s.name, s.colour]));
    $("title").textContent = data.title;
    $("goal").textContent = data.goal;
    this.guesses = new Guesses($("lead"), data, this.place, {
      play: () => this.player.play(), changed: () => this.show(),
    });
    this.player = new Player($("player"), {
      palette: data.palette, colours: () => this.colourOf,
      onTime: (hours) => this.time(hours), onEnd: () => this.guesses.reveal(),
      onPlay: () => { if (!this.guesses.blocks) return true; this.say("Commit a prediction, or skip it, before you play"); $("lead").querySelector("select, button")?.focus(); return false; },
    });
    this.player.speeds.addEventListener("change", () => { this.place.speed = Number(this.player.speeds.value); this.link(); });
    this.tiles = data.measures.map((m) => new Tile(m, (tile) => this.table(tile)));
    $("measures").replaceChildren(...this.tiles.map((t) => t.node),
      el("p", { class: "legend" }, "thick line and band: mean over replications and its 95% interval, block by block of four weeks; thin line: one run, that of the film (replication 1: an illustration)"));
    this.group = new Group($("group"), data, this.guesses);
    $("about").replaceChildren(...about(data));
    this.buildSteps();
    this.buildSliders();
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("hashchange", () => this.follow());
    window.addEventListener("resize", settled(() => this.show(), 120));
    for (const link of document.querySelectorAll(".tools a")) link.classList.add("button");
    document.addEventListener("click", (event) => { const a = event.target.closest?.("a[href^='#']"); if (a && PARTS.includes(a.hash.slice(1))) { event.preventDefault(); this.jump(a.hash.slice(1)); } });
    this.follow();
  }

  jump(id) { $(id).scrollIntoView({ behavior: this.player.still.matches ? "auto" : "smooth" }); $(id).focus({ preventScroll: true }); }

  /** Take what the link says. */
  follow() {
    const said = this.place.read(location.hash);
    this.player.speed = this.place.speed;
    this.player.speeds.value = String(this.place.speed);
    this.show();
    $("note").textContent = said.join(" ");
  }

  link() { history.replaceState(null, "", `#${this.place.hash()}`); }

  buildSteps() {
    const { steps } = this.data;
    this.buttons = steps.map((s, i) => el("button", { type: "button", class: "step", "aria-label": `Step ${i + 1}: ${s.title}`, onclick: () => { this.place.go(i); this.changed(); } }, String(i + 1)));
    this.stepText = el("p", { class: "steptext" });
    this.stepNotice = el("p", { class: "notice broad" });
    if (steps.length) $("steps").replaceChildren(el("h2", {}, "Steps"), el("ol", { class: "steps" }, this.buttons.map((b) => el("li", {}, b))), this.stepText, this.stepNotice);
    else $("steps").hidden = true;
  }

  buildSliders() {
    this.ranges = this.data.sliders.map((s, i) => {
      const id = `slider-${i}`;
      const value = el("output", { class: "chosen", for: id, id: `${id}-value` });
      const range = el("input", { type: "range", id, min: 0, max: s.values.length - 1, step: 1, "aria-describedby": `${id}-run`, oninput: () => { this.place.move(i, Number(range.value)); this.changed(); } });
      const node = el("div", { class: "slider" }, el("label", { for: id, title: `${s.key}; source: ${s.source}` }, s.label), value, range,
        el("p", { class: "faint", id: `${id}-run` }, `run at ${s.texts.join(", ")}`));
      return { s, range, value, node };
    });
    const always = el("input", { type: "checkbox", id: "always", onchange: () => { this.place.always = always.checked; this.changed(); } });
    this.always = always;
    this.watchers = this.data.structures.map((s) => el("input", { type: "checkbox", value: s.name, onchange: (event) => this.watch(s.name, event.target) }));
    $("sliders").replaceChildren(el("h2", {}, "Change the firm"), ...this.ranges.map((r) => r.node),
      el("label", { class: "tick" }, always, " Ask for a prediction at every change"),
      el("fieldset", { class: "watch" }, el("legend", {}, "In the film (two or three)"), this.data.structures.map((s, i) => el("label", { class: "tick" }, this.watchers[i], ` ${plain(s.name)}`))),
      el("button", { type: "button", onclick: () => { this.place.home(); this.player.speed = 1; this.player.speeds.value = "1"; this.changed(); } }, "Back to the start"));
  }

  watch(name, box) {
    const chosen = this.data.structures.map((s) => s.name).filter((n) => (n === name ? box.checked : this.place.watch.includes(n)));
    if (chosen.length < 1 || chosen.length > 3) { box.checked = !box.checked; this.say(chosen.length ? "At most three in the film" : "At least one in the film"); return; }
    this.place.watch = chosen;
    this.changed();
  }

  changed() { $("note").textContent = ""; this.link(); this.show(); }

  /** Everything as the settings say. */
  show() {
    const { place, data } = this;
    this.ranges.forEach(({ s, range, value }, i) => {
      const text = `${s.texts[place.at[i]]}${s.unit ? ` ${s.unit}` : ""}`;
      range.value = place.at[i];
      range.setAttribute("aria-valuetext", text);
      value.textContent = text;
    });
    this.always.checked = place.always;
    this.watchers.forEach((box) => { box.checked = place.watch.includes(box.value); });
    this.buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(place.step === i)));
    const step = place.step === null ? null : data.steps[place.step];
    const frame = data.frames[place.frame];
    this.stepText.replaceChildren(el("b", {}, step ? step.title : "Your own setting"), step ? step.text : frame.length ? `With ${frame.join(", ")}.` : "");
    const hidden = this.guesses.hides;
    this.stepNotice.replaceChildren(...(step && !hidden ? [el("b", {}, "Notice. "), step.notice] : []));
    this.guesses.draw();
    this.film();
    const found = place.point.measures ? place.point : null;
    for (const tile of this.tiles) {
      const m = found?.measures[tile.measure.id];
      if (found) tile.head(m, this.colourOf, hidden);
      else { tile.head(null, this.colourOf, false); tile.key.textContent = "–"; tile.note.textContent = "not run here"; }
      tile.key.classList.toggle("says", /^[a-z]/.test(tile.key.textContent));
      tile.node.classList.toggle("sum", place.point.measures ? !Object.values(place.point.curves)[0]?.[tile.measure.id] : false);
    }
    // What came out stands first once it is known; before, the film.
    const before = hidden || !found ? null : $("film");
    if ($("measures").nextElementSibling !== before) $("show").insertBefore($("measures"), before);
    this.block = null;
    this.curves();
    $("means").replaceChildren(...means(data, place, hidden));
    $("why").replaceChildren(...why(data, place, hidden));
    $("debrief").replaceChildren(...debrief(data, place, this.guesses, place.hash()));
    this.group.refresh();
  }

  /** The recorded runs to play: those of this setting, else those of the nearest step, and say so. */
  film() {
    const { place, data } = this;
    const exact = data.recordings.find((r) => r.place === place.index);
    const near = exact ?? this.nearest();
    this.exact = Boolean(exact);
    $("film").textContent = exact ? "One run of each structure, replication 1: an illustration; the measures are means."
      : near ? `The film shows runs at other settings: ${this.says(near.place)}. The measures are those of the sliders.` : "";
    $("film").classList.toggle("other", !exact);
    const runs = near ? near.runs.filter((r) => place.watch.includes(r.structure)) : [];
    if (!runs.length) { this.shown = ""; this.player.empty("No structure in the film can be run at these settings"); return; }
    const key = `${near.place}|${runs.map((r) => r.structure).join(",")}`;
    if (key === this.shown) return;
    this.shown = key;
    this.recording = { ...near, runs };
    this.player.load(this.recording);
  }

  nearest() {
    const { place, data } = this;
    const far = (r) => { const { frame, at } = this.where(r.place); return (frame === place.frame ? 0 : 100) + at.reduce((sum, v, i) => sum + Math.abs(v - place.at[i]) / Math.max(1, data.sliders[i].values.length - 1), 0); };
    return data.recordings.slice().sort((a, b) => far(a) - far(b))[0];
  }

  where(index) {
    let rest = index;
    const at = this.data.sliders.map(() => 0);
    for (let i = at.length - 1; i >= 0; i -= 1) { const n = this.data.sliders[i].values.length; at[i] = rest % n; rest = Math.floor(rest / n); }
    return { frame: rest, at };
  }

  says(index) { const { frame, at } = this.where(index); return this.place.words(frame, at); }

  time(hours) {
    this.hours = hours;
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.curves(); });
  }

  curves() {
    const { point } = this.place;
    if (!point.measures || !this.recording) { for (const tile of this.tiles) tile.plot.replaceChildren(); return; }
    const hidden = this.guesses.hides, at = this.exact ? this.hours ?? 0 : 0;
    const end = point.end_h;
    const block = `${hidden}|${this.place.index}|${this.shown}|${innerWidth}`;
    if (this.block === block) { for (const tile of this.tiles) tile.mark(at); return; }
    this.block = block;
    const single = this.exact ? Object.fromEntries(this.recording.runs.map((r) => [r.structure, r.series])) : {};
    const names = Object.keys(point.curves);
    for (const tile of this.tiles) tile.fit();
    for (const tile of this.tiles) {
      if (!point.curves[names[0]]?.[tile.measure.id]) { tile.plot.replaceChildren(el("p", { class: "none" }, hidden ? "" : "a sum over the whole time")); continue; }
      tile.draw({ names, colours: this.colourOf, end, bands: point.curves, single, now: Math.max(at, 0), horizon: point.horizon_h, hidden });
    }
  }

  table(tile) {
    this.opener = document.activeElement;
    const hidden = this.guesses.hides;
    $("table").replaceChildren(el("div", { class: "drawerhead" }, el("h2", {}, tile.measure.name), el("button", { type: "button", onclick: () => this.close() }, "Close")),
      el("p", {}, `${tile.measure.definition}; ${tile.measure.better}.`),
      hidden ? el("p", {}, "After your prediction.") : tile.end ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" }, tile.table()) : el("p", {}, "A sum over the whole time: see the table of all structures."));
    $("table").hidden = false;
    $("table").querySelector("button").focus();
  }

  close() { $("table").hidden = true; if (this.opener?.isConnected) this.opener.focus(); }

  key(event) {
    if (event.key === "Escape" && !$("table").hidden) this.close();
    if (event.target.matches("input, select, textarea, button, summary, a") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && this.recording) { event.preventDefault(); this.player.toggle(); }
    if (event.key === "ArrowRight" && this.recording) this.player.step();
  }

  say(text) { $("said").textContent = text; $("note").textContent = text; }
}

globalThis.orgsim = new ClassPage(JSON.parse(document.getElementById("data").textContent));
