/* What the files of the layer share; nobody else includes this. */
#ifndef LOCKSTEP_TRIAL_TRIAL_PRIVATE_H
#define LOCKSTEP_TRIAL_TRIAL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/sim/memory_store.h"
#include "lockstep/sim/sim_ledger.h"
#include "lockstep/solana/tag.h"
#include "lockstep/trial/trial.h"
#include "lockstep/worker/worker.h"

enum {
    TRIAL_PROCESSES_MAX = 2,
    TRIAL_STEPS_MAX = 2000000,
    TRIAL_TURNS_A_MS_MAX = 2000, /* more without time passing is a livelock */
};

struct dice {
    uint64_t state;
};
uint64_t dice_roll(struct dice *dice, uint64_t below);
bool dice_chance(struct dice *dice, int64_t ppm);

/* What the seed chose for this run. */
struct plan {
    int32_t processes;
    int32_t endpoints;
    int64_t slot_ms, finality_slots;
    int64_t chaos_ms;
    struct ls_sim_faults ledger;
    struct ls_memory_faults store;
    int64_t kill_every;    /* effects between kills, in the mean; 0: none */
    int64_t stall_every;   /* effects between standstills of a process; 0: none */
    int64_t stop_every_ms; /* between orderly stops; 0: none */
    int64_t ledger_outage_every_ms, store_outage_every_ms; /* 0: none */
    int64_t action_every_ms; /* between actions of a person; 0: none */
    uint32_t pack_kinds;     /* what shares transactions, as ls_worker_options has it */
    bool is_poor;            /* the payer runs dry and is funded late */
};

enum shape { /* what an operation does, for the judge's books */
             SHAPE_MEMO,
             SHAPE_EVENT,
             SHAPE_TRANSFER, /* to an account of its own */
             SHAPE_CREATE_MINT,
             SHAPE_MINT_TO,
             SHAPE_HOPELESS, /* mints of a mint that does not exist */
};

struct watched {
    ls_op_id op; /* 0: not enqueued yet */
    enum shape shape;
    int64_t enqueue_ms;
    char key[24];
    char entity[16];
    char needs[24];
    size_t batch; /* its place in the trial's batches, from 1; 0: none */
    char payload[256];
    struct ls_tag tag;
    struct ls_address to; /* TRANSFER */
    uint64_t amount;
    int64_t version; /* as last judged */
    int64_t token;
    int32_t landed;
    int32_t errored;
    bool was_voided; /* a compensation landed */
};

struct grouped {
    enum ls_batch_policy policy;
    size_t size;
    int64_t batch; /* the store's; 0: not opened yet */
    bool is_sealed;
};

struct process;

struct ls_trial {
    struct ls_trial_options options;
    ls_err err; /* why it can not go on */
    struct plan plan;
    struct dice dice;
    int64_t now_ms;
    int64_t chaos_end_ms;
    bool is_chaos;
    ls_sim_ledger *ledger;
    ls_memory_store *store;
    uint8_t tag_key[32];
    uint8_t secret[64]; /* of the payer */
    struct ls_address payer;
    struct process *processes[TRIAL_PROCESSES_MAX];
    int64_t begins; /* effects begun by any process */
    int64_t next_kill;
    int64_t next_stall; /* in begins, as next_kill */
    int64_t next_stop_ms, next_action_ms;
    int64_t ledger_outage_ms, store_outage_ms; /* when it begins or ends */
    bool is_ledger_out, is_store_out;
    struct watched ops[LS_TRIAL_OPS_MAX];
    size_t op_count;
    struct grouped batches[LS_TRIAL_OPS_MAX];
    size_t batch_count;
    int64_t last_judged_id;
    size_t landings_seen;
    size_t landings_at;
    uint64_t trace_hash;
    char failure[LS_TRIAL_FAILURE_BYTES]; /* the first violation; "" while there is none */
    char violated[LS_TRIAL_RULES_BYTES];  /* " S1 L2 …": every rule that was violated */
    /* what happened at least once, for the campaign's "sometimes" */
    int64_t kills, stalls, actions, steps, resolved, stale, packed;
};

void trial_trace(ls_trial *trial, const char *format, ...) LS_PRINTF(2, 3);
/* Keep the first violation: `rule` is of trial.h or a word. */
void trial_violate(ls_trial *trial, const char *rule, const char *format, ...) LS_PRINTF(3, 4);

/* plan.c */
void plan_draw(ls_trial *trial);
void plan_draw_ops(ls_trial *trial);
void plan_enqueue_due(ls_trial *trial);
/* plan_batch.c: operations that come one after the other as batches */
void plan_draw_batches(ls_trial *trial);
/* Its batch is open for `op`; the store's number, 0 for none. */
int64_t plan_batch_of(ls_trial *trial, const struct watched *op);
void plan_seal_due(ls_trial *trial);
int64_t plan_next_ms(const ls_trial *trial);

/* person.c: outages, actions, and what a person sets right when the chaos is over */
void person_act(ls_trial *trial);
void person_end_chaos(ls_trial *trial);
void person_resolve(ls_trial *trial);

/* process.c */
struct process *process_new(ls_trial *trial, int32_t number);
void process_free(struct process *process);
/* When it next wants to run; INT64_MAX while it is stopped. */
int64_t process_next_ms(const struct process *process);
/* Run what is due. */
void process_run(struct process *process);
/* End a standstill. */
void process_wake(struct process *process);
/* Ask for an orderly stop. */
void process_stop(struct process *process);

/* judge.c */
void judge_step(ls_trial *trial);
void judge_body(ls_trial *trial, const char *body, size_t body_bytes);
bool judge_is_settled(ls_trial *trial);
void judge_end(ls_trial *trial);
/* judge_batch.c: what holds of batches, when something of one lands and at the end */
void judge_whole(ls_trial *trial, const struct ls_sim_landing *landing, size_t batch);
void judge_batches(ls_trial *trial);
bool judge_has_memo_of(ls_trial *trial,
                       const struct ls_sim_landing *landing,
                       const struct watched *watched);
struct watched *judge_watched(ls_trial *trial, ls_op_id op);

#endif
