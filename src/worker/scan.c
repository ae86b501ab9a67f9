/* Rule F and reconciliation: reading the ledger's list of our transactions, newest first,
 * down to the watermark, and accounting for each that carries a tag.
 *
 * The list is believed only on positive evidence. With a watermark: its own signature must
 * come by, which shows that nothing between was left out at the end. Without one: the node
 * must say that it holds the blocks back to where reading may stop, and the end must come
 * twice, from another endpoint where there is one. An empty page, an unknown cursor, a
 * transaction that a listing names and nobody can show: each ends the reading without a
 * conclusion, and the next one begins at another endpoint. */
#include "scan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/core/number.h"

#include "worker_private.h"

enum {
    PAGE_ROWS = 1000,
    ROWS_MAX = PAGE_ROWS * 16, /* (signature, tag) pairs of a page */
    OVERLAP_SLOTS = 300,
    HORIZON_MARGIN_MS = 600000,
    FIRST_TIMELINE =
        1, /* of a cluster that was never promoted or restored to a point in time */
};

bool ls_worker_scan_init(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    scan->infos = calloc(PAGE_ROWS, sizeof *scan->infos);
    scan->rows = calloc(ROWS_MAX, sizeof *scan->rows);
    scan->todos = calloc(LS_STORE_ROWS_MAX, sizeof *scan->todos);
    scan->finding_txs = calloc(LS_FINDINGS_MAX, sizeof *scan->finding_txs);
    return ls_worker_elders_init(scan) && scan->infos != NULL && scan->rows != NULL &&
           scan->todos != NULL && scan->finding_txs != NULL;
}

static void clear_todos(struct scan *scan)
{
    for (size_t i = 0; i < scan->todo_count; i++) {
        free((void *)(uintptr_t)scan->todos[i].key); /* copies: ours to free */
        free((void *)(uintptr_t)scan->todos[i].payload);
        free((void *)(uintptr_t)scan->todos[i].tx);
        free((void *)(uintptr_t)scan->todos[i].elders);
    }
    scan->todo_count = scan->todo_at = 0;
}

void ls_worker_scan_drop(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    clear_todos(scan);
    scan->step = SCAN_IDLE;
    scan->waiting_id = 0;
    scan->only_pending = false;
    scan->finding_count = scan->phantom_count = scan->row_count = 0;
    scan->elder_looks = 0;
}

void ls_worker_scan_done(ls_worker *worker)
{
    ls_worker_scan_drop(worker);
    ls_worker_elders_done(&worker->scan);
    free(worker->scan.infos);
    free(worker->scan.rows);
    free(worker->scan.todos);
    free(worker->scan.finding_txs);
}

/* Without a conclusion. What waits for one stays as it is. */
void ls_worker_scan_fail(ls_worker *worker, const char *why)
{
    bool is_asked = !worker->scan.only_pending;
    ls_worker_scan_drop(worker);
    worker->scan.tries++;
    worker->scan_failures++;
    ls_worker_set_trouble(worker, "ledger", why);
    const int64_t failures = worker->scan_failures; /* told ever more seldom, while it stays */
    if ((failures & (failures - 1)) == 0)
        ls_worker_log_event(worker, LS_LEVEL_WARNING, "scan.failed", (ls_op_id){0}, why);
    if (is_asked) ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_UNSCANNED});
}

static bool is_same_history(const struct ls_store_place *then, const struct ls_store_place *now)
{
    return then->system_id == now->system_id && then->timeline == now->timeline;
}

/* What this process remembers comes first: a restored store can not have it wrong. */
static void
compare_places(ls_worker *worker, const struct ls_store_reply *reply, struct ls_event *event)
{
    const struct ls_store_place *now = &reply->place;
    if (worker->has_place) {
        event->as.greeted.may_have_lost =
            !is_same_history(&worker->place, now) || now->position < worker->place.position;
    } else if (reply->past.has_place) {
        const struct ls_store_place *then = &reply->past.place;
        event->as.greeted.may_have_lost =
            !is_same_history(then, now) || now->started_us != then->started_us;
    } else {
        /* Nobody remembers anything: a database that was promoted or restored before may have
         * lost just that, too. */
        event->as.greeted.may_have_lost = now->timeline > FIRST_TIMELINE;
    }
    event->as.greeted.is_first = !reply->past.has_place && !event->as.greeted.may_have_lost;
    /* From the first greeting on: another worker may have signed while this one was still
     * catching up. That commits may be lost the engine remembers until it has caught up. */
    worker->has_place = true;
    worker->place = *now;
    if (!event->as.greeted.may_have_lost) return;
    ls_worker_log_event(worker, LS_LEVEL_WARNING, "store.other_past", (ls_op_id){0},
                        "the database was restored, failed over or restarted: commits may "
                        "have been lost");
}

