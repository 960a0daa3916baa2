// One structure drawn at one moment: rooms, people, queues, cases, customers.
// Owns: where things lie and how they look. Never does: keep time, fetch, or know a server.

const FONT = '"DejaVu Sans", "Segoe UI", system-ui, sans-serif';
const MOST_DOTS = 20;
const NARROWEST = 62;

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

/** Widths of which none is below `least`: what the narrow ones gain the others lose in proportion. */
export function widths(wanted, least) {
  const total = wanted.reduce((a, b) => a + b, 0), narrow = wanted.map((w) => w < least);
  const given = narrow.filter(Boolean).length * least, rest = wanted.reduce((sum, w, i) => sum + (narrow[i] ? 0 : w), 0);
  if (!given || rest <= 0) return wanted;
  const found = wanted.map((w, i) => (narrow[i] ? least : (w * (total - given)) / rest));
  return found.some((w) => w < least - 1e-9) ? wanted.map(() => total / wanted.length) : found;
}

/** Rooms in their order, row by row, areas in proportion to `sizes`; the way with the largest people. */
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
      const wide = widths(row.map((size) => (width * size) / sum), Math.min(NARROWEST, width / row.length));
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
      const named = Math.min(...boxes.map((b, i) => Math.min(1, (b.w - 22) / (names[i].length * 9.6))));
      const low = Math.max(0, 84 - Math.min(...boxes.map((b) => b.h))); // a name, a person, a queue
      const score = Math.min(person, 30) + 24 * named - (rows > 1 ? 2 * low : 0);
      if (!best || score > best.score + 1e-9) best = { score, boxes };
    }
  }
  return best.boxes;
}

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

export class Scene {
  constructor(canvas, recording, palette) {
    this.canvas = canvas;
    this.recording = recording;
    this.palette = palette;
    this.colour = ramp(palette);
    this.resize();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = Math.max(200, box.width);
    this.height = Math.max(160, box.height);
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.pen = this.canvas.getContext("2d");
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.most = undefined;
    this.lay();
  }

  lay() {
    const { places } = this.recording;
    const share = this.height * 0.26;
    let cell = this.most ?? 12;
    const rowsAt = (size) => Math.ceil(places / Math.floor((this.width - 4) / size));
    while (cell > 4 && rowsAt(cell) * cell > share) cell -= 0.5;
    this.cell = cell;
    this.columns = Math.floor((this.width - 4) / cell);
    this.street = { x: 2, y: this.height - rowsAt(cell) * cell - 1, h: rowsAt(cell) * cell };
    this.stages = new Map();
    this.recording.rooms.forEach((room, i) => {
      const row = this.stages.get(room.stage) ?? [];
      row.push(i);
      this.stages.set(room.stage, row);
    });
    const gap = 7;
    this.boxes = new Array(this.recording.rooms.length);
    const sizes = this.recording.rooms.map((room) => Math.max(room.heads, 0.6));
    for (const rooms of this.stages.values()) {
      const boxes = rowsOf(rooms.map((i) => sizes[i]), rooms.map((i) => this.recording.rooms[i].name), this.width + gap, this.street.y - 26 + gap);
      rooms.forEach((i, k) => {
        const b = boxes[k];
        this.boxes[i] = { x: b.x, y: b.y, w: Math.max(b.w - gap, 30), h: Math.max(b.h - gap, 30) };
      });
    }
    this.seats = null;
  }

  /** Largest size of a person at which everybody fits: the least of all panels is used in all. */
  roomFor(posts) {
    let size = 58;
    const inRoom = new Map();
    for (const [pool] of posts) if (pool >= 0) { const room = this.recording.run.pools[pool]; inRoom.set(room, (inRoom.get(room) ?? 0) + 1); }
    for (const [room, n] of inRoom) {
      const box = this.boxes[room];
      if (!box) continue;
      size = Math.min(size, fits(n, box.w + 7, box.h + 7));
    }
    return size;
  }

  /** Use the sizes that fit every panel. */
  share(person, cell) {
    this.person = person;
    if (cell !== this.cell) { this.most = cell; this.lay(); }
    this.seats = null;
  }

