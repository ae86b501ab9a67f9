/* Operations into transactions: whatever may share one is gathered until a packet is full,
 * then signed once. Each member keeps its slot, its attempt and its own outcome; they share
 * the signature and the bytes. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/own_key.h"

#include "fees.h"
#include "worker_private.h"

/* Operations that may share a transaction, by the number of the attempt: an operation that
 * had bad luck with its neighbours gets fewer each time, and is alone in the end. */
static const size_t pack_most[] = {LS_PACK_OPS_MAX, 8, 2};

struct shared_tx *ls_worker_share_tx(const uint8_t *bytes, size_t length)
{
    if (length == 0) return NULL;
    struct shared_tx *tx = malloc(sizeof *tx + length);
    if (tx == NULL) return NULL;
    tx->users = 1;
    tx->length = length;
    memcpy(tx->bytes, bytes, length);
    return tx;
}

void ls_worker_release_tx(struct shared_tx *tx)
{
    if (tx == NULL) return;
    assert(tx->users > 0);
    tx->users--;
    if (tx->users == 0) free(tx);
}

/* A nonce excludes whoever shares its transaction, a marker costs it its room. */
static size_t
most_of(const ls_worker *worker, const struct ls_effect *effect, const struct kept *kept)
{
    const size_t rows = sizeof pack_most / sizeof pack_most[0];
    const size_t attempt = (size_t)effect->as.attempt.attempt;
    if (kept->fence != LS_FENCE_EXPIRY) return 1;
    const bool is_rent = kept->key != NULL && ls_own_is_rent(kept->key); /* always together */
    if (!is_rent && (worker->options.pack_kinds >> (unsigned)kept->kind & 1u) == 0) return 1;
    return attempt < 1 || attempt > rows ? 1 : pack_most[attempt - 1];
}

ls_err ls_worker_sign(ls_worker *worker,
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
                         "no key for %s is configured: add a [signer] section", address);
    }
    LS_TRY(ls_tx_assemble(message, signatures, tx_out));
    *signature_out = signatures[0];
    return LS_OK;
}

void ls_worker_refuse_unsigned(ls_worker *worker,
                               struct ls_slot slot,
                               enum ls_unsigned verdict,
                               ls_err err,
                               const struct ls_why *why,
                               const char *then)
{
    char detail[LS_CORE_DETAIL_BYTES];
    const bool is_key = err.code == LS_CODE_NOT_FOUND;
    enum { REASON_CHARS = 120 }; /* an address and a sentence fit */
    (void)snprintf(detail, sizeof detail, "%.*s%.30s", REASON_CHARS,
                   why->text[0] == '\0' ? err.what : why->text, is_key ? then : "");
    ls_worker_refuse_attempt(worker, slot, verdict, is_key ? "NoSigner" : "Unsigned", detail);
}

/* Every member is told of its attempt, in order: so its RECORDs stand together. */
static void hand_over(ls_worker *worker,
                      const struct signing *signing,
                      const struct ls_tx *tx,
                      const struct ls_signature *signature)
{
    const size_t count = signing->pack.count;
    struct shared_tx *shared = ls_worker_share_tx(tx->bytes, tx->length);
    if (shared == NULL) {
        for (size_t i = 0; i < count; i++)
            ls_worker_refuse_memory(worker, signing->members[i].slot);
        return;
    }
    if (count > 1)
        worker->last_pack = worker->last_pack == INT32_MAX ? 1 : worker->last_pack + 1;
    for (size_t i = 0; i < count; i++) {
        struct kept *kept = ls_worker_kept_of(worker, signing->members[i].slot);
        struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = signing->members[i].slot};
        assert(kept != NULL);
        ls_worker_release_tx(kept->tx);
        kept->tx = shared;
        shared->users++;
        kept->pack = count > 1 ? worker->last_pack : 0;
        kept->blockhash = worker->blockhash;
        event.as.built.signature = *signature;
        event.as.built.last_valid_height = worker->last_valid_height;
        ls_worker_step(worker, &event);
    }
    ls_worker_release_tx(shared);
}

/* The first operation of a transaction names its budget; the limit is that of all. */
static void offer(ls_worker *worker,
                  struct signing *signing,
                  const struct ls_effect *effect,
                  struct ls_intent_context *context)
{
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    const struct budget budget = ls_worker_budget(worker, kept);
    if (signing->pack.count == 0) {
        context->unit_price_micro_lamports = budget.unit_price;
        context->unit_limit = budget.unit_limit;
        signing->has_limit = budget.unit_limit > 0;
        signing->is_known = true;
        signing->units = 0;
    }
    signing->units += budget.unit_limit;
    if (budget.unit_limit == 0) signing->is_known = false;
}

