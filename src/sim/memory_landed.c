/* What stands here of transactions that landed: LANDED, FIND and MARK. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/tag.h"
#include "memory_rows.h"

enum { LANDINGS_MAX = 1 << 16 };

static bool has_tag(struct ls_memory_store *store, struct memory_op *op)
{
    if (op->has_tag || !store->has_genesis) return op->has_tag;
    struct ls_tag tag =
        ls_tag_make(store->tag_key, &store->genesis, op->row.key, strlen(op->row.key));
    op->has_tag = ls_base58_decode(tag.text, op->tag, LS_TAG_BYTES);
    assert(op->has_tag);
    return true;
}

static struct memory_op *op_tagged(struct ls_memory_store *store, const uint8_t *tag)
{
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        if (op->is_open || !has_tag(store, op)) continue;
        if (memcmp(op->tag, tag, LS_TAG_BYTES) == 0) return op;
    }
    return NULL;
}

static struct memory_attempt *attempt_signed(const struct memory_op *op,
                                             const struct ls_signature *signature)
{
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next)
        if (ls_signature_equal(&it->stored.signature, signature)) return it;
    return NULL;
}

static struct memory_landing *landing_of(const struct ls_memory_store *store,
                                         const struct ls_landed_row *row)
{
    for (size_t i = 0; i < store->landing_count; i++) {
        struct memory_landing *landing = &store->landings[i];
        if (ls_signature_equal(&landing->row.signature, &row->signature) &&
            memcmp(landing->row.tag, row->tag, LS_TAG_BYTES) == 0)
            return landing;
    }
    return NULL;
}

bool memory_is_landed(struct ls_memory_store *store, struct memory_op *op)
{
    for (size_t i = 0; i < store->landing_count; i++) {
        const struct memory_landing *landing = &store->landings[i];
        if (landing->is_settled || !has_tag(store, op)) continue;
        if (memcmp(landing->row.tag, op->tag, LS_TAG_BYTES) == 0) return true;
    }
    return false;
}

int64_t memory_landings_due(struct ls_memory_store *store)
{
    int64_t count = 0;
    for (size_t i = 0; i < store->landing_count; i++) {
        const struct memory_landing *landing = &store->landings[i];
        if (!landing->is_settled && op_tagged(store, landing->row.tag) != NULL) count++;
    }
    return count;
}

struct ls_store_place memory_place(const struct ls_memory_store *store)
{
    struct ls_store_place place = store->place;
    place.timeline += store->timeline;
    return place;
}

void memory_tell_past(const struct memory_call *call)
{
    struct ls_memory_store *store = call->store;
    struct ls_store_past *past = &call->reply->past;
    const struct ls_address *payer = &call->request->hello.payer;
    bool is_known = false;
    for (size_t i = 0; i < store->mark_count; i++)
        is_known = is_known || ls_address_equal(&store->marks[i].payer, payer);
    if (!is_known && store->mark_count < LS_PAYERS_MAX)
        store->marks[store->mark_count++] = (struct ls_watermark){.payer = *payer};
    call->reply->place = memory_place(store);
    past->has_place = store->has_past;
    past->place = store->past;
    past->age_ms = memory_now(store) - store->made_ms;
    past->mark_count = store->mark_count;
    memcpy(past->marks, store->marks, sizeof past->marks);
}

void memory_watermark(const struct memory_call *call)
{
    struct ls_memory_store *store = call->store;
    const struct ls_watermark *mark = &call->request->mark;
    for (size_t i = 0; i < store->mark_count; i++) {
        struct ls_watermark *kept = &store->marks[i];
        if (!ls_address_equal(&kept->payer, &mark->payer)) continue;
        if (mark->slot > kept->slot) kept->slot = mark->slot;
        if (mark->signature_slot <= kept->signature_slot) continue;
        kept->signature_slot = mark->signature_slot;
        kept->signature = mark->signature;
    }
    store->has_past = true;
    if (store->past.timeline <= mark->place.timeline) store->past = mark->place;
}

/* The live attempts beside the one that landed. Cut by design where there are more. */
static void fill_elders(ls_arena *arena, struct ls_landed *out, const struct memory_op *op)
{
    struct ls_elder *elders = ls_arena_take(arena, LS_ELDERS_MAX * sizeof *elders);
    if (elders == NULL) return; /* not named, so undecided */
    out->elders = elders;
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (ls_signature_equal(&it->stored.signature, &out->landed.signature)) {
            out->blockhash = it->stored.blockhash;
        } else if (it->stored.state == LS_ATTEMPT_LIVE && out->elder_count < LS_ELDERS_MAX) {
            elders[out->elder_count++] = (struct ls_elder){
                .signature = it->stored.signature,
                .blockhash = it->stored.blockhash,
                .is_cancel = it->stored.is_cancel,
            };
        }
    }
}

