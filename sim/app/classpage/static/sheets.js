// The parts below the desk: all means, why, the debrief to print, how the page was made.
// Owns: their words and order. Never does: compute: numbers come with the data.

import { readable } from "./charts.js";
import { dataTable, el } from "./dom.js";
import { plain } from "./place.js";

const PARTS = [["touch_h", "work"], ["queue_h", "queues"], ["transfer_h", "hand-offs"], ["rework_h", "rework"]];

const words = (table) => { table.classList.add("words"); return table; };
const region = (label, child) => el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, child);

/** Every structure's means with intervals. */
export function means(data, place, hidden) {
  const { point } = place;
  const head = el("h2", {}, "All structures");
  if (!point.measures) return [head, el("p", {}, "Nothing was run at these settings.")];
  if (hidden) return [head, el("p", {}, "Shown once you have predicted.")];
  const names = data.structures.map((s) => s.name).filter((n) => point.measures[data.measures[0].id].means[n]);
  const write = (m, v) => (v === null ? "–" : (v * m.factor).toLocaleString("en-GB", { minimumFractionDigits: m.digits, maximumFractionDigits: m.digits }));
  const rows = names.map((n) => [plain(n), ...data.measures.map((m) => { const i = point.measures[m.id].means[n]; return `${write(m, i.mean)}${i.low === null ? "" : ` (${write(m, i.low)} to ${write(m, i.high)})`}`; })]);
  const table = dataTable(`Means of ${point.replications} replications with 95% intervals at ${place.words()}`, ["Structure", ...data.measures.map((m) => `${m.name}, ${m.unit}`)], rows);
  table.querySelectorAll("tbody th").forEach((cell, i) => { cell.style.color = readable(data.structures.find((s) => s.name === names[i]).colour); cell.style.fontWeight = "bold"; });
  return [head, region("Means", table),
    ...Object.entries(point.infeasible).map(([name, why]) => el("p", {}, `${plain(name)} cannot be run here: ${why}`)),
    ...(point.unstable.length ? [el("p", {}, `The backlog keeps growing under ${point.unstable.map(plain).join(", ")}: these firms cannot serve their customers, and the means would grow with the time measured.`)] : [])];
}

/** Where the time goes; the lesson's reason. */
export function why(data, place, hidden) {
  const head = el("h2", {}, "Why?");
  const { point } = place;
  if (hidden) return [head, el("p", {}, "Shown once you have predicted.")];
  const found = [head];
  const step = place.step === null ? null : data.steps[place.step];
  if (step) found.push(el("p", { class: "notice" }, el("b", {}, "Notice. "), step.notice));
  if (data.why) {
    found.push(el("p", { class: "reason" }, data.why.text));
    found.push(el("p", { class: "faint" }, `Mechanisms ${data.why.mechanisms.join(", ")} of the model. ${data.why.sources.join("; ")}.`));
  }
  if (point.splits) {
    const { splits } = point, names = data.structures.map((s) => s.name).filter((n) => splits.means[n]);
    const of = (s, id) => splits.means[s][id].mean ?? 0;
    const total = (s) => PARTS.reduce((sum, [id]) => sum + of(s, id), 0);
    const most = Math.max(...names.map(total), 0.01);
    found.push(el("h3", {}, "Where the time of a case goes, working hours"),
      el("div", { class: "partbars", "aria-hidden": "true" }, names.map((s) => el("div", { class: "partrow" }, el("span", { class: "partname" }, plain(s)),
        el("span", { class: "parts" }, PARTS.map(([id, word], i) => {
          const share = (100 * of(s, id)) / most;
          const bar = el("span", { class: "part" }, share > 22 ? word : "");
          bar.style.width = `${share}%`;
          bar.style.background = data.palette.parts[i];
          bar.style.color = i === 1 || i === 2 ? "#222222" : "#FFFFFF";
          return bar;
        })), el("b", {}, `${total(s).toFixed(1)} h`)))),
      region("Where the time goes", dataTable("Means over replications", ["Structure", ...PARTS.map(([, word]) => `${word} (h)`), "hand-offs per case"],
        names.map((s) => [plain(s), ...PARTS.map(([id]) => of(s, id).toFixed(2)), of(s, "handoffs_per_case").toFixed(2)]))));
  }
  return found;
}

