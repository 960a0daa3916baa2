// The prediction: a ranking and a size before the numbers, then the way from the guess to the outcome.
// Owns: what was predicted where, and how it is asked and revealed. Never does: judge: calls come with the data.

import { readable } from "./charts.js";
import { dataTable, el, svg } from "./dom.js";
import { plain } from "./place.js";

const ORDINAL = ["first", "second", "third", "fourth", "fifth", "sixth"];

export class Guesses {
  /** `actions`: play(), changed(), say(text) */
  constructor(root, data, place, actions) {
    Object.assign(this, { root, data, place, actions });
    this.measure = data.measures.find((m) => m.id === data.guess.metric);
    this.unit = this.measure.short || this.measure.unit;
    this.colours = Object.fromEntries(data.structures.map((s) => [s.name, s.colour]));
    this.made = new Map();
    this.load();
  }

  get store() { return `orgsim-class-${this.data.id}`; }

  load() {
    try { for (const g of JSON.parse(sessionStorage.getItem(this.store) ?? "[]")) this.made.set(g.index, g); } catch { /* nothing is kept where the browser forbids it */ }
  }

  save() {
    try { sessionStorage.setItem(this.store, JSON.stringify([...this.made.values()])); } catch { /* as above */ }
  }

  /** The guess about the point on show; a new one is open only where one is asked for. */
  get here() {
    const index = this.place.index;
    let found = this.made.get(index);
    if (!found) {
      const ask = this.place.step !== null || this.place.always || this.data.steps.length === 0 && !this.made.size;
      found = { index, stage: ask ? "open" : "free", ranking: this.runnable, size: "", words: "", step: this.place.step, says: this.place.words() };
      if (ask) this.made.set(index, found);
    }
    return found;
  }

  get outcome() { return this.place.point.measures?.[this.measure.id] ?? null; }

  /** Structures there are numbers of. */
  get runnable() { return this.data.structures.map((s) => s.name).filter((n) => this.outcome?.ranking.includes(n)); }

  get hides() { return this.outcome !== null && this.runnable.length > 1 && ["open", "made"].includes(this.here.stage); }

  get blocks() { return this.hides && this.here.stage === "open"; }

  get done() { return [...this.made.values()].filter((g) => g.committed); }

  reveal() {
    const g = this.here;
    if (g.stage !== "made") return;
    g.stage = "revealed";
    this.fresh = true;
    this.save();
    this.actions.changed();
    this.root.querySelector(".headline")?.focus();
  }

  draw() {
    const g = this.here;
    if (!this.outcome || this.runnable.length < 2) { this.root.replaceChildren(...this.refusal()); return; }
    if (g.stage === "open") this.ask(g);
    else if (g.stage === "made") this.wait(g);
    else this.tell(g);
  }

  refusal() {
    const { refused, infeasible = {} } = this.place.point;
    const lines = refused ?? Object.entries(infeasible).map(([name, why]) => `${name} cannot be run here: ${why}`);
    return [el("p", { class: "headline", tabindex: -1 }, "Nothing to compare at these settings"), ...lines.map((line) => el("p", {}, line))];
  }

