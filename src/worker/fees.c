/* What a transaction offers for each compute unit, and how many it may use. The price is
 * what recent slots asked for; the limit what a simulation of the same shape used, and a
 * margin. Both are part of what is signed. Where no price is named, no limit is either:
 * then a limit would save nothing and could only be too low. */
#include "fees.h"

#include <string.h>

enum {
    FEES_MS = 10000,
    SHAPE_KNOWN_MS = 600000,
    SHAPE_ASKED_MS = 5000, /* others of its shape go without a limit meanwhile */
    SIMULATIONS_MAX = 16,  /* in one call */
    SIMULATE_AGAIN = 2,    /* looks that must agree before an operation is failed */
    UNITS_MAX = 1400000,
    ATA_UNITS = 60000, /* creating an associated account, which the simulation may not need */
    PAYLOAD_STEP = 64, /* a memo's units grow with its length */
    PERMILLE = 1000,
};

static int64_t now_of(const ls_worker *worker)
{
    return worker->ports.clock.monotonic_ms(worker->ports.clock.self);
}

uint64_t ls_worker_unit_price(const ls_worker *worker, enum ls_kind kind)
{
    const uint64_t most = (uint64_t)worker->options.fee_max_micro_lamports;
    const int64_t wanted = worker->options.fee_micro_lamports[kind];
    const uint64_t price = wanted == LS_FEE_AUTO ? worker->recent_fee : (uint64_t)wanted;
    return price < most ? price : most;
}

static uint32_t shape_key(const struct kept *kept)
{
    const uint32_t length = (uint32_t)(kept->payload_bytes / PAYLOAD_STEP);
    return 1u + (uint32_t)kept->kind + ((uint32_t)kept->fence << 8) + (length << 16) +
           (kept->mint_is_2022 ? 1u << 12 : 0);
}

static struct shape *shape_at(ls_worker *worker, const struct kept *kept)
{
    const uint32_t key = shape_key(kept);
    return &worker->shapes[(key ^ key >> 16) % SHAPES_MAX];
}

/* The shape as it is known or being asked for; NULL when it is neither. */
static struct shape *find_shape(ls_worker *worker, const struct kept *kept)
{
    struct shape *shape = shape_at(worker, kept);
    const bool is_it = shape->key == shape_key(kept) && shape->until_ms > now_of(worker);
    return is_it ? shape : NULL;
}

struct budget ls_worker_budget(ls_worker *worker, const struct kept *kept)
{
    struct budget budget = {.unit_price = ls_worker_unit_price(worker, kept->kind)};
    const struct shape *shape = find_shape(worker, kept);
    if (budget.unit_price > 0 && shape != NULL && shape->is_known)
        budget.unit_limit = shape->units;
    return budget;
}

bool ls_worker_must_simulate(ls_worker *worker, const struct ls_effect *effect)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (kept == NULL || !worker->options.simulates || kept->simulations > 0) return false;
    if (kept->fence == LS_FENCE_NONCE || ls_worker_unit_price(worker, kept->kind) == 0)
        return false;
    if (find_shape(worker, kept) != NULL) return false;
    *shape_at(worker, kept) =
        (struct shape){.key = shape_key(kept), .until_ms = now_of(worker) + SHAPE_ASKED_MS};
    ls_worker_queue_add(worker, &worker->simulations, effect);
    return true;
}

void ls_worker_drop_limit(ls_worker *worker, const struct kept *kept)
{
    *shape_at(worker, kept) =
        (struct shape){.key = shape_key(kept), .until_ms = now_of(worker) + SHAPE_KNOWN_MS};
}

static bool is_zero(const struct ls_address *address)
{
    static const struct ls_address zero;
    return ls_address_equal(address, &zero);
}

void ls_worker_note_accounts(ls_worker *worker, const struct ls_pack *pack)
{
    worker->is_fee_wanted = true;
    for (size_t i = 0; i < pack->account_count; i++) {
        if (!pack->accounts[i].is_writable) continue;
        const struct ls_address *address = &pack->accounts[i].address;
        worker->fee_accounts[address->bytes[0] % FEE_ACCOUNTS_MAX] = *address;
    }
}

static bool wants_recent(const ls_worker *worker)
{
    for (size_t i = 0; i <= LS_KIND_MAX; i++)
        if (worker->options.fee_micro_lamports[i] == LS_FEE_AUTO) return true;
    return false;
}

void ls_worker_flush_fees(ls_worker *worker)
{
    const int64_t now_ms = now_of(worker);
    if (!worker->is_fee_wanted || now_ms < worker->fees_due_ms || !wants_recent(worker)) return;
    struct ledger_call *call = ls_worker_call_open(worker, CALL_FEES);
    if (call == NULL) return;
    struct ls_rpc_batch batch;
    struct ls_address accounts[FEE_ACCOUNTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < FEE_ACCOUNTS_MAX; i++) {
        if (!is_zero(&worker->fee_accounts[i])) accounts[count++] = worker->fee_accounts[i];
    }
    if (count == 0) accounts[count++] = worker->payer;
    worker->is_fee_wanted = false;
    worker->fees_due_ms = now_ms + FEES_MS;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_priority_fees(&batch, accounts, count); /* position 0 */
    ls_rpc_close(&batch);
    (void)ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT); /* the old one stands */
}

/* Without a usable answer the last price stands. */
void ls_worker_read_fees(ls_worker *worker, const ls_rpc_reply *parsed)
{
    uint64_t fee = 0;
    if (!ls_failed(ls_rpc_priority_fee_at(parsed, 0, worker->options.fee_permille, &fee)))
        worker->recent_fee = fee;
}