static void fill_landed(ls_arena *arena, struct ls_landed *out, const struct memory_op *op)
{
    out->op = op->row.op;
    out->kind = op->row.kind;
    out->state = op->row.state;
    out->key = op->row.key;
    out->payload = op->payload;
    out->payload_bytes = op->payload_bytes;
    out->has_mint = op->needs != NULL && op->needs->has_mint;
    if (out->has_mint) out->mint = op->needs->mint;
    out->fence = op->fence;
    fill_elders(arena, out, op);
}

/* False when it is plainly known. */
static bool
judge(const struct memory_call *call, const struct ls_landed_row *row, struct ls_landed *out)
{
    struct ls_memory_store *store = call->store;
    struct memory_op *op = op_tagged(store, row->tag);
    const struct memory_landing *landing = landing_of(store, row);
    *out = (struct ls_landed){
        .landed = *row, .verdict = LS_LANDED_ORPHAN, .key = "", .payload = ""};
    if (landing != NULL && (landing->is_settled || op == NULL)) return false;
    if (op == NULL) return true;
    fill_landed(call->arena, out, op);
    const struct memory_attempt *attempt = attempt_signed(op, &row->signature);
    out->verdict = attempt == NULL ? LS_LANDED_UNRECORDED : LS_LANDED_LATE;
    if (attempt == NULL) return true;
    bool is_live = attempt->stored.state == LS_ATTEMPT_LIVE;
    if (is_live && op->row.state == LS_STATE_SUBMITTED && op->owner == 0) {
        out->verdict = LS_LANDED_UNFOLLOWED;
        return true;
    }
    if (is_live) return ls_state_is_terminal(op->row.state);
    return attempt->stored.state == LS_ATTEMPT_DEAD ||
           attempt->stored.state == LS_ATTEMPT_UNDECIDED;
}

static void give_pending(const struct memory_call *call, struct ls_landed *landed)
{
    struct ls_memory_store *store = call->store;
    for (size_t i = 0; i < store->landing_count; i++) {
        const struct memory_landing *landing = &store->landings[i];
        const struct memory_op *op = op_tagged(store, landing->row.tag);
        if (landing->is_settled || op == NULL) continue;
        if (call->reply->landed_count == LS_PENDING_MAX) return;
        struct ls_landed *out = &landed[call->reply->landed_count++];
        uint8_t *tx = ls_arena_take(call->arena, landing->tx_bytes);
        if (tx != NULL) memcpy(tx, landing->tx, landing->tx_bytes);
        *out = (struct ls_landed){.landed = landing->row,
                                  .verdict = LS_LANDED_UNRECORDED,
                                  .tx = tx,
                                  .tx_bytes = landing->tx_bytes};
        fill_landed(call->arena, out, op);
    }
}

static bool is_on_page(const struct ls_landed_page *page, const struct ls_signature *signature)
{
    for (size_t i = 0; i < page->count; i++)
        if (ls_signature_equal(&page->rows[i].signature, signature)) return true;
    return false;
}

/* Every attempt here was signed by the payer of its worker; in this store all share one. */
static void give_phantoms(const struct memory_call *call, struct ls_phantom *phantoms)
{
    const struct ls_landed_page *page = &call->request->landed;
    for (size_t i = 0; i < call->store->op_count; i++) {
        const struct memory_op *op = call->store->ops[i];
        if (op->row.slot <= page->low_slot || op->row.slot > page->high_slot) continue;
        for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
            if (it->stored.state != LS_ATTEMPT_LANDED) continue;
            if (!ls_address_equal(&it->signer, &page->payer)) continue;
            if (is_on_page(page, &it->stored.signature)) continue;
            if (call->reply->phantom_count == LS_PHANTOMS_MAX) return;
            phantoms[call->reply->phantom_count++] = (struct ls_phantom){
                .op = op->row.op, .slot = op->row.slot, .signature = it->stored.signature};
        }
    }
}

