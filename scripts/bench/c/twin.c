/* The same model in C: customers with memory, priority classes, abandonment, tie order and a log.
 *
 * Same events, same keyed random numbers as the engine runs on the same scenario, so that the
 * counts are exactly equal; and the same design (a calendar of customers' next cases, one binary
 * heap for the rest, one record per customer and case), so that only the language differs.
 *
 * usage: twin SEED REPLICATION CUSTOMERS RATE END MONTH_H TYPES RANKS DEPARTMENTS {per type:
 *             CUMULATED WORK DEPARTMENT SERVERS RANK PHONE PATIENCE TOLERANCE}* WEIGHTS*4 COURTESY
 *             GAIN LOSS ETA DRIFT E0 L0 STEP CHURN_MAX STEEPNESS THRESHOLD
 * Each type is one visit to one department. Numbers may be hexadecimal floats.
 */
#include "common.h"

#define GOLDEN 0x9E3779B97F4A7C15u
enum { ARRIVAL = 5, CASE_KEY = 6, CASE_TYPE = 7, PATIENCE = 11, EFFORT = 12, CHURN = 19 };
enum { VISIT_END = 3, ABANDON = 5 };

static inline uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}
static inline uint64_t child_key(uint64_t key, uint64_t purpose, uint64_t count) {
    return mixed(key + ((purpose << 40) | count) * GOLDEN);
}
static inline double uniform(uint64_t key, uint64_t purpose, uint64_t count) {
    return ((double)(child_key(key, purpose, count) >> 11) + 0.5) * 1.1102230246251565e-16;
}
static inline double exponential(double u) { return -log1p(-u); }

typedef struct {
    double next_arrival, loyalty, expectation, satisfaction_sum;
    int32_t arrivals, experiences, cases, link;
    float last_satisfaction, left_at;
    int8_t status;
} Customer;

typedef struct {
    uint64_t key;
    double opened, since, queue, touch;
    int32_t customer, number, link, back, stamp;
    int8_t type, rank, served, department;
} Case;

typedef struct {
    double opened, closed, satisfaction, quality, touch, queue, transfer, rework, fit, loyalty;
    int32_t customer, number;
    int16_t visits, handoffs;
    int8_t type, segment, reopenings, outcome;
} Row;

typedef struct { double time; int64_t order, item; } Tied;
typedef struct { double time; int64_t customer; } Next;
typedef struct {
    double cumulated, work, patience, tolerance;
    int department, rank, phone;
} Type;

static Tied *heap;
static int64_t heap_n, heap_room, sequence;
static Next *near_;
static int64_t near_n, near_room;
static Customer *customers;
static int32_t *buckets;
static int64_t bucket_count, bucket = -1;
static double bucket_h;

static inline int earlier(const Tied *a, double time, int64_t order) {
    return a->time < time || (a->time == time && a->order < order);
}

static void push(double time, int64_t kind, int64_t item) {
    if (heap_n == heap_room) {
        heap_room *= 2;
        heap = realloc(heap, heap_room * sizeof(Tied));
    }
    const int64_t order = (kind << 56) | sequence++;
    int64_t i = heap_n++;
    while (i > 0) {
        const int64_t parent = (i - 1) >> 1;
        if (earlier(&heap[parent], time, order)) break;
        heap[i] = heap[parent];
        i = parent;
    }
    heap[i] = (Tied){time, order, item};
}

static Tied pop(void) {
    const Tied first = heap[0], last = heap[--heap_n];
    int64_t i = 0;
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= heap_n) break;
        if (child + 1 < heap_n && earlier(&heap[child + 1], heap[child].time, heap[child].order))
            child++;
        if (earlier(&last, heap[child].time, heap[child].order)) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return first;
}

static void push_near(double time, int64_t customer) {
    if (near_n == near_room) {
        near_room *= 2;
        near_ = realloc(near_, near_room * sizeof(Next));
    }
    int64_t i = near_n++;
    while (i > 0) {
        const int64_t parent = (i - 1) >> 1;
        if (near_[parent].time < time
            || (near_[parent].time == time && near_[parent].customer < customer)) break;
        near_[i] = near_[parent];
        i = parent;
    }
    near_[i] = (Next){time, customer};
}