/* Where one of the operations is of unknown size the limit is the ledger's own. */
static void limit_units(struct signing *signing)
{
    enum { UNITS_MAX = 1400000, UNITS_EACH = 200000 };
    uint64_t units =
        signing->is_known ? signing->units : signing->pack.instruction_count * UNITS_EACH;
    if (units > UNITS_MAX) units = UNITS_MAX;
    if (signing->has_limit && signing->pack.count > 1)
        (void)ls_pack_set_unit_limit(&signing->pack, (uint32_t)units);
}

static ls_err seal(ls_worker *worker, struct signing *signing, struct ls_why *why)
{
    limit_units(signing);
    ls_worker_note_accounts(worker, &signing->pack);
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    struct ls_signature signature = {0};
    LS_TRY(ls_pack_compile(&signing->pack, &worker->blockhash, &message));
    LS_TRY(ls_worker_sign(worker, &message, &tx, &signature, why));
    hand_over(worker, signing, &tx, &signature);
    return LS_OK;
}

static void refuse_unbuilt(ls_worker *worker, struct ls_slot slot, ls_err err)
{
    char detail[LS_CORE_DETAIL_BYTES];
    (void)snprintf(detail, sizeof detail, "%s", err.what); /* cut by design, here and below */
    if (err.code == LS_CODE_FULL) {
        (void)snprintf(detail, sizeof detail,
                       "its transaction would have more than %d bytes, %d accounts or %d "
                       "signers; enqueue it again with a smaller payload",
                       LS_TX_BYTES_MAX, LS_TX_ACCOUNTS_MAX, LS_TX_SIGNERS_MAX);
    }
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_FAILED, "InvalidPayload", detail);
}

static void sign_alone(ls_worker *worker, const struct ls_effect *effect)
{
    struct ls_intent intent;
    struct ls_intent_context context;
    struct ls_why why = {0};
    struct signing *alone = &worker->alone;
    if (!ls_worker_prepare(worker, effect, &intent, &context)) return;
    ls_pack_open(&alone->pack, &worker->payer);
    alone->members[0] = *effect;
    offer(worker, alone, effect, &context);
    ls_err err = ls_pack_add(&alone->pack, &intent, &context);
    if (ls_failed(err)) {
        refuse_unbuilt(worker, effect->slot, err);
        return;
    }
    err = seal(worker, alone, &why);
    if (ls_failed(err))
        ls_worker_refuse_unsigned(worker, effect->slot, LS_UNSIGNED_HELD, err, &why,
                                  LS_WORKER_THEN_RELEASE);
}

/* A pack that can not be signed is taken apart: who is to blame shows when each is alone. */
static void close_pack(ls_worker *worker)
{
    struct signing *open = &worker->pack;
    struct ls_why why = {0};
    if (open->pack.count == 0) return;
    const ls_err err = seal(worker, open, &why);
    for (size_t i = 0; ls_failed(err) && i < open->pack.count; i++)
        sign_alone(worker, &open->members[i]);
    open->pack.count = 0;
}

static void add_to_pack(ls_worker *worker, const struct ls_effect *effect, size_t most)
{
    struct ls_intent intent;
    struct ls_intent_context context;
    struct signing *open = &worker->pack;
    if (!ls_worker_prepare(worker, effect, &intent, &context)) return;
    if (open->pack.count >= most) close_pack(worker);
    if (open->pack.count == 0) {
        ls_pack_open(&open->pack, &worker->payer);
        open->most = LS_PACK_OPS_MAX;
    }
    offer(worker, open, effect, &context);
    ls_err err = ls_pack_add(&open->pack, &intent, &context);
    if (err.code == LS_CODE_FULL && open->pack.count > 0) {
        close_pack(worker);
        ls_pack_open(&open->pack, &worker->payer);
        open->most = LS_PACK_OPS_MAX;
        offer(worker, open, effect, &context);
        err = ls_pack_add(&open->pack, &intent, &context);
    }
    if (ls_failed(err)) {
        refuse_unbuilt(worker, effect->slot, err);
        return;
    }
    open->members[open->pack.count - 1] = *effect;
    if (most < open->most) open->most = most;
    if (open->pack.count >= open->most) close_pack(worker);
}

/* What is signed together, or not at all: an atomic batch, a chain; 0 for what is alone. */
static int64_t whole_of(const struct kept *kept)
{
    return kept->batch != 0 ? kept->batch : -kept->chain;
}

