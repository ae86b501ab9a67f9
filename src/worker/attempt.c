/* Building and signing one attempt. Nothing is signed but ls_intent_build's bytes. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "worker_private.h"

static void refuse(ls_worker *worker,
                   struct ls_slot slot,
                   bool is_policy,
                   const char *cause,
                   const char *detail)
{
    struct ls_event event = {.kind = LS_EVENT_UNSIGNED, .slot = slot};
    event.as.refusal.is_policy = is_policy;
    event.as.refusal.cause = cause;
    event.as.refusal.detail = detail;
    ls_worker_step(worker, &event);
}

/* Held, not failed: nothing is wrong with the operation. */
static void refuse_memory(ls_worker *worker, struct ls_slot slot)
{
    refuse(worker, slot, true, "OutOfMemory", "the worker has no memory left");
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
    refuse(worker, slot, true, "PinnedSigner", detail);
}

static ls_err
build(ls_worker *worker, struct kept *kept, struct ls_message *message_out, struct ls_why *why)
{
    struct ls_intent intent = {0};
    LS_TRY(ls_intent_parse(ls_kind_name(kept->kind), kept->payload, kept->payload_bytes,
                           &intent, why));
    if (intent.mint_by_key) {
        if (!kept->has_mint) {
            return ls_refuse(why, LS_CODE_INVALID, "mint",
                             "the operation that payload.mint.key names made no mint");
        }
        intent.has_mint = true;
        intent.mint = kept->mint;
        intent.mint_by_key = false;
    }
    struct ls_intent_context context = {
        .payer = worker->payer,
        .tag = ls_tag_make(worker->tag_key, &worker->genesis, kept->key, strlen(kept->key)),
        .mint_rent_lamports = worker->mint_rent_lamports,
    };
    kept->creates_mint = intent.kind == LS_INTENT_CREATE_MINT;
    if (kept->creates_mint) kept->created_mint = ls_intent_mint(&context);
    kept->blockhash = worker->blockhash;
    return ls_intent_build(&intent, &context, &worker->blockhash, message_out);
}

static ls_err sign(ls_worker *worker,
                   const struct ls_message *message,
                   struct ls_tx *tx_out,
                   struct ls_signature *signature_out,
                   struct ls_why *why)
{
    struct ls_signature signatures[LS_TX_SIGNERS_MAX];
    assert(message->signer_count >= 1 && message->signer_count <= LS_TX_SIGNERS_MAX);
    for (size_t i = 0; i < message->signer_count; i++) {
        ls_err err = worker->ports.signer.sign(worker->ports.signer.self, &message->signers[i],
                                               message->bytes, message->length, &signatures[i]);
        if (!ls_failed(err)) continue;
        char address[LS_ADDRESS_TEXT_BYTES];
        ls_address_text(&message->signers[i], address);
        return ls_refuse(why, err.code, "sign",
                         "no key for %s is configured: add a [signer] section, then release",
                         address);
    }
    LS_TRY(ls_tx_assemble(message, signatures, tx_out));
    *signature_out = signatures[0];
    return LS_OK;
}

void ls_worker_sign_attempt(ls_worker *worker, const struct ls_effect *effect)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (kept == NULL) return;
    if (kept->key == NULL || kept->payload == NULL) {
        refuse_memory(worker, effect->slot);
        return;
    }
    if (kept->is_pinned && !ls_address_equal(&kept->pinned_signer, &worker->payer)) {
        refuse_pinned(worker, effect->slot, &kept->pinned_signer);
        return;
    }
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    struct ls_why why = {0};
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = effect->slot};

    ls_err err = build(worker, kept, &message, &why);
    if (err.code == LS_CODE_NO_MEMORY) {
        refuse_memory(worker, effect->slot);
        return;
    }
    if (ls_failed(err)) {
        refuse(worker, effect->slot, false, "InvalidPayload",
               why.text[0] ? why.text : err.what);
        return;
    }
    err = sign(worker, &message, &tx, &event.as.built.signature, &why);
    if (ls_failed(err)) {
        refuse(worker, effect->slot, true, "NoSigner", why.text[0] ? why.text : err.what);
        return;
    }
    assert(tx.length > 0);
    kept->tx = malloc(tx.length);
    if (kept->tx == NULL) {
        refuse_memory(worker, effect->slot);
        return;
    }
    memcpy(kept->tx, tx.bytes, tx.length);
    kept->tx_bytes = tx.length;
    free(kept->payload);
    kept->payload = NULL;
    event.as.built.last_valid_height = worker->last_valid_height;
    ls_worker_step(worker, &event);
}
