/* Wrong workers for the judge's own test. */
#ifndef LOCKSTEP_TESTS_SIMULATION_SABOTAGE_H
#define LOCKSTEP_TESTS_SIMULATION_SABOTAGE_H

#include "world.h"

struct sabotage {
    enum sabotage_kind kind;
    const char *what;
    const char *rule; /* that the judge must find violated */
    uint64_t seed;    /* where to begin: a world that is known to show it */
};
const struct sabotage *sabotage_list(size_t *count_out);

/* Rows that take the place of a request's own. */
struct bent {
    struct ls_intent_row intents[WORLD_ROWS_MAX];
    struct ls_move_row moves[WORLD_ROWS_MAX];
    uint8_t txs[WORLD_ROWS_MAX][LS_TX_BYTES_MAX];
};
/* Bend the rows of `request` as the world's sabotage says. */
void sabotage_bend(struct world *world, struct ls_store_request *request, struct bent *bent);

#endif