  ask(g) {
    this.selects = g.ranking.map((_, i) => el("select", { "aria-label": `Your ${ORDINAL[i]}`, onchange: (event) => this.rank(g, i, event.target.value) },
      g.ranking.map((n) => el("option", { value: n, selected: g.ranking[i] === n }, plain(n)))));
    const fault = el("p", { class: "fault-text", role: "alert", id: "size-fault" });
    const size = el("input", { type: "number", min: 0, step: "any", inputmode: "decimal", value: g.size, id: "size", class: "size", "aria-describedby": "size-fault" });
    const words = el("input", { type: "text", maxlength: 300, value: g.words, id: "words", class: "words" });
    const form = el("form", { class: "ask", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      const value = Number(size.value);
      if (size.value.trim() === "" || !Number.isFinite(value) || value < 0) { fault.textContent = `Say by how much: a number of 0 or more, in ${this.unit}`; size.setAttribute("aria-invalid", "true"); size.focus(); return; }
      Object.assign(g, { size: value, words: words.value.trim(), stage: "made", committed: true });
      this.save();
      this.actions.changed();
      this.root.querySelector("button")?.focus();
      this.actions.play();
    } },
    el("p", { class: "question" }, this.data.guess.question),
    el("fieldset", { class: "ranks" }, el("legend", {}, `${this.measure.name}, best first:`),
      this.selects.map((s, i) => el("label", {}, `${i + 1} `, s))),
    el("div", { class: "answer" },
      el("label", {}, "First and last differ by ", size, ` ${this.unit}`),
      el("label", { class: "grow" }, "Your words ", words),
      el("button", { type: "submit", class: "strong" }, "Commit and play"),
      el("button", { type: "button", class: "plain", onclick: () => { g.stage = "skipped"; this.save(); this.actions.changed(); this.root.querySelector(".headline")?.focus(); } }, "Skip")),
    fault);
    this.root.replaceChildren(form);
  }

  rank(g, i, name) {
    const before = g.ranking.indexOf(name);
    [g.ranking[i], g.ranking[before]] = [name, g.ranking[i]];
    this.selects.forEach((s, k) => { s.value = g.ranking[k]; });
  }

  wait(g) {
    this.root.replaceChildren(
      el("p", { class: "headline", tabindex: -1 }, "You say: ", this.list(g.ranking), ` – ${g.size} ${this.unit} from first to last`),
      el("div", { class: "answer" }, el("button", { type: "button", class: "strong", id: "reveal", onclick: () => this.reveal() }, "Reveal now"),
        el("span", {}, "or watch the film to its end"),
        el("button", { type: "button", class: "plain", onclick: () => { g.stage = "open"; g.committed = false; this.save(); this.actions.changed(); this.root.querySelector("select")?.focus(); } }, "Think again")));
  }

  list(names) {
    return names.flatMap((n, i) => [...(i ? [", "] : []), this.named(n)]);
  }

  named(name) { const node = el("b", {}, plain(name)); node.style.color = readable(this.colours[name]); return node; }

  pair(first, last) { return this.outcome.pairs.find((p) => (p.lead === first && p.other === last) || (p.lead === last && p.other === first)); }

  tell(g) {
    const m = this.outcome, first = m.ranking[0], last = m.ranking[m.ranking.length - 1];
    const pair = this.pair(first, last);
    const what = this.measure.name.toLowerCase(), size = [el("b", {}, pair.text), pair.interval ? ` (${pair.interval})` : " (no interval)"];
    const head = el("p", { class: "headline", tabindex: -1 }, ...(pair.sure ? [this.named(first), " ahead of ", this.named(last), ` on ${what}: `]
      : [this.named(first), " and ", this.named(last), ` ${pair.call === "practically equal" ? "are practically equal" : "are too close to call"} on ${what}: `]), ...size);
    const step = this.place.step === null ? null : this.data.steps[this.place.step];
    const guessed = g.stage === "revealed";
    this.root.replaceChildren(head, ...(step ? [el("p", { class: "notice narrow" }, el("b", {}, "Notice. "), step.notice)] : []),
      el("div", { class: "outcome" }, this.rows(g, m, guessed), el("div", { class: "sizes" },
        guessed ? [this.way(g, first, last), el("p", {}, this.score(g, m), " ", el("a", { href: "#why" }, "Why?"))] : [],
        el("details", { class: "numbers" }, el("summary", {}, "Numbers of this chart"), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" }, this.table(g, m, guessed))),
        guessed ? null : el("button", { type: "button", class: "plain", onclick: () => { this.made.set(g.index, { ...g, stage: "open", committed: false }); this.actions.changed(); } }, "Predict"))));
    this.fresh = false;
  }

  value(raw) { return raw === null ? "–" : (raw * this.measure.factor).toLocaleString("en-GB", { minimumFractionDigits: this.measure.digits, maximumFractionDigits: this.measure.digits }); }

  /** One row per structure with mean and interval; rows begin in the guessed order and move to the outcome's. */
  rows(g, m, guessed) {
    const f = this.measure.factor, names = m.ranking, step = 28, top = 2;
    const inner = this.root.clientWidth - 26, beside = innerWidth > 1000;
    const width = Math.min(640, Math.max(260, inner - (beside ? 312 : 0)));
    const label = Math.min(210, Math.max(...names.map((n) => n.length * 9.6)) + (guessed ? 76 : 12)), right = 96;
    const ends = names.flatMap((n) => { const i = m.means[n]; return [i.mean, i.low, i.high].filter((v) => v !== null).map((v) => v * f); });
    let [low, high] = [Math.min(...ends), Math.max(...ends)];
    const pad = (high - low) * 0.06 || 1;
    low -= pad; high += pad;
    const X = (v) => label + ((v - low) / (high - low)) * (width - label - right);
    const height = top + names.length * step + 24;
    const made = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "rows", role: "img",
      "aria-label": `${this.measure.name}, ${this.measure.unit}: ${names.map((n) => `${plain(n)} ${this.value(m.means[n].mean)}`).join(", ")}` });
    const groups = names.map((name, i) => {
      const { mean, low: a, high: b } = m.means[name], colour = this.colours[name];
      const row = svg("g", { class: "row" });
      const text = svg("text", { x: 0, y: 21, class: "direct" }, plain(name));
      text.style.fill = readable(colour);
      row.append(text);
      if (guessed) row.append(svg("text", { x: label - 8, y: 21, "text-anchor": "end" }, `you: ${g.ranking.indexOf(name) + 1}`));
      row.append(svg("line", { x1: label, x2: width - right, y1: 16, y2: 16, class: "grid" }));
      if (a !== null) row.append(svg("line", { x1: X(a * f), x2: X(b * f), y1: 16, y2: 16, stroke: colour, "stroke-width": 4, "stroke-linecap": "round", opacity: 0.55 }));
      if (mean !== null) row.append(svg("circle", { cx: X(mean * f), cy: 16, r: 7, fill: colour }));
      row.append(svg("text", { x: width, y: 24, "text-anchor": "end", class: "big" }, this.value(mean)));
      const from = guessed ? g.ranking.indexOf(name) : i;
      row.style.transform = `translateY(${top + (this.fresh ? from : i) * step}px)`;
      made.append(row);
      return row;
    });
    const axis = this.measure.unit.length * 9.4 > width - label ? width : (label + width - right) / 2;
    made.append(svg("text", { x: axis, y: height - 4, "text-anchor": axis === width ? "end" : "middle" }, this.measure.unit));
    if (this.fresh) requestAnimationFrame(() => requestAnimationFrame(() => groups.forEach((row, i) => { row.style.transform = `translateY(${top + i * step}px)`; })));
    return made;
  }

  /** From the guessed size to that of the outcome. */
  way(g, first, last) {
    const f = this.measure.factor, pair = this.pair(first, last), sign = pair.mean < 0 ? -1 : 1;
    const mean = sign * pair.mean * f, ends = pair.low === null ? null : [sign * pair.low * f, sign * pair.high * f].sort((a, b) => a - b);
    const reach = Math.max(mean, g.size, ends ? ends[1] : 0, 1e-9) * 1.08, low = Math.min(0, ends ? ends[0] : 0);
    const width = 280, height = 74, X = (v) => 12 + ((v - low) / (reach - low)) * (width - 24);
    const shown = (v) => v.toLocaleString("en-GB", { maximumFractionDigits: this.measure.digits });
    const made = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "way", role: "img",
      "aria-label": `Difference of first and last: you said ${shown(g.size)}, it is ${shown(mean)} ${this.unit}` });
    made.append(svg("line", { x1: 6, x2: width - 6, y1: 36, y2: 36, stroke: "#9AA3AD" }), svg("line", { x1: X(0), x2: X(0), y1: 28, y2: 44, stroke: "#595f66" }));
    if (ends) made.append(svg("line", { x1: X(ends[0]), x2: X(ends[1]), y1: 36, y2: 36, stroke: "#222222", "stroke-width": 4 }));
    made.append(svg("circle", { cx: X(g.size), cy: 36, r: 7, fill: "#FFFFFF", stroke: "#222222", "stroke-width": 2 }));
    const dot = svg("circle", { cx: X(mean), cy: 36, r: 7, fill: "#222222" });
    if (this.fresh) { dot.style.setProperty("--from", `${X(g.size) - X(mean)}px`); dot.setAttribute("class", "arrives"); }
    const at = (v) => (X(v) < 60 ? ["start", 0] : X(v) > width - 60 ? ["end", width] : ["middle", X(v)]);
    const [ga, gx] = at(g.size), [ra, rx] = at(mean);
    made.append(dot, svg("text", { x: gx, y: 18, "text-anchor": ga }, `you: ${shown(g.size)}`), svg("text", { x: rx, y: 66, "text-anchor": ra }, `runs: ${shown(mean)}`));
    return el("figure", {}, el("figcaption", {}, `Between first and last, ${this.unit}`), made);
  }

  /** How many of the differences that are sure were put in the right order. */
  score(g, m) {
    const sure = m.pairs.filter((p) => p.sure);
    const right = sure.filter((p) => g.ranking.indexOf(p.lead) < g.ranking.indexOf(p.other)).length;
    return sure.length ? `${right} of ${sure.length} clear differences in the right order` : "No difference is clear: every order is as good";
  }

  table(g, m, guessed) {
    return dataTable(`${this.measure.name}, ${this.measure.unit}; means of ${this.data.replications} replications`, ["Structure", ...(guessed ? ["Your place"] : []), "Mean", "95% interval"],
      m.ranking.map((n) => { const i = m.means[n]; return [plain(n), ...(guessed ? [String(g.ranking.indexOf(n) + 1)] : []), this.value(i.mean), i.low === null ? "–" : `${this.value(i.low)} to ${this.value(i.high)}`]; }));
  }

  /** What became of one guess: ranking and size of the outcome. */
  result(g) {
    const m = this.data.points[g.index].measures?.[this.measure.id];
    if (!m) return null;
    const first = m.ranking[0], last = m.ranking[m.ranking.length - 1];
    const pair = m.pairs.find((p) => p.lead === first && p.other === last);
    const f = this.measure.factor, size = (v) => (v === null ? null : Math.abs(v * f));
    const ends = pair.low === null ? [null, null] : [pair.low * f * Math.sign(pair.mean || 1), pair.high * f * Math.sign(pair.mean || 1)].sort((a, b) => a - b);
    return { ranking: m.ranking, size: size(pair.mean), low: ends[0], high: ends[1], text: pair.text, interval: pair.interval, call: pair.call };
  }
}
