/* What the files of the layer share; nobody else includes this. */
#ifndef LOCKSTEP_TRIAL_TRIAL_PRIVATE_H
#define LOCKSTEP_TRIAL_TRIAL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index.h"
#include "lockstep/sim/memory_store.h"
#include "lockstep/sim/sim_ledger.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tag.h"
#include "lockstep/trial/fault.h"
#include "lockstep/trial/trial.h"
#include "lockstep/worker/worker.h"

enum {
    TRIAL_PROCESSES_MAX = 3,
    TRIAL_ENTITIES = 4,
    TRIAL_KEYS = 3, /* that sign: the payer's first */
    TRIAL_AIMS_MAX = 16,
    TRIAL_KEY_SOL = 10, /* that each of the others begins with */
    TRIAL_STEPS_MAX = 20000000,
    TRIAL_TURNS_A_MS_MAX = 2000, /* more without time passing is a livelock */
};

struct dice {
    uint64_t state;
};
/* A stream of its own for each purpose, so that one does not move another. */
struct dice dice_make(uint64_t seed, uint64_t purpose);
uint64_t dice_roll(struct dice *dice, uint64_t below);
bool dice_chance(struct dice *dice, int64_t ppm);

/* What the seed chose for this trial. Times between events are means; 0: never. */
struct plan {
    int32_t processes;
    int32_t endpoints;
    int64_t slot_ms, finality_slots;
    int64_t chaos_ms;
    struct ls_sim_faults ledger;
    struct ls_memory_faults store;
    int64_t kill_every, stall_every; /* in effects */
    int64_t stop_every_ms;
    int64_t ledger_outage_every_ms, store_outage_every_ms;
    int64_t cut_ledger_every_ms, cut_store_every_ms;
    int64_t promote_every_ms, failover_every_ms;
    int64_t clock_every_ms;
    int64_t action_every_ms, gate_every_ms, pause_every_ms, work_every_ms;
    uint32_t foreign_mask; /* endpoints of another cluster, once ours is pinned */
    bool names_genesis;    /* the configuration does: they are from the beginning */
    uint32_t pack_kinds;   /* what shares transactions, as ls_worker_options has it */
    int32_t marker_ppm;    /* of the operations without a nonce have a marker */
    int32_t nonces;        /* accounts of the pool; 0: no operation is of fence nonce */
    bool is_poor;          /* the payer runs dry and is funded late */
    bool is_burst;         /* all operations at once */
    bool is_wide;          /* part of its transfers are operations of seldom kinds */
    bool has_tokens;       /* some of its operations burn and send tokens */
    bool has_keys;         /* some of its operations take from other keys than the payer's */
    bool lacks_key;        /* while the faults last the last worker has not got the last key */
    int32_t stranger_ppm;  /* of the attempts with a marker whose address somebody pays to */
    int64_t span_slots;    /* for which a node is asked at a time which blocks it keeps */
    int32_t aim_ppm;       /* of what is claimed, a person holds or cancels at once */
    int32_t steal_ppm;     /* of the intents of several that share a transaction */
    int64_t markers_ms;    /* how long markers stay; 0: for ever */
    bool is_lined;         /* most that may be packed is of one of two entities */
    bool has_repeats;      /* actions are sometimes sent twice */
    int32_t redo_ppm;      /* of what is done, a person has undone, again after a failover */
    int32_t again_ppm;     /* operations that are enqueued a second time */
    int32_t open_ppm;      /* operations whose transaction stays open for a while */
};

enum shape { /* what an operation does, for the judge's books */
             SHAPE_MEMO,
             SHAPE_EVENT,
             SHAPE_TRANSFER, /* to an account of its own */
             SHAPE_INVOKE,   /* the same, by an instruction given byte for byte */
             SHAPE_ACCOUNT,
             SHAPE_CREATE_MINT,
             SHAPE_MINT_TO,
             SHAPE_BURN,
             SHAPE_SEND,     /* token.transfer */
             SHAPE_HOPELESS, /* mints of a mint that does not exist */
};