static void add_payer(ls_worker *worker)
{
    struct ls_store_past *past = &worker->scan.past;
    for (size_t i = 0; i < past->mark_count; i++)
        if (ls_address_equal(&past->marks[i].payer, &worker->payer)) return;
    size_t at = past->mark_count < LS_PAYERS_MAX ? past->mark_count++ : LS_PAYERS_MAX - 1;
    past->marks[at] = (struct ls_watermark){.payer = worker->payer};
}

void ls_worker_scan_greeted(ls_worker *worker, const struct ls_store_reply *reply)
{
    struct ls_event event = {.kind = LS_EVENT_GREETED};
    struct scan *scan = &worker->scan;
    ls_worker_scan_drop(worker);
    scan->past = reply->past;
    worker->place_here = reply->place;
    add_payer(worker);
    compare_places(worker, reply, &event);
    for (size_t i = 0; i < scan->past.mark_count; i++)
        event.as.greeted.needs_pace =
            event.as.greeted.needs_pace || scan->past.marks[i].slot == 0;
    ls_worker_step(worker, &event);
}

/* The place is remembered only while nothing is left to be caught up. */
void ls_worker_scan_ticked(ls_worker *worker, const struct ls_store_reply *reply)
{
    if (ls_core_mode(worker->core) != LS_CORE_RUNNING) return;
    worker->has_place = true;
    worker->place = reply->place;
    if (reply->landing_count == 0 || worker->options.core.only_scan) return;
    if (worker->scan.step != SCAN_IDLE) return; /* the next tick asks again */
    struct ls_core_numbers numbers;
    ls_core_numbers(worker->core, &numbers);
    worker->scan.tip_height = numbers.finalized_height;
    worker->scan.payer = 0;
    worker->scan.only_pending = true;
    worker->scan.step = SCAN_LOOK_UP;
}

/* How far back for a payer that was never read: in slots, doubled, since slots may have
 * come faster than they do now. */
static int64_t horizon_slots(const ls_worker *worker)
{
    const struct scan *scan = &worker->scan;
    int64_t back_ms = scan->past.age_ms + HORIZON_MARGIN_MS;
    if (back_ms > worker->options.backup_horizon_ms)
        back_ms = worker->options.backup_horizon_ms;
    if (scan->micros <= 0) return INT64_MAX;
    return back_ms / scan->micros * 2000 + OVERLAP_SLOTS;
}

static void begin_payer(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    scan->newest[scan->payer] = scan->past.marks[scan->payer];
    scan->has_cursor = scan->mark_seen = scan->is_over = false;
    scan->empty_pages = scan->pages = 0;
    scan->tip_slot = scan->floor_slot = scan->low_slot = scan->span_upper = 0;
    scan->is_partial = false;
    scan->step = SCAN_PAGE;
}

/* Where reading may stop, once the tip is known. */
int64_t ls_worker_scan_floor(const ls_worker *worker)
{
    const struct scan *scan = &worker->scan;
    const struct ls_watermark *mark = &scan->past.marks[scan->payer];
    if (worker->options.since_slot > 0) return worker->options.since_slot - 1;
    int64_t back = mark->slot > 0 ? OVERLAP_SLOTS : horizon_slots(worker);
    int64_t from = mark->slot > 0 ? mark->slot : scan->tip_slot;
    return from > back ? from - back : 0;
}

void ls_worker_scan_begin(ls_worker *worker, const struct ls_effect *effect)
{
    struct scan *scan = &worker->scan;
    ls_worker_scan_drop(worker);
    scan->from_height = effect->as.scan.from_height;
    scan->micros = effect->as.scan.micros;
    scan->is_conclusive = effect->as.scan.is_conclusive;
    scan->needs_proof = effect->as.scan.needs_proof;
    scan->has_tagged = false;
    scan->began_ms = worker->ports.clock.monotonic_ms(worker->ports.clock.self);
    scan->payer = 0;
    begin_payer(worker);
}

static void finish(ls_worker *worker)
{
    struct ls_event event = {.kind = LS_EVENT_SCANNED};
    event.as.scanned.has_tagged = worker->scan.has_tagged;
    worker->scans++;
    worker->scan_failures = 0;
    worker->scan.elder_failures = 0;
    worker->scan.widenings = 0;
    ls_worker_scan_drop(worker);
    bool is_catching_up = ls_core_mode(worker->core) == LS_CORE_CATCHING_UP;
    if (is_catching_up) worker->trouble[0] = '\0';
    ls_worker_step(worker, &event);
    if (!is_catching_up || ls_core_mode(worker->core) == LS_CORE_CATCHING_UP) return;
    worker->has_place = true; /* before anything is signed that a failover could lose */
    worker->place = worker->place_here;
}

