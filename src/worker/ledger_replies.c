/* Reading what the ledger answered into events. */
#include <stdio.h>
#include <string.h>

#include "fees.h"
#include "worker_private.h"

/* A call without an answer: nothing is concluded but that it must be asked again; a send
 * may have left. */
static void without_answer(ls_worker *worker,
                           const struct ledger_call *call,
                           enum ls_send_result send_result,
                           const char *why)
{
    if (call->kind == CALL_HEAD)
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_HEADLESS});
    if (call->kind == CALL_SCAN && call->id == worker->scan.waiting_id)
        ls_worker_scan_fail(worker, why);
    if (call->kind == CALL_PROBE) ls_worker_probe_unanswered(worker, call);
    if (call->kind == CALL_SIMULATE) ls_worker_unsimulated(worker, call);
    if (call->kind == CALL_CONTROL)
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_CONTROL});
    if (call->kind == CALL_HEAD || call->kind == CALL_LEARN)
        ls_worker_set_trouble(worker, "ledger", why);
    for (size_t i = 0; i < call->count; i++) {
        struct ls_event event = {.kind = LS_EVENT_UNANSWERED, .slot = call->slots[i]};
        if (call->kind == CALL_SIMULATE) break;
        if (call->kind == CALL_LOOKUP) {
            ls_worker_refuse_attempt(worker, call->slots[i], LS_UNSIGNED_LATER,
                                     "LedgerUnavailable", why);
            continue;
        }
        if (call->kind == CALL_SEND) {
            event.kind = LS_EVENT_SENT;
            event.as.sent.result = send_result;
        }
        ls_worker_step(worker, &event);
    }
}

void ls_worker_answer_nothing(ls_worker *worker,
                              const struct ledger_call *call,
                              const char *why)
{
    without_answer(worker, call, LS_SEND_AMBIGUOUS, why);
}

void ls_worker_unanswered(ls_worker *worker, const struct ledger_call *call)
{
    without_answer(worker, call, LS_SEND_AGAIN, "no endpoint may be used now");
}

static enum ls_send_result send_result(enum ls_rpc_class rpc_class)
{
    switch (rpc_class) {
    case LS_CLASS_LANDED: return LS_SEND_LOOK;
    case LS_CLASS_TRANSIENT:
    case LS_CLASS_ELSEWHERE: return LS_SEND_AGAIN;
    case LS_CLASS_AMBIGUOUS: return LS_SEND_AMBIGUOUS;
    case LS_CLASS_FUNDS: return LS_SEND_FUNDS;
    case LS_CLASS_PERMANENT: return LS_SEND_PERMANENT;
    }
    return LS_SEND_AMBIGUOUS;
}

/* Short name of the program that instruction `index` of our own transaction calls. */
const char *ls_worker_program_name(const struct kept *kept, const struct ls_rpc_error *error)
{
    struct ls_tx_view view;
    if (kept == NULL || kept->tx == NULL || !error->has_instruction) return NULL;
    if (ls_failed(ls_tx_read(kept->tx->bytes, kept->tx->length, &view))) return NULL;
    if (error->instruction < 0 || (size_t)error->instruction >= view.instruction_count)
        return NULL;
    uint8_t at = view.instructions[error->instruction].program_index;
    const struct ls_address *program = &view.accounts[at];
    if (ls_address_equal(program, &LS_PROGRAM_TOKEN)) return "token";
    if (ls_address_equal(program, &LS_PROGRAM_TOKEN_2022)) return "token-2022";
    if (ls_address_equal(program, &LS_PROGRAM_SYSTEM)) return "system";
    if (ls_address_equal(program, &LS_PROGRAM_ATA)) return "ata";
    if (ls_address_equal(program, &LS_PROGRAM_MEMO)) return "memo";
    return NULL;
}

static bool is_unhealthy(const struct ls_rpc_error *error)
{
    return error->rpc_class == LS_CLASS_ELSEWHERE;
}

/* Our own limit was too low: the operation goes again without one. */
static void
heed_limit(ls_worker *worker, const struct kept *kept, const struct ls_rpc_error *error)
{
    if (kept != NULL &&
        strcmp(error->name, "InstructionError:ComputationalBudgetExceeded") == 0)
        ls_worker_drop_limit(worker, kept);
}

/* Who said so: " (via NAME)" behind the words, which give way where both do not fit. */
static void
name_endpoint(ls_worker *worker, int32_t endpoint, char detail[LS_CORE_DETAIL_BYTES])
{
    struct ls_endpoint_health health = {0};
    char via[LS_CORE_DETAIL_BYTES];
    const struct ls_ledger_port *ledger = &worker->ports.ledger;
    if (endpoint < 0 || endpoint >= ledger->endpoint_count(ledger->self)) return;
    ledger->health(ledger->self, endpoint, &health);
    if (health.name == NULL || health.name[0] == '\0') return;
    int bytes = snprintf(via, sizeof via, " (via %.95s)", health.name);
    size_t room = LS_CORE_DETAIL_BYTES - 1 - (size_t)bytes;
    size_t length = strnlen(detail, room);
    memcpy(detail + length, via, (size_t)bytes + 1);
}

