/* Work C, the limit: customers with memory on one binary heap, sequential random numbers.
 *
 * Every customer brings Poisson cases; a case is one visit to one of three departments. At its end
 * satisfaction, expectation and loyalty move; at each month's end customers leave with a
 * probability that falls with loyalty, and somebody new takes the place.
 *
 * usage: memory SEED CUSTOMERS RATE MONTHS MONTH_H SERVERS*3 WORK TOLERANCE CHURN_MAX STEEPNESS
 *               THRESHOLD
 */
#define SEQUENTIAL
#include "common.h"

typedef struct {
    double loyalty, expectation, satisfaction;
    int32_t experiences, cases;
} Customer;

typedef struct { double opened; int32_t customer, next; int8_t department; } Case;

int main(int argc, char **argv) {
    if (argc != 14) return 2;
    seed_generator(strtoull(argv[1], 0, 10));
    const int64_t n = strtoll(argv[2], 0, 10);
    const double gap = 1.0 / strtod(argv[3], 0), months = strtod(argv[4], 0);
    const double month_h = strtod(argv[5], 0);
    int free_people[3], people = 0;
    for (int d = 0; d < 3; d++) people += free_people[d] = atoi(argv[6 + d]);
    const double work = strtod(argv[9], 0), tolerance = strtod(argv[10], 0);
    const double churn_max = strtod(argv[11], 0), steepness = strtod(argv[12], 0);
    const double threshold = strtod(argv[13], 0);
    const double first = (double)free_people[0] / people;
    const double second = (double)(free_people[0] + free_people[1]) / people;
    int32_t head[3] = {-1, -1, -1}, tail[3] = {-1, -1, -1};
    const int32_t slots = 1 << 20;
    Case *cases = room(slots, sizeof(Case));
    for (int32_t i = 0; i < slots; i++) cases[i].next = i + 1 < slots ? i + 1 : -1;
    int32_t free_case = 0;
    Customer *customers = room(n, sizeof(Customer));
    Heap heap = {room(n + people + 8, sizeof(Event)), 0};
    int64_t arrived = 0, closed = 0, left = 0;
    double waits = 0.0, satisfaction = 0.0;

    for (int64_t i = 0; i < n; i++) {
        customers[i].loyalty = 0.8;
        customers[i].expectation = 0.65;
        customers[i].experiences = 8;
        heap_push(&heap, next_exponential() * gap, -1 - i);
    }
    const double start = cpu_seconds();
    const double end = months * month_h;
    double next_month = month_h;
    for (;;) {
        const double now = heap.at[0].time;
        if (now >= next_month) {
            for (int64_t i = 0; i < n; i++) {
                Customer *c = &customers[i];
                c->expectation += 0.02 * (0.65 - c->expectation);
                const double p = churn_max / (1.0 + exp(steepness * (c->loyalty - threshold)));
                if (next_uniform() < p) {
                    left++;
                    c->loyalty = 0.8;
                    c->expectation = 0.65;
                    c->experiences = 0;
                }
            }
            next_month += month_h;
            if (next_month > end + 0.5 * month_h) break;
            continue;
        }
        const int64_t item = heap.at[0].item;
        if (item < 0) {
            const int64_t who = -1 - item;
            heap_down(&heap, now + next_exponential() * gap, item);
            arrived++;
            const int32_t joining = free_case;
            if (joining < 0) { fprintf(stderr, "too many cases\n"); return 1; }
            Case *c = &cases[joining];
            free_case = c->next;
            const double u = next_uniform();
            const int d = u < first ? 0 : u < second ? 1 : 2;
            c->customer = (int32_t)who;
            c->department = (int8_t)d;
            c->opened = now;
            customers[who].cases++;
            if (free_people[d] > 0) {
                free_people[d]--;
                heap_push(&heap, now + next_exponential() * work, joining);
            } else {
                c->next = -1;
                if (tail[d] < 0) head[d] = joining; else cases[tail[d]].next = joining;
                tail[d] = joining;
            }
        } else {
            Case *c = &cases[item];
            const int d = c->department;
            const int32_t waiting = head[d];
            if (waiting >= 0) {
                head[d] = cases[waiting].next;
                if (head[d] < 0) tail[d] = -1;
                waits += now - cases[waiting].opened;
                heap_down(&heap, now + next_exponential() * work, waiting);
            } else {
                free_people[d]++;
                heap_pop(&heap);
            }
            Customer *who = &customers[c->customer];
            const double speed = exp(-0.6931471805599453 * (now - c->opened) / tolerance);
            const double quality = 0.35 + 0.25 * speed + 0.20 + 0.20 * 0.75;
            const double gain = quality - who->expectation;
            double score = quality + (gain > 0.0 ? 0.10 : 0.60) * gain;
            score = score < 0.0 ? 0.0 : score > 1.0 ? 1.0 : score;
            who->satisfaction += score;
            who->expectation += 0.10 * gain;
            const double step = 1.0 / (2.0 + who->experiences);
            who->loyalty += (step > 0.05 ? step : 0.05) * (score - who->loyalty);
            who->experiences++;
            satisfaction += score;
            closed++;
            c->next = free_case;
            free_case = (int32_t)item;
        }
    }
    const double cpu = cpu_seconds() - start;
    printf("{\"cpu\": %.6f, \"cases\": %lld, \"visits\": %lld, \"wait\": %.6f, \"left\": %lld, "
           "\"satisfaction\": %.6f}\n", cpu, (long long)closed, (long long)closed,
           waits / (double)closed, (long long)left, satisfaction / (double)closed);
    return 0;
}