/* The transaction as it would be signed, without its signatures. */
static bool build(ls_worker *worker, const struct ls_effect *effect, struct ls_tx *tx_out)
{
    static const struct ls_signature none[LS_TX_SIGNERS_MAX];
    struct ls_intent intent;
    struct ls_intent_context context;
    struct ls_message message;
    if (!ls_worker_prepare(worker, effect, &intent, &context)) return false;
    context.unit_limit = UNITS_MAX;
    context.unit_price_micro_lamports = 1;
    if (!ls_failed(ls_intent_build(&intent, &context, &worker->blockhash, &message)) &&
        !ls_failed(ls_tx_assemble(&message, none, tx_out)))
        return true;
    ls_worker_queue_add(worker, &worker->signs, effect); /* signing says what is wrong */
    return false;
}

void ls_worker_flush_simulations(ls_worker *worker)
{
    struct ls_effect effect;
    while (worker->simulations.count > 0 && worker->flying[CALL_SIMULATE] < LOOK_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, CALL_SIMULATE);
        if (call == NULL) return;
        struct ls_rpc_batch batch;
        ls_worker_body_open(worker, &batch);
        while (call->count < SIMULATIONS_MAX &&
               ls_worker_queue_take(&worker->simulations, &effect)) {
            struct kept *kept = ls_worker_kept_of(worker, effect.slot);
            struct ls_tx tx;
            if (kept == NULL) continue;
            call->turn = kept->simulations++; /* a second look goes elsewhere */
            if (!build(worker, &effect, &tx)) continue;
            ls_worker_release_tx(kept->tx); /* kept to name the program that may fail in it */
            kept->tx = ls_worker_share_tx(tx.bytes, tx.length);
            kept->question.attempt = effect.as.attempt.attempt;
            kept->question.fee_level = effect.as.attempt.fee_level;
            (void)ls_rpc_simulate(&batch, tx.bytes, tx.length, LS_CONFIRMED);
            call->slots[call->count++] = effect.slot; /* its position */
        }
        ls_rpc_close(&batch);
        if (call->count == 0) {
            ls_worker_call_close(worker, call);
            return;
        }
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

static struct ls_effect sign_effect(const struct kept *kept, struct ls_slot slot)
{
    struct ls_effect effect = {.kind = LS_EFFECT_SIGN, .slot = slot};
    effect.as.attempt.attempt = kept->question.attempt;
    effect.as.attempt.fee_level = kept->question.fee_level;
    return effect;
}

static void learn(ls_worker *worker, const struct kept *kept, uint64_t used)
{
    struct shape *shape = shape_at(worker, kept);
    const bool makes_account =
        kept->kind == LS_KIND_TOKEN_MINT_TO || kept->kind == LS_KIND_TOKEN_TRANSFER;
    uint64_t units =
        used + used * (uint64_t)worker->options.unit_margin_permille / PERMILLE + PAYLOAD_STEP;
    if (makes_account) units += ATA_UNITS;
    if (used == 0 || shape->key != shape_key(kept)) return;
    if (units > UNITS_MAX) units = UNITS_MAX;
    shape->units = (uint32_t)units;
    shape->is_known = true;
    shape->until_ms = now_of(worker) + SHAPE_KNOWN_MS;
}

/* Nothing of this attempt has left yet, so a definite refusal by an instruction ends the
 * operation at once, without a certificate: when two simulations say so. Whatever else a
 * simulation says (funds, an old blockhash, a busy account) is left to the real thing. */
static bool is_definite(const struct kept *kept, const struct ls_rpc_simulation *simulation)
{
    const struct ls_rpc_error *error = &simulation->error;
    /* An address of its own that is in use may mean that an attempt nobody knows of landed. */
    const bool is_taken = error->has_custom && error->custom == 0;
    if (is_taken && (kept->has_marker || kept->creates_mint)) return false;
    return simulation->has_error && error->rpc_class == LS_CLASS_PERMANENT &&
           error->has_instruction &&
           strcmp(error->name, "InstructionError:ComputationalBudgetExceeded") != 0;
}

static void
take(ls_worker *worker, struct ls_slot slot, const struct ls_rpc_simulation *simulation)
{
    const struct kept *kept = ls_worker_kept_of(worker, slot);
    const struct ls_effect effect = sign_effect(kept, slot);
    char cause[LS_CORE_CAUSE_BYTES];
    char detail[LS_CORE_DETAIL_BYTES];
    if (!simulation->has_error) learn(worker, kept, simulation->units);
    if (!is_definite(kept, simulation)) {
        ls_worker_queue_add(worker, &worker->signs, &effect);
        return;
    }
    if (kept->simulations < SIMULATE_AGAIN) {
        ls_worker_queue_add(worker, &worker->simulations, &effect);
        return;
    }
    const char *program = ls_worker_program_name(kept, &simulation->error);
    ls_rpc_error_cause(&simulation->error, program, cause, sizeof cause);
    ls_rpc_error_explain(&simulation->error, program, detail, sizeof detail);
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_FAILED, cause, detail);
}

void ls_worker_read_simulations(ls_worker *worker,
                                const struct ledger_call *call,
                                const ls_rpc_reply *parsed)
{
    for (size_t i = 0; i < call->count; i++) {
        struct ls_rpc_simulation simulation = {0};
        if (ls_worker_kept_of(worker, call->slots[i]) == NULL) continue;
        if (ls_failed(ls_rpc_simulation_at(parsed, i, &simulation)))
            simulation = (struct ls_rpc_simulation){0}; /* nothing was learned */
        take(worker, call->slots[i], &simulation);
        ls_worker_settle_effects(worker);
    }
}

void ls_worker_unsimulated(ls_worker *worker, const struct ledger_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        const struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        if (kept == NULL) continue;
        const struct ls_effect effect = sign_effect(kept, call->slots[i]);
        ls_worker_queue_add(worker, &worker->signs, &effect);
    }
}
