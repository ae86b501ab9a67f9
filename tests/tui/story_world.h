/* A database of 10,000 operations for stories (tests/tui/stories): it answers what the console
 * asks, does what it is told, and goes on by itself as time passes. At 02:31 the endpoint
 * rpc-b.example died: 37 operations that it had failed with BlockhashNotFound, one that it
 * had sent is held because nothing proves whether it landed; later one account ran out of
 * funds, and 12 failed. All times are the story's own. */
#ifndef LOCKSTEP_TESTS_TUI_STORY_WORLD_H
#define LOCKSTEP_TESTS_TUI_STORY_WORLD_H

#include "fixture.h"
#include "lockstep/base/base58.h"
#include "lockstep/core/fingerprint.h"

enum {
    STORY_OPS = 10000,
    STORY_FIRST_ID = 472001,
    STORY_LIVE = 60,         /* the newest wait for their turn */
    STORY_EXPIRED = 37,      /* BlockhashNotFound, told by the endpoint that died */
    STORY_POOR = 12,         /* of one account without funds */
    STORY_MINUTES = 70,      /* that they were enqueued in */
    STORY_DEATH_MINUTE = 42, /* so long ago the endpoint died */
    STORY_SENT_MS = 2000,    /* a ready operation is sent … */
    STORY_REFUSED_MS = 4000, /* … refused where nothing pays for it … */
    STORY_DONE_MS = 15000,   /* … and finalized so much later */
    STORY_HEIGHT = 290117402,
};
static const char story_poor[] = "9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e";
static const char story_endpoint[] = "rpc-b.example";

struct story_op {
    struct ls_op_row row;
    int64_t moved_ms; /* by the story's clock: when it came into its state */
    bool is_poor;     /* its account must pay */
    bool has_landed;  /* whatever the database knows */
};

struct story {
    struct fixture *world;
    struct story_op *ops; /* STORY_OPS, oldest first */
    struct ls_alert_page alerts;
    struct ls_dashboard dashboard;
    bool is_funded;
    int64_t acts;
    struct ls_ui_request *queue; /* asked, not answered */
    size_t queue_first, queue_count, queue_max;
};

static inline int64_t story_now_ms(const struct story *story)
{
    return fixture_now_ms + story->world->elapsed_ms;
}

static inline void story_sign(struct ls_op_row *row)
{
    struct ls_signature signature = {0};
    for (size_t i = 0; i < sizeof signature.bytes; i++)
        signature.bytes[i] = (uint8_t)(row->op.value * 31 + row->version * 7 + (int64_t)i * 13);
    ls_signature_text(&signature, row->signature);
}

static inline void
story_move(struct story *story, struct story_op *op, enum ls_state state, enum ls_sub sub)
{
    op->row.state = state;
    op->row.sub = sub;
    op->row.version++;
    op->row.updated_ms = story_now_ms(story);
    op->moved_ms = op->row.updated_ms;
}

/* What was there when the operator came. */
static inline void story_fill_op(struct story *story, size_t index)
{
    const int64_t span_ms = (int64_t)STORY_MINUTES * FIXTURE_MINUTE_MS;
    struct story_op *op = &story->ops[index];
    struct ls_op_row *row = &op->row;
    *row = fixture_op((int64_t)STORY_FIRST_ID + (int64_t)index, LS_STATE_DONE, LS_SUB_NONE);
    row->kind = LS_KIND_TOKEN_TRANSFER;
    (void)snprintf(row->key, sizeof row->key, "pay:%zu", 70001 + index);
    row->created_ms = fixture_now_ms - span_ms + (int64_t)index * span_ms / STORY_OPS;
    row->updated_ms = row->created_ms + STORY_DONE_MS;
    op->has_landed = true;
    story_sign(row);
    if (index < STORY_OPS - STORY_LIVE) return;
    row->state = LS_STATE_READY;
    row->sub = LS_SUB_DUE;
    row->attempts_made = 0;
    row->signature[0] = '\0';
    row->updated_ms = row->created_ms;
    op->moved_ms = fixture_now_ms + (int64_t)(index - (STORY_OPS - STORY_LIVE)) * 200;
    op->has_landed = false;
}

