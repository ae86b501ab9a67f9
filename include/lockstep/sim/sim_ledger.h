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

enum {
    /* Transactions that one ledger keeps, waiting and landed; all history is kept. Beyond
     * it sendTransaction answers -32603 and nothing more lands. About 0.5 KiB each. */
    LS_SIM_HISTORY_MAX = 4 << 20,
    LS_SIM_POOL_MAX = 1 << 17, /* waiting to land; more are dropped silently, as by a node */
    LS_SIM_ENDPOINTS_MAX = 8,
    LS_SIM_POOL_NODES = 4,             /* behind a balancer */
    LS_SIM_BODY_BYTES_MAX = 4 << 20,   /* of a request; longer is -32600 */
    LS_SIM_REPLY_BYTES_MAX = 16 << 20, /* of a reply; a longer one becomes -32603 */
    LS_SIM_BATCH_MAX = 1024,           /* requests in a batch; more is -32600 */
};

/* Chances in parts per million, drawn per call or per transaction. All 0: a good day. */
struct ls_sim_faults {
    int32_t drop_request_ppm; /* the call never arrives: connection refused */
    int32_t lose_request_ppm; /* written, never carried out, no reply (timeout) */
    int32_t drop_reply_ppm;   /* carried out, but the reply is lost (timeout) */
    int32_t straggle_ppm;     /* of those: carried out long after the caller gave up */
    int32_t duplicate_ppm;    /* the request arrives a second time, later (port alone) */
    int32_t rate_limit_ppm;   /* 429 with Retry-After */
    int32_t garbage_ppm;      /* HTML instead of JSON */
    int32_t truncate_ppm;     /* carried out, and the reply ends in the middle */
    int32_t unhealthy_ppm;    /* -32005 */
    int32_t drop_tx_ppm;      /* sendTransaction answers a signature, nothing lands */
    int32_t delay_tx_ppm;     /* lands late, up to lastValidBlockHeight + 1: a real
                                 ledger counts a blockhash's age from the parent block */
    int32_t false_null_ppm;   /* a status reads null though it landed (without history) */
    int32_t empty_list_ppm;   /* a list of signatures comes empty: a broken history store */
    int32_t fork_ppm;         /* per slot: the newest 1..3 unfinalized blocks are dropped;
                                 their transactions return and land again while they can */
    int32_t fork_lose_ppm;    /* of a dropped block's transactions: forgotten, so that only
                                 sending them again can land them */
    int32_t last_moment_ppm;  /* lands in the last block that may hold it */
    int32_t skip_ppm;         /* per slot: no block, beyond the usual 5 % */
    int32_t halt_ppm;         /* per slot: no block for the next 1..halt_slots_max slots */
    int32_t balance_ppm;      /* per request: any node of the pool answers in the place of
                                 the one that was asked, as behind a balancer */
    int32_t split_ppm;        /* per call of a batch: another node of the pool answers it */
    int64_t delay_tx_slots_max;
    int64_t halt_slots_max;
    int64_t reply_delay_ms_max;
    int64_t lag_slots;    /* node i shows the chain as it was i * lag_slots slots ago */
    uint32_t stale_nodes; /* bit i: node i knows no status of the newest stale_slots slots,
                             and tells heights as if it knew all: it lies by null */
    int64_t stale_slots;
    int64_t history_slots; /* a search of the history knows the newest so many finalized
                              heights alone, as on a node that purges; 0: all */
    int32_t hole_ppm;      /* per stretch of 32 heights: missing from every node's history,
                              for good */
    int32_t gap_ppm;       /* per node and stretch of 32 heights: that node was away then, and
                              keeps no block of it, no transaction, and no entry of a list */
    uint32_t foreign_mask; /* endpoints that answer for another, much higher cluster: what
                              is sent to them never lands here, nothing of ours is known */
    uint32_t deny_mask;    /* endpoints that say null for every signature, history or not */
    int64_t fee_floor; /* micro-lamports a unit: blocks are full of what others offer, so that
                          what offers less gets into one block in eight */
    bool is_down;      /* refuses everything */
};
/* Each kind of fault, to be counted. */
enum ls_sim_fault {
    LS_SIM_FAULT_REFUSE,
    LS_SIM_FAULT_LOSE_REQUEST,
    LS_SIM_FAULT_LOSE_REPLY,
    LS_SIM_FAULT_STRAGGLE,
    LS_SIM_FAULT_DUPLICATE,
    LS_SIM_FAULT_RATE_LIMIT,
    LS_SIM_FAULT_GARBAGE,
    LS_SIM_FAULT_TRUNCATE,
    LS_SIM_FAULT_UNHEALTHY,
    LS_SIM_FAULT_SLOW,
    LS_SIM_FAULT_DROP_TX,
    LS_SIM_FAULT_DELAY_TX,
    LS_SIM_FAULT_LAST_MOMENT,
    LS_SIM_FAULT_FALSE_NULL,
    LS_SIM_FAULT_FORK,
    LS_SIM_FAULT_FORK_LOSE,
    LS_SIM_FAULT_SKIP,
    LS_SIM_FAULT_HALT,
    LS_SIM_FAULT_LAG,
    LS_SIM_FAULT_BALANCE,
    LS_SIM_FAULT_SPLIT,
    LS_SIM_FAULT_STALE,
    LS_SIM_FAULT_PURGE, /* history_slots hid something */
    LS_SIM_FAULT_HOLE,
    LS_SIM_FAULT_GAP,
    LS_SIM_FAULT_EMPTY_LIST,
    LS_SIM_FAULT_CONGEST,
    LS_SIM_FAULT_FOREIGN,
    LS_SIM_FAULT_DENY,
    LS_SIM_FAULT_DOWN,
    LS_SIM_FAULT_COUNT
};
/* How often a fault made a difference, since the ledger was made. */
int64_t ls_sim_ledger_fired(const ls_sim_ledger *ledger, enum ls_sim_fault fault);
/* Faults by name: "none", "flaky" (a bad network), "stormy" (everything at once, often),
 * "forks" (blocks that vanish), "congested" (low fees wait), "outage" (refuses everything).
 * False when `name` is none of them; then untouched. */
