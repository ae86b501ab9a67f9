/* What must be asked of the ledger before an operation can be signed: the rent exemption of
 * what it creates, the program of a mint that is named by its address, what an account holds
 * that is to be emptied. Equal questions of
 * one call share a position. Answers are remembered for a while; nothing is ever assumed. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "worker_private.h"

enum { REMEMBER_MS = 600000 };

static int64_t now_ms(const ls_worker *worker)
{
    return worker->ports.clock.monotonic_ms(worker->ports.clock.self);
}

static const struct known_rent *find_rent(const ls_worker *worker, uint64_t space)
{
    const struct known_rent *known = &worker->rents[space % RENTS_MAX];
    bool is_it = known->space == space && known->until_ms > now_ms(worker);
    return is_it ? known : NULL;
}

static size_t mint_place(const struct ls_address *mint)
{
    return mint->bytes[0] % MINTS_MAX;
}

static const struct known_mint *find_mint(const ls_worker *worker,
                                          const struct ls_address *mint)
{
    const struct known_mint *known = &worker->mints[mint_place(mint)];
    bool is_it = ls_address_equal(&known->mint, mint) && known->until_ms > now_ms(worker);
    return is_it ? known : NULL;
}

uint64_t ls_worker_rent(const ls_worker *worker, uint64_t space)
{
    const struct known_rent *known = &worker->rents[space % RENTS_MAX];
    assert(known->space == space);
    return known->lamports;
}

enum ls_token_program ls_worker_mint_program(const ls_worker *worker,
                                             const struct ls_address *mint)
{
    const struct known_mint *known = &worker->mints[mint_place(mint)];
    assert(ls_address_equal(&known->mint, mint));
    return known->program;
}

void ls_worker_learn_rent(ls_worker *worker, uint64_t space, uint64_t lamports)
{
    worker->rents[space % RENTS_MAX] = (struct known_rent){
        .space = space, .lamports = lamports, .until_ms = now_ms(worker) + REMEMBER_MS};
}

/* A marker is an account without data. */
static struct question
question_of(const ls_worker *worker, const struct kept *kept, const struct ls_intent *intent)
{
    struct question question = {.kind = QUESTION_NONE};
    if (intent->kind == LS_INTENT_RECLAIM && kept->held_lamports == 0) {
        question.kind = QUESTION_HELD;
        question.address = ls_intent_reclaimed(intent);
        return question;
    }
    bool creates = ls_intent_creates(intent, &question.space) || kept->fence == LS_FENCE_MARKER;
    if (creates && find_rent(worker, question.space) == NULL) {
        question.kind = QUESTION_RENT;
        return question;
    }
    if (ls_intent_needs_mint(intent) && intent->program == LS_TOKEN_UNKNOWN) {
        question.address = intent->mint;
        if (find_mint(worker, &intent->mint) == NULL) question.kind = QUESTION_MINT;
    }
    return question;
}

bool ls_worker_must_ask(ls_worker *worker,
                        const struct ls_effect *effect,
                        const struct ls_intent *intent)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    assert(kept != NULL);
    kept->question = question_of(worker, kept, intent);
    if (kept->question.kind == QUESTION_NONE) return false;
    kept->question.attempt = effect->as.attempt.attempt;
    kept->question.fee_level = effect->as.attempt.fee_level;
    ls_worker_queue_add(worker, &worker->lookups, effect);
    return true;
}

/* The question is answered: on with the signing. */
static void sign_now(ls_worker *worker, struct ls_slot slot)
{
    struct ls_effect effect = {.kind = LS_EFFECT_SIGN, .slot = slot};
    effect.as.attempt.attempt = ls_worker_kept_of(worker, slot)->question.attempt;
    effect.as.attempt.fee_level = ls_worker_kept_of(worker, slot)->question.fee_level;
    ls_worker_queue_add(worker, &worker->signs, &effect);
}

static bool is_same(const struct question *a, const struct question *b)
{
    return a->kind == b->kind && a->space == b->space &&
           ls_address_equal(&a->address, &b->address);
}

static void write_question(struct ls_rpc_batch *batch, const struct question *question)
{
    assert(question->kind != QUESTION_NONE);
    if (question->kind == QUESTION_RENT) {
        (void)ls_rpc_get_rent(batch, question->space); /* its position is counted */
    } else {
        (void)ls_rpc_get_accounts(batch, &question->address, 1, LS_CONFIRMED);
    }
}

/* The position of an equal question in the call, or the next one. */
static size_t
place(ls_worker *worker, const struct ledger_call *call, const struct question *question)
{
    size_t next = 0;
    for (size_t i = 0; i < call->count; i++) {
        const struct kept *other = ls_worker_kept_of(worker, call->slots[i]);
        if (other != NULL && is_same(&other->question, question)) return call->position_at[i];
        if (call->position_at[i] >= next) next = (size_t)call->position_at[i] + 1;
    }
    return next;
}

