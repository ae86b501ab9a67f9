/* S7, lamports, tokens and what was made: the ledger's balances are the sums of what landed and
 * was not undone. And of no token more is minted than its max_supply. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/solana/own_key.h"
#include "lockstep/solana/program.h"
#include "trial_private.h"

#define KEY_LAMPORTS (TRIAL_KEY_SOL * UINT64_C(1000000000))

/* After lost commits an application may have enqueued again what the store had refused then. */
static struct watched *limited_mint(ls_trial *trial, const struct watched *op)
{
    struct watched *mint = plan_mint_of(trial, op);
    const bool is_judged = op->shape == SHAPE_MINT_TO && mint != NULL && mint->has_limit;
    return is_judged && !trial->has_lost_commits ? mint : NULL;
}

void judge_supply(ls_trial *trial, const struct watched *landed)
{
    struct watched *mint = limited_mint(trial, landed);
    if (mint == NULL) return;
    mint->minted += landed->amount;
    if (mint->minted <= mint->amount) return;
    trial_violate(trial, "supply",
                  "op %" PRId64 ": %" PRIu64 " are minted of %s, whose max_supply is %" PRIu64,
                  landed->op.value, mint->minted, mint->key, mint->amount);
}

static bool has_given_back(const ls_trial *trial, ls_op_id op)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op, &row)) return false; /* not committed yet */
    return row.state == LS_STATE_FAILED || row.state == LS_STATE_CANCELLED;
}

/* What all operations together take of the max_supply of this one's mint, itself among them. */
static uint64_t taken_of(const ls_trial *trial, const struct watched *op)
{
    uint64_t taken = op->amount;
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *other = &trial->ops[i];
        if (other->mint != op->mint || other->shape != SHAPE_MINT_TO || other == op) continue;
        if (other->op.value == 0 || has_given_back(trial, other->op)) continue;
        taken += other->amount;
    }
    return taken;
}

void judge_enqueue(ls_trial *trial, const struct watched *op, bool is_refused)
{
    const struct watched *mint = limited_mint(trial, op);
    if (mint == NULL || op->op.value != 0) return; /* it has its share */
    const uint64_t taken = taken_of(trial, op);
    if (is_refused == (taken > mint->amount)) return;
    trial_violate(trial, "supply",
                  "%s is %s, with %" PRIu64 " of a max_supply of %" PRIu64 " taken", op->key,
                  is_refused ? "refused" : "taken", taken, mint->amount);
}

void judge_again(ls_trial *trial, const struct watched *op)
{
    const struct watched *mint = limited_mint(trial, op);
    if (mint == NULL || taken_of(trial, op) <= mint->amount) return;
    trial_violate(trial, "supply", "%s goes again, beyond a max_supply of %" PRIu64, op->key,
                  mint->amount);
}

int64_t judge_undo(ls_trial *trial, ls_op_id op)
{
    ls_op_id undone;
    if (!ls_memory_store_undoes(trial->store, op, &undone)) return -1;
    const struct watched *watched = judge_watched(trial, undone);
    return watched == NULL ? -1 : watched - trial->ops;
}

/* One landing may be known of several ids, of before a failover and of behind it. */
void judge_undone(ls_trial *trial, const struct ls_sim_landing *landing)
{
    const struct ls_signature *signature = &landing->signature;
    const uint64_t hash = index_hash(signature->bytes, sizeof signature->bytes);
    int64_t at = index_get(&trial->by_signature, hash);
    for (; at >= 0; at = trial->members[at].next) {
        if (trial->members[at].undoes < 0) continue;
        struct watched *op = &trial->ops[trial->members[at].undoes];
        if (op->is_undone && op->undone_at != trial->landings_seen) {
            trial_violate(trial, "S1", "%s was undone, and again in slot %" PRId64, op->key,
                          landing->slot);
        }
        op->is_undone = true;
        op->undone_at = trial->landings_seen;
    }
}

/* What undid it may be lost with the commits of a failover: it is told as an orphan then. */
static void judge_compensated(ls_trial *trial, const struct watched *op)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op->op, &row)) return;
    const bool is_said = row.state == LS_STATE_COMPENSATED;
    if (is_said == op->is_undone || (op->is_undone && trial->has_lost_commits)) return;
    trial_violate(trial, "S7", "op %" PRId64 " is %s and was %sundone", op->op.value,
                  ls_state_name(row.state), op->is_undone ? "" : "not ");
}

/* It moved something that did not move back. */
static bool has_moved(const struct watched *op)
{
    return op->landed > 0 && !op->is_undone;
}

struct sums {
    uint64_t in, out;
};

static void expect(ls_trial *trial,
                   const char *what,
                   const struct watched *op,
                   const struct sums *sums,
                   uint64_t found)
{
    if (sums->in - sums->out == found) return;
    trial_violate(trial, "S7",
                  "%s of op %" PRId64 ": %" PRIu64 " - %" PRIu64 " moved, and %" PRIu64
                  " are there",
                  what, op->op.value, sums->in, sums->out, found);
}

/* Units of the mint at `place` that came to `owner` and left it. */
static struct sums
sum_units(const ls_trial *trial, int32_t place, const struct ls_address *owner)
{
    struct sums sums = {0};
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        if (op->mint != place || !has_moved(op)) continue;
        const bool is_from = op->shape == SHAPE_BURN || op->shape == SHAPE_SEND;
        const bool is_to = op->shape == SHAPE_MINT_TO || op->shape == SHAPE_SEND;
        if (is_from && ls_address_equal(&trial->keys[op->from_key], owner))
            sums.out += op->amount;
        if (is_to && ls_address_equal(&op->to, owner)) sums.in += op->amount;
    }
    return sums;
}

