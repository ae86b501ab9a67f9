/* What a scan asks the ledger, and whether the answer can be believed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "worker_private.h"

enum {
    PAGE_ROWS = 1000,
    ROWS_MAX = PAGE_ROWS * 16,
    TAGS_MAX = 32,
    FETCH_MAX = 32,
    PAGE_POSITIONS = 6,
    HEIGHT_POSITIONS = 2,
    EMPTY_PAGES = 2,        /* an end is believed when it comes twice, from two endpoints */
    EMPTY_PAGES_LONELY = 4, /* or so often from the only one of several that answers */
};

static void write_page(ls_worker *worker, struct ls_rpc_batch *batch)
{
    struct scan *scan = &worker->scan;
    (void)ls_rpc_get_identity(batch); /* positions 0 to 5 */
    (void)ls_rpc_get_epoch_info(batch, LS_FINALIZED);
    (void)ls_rpc_get_signatures_for_address(batch, &scan->past.marks[scan->payer].payer,
                                            scan->has_cursor ? &scan->cursor : NULL, PAGE_ROWS,
                                            LS_FINALIZED);
    (void)ls_rpc_get_first_block(batch);
    ls_worker_scan_write_span(worker, batch);
    (void)ls_rpc_get_identity(batch);
}

/* The statuses of the phantoms, and of one that must be known: else a null says nothing. */
static void write_phantoms(ls_worker *worker, struct ls_rpc_batch *batch)
{
    const struct scan *scan = &worker->scan;
    struct ls_signature signatures[LS_PHANTOMS_MAX + 1];
    for (size_t i = 0; i < scan->phantom_count; i++)
        signatures[i] = scan->phantoms[i].signature;
    signatures[scan->phantom_count] = scan->control;
    (void)ls_rpc_get_statuses(batch, signatures,
                              scan->phantom_count + (scan->has_control ? 1 : 0), true);
}

/* Known by its signature: its bytes need no comparing. */
static bool is_recorded(const struct ls_landed *todo)
{
    return todo->verdict == LS_LANDED_LATE || todo->verdict == LS_LANDED_UNFOLLOWED;
}

size_t ls_worker_scan_window(const struct scan *scan)
{
    const size_t end = scan->todo_at + FETCH_MAX;
    return end < scan->todo_count ? end : scan->todo_count;
}

/* Those that have no bytes yet and must be compared. */
static size_t fetches(const struct scan *scan, size_t places[FETCH_MAX])
{
    size_t count = 0;
    for (size_t i = scan->todo_at; i < ls_worker_scan_window(scan); i++) {
        const struct ls_landed *todo = &scan->todos[i];
        if (todo->tx == NULL && !is_recorded(todo)) places[count++] = i;
    }
    return count;
}

size_t ls_worker_scan_positions(const ls_worker *worker)
{
    size_t places[FETCH_MAX];
    if (worker->scan.step == SCAN_PAGE) return PAGE_POSITIONS;
    if (worker->scan.step == SCAN_HEIGHTS) return HEIGHT_POSITIONS;
    if (worker->scan.step == SCAN_PHANTOMS) return 1;
    return fetches(&worker->scan, places) + (ls_worker_elders_count(&worker->scan) > 0 ? 1 : 0);
}

/* The endpoint whose turn it is, or the next that may be used: else a scan that must ask two
 * would begin anew for as long as one of them is away. */
static int32_t endpoint_at(ls_worker *worker, uint32_t turn)
{
    const uint32_t count = (uint32_t)worker->options.core.endpoint_count;
    for (uint32_t i = 0; i < count; i++) {
        struct ls_endpoint_health health = {0};
        int32_t endpoint = (int32_t)((turn + i) % count);
        worker->ports.ledger.health(worker->ports.ledger.self, endpoint, &health);
        if (health.is_up) return endpoint;
    }
    return (int32_t)(turn % count);
}

/* Write the calls of the present step; which endpoint is asked. */
int32_t ls_worker_scan_write(ls_worker *worker, struct ls_rpc_batch *batch)
{
    const struct scan *scan = &worker->scan;
    size_t places[FETCH_MAX];
    uint32_t turn = scan->tries;
    if (scan->step == SCAN_PAGE) {
        write_page(worker, batch);
        turn += (uint32_t)scan->empty_pages;
    } else if (scan->step == SCAN_HEIGHTS) {
        ls_worker_scan_write_heights(worker, batch);
        turn += scan->empty_pages > 0 ? (uint32_t)scan->empty_pages - 1 : 0;
    } else if (scan->step == SCAN_PHANTOMS) {
        write_phantoms(worker, batch);
        turn += scan->phantom_looks;
    } else {
        size_t wanted = fetches(scan, places);
        for (size_t i = 0; i < wanted; i++)
            (void)ls_rpc_get_transaction(batch, &scan->todos[places[i]].landed.signature);
        ls_worker_elders_write(scan, batch);
        turn += scan->elder_looks;
    }
    return endpoint_at(worker, turn);
}

