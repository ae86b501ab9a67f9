/* A worker between a store and a ledger that answer by script. */
#ifndef LOCKSTEP_TESTS_WORKER_WORLD_H
#define LOCKSTEP_TESTS_WORKER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/buf.h"
#include "lockstep/solana/pack.h"
#include "lockstep/worker/worker.h"

enum { REPLIES_MAX = 64, ROWS_MAX = 16, OPS_MAX = 3 };

/* A store and a ledger that answer by script, and a journal of what they were asked. */
struct world {
    int64_t now_ms;
    struct ls_buf journal;
    struct ls_store_reply store_replies[REPLIES_MAX];
    size_t store_first, store_count;
    enum ls_row_result rows[ROWS_MAX];
    struct ls_stored_op ops[OPS_MAX]; /* what the next CLAIM hands out */
    size_t op_count;
    size_t intent_count; /* of the last INTENT, and its rows */
    struct ls_intent_row intents[OPS_MAX];
    size_t carried; /* operations in the transaction of its first row */
    int transactions_sent;
    ls_err hello_err;
    struct ls_why hello_why;
    char move_cause[80];
    int moved_back; /* to ready */
    uint64_t calls[REPLIES_MAX];
    char bodies[REPLIES_MAX][1024];
    int32_t readable_count; /* answers of which the worker said so */
    ls_err errs[REPLIES_MAX];
    size_t ledger_first, ledger_count;
    char last_body[8192];
    bool holds_keys;
    bool foreign_head; /* the head comes from another cluster */
    int refusals_logged;
    struct ls_store_wish
        wish;            /* that a TICK tells in the turn in which its operation is taken */
    bool lists_older;    /* a page comes with blocks from 960 on, of which some are not kept */
    int64_t heights;     /* the height of block 968, where that of 960 is 952 */
    int64_t mark_slot;   /* of the watermark; 0: 968 */
    bool is_list_empty;  /* the ledger's list of our transactions: a broken history */
    const char *account; /* the value that getMultipleAccounts shows; NULL: no answer */
    int lookups;
    bool has_elder;              /* LANDED tells of one landing, whose operation has an elder */
    const char *elder_status;    /* what getSignatureStatuses shows of it; NULL: an error */
    int elder_looks;             /* with a search of the history */
    struct ls_finding_row found; /* the last finding that was told */
};

static const struct ls_elder elder = {.signature = {{3}}, .blockhash = {{4}}};
static const struct ls_landed landing = {.verdict = LS_LANDED_UNFOLLOWED,
                                         .landed = {.signature = {{2}}, .slot = 960},
                                         .op = {5},
                                         .kind = LS_KIND_MEMO,
                                         .state = LS_STATE_SUBMITTED,
                                         .key = "k-5",
                                         .payload = "",
                                         .elder_count = 1,
                                         .elders = &elder};
static const struct ls_found settled = {
    .finding = LS_FINDING_SETTLED, .is_repaired = true, .op = {5}};

static inline const char *verb_name(enum ls_store_verb verb)
{
    static const char *const names[] = {"?",    "hello",  "tick", "claim",   "intent",
                                        "move", "adopt",  "gate", "observe", "raise",
                                        "bye",  "landed", "find", "mark"};
    return names[verb];
}

