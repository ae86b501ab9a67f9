/* Reading the ledger's list of our transactions, beside the engine's slots. */
#ifndef LOCKSTEP_WORKER_SCAN_H
#define LOCKSTEP_WORKER_SCAN_H

#include "lockstep/solana/rpc.h"
#include "lockstep/worker/worker.h"

/* What a scan (scan.c) does next; while a call or request of it is under way it waits. */
enum scan_step {
    SCAN_IDLE = 0,
    SCAN_PAGE,     /* ask the ledger for a page of the payer's list, and the blocks behind it */
    SCAN_HEIGHTS,  /* ask how high the first and the last of these blocks are */
    SCAN_LOOK_UP,  /* ask the store what it knows of the page's rows */
    SCAN_PHANTOMS, /* ask the ledger for what the store has and the page has not got */
    SCAN_FETCH,    /* fetch what must be compared, and compare it */
    SCAN_TELL,     /* tell the store what was found */
    SCAN_MARK,     /* raise the watermarks */
};

struct scan {
    enum scan_step step;
    uint64_t waiting_id; /* of the call or request under way; 0: none */
    bool is_conclusive, has_tagged, needs_proof;
    bool only_pending; /* the engine did not ask: landings whose operation has come */
    uint32_t tries;    /* which endpoint is asked, over the worker's life */
    int64_t from_height, micros, began_ms;

    struct ls_store_past past; /* as HELLO told, its marks raised since */
    struct ls_watermark newest[LS_PAYERS_MAX];
    size_t payer; /* index into past.marks */

    /* the list of one payer */
    bool has_cursor, mark_seen, must_see_mark, is_over;
    bool is_deep;     /* it reads below the watermark */
    bool has_control; /* something that the list holds: the node must know it */
    struct ls_signature control;
    int32_t empty_pages, pages;
    uint32_t empty_from; /* endpoints that gave the empty ones */
    struct ls_signature cursor;
    int64_t tip_slot, tip_height, floor_slot, low_slot, high_slot;

    /* the blocks that the node of the page keeps: scan_proof.c */
    int64_t span_from, span_wanted, span_upper; /* asked from; needed down to; and up to */
    struct ls_rpc_span span;
    bool is_partial;   /* what is needed begins below `span_from` */
    bool is_low_first; /* the node says that its ledger begins with span.low */

    /* the page */
    struct ls_rpc_signature_info *infos;
    bool is_looked_up;                 /* the store was asked for this page at least once */
    size_t row_count, row_at, row_end; /* [at, end) is with the store */
    struct ls_landed_row *rows;
    int64_t chunk_low, chunk_high;
    size_t phantom_count;
    struct ls_phantom phantoms[LS_PHANTOMS_MAX];
    uint32_t phantom_looks;
    size_t todo_count, todo_at;
    struct ls_landed *todos; /* their texts and bytes are copies */
    size_t finding_count;
    struct ls_finding_row findings[LS_FINDINGS_MAX];
    uint8_t (*finding_txs)[LS_TX_BYTES_MAX];

    int32_t widenings; /* how often the stretch of blocks asked for at a time was doubled */

    /* elders of the operations that are fetched together (scan_elders.c) */
    uint32_t elder_looks, elder_failures;
    struct ls_rpc_status *elder_seen, *elder_look; /* so far, and this time */
};

/* scan.c: reading the ledger's list of our transactions, beside the engine's slots */
bool ls_worker_scan_init(ls_worker *worker);
void ls_worker_scan_done(ls_worker *worker);
void ls_worker_scan_greeted(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_ticked(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_begin(ls_worker *worker, const struct ls_effect *effect);
void ls_worker_scan_drop(ls_worker *worker);
void ls_worker_scan_fail(ls_worker *worker, const char *why);
void ls_worker_scan_next(ls_worker *worker);
int64_t ls_worker_scan_floor(const ls_worker *worker);
bool ls_worker_scan_needs_ledger(const ls_worker *worker);
bool ls_worker_scan_request(ls_worker *worker, struct ls_store_request *request);
void ls_worker_scan_stored(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_says(const ls_worker *worker, char *out, size_t out_bytes);
/* scan_ledger.c */
int32_t ls_worker_scan_write(ls_worker *worker, struct ls_rpc_batch *batch);
size_t ls_worker_scan_positions(const ls_worker *worker);
void ls_worker_scan_read(ls_worker *worker, int32_t endpoint, const ls_rpc_reply *parsed);
/* One past the last of the todos that are fetched together. */
size_t ls_worker_scan_window(const struct scan *scan);
/* scan_elders.c: what became of the other attempts of what landed */
bool ls_worker_elders_init(struct scan *scan);
void ls_worker_elders_done(struct scan *scan);
size_t ls_worker_elders_count(const struct scan *scan); /* of the window */
void ls_worker_elders_write(const struct scan *scan, struct ls_rpc_batch *batch);
/* Why nothing can be concluded, or NULL. `again_out`: another endpoint is asked before. */
const char *ls_worker_elders_read(ls_worker *worker,
                                  const ls_rpc_reply *parsed,
                                  size_t position,
                                  bool *again_out);
/* The ends of one todo's elders, of which `first` is the first of the window's. */
void ls_worker_elders_end(const struct scan *scan,
                          const struct ls_landed *todo,
                          size_t first,
                          struct ls_finding_row *row);
/* scan_proof.c: that the node which listed our transactions keeps every block of their slots */
void ls_worker_scan_write_span(ls_worker *worker, struct ls_rpc_batch *batch);
const char *ls_worker_scan_read_span(ls_worker *worker,
                                     const ls_rpc_reply *parsed,
                                     size_t position,
                                     int64_t first_block);
bool ls_worker_scan_needs_heights(const ls_worker *worker);
void ls_worker_scan_write_heights(const ls_worker *worker, struct ls_rpc_batch *batch);
const char *ls_worker_scan_read_heights(const ls_worker *worker, const ls_rpc_reply *parsed);
/* scan_judge.c: from a fetched transaction to a finding */
bool ls_worker_scan_judge(ls_worker *worker,
                          const struct ls_landed *todo,
                          const uint8_t *tx,
                          size_t tx_bytes);
/* Tags of a memo as getSignaturesForAddress tells it, at most `max`; the count. */
size_t ls_worker_memo_tags(const char *memo, uint8_t tags_out[][LS_TAG_BYTES], size_t max);

#endif
