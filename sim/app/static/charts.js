// The four measures over time: means with their 95% band, and the one run on show as a thin line.
// Owns: small charts that share their time axis, and their tables. Never does: fetch or average.

import { dataTable, el, svg } from "./dom.js";

const WEEK_H = 40;
const FONT = '16px "DejaVu Sans", "Segoe UI", system-ui, sans-serif';
const BESIDE = 0.42; // share of a chart's width that names may take; wider ones go below

let pen = null;

/** Width of a text as it is drawn, px. */
export function wide(text, bold = false) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = bold ? `bold ${FONT}` : FONT;
  return pen.measureText(text).width;
}

const AMOUNT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 6 });
const amount = (v) => AMOUNT.format(v);

/** Round numbers that span a range. */
export function ticks(low, high, most = 4) {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span));
  let found = [];
  for (const step of [2, 1, 0.5, 0.25, 0.2, 0.1, 0.05].map((m) => m * power)) {
    const next = [];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) next.push(Number(v.toPrecision(10)));
    if (next.length > most && found.length >= 2) break;
    found = next;
    if (next.length > most) break;
  }
  return found;
}

/** A colour dark enough for text on white (contrast of 4.5 or more), its hue kept. */
export function readable(hex) {
  let rgb = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  while (1.05 / (light(rgb) + 0.05) < 4.7) rgb = rgb.map((v) => Math.floor(v * 0.95));
  return `#${rgb.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}

/** Move labels apart so that none touches the next. */
export function apart(places, gap, low, high) {
  const order = places.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < order.length; i += 1) order[i].y = Math.max(order[i].y, order[i - 1].y + gap);
  const over = order.length ? order[order.length - 1].y - high : 0;
  if (over > 0) for (const o of order) o.y -= over;
  for (let i = order.length - 2; i >= 0; i -= 1) order[i].y = Math.min(order[i].y, order[i + 1].y - gap);
  if (order.length && order[0].y < low) { const d = low - order[0].y; for (const o of order) o.y += d; }
  const found = new Array(places.length);
  for (const o of order) found[o.i] = o.y;
  return found;
}

export class Tile {
  /** `measure`: id, name, unit, factor, digits, direction. */
  constructor(measure, onTable) {
    this.measure = measure;
    this.key = el("p", { class: "number" }, "…");
    this.note = el("p", { class: "interval" }, "");
    this.plot = el("div", { class: "plot" });
    this.below = el("p", { class: "names" });
    this.node = el("section", { class: "tile", "aria-label": measure.name, "data-measure": measure.id },
      el("div", { class: "tilehead" }, el("h2", { title: `${measure.definition}; ${measure.better}` }, measure.name),
        el("button", { type: "button", class: "plain", "aria-label": `${measure.name}: numbers`, onclick: () => onTable(this) }, "Numbers")),
      this.key, this.note, this.plot, this.below);
  }

  write(value) {
    if (value === null || value === undefined) return "–";
    return (value * this.measure.factor).toLocaleString("en-GB", { minimumFractionDigits: this.measure.digits, maximumFractionDigits: this.measure.digits });
  }

  /** Text of the difference; `hidden` while a prediction waits for its reveal. */
  head(found, colours, hidden, instead = "running in the background") {
    this.found = found;
    if (!found || hidden) {
      this.key.textContent = hidden ? "?" : "…";
      this.note.textContent = hidden ? "shown once you have predicted" : instead;
      this.key.style.color = "";
      return;
    }
    const pair = found.pairs.find((p) => p.lead === found.ranking[0] && p.other === found.ranking[1]);
    if (!pair) {
      const only = found.ranking[0];
      this.key.textContent = only ? `${found.texts[only]}` : "–";
      this.note.textContent = only ? found.unit : "nothing to average";
      return;
    }
    this.key.style.color = pair.sure ? readable(colours[pair.lead]) : "";
    this.key.textContent = pair.sure ? pair.text : pair.call === "practically equal" ? "practically equal" : "too close to call";
    const names = `${pair.lead} ${pair.sure ? "against" : "–"} ${pair.other}`;
    this.note.textContent = pair.sure ? `${names} (${pair.interval})` : `${names} ${pair.text} (${pair.interval || "one run"})`;
  }

  /** Take over how large the plot is: of all charts before any is drawn, so that the page is laid out once. */
  fit() { this.size = { width: Math.max(180, this.plot.clientWidth || 290), height: Math.max(90, this.plot.clientHeight || 130) }; }

  /** Draw curves, after `fit`: `bands` by structure, `single` by structure (the run on show), up to hour `now`. */
  draw({ names, colours, end, bands, single, now, horizon, hidden }) {
    const { width, height } = this.size;
    const named = Math.max(...names.map((n) => wide(plain(n), true))) + 8, beside = named <= width * BESIDE;
    const label = beside ? named : 12, bottom = 26, top = 23;
    const id = this.measure.id, f = this.measure.factor;
    const values = [];
    for (const name of names) {
      for (const v of single[name]?.[id] ?? []) if (v !== null) values.push(v * f);
      if (!hidden) for (const side of ["low", "high", "mean"]) for (const v of bands[name]?.[id]?.[side] ?? []) if (v !== null) values.push(v * f);
    }
    this.names = names; this.end = end; this.bands = bands; this.single = single; this.hiddenNow = hidden;
    this.below.replaceChildren(...(beside || !values.length ? [] : names.map((n) => this.sign(n, colours[n]))));
    if (!values.length) { this.scale = null; this.plot.replaceChildren(el("p", { class: "none" }, "nothing yet")); return; }
    let [low, high] = [Math.min(...values), Math.max(...values)];
    const pad = (high - low) * 0.08 || Math.abs(high) * 0.02 || 1;
    low -= pad; high += pad;
    const marks = ticks(low, high, Math.max(2, Math.floor((height - bottom - top) / 26)));
    const left = 8 + Math.max(...marks.map((v) => wide(amount(v))), 10);
    const X = (h) => left + (h / horizon) * (width - left - label);
    const Y = (v) => top + (1 - (v - low) / (high - low)) * (height - top - bottom);
    const made = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${this.measure.name} over time, ${this.measure.unit}; the button Numbers shows it as a table` });
    for (const v of marks) {
      made.append(svg("line", { x1: left, x2: width - label, y1: Y(v), y2: Y(v), class: "grid" }),
        svg("text", { x: left - 5, y: Y(v) + 5.5, "text-anchor": "end" }, amount(v)));
    }
    made.append(svg("text", { x: 1, y: 13, class: "unit" }, this.measure.unit));
    const weeks = horizon / WEEK_H;
    const shown = (w) => (Number.isInteger(w) ? w : w.toFixed(1));
    const until = `${shown(weeks)} weeks`;
    if (X(horizon) - X(0) > wide(until) + 24) made.append(svg("text", { x: X(0), y: height - 5 }, "0"));
    made.append(svg("text", { x: Math.max(X(horizon), wide(until) + 2), y: height - 5, "text-anchor": "end" }, until));
    this.lines = names.map((name) => {
      const colour = colours[name], band = hidden ? null : bands[name]?.[id];
      const one = svg("path", { d: "", stroke: colour, class: "one" });
      made.append(one);
      if (band) {
        const points = end.map((h, i) => [h, band.low[i], band.high[i]]).filter(([, a, b]) => a !== null && b !== null);
        if (points.length) {
          const up = points.map(([h, , b]) => `${X(h).toFixed(1)},${Y(b * f).toFixed(1)}`);
          const down = points.map(([h, a]) => `${X(h).toFixed(1)},${Y(a * f).toFixed(1)}`).reverse();
          made.append(svg("polygon", { points: [...up, ...down].join(" "), fill: colour, class: "band" }));
        }
        const mean = this.path(band.mean, end, X, Y, f, horizon);
        if (mean) made.append(svg("path", { d: mean, stroke: colour, class: "mean" }));
      }
      const text = svg("text", { x: width - label + 5, y: 0, class: "direct" }, plain(name));
      text.style.fill = readable(colour);
      return { name, one, text, band };
    });
    if (beside) made.append(...this.lines.map((line) => line.text));
    this.needle = svg("line", { x1: 0, x2: 0, y1: top, y2: height - bottom, class: "now" });
    made.append(this.needle);
    this.scale = { X, Y, f, end, horizon, low: 8, high: height - 6 };
    this.upTo = -1;
    this.mark(now);
    this.plot.replaceChildren(made);
  }

  /** Move on to hour `now`: the run on show up to there, and the needle. */
  mark(now) {
    if (!this.scale) return;
    const { X, Y, f, end, horizon, low, high } = this.scale, id = this.measure.id;
    this.needle.setAttribute("visibility", now > 0 ? "visible" : "hidden");
    this.needle.setAttribute("transform", `translate(${X(Math.min(now, horizon)).toFixed(1)} 0)`);
    const upTo = end.filter((h) => h <= now + 1e-6).length;
    if (upTo === this.upTo) return;
    this.upTo = upTo;
    const ends = [];
    for (const line of this.lines) {
      const single = this.single[line.name]?.[id];
      line.one.setAttribute("d", this.path(single, end, X, Y, f, now));
      const last = line.band ? this.lastOf(line.band.mean, horizon, end) : this.lastOf(single, now, end);
      line.text.setAttribute("visibility", last === null ? "hidden" : "visible");
      if (last !== null) ends.push([line.text, Y(last * f)]);
    }
    const places = apart(ends.map(([, y]) => y), 17, low, high);
    ends.forEach(([text], i) => text.setAttribute("y", (places[i] + 5.5).toFixed(1)));
  }

  /** A name with the colour of its line, where names do not fit beside the lines. */
  sign(name, colour) {
    const text = el("b", {}, plain(name)), line = el("span", { class: "swatch", "aria-hidden": "true" });
    text.style.color = readable(colour);
    line.style.background = colour;
    return el("span", {}, line, text);
  }

  path(values, end, X, Y, f, until) {
    if (!values) return "";
    let text = "", pen = "M";
    values.forEach((v, i) => {
      if (v === null || end[i] > until + 1e-6) { pen = v === null ? "M" : pen; return; }
      text += `${pen}${X(end[i]).toFixed(1)} ${Y(v * f).toFixed(1)}`;
      pen = "L";
    });
    return text;
  }

  lastOf(values, until, end) {
    let last = null;
    (values ?? []).forEach((v, i) => { if (v !== null && end[i] <= until + 1e-6) last = v; });
    return last;
  }

  /** The chart as a table. */
  table() {
    const rows = (this.end ?? []).map((h, i) => [`${Math.round(h / WEEK_H)}`, ...this.names.flatMap((name) => {
      const band = this.hiddenNow ? null : this.bands[name]?.[this.measure.id];
      const mean = band ? `${this.write(band.mean[i])} (${this.write(band.low[i])} to ${this.write(band.high[i])})` : "–";
      return [mean, this.write(this.single[name]?.[this.measure.id]?.[i])];
    })]);
    return dataTable(`${this.measure.name}, ${this.measure.unit}; blocks of four weeks`,
      ["Up to week", ...this.names.flatMap((n) => [`${n}: mean (95% interval)`, `${n}: one run`])], rows);
  }
}

const plain = (name) => name.replaceAll("_", " ");
