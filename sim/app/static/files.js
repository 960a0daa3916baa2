// The link to share, a scenario to upload, things to take away.
// Owns: that drawer. Never does: read a file's contents: the server validates it.

import { ask } from "./api.js";
import { el, fill } from "./dom.js";

export class Files {
  /** `actions`: query(more), uploaded(entry), close() ; `limits` from the server */
  constructor(root, actions, limits) { Object.assign(this, { root, actions, limits }); }

  open() {
    const link = el("input", { type: "text", readonly: true, id: "link", value: `${location.origin}/?${this.actions.query({})}`, "aria-label": "Link with all settings" });
    const copied = el("span", { class: "help", role: "status" });
    const fault = el("div", { class: "fault", role: "alert", hidden: true, id: "upload-fault" });
    const pick = el("input", { type: "file", id: "upload", accept: ".toml,application/toml", onchange: () => this.upload(pick, fault) });
    const save = (format, text, more = {}) => el("li", {}, el("a", { href: `/api/download?${this.actions.query({ format, ...more })}`, download: "" }, text));
    fill(this.root, 
      el("div", { class: "drawerhead" }, el("h2", {}, "Share and files"), el("button", { type: "button", onclick: () => this.actions.close() }, "Close")),
      el("fieldset", {}, el("legend", {}, "Share"), el("label", { class: "wide", for: "link" }, "This link carries all settings"), link,
        el("p", {}, el("button", { type: "button", onclick: async () => { link.select(); try { await navigator.clipboard.writeText(link.value); copied.textContent = " copied"; } catch { copied.textContent = " press Ctrl-C"; } } }, "Copy"), copied)),
      el("fieldset", {}, el("legend", {}, "Your own firm"), el("label", { class: "wide", for: "upload" }, "A scenario file (TOML)"), pick,
        el("p", { class: "help" }, `up to ${Math.round(this.limits.upload_bytes / 1024)} KiB; it stays on the machine that runs this page`), fault),
      el("fieldset", {}, el("legend", {}, "Take away"), el("ul", {},
        save("scenario", "The scenario with all changes (TOML, for the command line)"),
        save("cases", "The run on show: every visit (CSV, event log)"),
        save("comparison", "The comparison (JSON)"),
        save("figure", "The figure of the comparison (SVG)"))));
  }

  async upload(pick, fault) {
    const file = pick.files[0];
    if (!file) return;
    fault.hidden = true;
    try {
      if (file.size > this.limits.upload_bytes) throw new Error(`${file.name} is larger than ${this.limits.upload_bytes.toLocaleString("en-GB")} bytes`);
      const entry = await ask("upload", "/api/upload", { method: "POST", body: await file.text(), headers: { "content-type": "application/toml" } });
      this.actions.uploaded(entry);
    } catch (error) {
      fill(fault, el("p", {}, `${file.name} cannot be used:`), el("ul", {}, (error.faults ?? [{ text: error.message }]).map((f) => el("li", {}, f.text))));
      fault.hidden = false;
    }
  }
}
