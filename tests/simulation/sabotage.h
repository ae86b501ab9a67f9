/* Wrong workers for the judge's own test. */
#ifndef LOCKSTEP_TESTS_SIMULATION_SABOTAGE_H
#define LOCKSTEP_TESTS_SIMULATION_SABOTAGE_H

#include "lockstep/trial/trial.h"

enum sabotage_kind {
    SABOTAGE_TOKENS, /* writes under whatever token is the newest */
    SABOTAGE_BYTES,  /* makes other bytes durable than it sends */
    SABOTAGE_EARLY,  /* calls attempts dead without proof */
    SABOTAGE_DONE,   /* calls what failed done */
    SABOTAGE_FAILED, /* calls what landed failed */
    SABOTAGE_STUCK,  /* never settles */
};

struct sabotage {
    enum sabotage_kind kind;
    const char *what;
    const char *rule; /* that the judge must find violated */
    uint64_t seed;    /* where to begin: a world that is known to show it */
    uint64_t faults;  /* of those worlds */
};
const struct sabotage *sabotage_list(size_t *count_out);

/* A sabotage at work, with the rows that take the place of a request's own. */
struct bent {
    enum sabotage_kind kind;
    struct ls_intent_row intents[LS_TRIAL_ROWS_MAX];
    struct ls_move_row moves[LS_TRIAL_ROWS_MAX];
    uint8_t txs[LS_TRIAL_ROWS_MAX][LS_TX_BYTES_MAX];
};
/* As `bend` of ls_trial_options; `self` is a struct bent. */
void sabotage_bend(void *self, ls_memory_store *store, struct ls_store_request *request);

#endif
