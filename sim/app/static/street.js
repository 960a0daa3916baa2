// The customers of a firm as squares in rows, coloured by satisfaction; who has left is crossed out.
// Owns: one pixel per customer, enlarged in one go. Never does: know a case or a room.

const EMPTY = -3, LEFT = -2;

export class Street {
  /** `rgb`: colour of a score of -1 to 100 as three numbers. */
  constructor(places, rgb) {
    this.places = places;
    this.colours = new Uint32Array(102);
    for (let score = -1; score <= 100; score += 1) {
      const [r, g, b] = rgb(score);
      new Uint8Array(this.colours.buffer, (score + 1) * 4, 4).set([r, g, b, 255]);
    }
    this.shown = new Int16Array(places).fill(EMPTY);
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d");
  }

  /** Lay the squares out: `columns` of them, `cell` px wide and high with their gap. */
  lay(columns, cell) {
    if (columns === this.columns && cell === this.cell) return;
    Object.assign(this, { columns, cell, rows: Math.ceil(this.places / columns) });
    this.canvas.width = columns;
    this.canvas.height = this.rows;
    this.image = this.pen.createImageData(columns, this.rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.shown.fill(EMPTY);
    const gaps = new Path2D(), size = cell - 1.5;
    for (let i = 0; i < columns; i += 1) gaps.rect(i * cell + size, 0, 1.5, this.rows * cell);
    for (let i = 0; i < this.rows; i += 1) gaps.rect(0, i * cell + size, columns * cell, 1.5);
    this.gaps = gaps;
    this.crosses = new Path2D();
  }

  /** Take over who is where at `t`; only what has changed is touched. */
  look(rec, t, scores) {
    let changed = false, gone = false;
    for (let place = 0; place < this.places; place += 1) {
      const who = rec.customerIn(place, t);
      const now = who < 0 ? EMPTY : rec.leftTick[who] <= t ? LEFT : scores[who];
      const before = this.shown[place];
      if (now === before) continue;
      this.shown[place] = now;
      this.pixels[place] = now < -1 ? 0 : this.colours[now + 1];
      changed = true;
      if (now === LEFT || before === LEFT) gone = true;
    }
    if (changed) this.pen.putImageData(this.image, 0, 0);
    if (gone) this.cross();
  }

  cross() {
    const { cell } = this, size = cell - 1.5, crosses = new Path2D();
    for (let place = 0; place < this.places; place += 1) {
      if (this.shown[place] !== LEFT) continue;
      const x = (place % this.columns) * cell, y = Math.floor(place / this.columns) * cell;
      crosses.moveTo(x + 1, y + 1); crosses.lineTo(x + size - 1, y + size - 1);
      crosses.moveTo(x + size - 1, y + 1); crosses.lineTo(x + 1, y + size - 1);
    }
    this.crosses = crosses;
  }

  /** Copy it to (x, y). */
  draw(pen, x, y) {
    const { columns, rows, cell } = this;
    pen.save();
    pen.translate(x, y);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.canvas, 0, 0, columns * cell, rows * cell);
    pen.globalCompositeOperation = "destination-out";
    pen.fill(this.gaps);
    pen.globalCompositeOperation = "source-over";
    pen.strokeStyle = "#8A929B";
    pen.lineWidth = 1;
    pen.stroke(this.crosses);
    pen.restore();
  }
}
