/* What the worker keeps of an operation beside the engine's slot, from claim or adoption until
 * it is forgotten. */
#ifndef LOCKSTEP_WORKER_KEPT_H
#define LOCKSTEP_WORKER_KEPT_H

#include "lockstep/solana/intent.h"
#include "lockstep/worker/worker.h"

/* What must be known of the ledger before an operation can be signed. */
enum question_kind {
    QUESTION_NONE = 0,
    QUESTION_RENT, /* the rent exemption of `space` bytes */
    QUESTION_MINT, /* the program that owns the mint `address` */
    QUESTION_HELD, /* the lamports that `address` holds, for the sake of the last of them */
};
struct question {
    enum question_kind kind;
    uint64_t space;
    struct ls_address address;
    int32_t attempt; /* that is to be signed then, and its fee */
    int32_t fee_level;
};

/* A signed transaction; the operations that are packed into it share it. */
struct shared_tx {
    size_t users;
    size_t length;
    uint8_t bytes[];
};

/* An attempt made before the one under way. */
struct sibling {
    int32_t attempt;
    struct ls_signature signature;
};

/* What one endpoint said in its look for a certificate. */
struct look_kept {
    int32_t endpoint;
    bool same_node;
    struct ls_address node;
    int64_t height_before, height_after;
    int32_t controls_found;
    bool newer_found;
    bool is_whole;    /* every block of these heights is kept */
    bool asks_blocks; /* of those that the next say; 0, 0: the node does not list them */
    int64_t whole_from, whole_to;
    size_t control_count;
    struct ls_signature controls[LS_CONTROLS_MAX];
};
struct evidence {
    size_t count;
    struct look_kept looks[LS_ENDPOINTS_MAX];
};

/* What is kept for a slot beside the engine's own. */
struct kept {
    uint32_t generation;
    enum ls_kind kind;
    char *key;
    char *payload; /* until its first send; fences nonce and marker: until forgotten */
    size_t payload_bytes;
    bool has_mint; /* resolved from the payload's key */
    struct ls_address mint;
    bool mint_is_2022;
    struct question question;  /* while it waits for an answer */
    uint64_t held_lamports;    /* the answer to QUESTION_HELD; 0: not asked yet */
    struct shared_tx *tx;      /* once signed, or as adopted */
    int32_t pack;              /* number of the pack that it was signed in; 0: alone */
    struct shared_tx *next_tx; /* fence nonce: one more, not durable yet: never sent */
    struct ls_hash blockhash;  /* fence nonce: the nonce's value, of all attempts */
    struct ls_address nonce;
    int64_t nonce_slot; /* what is read of the nonce counts from this slot on */
    int64_t batch;      /* atomic: > 0, of `batch_size` operations */
    int32_t batch_size;
    int64_t chain; /* the first of its chain; 0: in none */
    ls_op_id after;
    enum ls_fence fence;
    bool is_pinned;           /* live attempts bind the next one to `signer` */
    struct ls_address signer; /* who pays for its attempts */
    bool has_marker;
    struct ls_address marker;
    struct ls_signature *candidates; /* finalized transactions that may have made it */
    size_t candidate_count;
    bool creates_mint;
    struct ls_address created_mint;
    int32_t simulations; /* of this attempt, before it is signed */
    bool lacks_siblings; /* no memory for them: nothing may be certified */
    size_t sibling_count;
    struct sibling *siblings;
    struct evidence *evidence; /* NULL before the first look */
};

#endif
