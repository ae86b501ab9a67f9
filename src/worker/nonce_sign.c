/* Signing under a nonce: the first attempt, further ones with a higher fee, and what cancels.
 * A further one stands beside the one that is being sent until it is durable. */
#include "lockstep/solana/intent.h"

#include "fees.h"
#include "worker_private.h"

/* The price of level 1 is the configured one, of each further level a multiple. */
static uint64_t unit_price(const ls_worker *worker, int32_t fee_level)
{
    int64_t price = fee_level > 0 ? worker->options.fee_bump_micro_lamports : 0;
    for (int32_t i = 1; i < fee_level && price < worker->options.fee_max_micro_lamports; i++)
        price *= worker->options.fee_bump_factor;
    if (price > worker->options.fee_max_micro_lamports)
        price = worker->options.fee_max_micro_lamports;
    return (uint64_t)price;
}

/* The nonce's authority is the payer that its account was made by. */
static void use_nonce(const ls_worker *worker,
                      const struct kept *kept,
                      const struct ls_effect *effect,
                      struct ls_intent_context *context)
{
    context->has_nonce = true;
    context->nonce = kept->nonce;
    context->nonce_authority = worker->payer;
    const uint64_t base = ls_worker_unit_price(worker, kept->kind);
    const uint64_t bumped = unit_price(worker, effect->as.attempt.fee_level);
    context->unit_price_micro_lamports = bumped > base ? bumped : base;
}

/* False: it was refused, the engine knows. */
static bool
build(ls_worker *worker, const struct ls_effect *effect, struct ls_message *message_out)
{
    struct ls_intent intent;
    struct ls_intent_context context;
    if (!ls_worker_prepare(worker, effect, &intent, &context)) return false;
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    use_nonce(worker, kept, effect, &context);
    ls_err err = ls_intent_build(&intent, &context, &kept->blockhash, message_out);
    if (ls_failed(err))
        ls_worker_refuse_attempt(worker, effect->slot, LS_UNSIGNED_FAILED, "InvalidPayload",
                                 err.what);
    return !ls_failed(err);
}

static bool
build_cancel(ls_worker *worker, const struct ls_effect *effect, struct ls_message *message_out)
{
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    struct ls_intent_context context = {.payer = worker->payer};
    use_nonce(worker, kept, effect, &context);
    ls_err err = ls_intent_build_cancel(&context, &kept->blockhash, message_out);
    if (ls_failed(err))
        ls_worker_refuse_attempt(worker, effect->slot, LS_UNSIGNED_HELD, "Unsigned", err.what);
    return !ls_failed(err);
}

void ls_worker_sign_nonce(ls_worker *worker, const struct ls_effect *effect)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    struct ls_why why = {0};
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = effect->slot};
    if (kept == NULL) return;
    bool is_built = effect->as.attempt.is_cancel ? build_cancel(worker, effect, &message)
                                                 : build(worker, effect, &message);
    if (!is_built) return;
    ls_err err = ls_worker_sign(worker, &message, &tx, &event.as.built.signature, &why);
    if (ls_failed(err)) {
        ls_worker_refuse_unsigned(worker, effect->slot, LS_UNSIGNED_HELD, err, &why,
                                  LS_WORKER_THEN_RELEASE);
        return;
    }
    struct shared_tx *made = ls_worker_share_tx(tx.bytes, tx.length);
    if (made == NULL) {
        ls_worker_refuse_memory(worker, effect->slot);
        return;
    }
    struct shared_tx **place = kept->tx == NULL ? &kept->tx : &kept->next_tx;
    ls_worker_release_tx(*place);
    *place = made;
    kept->pack = 0;
    ls_worker_step(worker, &event);
}
