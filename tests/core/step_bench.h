/* A hand-driven shell around one engine, for the tests of its files. */
#ifndef LOCKSTEP_TESTS_CORE_STEP_BENCH_H
#define LOCKSTEP_TESTS_CORE_STEP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/buf.h"
#include "lockstep/core/step.h"

/* A hand-driven shell: one engine, the last effect of each kind, and a trace. */
struct bench {
    ls_core *core;
    int64_t now_ms;
    struct ls_effect last[LS_EFFECT_TRACE + 1];
    int counts[LS_EFFECT_TRACE + 1];
    struct ls_buf trace;
};

static inline void drain(struct bench *bench)
{
    struct ls_effect effect;
    while (ls_core_next(bench->core, &effect)) {
        bench->last[effect.kind] = effect;
        bench->counts[effect.kind]++;
        if (effect.kind != LS_EFFECT_TRACE) continue;
        ls_buf_printf(&bench->trace, "[%6d] op %d %s: %s\n", (int)bench->now_ms,
                      (int)effect.op.value, ls_state_name(effect.as.trace.state),
                      effect.as.trace.text);
    }
}

static inline void give(struct bench *bench, struct ls_event event)
{
    event.now_ms = bench->now_ms;
    ls_core_step(bench->core, &event);
    drain(bench);
}

static inline void pass(struct bench *bench, int64_t ms)
{
    bench->now_ms += ms;
    give(bench, (struct ls_event){.kind = LS_EVENT_TIME});
}

static inline void give_head(struct bench *bench, int64_t valid, int64_t finalized)
{
    struct ls_event event = {.kind = LS_EVENT_HEAD};
    event.as.head.last_valid_height = valid;
    event.as.head.finalized_height = finalized;
    event.as.head.finalized_slot = finalized;
    give(bench, event);
}

static inline void give_op_of(struct bench *bench, int64_t id, int32_t lane)
{
    struct ls_stored_op op = {.op = {id},
                              .token = 100 + id,
                              .kind = LS_KIND_MEMO,
                              .state = LS_STATE_LEASED,
                              .lane = lane,
                              .attempts_max = 3,
                              .key = "k",
                              .payload = "{}",
                              .payload_bytes = 2};
    struct ls_event event = {.kind = LS_EVENT_OP};
    event.as.op = &op;
    give(bench, event);
    struct ls_event end = {.kind = LS_EVENT_CLAIMED};
    end.as.batch.count = 1;
    give(bench, end);
}

static inline void give_op(struct bench *bench, int64_t id)
{
    give_op_of(bench, id, 0);
}

static inline struct ls_slot slot_of(const struct bench *bench)
{
    return bench->last[LS_EFFECT_ADMIT].slot;
}

static inline void give_slot(struct bench *bench, enum ls_event_kind kind)
{
    give(bench, (struct ls_event){.kind = kind, .slot = slot_of(bench)});
}

static inline void give_seen(struct bench *bench, struct ls_seen seen)
{
    struct ls_event event = {.kind = LS_EVENT_STATUS, .slot = slot_of(bench)};
    event.as.seen = seen;
    give(bench, event);
}

static inline void give_sent(struct bench *bench, enum ls_send_result result)
{
    struct ls_event event = {.kind = LS_EVENT_SENT, .slot = slot_of(bench)};
    event.as.sent.result = result;
    event.as.sent.cause = "Cause";
    event.as.sent.detail = "a detail";
    give(bench, event);
}

static inline void
give_certified(struct bench *bench, int32_t endpoint, int64_t height, int controls)
{
    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.endpoint = endpoint;
    event.as.certified.same_identity = true;
    event.as.certified.height_before = height;
    event.as.certified.height_after = height;
    event.as.certified.controls_seen = controls;
    event.as.certified.newer_seen = true;
    event.as.certified.is_whole = true;
    event.as.certified.whole_to = INT64_MAX;
    give(bench, event);
}

/* A running worker with a fresh head: blockhash valid to 1150, finalized 968. */
static inline struct bench *run(int32_t endpoints)
{
    static struct bench bench; /* one test at a time */
    bench = (struct bench){.now_ms = 1};
    ls_buf_init(&bench.trace, 1 << 16);
    struct ls_core_options options = ls_core_options_default();
    options.tracked_max = 8;
    options.unconfirmed_max = 8;
    options.endpoint_count = endpoints;
    assert_false(ls_failed(ls_core_new(&options, &bench.core)));
    drain(&bench);
    give(&bench, (struct ls_event){.kind = LS_EVENT_LEARNED});
    give(&bench, (struct ls_event){.kind = LS_EVENT_GREETED});
    give_head(&bench, 1150, 968);
    give(&bench, (struct ls_event){.kind = LS_EVENT_SCANNED});
    give(&bench, (struct ls_event){.kind = LS_EVENT_ADOPTED});
    return &bench;
}

static inline void end(struct bench *bench)
{
    ls_core_free(bench->core);
    ls_buf_done(&bench->trace);
}

static inline void make_live(struct bench *bench)
{
    give_op(bench, 7);
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    event.as.built.last_valid_height = 1150;
    event.as.built.signature.bytes[0] = 7;
    give(bench, event);
    give_slot(bench, LS_EVENT_RECORDED); /* row result DONE is zero */
}

/* Answer the search for a control, as long as it goes on: nothing there. */
static inline void find_no_control(struct bench *bench)
{
    int asked = 0;
    while (bench->counts[LS_EFFECT_CONTROL] > asked) {
        asked = bench->counts[LS_EFFECT_CONTROL];
        give(bench, (struct ls_event){.kind = LS_EVENT_CONTROL});
        if (bench->counts[LS_EFFECT_CONTROL] == asked) pass(bench, 60); /* the next search */
    }
    pass(bench, 60);
}

/* Expire the live attempt: null statuses past its last valid height. */
static inline void expire(struct bench *bench, int64_t finalized)
{
    give_head(bench, finalized + 182, finalized);
    give_seen(bench, (struct ls_seen){0});
    find_no_control(bench);
}

#endif
