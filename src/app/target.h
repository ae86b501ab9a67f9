/* The operations that an action means: given by numbers or by a filter, each as it was
 * seen, so that the store can refuse where it changed since. */
#ifndef LOCKSTEP_APP_TARGET_H
#define LOCKSTEP_APP_TARGET_H

#include <stddef.h>

#include "command.h"
#include "lockstep/core/action.h"
#include "lockstep/core/look.h"
#include "lockstep/store/session.h"

enum { TARGETS_MAX = 100000 };

struct target {
    ls_op_id op;
    int64_t version;
    enum ls_kind kind;
    enum ls_state state;
    enum ls_sub sub;
    char key[LS_KEY_BYTES_MAX + 1];
    /* What targets_look() says of it. */
    enum ls_doubt doubt;
    enum ls_look look;
    int64_t look_slot;
    bool is_silent; /* the ledger did not answer */
};

struct targets {
    enum ls_verb verb;
    size_t count; /* that the verb can act on */
    size_t capacity;
    struct target *items;
    size_t left_out;            /* matched, but in a state that the verb can not act on */
    struct ls_why left_out_why; /* the first one's reason */
};

/* The positional arguments, joined by blanks, as a filter. */
LS_MUST_CHECK ls_err targets_filter(const struct arguments *arguments,
                                    struct ls_filter *filter_out,
                                    struct ls_why *why);

/* Gather them. LS_CODE_NOT_FOUND when nothing matches; LS_CODE_FULL beyond TARGETS_MAX. */
LS_MUST_CHECK ls_err targets_gather(ls_session *session,
                                    const struct arguments *arguments,
                                    enum ls_verb verb,
                                    struct targets *targets_out,
                                    struct ls_why *why);
/* What failed of a batch, for LS_VERB_BATCH_RETRY: nothing is no failure. */
LS_MUST_CHECK ls_err targets_of_batch(ls_session *session,
                                      int64_t batch,
                                      struct targets *targets_out,
                                      struct ls_why *why);
void targets_done(struct targets *targets);

#endif
