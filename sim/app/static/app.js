// The page: puts settings, player, measures and drawers together.
// Owns: what is asked when, and what is shown while it is not there yet.

import { ask, cancel, cancelAll, dropped, listen } from "./api.js";
import { Tile } from "./charts.js";
import { el, settled } from "./dom.js";
import { Editor } from "./editor.js";
import { Files } from "./files.js";
import { LessonRow } from "./lesson.js";
import { Player } from "./player.js";
import { Prediction } from "./predict.js";
import { Settings } from "./settings.js";
import { Setup } from "./setup.js";
import { Why } from "./why.js";

const $ = (id) => document.getElementById(id);

class Page {
  constructor(world) {
    this.world = world;
    this.settings = new Settings(location.search);
    this.colourOf = {};
    this.recording = null;
    this.found = null;
    const actions = {
      close: () => this.close(), query: (more) => this.settings.query(more), palette: () => world.palette,
      change: (key, text) => { if (text === null) this.settings.set.delete(key); else this.settings.set.set(key, text); this.apply(); },
      seed: (text) => { this.settings.seed = text.trim(); this.apply(); },
      replication: (text) => { this.settings.replication = text.trim(); this.apply(); },
      overlay: (name, on) => { this.settings.overlays = this.settings.overlays.filter((o) => o !== name); if (on) this.settings.overlays.push(name); this.apply(); },
      reset: () => { this.settings.clear(); this.settings.set = this.lessonStart(); this.apply(); $("what-changed")?.focus?.(); },
      choose: (names) => { this.settings.structures = names; this.apply(); },
      own: (group, names) => { this.settings.own = group; this.settings.structures = names; this.apply(); },
      uploaded: (entry) => { world.scenarios = [...world.scenarios.filter((s) => s.name !== entry.name), entry]; this.pick(entry.name); this.close(); this.say(`${entry.title} is open`); },
    };
    this.prediction = new Prediction($("lead"), { play: () => this.whenReady(() => this.player.play()), changed: () => this.redraw(), why: () => this.open("why") });
    this.rerun = el("button", { type: "button", id: "new-luck", onclick: () => { this.settings.seed = String(Number(this.schema?.seed ?? 1) + 1); this.apply(); } }, "New luck");
    this.player = new Player($("player"), {
      palette: world.palette, colours: (names) => this.colours(names), extra: [this.rerun],
      onTime: (hours) => this.time(hours), onEnd: () => this.prediction.reveal(),
      onPlay: () => { if (!this.prediction.blocks) return true; this.say("Commit a prediction, or skip it, before you play"); $("lead").querySelector("button")?.focus(); return false; },
    });
    this.tiles = world.measures.map((m) => new Tile(m, (tile) => this.table(tile)));
    this.work = $("work");
    $("measures").replaceChildren(...this.tiles.map((t) => t.node), el("p", { class: "legend" }, "thick line and band: mean over replications and its 95% interval, block by block of four weeks; thin line: one run, the one on show"));
    this.drawers = {
      setup: new Setup($("setup"), actions), editor: new Editor($("editor"), actions, { most: world.limits.structures, own: world.own }),
      files: new Files($("files"), actions, world.limits), why: new Why($("why"), actions), table: { open: () => {} },
      about: new LessonRow($("lesson"), $("about"), {
        step: (lesson, i) => { this.settings.set = new Map(Object.entries(lesson.steps[i].set)); this.apply(); this.list(); },
        leave: () => this.pick(this.settings.scenario), open: () => this.open("about"), close: () => this.close(),
      }),
    };
    for (const name of ["setup", "editor", "files"]) $(`open-${name}`).addEventListener("click", () => (($(name).hidden) ? this.open(name) : this.close()));
    document.addEventListener("keydown", (event) => this.key(event));
    $("reset-changes").addEventListener("click", () => actions.reset());
    $("scenario").addEventListener("change", () => this.pick($("scenario").value));
    window.addEventListener("popstate", () => { this.settings = new Settings(location.search); this.load(); });
    window.addEventListener("resize", settled(() => this.redraw(), 80));
    window.addEventListener("pagehide", () => cancelAll()); // what comes back from the browser's memory says so
    this.later = settled(() => { if (!this.held) this.load(); }, 220);
  }

  start() {
    if (!this.settings.scenario) this.settings.scenario = this.world.scenarios[0].name;
    this.player.empty("Running the firm for the first time…", true, "Cancel", () => this.cancelRun());
    this.load();
  }

  colours(names) {
    const palette = this.world.palette.structures;
    const known = (this.schema?.structures ?? []).map((s) => s.name);
    const found = {};
    const used = new Set();
    for (const name of [...names].sort((a, b) => known.indexOf(a) - known.indexOf(b))) {
      let i = Math.max(0, known.indexOf(name)) % palette.length;
      while (used.has(i)) i = (i + 1) % palette.length;
      used.add(i);
      found[name] = palette[i];
    }
    return found;
  }

