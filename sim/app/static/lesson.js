// A lesson: its question, its steps as buttons, what to notice, why it happens.
// Owns: the row of a lesson. Never does: run anything: a step is settings like any others.

import { el, fill } from "./dom.js";

export class LessonRow {
  /** `actions`: step(lesson, index), leave(), close() */
  constructor(root, drawer, actions) { Object.assign(this, { root, drawer, actions, lesson: null, step: 0 }); }

  /** Show a lesson, or none. The step is the one whose settings are in force. */
  show(lesson, settings) {
    this.lesson = lesson;
    this.root.hidden = !lesson;
    if (!lesson) return;
    const same = (step) => Object.entries(step.set).every(([k, v]) => settings.set.get(k) === v) && settings.set.size === Object.keys(step.set).length;
    this.step = lesson.steps.findIndex(same);
    fill(this.root,
      el("b", { class: "lesson-title" }, lesson.title),
      el("span", { class: "steps", role: "group", "aria-label": "Steps" }, lesson.steps.map((s, i) => el("button", { type: "button", "aria-pressed": String(i === this.step), title: s.text, onclick: () => this.actions.step(lesson, i) }, `${i + 1} ${s.title}`))),
      el("button", { type: "button", id: "open-about", "aria-expanded": "false", "aria-controls": "about", onclick: () => this.actions.open() }, "Question and notes"),
      el("button", { type: "button", class: "plain", onclick: () => this.actions.leave() }, "Leave the lesson"));
  }

  open() {
    const { lesson } = this;
    fill(this.drawer,
      el("div", { class: "drawerhead" }, el("h2", {}, lesson.title), el("button", { type: "button", onclick: () => this.actions.close() }, "Close")),
      el("p", {}, el("b", {}, "After it you can: "), lesson.goal),
      el("h3", {}, "Predict"), el("p", {}, lesson.question),
      el("h3", {}, "Steps"),
      el("ol", {}, lesson.steps.map((s, i) => el("li", i === this.step ? { "aria-current": "step" } : {}, el("b", {}, `${s.title}. `), s.text, el("details", {}, el("summary", {}, "What to notice"), el("p", {}, s.notice))))),
      el("details", {}, el("summary", {}, "Why it happens"), el("p", {}, lesson.why), el("ul", {}, lesson.sources.map((s) => el("li", {}, s)))),
      el("h3", {}, "To discuss"), el("ul", {}, lesson.discussion.map((d) => el("li", {}, d))));
  }
}
