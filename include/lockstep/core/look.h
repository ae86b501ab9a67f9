/* Verify on chain, and what is known before operations are sent again or undone.
 *
 * A look reads the ledger for each attempt of an operation. It is evidence beside the
 * certificates: it moves no operation, and "not found" is never by itself a proof that an
 * attempt is dead. A retry is refused while the newest look found the operation landed or
 * still able to land. */
#ifndef LOCKSTEP_CORE_LOOK_H
#define LOCKSTEP_CORE_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/core/op.h"

/* The numbers stand in the database (migration of looks). */
enum ls_look {
    LS_LOOK_NOTHING_SENT = 0,
    LS_LOOK_NOT_FOUND = 1, /* and no attempt can land any more */
    LS_LOOK_LANDED = 2,
    LS_LOOK_ERRORED = 3,    /* landed with an error: no effect */
    LS_LOOK_MAY_LAND = 4,   /* an attempt was not found and can still land */
    LS_LOOK_NO_ANSWER = 5,  /* no endpoint told enough */
    LS_LOOK_NEVER_ASKED = 6 /* in memory alone */
};
/* "not found", "landed" …: as the audit log says it. */
const char *ls_look_word(enum ls_look look);

/* One attempt as the ledger answered for it. */
struct ls_look_attempt {
    bool is_proved;   /* a certificate says that it is dead */
    bool can_expire;  /* its blockhash ends; not so with a nonce's value */
    bool is_cancel;   /* it only moves the nonce on: no effect of the operation */
    bool is_answered; /* an endpoint answered */
    bool is_found;
    bool has_error; /* found with an error */
    int64_t last_valid_height;
    int64_t height; /* finalized, the highest of the endpoints that did not find it */
};
/* The operation's outcome of all its attempts: what landed wins, then doubt. */
enum ls_look ls_look_judge(const struct ls_look_attempt *attempts, size_t count);

enum { LS_PREFLIGHT_OPS_MAX = 200, LS_PREFLIGHT_ASSETS_MAX = 8, LS_REQUEST_ID_BYTES = 16 };

struct ls_preflight_op {
    ls_op_id op;
    int64_t version;
    enum ls_state state;
    enum ls_sub sub;
    bool has_landed;   /* by the database's attempts */
    bool is_unknown;   /* one of them is neither dead nor final */
    enum ls_look look; /* the newest look that the ledger answered, else that it did not */
    int64_t looked_ms; /* when; the database's clock; 0: never */
    int64_t look_slot; /* of what it found; 0: nothing */
    bool is_open;      /* the look asked for this is not answered yet */
    bool is_silent;    /* the ledger did not answer the look asked for this */
};

/* Value of one asset, of the operations that would go. */
struct ls_preflight_asset {
    char name[LS_KEY_BYTES_MAX + 1]; /* "SOL", a mint's address, or the key that made it */
    int32_t decimals;                /* -1: not known; then the total is in base units */
    uint64_t total;
    bool is_beyond; /* more than 64 bits hold */
    int64_t count, receivers;
};

struct ls_preflight {
    int64_t now_ms;                          /* the database's clock when it was read */
    uint8_t request_id[LS_REQUEST_ID_BYTES]; /* of the look that was asked for this */
    bool has_look;                           /* a worker was asked */
    char no_look_why[160];                   /* why none was */
    size_t open;                             /* operations whose look is not answered */
    size_t count;
    struct ls_preflight_op ops[LS_PREFLIGHT_OPS_MAX];
    size_t asset_count;
    struct ls_preflight_asset assets[LS_PREFLIGHT_ASSETS_MAX];
    bool has_more_assets;
    uint64_t fee_lamports; /* about, for one attempt each */
    char signer[LS_ADDRESS_TEXT_BYTES];
    bool has_signers; /* more than one */
};

/* What the look asked for this found; the rest of the record keeps what an earlier one did
 * where the ledger did not answer. */
enum ls_look ls_preflight_found(const struct ls_preflight_op *op);

/* What stands against an operation's going: its being sent again, or its being undone. */
enum ls_doubt {
    LS_DOUBT_NONE,
    LS_DOUBT_UNPROVED,   /* an attempt is neither dead nor final */
    LS_DOUBT_LANDED,     /* the database knows that it landed */
    LS_DOUBT_ON_LEDGER,  /* a look found it */
    LS_DOUBT_MAY_LAND,   /* a look found that it can land still */
    LS_DOUBT_NOT_FAILED, /* it is not failed any more */
    LS_DOUBT_NOT_THERE,  /* what should be undone is not there, as a look has it */
    LS_DOUBT_CHANGED,    /* it is not as it was seen */
};
/* `for_retry`: of a retry, else of a compensation. `version`: as it was seen; 0: as it is. */
enum ls_doubt
ls_preflight_doubt(const struct ls_preflight_op *op, bool for_retry, int64_t version);
/* In a few words, with the console's cure: "UNKNOWN: verify first (v)"; NULL for none. */
const char *ls_doubt_words(enum ls_doubt doubt);
/* Whether `op` may be sent again by what is known; `why` says the reason as ls_doubt_words().
 */
bool ls_preflight_may_retry(const struct ls_preflight_op *op, const char **why_out);

/* What is known of operations before they go, in three numbers that make up all of them. */
struct ls_look_counts {
    size_t never_landed, unknown, landed;
};
void ls_look_count(struct ls_look_counts *counts, const struct ls_preflight_op *op);

#endif
