/* The statements of ls_store_port: a request as one SELECT with its parameters, and a
 * result as a reply. */
#ifndef LS_STORE_PG_WIRE_H
#define LS_STORE_PG_WIRE_H

#include <libpq-fe.h>

#include "claim_mark.h"
#include "lockstep/base/arena.h"
#include "lockstep/core/store_port.h"
#include "params.h"

/* What a statement says beside the request itself. */
struct wire_context {
    int64_t worker_id;             /* 0: none yet */
    bool is_fair_turn;             /* this CLAIM gives low lanes a share */
    int64_t low_ms[LS_LANE_COUNT]; /* where this CLAIM looks from, by lane; 0: the beginning */
};

/* Check the request's maximums and write its parameters. INVALID names the first maximum
 * that is broken. */
LS_MUST_CHECK ls_err wire_check(const struct ls_store_request *request);
void wire_encode(const struct ls_store_request *request,
                 const struct wire_context *context,
                 struct params *params);
/* The SQL text for a verb. Static storage. */
const char *wire_sql(enum ls_store_verb verb);

/* Fill the reply's part for `verb` from a good result. Texts point into `result`, the rest
 * into `arena`. CORRUPT when the database answers what cannot be; NO_MEMORY. */
LS_MUST_CHECK ls_err wire_decode(enum ls_store_verb verb,
                                 const PGresult *result,
                                 struct ls_arena *arena,
                                 struct ls_store_reply *reply);

/* pg_landed.c: the same for the verbs and members of core/landed.h. */
LS_MUST_CHECK ls_err wire_check_landed(const struct ls_store_request *request);
void wire_encode_landed(const struct ls_store_request *request, struct params *params);
/* worker_past's columns, which begin at `column`. */
LS_MUST_CHECK ls_err wire_decode_past(const PGresult *result,
                                      int column,
                                      struct ls_store_reply *reply);
/* The row of worker_tick that tells the place. */
void wire_decode_place(const PGresult *result, int row, struct ls_store_reply *reply);
LS_MUST_CHECK ls_err wire_decode_landed(const PGresult *result,
                                        struct ls_arena *arena,
                                        struct ls_store_reply *reply);
LS_MUST_CHECK ls_err wire_decode_found(const PGresult *result,
                                       struct ls_arena *arena,
                                       struct ls_store_reply *reply);
/* Whether a TICK's result says that some kind has an on_settled function. */
bool wire_has_hooks(const PGresult *result);

/* Raise the mark to the operations that a CLAIM's result has. */
void wire_mark(const PGresult *result, struct claim_mark *mark);

#endif
