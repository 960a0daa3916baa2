// Questions to the server; the latest of a kind counts, older ones are dropped.
// Owns: fetching. Never does: show anything.

export class Refused extends Error {
  constructor(faults, status) { super(faults.map((f) => f.text).join("\n")); this.faults = faults; this.status = status; }
}

const running = new Map();

function begin(kind) {
  running.get(kind)?.abort();
  const control = new AbortController();
  running.set(kind, control);
  return control;
}

export function cancel(kind) { running.get(kind)?.abort(); running.delete(kind); }

/** Drop everything that is waited for. */
export function cancelAll() { for (const kind of [...running.keys()]) cancel(kind); }

async function refusal(response) {
  let faults = [{ text: `the server answered ${response.status}`, key: "" }];
  try { faults = (await response.json()).faults ?? faults; } catch { /* no JSON: the status says it */ }
  return new Refused(faults, response.status);
}

/** One answer as JSON. */
export async function ask(kind, address, options = {}) {
  const control = begin(kind);
  const response = await fetch(address, { ...options, signal: control.signal });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** Answers line by line; `take` is called with each. */
export async function listen(kind, address, take) {
  const control = begin(kind);
  const response = await fetch(address, { signal: control.signal });
  if (!response.ok) throw await refusal(response);
  // Chromium reports a body that only a reader reads as aborted at its end; a second reading is not.
  const whole = response.clone().text();
  whole.catch(() => {});
  const reader = response.body.getReader(), decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const piece = JSON.parse(line);
      if (piece.faults) throw new Refused(piece.faults, 400);
      take(piece);
    }
  }
  await whole;
}

export const dropped = (error) => error?.name === "AbortError";