bool ls_sim_faults_named(const char *name, struct ls_sim_faults *faults_out);

struct ls_sim_ledger_options {
    uint64_t seed;
    int64_t slot_ms;        /* 1..; 0: 400 */
    int64_t finality_slots; /* 2..1000; 0: 32 */
    bool verify_signatures;
    int32_t endpoint_count; /* nodes that the port shows, 1..LS_SIM_ENDPOINTS_MAX; 0: 1 */
    int32_t history_max;    /* 1..LS_SIM_HISTORY_MAX; 0: that */
    int32_t pool_max;       /* 1..LS_SIM_POOL_MAX; 0: that */
    struct ls_address faucet_unlimited; /* begins with 2^62 lamports; unused when zero */
};

/* A new chain with its first blocks, all empty, the oldest finalized. LS_CODE_INVALID when an
 * option is out of range, LS_CODE_NO_MEMORY. The caller frees it. */
LS_MUST_CHECK ls_err ls_sim_ledger_new(const struct ls_sim_ledger_options *options,
                                       ls_sim_ledger **ledger_out);
void ls_sim_ledger_free(ls_sim_ledger *ledger);
void ls_sim_ledger_set_faults(ls_sim_ledger *ledger, const struct ls_sim_faults *faults);

/* Produce blocks up to `now_ms`. The first call sets the origin, of any value; an earlier
 * time than the last changes nothing. A jump of more than 100,000 slots is a halt of the
 * chain: so many are produced, and the rest of the time is lost. */
void ls_sim_ledger_advance(ls_sim_ledger *ledger, int64_t now_ms);
/* When the next slot ends, in the same time; 0 before the first advance. */
int64_t ls_sim_ledger_next_ms(const ls_sim_ledger *ledger);

/* Answer one JSON-RPC body (object or batch) as node `endpoint` would at `now_ms`
 * (advancing to it first), without transport faults. Always appends a JSON document, as
 * far as `reply` has room: LS_SIM_REPLY_BYTES_MAX is enough for any. */
void ls_sim_ledger_answer(ls_sim_ledger *ledger,
                          int32_t endpoint,
                          int64_t now_ms,
                          const char *body,
                          size_t body_bytes,
                          struct ls_buf *reply);