  /** Open a scenario, or a lesson at its first step. */
  pick(name) {
    this.settings = new Settings();
    const lesson = this.world.lessons.find((l) => `lesson:${l.name}` === name);
    this.settings.scenario = lesson?.scenario ?? name;
    if (lesson) {
      this.settings.lesson = lesson.name;
      this.settings.structures = lesson.structures.slice();
      this.settings.set = new Map(Object.entries(lesson.steps[0].set));
    }
    this.prediction.names = [];
    this.apply();
  }

  /** What a lesson begins with; nothing where there is none. */
  lessonStart() {
    const lesson = this.world.lessons.find((l) => l.name === this.settings.lesson);
    return new Map(Object.entries(lesson?.steps[0].set ?? {}));
  }

  /** Settings have changed: say so at once, ask when they have settled. */
  apply() {
    history.replaceState(null, "", `?${this.settings.query()}`);
    this.held = false;
    this.player.waiting(true, () => this.cancelRun());
    this.later();
  }

  /** Ask for everything the settings mean. */
  async load() {
    this.list();
    const query = this.settings.query();
    const mine = (this.turn = (this.turn ?? 0) + 1);
    this.held = false;
    this.player.waiting(true, () => this.cancelRun());
    cancel("compare");
    cancel("explain");
    this.prediction.pause(null);
    this.working("");
    try {
      const schema = await ask("schema", `/api/schema?${query}`);
      if (mine !== this.turn) return;
      this.schema = schema;
      this.fault([]);
      this.drawers.setup.load(schema, this.settings);
      this.drawers.editor.load(schema, this.settings);
      this.head();
      const recording = await ask("run", `/api/run?${query}`);
      if (mine !== this.turn) return;
      this.recording = recording;
      this.found = null;
      this.bands = {};
      this.colourOf = this.colours(recording.runs.map((r) => r.structure));
      this.single = Object.fromEntries(recording.runs.map((r) => [r.structure, r.series]));
      this.prediction.about(recording.runs.map((r) => r.structure), this.colourOf);
      this.prediction.restart();
      this.drawers.why.load(null, true);
      this.redraw();
      this.player.load(recording);
      this.player.waiting(false);
      this.infeasible(recording.infeasible);
      if (this.wanted) { const act = this.wanted; this.wanted = null; act(); }
    } catch (error) {
      if (mine !== this.turn) return;
      if (dropped(error)) this.stopped();
      else this.refused(error);
      return;
    }
    await this.compare();
  }

  /** More and more replications in the background; begun again, it shows them once they are more than before. */
  async compare() {
    const mine = this.turn;
    this.prediction.pause(null);
    this.redraw();
    this.working(this.progress, "Cancel", () => cancel("compare"));
    try {
      await listen("compare", `/api/compare?${this.settings.query()}`, (piece) => {
        if (mine === this.turn && piece.replications >= (this.found?.replications ?? 0)) this.sharpen(piece);
      });
      if (mine === this.turn) this.working(this.progress);
    } catch (error) {
      if (mine !== this.turn) return;
      if (!dropped(error)) { this.working(""); this.refused(error); return; }
      const goOn = () => this.compare();
      this.prediction.pause(goOn);
      this.redraw();
      this.working(`cancelled after ${this.progress}`, "Go on", goOn);
      this.say("The comparison was cancelled");
    }
  }

  get progress() { return this.found ? `${this.found.replications} of ${this.found.target} replications` : "0 replications"; }

  /** What goes on in the background, and a way to stop it or to go on. */
  working(text, label = "", action = null) {
    const had = this.work.contains(document.activeElement);
    this.work.replaceChildren(text, action ? el("button", { type: "button", onclick: action }, label) : "");
    if (had) this.work.querySelector("button")?.focus();
  }

  cancelRun() {
    this.held = true;
    cancel("schema");
    cancel("run");
    this.stopped();
  }

  /** The run was cancelled: say so, and offer to go on. */
  stopped() {
    const goOn = () => this.load();
    this.say("The run was cancelled");
    this.prediction.pause(goOn);
    if (this.recording) { this.player.cancelled(goOn); return; }
    this.player.empty("Cancelled: nothing has been run yet", false, "Go on", goOn);
    for (const tile of this.tiles) tile.head(null, {}, false, "cancelled");
  }

  whenReady(act) { if (this.recording && !$("player").querySelector(".stage.waiting")) act(); else this.wanted = act; }

  sharpen(piece) {
    const fresh = this.found === null;
    this.found = piece;
    this.prediction.outcome(piece);
    this.drawers.why.load(piece, fresh);
    this.show();
    this.working(this.progress, "Cancel", () => cancel("compare"));
  }

