// The class: predictions as CSV, and several such files together.
// Owns: the columns of the file, reading it back, the histogram. Never does: send anything anywhere.

import { dataTable, el, svg } from "./dom.js";
import { plain } from "./place.js";

export const COLUMNS = ["page", "title", "learner", "point", "step", "settings", "metric", "unit", "ranking", "size", "outcome_ranking", "outcome_size", "outcome_low", "outcome_high", "words"];
const MOST_BYTES = 1_000_000, BINS = 10;

/** A text no spreadsheet runs as a formula; commas, quotes and line ends kept. */
export function cell(value) {
  if (typeof value === "number") return String(value);
  let text = String(value ?? "");
  if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of cells of a CSV text (RFC 4180). */
export function parse(text) {
  const rows = [];
  let row = [], at = "", quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { at += '"'; i += 1; } else if (c === '"') quoted = false; else at += c;
    } else if (c === '"') quoted = true;
    else if (c === ",") { row.push(at); at = ""; }
    else if (c === "\n" || c === "\r") { if (c === "\r" && text[i + 1] === "\n") i += 1; row.push(at); rows.push(row); row = []; at = ""; }
    else at += c;
  }
  if (at !== "" || row.length) { row.push(at); rows.push(row); }
  return rows.filter((r) => r.length > 1 || r[0] !== "");
}

export class Group {
  constructor(root, data, guesses) {
    Object.assign(this, { root, data, guesses });
    this.rows = [];
    this.faults = [];
    this.files = 0;
    this.learner = "";
    this.build();
  }

  build() {
    const name = el("input", { type: "text", id: "learner", maxlength: 60, oninput: () => { this.learner = name.value.trim(); } });
    this.saver = el("button", { type: "button", id: "save-csv", onclick: () => this.download() }, "Save my predictions (CSV)");
    this.told = el("span", { role: "status" });
    const pick = el("input", { type: "file", id: "merge", accept: ".csv,text/csv", multiple: true, "aria-describedby": "merge-faults", onchange: () => this.take([...pick.files]) });
    this.shown = el("div", { id: "merged" });
    this.root.replaceChildren(el("h2", {}, "The class"),
      el("p", {}, "Nothing leaves this page by itself. Learners save their predictions as a file and hand it in; whoever leads the class opens all files here."),
      el("div", { class: "answer" }, el("label", {}, "Name or initials, if you like ", name), this.saver, this.told),
      el("div", { class: "answer" }, el("label", {}, "Predictions of the class ", pick)),
      el("div", { id: "merge-faults", class: "fault-text", role: "alert" }), this.shown);
  }

  refresh() { this.told.textContent = this.guesses.done.length ? `${this.guesses.done.length} so far` : "none yet"; }