/* The first of `wholes` and all others of its whole, in order of id; how many. */
static size_t take_whole(ls_worker *worker, struct ls_effect members[LS_PACK_OPS_MAX])
{
    struct ls_effect effect;
    size_t count = 0;
    int64_t whole = 0;
    for (size_t left = worker->wholes.count; left > 0; left--) {
        if (!ls_worker_queue_take(&worker->wholes, &effect)) break;
        const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
        if (kept == NULL) continue;
        if (whole == 0) whole = whole_of(kept);
        if (whole_of(kept) != whole || count == LS_PACK_OPS_MAX) {
            ls_worker_queue_add(worker, &worker->wholes, &effect);
            continue;
        }
        size_t at = count++;
        for (; at > 0 && members[at - 1].op.value > effect.op.value; at--)
            members[at] = members[at - 1];
        members[at] = effect;
    }
    return count;
}

/* Add the members to the pack `alone`; true when all are in it. Who is not was refused, or
 * waits for what must be known first: `is_handled_out`. */
static bool add_whole(ls_worker *worker, size_t count, bool is_handled_out[LS_PACK_OPS_MAX])
{
    struct signing *alone = &worker->alone;
    size_t added = 0;
    ls_pack_open(&alone->pack, &worker->payer);
    for (size_t i = 0; i < count; i++) {
        struct ls_intent intent;
        struct ls_intent_context context;
        is_handled_out[i] = !ls_worker_prepare(worker, &alone->members[i], &intent, &context);
        if (is_handled_out[i]) continue;
        const ls_err err = ls_pack_add(&alone->pack, &intent, &context);
        is_handled_out[i] = ls_failed(err);
        if (ls_failed(err)) {
            refuse_unbuilt(worker, alone->members[i].slot, err);
        } else {
            added++;
        }
    }
    return added == count;
}

static void wait_for_batch(ls_worker *worker, struct ls_slot slot)
{
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_LATER, "BatchIncomplete",
                             "another operation of its atomic batch is not ready");
}

static void give_back(ls_worker *worker, struct ls_slot slot)
{
    ls_worker_refuse_attempt(worker, slot, LS_UNSIGNED_LATER, "ChainBroken",
                             "what stands before it in its entity did not go with it");
}

/* Add what may stand behind `before` in the transaction; false when it is handled otherwise:
 * refused, given back, or waiting for what must be known first. */
static bool add_behind(ls_worker *worker, const struct ls_effect *effect, ls_op_id before)
{
    struct signing *alone = &worker->alone;
    struct ls_intent intent;
    struct ls_intent_context context;
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (kept == NULL) return false;
    ls_err err = LS_FAIL(LS_CODE_FULL, 0, "chain");
    if (kept->after.value == before.value) {
        if (!ls_worker_prepare(worker, effect, &intent, &context)) return false;
        offer(worker, alone, effect, &context);
        err = ls_pack_add(&alone->pack, &intent, &context);
    }
    if (!ls_failed(err)) return true;
    if (err.code != LS_CODE_FULL || (alone->pack.count == 0 && kept->after.value == 0)) {
        refuse_unbuilt(worker, effect->slot, err);
    } else {
        give_back(worker, effect->slot);
    }
    return false;
}

/* A chain is signed as far as it holds together; from the first gap on it is given back, and
 * the store lets it wait for what stands before it. */
static void sign_chain(ls_worker *worker, size_t count)
{
    struct signing *alone = &worker->alone;
    struct ls_why why = {0};
    ls_op_id before = {0};
    size_t added = 0;
    ls_pack_open(&alone->pack, &worker->payer);
    for (size_t i = 0; i < count; i++) {
        const struct ls_effect effect = alone->members[i];
        if (!add_behind(worker, &effect, before)) continue;
        alone->members[added++] = effect;
        before = effect.op;
    }
    if (added == 0) return;
    if (!ls_failed(seal(worker, alone, &why))) return;
    for (size_t i = 1; i < added; i++) give_back(worker, alone->members[i].slot);
    const struct ls_effect first = alone->members[0];
    sign_alone(worker, &first); /* it says for itself what is wrong, if it is to blame */
}

/* What keeps this one from being signed, whatever stands beside it; its bytes are thrown away.
 */
static ls_err try_alone(ls_worker *worker, const struct ls_effect *effect, struct ls_why *why)
{
    struct ls_pack *pack = &worker->alone.pack;
    struct ls_intent intent;
    struct ls_intent_context context;
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    struct ls_signature signature = {0};
    if (!ls_worker_prepare(worker, effect, &intent, &context)) return LS_OK;
    ls_pack_open(pack, &worker->payer);
    LS_TRY(ls_pack_add(pack, &intent, &context));
    LS_TRY(ls_pack_compile(pack, &worker->blockhash, &message));
    return ls_worker_sign(worker, &message, &tx, &signature, why);
}

/* A whole batch that can not be signed. Where that is some members' fault they fail, and the
 * store fails the others with them; else a person has to look at all of it. */