static inline ls_err begin_store(void *self, const struct ls_store_request *request)
{
    struct world *world = self;
    struct ls_store_reply *reply =
        &world->store_replies[(world->store_first + world->store_count) % REPLIES_MAX];
    assert_true(world->store_count < REPLIES_MAX);
    world->store_count++;
    *reply = (struct ls_store_reply){.verb = request->verb, .id = request->id, .worker_id = 3};
    bool is_dull = request->verb == LS_STORE_TICK || request->verb == LS_STORE_OBSERVE ||
                   (request->verb == LS_STORE_CLAIM && world->op_count == 0);
    if (!is_dull) ls_buf_printf(&world->journal, "%s ", verb_name(request->verb));
    if (request->verb == LS_STORE_HELLO) {
        reply->past.has_place = true;
        reply->past.mark_count = 1;
        reply->past.marks[0] =
            (struct ls_watermark){.payer = {{9}},
                                  .slot = world->mark_slot == 0 ? 968 : world->mark_slot,
                                  .signature_slot = 968};
        memset(&reply->past.marks[0].signature, 7, LS_SIGNATURE_BYTES);
        reply->err = world->hello_err;
        reply->why = world->hello_why;
    }
    if (request->verb == LS_STORE_CLAIM) {
        reply->op_count = world->op_count;
        reply->ops = world->ops;
        world->op_count = 0;
    }
    if (request->verb == LS_STORE_TICK && world->wish.op.value != 0) {
        reply->wish_count = 1;
        reply->wishes = &world->wish;
    }
    if (request->verb == LS_STORE_INTENT) {
        assert_in_range(request->intent_count, 1, OPS_MAX);
        world->intent_count = request->intent_count;
        memcpy(world->intents, request->intents,
               request->intent_count * sizeof world->intents[0]);
        struct ls_tx_view view;
        const struct ls_intent_row *first = &request->intents[0];
        assert_false(ls_failed(ls_tx_read(first->tx, first->tx_bytes, &view)));
        world->carried = ls_pack_count(&view);
    }
    if (request->verb == LS_STORE_LANDED && world->has_elder) {
        reply->landed_count = 1;
        reply->landed = &landing;
    }
    if (request->verb == LS_STORE_FIND) {
        world->found = request->findings[0];
        world->has_elder = false;
        reply->found_count = 1;
        reply->found = &settled;
    }
    reply->rows = world->rows;
    reply->row_count = request->verb == LS_STORE_INTENT ? request->intent_count : 0;
    if (request->verb == LS_STORE_MOVE) {
        reply->row_count = request->move_count;
        ls_buf_printf(&world->journal, "(%s) ", ls_state_name(request->moves[0].to));
        for (size_t i = 0; i < request->move_count; i++)
            world->moved_back += request->moves[i].to == LS_STATE_READY ? 1 : 0;
        if (request->moves[0].cause != NULL)
            (void)snprintf(world->move_cause, sizeof world->move_cause, "%s",
                           request->moves[0].cause);
    }
    return LS_OK;
}

static inline bool take_store(void *self, struct ls_store_reply *reply_out)
{
    struct world *world = self;
    const struct ls_store_reply *first = &world->store_replies[world->store_first];
    const bool is_claim = first->verb == LS_STORE_CLAIM && first->op_count > 0;
    if (world->store_count == 0) return false;
    if (is_claim && world->wish.op.value != 0 && world->store_count < 2) return false;
    *reply_out = *first;
    world->store_first = (world->store_first + 1) % REPLIES_MAX;
    world->store_count--;
    return true;
}

/* The list of the payer's transactions: the one that was read last, and then nothing. */
static inline void answer_list(const struct world *world, char *out)
{
    static const char node[] = "{\"identity\":\"4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM\"}";
    struct ls_signature signature;
    char text[LS_SIGNATURE_TEXT_BYTES];
    char list[200] = "";
    memset(&signature, 7, sizeof signature);
    ls_signature_text(&signature, text);
    if (!world->is_list_empty && strstr(world->last_body, "before") == NULL) {
        (void)snprintf(list, sizeof list,
                       "{\"signature\":\"%s\",\"slot\":968,\"err\":null,\"memo\":null}", text);
    }
    (void)snprintf(out, 1024,
                   "[{\"id\":0,\"result\":%s},{\"id\":1,\"result\":{\"absoluteSlot\":968,"
                   "\"blockHeight\":968}},{\"id\":2,\"result\":[%s]},{\"id\":3,\"result\":0},"
                   "{\"id\":4,\"result\":[%s968]},{\"id\":5,\"result\":%s}]",
                   node, list, world->lists_older ? "960,961,963,965," : "", node);
}