static void judge_node(ls_worker *worker, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    worker->ports.ledger.judge(worker->ports.ledger.self, endpoint, verdict);
}

/* Newest first, one after the other, from where the page before ended; and past the
 * watermark only by its own signature. */
static const char *check_order(struct scan *scan, size_t count)
{
    const struct ls_watermark *mark = &scan->past.marks[scan->payer];
    int64_t above = scan->pages == 0 ? scan->tip_slot : scan->low_slot;
    for (size_t i = 0; i < count; i++) {
        const struct ls_rpc_signature_info *info = &scan->infos[i];
        if (info->slot > above || info->slot < 0)
            return "a list of transactions is out of order";
        above = info->slot;
        if (mark->signature_slot == 0) continue;
        if (ls_signature_equal(&info->signature, &mark->signature)) scan->mark_seen = true;
        if (info->slot < mark->signature_slot && !scan->mark_seen && scan->must_see_mark)
            return "a list of transactions lacks the one that was read last";
    }
    return NULL;
}

static const char *take_rows(ls_worker *worker, size_t count)
{
    struct scan *scan = &worker->scan;
    uint8_t tags[TAGS_MAX][LS_TAG_BYTES];
    scan->row_count = scan->row_at = scan->row_end = 0;
    scan->is_looked_up = false;
    for (size_t i = 0; i < count; i++) {
        const struct ls_rpc_signature_info *info = &scan->infos[i];
        if (info->has_error || info->slot <= scan->floor_slot) continue;
        size_t found = ls_worker_memo_tags(info->memo, tags, TAGS_MAX);
        if (scan->row_count + found > ROWS_MAX) return "a page carries too many tags";
        for (size_t t = 0; t < found; t++) {
            struct ls_landed_row *row = &scan->rows[scan->row_count++];
            row->signature = info->signature;
            row->slot = info->slot;
            memcpy(row->tag, tags[t], LS_TAG_BYTES);
        }
    }
    scan->has_tagged = scan->has_tagged || scan->row_count > 0;
    return NULL;
}

/* An empty page: the end of the list, or of what this node remembers of it. */
static const char *take_end(struct scan *scan, int64_t first_block, bool is_lonely)
{
    const struct ls_watermark *mark = &scan->past.marks[scan->payer];
    int64_t needed = mark->slot > 0 && !scan->is_deep ? mark->slot : scan->floor_slot;
    bool is_shown = scan->mark_seen && !scan->is_deep;
    if (scan->must_see_mark && !scan->mark_seen)
        return "a list of transactions ends before the one read last";
    if (!is_shown && first_block > needed + 1)
        return "the node does not hold the ledger as far back as must be read";
    scan->empty_pages++;
    const int32_t wanted = is_lonely ? EMPTY_PAGES_LONELY : EMPTY_PAGES;
    if (scan->empty_pages < wanted && !is_shown) return NULL;
    scan->is_over = true;
    scan->row_count = scan->row_at = scan->row_end = 0;
    scan->is_looked_up = false;
    scan->high_slot = scan->pages == 0 ? scan->tip_slot : scan->low_slot;
    /* Of what lies before its first block the node says nothing. */
    scan->low_slot = first_block > scan->floor_slot ? first_block : scan->floor_slot;
    if (scan->low_slot > scan->high_slot) scan->low_slot = scan->high_slot;
    return NULL;
}

static const char *take_page(ls_worker *worker, size_t count)
{
    struct scan *scan = &worker->scan;
    const char *why = check_order(scan, count);
    if (why == NULL) why = take_rows(worker, count);
    if (why != NULL) return why;
    const struct ls_rpc_signature_info *last = &scan->infos[count - 1];
    scan->high_slot = scan->pages == 0 ? scan->tip_slot : scan->low_slot;
    scan->is_over = last->slot <= scan->floor_slot && (scan->mark_seen || !scan->must_see_mark);
    scan->low_slot = scan->is_over ? scan->floor_slot : last->slot;
    if (scan->pages == 0) {
        scan->newest[scan->payer].signature_slot = scan->infos[0].slot;
        scan->newest[scan->payer].signature = scan->infos[0].signature;
    }
    scan->has_control = true;
    scan->control = scan->infos[0].signature;
    scan->cursor = last->signature;
    scan->has_cursor = true;
    scan->empty_pages = 0;
    scan->pages++;
    return NULL;
}

