// Plays recorded runs side by side: play, pause, step, speed, time slider, who is followed.
// Owns: time and the panels. Takes a recording as plain data; never does: fetch, or know a server.

import { readable } from "./charts.js";
import { el } from "./dom.js";
import { ramp } from "./dots.js";
import { Recording } from "./recording.js";
import { Scene } from "./scene.js";

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];
const HOURS_PER_SECOND = 4; // at speed 1: half a working day a second, less in a short picture
const LONGEST_S = 240;
const DAY_H = 8, WEEK_H = 40, OPENING = 9;
const JOURNEY_S = 0.45, TRACE_S = 1.6, LONGEST_JOURNEY_H = 1.2;
const STILL_STEP_S = 0.6;
const TOLD_MS = 120; // while it plays, what is written beside the picture changes this often
const NUMBER = new Intl.NumberFormat("en-GB");
/** What is counted above a picture: one of it, several. */
const COUNTED = [["hand-off", "hand-offs"], ["open case", "open cases"], ["left", "left"]];

/** "Week 3, Tuesday, 11:24" for working hours from the start. */
export function clock(hours) {
  const week = Math.floor(hours / WEEK_H), rest = hours - week * WEEK_H;
  const day = Math.min(4, Math.floor(rest / DAY_H));
  const minutes = Math.floor((OPENING + rest - day * DAY_H) * 60 + 1e-6);
  const name = ["Mon", "Tue", "Wed", "Thu", "Fri"][day];
  return `Week ${week + 1}, ${name} ${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

export class Player {
  /**
   * @param root element to fill
   * @param options `palette` (structures, satisfaction, ink...), `colours` name -> colour,
   *   `onTime(hours)`, `onEnd()`, `extra` elements put into the row of controls
   */
  constructor(root, { palette, colours, onTime = () => {}, onEnd = () => {}, onPlay = () => true, extra = [] }) {
    Object.assign(this, { root, palette, colours, onTime, onEnd, onPlay });
    this.t = 0;
    this.speed = 1;
    this.playing = false;
    this.follow = null;
    this.toldAt = null;
    this.panels = [];
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build(extra);
    this.watch = new ResizeObserver(() => this.fit());
  }

  build(extra) {
    this.stage = el("div", { class: "stage" });
    this.veil = el("p", { class: "veil", hidden: true });
    this.signs = this.key();
    this.button = el("button", { type: "button", class: "play", disabled: true, onclick: () => this.toggle() }, "▶ Play");
    this.stepper = el("button", { type: "button", disabled: true, onclick: () => this.step() }, "Step a day");
    this.restart = el("button", { type: "button", disabled: true, onclick: () => this.seek(0) }, "Reset");
    this.speeds = el("select", { onchange: () => { this.speed = Number(this.speeds.value); } },
      SPEEDS.map((s) => el("option", { value: s, selected: s === 1 }, `${s}×`)));
    this.slider = el("input", { type: "range", min: 0, max: 1, step: 0.1, value: 0, disabled: true, class: "time",
      "aria-label": "Time", oninput: () => { this.pause(); this.seek(Number(this.slider.value)); } });
    this.time = el("output", { class: "clock", id: "clock", "aria-live": "off" }, "");
    this.follower = el("select", { onchange: () => this.pick(this.follower.value) });
    this.controls = el("div", { class: "controls", role: "group", "aria-label": "Playing" },
      this.button, this.stepper, this.restart,
      el("label", {}, "Speed ", this.speeds),
      this.slider, this.time,
      el("label", {}, "Follow ", this.follower), ...extra);
    this.about = el("p", { class: "about" });
    this.root.replaceChildren(this.stage, this.signs, this.controls, this.about);
  }

  /** Show a recording from its beginning; what was followed stays followed. */
  load(recording) {
    this.pause();
    this.recording = recording;
    this.shown = recording.shown_h;
    this.pace = Math.min(HOURS_PER_SECOND, recording.shown_h / LONGEST_S);
    const colour = this.colours(recording.runs.map((r) => r.structure));
    this.panels = recording.runs.map((run) => {
      const canvas = el("canvas", { role: "img", tabindex: -1 });
      const counts = COUNTED.map(() => el("b", {}, "0"));
      const counters = el("p", { class: "counters" }, COUNTED.map((words, i) => el("span", {}, counts[i], ` ${words[1]}`)));
      const title = el("h2", {}, run.structure.replaceAll("_", " "));
      const note = el("span", { class: "title" }, run.title);
      const panel = el("article", { class: "panel", "data-structure": run.structure }, el("div", { class: "head" }, title, note), counters, canvas);
      panel.style.setProperty("--structure", colour[run.structure]);
      panel.style.setProperty("--structure-text", readable(colour[run.structure]));
      canvas.addEventListener("click", (event) => this.point(event, run.structure));
      return { run, panel, canvas, counts, rec: new Recording(run, recording) };
    });
    this.stage.replaceChildren(...this.panels.map((p) => p.panel), this.veil);
    this.stage.classList.remove("empty");
    this.stage.dataset.panels = this.panels.length;
    for (const p of this.panels) p.scene = new Scene(p.canvas, p.rec, this.palette);
    this.watch.disconnect();
    for (const p of this.panels) this.watch.observe(p.canvas);
    this.share();
    this.fillFollower();
    for (const control of [this.button, this.stepper, this.restart, this.slider]) control.disabled = false;
    this.slider.max = this.shown;
    this.seek(0);
  }

  /** What colours and signs mean, in words. */
  key() {
    const colour = ramp(this.palette);
    const bar = el("canvas", { width: 120, height: 14, "aria-hidden": "true" });
    const pen = bar.getContext("2d");
    for (let i = 0; i < 120; i += 1) { pen.fillStyle = colour(Math.round(i / 1.19)); pen.fillRect(i, 0, 1, 14); }
    return el("p", { class: "key" }, "customer’s satisfaction: 0 ", bar, " 100 points · dot: a case · dark: at work on it · line: a hand-off · ×: has left");
  }

  /** Say that there is nothing to play yet, and why; `label` and `action` are a way on. */
  empty(text, busy = false, label = "", action = null) {
    this.pause();
    this.waiting(false);
    for (const control of [this.button, this.stepper, this.restart, this.slider]) control.disabled = true;
    this.panels = [];
    this.recording = null;
    this.stage.classList.add("empty");
    this.stage.replaceChildren(el("p", { class: busy ? "loading" : "" }, text), action ? el("button", { type: "button", onclick: action }, label) : "");
    this.stage.setAttribute("aria-busy", String(busy));
  }

  /** The old picture stays while a new one is made; Play stays usable, and `cancel` ends the wait. */
  waiting(on, cancel = null) {
    this.stage.classList.toggle("waiting", on);
    this.stage.setAttribute("aria-busy", String(on));
    this.unveil(on && this.recording ? "running…" : "", "Cancel", cancel);
  }

  /** The picture is of earlier settings, because the new run was cancelled. */
  cancelled(goOn) {
    this.waiting(false);
    this.unveil("Cancelled: this is the run of the settings before", "Go on", goOn);
  }

  unveil(text, label, action) {
    const had = this.veil.contains(document.activeElement);
    this.veil.hidden = text === "";
    this.veil.replaceChildren(text, action ? el("button", { type: "button", onclick: action }, label) : "");
    if (had) (this.veil.querySelector("button") ?? this.button).focus();
  }

  fillFollower() {
    const rooms = [...new Set(this.panels.flatMap((p) => p.rec.rooms.map((r) => r.name)))];
    const known = this.panels[0]?.rec.known ?? 0;
    const few = Array.from({ length: Math.min(known, 60) }, (_, i) => i);
    if (this.follow?.customer >= few.length) few.push(this.follow.customer);
    this.follower.replaceChildren(
      el("option", { value: "" }, "nobody"),
      el("optgroup", { label: "Departments" }, rooms.map((r) => el("option", { value: `r:${r}` }, r.replaceAll("_", " ")))),
      el("optgroup", { label: "Customers" }, few.map((c) => el("option", { value: `c:${c}` }, `customer ${c}`))));
    this.follower.value = this.follow?.room !== undefined ? `r:${this.follow.room}` : this.follow ? `c:${this.follow.customer}` : "";
    if (this.follower.selectedIndex < 0) { this.follow = null; this.follower.value = ""; }
  }

  pick(value) {
    this.follow = value === "" ? null : value.startsWith("r:") ? { room: value.slice(2) } : { customer: Number(value.slice(2)) };
    this.draw();
  }

  point(event, structure) {
    const panel = this.panels.find((p) => p.run.structure === structure);
    const box = panel.canvas.getBoundingClientRect();
    const hit = panel.scene.hit(event.clientX - box.left, event.clientY - box.top, this.ticks);
    const same = JSON.stringify(hit) === JSON.stringify(this.follow);
    this.follow = same ? null : hit;
    this.fillFollower();
    this.draw();
  }

  get ticks() { return Math.round(this.t * this.recording.ticks_per_h); }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  play() {
    if (!this.recording || this.onPlay() === false) return;
    if (this.t >= this.shown) this.seek(0);
    this.playing = true;
    this.button.textContent = "❚❚ Pause";
    this.button.setAttribute("aria-pressed", "true");
    this.last = null;
    this.owed = 0;
    const tick = (now) => {
      if (!this.playing) return;
      const passed = this.last === null ? 0 : Math.min((now - this.last) / 1000, 0.25);
      this.last = now;
      let hours = passed * this.pace * this.speed;
      if (this.still.matches) { // whole days, no journeys
        this.owed += passed;
        if (this.owed < STILL_STEP_S) { requestAnimationFrame(tick); return; }
        hours = Math.max(1, Math.round(this.speed * STILL_STEP_S * this.pace / DAY_H)) * DAY_H;
        this.owed = 0;
      }
      this.move(this.t + hours, now);
      if (this.t >= this.shown) { this.pause(); this.onEnd(); return; }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  pause() {
    const played = this.playing;
    this.playing = false;
    this.button.textContent = "▶ Play";
    this.button.setAttribute("aria-pressed", "false");
    if (played && this.recording) { this.words(); this.onTime(this.t); } // of the very moment that is on show
  }

  step() {
    if (!this.recording || this.onPlay() === false) return;
    this.pause();
    this.seek(Math.min(this.shown, (Math.floor(this.t / DAY_H + 1e-6) + 1) * DAY_H));
    if (this.t >= this.shown) this.onEnd();
  }

  seek(hours) { this.pause(); this.move(hours); }

  /** Show a time; `now` (ms) is told while it plays: the picture changes with every frame, words and slider less often. */
  move(hours, now = null) {
    if (!this.recording) return;
    this.t = Math.max(0, Math.min(this.shown, hours));
    const due = now === null || this.toldAt === null || this.t >= this.shown || now - this.toldAt >= TOLD_MS;
    if (due) this.toldAt = now;
    this.draw(due);
    if (due) this.onTime(this.t);
  }

  /** After a change of size. */
  fit() {
    if (!this.panels.some((p) => p.scene?.outgrown)) return;
    for (const p of this.panels) p.scene?.resize();
    this.share();
    this.draw();
  }

  /** One scale for people and customers in all panels. */
  share() {
    const scenes = this.panels.map((p) => p.scene).filter(Boolean);
    if (!scenes.length) return;
    const cell = Math.min(...scenes.map((s) => s.cell));
    for (const s of scenes) s.share(undefined, cell);
    const lines = Math.max(...scenes.map((s) => s.lines));
    for (const s of scenes) s.share(undefined, cell, lines);
    const person = Math.min(...this.panels.map((p) => p.scene.roomFor(p.run.people.start)));
    for (const s of scenes) s.share(person, cell, lines);
  }

  draw(told = true) {
    if (!this.recording) return;
    const perHour = this.recording.ticks_per_h, pace = this.pace * this.speed;
    const still = this.still.matches;
    const motion = still || !this.playing ? 0 : Math.round(Math.min(JOURNEY_S * pace, LONGEST_JOURNEY_H) * perHour);
    const trace = Math.round(Math.max(still ? DAY_H : TRACE_S * pace, 1) * perHour);
    const t = this.ticks;
    for (const p of this.panels) p.scene.draw(t, { motion, trace, follow: this.follow });
    if (told) this.words();
  }

  /** What is written of the time on show: counters, clock, slider, who is followed. */
  words() {
    const t = this.ticks;
    for (const p of this.panels) this.tell(p, t);
    this.slider.value = this.t;
    const words = clock(Math.min(this.t, this.shown - 0.01));
    if (this.time.textContent !== words) this.time.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.describe(t);
  }

  tell(p, t) {
    const counts = p.rec.counts(t);
    if (p.told && p.told.handed === counts.handed && p.told.open === counts.open && p.told.left === counts.left) return;
    p.told = counts;
    [counts.handed, counts.open, counts.left].forEach((n, i) => {
      const text = NUMBER.format(n);
      if (p.counts[i].textContent === text) return;
      p.counts[i].textContent = text;
      p.counts[i].nextSibling.textContent = ` ${COUNTED[i][n === 1 ? 0 : 1]}`;
    });
    const { handed, open, left } = counts, s = (n) => (n === 1 ? "" : "s");
    p.canvas.setAttribute("aria-label", `${p.run.structure}: ${handed} hand-off${s(handed)} so far, ${open} case${s(open)} open, customers who have left: ${left}`);
  }

  /** One line on whoever is followed, under every structure. */
  describe(t) {
    let text = "";
    if (this.follow?.customer !== undefined) {
      const parts = this.panels.map((p) => {
        const f = p.rec.customer(this.follow.customer, t);
        const score = f.score < 0 ? "no case closed yet" : `${f.score} points`;
        return `${p.run.structure}: ${f.left ? "has left, " : ""}${score}, ${f.cases} ${f.cases === 1 ? "case" : "cases"}, ${f.handed} hand-offs${f.hours === null ? "" : `, ${f.hours.toFixed(1)} h a case`}`;
      });
      text = `Customer ${this.follow.customer} — ${parts.join("; ")}`;
    } else if (this.follow?.room !== undefined) {
      const parts = this.panels.map((p) => {
        const room = p.rec.rooms.findIndex((r) => r.name === this.follow.room);
        if (room < 0) return `${p.run.structure}: no such department`;
        return `${p.run.structure}: ${p.scene.working(room)} of ${p.rec.rooms[room].heads} at work on a case, ${p.scene.waiting(room)} waiting`;
      });
      text = `${this.follow.room.replaceAll("_", " ")} — ${parts.join("; ")}`;
    }
    if (this.about.textContent !== text) this.about.textContent = text;
    this.about.hidden = text === "";
  }
}
