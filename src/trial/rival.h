/* A worker that follows another system's rule; see lockstep/trial/policy.h. */
#ifndef LOCKSTEP_TRIAL_RIVAL_H
#define LOCKSTEP_TRIAL_RIVAL_H

#include "process.h"

enum { RIVAL_CALLS_MAX = 32 };

enum rival_state { RIVAL_NEW, RIVAL_SENT, RIVAL_DONE, RIVAL_FAILED };

/* An operation as its table has it: durable. */
struct rival_row {
    enum rival_state state;
    int32_t owner; /* number of a process; 0: none */
    int64_t lease_until_ms;
    int32_t signed_count;
    int32_t variant; /* of the key made for it */
    struct ls_signature signature;
    int64_t last_valid_height;
    int64_t sent_ms, sent_wall_ms;
    size_t tx_bytes;
    uint8_t tx[LS_TX_BYTES_MAX];
    struct ls_address mint; /* that it creates */
};

/* An operation as a process remembers it. */
struct rival_memory {
    bool is_asked;   /* a call about it is under way */
    int64_t due_ms;  /* when to look again */
    int32_t nulls;   /* looks in a row that found nothing */
    bool is_sending; /* SEND_BEFORE_STORE: `unwritten` is on its way */
    struct rival_row *unwritten;
};

enum rival_call_kind { RIVAL_CALL_FREE, RIVAL_CALL_HEAD, RIVAL_CALL_SEND, RIVAL_CALL_LOOK };
struct rival_call {
    enum rival_call_kind kind;
    uint64_t id;
    size_t op;
};

struct rival {
    struct process *process;
    struct ls_worker_ports ports;
    struct rival_memory *memory; /* by place of the operation */
    struct rival_call calls[RIVAL_CALLS_MAX];
    uint64_t next_id;
    int64_t poll_ms;
    bool has_head, is_head_asked;
    struct ls_hash blockhash;
    int64_t head_ms, last_valid_height, finalized_height;
};

/* NULL without memory. */
struct rival *rival_new(struct process *process);
void rival_free(struct rival *rival);
/* Take what arrived, do what is due, say through the wait port until when to wait. */
void rival_turn(struct rival *rival);

/* rival_calls.c */
void rival_ask_head(struct rival *rival);
void rival_send(struct rival *rival, size_t op, const struct rival_row *row);
void rival_look(struct rival *rival, size_t op, const struct rival_row *row);
/* Take the replies, calling rival_on_sent and rival_on_look. */
void rival_take(struct rival *rival);

enum rival_sent { RIVAL_ACCEPTED, RIVAL_UNKNOWN, RIVAL_REFUSED, RIVAL_UNPAID };
void rival_on_sent(struct rival *rival, size_t op, enum rival_sent sent);
enum rival_seen { RIVAL_ABSENT, RIVAL_NO_ANSWER, RIVAL_PENDING, RIVAL_FINAL, RIVAL_ERRORED };
void rival_on_look(struct rival *rival, size_t op, enum rival_seen seen);

/* rival_sign.c: sign the operation for the newest blockhash, in `row`. False when it can
 * not be. */
bool rival_sign(struct rival *rival, size_t op, struct rival_row *row);

#endif