static void read_sends(ls_worker *worker,
                       const struct ledger_call *call,
                       const struct ls_ledger_reply *reply,
                       const ls_rpc_reply *parsed)
{
    bool unhealthy = false;
    for (size_t i = 0; i < call->count; i++) {
        struct ls_event event = {.kind = LS_EVENT_SENT, .slot = call->slots[i]};
        struct ls_rpc_error error = {0};
        char cause[LS_CORE_CAUSE_BYTES] = "";
        char detail[LS_CORE_DETAIL_BYTES] = "";
        event.as.sent.result = LS_SEND_ACCEPTED;
        if (ls_rpc_error_at(parsed, call->place[i], &error)) {
            const struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
            const char *program = ls_worker_program_name(kept, &error);
            ls_rpc_error_cause(&error, program, cause, sizeof cause);
            ls_rpc_error_explain(&error, program, detail, sizeof detail);
            name_endpoint(worker, reply->endpoint, detail);
            event.as.sent.result = send_result(error.rpc_class);
            event.as.sent.blame = ls_worker_blame(worker, kept, &error);
            heed_limit(worker, kept, &error);
            event.as.sent.marker_used = ls_worker_marker_is_used(kept, &error);
            unhealthy = unhealthy || is_unhealthy(&error);
        }
        event.as.sent.cause = cause;
        event.as.sent.detail = detail;
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
    if (unhealthy) {
        worker->ports.ledger.judge(worker->ports.ledger.self, reply->endpoint,
                                   LS_LEDGER_UNHEALTHY);
    }
}

struct ls_seen
ls_worker_seen_of(ls_worker *worker, struct ls_slot slot, const struct ls_rpc_status *status)
{
    struct ls_seen seen = {.is_found = status->is_found, .slot = status->slot};
    if (!status->is_found) return seen;
    seen.is_confirmed = status->commitment != LS_PROCESSED;
    seen.is_finalized = status->commitment == LS_FINALIZED;
    seen.has_error = status->has_error;
    if (status->has_error) {
        const struct kept *kept = ls_worker_kept_of(worker, slot);
        const char *program = ls_worker_program_name(kept, &status->error);
        seen.blame = ls_worker_blame(worker, kept, &status->error);
        heed_limit(worker, kept, &status->error);
        seen.marker_used = ls_worker_marker_is_used(kept, &status->error);
        ls_rpc_error_cause(&status->error, program, seen.cause, sizeof seen.cause);
        ls_rpc_error_explain(&status->error, program, seen.detail, sizeof seen.detail);
    }
    return seen;
}

static void
read_statuses(ls_worker *worker, const struct ledger_call *call, const ls_rpc_reply *parsed)
{
    struct ls_rpc_status statuses[CALL_PLACES_MAX];
    int64_t context_slot = 0;
    if (ls_failed(ls_rpc_statuses_at(parsed, 0, statuses, call->place_count, &context_slot))) {
        without_answer(worker, call, LS_SEND_AMBIGUOUS, "statuses were refused");
        return;
    }
    for (size_t i = 0; i < call->count; i++) {
        struct ls_event event = {.kind = LS_EVENT_STATUS, .slot = call->slots[i]};
        event.as.seen = ls_worker_seen_of(worker, call->slots[i], &statuses[call->place[i]]);
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
}

static void read_head(ls_worker *worker,
                      const struct ledger_call *call,
                      int32_t endpoint,
                      const ls_rpc_reply *parsed)
{
    struct ls_rpc_blockhash head;
    struct ls_rpc_epoch finalized;
    struct ls_hash genesis;
    if (ls_failed(ls_rpc_blockhash_at(parsed, 0, &head)) ||
        ls_failed(ls_rpc_epoch_at(parsed, 1, &finalized)) ||
        ls_failed(ls_rpc_genesis_at(parsed, 2, &genesis)) ||
        !ls_worker_is_ours(worker, endpoint, &genesis)) {
        without_answer(worker, call, LS_SEND_AMBIGUOUS, "no blockhash was answered");
        return;
    }
    if (head.last_valid_height > worker->last_valid_height) {
        worker->blockhash = head.blockhash;
        worker->last_valid_height = head.last_valid_height;
    }
    if (worker->worker_id != 0) worker->trouble[0] = '\0';
    struct ls_event event = {.kind = LS_EVENT_HEAD};
    event.as.head.last_valid_height = head.last_valid_height;
    event.as.head.finalized_height = finalized.height;
    event.as.head.finalized_slot = finalized.slot;
    ls_worker_step(worker, &event);
}

static void read_learned(ls_worker *worker,
                         const struct ledger_call *call,
                         int32_t endpoint,
                         const ls_rpc_reply *parsed)
{
    uint64_t lamports = 0;
    struct ls_hash genesis;
    if (ls_failed(ls_rpc_genesis_at(parsed, 0, &genesis)) ||
        ls_failed(ls_rpc_lamports_at(parsed, 1, &lamports))) {
        without_answer(worker, call, LS_SEND_AMBIGUOUS, "no genesis hash was answered");
        return;
    }
    worker->genesis = worker->options.has_genesis ? worker->options.genesis : genesis;
    if (!ls_worker_is_ours(worker, endpoint, &genesis)) {
        without_answer(worker, call, LS_SEND_AMBIGUOUS,
                       "the endpoint answers for another ledger than the configuration names");
        return;
    }
    ls_worker_learn_rent(worker, LS_MINT_ACCOUNT_BYTES, lamports);
    worker->wants_learn = false;
    worker->trouble[0] = '\0';
    ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_LEARNED});
}

