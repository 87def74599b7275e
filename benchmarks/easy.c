/* EASY backfilling on a counted machine in plain C: the limit the compiled core is measured against.
 *
 * The algorithm of capacity/scheduling/kernel for fcfs order and one pass per instant, without its other
 * rules, its machine of nodes and its integrals: a binary heap of real ends, a flat sorted array of expected
 * ends moved by memmove, a binary tree of minima over the queue, a shadow time kept until it can change.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 24
#define SLOT_MASK ((1 << SLOT_BITS) - 1)
#define HOLE INT32_MAX

typedef struct { int32_t need, asked; } Pair;

typedef struct {
    const int32_t *run, *asked, *need;   /* columns of the jobs */
    int64_t *start;
    int64_t now, free, shadow, spare;
    int64_t running, unused, length, head, tail, size;
    int shadow_valid;
    int64_t *heap, *ends;                /* time << SLOT_BITS | running slot; ends by the requested time */
    int32_t *slot_job, *slot_need, *slots_free;
    int32_t *queue;                      /* jobs in order; a job that left keeps its place */
    Pair *tree;                          /* least need and least request below each node */
} State;

static void heap_push(State *s, int64_t key) {
    int64_t place = s->running++;
    for (int64_t up; place > 0 && s->heap[up = (place - 1) >> 1] > key; place = up) s->heap[place] = s->heap[up];
    s->heap[place] = key;
}

static int64_t heap_pop(State *s) {
    int64_t *heap = s->heap, top = heap[0], last = heap[--s->running], place = 0, child;
    while ((child = 2 * place + 1) < s->running) {
        if (child + 1 < s->running && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= last) break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return top;
}

/* First of the `count` expected ends not below `key`. */
static int64_t ends_find(const State *s, int64_t count, int64_t key) {
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = (low + high) >> 1;
        if (s->ends[middle] < key) low = middle + 1; else high = middle;
    }
    return low;
}

static Pair least(Pair a, Pair b) {
    return (Pair){a.need < b.need ? a.need : b.need, a.asked < b.asked ? a.asked : b.asked};
}

static void tree_set(State *s, int64_t position, Pair leaf) {
    int64_t node = s->size + position;
    s->tree[node] = leaf;
    while ((node >>= 1) > 0) {
        Pair now = least(s->tree[2 * node], s->tree[2 * node + 1]);
        if (now.need == s->tree[node].need && now.asked == s->tree[node].asked) break;
        s->tree[node] = now;
    }
}

/* First position from `first` on whose job fits now and ends by the shadow time or fits beside; or -1. */
static int64_t search(const State *s, int64_t first, int64_t space, int64_t slack, int64_t beside) {
    if (first >= s->size) return -1;
    int64_t node = s->size + first;
    for (;;) {
        Pair p = s->tree[node];
        if (p.need <= space && (p.asked <= slack || p.need <= beside)) {
            if (node >= s->size) return node - s->size;
            node *= 2;
        } else {
            while (node & 1) node >>= 1;
            if (node == 0) return -1;
            node++;
        }
    }
}

/* Close the holes, with twice the positions when more than half of them are in use. */
static void compact(State *s) {
    int64_t count = 0;
    for (int64_t p = 0; p < s->tail; p++)
        if (s->tree[s->size + p].need != HOLE) s->queue[count++] = s->queue[p];
    if (2 * count >= s->size) {
        s->size *= 2;
        s->queue = realloc(s->queue, s->size * sizeof *s->queue);
        s->tree = realloc(s->tree, 2 * s->size * sizeof *s->tree);
    }
    for (int64_t p = 0; p < s->size; p++)
        s->tree[s->size + p] =
            p < count ? (Pair){s->need[s->queue[p]], s->asked[s->queue[p]]} : (Pair){HOLE, HOLE};
    for (int64_t node = s->size - 1; node > 0; node--)
        s->tree[node] = least(s->tree[2 * node], s->tree[2 * node + 1]);
    s->head = 0;
    s->tail = count;
}

static void queue_push(State *s, int32_t job) {
    if (s->tail == s->size) compact(s);
    s->queue[s->tail] = job;
    tree_set(s, s->tail++, (Pair){s->need[job], s->asked[job]});
    s->length++;
}

static int32_t queue_remove(State *s, int64_t position) {
    tree_set(s, position, (Pair){HOLE, HOLE});
    if (--s->length == 0) {
        s->head = s->tail = 0;
        s->shadow_valid = 0;
    } else if (position == s->head) {
        s->shadow_valid = 0;
        s->head = search(s, position + 1, HOLE - 1, HOLE - 1, 0);
    }
    return s->queue[position];
}

