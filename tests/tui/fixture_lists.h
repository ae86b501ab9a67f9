/* Batches and bulk jobs of the fixed world. */
#ifndef LOCKSTEP_TESTS_TUI_FIXTURE_LISTS_H
#define LOCKSTEP_TESTS_TUI_FIXTURE_LISTS_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/batch_facts.h"
#include "lockstep/core/bulk.h"

enum { LISTS_MINUTE_MS = 60000 };

static inline void fixture_fill_batches(struct ls_batch_page *page, int64_t now_ms)
{
    static const struct ls_batch_row rows[] = {
        {.id = 2210,
         .name = "payroll-nov",
         .opened_by = "op1",
         .state = LS_BATCH_SEALED,
         .total = 1200,
         .done = 412,
         .sent = 38,
         .queued = 750},
        {.id = 2209,
         .name = "mint-invoices",
         .opened_by = "cron",
         .state = LS_BATCH_SEALED,
         .policy = LS_BATCH_ORDERED,
         .is_paused = true,
         .total = 400,
         .done = 310,
         .queued = 90},
        {.id = 2207,
         .name = "payments-0230",
         .opened_by = "cron",
         .state = LS_BATCH_SEALED,
         .total = 120,
         .done = 103,
         .failed = 17},
        {.id = 2206,
         .name = "refunds",
         .opened_by = "op2",
         .state = LS_BATCH_SEALED,
         .policy = LS_BATCH_SAGA,
         .total = 61,
         .done = 58,
         .held = 3,
         .unknown = 2},
        {.id = 2205,
         .name = "payments-0200",
         .opened_by = "cron",
         .state = LS_BATCH_FINISHED,
         .total = 1200,
         .done = 1200},
        {.id = 2204,
         .name = "swap-17",
         .opened_by = "op1",
         .state = LS_BATCH_COMPENSATED,
         .policy = LS_BATCH_ATOMIC,
         .total = 4,
         .compensated = 3,
         .cancelled = 1},
        {.id = 2203,
         .name = "next-week",
         .opened_by = "op1",
         .state = LS_BATCH_OPEN,
         .total = 12,
         .queued = 12},
    };
    *page = (struct ls_batch_page){.count = sizeof rows / sizeof rows[0]};
    memcpy(page->rows, rows, sizeof rows);
    for (size_t i = 0; i < page->count; i++) {
        page->rows[i].opened_ms = now_ms - (int64_t)(i + 1) * 10 * LISTS_MINUTE_MS;
        if (page->rows[i].state != LS_BATCH_OPEN)
            page->rows[i].sealed_ms = page->rows[i].opened_ms + 1000;
    }
}

static inline void
fixture_fill_batch(struct ls_batch_detail *detail, int64_t id, int64_t now_ms)
{
    struct ls_batch_page page;
    *detail = (struct ls_batch_detail){.has_minutes = true};
    fixture_fill_batches(&page, now_ms);
    for (size_t i = 0; i < page.count; i++)
        if (page.rows[i].id == id) detail->row = page.rows[i];
    for (int i = 0; i < LS_FACTS_MINUTES; i++) detail->minutes[i] = i < 50 ? (i * 7) % 11 : 0;
    if (id != 2207) return;
    detail->cause_count = 2;
    detail->causes[0] = (struct ls_cause_row){.cause = "BlockhashNotFound",
                                              .state = LS_STATE_FAILED,
                                              .count = 14,
                                              .oldest_ms = now_ms - 41 * LISTS_MINUTE_MS};
    detail->causes[1] = (struct ls_cause_row){.cause = "InsufficientFunds",
                                              .state = LS_STATE_FAILED,
                                              .count = 3,
                                              .oldest_ms = now_ms - 22 * LISTS_MINUTE_MS};
    detail->entities = 3;
    detail->ops_behind = 22;
}

