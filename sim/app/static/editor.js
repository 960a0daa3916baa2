// Which structures stand side by side, and the editor: a key for each function, the chart at once.
// Owns: choosing and editing structures. Never does: compute hand-offs: the server expects them.

import { ask, dropped } from "./api.js";
import { el, fill, settled } from "./dom.js";

const WORDS = { function: "the function itself", product: "product", segment: "customer segment", region: "region", all: "nothing (one department)" };

export class Editor {
  /** `actions`: choose(names), own(Map), query(more), close() ; `limits`, `own`: name of the editor's structure */
  constructor(root, actions, { most, own }) {
    Object.assign(this, { root, actions, most, name: own });
    this.later = settled(() => this.chart(), 60);
  }

  load(schema, settings) {
    this.schema = schema;
    this.settings = settings;
    this.group = new Map(schema.functions.map((f) => [f, settings.own.get(f) ?? settings.own.get("rest") ?? "function"]));
    this.chosen = schema.chosen.slice();
    if (!this.root.hidden) this.draw();
  }

  open() { this.draw(); }

  draw() {
    const at = document.activeElement?.id;
    const { schema } = this;
    if (!schema) { fill(this.root, el("p", { class: "loading" }, "Loading…")); return; }
    const list = schema.structures.filter((s) => s.name !== this.name);
    const box = (s) => el("label", { class: "wide" },
      el("input", { type: "checkbox", id: `use-${s.name}`, checked: this.chosen.includes(s.name), disabled: s.why_not !== null && !this.chosen.includes(s.name), onchange: (e) => this.toggle(s.name, e.target) }),
      ` ${s.name}`, el("span", { class: "help" }, s.why_not ? ` — not here: ${s.why_not}` : s.title && s.title !== s.name ? ` — ${s.title}` : ""));
    this.picture = el("div", { class: "orgchart", "aria-live": "polite" });
    this.message = el("p", { class: "fault-text", role: "alert", hidden: true });
    fill(this.root, 
      el("div", { class: "drawerhead" }, el("h2", {}, "Structures"), el("button", { type: "button", onclick: () => this.actions.close() }, "Close")),
      el("fieldset", {}, el("legend", {}, `Side by side (two or three)`), list.map(box),
        this.settings.own.size ? box({ name: this.name, title: "the one made below", why_not: null }) : null),
      el("fieldset", {}, el("legend", {}, "Make your own: what forms the departments of each function?"),
        schema.functions.map((f) => el("label", { class: "wide pair" }, el("span", {}, f.replaceAll("_", " ")),
          el("select", { id: `key-${f}`, onchange: (e) => { this.group.set(f, e.target.value); this.later(); } },
            schema.grouping.map((k) => el("option", { value: k, selected: this.group.get(f) === k }, WORDS[k] ?? k)))))),
      this.message, this.picture,
      el("p", {}, el("button", { type: "button", class: "strong", id: "use-own", onclick: () => this.use() }, "Put it on show")));
    this.chart();
    if (at) document.getElementById(at)?.focus();
  }

  toggle(name, box) {
    const names = this.chosen.filter((n) => n !== name);
    if (box.checked) names.push(name);
    if (names.length > this.most) names.splice(0, names.length - this.most);
    if (!names.length) { box.checked = true; return; }
    this.chosen = names;
    this.actions.choose(names);
  }

  text() { return [...this.group].map(([f, k]) => `${f}:${k}`).join(","); }

  use() {
    const names = this.chosen.filter((n) => n !== this.name);
    while (names.length >= this.most) names.pop();
    this.actions.own(new Map(this.group), [...names, this.name]);
  }

  async chart() {
    const before = this.settings.own;
    this.settings.own = new Map(this.group);
    const address = `/api/chart?${this.actions.query({})}`;
    this.settings.own = before;
    try {
      const { charts } = await ask("chart", address);
      this.message.hidden = true;
      this.show(charts);
    } catch (error) {
      if (dropped(error)) return;
      this.message.textContent = error.message;
      this.message.hidden = false;
    }
  }

  show(charts) {
    const most = Math.max(...charts.map((c) => c.handoffs), 0.01);
    const mine = charts.find((c) => c.name === this.name);
    const boxes = mine && !mine.infeasible ? el("div", { class: "boxes" }, mine.departments.map((d) => {
      const node = el("div", { class: "box" }, el("b", {}, d.name.replaceAll("_", " ")), ` ${d.heads} ${d.heads === 1 ? "person" : "people"}`);
      node.style.flexGrow = d.heads;
      return node;
    })) : el("p", { class: "fault-text" }, mine?.infeasible ?? "");
    const bars = charts.map((c) => {
      const bar = el("span", { class: "bar-of" });
      bar.style.width = `${(100 * c.handoffs) / most}%`;
      return el("tr", {}, el("th", { scope: "row" }, c.name), el("td", { class: "figure" }, c.infeasible ? "–" : c.handoffs.toFixed(2)), el("td", { class: "bars" }, bar));
    });
    fill(this.picture, el("h3", {}, "Your chart"), boxes,
      mine?.warnings?.length ? el("ul", {}, mine.warnings.map((w) => el("li", {}, w))) : "",
      el("table", {}, el("caption", {}, "Expected hand-offs per case, before errors and rework"), el("tbody", {}, bars)));
  }
}
