// One structure drawn at one moment: rooms, people, queues, cases, customers.
// Owns: where people and cases lie and how cases look. What stands still lies on a sheet of its own, is painted when
// it changes and copied; a frame makes no objects. Never does: keep time, fetch, or know a server.

import { Dots } from "./dots.js";
import { People } from "./people.js";
import { countUpTo } from "./recording.js";
import { fits, rowsOf } from "./rooms.js";
import { Street } from "./street.js";

const FONT = '"DejaVu Sans", "Segoe UI", system-ui, sans-serif';
const MOST_DOTS = 20;
const OPAQUE = { alpha: false }; // nothing shines through: a frame need not be blended with the page
const ROOM = "#FFFFFF", LIT = "#FFF7D6";

export class Scene {
  constructor(canvas, recording, palette) {
    this.canvas = canvas;
    this.recording = recording;
    this.palette = palette;
    this.back = document.createElement("canvas");
    const { rooms, run, cases } = recording;
    this.queues = rooms.map(() => []); // legs that wait, by room; kept from frame to frame
    this.servedBy = new Int32Array(run.people.start.length).fill(-1); // case in the hands of a post
    this.people = new People(this.servedBy.length);
    this.grounds = rooms.map(() => ROOM);
    this.atWork = new Int32Array(rooms.length);
    this.moving = { count: 0, x: new Float32Array(cases.opened.length), y: new Float32Array(cases.opened.length), who: new Int32Array(cases.opened.length) };
    this.spot = { x: 0, y: 0 };
    this.widths = new Map();
    this.byStart = (a, b) => this.recording.legs.arrived[a] - this.recording.legs.arrived[b];
    this.resize();
  }

  /** Width and height of the canvas, px, and its pixels for each of these. */
  size() {
    const box = this.canvas.getBoundingClientRect();
    return [Math.max(200, box.width), Math.max(160, box.height), Math.min(window.devicePixelRatio || 1, 2)];
  }

  /** Whether the canvas has another size than was laid out for. */
  get outgrown() { return this.size().some((v, i) => v !== [this.width, this.height, this.ratio][i]); }

  resize() {
    const [width, height, ratio] = this.size();
    Object.assign(this, { width, height });
    if (ratio !== this.ratio) this.dots = Dots.of(this.palette, ratio);
    this.ratio = ratio;
    for (const canvas of [this.canvas, this.back]) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
      canvas.getContext("2d", OPAQUE).setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.pen = this.canvas.getContext("2d", OPAQUE);
    this.still = this.back.getContext("2d", OPAQUE);
    this.ground = getComputedStyle(this.canvas.parentElement).backgroundColor;
    this.homes ??= new Street(this.recording.places, (score) => this.dots.colour(score));
    this.most = this.least = undefined;
    this.lay();
  }