/* Answers by the first method that the body names. */
static inline void answer(struct world *world, size_t at)
{
    static const char hash[] = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM";
    static const char other[] = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofN";
    char *out = world->bodies[at];
    if (strstr(world->last_body, "getLatestBlockhash") == NULL &&
        strstr(world->last_body, "getGenesisHash") != NULL) {
        (void)snprintf(out, 1024,
                       "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"%s\"},"
                       "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1461600},"
                       "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":890880}]",
                       hash);
    } else if (strstr(world->last_body, "getLatestBlockhash") != NULL) {
        (void)snprintf(out, 1024,
                       "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"context\":{\"slot\":1000},"
                       "\"value\":{\"blockhash\":\"%s\",\"lastValidBlockHeight\":1150}}},"
                       "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"absoluteSlot\":968,"
                       "\"blockHeight\":968,\"epoch\":1,\"slotIndex\":1,\"slotsInEpoch\":10}},"
                       "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"%s\"}]",
                       hash, world->foreign_head ? other : hash);
    } else if (strstr(world->last_body, "getSignaturesForAddress") != NULL) {
        answer_list(world, out);
    } else if (strstr(world->last_body, "getBlock\"") != NULL) {
        (void)snprintf(out, 1024,
                       "[{\"id\":0,\"result\":{\"blockHeight\":952}},"
                       "{\"id\":1,\"result\":{\"blockHeight\":%lld}}]",
                       (long long)world->heights);
    } else if (strstr(world->last_body, "getBalance") != NULL) {
        (void)snprintf(out, 1024,
                       "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"context\":{\"slot\":1},"
                       "\"value\":1000000000}}]");
    } else if (strstr(world->last_body, "getMinimumBalanceForRentExemption") != NULL) {
        world->lookups++;
        (void)snprintf(out, 512, "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":3000000}]");
    } else if (strstr(world->last_body, "searchTransactionHistory") != NULL) {
        world->elder_looks++;
        (void)snprintf(out, 512,
                       world->elder_status == NULL
                           ? "[{\"id\":0,\"error\":{\"code\":-32011,\"message\":\"no\"}}]"
                           : "[{\"id\":0,\"result\":{\"context\":{\"slot\":1},"
                             "\"value\":[%s]}}]",
                       world->elder_status);
    } else if (strstr(world->last_body, "getMultipleAccounts") != NULL &&
               world->account != NULL) {
        world->lookups++;
        (void)snprintf(out, 512,
                       "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"context\":{\"slot\":1},"
                       "\"value\":[%s]}}]",
                       world->account);
    } else {
        world->errs[at] = LS_FAIL(LS_CODE_UNKNOWN, 0, "timed out");
    }
}

static inline ls_err begin_ledger(void *self, const struct ls_ledger_call *call)
{
    struct world *world = self;
    size_t at = (world->ledger_first + world->ledger_count) % REPLIES_MAX;
    assert_true(world->ledger_count < REPLIES_MAX);
    world->ledger_count++;
    world->calls[at] = call->id;
    world->errs[at] = LS_OK;
    world->bodies[at][0] = '\0';
    (void)snprintf(world->last_body, sizeof world->last_body, "%.*s", (int)call->body_bytes,
                   call->body);
    if (call->is_send) ls_buf_add_text(&world->journal, "send ");
    for (const char *one = world->last_body; (one = strstr(one, "\"sendTransaction\"")) != NULL;
         one++)
        world->transactions_sent++;
    answer(world, at);
    return LS_OK;
}

static inline bool take_ledger(void *self, struct ls_ledger_reply *reply_out)
{
    struct world *world = self;
    if (world->ledger_count == 0) return false;
    size_t at = world->ledger_first;
    *reply_out = (struct ls_ledger_reply){.id = world->calls[at],
                                          .err = world->errs[at],
                                          .body = world->bodies[at],
                                          .body_bytes = strlen(world->bodies[at])};
    world->ledger_first = (world->ledger_first + 1) % REPLIES_MAX;
    world->ledger_count--;
    return true;
}

