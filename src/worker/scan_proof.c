/* A list of our transactions is whole where the node that gave it keeps every block of the
 * slots that it covers: entries of a list and blocks are stored together, and a node that was
 * away lacks both. In the call of the page the node lists its blocks (getBlocks); between a
 * block below what is covered and one at its upper end there must be as many as their two
 * heights span. The heights any node may tell: they are the same everywhere.
 *
 * A node that lists no blocks, as some plans have it, proves nothing. Its list does all the
 * same where no commit may have been lost: then every attempt that can have landed is known and
 * followed by its signature, and what the list lacks is found that way.
 *
 * Where more slots are to be covered than a node is asked for at a time, a page counts only
 * down to the lowest block that was shown, and the next one goes on from there. */
#include "worker_private.h"

/* A block below what is wanted is looked for so far down; skipped slots have none. */
enum { MARGIN_SLOTS = 300, WIDENINGS_MAX = 16 };

static int64_t wanted_slot(const ls_worker *worker, int64_t floor_slot)
{
    const struct scan *scan = &worker->scan;
    const struct ls_watermark *mark = &scan->past.marks[scan->payer];
    const bool is_deep = worker->options.since_slot > 0;
    return mark->slot > 0 && !is_deep ? mark->slot : floor_slot;
}

/* Doubled while a stretch shows no block but its upper end: the chain may have stood still. */
static int64_t span_slots(const ls_worker *worker)
{
    const int64_t most = worker->options.span_slots << worker->scan.widenings;
    return most < LS_WORKER_SPAN_SLOTS_MAX ? most : LS_WORKER_SPAN_SLOTS_MAX;
}

/* The first page's upper end is the tip that its own call tells; until then the head's. */
void ls_worker_scan_write_span(ls_worker *worker, struct ls_rpc_batch *batch)
{
    struct scan *scan = &worker->scan;
    struct ls_core_numbers numbers;
    const bool is_first = scan->pages == 0 && scan->empty_pages == 0 && !scan->is_partial;
    ls_core_numbers(worker->core, &numbers);
    if (is_first) scan->tip_slot = numbers.finalized_slot;
    const int64_t upper = is_first ? numbers.finalized_slot : scan->span_upper;
    int64_t from = wanted_slot(worker, ls_worker_scan_floor(worker)) - MARGIN_SLOTS;
    const int64_t most = span_slots(worker);
    if (from < upper - most) from = upper - most;
    scan->span_from = from > 0 ? from : 0;
    const int64_t to = is_first ? upper + MARGIN_SLOTS : upper;
    (void)ls_rpc_get_blocks(batch, scan->span_from,
                            to > scan->span_from ? to : scan->span_from);
}

/* The floor and the upper end are known now. */
const char *ls_worker_scan_read_span(ls_worker *worker,
                                     const ls_rpc_reply *parsed,
                                     size_t position,
                                     int64_t first_block)
{
    struct scan *scan = &worker->scan;
    scan->span_wanted = wanted_slot(worker, scan->floor_slot);
    scan->is_partial = false;
    if (ls_failed(ls_rpc_span_at(parsed, position, scan->span_from, scan->span_wanted,
                                 scan->span_upper, &scan->span))) {
        scan->span = (struct ls_rpc_span){.low = scan->span_wanted};
        if (!scan->needs_proof) return NULL;
        return "commits may have been lost, and the node lists no blocks (getBlocks)";
    }
    if (scan->span.count == 0 || scan->span.last != scan->span_upper)
        return "the node does not keep the newest block that must be read";
    scan->is_partial =
        scan->span.low > scan->span_wanted && scan->span_from > scan->span_wanted;
    if (scan->is_partial && scan->span.count < 2) {
        if (scan->widenings < WIDENINGS_MAX) scan->widenings++;
        return "the node keeps no block of many slots";
    }
    scan->is_low_first = scan->span.low == first_block && first_block <= scan->span_wanted + 1;
    return NULL;
}

bool ls_worker_scan_needs_heights(const ls_worker *worker)
{
    const struct scan *scan = &worker->scan;
    return scan->span.count > 1 || scan->span.low > scan->span_wanted;
}

void ls_worker_scan_write_heights(const ls_worker *worker, struct ls_rpc_batch *batch)
{
    (void)ls_rpc_get_block_bare(batch, worker->scan.span.low); /* positions 0 and 1 */
    (void)ls_rpc_get_block_bare(batch, worker->scan.span.last);
}

const char *ls_worker_scan_read_heights(const ls_worker *worker, const ls_rpc_reply *parsed)
{
    const struct scan *scan = &worker->scan;
    struct ls_rpc_block low, high;
    if (ls_failed(ls_rpc_block_at(parsed, 0, NULL, 0, &low)) ||
        ls_failed(ls_rpc_block_at(parsed, 1, NULL, 0, &high)))
        return "the heights of two blocks were refused";
    const bool reaches = scan->is_partial || scan->is_low_first ||
                         scan->span.low <= scan->span_wanted ||
                         low.parent_slot <= scan->span_wanted; /* nothing is between */
    if (!reaches) return "the node does not keep the oldest block that must be read";
    if (high.height - low.height + 1 != scan->span.count)
        return "the node lacks blocks, so its list of transactions may have a hole";
    return NULL;
}
