/* One call to the ledger: what it asks, of which operations, and where each answer stands. */
#ifndef LOCKSTEP_WORKER_LEDGER_CALL_H
#define LOCKSTEP_WORKER_LEDGER_CALL_H

#include "kept.h"
#include "lockstep/solana/rpc.h"

enum {
    CALL_PLACES_MAX = 256,  /* signatures in one ledger call */
    CALL_SLOTS_MAX = 1024,  /* operations in one ledger call: packed ones share a place */
    CALL_CONTROLS_MAX = 32, /* different controls in one certificate look */
};

enum call_kind {
    CALL_FREE = 0,
    CALL_LEARN,
    CALL_HEAD,
    CALL_BALANCE,
    CALL_SEND,
    CALL_QUERY,
    CALL_CERTIFY,
    CALL_SCAN,
    CALL_NONCE,
    CALL_FAMILY,
    CALL_CONTROL,
    CALL_PROBE,
    CALL_FEES,
    CALL_SIMULATE,
    CALL_LOOKUP,
    CALL_MARKER, /* which finalized transactions name the marker */
    CALL_MAKERS, /* those that may have made it */
    CALL_KIND_COUNT,
};

/* Where one operation's signatures stand in a look. */
struct look_place {
    uint16_t first; /* its attempt; its earlier ones follow */
    uint8_t control_count;
    int8_t controls[LS_CONTROLS_MAX]; /* indexes into the call's controls, -1: no room */
    int8_t newer;                     /* likewise; -1 also: none */
    int16_t marker;                   /* index into the call's markers, -1: none */
};

struct ledger_call {
    enum call_kind kind;
    uint64_t id;
    int32_t endpoint; /* PROBE */
    int32_t turn;     /* SEND */
    size_t count;     /* slots */
    struct ls_slot slots[CALL_SLOTS_MAX];
    size_t scan_positions;           /* SCAN: how many answers its batch has */
    bool is_deep;                    /* FAMILY: it searches history */
    uint8_t members[CALL_SLOTS_MAX]; /* FAMILY: attempts looked up of each */
    uint8_t place[CALL_SLOTS_MAX];   /* SEND, QUERY: where the slot's transaction stands */
    size_t place_count;
    struct ls_signature signatures[CALL_PLACES_MAX]; /* by place */
    struct look_place places[CALL_SLOTS_MAX];        /* CERTIFY */
    size_t signature_count;                          /* without the controls */
    size_t positions;                                /* LOOKUP: questions in the call */
    uint8_t position_at[CALL_SLOTS_MAX];             /* LOOKUP: which of them is the slot's */
    size_t control_count;
    struct ls_signature controls[CALL_CONTROLS_MAX];
    int64_t from_slot,
        to_slot; /* CERTIFY: whether all blocks of these are kept; 0: not asked */
    size_t marker_count;
};

/* ledger_calls.c, ledger_replies.c */
/* A place for one more call; NULL when all are taken. */
struct ledger_call *ls_worker_call_open(ls_worker *worker, enum call_kind kind);
void ls_worker_call_close(ls_worker *worker, struct ledger_call *call);
void ls_worker_body_open(ls_worker *worker, struct ls_rpc_batch *batch);
bool ls_worker_call_begin(ls_worker *worker, struct ledger_call *call, int32_t endpoint);
/* Short name of the program that failed in the operation's transaction; NULL. */
const char *ls_worker_program_name(const struct kept *kept, const struct ls_rpc_error *error);
struct ls_seen
ls_worker_seen_of(ls_worker *worker, struct ls_slot slot, const struct ls_rpc_status *status);
void ls_worker_flush_ledger(ls_worker *worker);
void ls_worker_take_ledger_replies(ls_worker *worker);
/* An answer that says nothing: each slot of the call asks again. */
void ls_worker_answer_nothing(ls_worker *worker,
                              const struct ledger_call *call,
                              const char *why);
void ls_worker_unanswered(ls_worker *worker, const struct ledger_call *call);
void ls_worker_read_reply(ls_worker *worker,
                          const struct ledger_call *call,
                          const struct ls_ledger_reply *reply);

#endif