/** A sheet to print: what was said, what came out, questions. */
export function debrief(data, place, guesses, link) {
  const done = guesses.done.filter((g) => g.stage === "revealed");
  const rows = done.map((g) => {
    const r = guesses.result(g);
    return [g.step === null ? "own setting" : `${g.step + 1}. ${data.steps[g.step]?.title ?? ""}`, g.says, g.ranking.map(plain).join(" > "), `${g.size} ${guesses.unit}`,
      r.ranking.map(plain).join(" > "), `${r.text}${r.interval ? ` (${r.interval})` : ""}${["practically equal", "too close to call"].includes(r.call) ? `, ${r.call}` : ""}`];
  });
  const told = data.surprise && done.length;
  return [el("h2", {}, `Debrief: ${data.title}`), el("p", {}, data.goal),
    rows.length ? region("Predictions", words(dataTable(`Predictions of ${guesses.measure.name.toLowerCase()}, ${guesses.measure.unit}; best first`, ["Step", "Settings", "You said", "First to last", "Outcome", "First against last"], rows)))
      : el("p", {}, "Your predictions and their outcomes will stand here."),
    ...done.filter((g) => g.words).map((g) => el("p", {}, el("b", {}, "In your words: "), g.words)),
    ...(told ? [el("p", {}, el("b", {}, "The surprise. "), `${data.surprise.text} ${data.surprise.holds ? "It shows" : "It does not show"} here: ${data.surprise.effect} (${data.surprise.interval}, ${data.surprise.metric}, ${data.surprise.replications} replications).`)] : []),
    ...(data.why && done.length ? [el("h3", {}, "Why"), el("p", {}, data.why.text)] : []),
    ...(data.discussion.length ? [el("h3", {}, "To discuss"), el("ol", { class: "questions" }, data.discussion.map((q) => el("li", {}, q, el("span", { class: "lines", "aria-hidden": "true" }))))] : []),
    el("p", { class: "faint wrap" }, `Settings: ${place.words()}; link #${link}; seed ${data.seed}, ${data.replications} replications, ${data.made_with}.`),
    el("div", { class: "answer noprint" }, el("button", { type: "button", class: "strong", id: "print", onclick: () => window.print() }, "Print this sheet")),
    ...(data.instructor ? [el("details", { class: "noprint" }, el("summary", {}, "For whoever leads the class"), el("p", {}, el("b", {}, "30 minutes. "), data.instructor.thirty), el("p", {}, el("b", {}, "75 minutes. "), data.instructor.seventy_five))] : [])];
}

/** Where the numbers come from. */
export function about(data) {
  return [el("h2", {}, "Where these numbers come from"),
    el("p", {}, `${data.runs.toLocaleString("en-GB")} runs of the firm “${data.firm.name}”, made before with ${data.made_with}, seed ${data.seed}: at every setting of the sliders ${data.replications} replications of each structure, on the same customers. Nothing is interpolated: only values that were run can be chosen. Intervals hold 95% of the time; differences are paired and widened for the number of comparisons.`),
    el("p", {}, data.firm.summary),
    el("h3", {}, "The sliders"),
    region("Sliders", words(dataTable("Values that were run", ["Key", "Meaning", "Values", "Source"], data.sliders.map((s) => [s.key, s.label, `${s.texts.join(", ")}${s.unit ? ` ${s.unit}` : ""}`, s.source])))),
    el("h3", {}, "The structures"), el("ul", {}, data.structures.map((s) => el("li", {}, el("b", {}, plain(s.name)), `: ${s.title}`)))];
}