/* Only what stands in the blocks that were shown counts; the rest comes with the next page. */
static const char *take_part(ls_worker *worker, size_t count)
{
    struct scan *scan = &worker->scan;
    size_t shown = 0;
    while (shown < count && scan->infos[shown].slot >= scan->span.low) shown++;
    const bool is_cut = shown < count || count < PAGE_ROWS;
    const char *why = NULL;
    if (shown > 0) {
        why = take_page(worker, shown);
    } else {
        scan->row_count = scan->row_at = scan->row_end = 0;
        scan->is_looked_up = false;
        scan->high_slot = scan->low_slot;
    }
    scan->is_over = false;
    scan->empty_pages = 0;
    if (is_cut) scan->low_slot = scan->span.low;
    return why;
}

/* Whether all empty pages so far came from one of several endpoints. */
static bool is_lonely(ls_worker *worker, int32_t endpoint)
{
    struct scan *scan = &worker->scan;
    if (scan->empty_pages == 0) scan->empty_from = 0;
    scan->empty_from |= 1u << endpoint;
    return worker->options.core.endpoint_count > 1 &&
           (scan->empty_from & (scan->empty_from - 1)) == 0;
}

static const char *
read_page(ls_worker *worker, int32_t endpoint, const ls_rpc_reply *parsed, bool *is_behind_out)
{
    struct scan *scan = &worker->scan;
    struct ls_address before, after;
    struct ls_rpc_epoch epoch;
    size_t count = 0;
    int64_t first_block = INT64_MAX; /* unknown is as bad as nothing held */
    if (ls_failed(ls_rpc_identity_at(parsed, 0, &before)) ||
        ls_failed(ls_rpc_epoch_at(parsed, 1, &epoch)) ||
        ls_failed(ls_rpc_signatures_at(parsed, 2, scan->infos, PAGE_ROWS, &count)) ||
        ls_failed(ls_rpc_identity_at(parsed, 5, &after)))
        return "the list of our transactions was refused";
    if (ls_failed(ls_rpc_slot_at(parsed, 3, &first_block))) first_block = INT64_MAX;
    if (!ls_address_equal(&before, &after)) return "two nodes answered in one call";
    *is_behind_out = epoch.height < scan->from_height;
    if (*is_behind_out) return "the node is behind";
    if (scan->pages == 0 && scan->empty_pages == 0 && !scan->is_partial) {
        scan->tip_slot = scan->low_slot = scan->span_upper = epoch.slot;
        scan->tip_height = epoch.height;
        scan->floor_slot = ls_worker_scan_floor(worker);
        scan->newest[scan->payer].slot = epoch.slot;
        int64_t signature_slot = scan->past.marks[scan->payer].signature_slot;
        scan->must_see_mark =
            signature_slot > 0 && (first_block == INT64_MAX || signature_slot >= first_block);
        scan->is_deep = worker->options.since_slot > 0;
    }
    const char *why = ls_worker_scan_read_span(worker, parsed, 4, first_block);
    if (why != NULL) return why;
    if (scan->is_partial) return take_part(worker, count);
    if (count == 0) return take_end(scan, first_block, is_lonely(worker, endpoint));
    return take_page(worker, count);
}

static void phantom_found(ls_worker *worker, const struct ls_phantom *phantom)
{
    struct scan *scan = &worker->scan;
    assert(scan->finding_count < LS_FINDINGS_MAX);
    scan->findings[scan->finding_count++] = (struct ls_finding_row){
        .finding = LS_FINDING_PHANTOM,
        .op = phantom->op,
        .landed = {.signature = phantom->signature, .slot = phantom->slot},
        .payer = scan->past.marks[scan->payer].payer,
        .finalized_height = scan->tip_height,
    };
}

/* What is found by its signature, and was missing from the list within its stretch, tells
 * that the list is not whole. */
