// How rooms share a panel: rows of boxes, areas in proportion to people.
// Owns: where rooms lie. Never does: draw, or know what a room is.

const NARROWEST = 62;
const NAME_MARGIN = 22; // around a room's name, px
const SHORT = 100; // so wide every name may make its room, px
const WIDER = 1.35; // a longer one at most, times what its people ask for
const KEPT = 0.67; // of what its people ask for, at least, if others are widened

/** Cuts of `n` things in order into `rows` rows, every way. */
function cuts(n, rows) {
  if (rows === 1) return [[n]];
  const found = [];
  for (let first = 1; first <= n - rows + 1; first += 1) for (const rest of cuts(n - first, rows - 1)) found.push([first, ...rest]);
  return found;
}

/** Size of a person at which `n` fit into a room, its name above and its queue below. */
export function fits(n, w, h) {
  const [across, down] = [w - 19, h - 7 - 50];
  let size = 58;
  while (size > 8 && Math.floor(across / size) * Math.floor(down / size) < n) size -= 1;
  return size;
}

/** Widths of which none is below its least: what the narrow ones gain the others lose in proportion. */
function widths(wanted, least) {
  const total = wanted.reduce((a, b) => a + b, 0), held = wanted.map(() => false);
  if (least.reduce((a, b) => a + b, 0) > total + 1e-6) return wanted;
  for (;;) {
    const left = total - least.reduce((sum, w, i) => sum + (held[i] ? w : 0), 0);
    const rest = wanted.reduce((sum, w, i) => sum + (held[i] ? 0 : w), 0);
    const found = wanted.map((w, i) => (held[i] ? least[i] : (w * left) / rest));
    const narrow = found.map((w, i) => !held[i] && w < least[i] - 1e-9);
    if (!narrow.some(Boolean)) return found;
    narrow.forEach((yes, i) => { held[i] ||= yes; });
  }
}

/** Widths of rooms in a row: a person fits into each, and as much of their names as leaves the large ones large. */
function named(wanted, names) {
  const total = wanted.reduce((a, b) => a + b, 0), person = Math.min(NARROWEST, total / wanted.length);
  for (let short = SHORT; short > person; short -= 4) {
    const least = wanted.map((w, i) => Math.max(person, Math.min(names[i] + NAME_MARGIN, Math.max(short, WIDER * w))));
    if (least.reduce((a, b) => a + b, 0) > total) continue;
    const found = widths(wanted, least);
    if (found.every((w, i) => w >= KEPT * wanted[i])) return found;
  }
  return widths(wanted, wanted.map(() => person));
}

/** Rooms in their order, row by row, areas in proportion to `sizes`; the way with the largest people. `names` are as wide as written, px. */
export function rowsOf(sizes, names, width, height) {
  const total = sizes.reduce((a, b) => a + b, 0) || 1;
  let best = null;
  const most = sizes.length > 16 ? 5 : Math.min(4, sizes.length);
  const lay = (cut) => {
    const boxes = [];
    let [at, y] = [0, 0];
    for (const many of cut) {
      const row = sizes.slice(at, at + many), sum = row.reduce((a, b) => a + b, 0), h = (height * sum) / total;
      let x = 0;
      const wide = named(row.map((size) => (width * size) / sum), names.slice(at, at + many));
      for (const w of wide) { boxes.push({ x, y, w, h }); x += w; }
      y += h;
      at += many;
    }
    return boxes;
  };
  for (let rows = 1; rows <= most; rows += 1) {
    const ways = sizes.length > 16 ? [Array.from({ length: rows }, (_, r) => Math.floor(((r + 1) * sizes.length) / rows) - Math.floor((r * sizes.length) / rows))] : cuts(sizes.length, rows);
    for (const cut of ways) {
      const boxes = lay(cut);
      const person = Math.min(...boxes.map((b, i) => fits(Math.round(sizes[i]), b.w, b.h)));
      const whole = Math.min(...boxes.map((b, i) => Math.min(1, (b.w - NAME_MARGIN) / names[i])));
      const low = Math.max(0, 84 - Math.min(...boxes.map((b) => b.h))); // a name, a person, a queue
      const score = Math.min(person, 30) + 24 * whole - (rows > 1 ? 2 * low : 0);
      if (!best || score > best.score + 1e-9) best = { score, boxes };
    }
  }
  return best.boxes;
}
