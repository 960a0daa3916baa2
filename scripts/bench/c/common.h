/* What the C programs share: CPU clock, a fast sequential generator, a binary heap of events. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *room(size_t n, size_t size) {
    void *p = calloc(n, size);
    if (!p) { fprintf(stderr, "out of memory\n"); exit(1); }
    return p;
}

#ifdef SEQUENTIAL
/* xoshiro256++ (Blackman & Vigna 2019). */
static uint64_t xs[4];

static inline uint64_t turned(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t next_word(void) {
    const uint64_t result = turned(xs[0] + xs[3], 23) + xs[0], t = xs[1] << 17;
    xs[2] ^= xs[0]; xs[3] ^= xs[1]; xs[1] ^= xs[2]; xs[0] ^= xs[3];
    xs[2] ^= t; xs[3] = turned(xs[3], 45);
    return result;
}

static inline double next_uniform(void) { return ((next_word() >> 11) + 0.5) * 0x1.0p-53; }

/* Exponential by a ziggurat of 256 layers (Marsaglia & Tsang 2000). */
static uint32_t zig_k[256];
static double zig_w[256], zig_f[256];

static void seed_generator(uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        xs[i] = z ^ (z >> 31);
    }
    const double m = 4294967296.0, v = 3.9496598225815571993e-3;
    double d = 7.69711747013104972, t = d;
    const double q = v / exp(-d);
    zig_k[0] = (uint32_t)(d / q * m); zig_k[1] = 0;
    zig_w[0] = q / m; zig_w[255] = d / m;
    zig_f[0] = 1.0; zig_f[255] = exp(-d);
    for (int i = 254; i >= 1; i--) {
        d = -log(v / d + exp(-d));
        zig_k[i + 1] = (uint32_t)(d / t * m);
        t = d;
        zig_f[i] = exp(-d); zig_w[i] = d / m;
    }
}

static inline double next_exponential(void) {
    for (;;) {
        const uint64_t word = next_word();
        const uint32_t layer = word & 255, j = (uint32_t)(word >> 32);
        const double x = j * zig_w[layer];
        if (j < zig_k[layer]) return x;
        if (layer == 0) return 7.69711747013104972 - log(next_uniform());
        if (zig_f[layer] + next_uniform() * (zig_f[layer - 1] - zig_f[layer]) < exp(-x)) return x;
    }
}

#endif

/* A binary heap of (time, item). */
typedef struct { double time; int64_t item; } Event;
typedef struct { Event *at; int64_t n; } Heap;

static inline void heap_push(Heap *h, double time, int64_t item) {
    int64_t i = h->n++;
    while (i > 0) {
        const int64_t parent = (i - 1) >> 1;
        if (h->at[parent].time <= time) break;
        h->at[i] = h->at[parent];
        i = parent;
    }
    h->at[i].time = time;
    h->at[i].item = item;
}

/* Replace the first event, which is cheaper than taking it out and putting another in. */
static inline void heap_down(Heap *h, double time, int64_t item) {
    const int64_t n = h->n;
    int64_t i = 0;
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= n) break;
        if (child + 1 < n && h->at[child + 1].time < h->at[child].time) child++;
        if (time <= h->at[child].time) break;
        h->at[i] = h->at[child];
        i = child;
    }
    h->at[i].time = time;
    h->at[i].item = item;
}

static inline void heap_pop(Heap *h) {
    h->n--;
    if (h->n > 0) heap_down(h, h->at[h->n].time, h->at[h->n].item);
}