/* What happened to a call in transport, drawn from the faults. */
enum ls_sim_fate {
    LS_SIM_ANSWER,
    LS_SIM_REFUSE,       /* never arrived */
    LS_SIM_LOSE_REQUEST, /* never carried out, and no reply */
    LS_SIM_LOSE_REPLY,   /* carried out, and no reply */
    LS_SIM_RATE_LIMIT,   /* 429, Retry-After LS_SIM_RETRY_AFTER_S */
    LS_SIM_GARBAGE,      /* LS_SIM_GARBAGE_BODY in place of the answer, not carried out */
    LS_SIM_TRUNCATE      /* carried out, and half of the answer */
};
enum { LS_SIM_RETRY_AFTER_S = 1 };
#define LS_SIM_GARBAGE_BODY "<html><body><h1>502 Bad Gateway</h1></body></html>\n"
/* Draw one. `delay_ms_out`: how late the reply is, 0..reply_delay_ms_max. */
enum ls_sim_fate ls_sim_ledger_draw(ls_sim_ledger *ledger, int64_t *delay_ms_out);

/* The judge's view, free of faults: every finalized transaction, with the texts of its
 * memos one after the other, each ended by a zero byte (a memo holds none for the judge). */
struct ls_sim_landing {
    struct ls_signature signature;
    int64_t slot;
    bool has_error;
    size_t memo_count;
    char memos[LS_TX_BYTES_MAX];
};
/* Calls `take` for each finalized transaction in order of landing, without the first
 * `known` of them: what is final never changes. */
void ls_sim_ledger_landings(const ls_sim_ledger *ledger,
                            size_t known,
                            void (*take)(void *self, const struct ls_sim_landing *landing),
                            void *self);
bool ls_sim_ledger_is_finalized(const ls_sim_ledger *ledger,
                                const struct ls_signature *signature,
                                bool *has_error_out);
struct ls_hash ls_sim_ledger_genesis(const ls_sim_ledger *ledger);
/* A nonce account of `authority`, rent exempt and with a value, that every bank knows. */
void ls_sim_ledger_add_nonce(ls_sim_ledger *ledger,
                             const struct ls_address *address,
                             const struct ls_address *authority);
/* Give lamports, as the airdrop does, at once and finalized. */
void ls_sim_ledger_fund(ls_sim_ledger *ledger,
                        const struct ls_address *address,
                        uint64_t lamports);
/* Lamports, supply of a mint, units of a token account: at processed; 0 when there is no
 * such account. */
uint64_t ls_sim_ledger_balance(const ls_sim_ledger *ledger, const struct ls_address *address);
uint64_t ls_sim_ledger_supply(const ls_sim_ledger *ledger, const struct ls_address *mint);
uint64_t ls_sim_ledger_tokens(const ls_sim_ledger *ledger, const struct ls_address *account);
/* Whose an account is, and its bytes of data: at processed; false when there is none. */
bool ls_sim_ledger_account(const ls_sim_ledger *ledger,
                           const struct ls_address *address,
                           struct ls_address *owner_out,
                           uint64_t *space_out);

/* The in-process port: calls travel in virtual time given by `now_ms`. A request arrives
 * at some moment between its begin and its reply, which may be after the caller's
 * timeout: then the reply says LS_CODE_UNKNOWN and the request is carried out later. */
typedef struct ls_sim_port ls_sim_port;
/* NULL when memory is exhausted. Outlived by the ledger. */
ls_sim_port *ls_sim_port_new(ls_sim_ledger *ledger, int64_t (*now_ms)(void *self), void *self);
/* As a crash of the caller: each request still on the wire arrives now or never, by draw. */
void ls_sim_port_free(ls_sim_port *port);
/* While it is cut each call is refused, or lost before or behind its arrival, by draw. */
void ls_sim_port_cut(ls_sim_port *port, bool is_cut);
struct ls_ledger_port ls_sim_port_face(ls_sim_port *port);
/* When the next request arrives or the next reply becomes ready; INT64_MAX if none is
 * under way. */
int64_t ls_sim_port_next_ms(const ls_sim_port *port);

#endif