void memory_landed(const struct memory_call *call)
{
    const struct ls_landed_page *page = &call->request->landed;
    size_t most = page->count > LS_PENDING_MAX ? page->count : LS_PENDING_MAX;
    struct ls_landed *landed = ls_arena_take(call->arena, most * sizeof *landed);
    struct ls_phantom *phantoms =
        ls_arena_take(call->arena, LS_PHANTOMS_MAX * sizeof *phantoms);
    if (landed == NULL || phantoms == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store landed");
        return;
    }
    call->reply->landed = landed;
    call->reply->phantoms = phantoms;
    if (page->high_slot == 0) {
        give_pending(call, landed);
        return;
    }
    for (size_t i = 0; i < page->count; i++) {
        struct ls_landed *out = &landed[call->reply->landed_count];
        if (!judge(call, &page->rows[i], out)) continue;
        out->row = i;
        call->reply->landed_count++;
    }
    give_phantoms(call, phantoms);
}

static bool add_attempt(struct memory_op *op, const struct ls_finding_row *row)
{
    struct memory_attempt *attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL) return false;
    memcpy(attempt->tx, row->tx, row->tx_bytes);
    attempt->signer = row->payer;
    attempt->stored = (struct ls_stored_attempt){
        .attempt = op->newest == NULL ? 1 : op->newest->stored.attempt + 1,
        .state = LS_ATTEMPT_LANDED,
        .signature = row->landed.signature,
        .blockhash = row->blockhash,
        .tx = attempt->tx,
        .tx_bytes = row->tx_bytes};
    if (op->newest == NULL) {
        op->attempts = attempt;
    } else {
        op->newest->next = attempt;
    }
    op->newest = attempt;
    if (op->row.attempts_made < attempt->stored.attempt)
        op->row.attempts_made = attempt->stored.attempt;
    return true;
}

/* Of an elder that is not named nobody knows. */
static enum ls_attempt_state end_of(const struct ls_finding_row *row,
                                    const struct ls_signature *signature)
{
    for (size_t i = 0; i < row->elder_count; i++)
        if (ls_signature_equal(&row->elders[i].signature, signature))
            return row->elders[i].state;
    return LS_ATTEMPT_UNDECIDED;
}

static bool land_attempt(struct memory_op *op, const struct ls_finding_row *row)
{
    struct memory_attempt *landed = attempt_signed(op, &row->landed.signature);
    if (landed == NULL && !add_attempt(op, row)) return false;
    if (landed != NULL) landed->stored.state = LS_ATTEMPT_LANDED;
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (it->stored.state == LS_ATTEMPT_LIVE)
            it->stored.state = end_of(row, &it->stored.signature);
    }
    return true;
}

static enum ls_finding adopt_ended(struct ls_memory_store *store,
                                   struct memory_op *op,
                                   const struct ls_finding_row *row,
                                   bool repair)
{
    const struct memory_attempt *known = attempt_signed(op, &row->landed.signature);
    bool is_cancelled = op->row.state == LS_STATE_CANCELLED;
    if (known != NULL &&
        (known->stored.state == LS_ATTEMPT_LANDED || known->stored.state == LS_ATTEMPT_ERRORED))
        return LS_FINDING_KNOWN;
    if (repair && !land_attempt(op, row)) return LS_FINDING_KNOWN;
    if (repair && !is_cancelled) store->duplicates++;
    return is_cancelled ? LS_FINDING_ENDED : LS_FINDING_DUPLICATE;
}

static enum ls_finding
adopt(struct ls_memory_store *store, const struct ls_finding_row *row, bool repair)
{
    struct memory_op *op = memory_find(store, row->op);
    if (op == NULL) return LS_FINDING_KNOWN;
    if (ls_state_is_terminal(op->row.state)) return adopt_ended(store, op, row, repair);
    if (!repair) return row->finding;
    if (!land_attempt(op, row)) return LS_FINDING_KNOWN;
    ls_signature_text(&row->landed.signature, op->row.signature);
    op->row.slot = row->landed.slot;
    op->token = ++store->last_token;
    if (row->has_mint) {
        op->has_mint = true;
        op->mint = row->mint;
    }
    bool is_submitted = op->row.state == LS_STATE_SUBMITTED;
    bool moved = memory_move(store, op, LS_STATE_DONE, LS_SUB_NONE,
                             is_submitted ? LS_MOVER_WORKER : LS_MOVER_STORE);
    assert(moved);
    return row->finding;
}

static struct memory_landing *new_landing(struct ls_memory_store *store)
{
    void *landings = store->landings;
    bool has_room = memory_grow(&landings, &store->landing_capacity, store->landing_count,
                                sizeof *store->landings, LANDINGS_MAX);
    store->landings = landings;
    return has_room ? &store->landings[store->landing_count++] : NULL;
}