static inline void judge(void *self, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    struct world *world = self;
    if (verdict == LS_LEDGER_READABLE) world->readable_count++;
    if (verdict == LS_LEDGER_UNPROVED || verdict == LS_LEDGER_PROVED ||
        verdict == LS_LEDGER_READABLE)
        return;
    ls_buf_printf(&world->journal, "judge(%d,%d) ", (int)endpoint, (int)verdict);
}

static inline int32_t endpoint_count(void *self)
{
    (void)self;
    return 1;
}

static inline void health(void *self, int32_t endpoint, struct ls_endpoint_health *health_out)
{
    (void)self;
    (void)endpoint;
    *health_out = (struct ls_endpoint_health){.name = "node", .is_up = true, .trouble = ""};
}

static inline struct ls_address payer(void *self)
{
    (void)self;
    return (struct ls_address){{9}};
}

static inline size_t addresses(void *self, struct ls_address *addresses_out, size_t max)
{
    if (max > 0) addresses_out[0] = payer(self);
    return 1;
}

static inline bool holds(void *self, const struct ls_address *address)
{
    struct ls_address own = payer(self);
    return ls_address_equal(address, &own);
}

static inline ls_err sign(void *self,
                          const struct ls_address *address,
                          const uint8_t *message,
                          size_t message_bytes,
                          struct ls_signature *signature_out)
{
    struct world *world = self;
    assert_true(message_bytes > 0);
    if (!world->holds_keys || !holds(self, address))
        return LS_FAIL(LS_CODE_NOT_FOUND, 0, "signer");
    memset(signature_out->bytes, message[0], sizeof signature_out->bytes);
    for (size_t i = 0; i < message_bytes; i++) signature_out->bytes[i % 64] ^= message[i];
    return LS_OK;
}

static inline int64_t clock_ms(void *self)
{
    return ((struct world *)self)->now_ms;
}

static inline void wait_a_little(void *self, int64_t timeout_ms)
{
    assert_true(timeout_ms >= 0);
    ((struct world *)self)->now_ms += timeout_ms < 20 ? timeout_ms + 1 : 20;
}

static inline void count_refusals(void *self, const struct ls_log_record *record)
{
    if (strcmp(record->event, "store.refused") == 0) ((struct world *)self)->refusals_logged++;
}

static inline ls_worker *start(struct world *world)
{
    *world = (struct world){.now_ms = 1, .holds_keys = true};
    ls_buf_init(&world->journal, 1 << 16);
    struct ls_worker_ports ports = {
        .store = {world, begin_store, take_store},
        .ledger = {world, begin_ledger, take_ledger, judge, endpoint_count, health},
        .signer = {world, payer, addresses, holds, sign},
        .wait = {world, wait_a_little},
        .clock = {world, clock_ms, clock_ms},
        .log = {world, count_refusals},
    };
    struct ls_worker_options options = ls_worker_options_default();
    options.core.tracked_max = 16;
    options.core.unconfirmed_max = 16;
    ls_worker *worker = NULL;
    assert_false(ls_failed(ls_worker_new(&options, &ports, &worker)));
    return worker;
}

static inline void turns(ls_worker *worker, int count)
{
    for (int i = 0; i < count; i++) assert_false(ls_failed(ls_worker_turn(worker)));
}

static inline void finish(struct world *world, ls_worker *worker)
{
    ls_worker_free(worker);
    ls_buf_done(&world->journal);
}

static inline void hand_out(struct world *world, enum ls_kind kind, const char *payload)
{
    static const char *const keys[OPS_MAX] = {"k-5", "k-6", "k-7"};
    size_t at = world->op_count++;
    assert_true(at < OPS_MAX);
    world->ops[at] = (struct ls_stored_op){.op = {5 + (int64_t)at},
                                           .token = 40 + (int64_t)at,
                                           .kind = kind,
                                           .state = LS_STATE_LEASED,
                                           .attempts_max = 3,
                                           .key = keys[at],
                                           .payload = payload,
                                           .payload_bytes = strlen(payload)};
}

#endif
