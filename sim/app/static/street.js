// The customers of a firm as squares in rows, coloured by satisfaction; who has left is crossed out.
// Owns: where squares lie, whole pixels each, and that only what has changed is painted. Never does: know a case or a
// room, or own a canvas.

const EMPTY = -3, LEFT = -2;
const GAP = 1.5;

export class Street {
  /** `colour`: of a score of -1 to 100. */
  constructor(places, colour) {
    this.places = places;
    this.colours = Array.from({ length: 102 }, (_, i) => colour(i - 1));
    this.shown = new Int16Array(places).fill(EMPTY);
  }

  /** Lay the squares out from (x, y): `columns` of them, `cell` px wide and high with their gap. */
  lay(x, y, columns, cell, ratio) {
    const whole = (v) => Math.round(v * ratio) / ratio;
    const edges = (from, n) => Float32Array.from({ length: 2 * n }, (_, i) => whole(from + (i >> 1) * cell + (i & 1 ? cell - GAP : 0)));
    this.columns = columns;
    this.across = edges(x, columns);
    this.down = edges(y, Math.ceil(this.places / columns));
    this.blank();
  }

  /** Nothing has been painted yet. */
  blank() { this.shown.fill(EMPTY); }

  /** Paint who is where at `t` with `pen` on `ground`, where that has changed since last time. */
  paint(pen, ground, rec, t, scores) {
    for (let place = 0; place < this.places; place += 1) {
      const who = rec.customerIn(place, t);
      const now = who < 0 ? EMPTY : rec.leftTick[who] <= t ? LEFT : scores[who];
      if (now === this.shown[place]) continue;
      this.shown[place] = now;
      this.square(pen, now < -1 ? ground : this.colours[now + 1], now === LEFT, place % this.columns, Math.floor(place / this.columns));
    }
  }

  square(pen, colour, crossed, column, row) {
    const { across, down } = this, x = across[2 * column], y = down[2 * row];
    const w = across[2 * column + 1] - x, h = down[2 * row + 1] - y;
    pen.fillStyle = colour;
    pen.fillRect(x, y, w, h);
    if (!crossed) return;
    pen.beginPath();
    pen.moveTo(x + 1, y + 1); pen.lineTo(x + w - 1, y + h - 1);
    pen.moveTo(x + w - 1, y + 1); pen.lineTo(x + 1, y + h - 1);
    pen.strokeStyle = "#8A929B";
    pen.lineWidth = 1;
    pen.stroke();
  }
}
