/* The audit log's hash chain: entry n's hash is
 *   SHA-256("lockstep/audit/1" || 0x00 || prev_hash || canonical bytes of the entry)
 * and entry 1's prev_hash is the log id's hash. Pure: the caller reads the entries. */
#ifndef LOCKSTEP_AUDIT_CHAIN_H
#define LOCKSTEP_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum { LS_AUDIT_HASH_BYTES = 32 };

enum ls_audit_fault {
    LS_AUDIT_GOOD = 0,
    LS_AUDIT_EDITED,    /* an entry's bytes do not give its hash */
    LS_AUDIT_GAP,       /* a sequence number is missing */
    LS_AUDIT_FORKED,    /* an entry does not name its predecessor's hash, has a number that was
                           taken before, or is not the one remembered at its number */
    LS_AUDIT_TRUNCATED, /* shorter than a head seen before */
};
/* One word for reports: "good", "edited", … Static storage. */
const char *ls_audit_fault_name(enum ls_audit_fault fault);

struct ls_audit_verifier {
    int64_t next_seq;
    uint8_t head[LS_AUDIT_HASH_BYTES];
    enum ls_audit_fault fault;
    int64_t fault_seq; /* where the first fault shows; of a gap or truncation the first number
                          that is missing */
    int64_t expected_seq; /* 0: nothing remembered */
    uint8_t expected[LS_AUDIT_HASH_BYTES];
};

/* Begin at sequence 1 with the log's origin hash. */
void ls_audit_verifier_init(struct ls_audit_verifier *verifier,
                            const uint8_t origin[LS_AUDIT_HASH_BYTES]);
/* Remember that entry `seq` (>= 1) was seen with `hash` at an earlier look: a log that was
 * rewritten and chained again up to there is forked. Call it before the first entry. */
void ls_audit_verifier_expect(struct ls_audit_verifier *verifier,
                              int64_t seq,
                              const uint8_t hash[LS_AUDIT_HASH_BYTES]);
/* Take the next entry in order. After a fault nothing more is taken. Returns whether the
 * chain is still good. */
bool ls_audit_verifier_take(struct ls_audit_verifier *verifier,
                            int64_t seq,
                            const uint8_t prev_hash[LS_AUDIT_HASH_BYTES],
                            const uint8_t hash[LS_AUDIT_HASH_BYTES],
                            const void *canonical,
                            size_t canonical_bytes);
/* Compare with a head remembered from an earlier look (0: none); a shorter log is
 * truncated. Returns whether the chain is good. */
bool ls_audit_verifier_end(struct ls_audit_verifier *verifier, int64_t remembered_seq);

/* The hash of an entry as above. */
void ls_audit_hash(const uint8_t prev_hash[LS_AUDIT_HASH_BYTES],
                   const void *canonical,
                   size_t canonical_bytes,
                   uint8_t hash_out[LS_AUDIT_HASH_BYTES]);

#endif
