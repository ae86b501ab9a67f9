/* Checks of an installation: one line each, with the cure. The parts that look stand in
 * doctor_*.c and report here. */
#ifndef LOCKSTEP_APP_DOCTOR_H
#define LOCKSTEP_APP_DOCTOR_H

#include "lockstep/base/buf.h"
#include "lockstep/base/chain.h"
#include "lockstep/config/config.h"
#include "lockstep/report/complain.h"

enum finding { FINDING_OK, FINDING_WARN, FINDING_BAD };

struct doctor {
    bool is_json;
    struct ls_buf out;
    enum ls_exit status; /* of the first bad finding */
    bool has_genesis;    /* the configuration names a ledger, or the database has pinned one */
    bool is_named;       /* the configuration does */
    struct ls_hash genesis;
};

/* One line. `bad_status` is the exit status where the finding is bad. */
void doctor_say(struct doctor *doctor,
                enum finding finding,
                enum ls_exit bad_status,
                const char *check,
                const char *format,
                ...) LS_PRINTF(5, 6);

void doctor_database(struct doctor *doctor, const struct ls_config *config);
void doctor_ledger(struct doctor *doctor, const struct ls_config *config);
void doctor_keys(struct doctor *doctor, const struct ls_config *config);
void doctor_screen(struct doctor *doctor, const struct ls_config *config);

#endif