  lay() {
    const { places } = this.recording;
    const share = this.height * 0.26;
    let cell = this.most ?? 12;
    const rowsAt = (size) => Math.ceil(places / Math.floor((this.width - 4) / size));
    while (cell > 4 && rowsAt(cell) * cell > share) cell -= 1;
    this.cell = cell;
    this.columns = Math.floor((this.width - 4) / cell);
    this.lines = rowsAt(cell);
    const high = Math.max(this.lines, this.least ?? 0) * cell;
    this.street = { x: 2, y: Math.floor(this.height - high - 1), h: high };
    this.stages = new Map();
    this.recording.rooms.forEach((room, i) => {
      const row = this.stages.get(room.stage) ?? [];
      row.push(i);
      this.stages.set(room.stage, row);
    });
    const gap = 7;
    this.boxes = new Array(this.recording.rooms.length);
    const sizes = this.recording.rooms.map((room) => Math.max(room.heads, 0.6));
    this.pen.font = `16px ${FONT}`;
    const names = this.recording.rooms.map((room) => this.pen.measureText(called(room)).width);
    for (const rooms of this.stages.values()) {
      const boxes = rowsOf(rooms.map((i) => sizes[i]), rooms.map((i) => names[i]), this.width + gap, this.street.y - 26 + gap);
      rooms.forEach((i, k) => {
        const b = boxes[k];
        this.boxes[i] = { x: b.x, y: b.y, w: Math.max(b.w - gap, 30), h: Math.max(b.h - gap, 30) };
      });
    }
    this.doorX = Float32Array.from(this.boxes, (b) => b.x + b.w / 2);
    this.doorY = Float32Array.from(this.boxes, (b) => b.y + b.h - 12);
    this.homes.lay(this.street.x, this.street.y, this.columns, this.cell, this.ratio);
    this.seated = null;
    this.backed = null;
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

  /** Use the sizes that fit every panel; `lines` of customers everywhere, so that rooms end at one height. */
  share(person, cell, lines) {
    this.person = person;
    const high = Math.max(this.lines, this.least ?? 0);
    if (cell !== this.cell || (lines !== undefined && lines !== high)) { this.most = cell; this.least = lines; this.lay(); }
    this.seated = this.backed = null;
  }

  /** Seats of every post, in the room of its pool, and the stage on show: x, y, size and room (or -1) by post. */
  seat(posts) {
    if (this.seated?.version === posts.version) return this.seated;
    const n = posts.pool.length, { rooms, run } = this.recording;
    const made = { version: posts.version, stage: 0, x: new Float32Array(n), y: new Float32Array(n), size: new Float32Array(n), room: new Int16Array(n).fill(-1) };
    const inRoom = rooms.map(() => []);
    for (let post = 0; post < n; post += 1) {
      if (posts.pool[post] < 0) continue;
      const room = run.pools[posts.pool[post]];
      inRoom[room]?.push(post);
      made.stage = Math.max(made.stage, rooms[room]?.stage ?? 0);
    }
    inRoom.forEach((list, room) => {
      const box = this.boxes[room];
      if (!box || !list.length || rooms[room].stage !== made.stage) return;
      const w = box.w - 12, h = Math.max(box.h - 50, 9);
      let size = this.person ?? 38; // later hires may need smaller seats
      while (size > 9 && Math.floor(w / size) * Math.max(1, Math.floor(h / size)) < list.length) size -= 1;
      const across = Math.max(1, Math.floor(w / size));
      list.forEach((post, i) => {
        made.x[post] = box.x + 6 + size / 2 + (i % across) * size;
        made.y[post] = box.y + 28 + size / 2 + Math.floor(i / across) * size;
        made.size[post] = size;
        made.room[post] = room;
      });
    });
    this.seated = made;
    return made;
  }

  /** Where a customer lives, put into `this.spot`. */
  home(customer) {
    const place = this.recording.slot.get(customer), { spot } = this;
    if (place === undefined) {
      spot.x = (customer * 0.6180339887 % 1) * this.width;
      spot.y = this.height + 6;
    } else {
      spot.x = this.street.x + (place % this.columns) * this.cell + this.cell / 2;
      spot.y = this.street.y + Math.floor(place / this.columns) * this.cell + this.cell / 2;
    }
    return spot;
  }

  /** Draw time `t` (ticks). `motion`: ticks a journey takes on the screen, 0 for none. */
  draw(t, { motion, trace, follow }) {
    const { pen, recording: rec } = this;
    const scores = rec.scores(t), posts = rec.staff(t), seats = this.seat(posts);
    this.place(t, motion);
    this.background(seats, follow?.room);
    this.people.paint(this.still, posts, seats, this.servedBy, this.grounds);
    this.homes.paint(this.still, this.ground, rec, t, scores);
    pen.drawImage(this.back, 0, 0, this.back.width / this.ratio, this.back.height / this.ratio);
    const lit = follow?.customer ?? -1;
    this.drawTraces(t, trace, lit);
    const small = rec.crowded ? 3.5 : 4.5;
    this.drawQueues(scores, lit, small);
    for (let post = 0; post < this.servedBy.length; post += 1) {
      const c = this.servedBy[post], size = seats.size[post];
      if (c >= 0 && seats.room[post] >= 0) this.dot(seats.x[post] + size * 0.27, seats.y[post] + size * 0.22, Math.max(3, size * 0.2), scores, rec.cases.customer[c], lit);
    }
    if (lit >= 0) this.frame(t, lit);
    const { moving } = this;
    for (let i = 0; i < moving.count; i += 1) this.dot(moving.x[i], moving.y[i], rec.crowded ? 3.5 : 5, scores, moving.who[i], lit);
    this.drawNumbers();
  }

  /** Visits that wait in a room now, and people at work on a case there. */
  waiting(room) { return this.queues[room].length; }

  working(room) { return this.atWork[room]; }

  /** Sort the cases on show: on their way, waiting, being served, or with the customer. */
  place(t, motion) {
    const rec = this.recording, { legs, cases, firstLeg } = rec, { pools } = rec.run;
    const found = rec.at(t, motion);
    for (const queue of this.queues) queue.length = 0;
    this.moving.count = 0;
    this.servedBy.fill(-1);
    this.atWork.fill(0);
    for (let i = 0; i < found.count; i += 1) {
      const k = found.leg[i], c = found.case[i];
      if (k < 0) continue;
      const who = cases.customer[c], room = pools[legs.pool[k]], arrived = legs.arrived[k], first = k === firstLeg[c];
      const { doorX, doorY } = this, x = doorX[room], y = doorY[room];
      if (cases.closed[c] <= t) {
        if (motion) { const at = this.home(who); this.along(x, y, at.x, at.y, (t - cases.closed[c]) / motion, who); }
        continue;
      }
      const begun = first ? cases.opened[c] : arrived;
      if (t < arrived) continue;
      if (motion && t - begun < motion) {
        if (first) { const at = this.home(who); this.along(at.x, at.y, x, y, (t - begun) / motion, who); continue; }
        const from = pools[legs.pool[k - 1]];
        if (from !== room) { this.along(doorX[from], doorY[from], x, y, (t - begun) / motion, who); continue; }
      }
      if (t < legs.started[k]) this.queues[room].push(k);
      else if (t < legs.ended[k]) {
        if (legs.person[k] >= 0) { this.servedBy[legs.person[k]] = c; this.atWork[room] += 1; }
      } else if (k + 1 < firstLeg[c + 1]) {
        const to = pools[legs.pool[k + 1]], span = Math.max(legs.arrived[k + 1] - legs.ended[k], 1);
        this.along(x, y, doorX[to], doorY[to], Math.min(1, (t - legs.ended[k]) / span) * 0.5, who);
      } else { const at = this.home(who); this.along(at.x, at.y, at.x, at.y, 0, who); }
    }
  }

  /** A dot on its way, `share` of it done. */
  along(fromX, fromY, toX, toY, share, who) {
    const s = share * share * (3 - 2 * share), { moving } = this, i = moving.count;
    moving.x[i] = fromX + (toX - fromX) * s;
    moving.y[i] = fromY + (toY - fromY) * s;
    moving.who[i] = who;
    moving.count = i + 1;
  }

  /** Rooms and words that stand still, drawn anew only when they change. */
  background({ stage, version }, lit) {
    const key = `${stage}|${version}|${lit ?? ""}`;
    if (this.backed === key) return;
    this.backed = key;
    const { still: pen, recording: rec } = this;
    pen.fillStyle = this.ground;
    pen.fillRect(0, 0, this.width + 1, this.height + 1); // the last pixel may be covered in part
    this.homes.blank();
    this.people.blank();
    pen.font = `16px ${FONT}`;
    rec.rooms.forEach((room, i) => { 
      this.grounds[i] = lit === room.name ? LIT : ROOM;
      if (room.stage === stage) this.drawRoom(pen, room, this.boxes[i], this.grounds[i]);
    });
    pen.fillStyle = this.palette.ink;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    const count = rec.run.customers.count;
    pen.fillText(count > rec.known ? `${rec.known} of ${count.toLocaleString("en-GB")} customers` : `${count} customers`, 2, this.street.y - 7);
  }

  drawRoom(pen, room, box, ground) {
    const lit = ground === LIT;
    pen.fillStyle = ground;
    pen.strokeStyle = lit ? "#222222" : "#9AA3AD";
    pen.lineWidth = lit ? 3 : 1.2;
    pen.beginPath();
    pen.roundRect(box.x + 1, box.y + 1, box.w - 2, box.h - 2, 6);
    pen.fill();
    pen.stroke();
    pen.fillStyle = this.palette.ink;
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillText(fitted(pen, called(room), box.w - 14), box.x + 8, box.y + 7);
  }

  /** Dots in line, oldest first, at most 20 and as many as fit; how many more is left to `drawNumbers`. */
  drawQueues(scores, lit, radius) {
    const { legs, cases } = this.recording;
    for (let room = 0; room < this.queues.length; room += 1) {
      const queue = this.queues[room], box = this.boxes[room];
      if (!queue.length) continue;
      const step = Math.max(7, Math.min(13, (box.w - 60) / 12));
      const fit = Math.min(MOST_DOTS, Math.max(1, Math.floor((box.w - 14) / step)));
      const shown = queue.length <= fit ? queue.length : Math.max(0, fit - 4); // room for the number
      queue.shown = shown;
      queue.x = box.x + 10 + shown * step - 3;
      if (queue.length > 1) queue.sort(this.byStart);
      for (let i = 0; i < shown; i += 1) this.dot(box.x + 10 + i * step, box.y + box.h - 11, radius, scores, cases.customer[legs.case[queue[i]]], lit);
    }
  }

  /** How many more wait in each queue, above everything that moves. */
  drawNumbers() {
    const { pen } = this;
    let ready = false;
    for (let room = 0; room < this.queues.length; room += 1) {
      const queue = this.queues[room], more = queue.length - queue.shown, box = this.boxes[room];
      if (!queue.length || more <= 0) continue;
      if (!ready) {
        pen.font = `bold 16px ${FONT}`;
        pen.textAlign = "left";
        pen.textBaseline = "alphabetic";
        ready = true;
      }
      const text = `+${more}`;
      let wide = this.widths.get(more);
      if (wide === undefined) { wide = pen.measureText(text).width; this.widths.set(more, wide); }
      const x = Math.max(box.x + 3, Math.min(queue.x, box.x + box.w - 4 - wide));
      pen.fillStyle = "#FFFFFF";
      pen.fillRect(x - 1, box.y + box.h - 20, wide + 2, 17);
      pen.fillStyle = this.palette.ink;
      pen.fillText(text, x, box.y + box.h - 6);
    }
  }

  drawTraces(t, span, lit) {
    if (!span) return;
    const rec = this.recording, { pen } = this, { time, from, to, customer } = rec.moves;
    for (let k = countUpTo(time, t) - 1; k >= 0 && time[k] > t - span; k -= 1) {
      const a = this.boxes[from[k]], b = this.boxes[to[k]], marked = lit === customer[k];
      pen.globalAlpha = (1 - (t - time[k]) / span) * (marked ? 1 : 0.75);
      pen.strokeStyle = marked ? "#222222" : "#5B7FA6";
      pen.lineWidth = marked ? 4 : rec.crowded ? 1.4 : 2.5;
      const ax = a.x + a.w / 2, ay = a.y + a.h - 12, bx = b.x + b.w / 2, by = b.y + b.h - 12;
      const flat = Math.abs(by - ay) < 20 ? Math.min(46, a.h * 0.4) : 0; // a bow, so that it is seen on its way
      const mx = (ax + bx) / 2 + (by - ay) * 0.12, my = (ay + by) / 2 - flat * 2 - (flat ? 0 : (bx - ax) * 0.12);
      pen.beginPath();
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

  /** A frame around the customer who is followed. */
  frame(t, customer) {
    const place = this.recording.slot.get(customer), { pen } = this, size = this.cell - 1.5;
    if (place === undefined || this.recording.customerIn(place, t) !== customer) return;
    const x = this.street.x + (place % this.columns) * this.cell, y = this.street.y + Math.floor(place / this.columns) * this.cell;
    pen.strokeStyle = "#000000";
    pen.lineWidth = 2.5;
    pen.strokeRect(x - 2, y - 2, size + 4, size + 4);
  }

  dot(x, y, r, scores, customer, lit) {
    if (lit !== customer) { this.dots.put(this.pen, x, y, r, scores[customer]); return; }
    const { pen } = this;
    pen.beginPath();
    pen.arc(x, y, r + 2.5, 0, 7);
    pen.fillStyle = this.dots.colour(scores[customer]);
    pen.fill();
    pen.lineWidth = 3;
    pen.strokeStyle = "#000000";
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

/** A room's name as it is written. */
function called(room) { return room.name.replaceAll("_", " "); }

/** A text, cut so that it fits. */
function fitted(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let cut = text;
  while (cut.length > 1 && pen.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}