static int64_t pop_near(void) {
    const int64_t customer = near_[0].customer;
    const Next last = near_[--near_n];
    int64_t i = 0;
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= near_n) break;
        if (child + 1 < near_n
            && (near_[child + 1].time < near_[child].time
                || (near_[child + 1].time == near_[child].time
                    && near_[child + 1].customer < near_[child].customer))) child++;
        if (last.time < near_[child].time
            || (last.time == near_[child].time && last.customer < near_[child].customer)) break;
        near_[i] = near_[child];
        i = child;
    }
    near_[i] = last;
    return customer;
}

static void book_arrival(int64_t customer, double time) {
    customers[customer].next_arrival = time;
    const double b = time / bucket_h;
    if (b >= (double)bucket_count) return;
    if ((int64_t)b <= bucket) {
        push_near(time, customer);
    } else {
        customers[customer].link = buckets[(int64_t)b];
        buckets[(int64_t)b] = (int32_t)customer;
    }
}

static double next_arrival(void) {
    while (near_n == 0) {
        if (bucket + 1 >= bucket_count) return INFINITY;
        int32_t customer = buckets[++bucket];
        while (customer >= 0) {
            const int32_t following = customers[customer].link;
            if (customers[customer].status == 1)
                push_near(customers[customer].next_arrival, customer);
            customer = following;
        }
    }
    return near_[0].time;
}

static inline double clipped(double x) { return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x; }