static void refuse_batch(ls_worker *worker, size_t count, ls_err err)
{
    const struct ls_effect *members = worker->alone.members;
    struct ls_why whys[LS_PACK_OPS_MAX] = {0};
    ls_err errs[LS_PACK_OPS_MAX];
    bool is_anyones = false;
    for (size_t i = 0; i < count; i++) {
        errs[i] = try_alone(worker, &members[i], &whys[i]);
        is_anyones = is_anyones || errs[i].code == LS_CODE_NOT_FOUND;
    }
    for (size_t i = 0; i < count; i++) {
        if (errs[i].code == LS_CODE_NOT_FOUND) {
            ls_worker_refuse_unsigned(worker, members[i].slot, LS_UNSIGNED_FAILED, errs[i],
                                      &whys[i], ", then retry its batch");
        } else if (is_anyones) {
            wait_for_batch(worker, members[i].slot);
        } else {
            ls_worker_refuse_unsigned(worker, members[i].slot, LS_UNSIGNED_HELD, err, &whys[i],
                                      "");
        }
    }
}

/* An atomic batch is signed whole or not at all: where one of it is missing, refused or not
 * known enough the others are given back, and the store decides what becomes of them. */
static void sign_batch(ls_worker *worker, size_t count)
{
    struct signing *alone = &worker->alone;
    struct ls_why why = {0};
    bool is_handled[LS_PACK_OPS_MAX] = {false};
    const struct kept *kept = ls_worker_kept_of(worker, alone->members[0].slot);
    const bool is_whole = kept != NULL && count == (size_t)kept->batch_size &&
                          add_whole(worker, count, is_handled);
    const ls_err err = is_whole ? seal(worker, alone, &why) : LS_OK;
    if (ls_failed(err)) refuse_batch(worker, count, err);
    for (size_t i = 0; i < count && !is_whole; i++)
        if (!is_handled[i]) wait_for_batch(worker, alone->members[i].slot);
}

static void sign_whole(ls_worker *worker)
{
    const size_t count = take_whole(worker, worker->alone.members);
    if (count == 0) return;
    const struct kept *kept = ls_worker_kept_of(worker, worker->alone.members[0].slot);
    if (kept != NULL && kept->batch == 0) {
        sign_chain(worker, count);
    } else {
        sign_batch(worker, count);
    }
}

void ls_worker_flush_signs(ls_worker *worker)
{
    struct ls_effect effect;
    while (ls_worker_queue_take(&worker->signs, &effect)) {
        const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
        if (kept == NULL) continue;
        if (kept->fence == LS_FENCE_NONCE) {
            ls_worker_sign_nonce(worker, &effect);
            continue;
        }
        /* Of a whole none goes ahead but a chain's first: the others may need its effect. */
        const bool goes_ahead = kept->batch == 0 && kept->after.value == 0;
        if (goes_ahead && ls_worker_must_simulate(worker, &effect)) continue;
        const size_t most = most_of(worker, &effect, kept);
        if (whole_of(kept) != 0) {
            ls_worker_queue_add(worker, &worker->wholes, &effect);
        } else if (most > 1) {
            add_to_pack(worker, &effect, most);
        } else {
            sign_alone(worker, &effect);
        }
    }
    close_pack(worker);
    while (worker->wholes.count > 0) sign_whole(worker);
    ls_worker_settle_effects(worker);
}

/* The budget is the whole transaction's, and its limit our choice: where it ran out says
 * nothing. */
static bool is_budget_error(const struct ls_rpc_error *error)
{
    return strcmp(error->name, "InstructionError:ComputationalBudgetExceeded") == 0;
}

static bool is_shared_error(const struct ls_rpc_error *error)
{
    return strcmp(error->name, "InstructionError:MaxInstructionTraceLengthExceeded") == 0;
}

enum ls_blame ls_worker_blame(const ls_worker *worker,
                              const struct kept *kept,
                              const struct ls_rpc_error *error)
{
    struct ls_tx_view view;
    size_t first = 0;
    size_t end = 0;
    if (kept == NULL || kept->tx == NULL || kept->key == NULL) return LS_BLAME_NOBODY;
    if (ls_failed(ls_tx_read(kept->tx->bytes, kept->tx->length, &view))) return LS_BLAME_NOBODY;
    if (is_budget_error(error)) return LS_BLAME_NOBODY;
    if (ls_pack_count(&view) <= 1) return LS_BLAME_OWN;
    if (!error->has_instruction || error->instruction < 0 || is_shared_error(error))
        return LS_BLAME_NOBODY;
    const struct ls_tag tag =
        ls_tag_make(worker->tag_key, &worker->genesis, kept->key, strlen(kept->key));
    if (!ls_pack_range(&view, &tag, &first, &end)) return LS_BLAME_NOBODY;
    const size_t at = (size_t)error->instruction;
    if (at >= view.instruction_count) return LS_BLAME_NOBODY;
    return at >= first && at < end ? LS_BLAME_OWN : LS_BLAME_OTHER;
}
