#include "lockstep/worker/adopt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/solana/intent.h"
#include "lockstep/solana/marker.h"
#include "lockstep/solana/nonce.h"
#include "lockstep/solana/pack.h"
#include "lockstep/solana/tx.h"

#define WHAT "adoption test"

/* Of System's TransferWithSeed: number, lamports. */
enum { TRANSFER_WITH_SEED = 11, NUMBER_BYTES = 4 };

/* A transaction, and which of its instructions are the operation's. */
struct candidate {
    struct ls_tx_view view;
    size_t first, end;
    bool is_alone; /* it carries no other operation */
};

/* A mint is of one program alone; which one the worker asked the ledger, and wrote here. */
static void take_program(const struct candidate *candidate, struct ls_intent *intent)
{
    for (size_t i = candidate->first; i < candidate->end; i++) {
        const uint8_t at = candidate->view.instructions[i].program_index;
        if (intent->program != LS_TOKEN_UNKNOWN) return;
        intent->program = ls_token_program_of(&candidate->view.accounts[at]);
    }
}

static uint64_t number_at(const uint8_t *bytes, size_t width)
{
    uint64_t number = 0;
    for (size_t i = width; i > 0; i--) number = number << 8 | bytes[i - 1];
    return number;
}

/* What an account held that the attempt emptied. */
static void take_reclaimed(const struct candidate *candidate,
                           const struct ls_adoption *op,
                           struct ls_intent *intent)
{
    const struct ls_tag creator =
        ls_tag_make(op->tag_key, &op->genesis, intent->from_key, strlen(intent->from_key));
    memcpy(intent->from_seed, intent->from_marker ? creator.marker : creator.seed,
           sizeof intent->from_seed);
    for (size_t i = candidate->first; i < candidate->end; i++) {
        const struct ls_tx_view_instruction *found = &candidate->view.instructions[i];
        const struct ls_address *program = &candidate->view.accounts[found->program_index];
        if (ls_address_equal(program, &LS_PROGRAM_SYSTEM) &&
            found->data_bytes >= NUMBER_BYTES + sizeof(uint64_t) &&
            number_at(found->data, NUMBER_BYTES) == TRANSFER_WITH_SEED)
            intent->amount = number_at(found->data + NUMBER_BYTES, sizeof(uint64_t));
    }
}

/* What an instruction says of the transaction's budget, if it is of that program. */
static bool take_budget(const struct ls_tx_view *view,
                        const struct ls_tx_view_instruction *instruction,
                        struct ls_intent_context *context)
{
    enum { UNIT_LIMIT = 2, UNIT_PRICE = 3 };
    const uint8_t *data = instruction->data;
    if (!ls_address_equal(&view->accounts[instruction->program_index],
                          &LS_PROGRAM_COMPUTE_BUDGET))
        return false;
    if (instruction->data_bytes == 1 + sizeof(uint32_t) && data[0] == UNIT_LIMIT)
        context->unit_limit = (uint32_t)number_at(data + 1, sizeof(uint32_t));
    if (instruction->data_bytes == 1 + sizeof(uint64_t) && data[0] == UNIT_PRICE)
        context->unit_price_micro_lamports = number_at(data + 1, sizeof(uint64_t));
    return true;
}

/* Under which nonce it was signed is the attempt's choice; only the effect is the operation's.
 */
static void take_nonce(const struct candidate *candidate,
                       const struct ls_intent *intent,
                       struct ls_intent_context *context)
{
    const struct ls_tx_view_instruction *first = &candidate->view.instructions[0];
    size_t account = 0;
    if (!candidate->is_alone || intent->kind == LS_INTENT_NONCE_ADVANCE) return;
    if (!ls_nonce_of_tx(&candidate->view, &account) || first->account_count != 3) return;
    context->has_nonce = true;
    context->nonce = candidate->view.accounts[account];
    context->nonce_authority = candidate->view.accounts[first->account_indexes[2]];
}

/* Fee and limit say nothing of the effect: what stands in the transaction is taken. In one
 * of several operations they stand before the first, and belong to none. */
static void take_budgets(struct candidate *candidate, struct ls_intent_context *context)
{
    struct ls_intent_context ignored = {0};
    struct ls_intent_context *into = candidate->is_alone ? context : &ignored;
    size_t i = candidate->first + (context->has_nonce ? 1 : 0); /* its advance is the first */
    while (i < candidate->end &&
           take_budget(&candidate->view, &candidate->view.instructions[i], into))
        i++;
    if (!candidate->is_alone) candidate->first = i;
}

/* What the attempt chose by itself: rents are the ledger's of that moment. */
static void take_own(const struct candidate *candidate,
                     struct ls_intent *intent,
                     struct ls_intent_context *context)
{
    if (ls_intent_needs_mint(intent)) take_program(candidate, intent);
    const struct ls_address marker = ls_intent_marker(intent, context);
    size_t index = 0;
    uint64_t lamports = 0;
    if (!ls_marker_find(&candidate->view, &marker, &index, &lamports)) return;
    context->has_marker = !context->has_nonce; /* they exclude each other */
    context->marker_rent_lamports = context->rent_lamports = lamports;
}