/* An operation of the plan, by its key: ids are given again after lost commits. */
struct watched {
    ls_op_id op; /* 0: not enqueued, or lost */
    enum shape shape;
    int64_t enqueue_ms, commit_ms, again_ms;
    char key[32];
    char entity[16];
    int32_t entity_at; /* 1..TRIAL_ENTITIES; 0: none */
    char payload[640];
    size_t batch;  /* its place in the trial's batches, from 1; 0: none */
    int32_t needs; /* the place of the operation that it depends on; -1: none */
    struct ls_tag tag;
    /* TRANSFER, INVOKE, tokens: who gets it. ACCOUNT: the program that owns it. */
    struct ls_address to;
    int32_t to_key, from_key; /* places in the trial's keys; -1: none of them. From: 0 payer */
    uint64_t amount;          /* ACCOUNT: bytes */
    int32_t mint;             /* tokens: the place of the operation that makes the mint; -1 */
    bool is_by_address;       /* its payload names the mint by address, if that is known then */
    struct ls_address made;   /* CREATE_MINT, ACCOUNT: the address of what it makes */
    bool is_2022;             /* CREATE_MINT: of which program */
    bool has_texts;           /* and with metadata */
    bool has_limit;           /* and with a max_supply of `amount` */
    uint64_t minted;          /* and what landed of its token.mint_to */
    bool is_refused;          /* the store refused it: LS006 */
    bool is_open, is_dropped;
    int64_t committed_ms; /* when it was seen by others; 0: not yet */
    bool has_nonce;       /* fence nonce */
    bool has_marker;      /* fence marker */
    bool is_undone;       /* what undoes it landed */
    size_t undone_at;     /* and as which of all landings */
    bool shall_be_undone; /* a person has it undone, and minds when a failover took that */
    bool is_strange;      /* a stranger paid to its marker */
    int32_t landed;
    int32_t errored;
};

/* What the judge remembers of an operation, by its id. */
struct record {
    int64_t version;
    int64_t token;
    int32_t landed;      /* of an operation that nobody planned: a compensation */
    enum ls_state state; /* as last judged */
    bool is_ambiguous;
    int32_t entity_at;
    int32_t attempts_made;
};

/* One operation of an attempt, and the next of the same. */
struct member {
    ls_op_id op;
    int64_t undoes; /* the place in `ops` of what it undoes; -1: nothing */
    int64_t next;   /* -1: none */
};

struct grouped {
    enum ls_batch_policy policy;
    size_t size;   /* operations that the application enqueues */
    int64_t batch; /* the store's; 0: not opened yet */
    bool is_sealed;
};

struct errand;
struct rival_row;
struct process;