/* All lists are read: what they account for is remembered, unless this may be a copy of an
 * older state that must be read again later, or nothing was to be changed. */
static void end_payer(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    if (++scan->payer < scan->past.mark_count) {
        begin_payer(worker);
        return;
    }
    bool may_mark =
        !worker->options.core.only_scan && (scan->is_conclusive || !scan->has_tagged);
    scan->payer = 0;
    scan->step = SCAN_MARK;
    if (!may_mark) finish(worker);
}

/* After a step is done: the next findings, rows, page, payer or mark. */
void ls_worker_scan_next(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    if (scan->finding_count > 0) {
        scan->step = SCAN_TELL;
    } else if (scan->phantom_count > 0) {
        scan->step = SCAN_PHANTOMS;
    } else if (scan->todo_at < scan->todo_count) {
        scan->step = SCAN_FETCH;
    } else if (scan->only_pending) {
        ls_worker_scan_drop(worker);
    } else if (scan->row_end < scan->row_count || !scan->is_looked_up) {
        clear_todos(scan);
        scan->step = SCAN_LOOK_UP;
    } else if (!scan->is_over) {
        scan->step = SCAN_PAGE;
    } else {
        end_payer(worker);
    }
}

bool ls_worker_scan_needs_ledger(const ls_worker *worker)
{
    const struct scan *scan = &worker->scan;
    if (scan->waiting_id != 0) return false;
    return scan->step == SCAN_PAGE || scan->step == SCAN_HEIGHTS ||
           scan->step == SCAN_PHANTOMS || scan->step == SCAN_FETCH;
}

/* The rows that the next LANDED asks for, and the slots that they cover. */
static void take_chunk(ls_worker *worker, struct ls_landed_page *page)
{
    struct scan *scan = &worker->scan;
    size_t count = scan->row_count - scan->row_end;
    if (count > LS_STORE_ROWS_MAX) count = LS_STORE_ROWS_MAX;
    scan->row_at = scan->row_end;
    scan->row_end += count;
    scan->is_looked_up = true;
    bool is_last = scan->row_end == scan->row_count;
    scan->chunk_high = scan->row_at == 0 ? scan->high_slot : scan->chunk_low;
    scan->chunk_low = is_last ? scan->low_slot : scan->rows[scan->row_end - 1].slot;
    *page = (struct ls_landed_page){.payer = scan->past.marks[scan->payer].payer,
                                    .low_slot = scan->chunk_low,
                                    .high_slot = scan->chunk_high,
                                    .count = count,
                                    .rows = scan->rows + scan->row_at};
}

/* The store request of the present step; false when it has none. */
bool ls_worker_scan_request(ls_worker *worker, struct ls_store_request *request)
{
    struct scan *scan = &worker->scan;
    if (scan->waiting_id != 0) return false;
    if (scan->step == SCAN_LOOK_UP) {
        request->verb = LS_STORE_LANDED;
        if (!scan->only_pending) take_chunk(worker, &request->landed);
    } else if (scan->step == SCAN_TELL) {
        request->verb = LS_STORE_FIND;
        request->find_count = scan->finding_count;
        request->findings = scan->findings;
        request->repair = !worker->options.core.only_scan || worker->options.repair;
    } else if (scan->step == SCAN_MARK) {
        request->verb = LS_STORE_MARK;
        request->mark = scan->newest[scan->payer];
        request->mark.place = worker->place_here;
    } else {
        return false;
    }
    scan->waiting_id = worker->next_id;
    return true;
}

static char *copy(const void *bytes, size_t count)
{
    char *out = bytes == NULL ? NULL : malloc(count + 1);
    if (out == NULL) return NULL;
    memcpy(out, bytes, count);
    out[count] = '\0';
    return out;
}

/* False without memory for it. */
static bool keep_todo(struct scan *scan, const struct ls_landed *landed)
{
    struct ls_landed *todo = &scan->todos[scan->todo_count++];
    *todo = *landed;
    todo->key = copy(landed->key, strlen(landed->key));
    todo->payload = copy(landed->payload, landed->payload_bytes);
    todo->tx = (uint8_t *)copy(landed->tx, landed->tx_bytes);
    todo->elders =
        (struct ls_elder *)copy(landed->elders, landed->elder_count * sizeof *landed->elders);
    return todo->key != NULL && todo->payload != NULL &&
           (landed->tx == NULL || todo->tx != NULL) &&
           (landed->elders == NULL || todo->elders != NULL);
}

