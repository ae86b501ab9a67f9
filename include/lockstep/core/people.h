/* What people at their consoles leave for each other: who is here, who has what, which rules
 * are silenced, and what this login could take back. Plain records, as facts.h's; all text
 * is untrusted. */
#ifndef LOCKSTEP_CORE_PEOPLE_H
#define LOCKSTEP_CORE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/core/op.h"

enum {
    LS_PEOPLE_PRESENCES_MAX = 16,
    LS_PEOPLE_CLAIMS_MAX = 64,
    LS_PEOPLE_SILENCES_MAX = 16,
    LS_PEOPLE_NOTES_MAX = 32 /* the newest 16 on alerts, and as many on batches */
};

struct ls_presence {
    char id[33]; /* hex, of one console */
    char login[64];
    char os_user[64]; /* a claim of the client, as host */
    char host[64];
    char screen[32];
    int64_t since_ms, seen_ms, pid;
};
/* A soft claim, or a silenced rule. */
struct ls_claim {
    char target[224]; /* "op 17", "cause NAME"; a rule's name */
    char login[64];
    char reason[LS_REASON_BYTES_MAX + 1];
    int64_t since_ms, until_ms;
    bool is_mine; /* by the login that reads */
};
/* A note, as it stands. */
struct ls_note {
    int64_t id, at_ms;
    char target[224];
    char login[64];
    char body[LS_REASON_BYTES_MAX + 1];
};

struct ls_people {
    size_t presence_count;
    struct ls_presence presences[LS_PEOPLE_PRESENCES_MAX];
    size_t claim_count;
    struct ls_claim claims[LS_PEOPLE_CLAIMS_MAX];
    size_t silence_count;
    struct ls_claim silences[LS_PEOPLE_SILENCES_MAX];
    size_t note_count; /* on alerts and batches, the newest of each first */
    struct ls_note notes[LS_PEOPLE_NOTES_MAX];
    int64_t undo_seq; /* audit entry of what undo would take back; 0: nothing */
    char undo_action[32];
    char undo_target[224];
};

/* The claim on `target`; NULL when nobody has it. */
const struct ls_claim *ls_people_claim(const struct ls_people *desk, const char *target);
const struct ls_claim *ls_people_claim_of_op(const struct ls_people *desk, ls_op_id op);
/* The newest note on `target` (an alert or a batch); NULL when there is none. */
const struct ls_note *ls_people_note(const struct ls_people *desk, const char *target);
/* Whether the rule is silenced, and by whom; NULL when it is heard. */
const struct ls_claim *ls_people_silence(const struct ls_people *desk, const char *rule);

#endif
