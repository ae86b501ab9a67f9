#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/solana/intent.h"
#include "lockstep/solana/pack.h"
#include "lockstep/solana/program.h"
#include "plan.h"

static const char what[] = "intent build";

static struct ls_instruction *next(struct plan *plan)
{
    assert(plan->count < PLAN_INSTRUCTIONS_MAX);
    return &plan->instructions[plan->count++];
}

static ls_err
derive_ata(const struct plan *plan, const struct ls_address *owner, struct ls_address *ata_out)
{
    if (ls_derive_ata(owner, &plan->intent->mint, ata_out)) return LS_OK;
    return LS_FAIL(LS_CODE_INVALID, 0, "intent build: no associated account exists");
}

/* The receiver's associated account, created before it is used. */
static ls_err receive(struct plan *plan, struct ls_address *ata_out)
{
    const struct ls_intent *intent = plan->intent;
    LS_TRY(derive_ata(plan, &intent->to, ata_out));
    ls_ata_create_idempotent(next(plan), &plan->context->payer, ata_out, &intent->to,
                             &intent->mint);
    return LS_OK;
}

static void plan_create_mint(struct plan *plan)
{
    const struct ls_intent_context *context = plan->context;
    const struct ls_address mint = ls_intent_mint(context);
    const struct ls_create_with_seed create = {
        .payer = context->payer,
        .created = mint,
        .base = context->payer,
        .seed = context->tag.seed,
        .lamports = context->mint_rent_lamports,
        .space = LS_MINT_ACCOUNT_BYTES,
        .owner = LS_PROGRAM_TOKEN,
    };
    ls_system_create_with_seed(next(plan), &create);
    ls_token_initialize_mint2(next(plan), &mint, plan->intent->decimals, &context->payer);
}

static void plan_marker(struct plan *plan)
{
    const struct ls_intent_context *context = plan->context;
    if (!context->has_marker || plan->intent->kind == LS_INTENT_CREATE_MINT) return;
    const struct ls_create_with_seed create = {
        .payer = context->payer,
        .created = ls_intent_marker(plan->intent, context),
        .base = context->payer,
        .seed = context->tag.marker,
        .lamports = context->marker_rent_lamports,
        .owner = LS_PROGRAM_SYSTEM,
    };
    ls_system_create_with_seed(next(plan), &create);
}

static ls_err plan_mint_to(struct plan *plan)
{
    struct ls_address to;
    LS_TRY(receive(plan, &to));
    ls_token_mint_to(next(plan), &plan->intent->mint, &to, &plan->context->payer,
                     plan->intent->amount);
    return LS_OK;
}

static ls_err plan_burn(struct plan *plan)
{
    struct ls_address account;
    LS_TRY(derive_ata(plan, &plan->from, &account));
    ls_token_burn(next(plan), &account, &plan->intent->mint, &plan->from, plan->intent->amount);
    return LS_OK;
}

static ls_err plan_token_transfer(struct plan *plan)
{
    struct ls_address from;
    struct ls_address to;
    LS_TRY(derive_ata(plan, &plan->from, &from));
    LS_TRY(receive(plan, &to));
    ls_token_transfer(next(plan), &from, &to, &plan->from, plan->intent->amount);
    return LS_OK;
}

static ls_err plan_effect(struct plan *plan)
{
    switch (plan->intent->kind) {
    case LS_INTENT_MEMO:
    case LS_INTENT_EVENT: return LS_OK;
    case LS_INTENT_SOL_TRANSFER:
        ls_system_transfer(next(plan), &plan->context->payer, &plan->intent->to,
                           plan->intent->amount);
        return LS_OK;
    case LS_INTENT_CREATE_MINT: plan_create_mint(plan); return LS_OK;
    case LS_INTENT_MINT_TO: return plan_mint_to(plan);
    case LS_INTENT_BURN: return plan_burn(plan);
    case LS_INTENT_TOKEN_TRANSFER: return plan_token_transfer(plan);
    }
    assert(false);
    return LS_FAIL(LS_CODE_INVALID, 0, what);
}

static void plan_memo(struct plan *plan)
{
    char text[LS_MEMO_BYTES_MAX + 1];
    const char *own = plan->intent->text;
    const int length =
        snprintf(text, sizeof text, "ls1:%s%s%.*s", plan->context->tag.text,
                 plan->intent->text_bytes > 0 ? " " : "", (int)plan->intent->text_bytes, own);
    assert(length > 0 && (size_t)length < sizeof text);
    ls_memo(next(plan), text, (size_t)length);
}

static bool needs_mint(enum ls_intent_kind kind)
{
    return kind == LS_INTENT_MINT_TO || kind == LS_INTENT_BURN ||
           kind == LS_INTENT_TOKEN_TRANSFER;
}

struct ls_address ls_intent_mint(const struct ls_intent_context *context)
{
    return ls_derive_with_seed(&context->payer, context->tag.seed, &LS_PROGRAM_TOKEN);
}

struct ls_address ls_intent_marker(const struct ls_intent *intent,
                                   const struct ls_intent_context *context)
{
    if (intent->kind == LS_INTENT_CREATE_MINT) return ls_intent_mint(context);
    return ls_derive_with_seed(&context->payer, context->tag.marker, &LS_PROGRAM_SYSTEM);
}

ls_err plan_intent(struct plan *plan)
{
    const struct ls_intent *intent = plan->intent;
    assert(intent->text_bytes <= LS_INTENT_TEXT_BYTES_MAX);
    assert(plan->context->tag.text[0] != '\0');
    if (needs_mint(intent->kind) && !intent->has_mint)
        return LS_FAIL(LS_CODE_INVALID, 0, "intent build: mint not resolved");

    plan->from = intent->has_from ? intent->from : plan->context->payer;
    plan_marker(plan);
    LS_TRY(plan_effect(plan));
    plan_memo(plan);
    return LS_OK;
}

ls_err ls_intent_build(const struct ls_intent *intent,
                       const struct ls_intent_context *context,
                       const struct ls_hash *blockhash,
                       struct ls_message *message_out)
{
    struct ls_instruction instructions[PLAN_INSTRUCTIONS_MAX];
    struct plan plan = {.intent = intent, .context = context, .instructions = instructions};
    LS_TRY(plan_intent(&plan));
    return ls_message_compile(&context->payer, blockhash, plan.instructions, plan.count,
                              message_out);
}
