/* Bulk jobs: one action on many operations, as a durable job in the database. The targets are
 * frozen by id and version when the job is made; the leading worker carries it out in small
 * steps, each target through the same audited action as by hand. What would be sent again or
 * undone is looked up on the ledger right before its turn (core/look.h). Numbers are stored in
 * the database: never renumber one. */
#ifndef LOCKSTEP_CORE_BULK_H
#define LOCKSTEP_CORE_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/core/action.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/op.h"

enum {
    LS_BULK_TARGETS_MAX = 1000000,
    LS_BULK_RATE_MAX = 1000, /* a second */
    LS_BULK_RATE_DEFAULT = 20,
    LS_BULK_CANARY_DEFAULT = 5,
    LS_BULK_ABORT_DEFAULT = 20, /* percent */
    LS_BULK_ABORT_NEVER = 100,
    LS_BULK_PAGE_MAX = 100,
};

enum ls_bulk_state {
    LS_BULK_RUNNING = 0,
    LS_BULK_CANARY = 1, /* the first few act, and their outcome is awaited */
    LS_BULK_PAUSED = 2, /* by a person, or by a canary that failed */
    LS_BULK_FINISHED = 3,
    LS_BULK_ABORTED = 4, /* by a person, or by too many that failed again */
};
enum { LS_BULK_STATE_COUNT = 5 };
/* "running" …; "unknown" for another number. Static storage. */
const char *ls_bulk_state_name(enum ls_bulk_state state);

enum ls_bulk_target_state {
    LS_BULK_TARGET_WAITING = 0,
    LS_BULK_TARGET_SENT = 1, /* acted on; what becomes of it is awaited */
    LS_BULK_TARGET_DONE = 2,
    LS_BULK_TARGET_FAILED = 3, /* acted on, and failed again */
    LS_BULK_TARGET_REFUSED = 4,
    LS_BULK_TARGET_LANDED = 5, /* the ledger has it already: it was not sent again */
    LS_BULK_TARGET_DOUBT = 6,  /* it may land still, or there is nothing to undo: left alone */
};
enum { LS_BULK_TARGET_STATE_COUNT = 7 };
const char *ls_bulk_target_state_name(enum ls_bulk_target_state state);

/* Whether jobs can be made of this action: retry, compensate, hold, release, cancel. */
bool ls_bulk_verb(enum ls_verb verb);

/* What a person orders. */
struct ls_bulk_order {
    enum ls_verb verb;
    char filter[LS_FILTER_BYTES_MAX]; /* what matches is frozen; never empty */
    int64_t expect;                   /* so many targets, or nothing is done; < 0: any number */
    int32_t rate;                     /* a second, 1..LS_BULK_RATE_MAX */
    int32_t canary;                   /* so many first; 0: none */
    int32_t abort_above; /* percent that failed again with the same cause, of at least ten
                            that settled; LS_BULK_ABORT_NEVER */
    uint8_t request_id[16];
    char reason[LS_REASON_BYTES_MAX + 1];
    char os_user[64];
    char tty[64];
};

/* What an order would act on. */
struct ls_bulk_weight {
    int64_t targets;
    int64_t left_out;     /* match, and their state does not allow it */
    int64_t left_unknown; /* match, and whether they landed is unknown */
    char lamports[32];    /* that would move if all landed, as digits */
    int64_t token_ops;
    char tokens[40];                 /* base units of one mint; "-1": of several */
    int32_t decimals;                /* of that mint; -1: not known */
    char mint[LS_KEY_BYTES_MAX + 1]; /* its key or address, as payloads name it */
};
/* "78.00 of gold, by 12 operations", "7,800 base units of 4xYz..Ab12, by 12 operations",
 * "of several mints, by 12 operations"; "" where no tokens move. Untrusted. */
enum { LS_BULK_TOKENS_BYTES = 224 };
void ls_bulk_tokens(const struct ls_bulk_weight *weight, char out[LS_BULK_TOKENS_BYTES]);

struct ls_bulk_row {
    int64_t id;
    int64_t version;
    enum ls_verb verb;
    enum ls_bulk_state state;
    int64_t total, waiting, sent, done, failed, refused, landed, doubt;
    int64_t silent;  /* of the waiting: the ledger was asked and did not answer */
    int64_t repeats; /* of the failed: with the cause that they had before */
    int64_t left_out, left_unknown;
    int32_t rate, canary, abort_above;
    bool is_canary; /* its canary is not judged yet */
    char filter[LS_FILTER_BYTES_MAX];
    char reason[LS_REASON_BYTES_MAX + 1];
    char actor[64];
    char why[LS_REASON_BYTES_MAX + 1]; /* of the present state */
    int64_t created_ms, changed_ms, ended_ms;
};
/* What the ledger said before targets were acted on: "2 already landed, 1 in doubt, 3 wait:
 * ledger silent". "" where there is nothing to say. */
enum { LS_BULK_WORDS_BYTES = 160 };
void ls_bulk_words(const struct ls_bulk_row *row, char out[LS_BULK_WORDS_BYTES]);

struct ls_bulk_page {
    size_t count;
    struct ls_bulk_row rows[LS_BULK_PAGE_MAX]; /* newest first */
    bool has_more;
};

struct ls_bulk_target_row {
    ls_op_id op;
    char key[LS_KEY_BYTES_MAX + 1];
    enum ls_bulk_target_state state;
    int64_t new_op; /* compensate: what undoes it */
    int64_t acted_ms, settled_ms;
    char why[LS_REASON_BYTES_MAX + 1];
};
struct ls_bulk_target_page {
    int64_t bulk;
    size_t count;
    struct ls_bulk_target_row rows[LS_BULK_PAGE_MAX]; /* by operation */
    bool has_more;
};

#endif
