/* What a console knows of batches: records that the store fills by reading. Fixed sizes, no
 * pointers. Text is untrusted, as in core/facts.h. */
#ifndef LOCKSTEP_CORE_BATCH_FACTS_H
#define LOCKSTEP_CORE_BATCH_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/batch.h"
#include "lockstep/core/facts.h"

enum { LS_BATCH_PAGE_MAX = 50, LS_BATCH_CAUSES_MAX = 8, LS_BATCH_FILTER_BYTES_MAX = 256 };

/* Which batches a listing shows: terms are and-ed. */
struct ls_batch_filter {
    int64_t id; /* 0: any */
    bool has_state, has_policy, is_paused;
    enum ls_batch_state state;
    enum ls_batch_policy policy;
    char by[64];                          /* who opened it; "": anybody */
    char text[LS_BATCH_FILTER_BYTES_MAX]; /* in its name; "": any */
};
/* Read "state:open policy:saga by:op1 paused 17 payroll": a number (or B-17) names one batch,
 * another word is looked for in the name. LS_CODE_INVALID with `why` naming the word. */
LS_MUST_CHECK ls_err ls_batch_filter_parse(const char *text,
                                           struct ls_batch_filter *filter_out,
                                           struct ls_why *why);

struct ls_batch_row {
    int64_t id;
    char name[LS_BATCH_NAME_BYTES_MAX + 1];
    char opened_by[64];
    enum ls_batch_policy policy;
    enum ls_batch_state state;
    bool is_paused; /* its gate is on */
    int64_t total;
    int64_t done, sent, queued, failed, held, unknown; /* held: also those that are unknown */
    int64_t cancelled, compensated;
    int64_t opened_ms, sealed_ms, ended_ms; /* 0: not yet */
    char detail[LS_REASON_BYTES_MAX + 1];
};
struct ls_batch_page {
    size_t count;
    struct ls_batch_row rows[LS_BATCH_PAGE_MAX]; /* newest first */
    bool has_more;
};

struct ls_batch_detail {
    struct ls_batch_row row;
    size_t cause_count;
    struct ls_cause_row causes[LS_BATCH_CAUSES_MAX];
    int64_t entities;   /* that a failed or held operation of it stops */
    int64_t ops_behind; /* later operations of these; at most 10,000 are counted */
    bool has_minutes;   /* false: too many operations to read this each second */
    int64_t minutes[LS_FACTS_MINUTES]; /* done in each; [59] is the current one */
};

/* Milliseconds until everything that can go on is done, at the pace since it was sealed; -1
 * when that says nothing: it stands, or nothing is done yet. */
int64_t ls_batch_left_ms(const struct ls_batch_row *row, int64_t now_ms);

/* How it is, in a word: "open", "running", "paused", "UNKNOWN", "blocked" (nothing of it can go
 * on before a person does something), "undoing", "done", "undone", "UNDO FAILED". Static
 * storage. */
const char *ls_batch_word(const struct ls_batch_row *row);

/* Whether C can act: undo what landed and cancel what has not begun; `why` says why not. */
bool ls_batch_may_compensate(const struct ls_batch_row *row, struct ls_why *why);
bool ls_batch_may_retry(const struct ls_batch_row *row, struct ls_why *why);

#endif
