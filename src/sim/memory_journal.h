/* A record of all that changed the store, from which it can be made anew as it was. */
#ifndef LOCKSTEP_SIM_MEMORY_JOURNAL_H
#define LOCKSTEP_SIM_MEMORY_JOURNAL_H

#include "memory_rows.h"

/* Each says that something is about to happen, and when; nothing while no record is kept.
 * A record that memory does not suffice for ends the keeping: restore then refuses. */
void memory_journal_enqueue(struct ls_memory_store *store,
                            const struct ls_memory_enqueue *request);
void memory_journal_take_back(struct ls_memory_store *store, ls_op_id op);
void memory_journal_commit(struct ls_memory_store *store, ls_op_id op);
void memory_journal_batch(struct ls_memory_store *store,
                          const char *name,
                          enum ls_batch_policy policy);
void memory_journal_seal(struct ls_memory_store *store, int64_t batch);
void memory_journal_act(struct ls_memory_store *store, const struct ls_action *action);
void memory_journal_request(struct ls_memory_store *store,
                            int64_t worker_id,
                            const struct ls_store_request *request);
void memory_journal_free(struct memory_journal *journal);

#endif