static inline void
story_break(struct story *story, size_t index, enum ls_state state, const char *cause)
{
    struct story_op *op = &story->ops[index];
    op->row.state = state;
    op->row.sub = state == LS_STATE_HELD ? LS_SUB_AMBIGUOUS : LS_SUB_NONE;
    op->row.attempts_made = state == LS_STATE_HELD ? 1 : 5;
    op->row.updated_ms = op->row.created_ms + 45000;
    op->row.slot = 0;
    op->has_landed = state == LS_STATE_HELD;
    (void)snprintf(op->row.cause, sizeof op->row.cause, "%s", cause);
}

static inline void story_break_some(struct story *story)
{
    const size_t a_minute = (size_t)(STORY_OPS / STORY_MINUTES);
    size_t at = (size_t)(STORY_MINUTES - STORY_DEATH_MINUTE) * a_minute + 60;
    story_break(story, at - 20, LS_STATE_HELD, "no confirmation");
    for (size_t i = 0; i < STORY_EXPIRED; i++)
        story_break(story, at + i * 3, LS_STATE_FAILED, "BlockhashNotFound");
    at += 19 * a_minute;
    for (size_t i = 0; i < STORY_POOR; i++) {
        story_break(story, at + i * 17, LS_STATE_FAILED, "InsufficientFunds");
        story->ops[at + i * 17].is_poor = true;
    }
}

static inline void story_fill_alerts(struct story *story)
{
    struct ls_alert_page *page = &story->alerts;
    fixture_fill_alerts(page);
    page->count = 2;
    page->rows[0] = (struct ls_alert_row){.id = 121,
                                          .version = 1,
                                          .rule = "held",
                                          .severity = LS_SEVERITY_CRITICAL,
                                          .message = "1 operation is held as ambiguous",
                                          .fired_ms = fixture_now_ms - 39 * FIXTURE_MINUTE_MS,
                                          .times = 1};
    page->rows[1].state = LS_ALERT_FIRING;
    page->rows[1].acked_until_ms = 0;
    page->rows[1].owner[0] = page->rows[1].note[0] = '\0';
    page->rows[1].times = 1;
}

/* The cause that `row` belongs to, made where there is none yet; NULL: nobody is needed. */
static inline struct ls_cause_row *story_cause(struct ls_dashboard *facts,
                                               const struct ls_op_row *row)
{
    char print[LS_CAUSE_BYTES_MAX + 1];
    if (row->state != LS_STATE_FAILED && row->state != LS_STATE_HELD) return NULL;
    ls_cause_fingerprint(row->cause, print);
    for (size_t i = 0; i < facts->cause_count; i++) {
        struct ls_cause_row *cause = &facts->causes[i];
        if (cause->state == row->state && strcmp(cause->cause, print) == 0) return cause;
    }
    if (facts->cause_count == LS_FACTS_CAUSES_MAX) abort();
    struct ls_cause_row *cause = &facts->causes[facts->cause_count++];
    *cause = (struct ls_cause_row){.state = row->state,
                                   .sub = row->sub,
                                   .oldest_ms = row->created_ms,
                                   .since_ms = row->updated_ms};
    (void)snprintf(cause->cause, sizeof cause->cause, "%s", print);
    (void)snprintf(cause->example, sizeof cause->example, "%s", row->cause);
    return cause;
}