struct ls_trial {
    struct ls_trial_options options;
    ls_err err; /* why it can not go on */
    struct plan plan;
    struct dice fence_dice, plan_dice, op_dice, kill_dice, stall_dice, weather_dice,
        person_dice, rival_dice, batch_dice, line_dice, limit_dice, kind_dice, token_dice,
        key_dice, reclaim_dice, aim_dice, steal_dice, gap_dice, work_dice, stranger_dice,
        redo_dice;
    int64_t now_ms;
    int64_t chaos_end_ms;
    bool is_chaos;
    ls_sim_ledger *ledger;
    ls_memory_store *store;
    uint8_t tag_key[32];
    uint8_t secrets[TRIAL_KEYS][64]; /* of the keys */
    struct ls_address keys[TRIAL_KEYS];
    struct ls_address payer; /* the first of the keys */
    bool has_lost_commits;   /* a failover lost some */
    int64_t reclaimed_ms;    /* all was settled, and until then markers are emptied */
    int32_t nonces_made;
    struct process *processes[TRIAL_PROCESSES_MAX];
    int64_t begins;                /* effects begun by any process */
    int64_t next_kill, next_stall; /* in begins; 0: none */
    struct weather *weather;
    int64_t next_action_ms, next_gate_ms, next_pause_ms, next_work_ms, next_redo_ms;
    uint64_t gates_turned; /* odd: one is on */
    int64_t action_count;  /* ids of requests */
    struct watched *ops;
    size_t op_count;
    struct grouped *batches;
    size_t batch_count;
    int64_t next_seal_ms;   /* when the application tries again to seal what waited */
    struct errand *errands; /* of the application, by time */
    size_t errand_count, errands_run;
    struct record *records;
    size_t record_count, record_capacity;
    struct index by_id, by_tag; /* places in `ops` */
    struct index by_signature;  /* the first of `members` */
    struct member *members;     /* which operations an attempt was made durable for */
    size_t member_count, member_capacity;
    struct index durable;   /* signatures that ever were, to the digest of their bytes */
    struct rival_row *rows; /* the table of another policy's worker */
    int64_t open_count;     /* operations that are under way */
    int64_t ready[TRIAL_ENTITIES + 1]; /* of each entity */
    int64_t ambiguous_count, blocked_count, stopper_count;
    ls_op_id aimed[TRIAL_AIMS_MAX]; /* what a person is about to act on */
    size_t aim_count;
    int64_t decisions_seen, actions_seen; /* entries of the audit trail after the last step */
    bool has_decided;                     /* since then an operation failed or was held */
    size_t landings_seen;
    uint64_t trace_hash;
    char failure[LS_TRIAL_FAILURE_BYTES]; /* the first violation; "" while there is none */
    char violated[LS_TRIAL_RULES_BYTES];  /* " S1 L2 …": every rule that was violated */
    int64_t fired[LS_FAULT_COUNT];
    int64_t steps, resolved, stale, packed, chained, refused;
};

void trial_trace(ls_trial *trial, const char *format, ...) LS_PRINTF(2, 3);
/* Keep the first violation: `rule` is one of trial.h or a word. */
void trial_violate(ls_trial *trial, const char *rule, const char *format, ...) LS_PRINTF(3, 4);
/* Note that the rule was violated, without an end of the trial. */
void trial_mark(ls_trial *trial, const char *rule);
void trial_fire(ls_trial *trial, enum ls_fault fault);

/* Make a nonce account and add it to the pool, as a person would. */
void trial_add_nonce(ls_trial *trial);

/* plan.c: what the seed chooses */
void plan_draw(ls_trial *trial);

/* plan_ops.c: operations, and the application that enqueues them */
ls_err plan_draw_ops(ls_trial *trial);
void plan_enqueue_due(ls_trial *trial);
int64_t plan_next_ms(const ls_trial *trial);
/* The store went back: find every operation again by its key, or enqueue it again. */
void plan_look_again(ls_trial *trial);
bool plan_is_done(const ls_trial *trial);
bool trial_is_ours(const ls_trial *trial);
/* plan_token.c: tokens, and keys beside the payer's */
void plan_draw_keys(ls_trial *trial);
/* What an operation, drawn already, becomes where its trial has tokens or several keys. */
void plan_draw_token(ls_trial *trial, size_t place);
/* Its payload; for the kinds of tokens, and transfers of lamports. The length. */
int plan_write_token(const ls_trial *trial, struct watched *op);
int plan_write_transfer(const ls_trial *trial, struct watched *op);
/* It is about to be enqueued: the mint may be named by its address from now on. */
void plan_name_mint(ls_trial *trial, struct watched *op);
/* The operation that makes its mint; NULL when it is about none. */
struct watched *plan_mint_of(ls_trial *trial, const struct watched *op);

/* plan_batch.c: operations that come one after the other as batches */
ls_err plan_draw_batches(ls_trial *trial);
/* The store's number of an operation's batch, opened when it is not yet; 0 for none. */
int64_t plan_batch_of(ls_trial *trial, const struct watched *op);
/* Seal what all operations of are enqueued. */
void plan_seal_due(ls_trial *trial);
/* Operations that wait for a seal. */
size_t plan_count_unsealed(const ls_trial *trial);
/* The store went back: find every batch again. */
void plan_forget_batches(ls_trial *trial);

