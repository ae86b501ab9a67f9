/* The store in memory: the same contract as PostgreSQL's (core/store_port.h) for the
 * simulator and for tests, with virtual time and injected faults. Single-threaded. */
#ifndef LOCKSTEP_SIM_MEMORY_STORE_H
#define LOCKSTEP_SIM_MEMORY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/action.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/store_port.h"

typedef struct ls_memory_store ls_memory_store;
typedef struct ls_memory_port ls_memory_port; /* one worker's connection */

struct ls_memory_store_options {
    uint64_t seed;
    int64_t (*now_ms)(void *self);
    void *self;
    const uint8_t *tag_key; /* 32 bytes */
};
ls_memory_store *ls_memory_store_new(const struct ls_memory_store_options *options);
void ls_memory_store_free(ls_memory_store *store);

/* As lockstep.enqueue does; same refusals (payload fields are not checked here). */
struct ls_memory_enqueue {
    enum ls_kind kind;
    const char *payload, *key, *entity, *depends_on_key;
    int32_t lane;
    int64_t delay_ms;
    int32_t attempts_max;
};
LS_MUST_CHECK ls_err ls_memory_store_enqueue(ls_memory_store *store,
                                             const struct ls_memory_enqueue *request,
                                             ls_op_id *op_out,
                                             struct ls_why *why);
/* The operator's side, as ls_session_act does. */
void ls_memory_store_act(ls_memory_store *store,
                         const struct ls_action *action,
                         struct ls_action_result *result_out);
/* An operation as stored, for judges. False when there is none. */
bool ls_memory_store_op(const ls_memory_store *store, ls_op_id op, struct ls_op_row *row_out);
size_t ls_memory_store_attempts(const ls_memory_store *store,
                                ls_op_id op,
                                struct ls_stored_attempt *attempts_out,
                                size_t max);
int64_t ls_memory_store_last_id(const ls_memory_store *store);

/* Faults: chances in parts per million a request. */
struct ls_memory_faults {
    int32_t refuse_ppm;       /* UNAVAILABLE, nothing happened */
    int32_t lose_reply_ppm;   /* UNKNOWN, but it happened */
    int32_t lose_request_ppm; /* UNKNOWN, and it did not happen */
    int64_t delay_ms_max;
    bool is_down;
};
void ls_memory_store_set_faults(ls_memory_store *store, const struct ls_memory_faults *faults);

ls_memory_port *ls_memory_port_new(ls_memory_store *store);
void ls_memory_port_free(ls_memory_port *port); /* as a crash: nothing is said to the store */
struct ls_store_port ls_memory_port_face(ls_memory_port *port);
int64_t ls_memory_port_next_ms(const ls_memory_port *port); /* INT64_MAX if none */

#endif
