/* The simulated ledger: one deterministic Solana-like chain that speaks JSON-RPC.
 *
 * Pure of clocks and entropy: time is given with every call, randomness comes from the
 * seed. The same object serves the deterministic simulator (through ls_sim_ledger_port),
 * `lockstep sim listen` and the demo (through sim/sim_http.h).
 *
 * It keeps blocks, commitment levels (processed, confirmed, finalized), blockhash expiry
 * after 150 heights, a status cache that forgets after 300 roots, fees, real Ed25519
 * verification, rent, and executes System, Token, ATA and Memo instructions of the kinds
 * that lockstep sends. Faults are chosen by `struct ls_sim_faults`. */
#ifndef LOCKSTEP_SIM_SIM_LEDGER_H
#define LOCKSTEP_SIM_SIM_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/core/ledger_port.h"

typedef struct ls_sim_ledger ls_sim_ledger;

/* Chances in parts per million, drawn per call or per transaction. All 0: a good day. */
struct ls_sim_faults {
    int32_t drop_request_ppm; /* the call never arrives: connection refused */
    int32_t drop_reply_ppm;   /* carried out, but the reply is lost (timeout) */
    int32_t rate_limit_ppm;   /* 429 with Retry-After */
    int32_t garbage_ppm;      /* HTML instead of JSON */
    int32_t unhealthy_ppm;    /* -32005 */
    int32_t drop_tx_ppm;      /* sendTransaction answers a signature, nothing lands */
    int32_t delay_tx_ppm;     /* lands late, up to the last valid height */
    int32_t false_null_ppm;   /* a status reads null though it landed (without history) */
    int32_t fork_ppm;         /* per slot: the block is skipped and its txs return */
    int64_t delay_tx_slots_max;
    int64_t reply_delay_ms_max;
    bool is_down; /* refuses everything */
};

struct ls_sim_ledger_options {
    uint64_t seed;
    int64_t slot_ms;        /* 1.. */
    int64_t finality_slots; /* default 32 */
    bool verify_signatures;
    int32_t endpoint_count; /* nodes that the port shows; each may lag by its index */
    struct ls_address faucet_unlimited; /* unused when zero */
};

LS_MUST_CHECK ls_err ls_sim_ledger_new(const struct ls_sim_ledger_options *options,
                                       ls_sim_ledger **ledger_out);
void ls_sim_ledger_free(ls_sim_ledger *ledger);
void ls_sim_ledger_set_faults(ls_sim_ledger *ledger, const struct ls_sim_faults *faults);

/* Produce blocks up to `now_ms` (from any origin, never backwards). */
void ls_sim_ledger_advance(ls_sim_ledger *ledger, int64_t now_ms);
/* When the next slot ends, in the same time. */
int64_t ls_sim_ledger_next_ms(const ls_sim_ledger *ledger);

/* Answer one JSON-RPC body (object or batch) as node `endpoint` would at `now_ms`,
 * without transport faults. Always appends a JSON document. */
void ls_sim_ledger_answer(ls_sim_ledger *ledger,
                          int32_t endpoint,
                          int64_t now_ms,
                          const char *body,
                          size_t body_bytes,
                          struct ls_buf *reply);

/* What happened to a call in transport, drawn from the faults. */
enum ls_sim_fate {
    LS_SIM_ANSWER,
    LS_SIM_REFUSE,
    LS_SIM_LOSE_REPLY,
    LS_SIM_RATE_LIMIT,
    LS_SIM_GARBAGE
};
enum ls_sim_fate ls_sim_ledger_draw(ls_sim_ledger *ledger, int64_t *delay_ms_out);

/* The judge's view, free of faults: every finalized transaction that carried a memo. */
struct ls_sim_landing {
    struct ls_signature signature;
    int64_t slot;
    bool has_error;
    char memo[LS_TX_BYTES_MAX];
};
/* Calls `take` for each finalized transaction in order of landing. */
void ls_sim_ledger_landings(const ls_sim_ledger *ledger,
                            void (*take)(void *self, const struct ls_sim_landing *landing),
                            void *self);
bool ls_sim_ledger_is_finalized(const ls_sim_ledger *ledger,
                                const struct ls_signature *signature,
                                bool *has_error_out);
struct ls_hash ls_sim_ledger_genesis(const ls_sim_ledger *ledger);
/* Give lamports, as the airdrop does, at once and finalized. */
void ls_sim_ledger_fund(ls_sim_ledger *ledger,
                        const struct ls_address *address,
                        uint64_t lamports);
/* Balance at processed; token units of an associated account; supply of a mint. */
uint64_t ls_sim_ledger_balance(const ls_sim_ledger *ledger, const struct ls_address *address);
uint64_t ls_sim_ledger_supply(const ls_sim_ledger *ledger, const struct ls_address *mint);

/* The in-process port: calls are answered at virtual times given by `now_ms`. */
typedef struct ls_sim_port ls_sim_port;
ls_sim_port *ls_sim_port_new(ls_sim_ledger *ledger, int64_t (*now_ms)(void *self), void *self);
void ls_sim_port_free(ls_sim_port *port);
struct ls_ledger_port ls_sim_port_face(ls_sim_port *port);
/* When the next reply becomes ready; INT64_MAX if none is under way. */
int64_t ls_sim_port_next_ms(const ls_sim_port *port);

#endif