static void read_balance(ls_worker *worker, const ls_rpc_reply *parsed)
{
    struct ls_event event = {.kind = LS_EVENT_BALANCE};
    if (ls_failed(ls_rpc_lamports_at(parsed, 0, &event.as.balance_lamports)))
        return; /* asked again in a moment */
    worker->has_balance = true;
    worker->balance_lamports = event.as.balance_lamports;
    ls_worker_step(worker, &event);
}

static size_t positions(const struct ledger_call *call)
{
    if (call->kind == CALL_SEND) return call->place_count;
    if (call->kind == CALL_SCAN) return call->scan_positions;
    if (call->kind == CALL_SIMULATE) return call->count;
    if (call->kind == CALL_CERTIFY) return ls_worker_look_positions(call);
    if (call->kind == CALL_MAKERS) return call->control_count;
    if (call->kind == CALL_HEAD) return 3;
    if (call->kind == CALL_FAMILY) return 4;
    if (call->kind == CALL_LOOKUP) return call->positions;
    return call->kind == CALL_LEARN || call->kind == CALL_PROBE ? 2 : 1;
}

void ls_worker_read_reply(ls_worker *worker,
                          const struct ledger_call *call,
                          const struct ls_ledger_reply *reply)
{
    if (ls_failed(reply->err)) {
        bool nothing_left =
            reply->err.code == LS_CODE_UNAVAILABLE || reply->err.code == LS_CODE_REFUSED;
        without_answer(worker, call, nothing_left ? LS_SEND_AGAIN : LS_SEND_AMBIGUOUS,
                       reply->err.what);
        return;
    }
    ls_rpc_reply *parsed = NULL;
    if (ls_failed(ls_rpc_read(reply->body, reply->body_bytes, positions(call), &parsed))) {
        worker->ports.ledger.judge(worker->ports.ledger.self, reply->endpoint,
                                   LS_LEDGER_GARBAGE);
        without_answer(worker, call, LS_SEND_AMBIGUOUS, "the answer is not JSON-RPC");
        return;
    }
    worker->ports.ledger.judge(worker->ports.ledger.self, reply->endpoint, LS_LEDGER_READABLE);
    switch (call->kind) {
    case CALL_LEARN: read_learned(worker, call, reply->endpoint, parsed); break;
    case CALL_HEAD: read_head(worker, call, reply->endpoint, parsed); break;
    case CALL_BALANCE: read_balance(worker, parsed); break;
    case CALL_SEND: read_sends(worker, call, reply, parsed); break;
    case CALL_QUERY: read_statuses(worker, call, parsed); break;
    case CALL_SCAN:
        if (call->id == worker->scan.waiting_id)
            ls_worker_scan_read(worker, reply->endpoint, parsed);
        break;
    case CALL_CERTIFY:
        if (!ls_worker_read_certificates(worker, call, reply, parsed))
            without_answer(worker, call, LS_SEND_AMBIGUOUS,
                           "the look for a certificate failed");
        break;
    case CALL_FEES: ls_worker_read_fees(worker, parsed); break;
    case CALL_SIMULATE: ls_worker_read_simulations(worker, call, parsed); break;
    case CALL_PROBE: ls_worker_read_probe(worker, call, parsed); break;
    case CALL_CONTROL: ls_worker_read_control(worker, parsed); break;
    case CALL_NONCE: ls_worker_read_nonces(worker, call, parsed); break;
    case CALL_FAMILY: ls_worker_read_families(worker, call, parsed); break;
    case CALL_LOOKUP: ls_worker_read_lookups(worker, call, parsed); break;
    case CALL_MARKER: ls_worker_read_marker(worker, call, reply, parsed); break;
    case CALL_MAKERS: ls_worker_read_makers(worker, call, reply, parsed); break;
    case CALL_FREE:
    case CALL_KIND_COUNT: break;
    }
    ls_rpc_reply_free(parsed);
}
