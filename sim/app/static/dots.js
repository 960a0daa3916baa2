// Colours of satisfaction, and dots in them, each drawn once and then copied.
// Owns: how a satisfaction looks. Never does: know where a dot belongs.

/** Colour of a satisfaction of 0 to 100 points. */
export function ramp(palette) {
  const stops = palette.satisfaction.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const made = [];
  for (let score = 0; score <= 100; score += 1) {
    const place = (score / 100) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2), share = place - i;
    made.push(`rgb(${stops[i].map((v, k) => Math.round(v + (stops[i + 1][k] - v) * share)).join(",")})`);
  }
  return (score) => (score < 0 ? palette.unknown : made[Math.max(0, Math.min(100, score))]);
}

const RIM = "#4A4A4A";
const drawn = new WeakMap();

/** Dots of one radius in all colours side by side on a hidden canvas. */
export class Dots {
  /** The dots of a palette for a screen, the same for all panels. */
  static of(palette, ratio) {
    if (!drawn.has(palette)) drawn.set(palette, new Map());
    const found = drawn.get(palette);
    if (!found.has(ratio)) found.set(ratio, new Dots(palette, ratio));
    return found.get(ratio);
  }

  constructor(palette, ratio) {
    this.colour = ramp(palette);
    this.ratio = ratio;
    this.sheets = new Map();
  }

  sheet(radius) {
    const side = Math.ceil(2 * radius + 3), box = Math.ceil(side * this.ratio);
    const canvas = document.createElement("canvas");
    canvas.width = box * 102;
    canvas.height = box;
    const pen = canvas.getContext("2d");
    for (let score = -1; score <= 100; score += 1) {
      pen.beginPath();
      pen.arc((score + 1.5) * box, box / 2, radius * this.ratio, 0, 7);
      pen.fillStyle = this.colour(score);
      pen.fill();
      pen.lineWidth = this.ratio;
      pen.strokeStyle = RIM;
      pen.stroke();
    }
    const made = { canvas, box, side: box / this.ratio };
    this.sheets.set(radius, made);
    return made;
  }

  /** Copy a dot of whole `score` (-1: unknown) and half-pixel `radius` to a place. */
  put(pen, x, y, radius, score) {
    const r = Math.round(radius * 2) / 2, sheet = this.sheets.get(r) ?? this.sheet(r);
    const { canvas, box, side } = sheet;
    pen.drawImage(canvas, (score + 1) * box, 0, box, box, x - side / 2, y - side / 2, side, side);
  }
}
