#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/solana/intent.h"
#include "lockstep/solana/nonce.h"
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
    if (ls_derive_ata(owner, &plan->intent->mint, plan->program, ata_out)) return LS_OK;
    return LS_FAIL(LS_CODE_INVALID, 0, "intent build: no associated account exists");
}

/* The receiver's associated account, created before it is used. */
static ls_err receive(struct plan *plan, struct ls_address *ata_out)
{
    const struct ls_intent *intent = plan->intent;
    LS_TRY(derive_ata(plan, &intent->to, ata_out));
    ls_ata_create_idempotent(next(plan), plan->program, &plan->context->payer, ata_out,
                             &intent->to, &intent->mint);
    return LS_OK;
}

static size_t metadata_bytes(const struct ls_intent *intent)
{
    return strlen(intent->name) + strlen(intent->symbol) + strlen(intent->uri);
}

/* The account at the address that ls_intent_created() gives. `space` is what it begins
 * with; its lamports are for what it will have. */
static void plan_creation(struct plan *plan,
                          const struct ls_address *created,
                          uint64_t space,
                          const struct ls_address *owner)
{
    const struct ls_intent_context *context = plan->context;
    const struct ls_create_with_seed create = {
        .payer = context->payer,
        .created = *created,
        .base = context->payer,
        .seed = context->tag.seed,
        .lamports = context->rent_lamports,
        .space = space,
        .owner = *owner,
    };
    ls_system_create_with_seed(next(plan), &create);
}

static void plan_create_mint(struct plan *plan)
{
    const struct ls_intent *intent = plan->intent;
    const struct ls_address *payer = &plan->context->payer;
    const struct ls_address mint = ls_intent_created(intent, plan->context);
    const struct ls_token_metadata metadata = {
        .name = intent->name, .symbol = intent->symbol, .uri = intent->uri};

    plan_creation(plan, &mint,
                  intent->has_metadata ? LS_POINTED_MINT_BYTES : LS_MINT_ACCOUNT_BYTES,
                  plan->program);
    if (intent->has_metadata) ls_token_point_to_metadata(next(plan), &mint, payer);
    ls_token_initialize_mint2(next(plan), plan->program, &mint, intent->decimals, payer);
    if (intent->has_metadata) ls_token_initialize_metadata(next(plan), &mint, payer, &metadata);
}

static void plan_create_nonce(struct plan *plan)
{
    const struct ls_address *payer = &plan->context->payer;
    const struct ls_address nonce = ls_intent_created(plan->intent, plan->context);
    plan_creation(plan, &nonce, LS_NONCE_ACCOUNT_BYTES, &LS_PROGRAM_SYSTEM);
    ls_nonce_initialize(next(plan), &nonce, payer);
}