static bool is_same_instruction(const struct ls_tx_view *view,
                                const struct ls_tx_view_instruction *found,
                                const struct ls_instruction *wanted)
{
    if (!ls_address_equal(&view->accounts[found->program_index], &wanted->program) ||
        found->account_count != wanted->account_count ||
        found->data_bytes != wanted->data_bytes ||
        memcmp(found->data, wanted->data, wanted->data_bytes) != 0)
        return false;
    for (size_t i = 0; i < found->account_count; i++) {
        const struct ls_account_meta *meta = &wanted->accounts[i];
        const size_t at = found->account_indexes[i];
        if (!ls_address_equal(&view->accounts[at], &meta->address) ||
            (meta->is_signer && !ls_tx_view_is_signer(view, at)) ||
            (meta->is_writable && !ls_tx_view_is_writable(view, at)))
            return false;
    }
    return true;
}

/* In a transaction of several operations rights of accounts are those of all together, so
 * the operation's own instructions are compared one by one. */
static ls_err compare_part(const struct candidate *candidate,
                           const struct ls_intent *intent,
                           const struct ls_intent_context *context,
                           bool *is_same_out)
{
    struct ls_pack *wanted = malloc(sizeof *wanted);
    if (wanted == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    ls_pack_open(wanted, &context->payer);
    ls_err err = ls_pack_add(wanted, intent, context);
    const size_t count = wanted->instruction_count;
    bool is_same = !ls_failed(err) && count == candidate->end - candidate->first;
    for (size_t i = 0; is_same && i < count; i++) {
        is_same = is_same_instruction(&candidate->view,
                                      &candidate->view.instructions[candidate->first + i],
                                      &wanted->instructions[i]);
    }
    free(wanted);
    if (!ls_failed(err)) *is_same_out = is_same;
    return err;
}

static ls_err compare_whole(const struct candidate *candidate,
                            const struct ls_intent *intent,
                            const struct ls_intent_context *context,
                            bool *is_same_out)
{
    struct ls_message wanted = {0};
    LS_TRY(ls_intent_build(intent, context, candidate->view.blockhash, &wanted));
    *is_same_out = wanted.length == candidate->view.message_bytes &&
                   memcmp(wanted.bytes, candidate->view.message, wanted.length) == 0;
    return LS_OK;
}

/* A mint that is named by key, when the operation that makes it is not known to have landed:
 * a failover can have lost both. Its address follows from that operation's tag. */
static void resolve_mint(const struct ls_adoption *op, struct ls_intent *intent)
{
    if (!intent->mint_by_key || intent->program == LS_TOKEN_UNKNOWN) return;
    const struct ls_tag maker =
        ls_tag_make(op->tag_key, &op->genesis, intent->mint_key, strlen(intent->mint_key));
    intent->mint = op->has_mint
                       ? op->mint
                       : ls_derive_with_seed(&op->mint_payer, maker.seed,
                                             ls_token_program_address(intent->program));
    intent->has_mint = true;
    intent->mint_by_key = false;
}

static ls_err read_candidate(const uint8_t *tx,
                             size_t tx_bytes,
                             const struct ls_tag *tag,
                             struct candidate *candidate,
                             struct ls_why *why)
{
    const ls_err err = ls_tx_read(tx, tx_bytes, &candidate->view);
    if (ls_failed(err)) {
        return ls_refuse(why, LS_CODE_CORRUPT, WHAT,
                         "the bytes are no transaction of the sort that is signed here");
    }
    if (!ls_pack_range(&candidate->view, tag, &candidate->first, &candidate->end)) {
        return ls_refuse(why, LS_CODE_REFUSED, WHAT,
                         "it does not carry the operation's memo ls1:%s", tag->text);
    }
    candidate->is_alone = ls_pack_count(&candidate->view) == 1;
    return LS_OK;
}

ls_err ls_worker_adoption_test(const struct ls_adoption *op,
                               const uint8_t *tx,
                               size_t tx_bytes,
                               struct ls_why *why)
{
    assert(op != NULL && op->tag_key != NULL && op->key != NULL);
    struct ls_intent intent = {0};
    struct candidate candidate = {0};
    bool is_same = false;
    struct ls_intent_context context = {
        .payer = op->payer,
        .tag = ls_tag_make(op->tag_key, &op->genesis, op->key, strlen(op->key)),
    };
    LS_TRY(
        ls_intent_parse(ls_kind_name(op->kind), op->payload, op->payload_bytes, &intent, why));
    LS_TRY(read_candidate(tx, tx_bytes, &context.tag, &candidate, why));
    if (!ls_address_equal(&candidate.view.accounts[0], &op->payer))
        return ls_refuse(why, LS_CODE_REFUSED, WHAT, "another key than ours pays for it");
    if (!ls_tx_verify(&candidate.view))
        return ls_refuse(why, LS_CODE_REFUSED, WHAT, "a signature of it is not valid");

    if (intent.kind == LS_INTENT_RECLAIM) take_reclaimed(&candidate, op, &intent);
    take_nonce(&candidate, &intent, &context);
    take_budgets(&candidate, &context);
    take_own(&candidate, &intent, &context);
    if (context.has_nonce) context.has_marker = false; /* they exclude each other */
    resolve_mint(op, &intent);
    const bool is_other = ls_intent_needs_mint(&intent) && intent.program == LS_TOKEN_UNKNOWN;
    if (is_other)
        return ls_refuse(why, LS_CODE_REFUSED, WHAT, "it calls neither of the token programs");
    LS_TRY(candidate.is_alone ? compare_whole(&candidate, &intent, &context, &is_same)
                              : compare_part(&candidate, &intent, &context, &is_same));
    if (is_same) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, WHAT,
                     "our key signed it, but it does not say what the operation says");
}
