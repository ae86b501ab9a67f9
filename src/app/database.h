/* The command line's connection and the parts that its commands share. */
#ifndef LOCKSTEP_APP_DATABASE_H
#define LOCKSTEP_APP_DATABASE_H

#include "command.h"
#include "lockstep/core/action.h"
#include "lockstep/core/facts.h"
#include "lockstep/store/session.h"

enum { LISTING_DEFAULT = 50, LISTING_MAX = 100000 };

/* Connect with the configuration's login; on failure it has been complained about and the
 * status is not LS_EXIT_DONE. Free with ls_session_free(). */
enum ls_exit database_open(const struct command_call *call, ls_session **session_out);

/* Prepare an action of this person: request id, claims, reason (LS_CODE_INVALID when the
 * reason is missing, blank or too long). */
LS_MUST_CHECK ls_err database_action(const struct command_call *call,
                                     enum ls_verb verb,
                                     struct ls_action *action_out,
                                     struct ls_why *why);
/* Perform one action that is no operation's, print its outcome, give the status. */
enum ls_exit database_act_alone(const struct command_call *call,
                                const struct ls_action *action);

/* --limit, LISTING_DEFAULT if not given; INT64_MAX for all. */
LS_MUST_CHECK ls_err database_limit(const struct command_call *call,
                                    int64_t *limit_out,
                                    struct ls_why *why);
/* A positive number from an argument. LS_CODE_INVALID names it as `thing`. */
LS_MUST_CHECK ls_err database_id(const char *text,
                                 const char *thing,
                                 int64_t *id_out,
                                 struct ls_why *why);

/* How a listing is written: one document, one object a line, or a table. */
enum listing { LISTING_TABLE, LISTING_JSON, LISTING_JSONL, LISTING_CSV };
enum listing database_listing(const struct command_call *call);

#endif