int main(int argc, char **argv) {
    if (argc < 8) return 2;
    int a = 1;
    const uint64_t seed = strtoull(argv[a++], 0, 10), replication = strtoull(argv[a++], 0, 10);
    const int64_t n = strtoll(argv[a++], 0, 10);
    const double rate = strtod(argv[a++], 0), end = strtod(argv[a++], 0);
    const double month_h = strtod(argv[a++], 0);
    const int types = atoi(argv[a++]), ranks = atoi(argv[a++]), departments = atoi(argv[a++]);
    if (argc != a + 8 * types + 15) return 2;
    Type *type = room(types, sizeof(Type));
    int *idle = room(departments, sizeof(int));
    for (int y = 0; y < types; y++) {
        type[y].cumulated = strtod(argv[a++], 0);
        type[y].work = strtod(argv[a++], 0);
        type[y].department = atoi(argv[a++]);
        idle[type[y].department] = atoi(argv[a++]);
        type[y].rank = atoi(argv[a++]);
        type[y].phone = atoi(argv[a++]);
        type[y].patience = strtod(argv[a++], 0);
        type[y].tolerance = strtod(argv[a++], 0);
    }
    float weight[4];
    for (int i = 0; i < 4; i++) weight[i] = (float)strtod(argv[a++], 0);
    const double courtesy = strtod(argv[a++], 0), gain = strtod(argv[a++], 0);
    const double loss = strtod(argv[a++], 0), eta = strtod(argv[a++], 0);
    const double drift = strtod(argv[a++], 0), e0 = strtod(argv[a++], 0);
    const double l0 = strtod(argv[a++], 0), least = strtod(argv[a++], 0);
    const double churn_max = strtod(argv[a++], 0), steepness = strtod(argv[a++], 0);
    const double threshold = strtod(argv[a++], 0);

    int32_t *head = room((size_t)departments * ranks, sizeof(int32_t));
    int32_t *tail = room((size_t)departments * ranks, sizeof(int32_t));
    for (int i = 0; i < departments * ranks; i++) head[i] = tail[i] = -1;
    int32_t slots = 1 << 12, free_case = 0;
    Case *cases = room(slots, sizeof(Case));
    for (int32_t i = 0; i < slots; i++) cases[i].link = i + 1 < slots ? i + 1 : -1;
    heap_room = 1 << 12;
    heap = room(heap_room, sizeof(Tied));
    near_room = 1 << 10;
    near_ = room(near_room, sizeof(Next));
    customers = room(n, sizeof(Customer));
    uint64_t *keys = room(n, sizeof(uint64_t));
    const double width = 32.0 / (rate * (double)n);
    bucket_count = (int64_t)ceil(end / width) + 1;
    bucket_h = width;
    buckets = room(bucket_count, sizeof(int32_t));
    for (int64_t b = 0; b < bucket_count; b++) buckets[b] = -1;
    int64_t rows_room = 1 << 12, rows_n = 0;
    Row *rows = room(rows_room, sizeof(Row));

    const uint64_t run = child_key(child_key(seed, 0, 1), 1, replication);
    const uint64_t stream = child_key(run, 2, 1);
    for (int64_t i = n - 1; i >= 0; i--) {
        keys[i] = child_key(stream, 3, (uint64_t)i);
        customers[i].status = 1;
        customers[i].loyalty = l0;
        customers[i].expectation = e0;
        customers[i].experiences = 8;
        book_arrival(i, exponential(uniform(keys[i], ARRIVAL, 0)) / rate);
    }
    int64_t arrived = 0, closed = 0, abandoned = 0, visits = 0, left = 0, month = 0;
    double satisfaction = 0.0, waits = 0.0, loyal = 0.0, next_month = month_h;

    const double start = cpu_seconds();
    for (;;) {
        const double t_arrival = next_arrival();
        const double t_event = heap_n ? heap[0].time : INFINITY;
        double now = t_arrival < t_event ? t_arrival : t_event;
        if (next_month <= now) now = next_month;
        if (now > end) break;
        if (next_month == now) {
            month++;
            double sum = 0.0;
            int64_t active = 0;
            for (int64_t i = 0; i < n; i++) {
                Customer *c = &customers[i];
                if (c->status != 1) continue;
                c->expectation = clipped(c->expectation + drift * (e0 - c->expectation));
                sum += c->loyalty;
                active++;
                const double p = churn_max / (1.0 + exp(steepness * (c->loyalty - threshold)));
                if (uniform(keys[i], CHURN, (uint64_t)month) < p) {
                    c->status = 2;
                    c->left_at = (float)now;
                    left++;
                }
            }
            loyal += active ? sum / (double)active : 0.0;
            next_month = (double)(month + 1) * month_h;
            continue;
        }
        int32_t joining = -1, ending = -1;
        int server = -1, outcome = 0;
        if (t_event <= t_arrival) {
            const Tied event = pop();
            if ((event.order >> 56) == VISIT_END) {
                ending = (int32_t)event.item;
                Case *c = &cases[ending];
                c->touch += now - c->since;
                visits++;
                server = c->department;
            } else {
                const int32_t slot = (int32_t)(event.item & 0xFFFFFFFF);
                Case *c = &cases[slot];
                if (c->stamp == (int32_t)(event.item >> 32) && !c->served) {
                    const int line = c->department * ranks + c->rank;
                    if (c->back < 0) head[line] = c->link; else cases[c->back].link = c->link;
                    if (c->link < 0) tail[line] = c->back; else cases[c->link].back = c->back;
                    ending = slot;
                    outcome = 2;
                }
            }
        } else {
            const int64_t who = pop_near();
            Customer *customer = &customers[who];
            if (customer->status == 1) {
                const uint64_t key = keys[who];
                const int32_t number = customer->arrivals++;
                book_arrival(who, now + exponential(uniform(key, ARRIVAL, (uint64_t)number + 1))
                                            / rate);
                if (free_case < 0) {
                    cases = realloc(cases, 2 * (size_t)slots * sizeof(Case));
                    memset(cases + slots, 0, (size_t)slots * sizeof(Case));
                    for (int32_t i = slots; i < 2 * slots; i++)
                        cases[i].link = i + 1 < 2 * slots ? i + 1 : -1;
                    free_case = slots;
                    slots *= 2;
                }
                joining = free_case;
                Case *c = &cases[joining];
                free_case = c->link;
                c->key = child_key(key, CASE_KEY, (uint64_t)number);
                const double u = uniform(c->key, CASE_TYPE, 0);
                int y = 0;
                while (y < types - 1 && u >= type[y].cumulated) y++;
                c->type = (int8_t)y;
                c->rank = (int8_t)type[y].rank;
                c->department = (int8_t)type[y].department;
                c->customer = (int32_t)who;
                c->number = number;
                c->opened = c->since = now;
                c->touch = c->queue = 0.0;
                c->served = 0;
                c->stamp++;
                arrived++;
                if (type[y].phone)
                    push(now + type[y].patience * exponential(uniform(c->key, PATIENCE, 0)),
                         ABANDON, joining | ((int64_t)c->stamp << 32));
            }
        }
        if (ending >= 0) {
            Case *c = &cases[ending];
            Customer *who = &customers[c->customer];
            const double response = now - c->opened;
            double fitting = 0.0, resolution = 0.0;
            if (outcome == 2) {
                abandoned++;
                c->queue = response;
            } else {
                closed++;
                fitting = resolution = 1.0;
            }
            waits += c->queue;
            const double speed = exp(-0.6931471805599453 * response / type[c->type].tolerance);
            const double quality = weight[0] * fitting + weight[1] * speed
                                   + weight[2] * resolution + weight[3] * courtesy;
            const double d = quality - who->expectation;
            const double score = clipped(quality + (d > 0.0 ? gain : loss) * d);
            satisfaction += score;
            who->satisfaction_sum += score;
            who->cases++;
            who->last_satisfaction = (float)score;
            if (who->status == 1) {
                who->expectation = clipped(who->expectation + eta * (quality - who->expectation));
                const double step = 1.0 / (2.0 + (double)who->experiences);
                who->loyalty = clipped(who->loyalty
                                       + (step > least ? step : least) * (score - who->loyalty));
                who->experiences++;
            }
            if (rows_n == rows_room) {
                rows_room *= 2;
                rows = realloc(rows, rows_room * sizeof(Row));
            }
            rows[rows_n++] = (Row){c->opened, now, score, quality, c->touch, c->queue, 0.0, 0.0,
                                   fitting, who->loyalty, c->customer, c->number,
                                   (int16_t)(outcome != 2), 0, c->type, 0, 0, (int8_t)outcome};
            c->stamp++;
            c->link = free_case;
            free_case = ending;
        }
        int32_t starting = -1;
        int department = -1;
        if (server >= 0) {
            department = server;
            for (int r = 0; r < ranks && starting < 0; r++) {
                const int line = department * ranks + r;
                starting = head[line];
                if (starting >= 0) {
                    head[line] = cases[starting].link;
                    if (head[line] < 0) tail[line] = -1; else cases[head[line]].back = -1;
                }
            }
            if (starting < 0) idle[department]++;
        } else if (joining >= 0) {
            Case *c = &cases[joining];
            department = c->department;
            if (idle[department] > 0) {
                idle[department]--;
                starting = joining;
            } else {
                const int line = department * ranks + c->rank;
                c->link = -1;
                c->back = tail[line];
                if (tail[line] < 0) head[line] = joining; else cases[tail[line]].link = joining;
                tail[line] = joining;
            }
        }
        if (starting >= 0) {
            Case *c = &cases[starting];
            c->queue += now - c->since;
            c->served = 1;
            c->since = now;
            const double luck = exponential(uniform(c->key, EFFORT, (uint64_t)c->department << 4));
            push(now + type[c->type].work * luck, VISIT_END, starting);
        }
    }
    const double cpu = cpu_seconds() - start;
    printf("{\"cpu\": %.6f, \"arrivals\": %lld, \"closed\": %lld, \"abandoned\": %lld, "
           "\"visits\": %lld, \"left\": %lld, \"logged\": %lld, \"events\": %lld, "
           "\"satisfaction\": %.9f, \"first_wait\": %.9f, \"cases\": %lld}\n", cpu,
           (long long)arrived, (long long)closed, (long long)abandoned, (long long)visits,
           (long long)left, (long long)rows_n, (long long)sequence, satisfaction, waits,
           (long long)(closed + abandoned));
    return 0;
}