static inline void story_count(struct ls_dashboard *facts, const struct story_op *op)
{
    const struct ls_op_row *row = &op->row;
    const int64_t born = (facts->now_ms - row->created_ms) / FIXTURE_MINUTE_MS;
    const int64_t moved = (facts->now_ms - row->updated_ms) / FIXTURE_MINUTE_MS;
    facts->counts[row->state]++;
    if (born < LS_FACTS_MINUTES) facts->minute_enqueued[LS_FACTS_MINUTES - 1 - born]++;
    if (moved < LS_FACTS_MINUTES && row->state == LS_STATE_DONE)
        facts->minute_done[LS_FACTS_MINUTES - 1 - moved]++;
    if (moved < LS_FACTS_MINUTES && row->state == LS_STATE_FAILED)
        facts->minute_failed[LS_FACTS_MINUTES - 1 - moved]++;
    struct ls_cause_row *cause = story_cause(facts, row);
    if (cause == NULL) return;
    cause->count++;
    if (row->updated_ms < cause->since_ms) cause->since_ms = row->updated_ms;
    if (row->state == LS_STATE_HELD) cause->unknown++;
    if (op->is_poor) (void)snprintf(cause->signer, sizeof cause->signer, "%s", story_poor);
    if (strcmp(row->cause, "BlockhashNotFound") == 0)
        (void)snprintf(cause->via, sizeof cause->via, "%s", story_endpoint);
    if (facts->first_failed_ms == 0 || row->updated_ms < facts->first_failed_ms)
        facts->first_failed_ms = row->updated_ms;
    if (facts->oldest_trouble_ms == 0 || row->created_ms < facts->oldest_trouble_ms)
        facts->oldest_trouble_ms = row->created_ms;
}

/* Most operations first, as the database orders them. */
static inline int story_by_count(const void *left, const void *right)
{
    const struct ls_cause_row *a = left, *b = right;
    return a->count < b->count ? 1 : a->count > b->count ? -1 : 0;
}

static inline void story_fill_dashboard(struct story *story)
{
    struct ls_dashboard *facts = &story->dashboard;
    fixture_fill_dashboard(facts);
    facts->now_ms = story_now_ms(story);
    memset(facts->counts, 0, sizeof facts->counts);
    memset(facts->minute_done, 0, sizeof facts->minute_done);
    memset(facts->minute_failed, 0, sizeof facts->minute_failed);
    memset(facts->minute_enqueued, 0, sizeof facts->minute_enqueued);
    memset(facts->minute_stuck, 0, sizeof facts->minute_stuck);
    facts->stuck = facts->oldest_stuck_ms = facts->first_failed_ms = 0;
    facts->oldest_trouble_ms = 0;
    facts->cause_count = facts->gate_count = facts->event_count = 0;
    facts->lag_ms = 13000;
    facts->lag_p95_ms = 15000;
    facts->age_ms = 0;
    for (size_t i = 0; i < STORY_OPS; i++) story_count(facts, &story->ops[i]);
    qsort(facts->causes, facts->cause_count, sizeof facts->causes[0], story_by_count);
    facts->depth = facts->counts[LS_STATE_READY];
    facts->held_ambiguous = facts->counts[LS_STATE_HELD];
    for (size_t i = 0; i < LS_FACTS_MINUTES; i++) {
        facts->minute_depth[i] = facts->depth;
        facts->minute_in_flight[i] = facts->counts[LS_STATE_SUBMITTED];
        facts->minute_lag_ms[i] = facts->lag_ms;
    }
    if (facts->first_failed_ms == 0) facts->first = (struct ls_first_event){0};
    facts->alerts_firing = facts->alerts_critical = facts->alerts_acked = 0;
    for (size_t i = 0; i < story->alerts.count; i++) {
        const struct ls_alert_row *alert = &story->alerts.rows[i];
        if (alert->state == LS_ALERT_ACKED) facts->alerts_acked++;
        if (alert->state != LS_ALERT_FIRING) continue;
        facts->alerts_firing++;
        if (alert->severity == LS_SEVERITY_CRITICAL) facts->alerts_critical++;
    }
}

static inline bool story_matches(const struct ls_op_row *row, const struct ls_filter *filter)
{
    char mine[LS_CAUSE_BYTES_MAX + 1], wanted[LS_CAUSE_BYTES_MAX + 1];
    for (size_t i = 0; i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        bool is_so = false;
        switch (term->field) {
        case LS_FILTER_STATE: is_so = (int64_t)row->state == term->number; break;
        case LS_FILTER_SUB: is_so = (int64_t)row->sub == term->number; break;
        case LS_FILTER_STUCK: is_so = row->is_stuck; break;
        case LS_FILTER_CAUSE:
            ls_cause_fingerprint(row->cause, mine);
            ls_cause_fingerprint(term->text, wanted);
            is_so = strcmp(mine, wanted) == 0;
            break;
        case LS_FILTER_KIND:
        case LS_FILTER_KEY:
        case LS_FILTER_ENTITY:
        case LS_FILTER_ID:
        case LS_FILTER_BATCH:
        case LS_FILTER_LANE:
        case LS_FILTER_AGE:
        case LS_FILTER_TEXT: abort(); /* no story asks for it yet */
        }
        if (is_so == term->is_inverted) return false;
    }
    return true;
}