static const char *read_phantoms(ls_worker *worker, const ls_rpc_reply *parsed)
{
    struct scan *scan = &worker->scan;
    struct ls_rpc_status statuses[LS_PHANTOMS_MAX + 1];
    size_t count = scan->phantom_count;
    int64_t slot = 0;
    if (ls_failed(ls_rpc_statuses_at(parsed, 0, statuses, count + (scan->has_control ? 1 : 0),
                                     &slot)))
        return "statuses were refused";
    if (scan->has_control && !statuses[count].is_found)
        return "the node does not know what its own list holds";
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!statuses[i].is_found) {
            scan->phantoms[missing++] = scan->phantoms[i];
        } else if (statuses[i].slot > scan->chunk_low && statuses[i].slot < scan->chunk_high) {
            return "a list of transactions has a hole";
        }
    }
    scan->phantom_count = missing;
    scan->phantom_looks++;
    if (scan->phantom_looks < EMPTY_PAGES && missing > 0) return NULL;
    for (size_t i = 0; i < missing; i++) phantom_found(worker, &scan->phantoms[i]);
    scan->phantom_count = 0;
    return NULL;
}

/* One of the todos; its elders are the window's from `elder` on. */
static const char *
judge_todo(ls_worker *worker, const struct ls_rpc_transaction *fetched, size_t elder)
{
    struct scan *scan = &worker->scan;
    const struct ls_landed *todo = &scan->todos[scan->todo_at];
    const size_t found = scan->finding_count;
    const bool is_here = todo->tx != NULL || is_recorded(todo);
    if (!is_here && (!fetched->is_found || fetched->has_error))
        return "the node does not show what its own list holds";
    if (!ls_worker_scan_judge(worker, todo, is_here ? todo->tx : fetched->tx,
                              is_here ? todo->tx_bytes : fetched->tx_bytes))
        return "a transaction is not what was asked for";
    if (scan->finding_count > found)
        ls_worker_elders_end(scan, todo, elder, &scan->findings[found]);
    return NULL;
}

/* Judge what was fetched, and what needs no fetching, up to the end of this batch. */
static const char *read_fetched(ls_worker *worker, const ls_rpc_reply *parsed)
{
    struct scan *scan = &worker->scan;
    struct ls_rpc_transaction fetched = {0};
    size_t places[FETCH_MAX];
    size_t position = 0, elder = 0;
    bool is_again = false;
    const size_t end = ls_worker_scan_window(scan);
    const char *why = ls_worker_elders_read(worker, parsed, fetches(scan, places), &is_again);
    if (why != NULL || is_again) return why;
    for (; scan->todo_at < end && why == NULL; scan->todo_at++) {
        const struct ls_landed *todo = &scan->todos[scan->todo_at];
        if (todo->tx == NULL && !is_recorded(todo) &&
            ls_failed(ls_rpc_transaction_at(parsed, position++, &fetched)))
            return "a transaction was refused";
        why = judge_todo(worker, &fetched, elder);
        elder += todo->elder_count;
    }
    scan->elder_looks = 0;
    return why;
}

/* The node keeps every block of what the page covers. */
static void page_is_shown(ls_worker *worker)
{
    struct scan *scan = &worker->scan;
    const bool comes_again = !scan->is_over && scan->empty_pages > 0;
    if (scan->empty_pages == 0 && !scan->is_over) scan->span_upper = scan->low_slot;
    scan->step = comes_again ? SCAN_PAGE : SCAN_LOOK_UP;
}

void ls_worker_scan_read(ls_worker *worker, int32_t endpoint, const ls_rpc_reply *parsed)
{
    struct scan *scan = &worker->scan;
    const char *why = NULL;
    bool is_behind = false;
    scan->waiting_id = 0;
    if (scan->step == SCAN_PAGE) why = read_page(worker, endpoint, parsed, &is_behind);
    if (scan->step == SCAN_HEIGHTS) why = ls_worker_scan_read_heights(worker, parsed);
    if (scan->step == SCAN_PHANTOMS) why = read_phantoms(worker, parsed);
    if (scan->step == SCAN_FETCH) why = read_fetched(worker, parsed);
    if (is_behind) judge_node(worker, endpoint, LS_LEDGER_BEHIND);
    if (why != NULL) {
        ls_worker_scan_fail(worker, why);
        return;
    }
    if (scan->step == SCAN_PAGE && ls_worker_scan_needs_heights(worker)) {
        scan->step = SCAN_HEIGHTS;
        return;
    }
    if (scan->step == SCAN_PAGE || scan->step == SCAN_HEIGHTS) page_is_shown(worker);
    /* An end that must come once more is asked for again. */
    if (scan->step == SCAN_PAGE) return;
    ls_worker_scan_next(worker);
}
