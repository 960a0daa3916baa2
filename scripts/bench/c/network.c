/* Work B: a queueing network. Three departments, first come first served, exponential work; a case
 * passes all three in one of six random orders. One binary heap, sequential random numbers.
 *
 * usage: network SEED CASES RATE SERVERS*3 WORK*3; prints cpu, cases, visits, mean wait per visit.
 */
#define SEQUENTIAL
#include "common.h"

static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

typedef struct { double joined; int32_t next; int8_t order, stage; } Case;

int main(int argc, char **argv) {
    if (argc != 10) return 2;
    seed_generator(strtoull(argv[1], 0, 10));
    const int64_t wanted = strtoll(argv[2], 0, 10);
    const double gap = 1.0 / strtod(argv[3], 0);
    int free_people[3];
    double work[3];
    int people = 0;
    for (int d = 0; d < 3; d++) {
        people += free_people[d] = atoi(argv[4 + d]);
        work[d] = strtod(argv[7 + d], 0);
    }
    int32_t head[3] = {-1, -1, -1}, tail[3] = {-1, -1, -1};
    const int32_t slots = 1 << 20;
    Case *cases = room(slots, sizeof(Case));
    for (int32_t i = 0; i < slots; i++) cases[i].next = i + 1 < slots ? i + 1 : -1;
    int32_t free_case = 0;
    Heap heap = {room(people + 8, sizeof(Event)), 0};
    int64_t arrived = 0, closed = 0, visits = 0;
    double waits = 0.0;

    const double start = cpu_seconds();
    heap_push(&heap, next_exponential() * gap, -1);
    while (closed < wanted) {
        const double now = heap.at[0].time;
        const int64_t item = heap.at[0].item;
        int32_t joining;
        if (item < 0) {
            arrived++;
            joining = free_case;
            if (joining < 0) { fprintf(stderr, "too many cases\n"); return 1; }
            free_case = cases[joining].next;
            cases[joining].order = (int8_t)((next_word() >> 32) * 6 >> 32);
            cases[joining].stage = 0;
            heap_down(&heap, now + next_exponential() * gap, -1);
        } else {
            joining = (int32_t)item;
            Case *c = &cases[joining];
            const int d = orders[c->order][c->stage];
            visits++;
            const int32_t waiting = head[d];
            if (waiting >= 0) {
                head[d] = cases[waiting].next;
                if (head[d] < 0) tail[d] = -1;
                waits += now - cases[waiting].joined;
                heap_down(&heap, now + next_exponential() * work[d], waiting);
            } else {
                free_people[d]++;
                heap_pop(&heap);
            }
            if (++c->stage == 3) {
                closed++;
                c->next = free_case;
                free_case = joining;
                continue;
            }
        }
        Case *c = &cases[joining];
        const int d = orders[c->order][c->stage];
        if (free_people[d] > 0) {
            free_people[d]--;
            heap_push(&heap, now + next_exponential() * work[d], joining);
        } else {
            c->joined = now;
            c->next = -1;
            if (tail[d] < 0) head[d] = joining; else cases[tail[d]].next = joining;
            tail[d] = joining;
        }
    }
    const double cpu = cpu_seconds() - start;
    printf("{\"cpu\": %.6f, \"cases\": %lld, \"visits\": %lld, \"wait\": %.6f}\n", cpu,
           (long long)closed, (long long)visits, waits / (double)visits);
    return 0;
}