  refused(error) {
    const faults = error.faults ?? [{ text: "the program that serves this page does not answer; what is on show still plays", key: "" }];
    this.fault(faults);
    this.drawers.setup.refuse(faults);
    if (this.recording) this.player.waiting(false);
    else {
      this.player.empty("Nothing to show yet: see what is wrong above.");
      for (const tile of this.tiles) tile.head(null, {}, false, "nothing to show yet");
    }
  }

  fault(faults) {
    $("fault").hidden = faults.length === 0;
    $("fault").replaceChildren(...faults.map((f) => el("p", {}, f.text)),
      ...(faults.length ? [el("button", { type: "button", onclick: () => { this.settings.clear(); this.settings.structures = []; this.settings.own.clear(); this.apply(); } }, "Back to the scenario as it is"),
        el("button", { type: "button", onclick: () => this.load() }, "Try again")] : []));
  }

  infeasible(reasons) {
    const rows = Object.entries(reasons);
    if (rows.length) this.fault(rows.map(([name, why]) => ({ text: `${name} cannot be run here: ${why}`, key: "" })));
  }

  list() {
    const name = this.settings.scenario;
    const rows = this.world.scenarios;
    const lesson = this.world.lessons.find((l) => l.name === this.settings.lesson);
    this.drawers.about.show(lesson ?? null, this.settings);
    $("scenario").replaceChildren(
      el("optgroup", { label: "Firms" }, rows.map((s) => el("option", { value: s.name, selected: !lesson && s.name === name }, s.title))),
      el("optgroup", { label: "Lessons" }, this.world.lessons.map((l) => el("option", { value: `lesson:${l.name}`, selected: l === lesson }, l.title))),
      ...(rows.some((s) => s.name === name) ? [] : [el("option", { value: name, selected: true }, name)]));
    $("summary").textContent = lesson ? lesson.question : rows.find((s) => s.name === name)?.summary ?? "";
    $("summary").title = $("summary").textContent;
  }

  head() {
    const n = this.settings.changed;
    $("changed").hidden = n === 0 || this.settings.lesson !== "";
    $("changed-text").textContent = this.drawers.setup.sentence();
    $("open-setup").textContent = n ? `Change the firm (${n})` : "Change the firm";
  }

  time(hours) {
    this.hours = hours;
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.curves(); });
  }

  redraw() {
    this.block = null;
    this.show();
  }

  /** Numbers and curves; what is drawn already stays. */
  show() {
    const hidden = this.prediction.hides;
    for (const tile of this.tiles) tile.head(this.found?.measures[tile.measure.id], this.colourOf, hidden, this.prediction.cancelled ? "cancelled" : undefined);
    this.curves();
  }

  curves() {
    if (!this.recording) return;
    const end = this.recording.runs[0].series.end_h;
    const at = this.hours ?? 0;
    const hidden = this.prediction.hides;
    const block = `${hidden || this.found?.replications}|${innerWidth}`; // while means are hidden, more of them change nothing
    if (this.block === block) { for (const tile of this.tiles) tile.mark(at); return; }
    this.block = block;
    for (const tile of this.tiles) tile.fit();
    for (const tile of this.tiles) {
      tile.draw({ names: this.recording.runs.map((r) => r.structure), colours: this.colourOf, end, bands: this.found?.curves ?? {},
        single: this.single, now: Math.max(at, 0), horizon: this.recording.horizon_h, hidden });
    }
  }

  table(tile) {
    this.open("table");
    $("table").replaceChildren(el("div", { class: "drawerhead" }, el("h2", {}, tile.measure.name), el("button", { type: "button", onclick: () => this.close() }, "Close")),
      el("p", {}, `${tile.measure.definition}; ${tile.measure.better}.`), this.found || !this.prediction.hides ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" }, tile.table()) : el("p", {}, "After your prediction."));
    $("table").querySelector("button").focus();
  }

  open(name) {
    this.close(false);
    this.opener = document.activeElement;
    $(name).hidden = false;
    $(`open-${name}`)?.setAttribute("aria-expanded", "true");
    this.drawers[name].open();
    $(name).querySelector("button, input, select")?.focus();
  }

  close(back = true) {
    for (const name of Object.keys(this.drawers)) { $(name).hidden = true; $(`open-${name}`)?.setAttribute("aria-expanded", "false"); }
    if (back && this.opener?.isConnected) this.opener.focus();
  }

  key(event) {
    if (event.key === "Escape") this.close();
    if (event.target.matches("input, select, textarea, button, summary, a") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && this.recording) { event.preventDefault(); this.player.toggle(); }
    if (event.key === "ArrowRight" && this.recording) this.player.step();
  }

  say(text) { $("said").textContent = text; }
}

async function begin() {
  try {
    const page = new Page(await ask("world", "/api/scenarios"));
    globalThis.orgsim = page;
    page.start();
  } catch (error) {
    $("fault").hidden = false;
    $("fault").textContent = error.faults ? error.message : "The program that serves this page does not answer. Start it again: orgsim app";
  }
}

begin();
