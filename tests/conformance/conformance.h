/* The store-conformance suite: every rule of core/store_port.h as a test that drives any
 * store through a fixture. Both stores pass it, or one of them is wrong.
 *
 * A store's test program fills a struct conformance_fixture and returns
 * conformance_run(). The suite assumes nothing of ids but that they grow, nothing of time
 * but that it does not run backwards, and nothing of another test: each begins at
 * `reset`. */
#ifndef LOCKSTEP_TESTS_CONFORMANCE_H
#define LOCKSTEP_TESTS_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/action.h"
#include "lockstep/core/batch.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/store_port.h"

enum {
    CONFORMANCE_PORTS_MAX = 2,     /* workers at a time */
    CONFORMANCE_PUMPS_MAX = 200,   /* pumps before a missing reply fails the test */
    CONFORMANCE_MEMBERS = 3,       /* operations of a batch that sealed() makes */
    CONFORMANCE_LEASE_MS = 600000, /* long: only lose_worker loses a worker */
};

/* What lockstep.enqueue takes, as far as the suite needs it. */
struct conformance_enqueue {
    enum ls_kind kind;
    const char *payload; /* valid JSON of its kind */
    const char *key;
    const char *entity;         /* NULL: none */
    const char *depends_on_key; /* the key that `payload` names; NULL: none. A store that
                                   reads payloads may ignore it */
    int32_t lane;
    int64_t delay_ms;
    int64_t batch;     /* 0: none */
    const char *fence; /* by name; NULL: the kind's */
};

struct conformance_attempt {
    int32_t attempt;
    enum ls_attempt_state state;
    char signature[LS_SIGNATURE_TEXT_BYTES];
};

/* An account of the pool of nonces. */
struct conformance_nonce {
    enum ls_nonce_state state;
    ls_op_id op;
    int64_t slot;
};

/* The powers that the suite asks of a store's test program. All must be given but those
 * marked optional. */
struct conformance_fixture {
    void *self;
    /* An installed, empty store: no operations, workers, gates, alerts, and no genesis
     * pinned. Ids and tokens need not begin again. No port is open. */
    void (*reset)(void *self);
    /* One committed lockstep.enqueue. A refusal's code is REFUSED or INVALID. */
    ls_err (*enqueue)(void *self,
                      const struct conformance_enqueue *request,
                      ls_op_id *op_out,
                      struct ls_why *why);
    /* A batch as an application opens and seals it, and how far it is. */
    int64_t (*batch_open)(void *self, const char *name, enum ls_batch_policy policy);
    ls_err (*batch_seal)(void *self, int64_t batch, struct ls_why *why);
    enum ls_batch_state (*batch_state)(void *self, int64_t batch);
    /* Optional (NULL skips its tests): enqueue in a transaction that stays open until
     * commit_open; its id is taken already. One at a time. */
    void (*enqueue_open)(void *self,
                         const struct conformance_enqueue *request,
                         ls_op_id *op_out);
    void (*commit_open)(void *self);
    /* A kind's default fence and value limit (-1: none), until the next reset. */
    void (*configure_kind)(void *self,
                           enum ls_kind kind,
                           enum ls_fence fence,
                           int64_t value_limit);
    /* A person's action, as ls_session_act performs it. */
    void (*act)(void *self,
                const struct ls_action *action,
                struct ls_action_result *result_out);
    /* The operation as stored, live or finished; false when there is none. */
    bool (*op)(void *self, ls_op_id op, struct ls_op_row *row_out);
    /* Its attempts, oldest first, at most `max`; how many. */
    size_t (*attempts)(void *self,
                       ls_op_id op,
                       struct conformance_attempt *attempts_out,
                       size_t max);
    /* A new worker's connection in `slot` (0 .. CONFORMANCE_PORTS_MAX - 1). */
    struct ls_store_port (*port_open)(void *self, size_t slot);
    /* The worker crashes: nothing more is said to the store. An unused slot is nothing. */
    void (*port_close)(void *self, size_t slot);
    /* Nothing was ready: wait a little for it (at most 100 ms), or let time pass. */
    void (*pump)(void *self);
    /* Set an operation's run_at to `ms` from now by the store's clock; may be negative. */
    void (*set_run_at)(void *self, ls_op_id op, int64_t ms);
    /* Make the worker's heartbeat older than its lease. */
    void (*lose_worker)(void *self, int64_t worker_id);
    /* Entries of the audit log. */
    int64_t (*audit_count)(void *self);
    /* Whether an alert of this rule and subject fires or is acknowledged. */
    bool (*alert_is_open)(void *self, const char *rule, const char *subject);
    /* A worker that lives, as a console reads it. */
    void (*worker)(void *self, int64_t worker_id, struct ls_worker_row *row_out);
    /* Put a free account into the pool of nonces; look at one that is there. */
    void (*add_nonce)(void *self,
                      const struct ls_address *nonce,
                      const struct ls_address *authority,
                      int64_t slot);
    struct conformance_nonce (*nonce)(void *self, const struct ls_address *nonce);
};

/* Run every case against the store; cmocka's count of failures. */
int conformance_run(const char *store_name, const struct conformance_fixture *fixture);

