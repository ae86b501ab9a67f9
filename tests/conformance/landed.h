/* What the cases about landed transactions share (landed_cases.c). */
#ifndef LOCKSTEP_CONFORMANCE_LANDED_H
#define LOCKSTEP_CONFORMANCE_LANDED_H

#include "conformance.h"

/* The tag key and genesis, as HELLO told them. */
struct tagging {
    uint8_t tag_key[32];
    struct ls_hash genesis;
};

/* Connect a new worker in `slot`, and what its greeting told. */
struct tagging connect_and_learn(struct bench *bench, size_t slot);
/* One row of a page, with the tag of `key` and a signature of bytes `number`. */
struct ls_landed_row
landed_row(const struct tagging *tagging, const char *key, uint8_t number, int64_t at_slot);
/* LANDED over slots 1..100; the reply stays in bench->reply. */
void look_up(struct bench *bench, const struct ls_landed_row *rows, size_t count);
/* A finding as the worker tells it, with three bytes of a transaction, at height 5000. */
struct ls_finding_row
finding_row(enum ls_finding finding, ls_op_id op, const struct ls_landed_row *landed);
struct ls_found tell(struct bench *bench, const struct ls_finding_row *row, bool repair);

#endif