  /** Seats of every post: in the room of its pool. */
  seat(posts) {
    const key = posts.map((p) => p[0]).join(",");
    if (this.seats?.key === key) return this.seats.of;
    const inRoom = this.recording.rooms.map(() => []);
    posts.forEach(([pool], post) => { if (pool >= 0) inRoom[this.recording.run.pools[pool]]?.push(post); });
    const of = new Array(posts.length);
    inRoom.forEach((list, room) => {
      const box = this.boxes[room];
      if (!box || !list.length) return;
      const w = box.w - 12, h = Math.max(box.h - 50, 9);
      let size = this.person ?? 38; // later hires may need smaller seats
      while (size > 9 && Math.floor(w / size) * Math.max(1, Math.floor(h / size)) < list.length) size -= 1;
      const across = Math.max(1, Math.floor(w / size));
      list.forEach((post, i) => {
        of[post] = {
          x: box.x + 6 + size / 2 + (i % across) * size,
          y: box.y + 28 + size / 2 + Math.floor(i / across) * size, size, room,
        };
      });
    });
    this.seats = { key, of };
    return of;
  }

  home(customer) {
    const place = this.recording.slot.get(customer);
    if (place === undefined) return { x: (customer * 0.6180339887 % 1) * this.width, y: this.height + 6 };
    return {
      x: this.street.x + (place % this.columns) * this.cell + this.cell / 2,
      y: this.street.y + Math.floor(place / this.columns) * this.cell + this.cell / 2,
    };
  }

  queueSpot(room, rank) {
    const box = this.boxes[room];
    const step = Math.max(7, Math.min(13, (box.w - 60) / 12));
    const across = Math.max(1, Math.floor((box.w - 14) / step));
    const shown = Math.min(MOST_DOTS, across);
    return rank < shown ? { x: box.x + 10 + rank * step, y: box.y + box.h - 11 } : null;
  }

  /** Draw time `t` (ticks). `motion`: ticks a journey takes on the screen, 0 for none. */
  draw(t, { motion, trace, follow }) {
    const pen = this.pen;
    pen.clearRect(0, 0, this.width, this.height);
    const rec = this.recording;
    const scores = rec.scores(t);
    const posts = rec.staff(t);
    const seats = this.seat(posts);
    const stage = Math.max(...posts.map(([pool]) => (pool >= 0 ? rec.rooms[rec.run.pools[pool]]?.stage ?? 0 : 0)), 0);
    const moving = [], inService = new Map(), queues = new Map();
    for (const item of rec.at(t, motion)) this.place(item, t, motion, { moving, inService, queues });
    rec.rooms.forEach((room, i) => { if (room.stage === stage) this.drawRoom(room, i, follow); });
    this.drawTraces(t, trace, follow);
    this.drawPeople(posts, seats, inService, stage);
    this.drawQueues(queues, scores, follow);
    for (const [post, item] of inService) {
      const seat = seats[post];
      if (seat) this.dot(seat.x + seat.size * 0.27, seat.y + seat.size * 0.22, Math.max(3, seat.size * 0.2), scores, item.customer, follow);
    }
    this.drawStreet(t, scores, follow);
    for (const dot of moving) this.dot(dot.x, dot.y, this.recording.crowded ? 3.6 : 5, scores, dot.customer, follow);
    this.drawNumbers();
    this.inService = inService;
    this.queues = queues;
  }

  /** Where a case is: on its way, waiting, being served, or with the customer. */
  place(item, t, motion, { moving, inService, queues }) {
    const rec = this.recording, { legs } = rec;
    const closed = rec.cases.closed[item.case];
    const centre = (room) => { const b = this.boxes[room]; return { x: b.x + b.w / 2, y: b.y + b.h - 12 }; };
    const along = (from, to, share) => {
      const s = share * share * (3 - 2 * share);
      moving.push({ x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, customer: item.customer });
    };
    if (item.leg < 0) return;
    const k = item.leg, room = rec.run.pools[legs.pool[k]];
    if (closed <= t) { if (motion) along(centre(room), this.home(item.customer), (t - closed) / motion); return; }
    const first = k === rec.firstLeg[item.case];
    const begun = first ? rec.cases.opened[item.case] : legs.arrived[k];
    if (t < legs.arrived[k]) return;
    if (motion && t - begun < motion) {
      const from = first ? this.home(item.customer) : centre(rec.run.pools[legs.pool[k - 1]]);
      if (first || rec.run.pools[legs.pool[k - 1]] !== room) { along(from, centre(room), (t - begun) / motion); return; }
    }
    if (t < legs.started[k]) {
      const row = queues.get(room) ?? [];
      row.push({ at: legs.arrived[k], customer: item.customer });
      queues.set(room, row);
    } else if (t < legs.ended[k] && legs.person[k] >= 0) inService.set(legs.person[k], item);
    else if (t >= legs.ended[k]) {
      const next = k + 1 < rec.firstLeg[item.case + 1] ? k + 1 : -1;
      const from = centre(room);
      if (next > 0) {
        const to = centre(rec.run.pools[legs.pool[next]]);
        const span = Math.max(legs.arrived[next] - legs.ended[k], 1);
        along(from, to, Math.min(1, (t - legs.ended[k]) / span) * 0.5);
      } else moving.push({ ...this.home(item.customer), customer: item.customer });
    }
  }