static void start_job(State *s, int32_t job, int beside) {
    int32_t slot = s->slots_free[--s->unused], need = s->need[job];
    int64_t end = (s->now + s->asked[job]) << SLOT_BITS | slot, at = ends_find(s, s->running, end);
    memmove(s->ends + at + 1, s->ends + at, (s->running - at) * sizeof *s->ends);
    s->ends[at] = end;
    heap_push(s, (s->now + s->run[job]) << SLOT_BITS | slot);
    s->slot_job[slot] = job;
    s->slot_need[slot] = need;
    s->start[job] = s->now;
    s->free -= need;
    if (beside) s->spare -= need;
}

static void end_job(State *s) {
    int32_t slot = heap_pop(s) & SLOT_MASK, job = s->slot_job[slot];
    int64_t expected = s->start[job] + s->asked[job];
    int64_t at = ends_find(s, s->running + 1, expected << SLOT_BITS | slot);
    memmove(s->ends + at, s->ends + at + 1, (s->running - at) * sizeof *s->ends);
    s->slots_free[s->unused++] = slot;
    s->free += s->slot_need[slot];
    if (expected >= s->shadow) s->shadow_valid = 0;
}

static void reserve(State *s) {
    if (s->shadow_valid) return;
    int64_t lacking = s->need[s->queue[s->head]] - s->free, at = 0;
    while (lacking > 0) lacking -= s->slot_need[s->ends[at++] & SLOT_MASK];
    s->shadow = s->ends[at - 1] >> SLOT_BITS;
    while (at < s->running && s->ends[at] >> SLOT_BITS == s->shadow)
        lacking -= s->slot_need[s->ends[at++] & SLOT_MASK];
    s->spare = -lacking;
    s->shadow_valid = 1;
}

static void full_pass(State *s) {
    while (s->length > 0 && s->need[s->queue[s->head]] <= s->free)
        start_job(s, queue_remove(s, s->head), 0);
    if (s->length < 2) return;
    int64_t position = search(s, s->head + 1, s->free, HOLE - 1, 0);
    if (position < 0) return;
    reserve(s);
    int64_t slack = s->shadow - s->now;
    while (s->free > 0 && (position = search(s, position, s->free, slack, s->spare)) >= 0) {
        int32_t job = queue_remove(s, position++);
        start_job(s, job, s->asked[job] > slack);
    }
}

static void arrive(State *s, int32_t job) {
    if (s->need[job] <= s->free) {
        int beside = 0;
        if (s->length > 0) {
            reserve(s);
            beside = s->asked[job] > s->shadow - s->now;
        }
        if (!beside || s->need[job] <= s->spare) {
            start_job(s, job, beside);
            return;
        }
    }
    queue_push(s, job);
}

/* Simulate `count` jobs, sorted by submission, on `slots` slots; writes `start`. Returns the clock. */
int64_t easy(int64_t count, const int64_t *submit, const int32_t *run, const int32_t *asked,
             const int32_t *need, int64_t slots, int64_t *start) {
    State s = {.run = run, .asked = asked, .need = need, .start = start, .free = slots, .size = 64};
    int64_t most = slots < count ? slots : count, next = 0;
    s.heap = malloc((most + 1) * sizeof *s.heap);
    s.ends = malloc((most + 1) * sizeof *s.ends);
    s.slot_job = malloc((most + 1) * sizeof *s.slot_job);
    s.slot_need = malloc((most + 1) * sizeof *s.slot_need);
    s.slots_free = malloc((most + 1) * sizeof *s.slots_free);
    s.queue = malloc(s.size * sizeof *s.queue);
    s.tree = malloc(2 * s.size * sizeof *s.tree);
    for (int64_t i = 0; i < most; i++) s.slots_free[s.unused++] = (int32_t)i;
    for (int64_t i = 0; i < 2 * s.size; i++) s.tree[i] = (Pair){HOLE, HOLE};
    while (next < count || s.running > 0) {
        s.now = s.running > 0 ? s.heap[0] >> SLOT_BITS : INT64_MAX;
        if (next < count && submit[next] < s.now) s.now = submit[next];
        int ended = 0;
        for (; s.running > 0 && s.heap[0] >> SLOT_BITS <= s.now; ended = 1) end_job(&s);
        if (ended && s.length > 0) full_pass(&s);
        while (next < count && submit[next] <= s.now) arrive(&s, (int32_t)next++);
    }
    free(s.heap); free(s.ends); free(s.slot_job); free(s.slot_need); free(s.slots_free); free(s.queue); free(s.tree);
    return s.now;
}
