#include "lockstep/audit/chain.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

static const char domain[] = "lockstep/audit/1"; /* hashed with its terminator */

const char *ls_audit_fault_name(enum ls_audit_fault fault)
{
    switch (fault) {
    case LS_AUDIT_GOOD: return "good";
    case LS_AUDIT_EDITED: return "edited";
    case LS_AUDIT_GAP: return "gap";
    case LS_AUDIT_FORKED: return "forked";
    case LS_AUDIT_TRUNCATED: return "truncated";
    }
    return "unknown";
}

void ls_audit_hash(const uint8_t prev_hash[LS_AUDIT_HASH_BYTES],
                   const void *canonical,
                   size_t canonical_bytes,
                   uint8_t hash_out[LS_AUDIT_HASH_BYTES])
{
    assert(canonical != NULL || canonical_bytes == 0);

    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash); /* these cannot fail */
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)domain, sizeof domain);
    (void)crypto_hash_sha256_update(&hash, prev_hash, LS_AUDIT_HASH_BYTES);
    (void)crypto_hash_sha256_update(&hash, canonical, canonical_bytes);
    (void)crypto_hash_sha256_final(&hash, hash_out);
}

void ls_audit_verifier_init(struct ls_audit_verifier *verifier,
                            const uint8_t origin[LS_AUDIT_HASH_BYTES])
{
    *verifier = (struct ls_audit_verifier){.next_seq = 1};
    memcpy(verifier->head, origin, LS_AUDIT_HASH_BYTES);
}

void ls_audit_verifier_expect(struct ls_audit_verifier *verifier,
                              int64_t seq,
                              const uint8_t hash[LS_AUDIT_HASH_BYTES])
{
    assert(verifier->next_seq == 1); /* before the first entry */
    assert(seq >= 1);
    verifier->expected_seq = seq;
    memcpy(verifier->expected, hash, LS_AUDIT_HASH_BYTES);
}

/* The first fault is kept: what follows it proves nothing. */
static bool stop(struct ls_audit_verifier *verifier, enum ls_audit_fault fault, int64_t seq)
{
    verifier->fault = fault;
    verifier->fault_seq = seq;
    return false;
}

static bool same(const uint8_t a[LS_AUDIT_HASH_BYTES], const uint8_t b[LS_AUDIT_HASH_BYTES])
{
    return memcmp(a, b, LS_AUDIT_HASH_BYTES) == 0;
}

bool ls_audit_verifier_take(struct ls_audit_verifier *verifier,
                            int64_t seq,
                            const uint8_t prev_hash[LS_AUDIT_HASH_BYTES],
                            const uint8_t hash[LS_AUDIT_HASH_BYTES],
                            const void *canonical,
                            size_t canonical_bytes)
{
    if (verifier->fault != LS_AUDIT_GOOD) return false;
    if (seq > verifier->next_seq) return stop(verifier, LS_AUDIT_GAP, verifier->next_seq);
    if (seq < verifier->next_seq) return stop(verifier, LS_AUDIT_FORKED, seq);

    /* Its own bytes first: an edited link is an edit, not a fork. */
    uint8_t computed[LS_AUDIT_HASH_BYTES];
    ls_audit_hash(prev_hash, canonical, canonical_bytes, computed);
    if (!same(computed, hash)) return stop(verifier, LS_AUDIT_EDITED, seq);
    if (!same(prev_hash, verifier->head)) return stop(verifier, LS_AUDIT_FORKED, seq);
    if (seq == verifier->expected_seq && !same(hash, verifier->expected))
        return stop(verifier, LS_AUDIT_FORKED, seq);

    memcpy(verifier->head, hash, LS_AUDIT_HASH_BYTES);
    verifier->next_seq = seq + 1;
    return true;
}

bool ls_audit_verifier_end(struct ls_audit_verifier *verifier, int64_t remembered_seq)
{
    if (verifier->fault != LS_AUDIT_GOOD) return false;
    const int64_t last =
        remembered_seq > verifier->expected_seq ? remembered_seq : verifier->expected_seq;
    if (verifier->next_seq <= last)
        return stop(verifier, LS_AUDIT_TRUNCATED, verifier->next_seq);
    return true;
}