static void hold(struct ls_memory_store *store, struct memory_op *op)
{
    if (op == NULL || op->row.state > LS_STATE_SUBMITTED) return;
    bool is_submitted = op->row.state == LS_STATE_SUBMITTED;
    op->token = ++store->last_token;
    memory_cut(op->row.cause, sizeof op->row.cause, "Mismatch");
    bool moved = memory_move(store, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS,
                             is_submitted ? LS_MOVER_WORKER : LS_MOVER_STORE);
    assert(moved);
}

static enum ls_finding
keep(struct ls_memory_store *store, const struct ls_finding_row *row, bool repair)
{
    bool is_mismatch = row->finding == LS_FINDING_MISMATCH;
    struct memory_landing *landing = landing_of(store, &row->landed);
    if (!repair) return row->finding;
    if (landing != NULL && (landing->is_settled || !is_mismatch)) return LS_FINDING_KNOWN;
    if (landing == NULL) landing = new_landing(store);
    if (landing == NULL) return LS_FINDING_KNOWN;
    *landing = (struct memory_landing){
        .row = row->landed, .is_settled = is_mismatch, .tx_bytes = row->tx_bytes};
    memcpy(landing->tx, row->tx, row->tx_bytes);
    if (is_mismatch) hold(store, memory_find(store, row->op));
    return row->finding;
}

static void
tell(struct ls_memory_store *store, const struct ls_finding_row *row, struct ls_found found)
{
    char subject[160];
    char signature[LS_SIGNATURE_TEXT_BYTES];
    bool is_mild = found.finding == LS_FINDING_UNRECORDED ||
                   (found.finding == LS_FINDING_LATE && found.is_repaired);
    ls_signature_text(&row->landed.signature, signature);
    /* Those that a failover brings by the thousand share one alert. */
    memory_cut(subject, sizeof subject, ls_finding_name(found.finding));
    if (found.finding > LS_FINDING_ORPHAN) {
        (void)snprintf(subject, sizeof subject, "%s op %lld", ls_finding_name(found.finding),
                       (long long)row->op.value); /* fits */
    }
    (void)memory_fire(store,
                      &(struct ls_alert_change){.rule = "reconcile",
                                                .subject = subject,
                                                .severity = is_mild ? LS_SEVERITY_WARNING
                                                                    : LS_SEVERITY_CRITICAL,
                                                .message = signature}); /* more do not fit */
    if (found.is_repaired) store->decisions++;
}

/* It gave its key up after it was looked up: whoever has the key now is compared. */
static bool has_given_up(struct ls_memory_store *store, const struct ls_finding_row *row)
{
    struct memory_op *op = memory_find(store, row->op);
    return op != NULL && op->row.state == LS_STATE_CANCELLED && has_tag(store, op) &&
           memcmp(op->tag, row->landed.tag, LS_TAG_BYTES) != 0;
}

static struct ls_found
find_one(struct ls_memory_store *store, const struct ls_finding_row *row, bool repair)
{
    struct ls_found found = {.finding = row->finding, .op = row->op};
    if (row->finding == LS_FINDING_ORPHAN || row->finding == LS_FINDING_MISMATCH)
        found.finding = keep(store, row, repair);
    const bool is_ours = row->finding == LS_FINDING_UNRECORDED ||
                         row->finding == LS_FINDING_LATE || row->finding == LS_FINDING_SETTLED;
    if (is_ours && has_given_up(store, row)) {
        struct ls_finding_row orphan = *row;
        orphan.finding = LS_FINDING_ORPHAN;
        found.finding = keep(store, &orphan, repair);
    } else if (is_ours) {
        found.finding = adopt(store, row, repair);
        struct memory_landing *landing = landing_of(store, &row->landed);
        if (repair && landing != NULL) landing->is_settled = true;
    }
    found.is_repaired =
        repair && found.finding != LS_FINDING_KNOWN && found.finding != LS_FINDING_PHANTOM;
    bool is_quiet = found.finding == LS_FINDING_KNOWN || found.finding == LS_FINDING_SETTLED;
    if (!is_quiet) tell(store, row, found);
    return found;
}

void memory_find_rows(const struct memory_call *call)
{
    size_t count = call->request->find_count;
    struct ls_found *found = ls_arena_take(call->arena, count * sizeof *found);
    if (found == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store find");
        return;
    }
    for (size_t i = 0; i < count; i++)
        found[i] = find_one(call->store, &call->request->findings[i], call->request->repair);
    call->reply->found = found;
    call->reply->found_count = count;
}