/* Take what fits into `call` from those that wait, and write its body. */
static void ask(ls_worker *worker, struct ledger_call *call)
{
    struct ls_rpc_batch batch;
    struct ls_effect effect;
    ls_worker_body_open(worker, &batch);
    while (call->count < CALL_SLOTS_MAX && batch.count < LS_RPC_BATCH_MAX &&
           ls_worker_queue_take(&worker->lookups, &effect)) {
        const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
        if (kept == NULL) continue;
        size_t at = place(worker, call, &kept->question);
        if (at == batch.count) write_question(&batch, &kept->question);
        call->position_at[call->count] = (uint8_t)at;
        call->slots[call->count++] = effect.slot;
    }
    ls_rpc_close(&batch);
    call->positions = batch.count;
}

void ls_worker_flush_lookups(ls_worker *worker)
{
    while (worker->lookups.count > 0 && worker->flying[CALL_LOOKUP] < LOOK_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, CALL_LOOKUP);
        if (call == NULL) return;
        ask(worker, call);
        if (call->count == 0) {
            ls_worker_call_close(worker, call);
            return;
        }
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

static void refuse_mint(ls_worker *worker,
                        struct ls_slot slot,
                        const struct ls_address *mint,
                        const struct ls_address *owner)
{
    char detail[LS_CORE_DETAIL_BYTES];
    char mint_text[LS_ADDRESS_TEXT_BYTES];
    char owner_text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(mint, mint_text);
    if (owner == NULL) {
        (void)snprintf(detail, sizeof detail, "the ledger has no account at mint %s",
                       mint_text); /* cut by design, here and below */
        ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_ABSENT, "MintNotFound", detail);
        return;
    }
    ls_address_text(owner, owner_text);
    (void)snprintf(detail, sizeof detail, "%s is no mint: %s owns it", mint_text, owner_text);
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_FAILED, "InvalidMint", detail);
}

/* Each of these takes one answer; false: it can not be used.
 *
 * Only the System program moves lamports by a seed, and only out of an account without data. */
static bool
take_held(ls_worker *worker, struct ls_slot slot, const ls_rpc_reply *parsed, size_t position)
{
    struct kept *kept = ls_worker_kept_of(worker, slot);
    struct ls_rpc_account account = {0};
    int64_t context_slot = 0;
    if (ls_failed(ls_rpc_accounts_at(parsed, position, &account, 1, &context_slot)))
        return false;
    if (!account.is_found || account.lamports == 0) {
        ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_ABSENT, "AccountNotFound",
                                 "the ledger has no account where it was created");
        return true;
    }
    if (account.data_bytes > 0 || !ls_address_equal(&account.owner, &LS_PROGRAM_SYSTEM)) {
        ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_FAILED, "AccountInUse",
                                 "the account belongs to a program now, which alone can pay "
                                 "out what it holds");
        return true;
    }
    kept->held_lamports = account.lamports;
    sign_now(worker, slot);
    return true;
}

static bool
take_mint(ls_worker *worker, struct ls_slot slot, const ls_rpc_reply *parsed, size_t position)
{
    struct kept *kept = ls_worker_kept_of(worker, slot);
    struct ls_rpc_account account = {0};
    const struct ls_address mint = kept->question.address;
    int64_t context_slot = 0;
    if (ls_failed(ls_rpc_accounts_at(parsed, position, &account, 1, &context_slot)))
        return false;
    enum ls_token_program program =
        account.is_found ? ls_token_program_of(&account.owner) : LS_TOKEN_UNKNOWN;
    if (program == LS_TOKEN_UNKNOWN) {
        refuse_mint(worker, slot, &mint, account.is_found ? &account.owner : NULL);
        return true;
    }
    worker->mints[mint_place(&mint)] = (struct known_mint){
        .mint = mint, .program = program, .until_ms = now_ms(worker) + REMEMBER_MS};
    sign_now(worker, slot);
    return true;
}

static bool
take_rent(ls_worker *worker, struct ls_slot slot, const ls_rpc_reply *parsed, size_t position)
{
    uint64_t lamports = 0;
    if (ls_failed(ls_rpc_lamports_at(parsed, position, &lamports))) return false;
    ls_worker_learn_rent(worker, ls_worker_kept_of(worker, slot)->question.space, lamports);
    sign_now(worker, slot);
    return true;
}

static bool
take_answer(ls_worker *worker, struct ls_slot slot, const ls_rpc_reply *parsed, size_t position)
{
    switch (ls_worker_kept_of(worker, slot)->question.kind) {
    case QUESTION_RENT: return take_rent(worker, slot, parsed, position);
    case QUESTION_MINT: return take_mint(worker, slot, parsed, position);
    case QUESTION_HELD: return take_held(worker, slot, parsed, position);
    case QUESTION_NONE: break;
    }
    return false;
}

void ls_worker_read_lookups(ls_worker *worker,
                            const struct ledger_call *call,
                            const ls_rpc_reply *parsed)
{
    for (size_t i = 0; i < call->count; i++) {
        const struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        if (kept == NULL) continue;
        size_t position = call->position_at[i];
        bool is_taken = take_answer(worker, call->slots[i], parsed, position);
        if (!is_taken) {
            ls_worker_refuse_attempt(worker, call->slots[i], LS_UNSIGNED_LATER,
                                     "LedgerUnavailable",
                                     "the ledger did not answer what must be known first");
        }
        ls_worker_settle_effects(worker);
    }
}
