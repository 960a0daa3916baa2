// People as head and shoulders, with a look for each state.
// Owns: how somebody looks, and that only who has changed is painted. Never does: know a case, or own a canvas.

const UNSEEN = -1, VACANT = 0, IDLE = 1, LEARNING = 2, BUSY = 3;
const LOOKS = [ // vacant, idle, learning, busy
  { edge: "#9AA3AD", fill: "#FFFFFF", dash: [2, 2] }, { edge: "#33475B", fill: "#FFFFFF", dash: [] },
  { edge: "#33475B", fill: "#BFD0E0", dash: [] }, { edge: "#33475B", fill: "#33475B", dash: [] },
];

export class People {
  /** `posts`: how many there are. */
  constructor(posts) { this.shown = new Int8Array(posts).fill(UNSEEN); }

  /** Nobody has been painted yet. */
  blank() { this.shown.fill(UNSEEN); }

  /**
   * Paint with `pen` who has changed since last time.
   * `servedBy`: by post the case it works on, or -1; `grounds`: colours of the rooms.
   */
  paint(pen, posts, seats, servedBy, grounds) {
    for (let post = 0; post < posts.pool.length; post += 1) {
      const room = seats.room[post];
      if (room < 0) continue;
      const state = posts.state[post], before = this.shown[post];
      const now = state === 0 ? VACANT : servedBy[post] >= 0 ? BUSY : state === 2 ? LEARNING : IDLE;
      if (now === before) continue;
      const size = seats.size[post], x = seats.x[post], y = seats.y[post];
      if (before !== UNSEEN) {
        pen.fillStyle = grounds[room];
        pen.fillRect(x - size / 2, y - size / 2, size, size);
      }
      this.shown[post] = now;
      person(pen, x, y, size, LOOKS[now]);
    }
  }
}

/** Within a square of `size` around (x, y). */
function person(pen, x, y, size, { edge, fill, dash }) {
  const head = y - size * 0.2, foot = y + size * 0.28, r = size * 0.17;
  pen.beginPath();
  pen.arc(x, head, r, 0, 7);
  pen.moveTo(x - r * 1.75, foot);
  pen.arc(x, foot, r * 1.75, Math.PI, 0);
  pen.closePath();
  pen.lineWidth = 1.6;
  pen.setLineDash(dash);
  pen.strokeStyle = edge;
  pen.fillStyle = fill;
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
}