static void judge_units(ls_trial *trial,
                        const struct watched *op,
                        const struct watched *mint,
                        const struct ls_address *owner)
{
    struct ls_address account;
    const struct ls_address *program =
        mint->is_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN;
    const struct sums sums = sum_units(trial, op->mint, owner);
    if (!ls_derive_ata(owner, &mint->made, program, &account)) return;
    expect(trial, "tokens", op, &sums, ls_sim_ledger_tokens(trial->ledger, &account));
}

static void judge_mint(ls_trial *trial, const struct watched *op)
{
    struct sums sums = {0};
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *other = &trial->ops[i];
        if (plan_mint_of(trial, other) != op || !has_moved(other)) continue;
        if (other->shape == SHAPE_MINT_TO) sums.in += other->amount;
        if (other->shape == SHAPE_BURN) sums.out += other->amount;
    }
    expect(trial, "supply", op, &sums, ls_sim_ledger_supply(trial->ledger, &op->made));
}

/* What it made is there, is its program's and of its size, or is not there. */
static void judge_made(ls_trial *trial, const struct watched *op)
{
    struct ls_address owner;
    uint64_t space = 0;
    const bool is_mint = op->shape == SHAPE_CREATE_MINT;
    const struct ls_address *wanted = &op->to;
    if (is_mint) wanted = op->is_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN;
    const bool is_there = ls_sim_ledger_account(trial->ledger, &op->made, &owner, &space);
    /* What undoes a mint leaves it there, for nobody to mint. */
    const bool shall_be = is_mint ? op->landed > 0 : has_moved(op);
    const bool is_right =
        is_there && ls_address_equal(&owner, wanted) &&
        (is_mint ? op->has_texts == (space > LS_POINTED_MINT_BYTES) : space == op->amount);
    if (is_there == shall_be && (is_right || !is_there)) return;
    if (op->is_strange && !shall_be) return;
    trial_violate(trial, "S7", "what op %" PRId64 " makes is %s", op->op.value,
                  !is_there  ? "not there"
                  : shall_be ? "not what was asked for"
                             : "there");
}

/* Done under a reserved key, it took the rent of this operation's marker back. */
static bool is_emptied(const ls_trial *trial, const struct watched *op)
{
    char key[LS_OWN_KEY_BYTES_MAX + 1];
    ls_op_id emptier;
    struct ls_op_row row;
    ls_own_key(LS_OWN_RENT, op->key, key);
    return ls_memory_store_find(trial->store, key, &emptier) &&
           ls_memory_store_op(trial->store, emptier, &row) && row.state == LS_STATE_DONE;
}

/* What landed left a marker, until it is emptied. */
static void judge_marker(ls_trial *trial, const struct watched *op)
{
    const struct ls_address marker =
        ls_derive_with_seed(&trial->payer, op->tag.marker, &LS_PROGRAM_SYSTEM);
    const bool is_there = ls_sim_ledger_balance(trial->ledger, &marker) > 0;
    const bool was_emptied = is_emptied(trial, op);
    if (was_emptied) trial_fire(trial, LS_FAULT_RECLAIM);
    if (op->is_strange || is_there == (op->landed > 0 && !was_emptied)) return;
    if (!is_there && trial->has_lost_commits) return; /* by an operation that was lost */
    trial_violate(trial, "S7", "the marker of op %" PRId64 " is %s", op->op.value,
                  is_there ? "there" : "not there");
}

static void judge_key(ls_trial *trial, int32_t key)
{
    struct sums sums = {.in = KEY_LAMPORTS};
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        const bool is_paid = op->shape == SHAPE_TRANSFER || op->shape == SHAPE_INVOKE;
        if (!is_paid || !has_moved(op)) continue;
        if (op->from_key == key) sums.out += op->amount;
        if (op->to_key == key) sums.in += op->amount;
    }
    const uint64_t found = ls_sim_ledger_balance(trial->ledger, &trial->keys[key]);
    if (sums.in - sums.out == found) return;
    trial_violate(trial, "S7",
                  "key %d: %" PRIu64 " - %" PRIu64 " lamports moved, and %" PRIu64 " are there",
                  (int)key, sums.in, sums.out, found);
}

static void judge_moved(ls_trial *trial, const struct watched *op)
{
    const bool is_paid = op->shape == SHAPE_TRANSFER || op->shape == SHAPE_INVOKE;
    const struct watched *mint = plan_mint_of(trial, op);
    const struct sums sums = {.in = is_paid && has_moved(op) ? op->amount : 0};
    if (op->is_dropped) return;
    judge_compensated(trial, op);
    if (is_paid && op->to_key < 0)
        expect(trial, "lamports", op, &sums, ls_sim_ledger_balance(trial->ledger, &op->to));
    const bool is_maker = op->shape == SHAPE_CREATE_MINT || op->shape == SHAPE_ACCOUNT;
    if (op->shape == SHAPE_CREATE_MINT) judge_mint(trial, op);
    if (is_maker) judge_made(trial, op);
    if (op->has_marker && !is_maker) judge_marker(trial, op);
    if (mint == NULL) return;
    if (op->shape != SHAPE_MINT_TO) judge_units(trial, op, mint, &trial->keys[op->from_key]);
    if (op->shape != SHAPE_BURN) judge_units(trial, op, mint, &op->to);
}

void judge_money(ls_trial *trial)
{
    for (size_t i = 0; i < trial->op_count; i++) judge_moved(trial, &trial->ops[i]);
    for (int32_t key = 1; trial->plan.has_keys && key < TRIAL_KEYS; key++)
        judge_key(trial, key);
}