  csv() {
    const { data, guesses } = this;
    const rows = guesses.done.map((g) => {
      const r = guesses.result(g) ?? { ranking: [], size: "", low: "", high: "" };
      return [data.id, data.title, this.learner, g.index, g.step === null ? "" : g.step + 1, g.says, guesses.measure.id, guesses.unit, g.ranking.join(" > "), g.size,
        r.ranking.join(" > "), r.size, r.low ?? "", r.high ?? "", g.words];
    });
    return [COLUMNS, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  download() {
    const place = URL.createObjectURL(new Blob(["\ufeff", this.csv()], { type: "text/csv" }));
    const who = this.learner.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    const link = el("a", { href: place, download: `predictions${who ? `-${who}` : ""}.csv` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(place), 10_000);
    this.told.textContent = this.guesses.done.length ? `saved ${this.guesses.done.length}` : "saved a file without any prediction";
  }

  /** Read the files of a class; what is wrong is said file by file, the rest is taken. */
  async take(files) {
    this.rows = [];
    this.faults = [];
    this.files = 0;
    const seen = new Set();
    for (const file of files) {
      if (file.size > MOST_BYTES) { this.faults.push(`${file.name}: larger than 1 MB`); continue; }
      const [head, ...rows] = parse((await file.text()).replace(/^\ufeff/, ""));
      if (!head || COLUMNS.some((c) => !head.includes(c))) { this.faults.push(`${file.name}: no file of predictions from a class page`); continue; }
      let taken = 0, other = 0;
      for (const row of rows) {
        const r = Object.fromEntries(head.map((c, i) => [c, row[i] ?? ""]));
        if (r.page !== this.data.id) { other += 1; continue; }
        const point = Number(r.point), size = Number(r.size);
        if (!this.data.points[point]?.measures || r.size === "" || !Number.isFinite(size) || size < 0) { this.faults.push(`${file.name}: a row that cannot be read was left out`); continue; }
        taken += 1;
        this.rows.push({ file: file.name, learner: r.learner, point, size, ranking: r.ranking.split(" > "), step: r.step, settings: r.settings });
      }
      if (other) this.faults.push(`${file.name}: ${other} ${other === 1 ? "row is" : "rows are"} from another class page`);
      const mark = rows.map((row) => row.join("\u0001")).join("\u0002");
      if (taken && seen.has(mark)) this.faults.push(`${file.name}: says the same as another file; counted all the same`);
      seen.add(mark);
      this.files += taken ? 1 : 0;
    }
    this.root.querySelector("#merge-faults").replaceChildren(...[...new Set(this.faults)].map((f) => el("p", {}, f)));
    this.choose();
  }

  choose() {
    const points = [...new Set(this.rows.map((r) => r.point))];
    if (!points.length) { this.shown.replaceChildren(); return; }
    const name = (point) => { const r = this.rows.find((x) => x.point === point); return r.step ? `Step ${r.step}: ${this.data.steps[Number(r.step) - 1]?.title ?? ""}` : r.settings; };
    const pick = el("select", { id: "merged-step", onchange: () => this.draw(Number(pick.value)) }, points.map((p) => el("option", { value: p }, name(p))));
    this.chart = el("div", {});
    this.shown.replaceChildren(el("p", {}, el("b", { class: "number" }, String(this.rows.length)), ` ${this.rows.length === 1 ? "prediction" : "predictions"} from ${this.files} ${this.files === 1 ? "file" : "files"}`),
      el("label", {}, "Predictions about ", pick), this.chart);
    this.draw(points[0]);
  }

  draw(point) {
    const rows = this.rows.filter((r) => r.point === point);
    const { measure, unit } = this.guesses;
    const result = this.guesses.result({ index: point });
    const top = Math.max(...rows.map((r) => r.size), result.size, 1e-9);
    const power = 10 ** Math.floor(Math.log10(top / BINS)), width = [1, 2, 2.5, 5, 10].map((m) => m * power).find((w) => w * BINS > top) ?? power * 20;
    const counts = new Array(BINS).fill(0);
    for (const r of rows) counts[Math.min(BINS - 1, Math.floor(r.size / width + 1e-9))] += 1;
    const firsts = this.data.structures.map((s) => [s.name, rows.filter((r) => r.ranking[0] === s.name).length]).sort((a, b) => b[1] - a[1]);
    const from = (i) => Number((i * width).toPrecision(6));
    this.chart.replaceChildren(el("h3", {}, "Predicted difference between first and last"), this.histogram(counts, width, result),
      el("div", { class: "pairtables" },
        dataTable(`Predictions by size, ${unit}`, [`Size, ${unit}`, "Predictions"], counts.map((n, i) => [`${from(i)} to ${from(i + 1)}`, String(n)])),
        dataTable(`Who comes first on ${measure.name.toLowerCase()}`, ["Structure", "Predictions"], firsts.map(([n, k]) => [plain(n) + (result.ranking[0] === n ? " (the outcome)" : ""), String(k)]))));
  }

  histogram(counts, bin, result) {
    const width = Math.min(640, Math.max(300, (this.root.clientWidth || 640) - 20)), height = 220, left = 34, bottom = 48, top = 46;
    const most = Math.max(...counts, 1), step = (width - left - 14) / counts.length;
    const Y = (n) => height - bottom - (n / most) * (height - bottom - top), X = (v) => left + (v / bin) * step;
    const { unit } = this.guesses;
    const made = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "histogram", role: "img", "aria-label": `Histogram of ${counts.reduce((a, b) => a + b, 0)} predicted sizes; the outcome is ${result.size.toFixed(this.guesses.measure.digits)} ${unit}; the table has the numbers` });
    counts.forEach((n, i) => { if (n) made.append(svg("rect", { x: X(i * bin) + 1, y: Y(n), width: step - 2, height: height - bottom - Y(n), fill: "#5B7FA6" }), svg("text", { x: X((i + 0.5) * bin), y: Y(n) - 5, "text-anchor": "middle" }, String(n))); });
    made.append(svg("line", { x1: left, x2: width - 10, y1: height - bottom, y2: height - bottom, stroke: "#595f66" }));
    for (let i = 0; i <= counts.length; i += 2) made.append(svg("text", { x: X(i * bin), y: height - bottom + 20, "text-anchor": "middle" }, String(Number((i * bin).toPrecision(6)))));
    made.append(svg("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle" }, unit));
    const at = X(result.size);
    made.append(svg("line", { x1: at, x2: at, y1: 22, y2: height - bottom, stroke: "#222222", "stroke-width": 3, "stroke-dasharray": "6 4" }),
      svg("text", { x: at > width - 90 ? at - 6 : at + 6, y: 16, "text-anchor": at > width - 90 ? "end" : "start", class: "direct" }, "the runs"));
    return made;
  }
}
