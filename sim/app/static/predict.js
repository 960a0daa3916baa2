// Predict first: a ranking and a size before Play; then the way from the guess to the outcome.
// Owns: the prediction and its display. Never does: decide which structure is better.

import { readable } from "./charts.js";
import { el, fill, svg } from "./dom.js";

const WIDEST = 20;

export class Prediction {
  /** `actions`: play(), changed(), why() */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.stage = "open"; // open, made, revealed, skipped
    this.names = [];
    this.colours = {};
    this.size = 3;
    this.found = null;
    this.cancelled = null; // how to go on with a comparison that was cancelled
  }

  /** Structures on show; a prediction about others is open again. */
  about(names, colours) {
    const same = names.length === this.names.length && names.every((n, i) => n === this.names[i]);
    this.names = names;
    this.colours = colours;
    if (!same) { this.ranking = names.slice(); if (this.stage !== "skipped") this.stage = "open"; }
    this.draw();
  }

  /** The world has changed under the same structures: what was revealed is no longer true. */
  restart() { if (this.stage === "revealed" || this.stage === "made") this.stage = "open"; this.found = null; this.draw(); }

  get hides() { return this.names.length > 1 && (this.stage === "open" || this.stage === "made"); }

  get blocks() { return this.names.length > 1 && this.stage === "open"; }

  /** The comparison was cancelled (`goOn` goes on with it), or goes on (null). */
  pause(goOn) { this.cancelled = goOn; if (this.stage === "revealed" || this.stage === "skipped") this.draw(); }

  outcome(found) { this.found = found; if (this.stage === "revealed" || this.stage === "skipped") this.draw(); }

  reveal() { if (this.stage === "made") { this.stage = "revealed"; this.fresh = true; this.draw(); this.actions.changed(); } }

  draw() {
    if (this.names.length < 2) { this.alone(); return; }
    if (this.stage === "open") this.ask();
    else if (this.stage === "made") this.wait();
    else this.tell();
  }

  alone() { fill(this.root, el("p", { class: "headline" }, "Choose two structures to see a difference")); }

  ask() {
    const choice = (place) => el("select", { "aria-label": `Place ${place + 1}`, onchange: (event) => this.rank(place, event.target.value) },
      this.names.map((n) => el("option", { value: n, selected: this.ranking[place] === n }, n)));
    const shown = el("output", { class: "guess" }, `${this.size} points`);
    const slider = el("input", { type: "range", min: 0, max: WIDEST, step: 0.5, value: this.size, "aria-label": "By how many points of satisfaction",
      oninput: (event) => { this.size = Number(event.target.value); shown.textContent = `${this.size} points`; } });
    this.selects = this.names.map((_, place) => choice(place));
    fill(this.root, el("form", { class: "predict", onsubmit: (event) => { event.preventDefault(); this.commit(); } },
      el("p", { class: "question" }, "Predict first: who satisfies best?"),
      el("div", { class: "answer" },
        this.selects.flatMap((s, i) => (i ? [el("span", {}, i === 1 && this.names.length === 2 ? "ahead of" : "then"), s] : [s])),
        el("span", {}, "by"), slider, shown,
        el("button", { type: "submit", class: "strong" }, "Commit and play"),
        el("button", { type: "button", class: "plain", onclick: () => this.skip() }, "Skip"))));
  }

  rank(place, name) {
    const before = this.ranking.indexOf(name);
    [this.ranking[place], this.ranking[before]] = [name, this.ranking[place]];
    this.selects.forEach((s, i) => { s.value = this.ranking[i]; });
  }

  commit() { this.stage = "made"; this.draw(); this.actions.changed(); this.actions.play(); }

  skip() { this.stage = "skipped"; this.draw(); this.actions.changed(); this.root.querySelector("button")?.focus(); }

  wait() {
    fill(this.root, 
      el("p", { class: "headline" }, "You say: ", this.named(this.ranking[0]), ` ahead by ${this.size} points`),
      el("div", { class: "answer" }, el("span", {}, "the outcome comes at the end, or"),
        el("button", { type: "button", class: "strong", onclick: () => this.reveal() }, "Reveal now"),
        el("button", { type: "button", class: "plain", onclick: () => { this.stage = "open"; this.draw(); this.actions.changed(); } }, "Think again")));
  }

  named(name) { const node = el("b", {}, name); node.style.color = readable(this.colours[name] ?? "#222222"); return node; }

  tell() {
    const m = this.found?.measures.satisfaction;
    const goOn = this.cancelled ? el("button", { type: "button", onclick: this.cancelled }, "Go on comparing") : null;
    if (!m || !m.pairs.length) {
      fill(this.root, el("p", { class: goOn ? "headline" : "headline loading" }, goOn ? "The comparison was cancelled" : "Comparing in the background…"), goOn);
      return;
    }
    const best = m.pairs.find((p) => p.lead === m.ranking[0] && p.other === m.ranking[1]);
    const line = best.sure
      ? [this.named(best.lead), " satisfies better: ", el("b", {}, best.text), best.interval ? ` (${best.interval})` : ""]
      : [this.named(best.lead), " and ", this.named(best.other), `: ${best.call}, `, el("span", {}, best.text), best.interval ? ` (${best.interval})` : ""];
    const progress = this.found.replications < this.found.target ? `${this.found.replications} of ${this.found.target} runs${goOn ? ", cancelled" : ""}` : `${this.found.replications} runs`;
    fill(this.root, 
      el("p", { class: "headline" }, ...line),
      el("div", { class: "answer" },
        this.stage === "revealed" ? this.way(m) : null,
        el("span", { class: "progress" }, progress),
        el("button", { type: "button", id: "open-why", onclick: () => this.actions.why() }, "Why?"),
        this.stage === "skipped" || this.stage === "revealed" ? el("button", { type: "button", class: "plain", onclick: () => { this.stage = "open"; this.draw(); this.actions.changed(); } }, "Predict") : null));
    this.fresh = false;
  }

  /** From the guess to the outcome, on one line. */
  way(m) {
    const [a, b] = this.ranking;
    const pair = m.pairs.find((p) => (p.lead === a && p.other === b) || (p.lead === b && p.other === a));
    if (!pair || pair.mean === null) return null;
    const sign = pair.lead === a ? 1 : -1;
    const mean = sign * pair.mean, ends = pair.low === null ? [mean, mean] : [sign * pair.low, sign * pair.high];
    const reach = Math.max(5, Math.abs(mean), Math.abs(this.size), ...ends.map(Math.abs)) * 1.1;
    const width = 168, height = 40, unit = 60, X = (v) => width / 2 + (v / reach) * (width / 2 - 10);
    const word = (text, x, side) => svg("text", { x: inside(x, side, text.length * 9.7), y: 14, "text-anchor": side }, text);
    const right = this.ranking.every((n, i) => n === m.ranking[i]);
    const made = svg("svg", { viewBox: `0 0 ${width + unit} ${height}`, width: width + unit, height, class: "way", role: "img",
      "aria-label": `You said ${a} ahead of ${b} by ${this.size} points; it is ${mean.toFixed(1)} points` });
    made.append(svg("line", { x1: 6, x2: width - 6, y1: 28, y2: 28, stroke: "#9AA3AD" }), svg("line", { x1: X(0), x2: X(0), y1: 20, y2: 36, stroke: "#9AA3AD" }),
      svg("line", { x1: X(ends[0]), x2: X(ends[1]), y1: 28, y2: 28, stroke: "#222222", "stroke-width": 3 }),
      svg("circle", { cx: X(this.size), cy: 28, r: 6, fill: "#FFFFFF", stroke: "#222222", "stroke-width": 2 }));
    const dot = svg("circle", { cx: X(mean), cy: 28, r: 6, fill: "#222222" });
    if (this.fresh) { dot.style.setProperty("--from", `${X(this.size) - X(mean)}px`); dot.setAttribute("class", "arrives"); }
    const inside = (x, side, long) => (side === "middle" ? Math.max(long / 2, Math.min(width - long / 2, x)) : side === "start" ? Math.min(width + unit - long, x) : Math.max(long, x));
    const clash = Math.abs(X(this.size) - X(mean)) < 66;
    made.append(dot, svg("text", { x: width + 2, y: 33 }, "points"),
      word("guess", X(this.size), clash ? (this.size > mean ? "start" : "end") : "middle"),
      word("outcome", X(mean), clash ? (this.size > mean ? "end" : "start") : "middle"));
    return el("span", { class: "verdict" }, made, el("span", { class: "right" }, right ? "✓ your order" : "✗ other order"));
  }
}
