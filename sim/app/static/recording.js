// A recorded run, ready to be asked: who is where at a moment of time.
// Owns: how the columns of a recording are indexed. Never does: draw, or know a server.

const DAY_H = 8;
const NEVER = 2 ** 31 - 1;

/** First index whose value is above `t` in a rising list. */
export function countUpTo(rising, t) {
  let low = 0, high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] <= t) low = middle + 1; else high = middle;
  }
  return low;
}

/** Lists of whole numbers as typed arrays. */
function columns(table) {
  return Object.fromEntries(Object.entries(table).map(([name, values]) => [name, Int32Array.from(values)]));
}

export class Recording {
  /** `run`: one entry of a recording's `runs`; `common`: the recording itself. */
  constructor(run, common) {
    this.run = run;
    this.name = run.structure;
    this.title = run.title;
    this.perHour = common.ticks_per_h;
    this.end = Math.round(common.shown_h * this.perHour);
    this.rooms = run.rooms;
    this.segments = common.segments;
    this.handed = run.handed;
    this.legs = columns(run.legs);
    this.cases = columns(run.cases);
    this.abandoned = new Set(run.cases.abandoned);
    this.known = run.customers.segment.length;
    this.indexCases();
    this.indexCustomers();
    this.indexMoves();
  }

  indexCases() {
    const { opened, closed } = this.cases;
    const n = opened.length;
    this.firstLeg = new Int32Array(n + 1);
    for (const c of this.legs.case) this.firstLeg[c + 1] += 1;
    for (let c = 0; c < n; c += 1) this.firstLeg[c + 1] += this.firstLeg[c];
    const bucket = DAY_H * this.perHour;
    this.bucket = bucket;
    const days = Math.ceil(this.end / bucket) + 1;
    this.days = Array.from({ length: days }, () => []); // cases on show each day
    for (let c = 0; c < n; c += 1) {
      const from = Math.max(0, Math.floor(opened[c] / bucket));
      const to = Math.min(days - 1, Math.floor((Math.min(closed[c], this.end) + bucket / 2) / bucket));
      for (let day = from; day <= to; day += 1) this.days[day].push(c);
    }
    const order = Array.from({ length: n }, (_, c) => c).filter((c) => closed[c] <= this.end && closed[c] > 0);
    order.sort((a, b) => closed[a] - closed[b]);
    this.closings = Int32Array.from(order);
    this.closingTimes = Int32Array.from(order, (c) => closed[c]);
    this.openings = opened.filter((t) => t <= this.end).sort((a, b) => a - b);
    const most = Math.max(1, ...this.days.map((day) => day.length));
    this.onShow = { count: 0, case: new Int32Array(most), leg: new Int32Array(most) };
  }

  indexCustomers() {
    const { joined, left, segment, satisfaction } = this.run.customers;
    this.slot = new Map();
    for (let i = 0; i < segment.length; i += 1) this.slot.set(i, i);
    this.segmentOf = segment.slice();
    this.joinedAt = new Array(segment.length).fill(-1);
    // Newcomers take the places of those who have left, then places at the end.
    const free = left.filter(([, c]) => c < segment.length).map(([t, c]) => [t, c]);
    let next = 0;
    for (const [t, customer, s] of joined) {
      let place = this.segmentOf.length;
      if (next < free.length && free[next][0] <= t) { place = free[next][1]; next += 1; } else if (place >= 500) continue;
      else { this.segmentOf.push(s); this.joinedAt.push(t); }
      this.slot.set(customer, place);
    }
    this.takers = new Array(this.segmentOf.length); // of a place: [tick, customer] in order
    for (const [t, customer] of joined) {
      const place = this.slot.get(customer);
      if (place !== undefined) (this.takers[place] ??= []).push([t, customer]);
    }
    const others = this.run.customers.others ?? [];
    const ids = [segment.length - 1, ...joined.map((j) => j[1]), ...left.map((l) => l[1]), ...others.map((o) => o[0])];
    const people = Math.max(this.cases.customer.reduce((a, b) => Math.max(a, b), 0), ...ids) + 1;
    this.leftTick = new Int32Array(people).fill(NEVER);
    for (const [t, customer] of left) this.leftTick[customer] = t;
    this.leftTimes = left.map(([t]) => t);
    this.startScore = new Int16Array(people).fill(-1);
    this.startScore.set(satisfaction);
    for (const [customer, score] of others) this.startScore[customer] = score;
    this.scored = { upTo: 0, of: this.startScore.slice() };
    this.crowded = this.cases.opened.length / (this.end / this.perHour) > 5; // cases an hour
    this.places = this.segmentOf.length;
    this.byCustomer = new Map();
    this.cases.customer.forEach((customer, c) => {
      const row = this.byCustomer.get(customer);
      if (row) row.push(c); else this.byCustomer.set(customer, [c]);
    });
  }