/* What follows is for the suite's own files. */

/* One test's state: *state of every case. */
struct bench {
    const struct conformance_fixture *fixture;
    struct ls_store_port ports[CONFORMANCE_PORTS_MAX];
    uint64_t next_request;
    uint8_t next_action;
    struct ls_store_reply reply; /* of the last ask; pointers hold until the next */
};

struct cases {
    const struct CMUnitTest *tests;
    size_t count;
};
struct cases claim_cases(void);
struct cases intent_cases(void);
struct cases pack_cases(void);
struct cases batch_cases(void);
struct cases seal_cases(void);
struct cases saga_cases(void);
struct cases move_cases(void);
struct cases order_cases(void);
struct cases chain_cases(void);
struct cases dependency_cases(void);
struct cases worker_cases(void);
struct cases adopt_cases(void);
struct cases gate_cases(void);
struct cases action_cases(void);
struct cases resolve_cases(void);
struct cases compensation_cases(void);
struct cases limit_cases(void);
struct cases supply_cases(void);
struct cases fence_cases(void);
struct cases nonce_cases(void);
struct cases landed_cases(void);
struct cases elder_cases(void);
struct cases kinds_cases(void);

/* What a claim or adoption gave, without the reply's pointers. */
struct taken {
    ls_op_id op;
    int64_t token;
    enum ls_state state;
    enum ls_sub sub;
    enum ls_request request;
    int32_t attempts_made;
    int32_t attempts_round;
    size_t attempt_count;
    bool has_mint;
    struct ls_address mint;
    bool mint_is_2022;
};

/* Open `slot` and say HELLO with the usual payer and genesis; the worker's id. */
int64_t connect_worker(struct bench *bench, size_t slot);
/* HELLO once more on the same connection, as the process that was worker `previous`. */
int64_t greet_again(struct bench *bench, size_t slot, int64_t previous);
void hello_fill(struct ls_store_request *request);
/* Begin and wait for the reply, which is in bench->reply. It must begin. */
void ask(struct bench *bench, size_t slot, struct ls_store_request *request);
/* As ask, and the reply must be OK. */
void ask_ok(struct bench *bench, size_t slot, struct ls_store_request *request);
void tick(struct bench *bench, size_t slot);
/* Whether the last TICK's wishes hold this one. */
bool wished(const struct bench *bench, ls_op_id op, enum ls_request request);

/* A committed memo; `entity` may be NULL. */
ls_op_id enqueue_memo(struct bench *bench, const char *key, const char *entity);
ls_op_id enqueue_ok(struct bench *bench, const struct conformance_enqueue *request);
/* create_mint under `key`; mint_to that names it. */
ls_op_id enqueue_mint(struct bench *bench, const char *key);
ls_op_id enqueue_mint_to(struct bench *bench, const char *key, const char *mint_key);

/* Claim at most `limit` into `taken`; how many. */
size_t claim(struct bench *bench, size_t slot, int32_t limit, struct taken *taken);
/* Claim one operation, which must be `op`. */
struct taken claim_this(struct bench *bench, size_t slot, ls_op_id op);
size_t adopt(struct bench *bench, size_t slot, struct taken *taken, size_t max);
/* An intent row for `taken`'s next attempt, its signature derived from op and attempt. */
struct ls_intent_row intent_row(const struct taken *taken);
enum ls_row_result intent(struct bench *bench, size_t slot, const struct ls_intent_row *row);
/* A move row of `taken`'s token to a state, nothing else set. */
struct ls_move_row move_row(const struct taken *taken, enum ls_state to, enum ls_sub sub);
enum ls_row_result move(struct bench *bench, size_t slot, const struct ls_move_row *row);

/* Claimed and its first intent made; then as finished. Slot 0. */
struct taken submit(struct bench *bench, ls_op_id op);
void finish(struct bench *bench, ls_op_id op);
void fail_op(struct bench *bench, ls_op_id op, const char *cause);
void hold_ambiguous(struct bench *bench, ls_op_id op);
void land(struct bench *bench, const struct taken *taken);

/* A sealed batch of three memos under the keys a, b, c, and a worker in slot 0. */
int64_t
sealed(struct bench *bench, enum ls_batch_policy policy, ls_op_id ops[CONFORMANCE_MEMBERS]);
void expect_batch(struct bench *bench, int64_t batch, enum ls_batch_state state);
/* The live compensation of `op`, which must be under way. */
ls_op_id undoing(struct bench *bench, ls_op_id op);

/* The next attempt of a taken operation of fence marker. */
struct ls_intent_row marked_row(const struct taken *taken);

struct ls_action action_of(struct bench *bench, enum ls_verb verb, ls_op_id op);
struct ls_action_result act(struct bench *bench, enum ls_verb verb, ls_op_id op);
/* As act, and it must succeed. */
struct ls_action_result act_ok(struct bench *bench, enum ls_verb verb, ls_op_id op);

struct ls_op_row stored(struct bench *bench, ls_op_id op);
void expect(struct bench *bench, ls_op_id op, enum ls_state state);
void expect_sub(struct bench *bench, ls_op_id op, enum ls_state state, enum ls_sub sub);

#endif
