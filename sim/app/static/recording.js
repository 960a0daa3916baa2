// A recorded run, ready to be asked: who is where at a moment of time.
// Owns: how the columns of a recording are indexed. Never does: draw, or know a server.

const DAY_H = 8;

/** First index whose value is above `t` in a rising list. */
export function countUpTo(rising, t) {
  let low = 0, high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] <= t) low = middle + 1; else high = middle;
  }
  return low;
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
    this.legs = run.legs;
    this.cases = run.cases;
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
    this.days = Array.from({ length: days }, () => []);
    for (let c = 0; c < n; c += 1) {
      const from = Math.max(0, Math.floor(opened[c] / bucket));
      const to = Math.min(days - 1, Math.floor((Math.min(closed[c], this.end) + bucket / 2) / bucket));
      for (let day = from; day <= to; day += 1) this.days[day].push(c);
    }
    const order = Array.from({ length: n }, (_, c) => c).filter((c) => closed[c] <= this.end && closed[c] > 0);
    order.sort((a, b) => closed[a] - closed[b]);
    this.closings = order;
    this.closingTimes = order.map((c) => closed[c]);
    this.openings = opened.filter((t) => t <= this.end).sort((a, b) => a - b);
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
    this.takenBy = new Map();
    for (const [t, customer, s] of joined) {
      const place = this.slot.get(customer);
      if (place === undefined) continue;
      const row = this.takenBy.get(place) ?? [];
      row.push([t, customer, s]);
      this.takenBy.set(place, row);
    }
    this.leftAt = new Map(left.map(([t, customer]) => [customer, t]));
    this.leftTimes = left.map(([t]) => t);
    this.startScore = new Map([...satisfaction.map((score, c) => [c, score]), ...(this.run.customers.others ?? [])]);
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
        if (from !== to) moves.push([this.legs.ended[k - 1], this.legs.arrived[k], from, to, this.cases.customer[c]]);
      }
    }
    moves.sort((a, b) => a[1] - b[1]);
    this.moves = moves;
    this.moveTimes = moves.map((m) => m[1]);
  }

  /** Who sits in a place of the customers' street at time `t`, or -1 if nobody. */
  customerIn(place, t) {
    let who = place < this.known ? place : -1;
    for (const [from, customer] of this.takenBy.get(place) ?? []) if (from <= t) who = customer;
    if (who < 0) return -1;
    return who;
  }

  hasLeft(customer, t) {
    const at = this.leftAt.get(customer);
    return at !== undefined && at <= t;
  }

  /** Last satisfaction of each customer known at `t`; moving forward only adds. */
  scores(t) {
    const upTo = countUpTo(this.closingTimes, t);
    if (!this.scored || upTo < this.scored.upTo) this.scored = { upTo: 0, of: new Map(this.startScore) };
    for (let i = this.scored.upTo; i < upTo; i += 1) {
      const c = this.closings[i];
      this.scored.of.set(this.cases.customer[c], this.cases.satisfaction[c]);
    }
    this.scored.upTo = upTo;
    return this.scored.of;
  }

  /** Post by post: [pool or -1, 0 vacant | 1 at work | 2 learning] at time `t`. */
  staff(t) {
    const { start, changes } = this.run.people;
    if (!this.posts || t < this.posts.t) this.posts = { t: 0, next: 0, rows: start.map((row) => row.slice()) };
    while (this.posts.next < changes.length && changes[this.posts.next][0] <= t) {
      const [, post, pool, state] = changes[this.posts.next];
      this.posts.rows[post] = [pool, state];
      this.posts.next += 1;
    }
    this.posts.t = t;
    return this.posts.rows;
  }

  /** Cases on show at `t`; `linger` ticks after its close a case is still on its way home. */
  at(t, linger) {
    const day = Math.min(this.days.length - 1, Math.max(0, Math.floor(t / this.bucket)));
    const found = [];
    for (const c of this.days[day]) {
      const opened = this.cases.opened[c], closed = this.cases.closed[c];
      if (opened > t || closed + linger <= t) continue;
      let k = this.firstLeg[c];
      const last = this.firstLeg[c + 1];
      while (k + 1 < last && this.legs.arrived[k + 1] <= t) k += 1;
      found.push({ case: c, leg: k < last ? k : -1, customer: this.cases.customer[c] });
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
      score: this.scores(t).get(customer) ?? -1, left: this.hasLeft(customer, t),
    };
  }
}