static inline void fixture_fill_bulks(struct ls_bulk_page *page, int64_t now_ms)
{
    static const struct ls_bulk_row rows[] = {
        {.id = 14,
         .version = 1,
         .verb = LS_VERB_RETRY,
         .state = LS_BULK_RUNNING,
         .total = 1204,
         .waiting = 700,
         .sent = 62,
         .done = 427,
         .landed = 2,
         .doubt = 1,
         .silent = 20,
         .failed = 10,
         .refused = 2,
         .repeats = 9,
         .left_unknown = 3,
         .rate = 20,
         .canary = 5,
         .abort_above = 20,
         .filter = "state:failed cause:BlockhashNotFound",
         .reason = "INC-551 rpc-b is back",
         .actor = "op1"},
        {.id = 13,
         .version = 1,
         .verb = LS_VERB_RETRY,
         .state = LS_BULK_PAUSED,
         .total = 300,
         .waiting = 295,
         .failed = 5,
         .repeats = 5,
         .rate = 50,
         .canary = 5,
         .abort_above = 20,
         .is_canary = true,
         .filter = "state:failed cause:InsufficientFunds",
         .reason = "topped up",
         .actor = "op2",
         .why = "canary: 5 of 5 failed again (InsufficientFunds); look, then "
                "resume or abort"},
        {.id = 12,
         .version = 1,
         .verb = LS_VERB_CANCEL,
         .state = LS_BULK_CANARY,
         .total = 40,
         .waiting = 35,
         .sent = 5,
         .rate = 5,
         .canary = 5,
         .abort_above = 100,
         .is_canary = true,
         .filter = "batch:2203",
         .reason = "wrong file, CHG-90",
         .actor = "op1"},
        {.id = 11,
         .version = 1,
         .verb = LS_VERB_COMPENSATE,
         .state = LS_BULK_ABORTED,
         .total = 90,
         .waiting = 60,
         .done = 12,
         .failed = 18,
         .repeats = 18,
         .rate = 10,
         .abort_above = 50,
         .filter = "state:done key:pay:*",
         .reason = "double run",
         .actor = "op2",
         .why = "18 of 30 failed again with the cause that they had: above 50%"},
        {.id = 10,
         .version = 1,
         .verb = LS_VERB_HOLD,
         .state = LS_BULK_FINISHED,
         .total = 8,
         .done = 8,
         .rate = 20,
         .canary = 5,
         .abort_above = 20,
         .filter = "entity:org-7",
         .reason = "audit",
         .actor = "op1",
         .why = "8 done, 0 failed again, 0 refused"},
    };
    *page = (struct ls_bulk_page){.count = sizeof rows / sizeof rows[0]};
    memcpy(page->rows, rows, sizeof rows);
    for (size_t i = 0; i < page->count; i++)
        page->rows[i].created_ms = now_ms - (int64_t)(i + 1) * 7 * LISTS_MINUTE_MS;
}

static inline void
fixture_fill_targets(struct ls_bulk_target_page *page, int64_t bulk, int64_t now_ms)
{
    static const enum ls_bulk_target_state states[] = {
        LS_BULK_TARGET_DONE,  LS_BULK_TARGET_DONE,    LS_BULK_TARGET_FAILED,
        LS_BULK_TARGET_SENT,  LS_BULK_TARGET_REFUSED, LS_BULK_TARGET_LANDED,
        LS_BULK_TARGET_DOUBT, LS_BULK_TARGET_WAITING, LS_BULK_TARGET_WAITING};
    static const char *const whys[] = {
        "it landed",
        "it landed",
        "BlockhashNotFound",
        "",
        "op 481228 changed meanwhile: it is done now (version 6, "
        "not 4); look again",
        "in slot 312904118, 4hXTcRkq1nVZ8bL6sYw3eJ9uGf2KpDxA7oMtQv5iNrEz: lockstep reconcile "
        "--repair adopts it",
        "it may still land (1 attempts, 2 of 2 endpoints answered): verify again before a "
        "retry",
        "the ledger is asked",
        ""};
    *page = (struct ls_bulk_target_page){.bulk = bulk, .count = 12, .has_more = true};
    for (size_t i = 0; i < page->count; i++) {
        struct ls_bulk_target_row *row = &page->rows[i];
        row->op.value = 481200 + (int64_t)i * 7;
        (void)snprintf(row->key, sizeof row->key, "pay:%d:18", (int)(77200 + i * 7));
        row->state = states[i % 9];
        (void)snprintf(row->why, sizeof row->why, "%s", whys[i % 9]);
        if (row->state != LS_BULK_TARGET_WAITING)
            row->acted_ms = now_ms - (int64_t)(i + 1) * 4000;
    }
}

#endif
