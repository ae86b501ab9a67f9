/* One round of looks: the attempts of what was taken, the questions to the ledger's endpoints
 * about them, and what each operation's answer is. */
#ifndef LOCKSTEP_SERVICE_LOOK_ROUND_H
#define LOCKSTEP_SERVICE_LOOK_ROUND_H

#include "lockstep/base/buf.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/store/look.h"

enum {
    LOOK_OPS_MAX = 512, /* operations of a round */
    LOOK_ROWS_MAX =
        2048, /* attempts of them; a round that is fuller leaves the rest for later */
    LOOK_CHUNKS_MAX = LOOK_ROWS_MAX / LS_RPC_STATUSES_MAX,
};

/* One attempt of the round, and what the endpoints said of it. */
struct look_row {
    struct ls_look_row row;
    int64_t slot;
    int32_t answered; /* endpoints that told of it */
};

struct look_round {
    size_t endpoint_count;
    size_t count;
    bool is_overfull;
    struct look_row rows[LOOK_ROWS_MAX];
    /* Those that have an attempt, in questions of at most LS_RPC_STATUSES_MAX. */
    size_t chunk_count;
    size_t chunk_rows[LOOK_CHUNKS_MAX];
    size_t at[LOOK_CHUNKS_MAX][LS_RPC_STATUSES_MAX]; /* which row */
    struct ls_look_attempt attempts[LOOK_ROWS_MAX];  /* of the operation that is judged */
    size_t found_count;
    struct ls_look_found found[LOOK_OPS_MAX];
};

void look_round_begin(struct look_round *round, size_t endpoint_count);
/* As ls_session_look_take() calls it; `self` is the round. */
void look_round_take(void *self, const struct ls_look_row *row);
/* Cut the rows into questions. */
void look_round_cut(struct look_round *round);
/* The question about chunk `chunk`. LS_CODE_FULL, LS_CODE_NO_MEMORY: as the buffer says. */
LS_MUST_CHECK ls_err look_round_ask(const struct look_round *round,
                                    size_t chunk,
                                    struct ls_buf *body_out);
/* An endpoint's answer to it. LS_CODE_CORRUPT: it is none, and nothing is taken of it. */
LS_MUST_CHECK ls_err look_round_note(struct look_round *round,
                                     size_t chunk,
                                     const char *body,
                                     size_t body_bytes);
/* What all that was noted says of each operation, in `found`. */
void look_round_judge(struct look_round *round);

#endif
