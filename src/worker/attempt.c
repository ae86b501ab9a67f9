/* From an operation to what its attempt does. Nothing is signed but what comes from here. */
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "worker_private.h"

void ls_worker_refuse_attempt(ls_worker *worker,
                              struct ls_slot slot,
                              enum ls_unsigned verdict,
                              const char *cause,
                              const char *detail)
{
    struct ls_event event = {.kind = LS_EVENT_UNSIGNED, .slot = slot};
    event.as.refusal.verdict = verdict;
    event.as.refusal.cause = cause;
    event.as.refusal.detail = detail;
    ls_worker_step(worker, &event);
}

void ls_worker_refuse_memory(ls_worker *worker, struct ls_slot slot)
{
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_HELD, "OutOfMemory",
                             "the worker has no memory left");
}

/* Attempts of another payer may still land: with ours beside them nothing excludes two. */
static void
refuse_pinned(ls_worker *worker, struct ls_slot slot, const struct ls_address *pinned)
{
    char address[LS_ADDRESS_TEXT_BYTES];
    char detail[LS_CORE_DETAIL_BYTES];
    ls_address_text(pinned, address);
    (void)snprintf(detail, sizeof detail,
                   "attempts paid by %s may still land: release it where that key pays",
                   address); /* fits by its size */
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_HELD, "PinnedSigner", detail);
}

static ls_err
resolve_mint(const struct kept *kept, struct ls_intent *intent, struct ls_why *why)
{
    if (!intent->mint_by_key) return LS_OK;
    if (!kept->has_mint) {
        return ls_refuse(why, LS_CODE_INVALID, "mint",
                         "the operation that payload.mint.key names made no mint");
    }
    intent->has_mint = true;
    intent->mint = kept->mint;
    intent->mint_by_key = false;
    intent->program = kept->mint_is_2022 ? LS_TOKEN_2022 : LS_TOKEN_CLASSIC;
    return LS_OK;
}

/* The account that an operation of ours created: its seed follows from that one's key. */
static void resolve_account(const ls_worker *worker, struct ls_intent *intent)
{
    if (intent->kind != LS_INTENT_RECLAIM) return;
    const struct ls_tag creator = ls_tag_make(worker->tag_key, &worker->genesis,
                                              intent->from_key, strlen(intent->from_key));
    memcpy(intent->from_seed, intent->from_marker ? creator.marker : creator.seed,
           sizeof intent->from_seed);
}

/* Everything that must be known is. */
static void fill_context(const ls_worker *worker,
                         struct kept *kept,
                         struct ls_intent *intent,
                         struct ls_intent_context *context_out)
{
    uint64_t space = 0;
    *context_out = (struct ls_intent_context){
        .payer = worker->payer,
        .tag = ls_tag_make(worker->tag_key, &worker->genesis, kept->key, strlen(kept->key)),
    };
    if (ls_intent_needs_mint(intent) && intent->program == LS_TOKEN_UNKNOWN)
        intent->program = ls_worker_mint_program(worker, &intent->mint);
    if (intent->kind == LS_INTENT_RECLAIM) intent->amount = kept->held_lamports;
    kept->signer = worker->payer;
    kept->creates_mint = ls_intent_creates(intent, &space);
    if (kept->creates_mint) {
        context_out->rent_lamports = ls_worker_rent(worker, space);
        kept->created_mint = ls_intent_created(intent, context_out);
    }
    context_out->has_marker = kept->has_marker = kept->fence == LS_FENCE_MARKER;
    if (!kept->has_marker) return;
    kept->marker = ls_intent_marker(intent, context_out);
    if (!kept->creates_mint) context_out->marker_rent_lamports = ls_worker_rent(worker, 0);
}

bool ls_worker_prepare(ls_worker *worker,
                       const struct ls_effect *effect,
                       struct ls_intent *intent_out,
                       struct ls_intent_context *context_out)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    struct ls_why why = {0};
    if (kept == NULL) return false;
    if (kept->key == NULL || kept->payload == NULL) {
        ls_worker_refuse_memory(worker, effect->slot);
        return false;
    }
    if (ls_core_is_wished(worker->core, effect->slot)) {
        ls_worker_refuse_attempt(worker, effect->slot, LS_UNSIGNED_LATER, "Wished",
                                 "a person wants it held or cancelled");
        return false;
    }
    if (kept->is_pinned && !ls_address_equal(&kept->signer, &worker->payer)) {
        refuse_pinned(worker, effect->slot, &kept->signer);
        return false;
    }
    ls_err err = ls_intent_parse(ls_kind_name(kept->kind), kept->payload, kept->payload_bytes,
                                 intent_out, &why);
    if (!ls_failed(err)) err = resolve_mint(kept, intent_out, &why);
    if (!ls_failed(err)) resolve_account(worker, intent_out);
    if (err.code == LS_CODE_NO_MEMORY) {
        ls_worker_refuse_memory(worker, effect->slot);
        return false;
    }
    if (ls_failed(err)) {
        ls_worker_refuse_attempt(worker, effect->slot, LS_UNSIGNED_FAILED, "InvalidPayload",
                                 why.text[0] ? why.text : err.what);
        return false;
    }
    if (ls_worker_must_ask(worker, effect, intent_out)) return false;
    fill_context(worker, kept, intent_out, context_out);
    return true;
}