  indexMoves() {
    const moves = [];
    const pools = this.run.pools;
    for (let c = 0; c < this.cases.opened.length; c += 1) {
      for (let k = this.firstLeg[c] + 1; k < this.firstLeg[c + 1]; k += 1) {
        const from = pools[this.legs.pool[k - 1]], to = pools[this.legs.pool[k]];
        if (from !== to) moves.push([this.legs.arrived[k], from, to, this.cases.customer[c]]);
      }
    }
    moves.sort((a, b) => a[0] - b[0]);
    const column = (i) => Int32Array.from(moves, (m) => m[i]);
    this.moves = { time: column(0), from: column(1), to: column(2), customer: column(3) };
  }

  /** Who sits in a place of the customers' street at time `t`, or -1 if nobody. */
  customerIn(place, t) {
    let who = place < this.known ? place : -1;
    const takers = this.takers[place];
    if (takers) for (const taker of takers) if (taker[0] <= t) who = taker[1];
    return who;
  }

  hasLeft(customer, t) { return this.leftTick[customer] <= t; }

  /** Last satisfaction by customer as known at `t`, -1 where there is none; moving forward only adds. */
  scores(t) {
    const upTo = countUpTo(this.closingTimes, t), { scored } = this;
    if (upTo < scored.upTo) { scored.of.set(this.startScore); scored.upTo = 0; }
    for (let i = scored.upTo; i < upTo; i += 1) {
      const c = this.closings[i];
      scored.of[this.cases.customer[c]] = this.cases.satisfaction[c];
    }
    scored.upTo = upTo;
    return scored.of;
  }

  /** At `t` by post: `pool` (or -1), `state` (0 vacant, 1 at work, 2 learning); `version` changes with either. */
  staff(t) {
    const { start, changes } = this.run.people;
    const posts = (this.posts ??= { t: Infinity, next: 0, version: 0, pool: new Int16Array(start.length), state: new Int8Array(start.length) });
    if (t < posts.t) {
      start.forEach(([pool, state], post) => { posts.pool[post] = pool; posts.state[post] = state; });
      posts.next = 0;
      posts.version += 1;
    }
    for (; posts.next < changes.length && changes[posts.next][0] <= t; posts.next += 1) {
      const change = changes[posts.next];
      posts.pool[change[1]] = change[2];
      posts.state[change[1]] = change[3];
      posts.version += 1;
    }
    posts.t = t;
    return posts;
  }

  /** Cases on show at `t` and their legs (-1: none); `linger` ticks after its close one is still on its way home. */
  at(t, linger) {
    const day = this.days[Math.min(this.days.length - 1, Math.max(0, Math.floor(t / this.bucket)))];
    const { opened, closed } = this.cases, { arrived } = this.legs, found = this.onShow;
    found.count = 0;
    for (let i = 0; i < day.length; i += 1) {
      const c = day[i];
      if (opened[c] > t || closed[c] + linger <= t) continue;
      let k = this.firstLeg[c];
      const last = this.firstLeg[c + 1];
      while (k + 1 < last && arrived[k + 1] <= t) k += 1;
      found.case[found.count] = c;
      found.leg[found.count] = k < last ? k : -1;
      found.count += 1;
    }
    return found;
  }

  /** Counters at `t`. */
  counts(t) {
    const opened = countUpTo(this.openings, t), closed = countUpTo(this.closingTimes, t);
    return { handed: countUpTo(this.handed, t), closed, open: opened - closed, left: countUpTo(this.leftTimes, t) };
  }

  /** What has happened to one customer up to `t`. */
  customer(customer, t) {
    const cases = (this.byCustomer.get(customer) ?? []).filter((c) => this.cases.opened[c] <= t);
    const done = cases.filter((c) => this.cases.closed[c] <= t && this.cases.closed[c] > 0);
    let handed = 0, hours = 0;
    for (const c of cases) {
      for (let k = this.firstLeg[c] + 1; k < this.firstLeg[c + 1] && this.legs.arrived[k] <= t; k += 1) {
        if (this.run.pools[this.legs.pool[k]] !== this.run.pools[this.legs.pool[k - 1]]) handed += 1;
      }
    }
    for (const c of done) hours += (this.cases.closed[c] - this.cases.opened[c]) / this.perHour;
    return {
      cases: cases.length, done: done.length, handed, hours: done.length ? hours / done.length : null,
      score: this.scores(t)[customer] ?? -1, left: this.hasLeft(customer, t),
    };
  }
}