static void take_landed(ls_worker *worker, const struct ls_store_reply *reply)
{
    struct scan *scan = &worker->scan;
    clear_todos(scan);
    for (size_t i = 0; i < reply->landed_count && i < LS_STORE_ROWS_MAX; i++) {
        if (keep_todo(scan, &reply->landed[i])) continue;
        ls_worker_scan_fail(worker, "the worker has no memory left");
        return;
    }
    scan->phantom_count = scan->only_pending ? 0 : reply->phantom_count;
    scan->phantom_looks = 0;
    if (scan->phantom_count > 0)
        memcpy(scan->phantoms, reply->phantoms, scan->phantom_count * sizeof scan->phantoms[0]);
    ls_worker_scan_next(worker);
}

static void take_found(ls_worker *worker, const struct ls_store_reply *reply)
{
    struct scan *scan = &worker->scan;
    assert(reply->found_count == scan->finding_count);
    for (size_t i = 0; i < reply->found_count; i++) {
        const struct ls_found *found = &reply->found[i];
        if (found->finding == LS_FINDING_KNOWN) continue;
        if (found->finding == LS_FINDING_SETTLED) continue; /* the everyday of a start */
        ls_worker_log_event(worker, LS_LEVEL_WARNING, "scan.found", found->op,
                            ls_finding_name(found->finding));
        if (worker->options.found == NULL) continue;
        worker->options.found(worker->options.found_self, &scan->findings[i], found);
    }
    scan->finding_count = 0;
    ls_worker_scan_next(worker);
}

static void take_marked(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    struct ls_watermark *mark = &scan->past.marks[scan->payer];
    if (scan->newest[scan->payer].slot >= mark->slot) *mark = scan->newest[scan->payer];
    if (++scan->payer == scan->past.mark_count) finish(worker);
}

void ls_worker_scan_stored(ls_worker *worker, const struct ls_store_reply *reply)
{
    struct scan *scan = &worker->scan;
    if (reply->id != scan->waiting_id) return; /* of a scan that was given up */
    scan->waiting_id = 0;
    if (reply->verb == LS_STORE_LANDED) take_landed(worker, reply);
    if (reply->verb == LS_STORE_FIND) take_found(worker, reply);
    if (reply->verb == LS_STORE_MARK) take_marked(worker);
}

static void say_quiet(const struct ls_core_numbers *numbers, char *out, size_t out_bytes)
{
    const int64_t seconds = numbers->quiet_left_ms / 1000 + 1;
    char height[LS_NUMBER_BYTES];
    if (numbers->quiet_height == 0) {
        (void)snprintf(out, out_bytes,
                       "catching up: about %" PRId64 " s left, a lost send may still land",
                       seconds);
        return;
    }
    ls_number_grouped(numbers->quiet_height, height);
    (void)snprintf(out, out_bytes,
                   "catching up: about %" PRId64
                   " s left, until height %s is final a lost send may still land",
                   seconds, height);
}

static void say_pages(const ls_worker *worker, char *out, size_t out_bytes)
{
    const struct scan *scan = &worker->scan;
    const int64_t slots = scan->tip_slot - scan->floor_slot;
    const int64_t read = scan->tip_slot - scan->low_slot;
    const int64_t spent_ms =
        worker->ports.clock.monotonic_ms(worker->ports.clock.self) - scan->began_ms;
    const int64_t left_ms = read > 0 && slots > read ? spent_ms * (slots - read) / read : 0;
    char at[LS_NUMBER_BYTES];
    char floor[LS_NUMBER_BYTES];
    char tip[LS_NUMBER_BYTES];
    ls_number_grouped(scan->low_slot, at);
    ls_number_grouped(scan->floor_slot, floor);
    ls_number_grouped(scan->tip_slot, tip);
    (void)snprintf(out, out_bytes,
                   "catching up: about %" PRId64 " s left, page %" PRId32 ", slot %s of %s..%s",
                   left_ms / 1000 + 1, scan->pages, at, floor, tip);
}

void ls_worker_scan_says(const ls_worker *worker, char *out, size_t out_bytes)
{
    struct ls_core_numbers numbers;
    ls_core_numbers(worker->core, &numbers);
    out[0] = '\0';
    if (ls_core_mode(worker->core) != LS_CORE_CATCHING_UP) return;
    if (numbers.quiet_left_ms > 0) {
        say_quiet(&numbers, out, out_bytes);
    } else if (worker->scan.step != SCAN_IDLE && worker->scan.tip_slot > 0) {
        say_pages(worker, out, out_bytes);
    } else {
        (void)snprintf(out, out_bytes, "catching up: reads what landed");
    }
}