static inline void story_fill_ops(struct story *story, const struct ls_ui_request *request)
{
    struct ls_op_page *page = &story->world->ops;
    const bool is_newest_first = request->sort == LS_SORT_ID_DESC;
    *page = (struct ls_op_page){.matching = 0};
    for (size_t i = 0; i < STORY_OPS; i++) {
        const struct ls_op_row *row = &story->ops[is_newest_first ? STORY_OPS - 1 - i : i].row;
        if (!story_matches(row, &request->filter)) continue;
        page->matching++;
        if (request->after.has && (is_newest_first ? row->op.value >= request->after.id
                                                   : row->op.value <= request->after.id))
            continue;
        page->has_more = page->count == (size_t)request->limit;
        if (!page->has_more) page->rows[page->count++] = *row;
    }
}

static inline struct story_op *story_find(struct story *story, ls_op_id op)
{
    const int64_t index = op.value - STORY_FIRST_ID;
    if (index < 0 || index >= STORY_OPS) abort();
    return &story->ops[index];
}

static inline void story_fill_detail(struct story *story, ls_op_id id)
{
    struct ls_op_detail *detail = &story->world->detail;
    const struct story_op *op = story_find(story, id);
    fixture_fill_detail(detail, id);
    detail->row = op->row;
    detail->waiting_behind = 0;
    detail->event_count = 0;
    detail->attempt_count = op->row.attempts_made > 0 ? 1 : 0;
    detail->detail[0] = '\0';
    struct ls_attempt_row *attempt = &detail->attempts[0];
    attempt->attempt = op->row.attempts_made;
    attempt->created_ms = op->row.created_ms + STORY_SENT_MS;
    attempt->state = op->row.state == LS_STATE_DONE     ? LS_ATTEMPT_LANDED
                     : op->row.state == LS_STATE_FAILED ? LS_ATTEMPT_DEAD
                                                        : LS_ATTEMPT_LIVE;
    (void)snprintf(attempt->signature, sizeof attempt->signature, "%s", op->row.signature);
    (void)snprintf(attempt->cause, sizeof attempt->cause, "%s", op->row.cause);
    if (!op->has_landed) return;
    (void)snprintf(detail->look_signature, sizeof detail->look_signature, "%s",
                   op->row.signature);
    detail->look_slot = 312904000 + op->row.op.value;
}

/* A worker looked: its finding stands beside the operation from now on. */
static inline void story_note_look(struct story *story, const struct ls_preflight_op *found)
{
    struct ls_op_row *row = &story_find(story, found->op)->row;
    row->look = found->look;
    row->looked_ms = found->looked_ms;
}

static inline void story_fill_check(struct story *story, const struct ls_ui_request *request)
{
    struct ls_preflight *facts = &story->world->preflight;
    fixture_fill_check(story->world, request);
    facts->now_ms = story_now_ms(story);
    for (size_t i = 0; i < facts->count; i++) {
        struct ls_preflight_op *op = &facts->ops[i];
        const struct story_op *truth = story_find(story, op->op);
        op->version = truth->row.version;
        op->state = truth->row.state;
        op->sub = truth->row.sub;
        op->has_landed = truth->row.state == LS_STATE_DONE;
        op->is_unknown = truth->row.state == LS_STATE_HELD;
        op->look = truth->has_landed ? LS_LOOK_LANDED : LS_LOOK_NOT_FOUND;
        op->looked_ms = facts->now_ms;
        story_note_look(story, op);
    }
}

#endif