  drawRoom(room, i, follow) {
    const pen = this.pen, box = this.boxes[i];
    const lit = follow?.room === room.name;
    pen.fillStyle = lit ? "#FFF7D6" : "#FFFFFF";
    pen.strokeStyle = lit ? "#222222" : "#9AA3AD";
    pen.lineWidth = lit ? 3 : 1.2;
    pen.beginPath();
    pen.roundRect(box.x + 1, box.y + 1, box.w - 2, box.h - 2, 6);
    pen.fill();
    pen.stroke();
    pen.fillStyle = this.palette.ink;
    pen.font = `16px ${FONT}`;
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillText(this.fitted(room.name.replaceAll("_", " "), box.w - 14), box.x + 8, box.y + 7);
  }

  fitted(text, width) {
    if (this.pen.measureText(text).width <= width) return text;
    let cut = text;
    while (cut.length > 1 && this.pen.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
    return `${cut}…`;
  }

  drawPeople(posts, seats, inService, stage) {
    const pen = this.pen;
    posts.forEach(([pool, state], post) => {
      const seat = seats[post];
      if (!seat || pool < 0 || this.recording.rooms[seat.room].stage !== stage) return;
      const r = seat.size * 0.17, busy = inService.has(post);
      pen.lineWidth = 1.6;
      pen.setLineDash(state === 0 ? [2, 2] : []);
      pen.strokeStyle = state === 0 ? "#9AA3AD" : "#33475B";
      pen.fillStyle = state === 0 ? "#FFFFFF" : busy ? "#33475B" : state === 2 ? "#BFD0E0" : "#FFFFFF";
      pen.beginPath();
      pen.arc(seat.x, seat.y - seat.size * 0.2, r, 0, 7);
      pen.fill();
      pen.stroke();
      pen.beginPath();
      pen.arc(seat.x, seat.y + seat.size * 0.28, r * 1.75, Math.PI, 0);
      pen.closePath();
      pen.fill();
      pen.stroke();
    });
    pen.setLineDash([]);
  }

  drawQueues(queues, scores, follow) {
    this.numbers = [];
    for (const [room, waiting] of queues) {
      waiting.sort((a, b) => a.at - b.at);
      let shown = 0;
      for (const item of waiting) {
        const spot = this.queueSpot(room, shown);
        const more = waiting.length - shown > 1 && !this.queueSpot(room, shown + 4);
        if (!spot || (more && waiting.length > shown + 4)) break;
        this.dot(spot.x, spot.y, this.recording.crowded ? 3.6 : 4.5, scores, item.customer, follow);
        shown += 1;
      }
      if (shown < waiting.length) {
        const box = this.boxes[room];
        const spot = this.queueSpot(room, shown) ?? { x: box.x + box.w - 40 };
        this.numbers.push([`+${waiting.length - shown}`, spot.x - 3, box]);
      }
    }
  }

  /** How many more wait in each queue, above everything that moves. */
  drawNumbers() {
    const pen = this.pen;
    pen.font = `bold 16px ${FONT}`;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    for (const [text, at, box] of this.numbers) {
      const wide = pen.measureText(text).width, x = Math.max(box.x + 3, Math.min(at, box.x + box.w - 4 - wide));
      pen.fillStyle = "#FFFFFF";
      pen.fillRect(x - 1, box.y + box.h - 20, wide + 2, 17);
      pen.fillStyle = this.palette.ink;
      pen.fillText(text, x, box.y + box.h - 6);
    }
  }

  drawTraces(t, span, follow) {
    if (!span) return;
    const rec = this.recording, pen = this.pen;
    let i = rec.moveTimes.length;
    let low = 0;
    while (low < i) { const m = (low + i) >> 1; if (rec.moveTimes[m] <= t) low = m + 1; else i = m; }
    for (let k = low - 1; k >= 0 && rec.moveTimes[k] > t - span; k -= 1) {
      const [, at, from, to, customer] = rec.moves[k];
      const a = this.boxes[from], b = this.boxes[to];
      const lit = follow?.customer === customer;
      pen.globalAlpha = (1 - (t - at) / span) * (lit ? 1 : 0.75);
      pen.strokeStyle = lit ? "#222222" : "#5B7FA6";
      pen.lineWidth = lit ? 4 : rec.crowded ? 1.4 : 2.5;
      pen.beginPath();
      const [ax, ay, bx, by] = [a.x + a.w / 2, a.y + a.h - 12, b.x + b.w / 2, b.y + b.h - 12];
      const flat = Math.abs(by - ay) < 20 ? Math.min(46, a.h * 0.4) : 0; // a bow, so that it is seen on its way
      const [mx, my] = [(ax + bx) / 2 + (by - ay) * 0.12, (ay + by) / 2 - flat * 2 - (flat ? 0 : (bx - ax) * 0.12)];
      pen.moveTo(ax, ay);
      pen.quadraticCurveTo(mx, my, bx, by);
      pen.stroke();
      const turn = Math.atan2(by - my, bx - mx);
      pen.beginPath();
      pen.moveTo(bx + 2 * Math.cos(turn), by + 2 * Math.sin(turn));
      pen.lineTo(bx - 9 * Math.cos(turn - 0.45), by - 9 * Math.sin(turn - 0.45));
      pen.lineTo(bx - 9 * Math.cos(turn + 0.45), by - 9 * Math.sin(turn + 0.45));
      pen.fillStyle = pen.strokeStyle;
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  drawStreet(t, scores, follow) {
    const pen = this.pen, rec = this.recording, size = this.cell - 1.5;
    pen.font = `16px ${FONT}`;
    pen.fillStyle = this.palette.ink;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    const count = rec.run.customers.count;
    const label = count > rec.known ? `${rec.known} of ${count.toLocaleString("en-GB")} customers` : `${count} customers`;
    pen.fillText(label, 2, this.street.y - 7);
    for (let place = 0; place < rec.places; place += 1) {
      const who = rec.customerIn(place, t);
      if (who < 0) continue;
      const x = this.street.x + (place % this.columns) * this.cell, y = this.street.y + Math.floor(place / this.columns) * this.cell;
      if (rec.hasLeft(who, t)) {
        pen.strokeStyle = "#8A929B";
        pen.lineWidth = 1;
        pen.beginPath();
        pen.moveTo(x + 1, y + 1); pen.lineTo(x + size - 1, y + size - 1);
        pen.moveTo(x + size - 1, y + 1); pen.lineTo(x + 1, y + size - 1);
        pen.stroke();
      } else {
        pen.fillStyle = this.colour(scores.get(who) ?? -1);
        pen.fillRect(x, y, size, size);
      }
      if (follow?.customer === who) {
        pen.strokeStyle = "#000000";
        pen.lineWidth = 2.5;
        pen.strokeRect(x - 2, y - 2, size + 4, size + 4);
      }
    }
  }

  dot(x, y, r, scores, customer, follow) {
    const pen = this.pen, lit = follow?.customer === customer;
    pen.beginPath();
    pen.arc(x, y, lit ? r + 2.5 : r, 0, 7);
    pen.fillStyle = this.colour(scores.get(customer) ?? -1);
    pen.fill();
    pen.lineWidth = lit ? 3 : 1;
    pen.strokeStyle = lit ? "#000000" : "#4A4A4A";
    pen.stroke();
  }

  /** What lies under a point: a customer or a room. */
  hit(x, y, t) {
    const { street } = this;
    if (y >= street.y && y < street.y + street.h) {
      const place = Math.floor((y - street.y) / this.cell) * this.columns + Math.floor((x - street.x) / this.cell);
      const who = place < this.recording.places ? this.recording.customerIn(place, t) : -1;
      return who >= 0 ? { customer: who } : null;
    }
    const i = this.boxes.findIndex((b) => b && x >= b.x && x <= b.x + b.w && y >= b.y && y <= b.y + b.h);
    return i >= 0 ? { room: this.recording.rooms[i].name } : null;
  }
}