static void plan_marker(struct plan *plan)
{
    const struct ls_intent_context *context = plan->context;
    uint64_t space = 0;
    if (!context->has_marker || ls_intent_creates(plan->intent, &space)) return;
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

static void plan_account(struct plan *plan)
{
    const struct ls_intent *intent = plan->intent;
    const struct ls_address created = ls_intent_created(intent, plan->context);
    plan_creation(plan, &created, intent->space, &intent->owner);
}

static ls_err plan_reclaim(struct plan *plan)
{
    const struct ls_intent *intent = plan->intent;
    if (intent->from_seed[0] == '\0' || intent->amount == 0)
        return LS_FAIL(LS_CODE_INVALID, 0, "intent build: account not resolved");
    const struct ls_transfer_with_seed transfer = {
        .from = ls_intent_reclaimed(intent),
        .base = intent->to,
        .to = intent->to,
        .seed = intent->from_seed,
        .lamports = intent->amount,
    };
    ls_system_transfer_with_seed(next(plan), &transfer);
    return LS_OK;
}

static ls_err plan_mint_to(struct plan *plan)
{
    struct ls_address to;
    LS_TRY(receive(plan, &to));
    ls_token_mint_to(next(plan), plan->program, &plan->intent->mint, &to, &plan->context->payer,
                     plan->intent->amount);
    return LS_OK;
}

static ls_err plan_burn(struct plan *plan)
{
    struct ls_address account;
    LS_TRY(derive_ata(plan, &plan->from, &account));
    ls_token_burn(next(plan), plan->program, &account, &plan->intent->mint, &plan->from,
                  plan->intent->amount);
    return LS_OK;
}

static ls_err plan_token_transfer(struct plan *plan)
{
    struct ls_address from;
    struct ls_address to;
    LS_TRY(derive_ata(plan, &plan->from, &from));
    LS_TRY(receive(plan, &to));
    ls_token_transfer(next(plan), plan->program, &from, &to, &plan->from, plan->intent->amount);
    return LS_OK;
}

static ls_err plan_effect(struct plan *plan)
{
    switch (plan->intent->kind) {
    case LS_INTENT_MEMO:
    case LS_INTENT_EVENT: return LS_OK;
    case LS_INTENT_SOL_TRANSFER:
        ls_system_transfer(next(plan), &plan->from, &plan->intent->to, plan->intent->amount);
        return LS_OK;
    case LS_INTENT_CREATE_MINT: plan_create_mint(plan); return LS_OK;
    case LS_INTENT_MINT_TO: return plan_mint_to(plan);
    case LS_INTENT_BURN: return plan_burn(plan);
    case LS_INTENT_TOKEN_TRANSFER: return plan_token_transfer(plan);
    case LS_INTENT_ACCOUNT_CREATE: plan_account(plan); return LS_OK;
    case LS_INTENT_INVOKE: *next(plan) = plan->intent->invoke; return LS_OK;
    case LS_INTENT_RECLAIM: return plan_reclaim(plan);
    case LS_INTENT_NONCE_CREATE: plan_create_nonce(plan); return LS_OK;
    case LS_INTENT_NONCE_ADVANCE:
        ls_nonce_advance(next(plan), &plan->intent->to, &plan->context->payer);
        return LS_OK;
    case LS_INTENT_NONCE_CLOSE:
        ls_nonce_withdraw(next(plan), &plan->intent->to, &plan->context->payer,
                          &plan->context->payer, plan->intent->amount);
        return LS_OK;
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

const struct ls_address *ls_token_program_address(enum ls_token_program program)
{
    assert(program != LS_TOKEN_UNKNOWN);
    return program == LS_TOKEN_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN;
}

enum ls_token_program ls_token_program_of(const struct ls_address *owner)
{
    if (ls_address_equal(owner, &LS_PROGRAM_TOKEN)) return LS_TOKEN_CLASSIC;
    return ls_address_equal(owner, &LS_PROGRAM_TOKEN_2022) ? LS_TOKEN_2022 : LS_TOKEN_UNKNOWN;
}

bool ls_intent_needs_mint(const struct ls_intent *intent)
{
    return intent->kind == LS_INTENT_MINT_TO || intent->kind == LS_INTENT_BURN ||
           intent->kind == LS_INTENT_TOKEN_TRANSFER;
}

bool ls_intent_creates(const struct ls_intent *intent, uint64_t *space_out)
{
    if (intent->kind == LS_INTENT_ACCOUNT_CREATE) {
        *space_out = intent->space;
        return true;
    }
    if (intent->kind == LS_INTENT_NONCE_CREATE) {
        *space_out = LS_NONCE_ACCOUNT_BYTES;
        return true;
    }
    if (intent->kind != LS_INTENT_CREATE_MINT) return false;
    *space_out = intent->has_metadata ? ls_metadata_mint_bytes(metadata_bytes(intent))
                                      : (uint64_t)LS_MINT_ACCOUNT_BYTES;
    return true;
}

struct ls_address ls_intent_created(const struct ls_intent *intent,
                                    const struct ls_intent_context *context)
{
    if (intent->kind == LS_INTENT_NONCE_CREATE)
        return ls_derive_with_seed(&context->payer, context->tag.seed, &LS_PROGRAM_SYSTEM);
    const bool is_mint = intent->kind == LS_INTENT_CREATE_MINT;
    assert(is_mint || intent->kind == LS_INTENT_ACCOUNT_CREATE);
    return ls_derive_with_seed(&context->payer, context->tag.seed,
                               is_mint ? ls_token_program_address(intent->program)
                                       : &intent->owner);
}

struct ls_address ls_intent_reclaimed(const struct ls_intent *intent)
{
    assert(intent->kind == LS_INTENT_RECLAIM && intent->from_seed[0] != '\0');
    return ls_derive_with_seed(&intent->to, intent->from_seed, &LS_PROGRAM_SYSTEM);
}

struct ls_address ls_intent_marker(const struct ls_intent *intent,
                                   const struct ls_intent_context *context)
{
    uint64_t space = 0;
    if (ls_intent_creates(intent, &space)) return ls_intent_created(intent, context);
    return ls_derive_with_seed(&context->payer, context->tag.marker, &LS_PROGRAM_SYSTEM);
}

/* What makes a transaction durable must be its first instruction. */
static void plan_nonce(struct plan *plan)
{
    const struct ls_intent_context *context = plan->context;
    assert(!context->has_nonce || !context->has_marker);
    if (context->has_nonce)
        ls_nonce_advance(next(plan), &context->nonce, &context->nonce_authority);
    if (context->unit_limit > 0) ls_compute_unit_limit(next(plan), context->unit_limit);
    if (context->unit_price_micro_lamports > 0)
        ls_compute_unit_price(next(plan), context->unit_price_micro_lamports);
}

ls_err plan_intent(struct plan *plan)
{
    const struct ls_intent *intent = plan->intent;
    assert(intent->text_bytes <= LS_INTENT_TEXT_BYTES_MAX);
    assert(plan->context->tag.text[0] != '\0');
    const bool is_open = !intent->has_mint || intent->program == LS_TOKEN_UNKNOWN;
    if (ls_intent_needs_mint(intent) && is_open)
        return LS_FAIL(LS_CODE_INVALID, 0, "intent build: mint not resolved");

    if (intent->program != LS_TOKEN_UNKNOWN)
        plan->program = ls_token_program_address(intent->program);
    plan->from = intent->has_from ? intent->from : plan->context->payer;
    plan_nonce(plan);
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

ls_err ls_intent_build_cancel(const struct ls_intent_context *context,
                              const struct ls_hash *blockhash,
                              struct ls_message *message_out)
{
    assert(context->has_nonce);
    struct ls_instruction instructions[PLAN_INSTRUCTIONS_MAX];
    struct plan plan = {.context = context, .instructions = instructions};
    plan_nonce(&plan);
    return ls_message_compile(&context->payer, blockhash, plan.instructions, plan.count,
                              message_out);
}
