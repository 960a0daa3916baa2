// Why two structures differ: where the time goes at once, causes that add up on request.
// Owns: the page's explanation. Never does: split anything: the server does.

import { cancel, dropped, listen } from "./api.js";
import { dataTable, el, fill } from "./dom.js";

export class Why {
  constructor(root, actions) { this.root = root; this.actions = actions; this.found = null; this.explained = null; }

  /** A new comparison; an explanation of another world is dropped. */
  load(found, fresh) {
    this.found = found;
    if (fresh) { this.turn = (this.turn ?? 0) + 1; Object.assign(this, { explained: null, busy: false, cancelled: false }); cancel("explain"); }
    if (!this.root.hidden) this.draw();
  }

  open() { this.draw(); }

  draw() {
    const head = el("div", { class: "drawerhead" }, el("h2", {}, "Why?"), el("button", { type: "button", onclick: () => this.actions.close() }, "Close"));
    if (!this.found) { fill(this.root, head, el("p", { class: "loading" }, "Comparing…")); return; }
    const { splits, measures, structures } = this.found;
    const names = Object.keys(splits.names);
    const fmt = (v) => (v === null ? "–" : v.toFixed(2));
    const rows = names.map((id) => [splits.names[id] + (id.endsWith("_h") ? " (h)" : ""), ...structures.map((s) => fmt(splits.means[s][id].mean))]);
    const order = measures.satisfaction.ranking;
    this.pair = [order[1], order[0]];
    fill(this.root, head,
      el("ul", { class: "verdict-text" }, this.found.verdict.slice(0, 6).map((line) => el("li", {}, line[0].toUpperCase() + line.slice(1)))),
      this.bars(splits, structures),
      dataTable("Where the time of a case goes, means over replications", ["", ...structures], rows),
      this.causes());
  }

  bars(splits, structures) {
    const parts = ["touch_h", "queue_h", "transfer_h", "rework_h"], palette = this.actions.palette().parts;
    const words = ["work", "queues", "hand-offs", "rework"];
    const total = (s) => parts.reduce((sum, id) => sum + (splits.means[s][id].mean ?? 0), 0);
    const most = Math.max(...structures.map(total), 0.01);
    return el("div", { class: "partbars" }, el("h3", {}, "Response time, working hours"),
      structures.map((s) => el("div", { class: "partrow" }, el("span", { class: "partname" }, s),
        el("span", { class: "parts" }, parts.map((id, i) => {
          const share = (100 * (splits.means[s][id].mean ?? 0)) / most;
          const bar = el("span", { class: "part", title: `${words[i]}: ${(splits.means[s][id].mean ?? 0).toFixed(2)} h` }, share > 17 ? words[i] : "");
          bar.style.width = `${share}%`;
          bar.style.background = palette[i];
          bar.style.color = i === 1 || i === 2 ? "#222222" : "#FFFFFF";
          return bar;
        })), el("b", {}, ` ${total(s).toFixed(1)} h`))));
  }

  causes() {
    if (this.explained) return this.waterfall(this.explained);
    if (this.busy) {
      return el("p", {}, el("span", { class: "loading", role: "status", id: "explain-progress" }, this.progress ?? "Taking causes away one by one…"), " ",
        el("button", { type: "button", id: "split-cancel", onclick: () => cancel("explain") }, "Cancel"));
    }
    if (!this.pair[0]) return null;
    if (this.cancelled) return el("p", {}, el("span", { role: "status" }, `Cancelled${this.progress ? ` after ${this.progress}` : ""}: the difference is not split. `), el("button", { type: "button", id: "split", onclick: () => this.split() }, "Go on"));
    return el("p", {}, el("button", { type: "button", class: "strong", id: "split", onclick: () => this.split() }, "Split the difference into causes"),
      el("span", { class: "help" }, " runs the firm again without each cause; takes some seconds"),
      this.failed ? el("span", { class: "fault-text", role: "alert" }, this.failed) : null);
  }

  async split() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    Object.assign(this, { busy: true, cancelled: false, failed: "", progress: undefined });
    this.draw();
    document.getElementById("split-cancel")?.focus();
    try {
      await listen("explain", `/api/explain?${this.actions.query({ first: this.pair[0], second: this.pair[1] })}`, (piece) => {
        if (piece.explanation) this.explained = piece.explanation;
        else {
          this.progress = `${piece.done} of ${piece.planned} runs`;
          const place = document.getElementById("explain-progress");
          if (place) place.textContent = this.progress;
        }
      });
      this.busy = false;
      this.draw();
    } catch (error) {
      if (turn !== this.turn) return; // of an older question
      this.busy = false;
      this.cancelled = dropped(error);
      if (this.cancelled) { this.draw(); document.getElementById("split")?.focus(); return; }
      this.failed = error.message;
      this.draw();
    }
  }

  waterfall(e) {
    const reach = Math.max(...e.parts.flatMap((p) => [Math.abs(p.low ?? p.mean), Math.abs(p.high ?? p.mean)]), 0.1);
    const rows = e.parts.filter((p) => Math.abs(p.mean) > 1e-9).map((p) => {
      const bar = el("span", { class: "cause" });
      bar.style.left = `${50 + (50 * Math.min(0, p.mean)) / reach}%`;
      bar.style.width = `${(50 * Math.abs(p.mean)) / reach}%`;
      const range = el("span", { class: "range" });
      range.style.left = `${50 + (50 * (p.low ?? p.mean)) / reach}%`;
      range.style.width = `${(50 * ((p.high ?? p.mean) - (p.low ?? p.mean))) / reach}%`;
      return el("tr", {}, el("th", { scope: "row" }, p.name), el("td", { class: "figure" }, `${p.mean >= 0 ? "+" : ""}${p.mean.toFixed(1)}`), el("td", { class: "bars" }, el("span", { class: "axis" }, bar, range)));
    });
    return el("div", { class: "causes" }, el("h3", {}, `${e.second} against ${e.first}, points of satisfaction`),
      el("table", {}, el("caption", {}, `Parts add up to ${e.gap.mean >= 0 ? "+" : ""}${e.gap.mean.toFixed(1)} (95% CI ${e.gap.low.toFixed(1)} to ${e.gap.high.toFixed(1)}); ${e.replications} replications`), el("tbody", {}, rows)),
      el("ul", {}, e.parts.filter((p) => Math.abs(p.mean) > 1e-9).map((p) => el("li", {}, p.sentence))));
  }
}