/* weather.c: outages, cuts, failovers, clocks; NULL without memory */
struct weather *weather_new(ls_trial *trial);
void weather_free(struct weather *weather);
void weather_turn(ls_trial *trial);
void weather_end(ls_trial *trial);
int64_t weather_wall_ms(const ls_trial *trial);
bool weather_is_store_down(const ls_trial *trial);

/* person.c: it was claimed just now, and a person may mind. */
void person_aim(ls_trial *trial, ls_op_id op);
/* actions, and what a person sets right when the chaos is over */
void person_begin(ls_trial *trial);
void person_turn(ls_trial *trial);
void person_end_chaos(ls_trial *trial);
void person_resolve(ls_trial *trial);
/* It is done, and a person may have it undone. */
void person_mind(ls_trial *trial, struct watched *op);
/* Have undone what shall be, and again what a failover took of that; false: there is none. */
bool person_redo(ls_trial *trial);

/* process.c */
struct process *process_new(ls_trial *trial, int32_t number);
void process_free(struct process *process);
/* When it next wants to run; INT64_MAX while it is stopped. */
int64_t process_next_ms(const struct process *process);
/* Run what is due. */
void process_run(struct process *process);
/* End a standstill and every cut. */
void process_heal(struct process *process);
/* Ask for an orderly stop. */
void process_stop(struct process *process);
void process_cut(struct process *process, bool is_ledger, bool is_cut);
int64_t process_worker_id(const struct process *process);

/* judge.c */
void judge_step(ls_trial *trial);
/* The transactions in `body` are about to be sent. */
void judge_body(ls_trial *trial, const char *body, size_t body_bytes);
/* These attempts are being made durable: where to look for them. */
void judge_intent(ls_trial *trial, const struct ls_store_request *request);
/* The store went back. */
void judge_forget(ls_trial *trial);
bool judge_is_settled(const ls_trial *trial);
struct watched *judge_watched(ls_trial *trial, ls_op_id op);
bool judge_has_memo_of(ls_trial *trial,
                       const struct ls_sim_landing *landing,
                       const struct watched *watched);
/* The operation that a memo names; NULL. */
struct watched *judge_by_memo(ls_trial *trial, const char *memo);
/* judge_order.c: an attempt of it was made durable; a transaction landed; after each step */
void judge_order(ls_trial *trial, const struct watched *watched, const struct ls_op_row *row);
void judge_row(ls_trial *trial, const struct ls_sim_landing *landing);
void judge_ready(ls_trial *trial);
/* stranger.c: an attempt of it was made durable, and a stranger may mind. */
void stranger_look(ls_trial *trial, struct watched *op);

/* judge_batch.c: an attempt was made durable for it, the batch has an order. */
void judge_line(ls_trial *trial, const struct watched *watched);
/* What holds of batches, when something of one lands and at the end */
void judge_whole(ls_trial *trial, const struct ls_sim_landing *landing, size_t batch);
void judge_batches(ls_trial *trial);

/* judge_money.c: S7, what moved. An operation landed; an enqueue was answered; at the end. */
void judge_supply(ls_trial *trial, const struct watched *landed);
void judge_enqueue(ls_trial *trial, const struct watched *op, bool is_refused);
/* What undoes an operation landed, whatever the store still knows of it: S1 of compensations.
 */
void judge_undone(ls_trial *trial, const struct ls_sim_landing *landing);
/* The place in `ops` of what this operation undoes; -1. */
int64_t judge_undo(ls_trial *trial, ls_op_id op);
/* It had failed, and goes again. */
void judge_again(ls_trial *trial, const struct watched *op);
void judge_money(ls_trial *trial);

/* judge_end.c */
void judge_end(ls_trial *trial);
/* A person cancelled what a failover had brought back to its beginning, before the ledger was
 * read: that stays so, and is told. */
bool judge_is_told(const ls_trial *trial, const struct ls_op_row *row, int32_t landed);
/* Duplicates, losses and misjudged failures, of whichever policy. */
void judge_count(const ls_trial *trial, struct ls_trial_result *out);
/* Every row of another policy's table is decided. */
bool judge_is_decided(const ls_trial *trial);

#endif
