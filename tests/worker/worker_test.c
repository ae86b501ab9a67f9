#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/buf.h"
#include "lockstep/worker/worker.h"

enum { REPLIES_MAX = 64, ROWS_MAX = 16, OPS_MAX = 3 };

/* The linker puts these in the place of our code's malloc(): allocations that still succeed
 * before one fails; negative: all do. */
static int allocations_left = -1;
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    if (allocations_left >= 0 && allocations_left-- == 0) return NULL;
    return __real_malloc(bytes);
}

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
    int transactions_sent;
    ls_err hello_err;
    struct ls_why hello_why;
    char move_cause[80];
    int moved_back; /* to ready */
    uint64_t calls[REPLIES_MAX];
    char bodies[REPLIES_MAX][1024];
    ls_err errs[REPLIES_MAX];
    size_t ledger_first, ledger_count;
    char last_body[8192];
    bool holds_keys;
    bool foreign_head; /* the head comes from another cluster */
    int refusals_logged;
    bool is_list_empty;  /* the ledger's list of our transactions: a broken history */
    const char *account; /* the value that getMultipleAccounts shows; NULL: no answer */
    int lookups;
};

static const char *verb_name(enum ls_store_verb verb)
{
    static const char *const names[] = {"?",    "hello",  "tick", "claim",   "intent",
                                        "move", "adopt",  "gate", "observe", "raise",
                                        "bye",  "landed", "find", "mark"};
    return names[verb];
}

static ls_err begin_store(void *self, const struct ls_store_request *request)
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
            (struct ls_watermark){.payer = {{9}}, .slot = 968, .signature_slot = 968};
        memset(&reply->past.marks[0].signature, 7, LS_SIGNATURE_BYTES);
        reply->err = world->hello_err;
        reply->why = world->hello_why;
    }
    if (request->verb == LS_STORE_CLAIM) {
        reply->op_count = world->op_count;
        reply->ops = world->ops;
        world->op_count = 0;
    }
    if (request->verb == LS_STORE_INTENT) {
        assert_in_range(request->intent_count, 1, OPS_MAX);
        world->intent_count = request->intent_count;
        memcpy(world->intents, request->intents,
               request->intent_count * sizeof world->intents[0]);
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

static bool take_store(void *self, struct ls_store_reply *reply_out)
{
    struct world *world = self;
    if (world->store_count == 0) return false;
    *reply_out = world->store_replies[world->store_first];
    world->store_first = (world->store_first + 1) % REPLIES_MAX;
    world->store_count--;
    return true;
}

/* The list of the payer's transactions: the one that was read last, and then nothing. */
static void answer_list(const struct world *world, char *out)
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
                   "{\"id\":4,\"result\":%s}]",
                   node, list, node);
}

/* Answers by the first method that the body names. */
static void answer(struct world *world, size_t at)
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
    } else if (strstr(world->last_body, "getBalance") != NULL) {
        (void)snprintf(out, 1024,
                       "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"context\":{\"slot\":1},"
                       "\"value\":1000000000}}]");
    } else if (strstr(world->last_body, "getMinimumBalanceForRentExemption") != NULL) {
        world->lookups++;
        (void)snprintf(out, 512, "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":3000000}]");
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

static ls_err begin_ledger(void *self, const struct ls_ledger_call *call)
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

static bool take_ledger(void *self, struct ls_ledger_reply *reply_out)
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

static void judge(void *self, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    struct world *world = self;
    if (verdict == LS_LEDGER_UNPROVED || verdict == LS_LEDGER_PROVED) return;
    ls_buf_printf(&world->journal, "judge(%d,%d) ", (int)endpoint, (int)verdict);
}

static int32_t endpoint_count(void *self)
{
    (void)self;
    return 1;
}

static void health(void *self, int32_t endpoint, struct ls_endpoint_health *health_out)
{
    (void)self;
    (void)endpoint;
    *health_out = (struct ls_endpoint_health){.name = "node", .is_up = true, .trouble = ""};
}

static struct ls_address payer(void *self)
{
    (void)self;
    return (struct ls_address){{9}};
}

static size_t addresses(void *self, struct ls_address *addresses_out, size_t max)
{
    if (max > 0) addresses_out[0] = payer(self);
    return 1;
}

static bool holds(void *self, const struct ls_address *address)
{
    struct ls_address own = payer(self);
    return ls_address_equal(address, &own);
}

static ls_err sign(void *self,
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

static int64_t clock_ms(void *self)
{
    return ((struct world *)self)->now_ms;
}

static void wait_a_little(void *self, int64_t timeout_ms)
{
    assert_true(timeout_ms >= 0);
    ((struct world *)self)->now_ms += timeout_ms < 20 ? timeout_ms + 1 : 20;
}

static void count_refusals(void *self, const struct ls_log_record *record)
{
    if (strcmp(record->event, "store.refused") == 0) ((struct world *)self)->refusals_logged++;
}

static ls_worker *start(struct world *world)
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

static void turns(ls_worker *worker, int count)
{
    for (int i = 0; i < count; i++) assert_false(ls_failed(ls_worker_turn(worker)));
}

static void finish(struct world *world, ls_worker *worker)
{
    ls_worker_free(worker);
    ls_buf_done(&world->journal);
}

static void hand_out(struct world *world, enum ls_kind kind, const char *payload)
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

static void the_ledger_is_known_before_the_store_is_greeted(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);

    turns(worker, 24);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_int_equal(status.worker_id, 3);
    assert_string_equal(ls_buf_text(&world.journal), "hello landed landed mark adopt ");
    finish(&world, worker);
}

/* What was read last is not in the list any more: nothing can be concluded from the rest. */
static void a_list_that_lost_its_past_lets_nothing_be_signed(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.is_list_empty = true;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 400);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_CATCHING_UP);
    assert_string_equal(ls_buf_text(&world.journal), "hello ");
    world.is_list_empty = false;
    turns(worker, 120);
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_non_null(strstr(ls_buf_text(&world.journal), "mark adopt claim intent send "));
    finish(&world, worker);
}

static void the_intent_is_written_before_anything_is_sent(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal),
                           "hello landed landed mark adopt claim intent send "));
    finish(&world, worker);
}

static void a_head_of_another_cluster_is_refused_and_its_endpoint_judged(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.foreign_head = true;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 10);

    assert_non_null(strstr(ls_buf_text(&world.journal), "judge(0,5) "));
    assert_null(strstr(ls_buf_text(&world.journal), "claim")); /* nothing to sign for */
    finish(&world, worker);
}

static void a_stale_intent_is_never_sent(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 22);

    assert_non_null(strstr(ls_buf_text(&world.journal), "intent "));
    assert_null(strstr(ls_buf_text(&world.journal), "send"));
    finish(&world, worker);
}

static void an_invalid_payload_fails_before_an_attempt_exists(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_SOL_TRANSFER, "{\"to\":\"nobody\",\"lamports\":\"1\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (failed) "));
    assert_string_equal(world.move_cause, "InvalidPayload");
    finish(&world, worker);
}

static void an_address_without_a_key_holds_the_operation(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.holds_keys = false;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (held) "));
    assert_string_equal(world.move_cause, "NoSigner");
    finish(&world, worker);
}

static void an_operation_that_memory_cannot_hold_waits_for_a_person(void **state)
{
    (void)state;
    bool ran_out = true;
    int held = 0;
    for (int allowed = 0; allowed < 100 && ran_out; allowed++) {
        struct world world;
        ls_worker *worker = start(&world);
        hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
        allocations_left = allowed;
        turns(worker, 24);
        ran_out = allocations_left < 0;
        allocations_left = -1;

        const char *journal = ls_buf_text(&world.journal);
        bool is_held = strstr(journal, "claim move (held) ") != NULL;
        assert_true(is_held || strstr(journal, "claim intent send ") != NULL);
        if (is_held) assert_string_equal(world.move_cause, "OutOfMemory");
        held += is_held ? 1 : 0;
        finish(&world, worker);
    }
    assert_false(ran_out);
    assert_true(held >= 3); /* its key, its payload, its transaction */
}

static void operations_that_may_share_a_transaction_are_signed_and_sent_once(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    for (int i = 0; i < 3; i++) hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    assert_true(world.intents[0].pack > 0);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(world.intents[i].pack, world.intents[0].pack);
        assert_memory_equal(&world.intents[i].signature, &world.intents[0].signature,
                            LS_SIGNATURE_BYTES);
        assert_ptr_equal(world.intents[i].tx, world.intents[0].tx);
    }
    assert_int_equal(world.transactions_sent, 1);
    finish(&world, worker);
}

static void other_kinds_are_alone_in_their_transactions(void **state)
{
    (void)state;
    static const char transfer[] =
        "{\"to\":\"GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse\",\"lamports\":\"5\"}";
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_SOL_TRANSFER, transfer);
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
    hand_out(&world, LS_KIND_SOL_TRANSFER, transfer);

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(world.intents[i].pack, 0);
    assert_int_equal(world.transactions_sent, 3);
    finish(&world, worker);
}

static void what_a_stale_member_leaves_is_packed_again_without_it(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    world.rows[1] = world.rows[2] = LS_ROW_SPLIT;
    for (int i = 0; i < 3; i++) hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
    for (int i = 0; i < 24 && world.intent_count != 3; i++) turns(worker, 1);
    assert_int_equal(world.intent_count, 3);
    struct ls_signature fallen = world.intents[0].signature;

    for (int i = 0; i < 24 && world.intent_count == 3; i++) turns(worker, 1);

    assert_int_equal(world.transactions_sent, 0);
    assert_int_equal(world.intent_count, 2);
    assert_int_equal(world.intents[0].op.value, 6);
    assert_memory_not_equal(&world.intents[0].signature, &fallen, LS_SIGNATURE_BYTES);
    memset(world.rows, 0, sizeof world.rows);
    finish(&world, worker);
}

/* Three memos of one entity, each behind the one before it. */
static void hand_out_chain(struct world *world)
{
    for (int i = 0; i < 3; i++) {
        hand_out(world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
        world->ops[i].chain = 5;
        world->ops[i].after.value = i == 0 ? 0 : 5 + i - 1;
    }
}

static void a_chain_shares_a_transaction_in_its_order(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out_chain(&world);
    struct ls_stored_op first = world.ops[0];
    world.ops[0] = world.ops[2]; /* however the store hands them out */
    world.ops[2] = first;

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(world.intents[i].op.value, 5 + i);
        assert_int_equal(world.intents[i].pack, world.intents[0].pack);
    }
    assert_int_equal(world.transactions_sent, 1);
    finish(&world, worker);
}

static void behind_a_gap_a_chain_is_given_back(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out_chain(&world);
    world.ops[1].payload = "{}";
    world.ops[1].payload_bytes = 2;

    turns(worker, 24);

    assert_int_equal(world.intent_count, 1);
    assert_int_equal(world.intents[0].op.value, 5);
    assert_int_equal(world.transactions_sent, 1);
    assert_non_null(strstr(ls_buf_text(&world.journal), "(failed) "));
    assert_string_equal(world.move_cause, "InvalidPayload");
    assert_int_equal(world.moved_back, 1);
    finish(&world, worker);
}

static void what_has_lost_the_one_before_it_is_not_signed(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    world.rows[1] = world.rows[2] = LS_ROW_SPLIT;
    hand_out_chain(&world);

    turns(worker, 48);

    assert_int_equal(world.transactions_sent, 0);
    assert_int_equal(world.moved_back, 2);
    memset(world.rows, 0, sizeof world.rows);
    finish(&world, worker);
}

#define MINT    "9AccPWVpgCfcLSRJrXydGpcNSdTtVdrp28nzPeYSoo1H"
#define MINT_TO "{\"mint\":\"" MINT "\",\"to\":\"" MINT "\",\"amount\":\"5\"}"
#define ACCOUNT(owner_)                                                                   \
    "{\"data\":[\"\",\"base64\"],\"executable\":false,\"lamports\":1,\"owner\":\"" owner_ \
    "\",\"rentEpoch\":18446744073709551615,\"space\":82}"

static void a_mint_by_address_is_looked_up_once_before_signing(void **state)
{
    (void)state;
    static const char *const owners[] = {
        ACCOUNT("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
        ACCOUNT("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        ls_worker *worker = start(&world);
        world.account = owners[i];
        hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
        turns(worker, 24);
        assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
        assert_int_equal(world.lookups, 1);

        hand_out(&world, LS_KIND_TOKEN_BURN, "{\"mint\":\"" MINT "\",\"amount\":\"5\"}");
        world.ops[0].op.value = 6;
        turns(worker, 24);
        assert_non_null(strstr(ls_buf_text(&world.journal), "send claim intent send "));
        assert_int_equal(world.lookups, 1);
        finish(&world, worker);
    }
}

static void a_mint_by_key_needs_no_look(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_MINT_TO,
             "{\"mint\":{\"key\":\"m\"},\"to\":\"" MINT "\",\"amount\":\"5\"}");
    world.ops[0].has_mint = world.ops[0].mint_is_2022 = true;
    assert_true(ls_address_parse(MINT, &world.ops[0].mint));

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
    assert_int_equal(world.lookups, 0);
    finish(&world, worker);
}

static void what_is_no_mint_fails_before_an_attempt_exists(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.account = ACCOUNT("11111111111111111111111111111111");
    hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (failed) "));
    assert_string_equal(world.move_cause, "InvalidMint");
    finish(&world, worker);
}

static void a_mint_that_is_not_there_is_looked_for_again_until_the_round_ends(void **state)
{
    (void)state;
    for (int32_t round = 0; round < 3; round++) {
        struct world world;
        ls_worker *worker = start(&world);
        world.account = "null";
        hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
        world.ops[0].attempts_round = round;

        turns(worker, 24);

        assert_non_null(strstr(ls_buf_text(&world.journal),
                               round < 2 ? "claim move (ready) " : "claim move (failed) "));
        assert_string_equal(world.move_cause, "MintNotFound");
        finish(&world, worker);
    }
}

static void without_an_answer_nothing_is_assumed_of_a_mint(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
    world.ops[0].attempts_round = 2; /* the last of its round: waiting uses none up */

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (ready) "));
    assert_string_equal(world.move_cause, "LedgerUnavailable");
    assert_null(strstr(ls_buf_text(&world.journal), "intent"));
    finish(&world, worker);
}

static void rent_is_asked_for_by_size(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_CREATE_MINT,
             "{\"decimals\":0,\"program\":\"token-2022\",\"name\":\"Share\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
    assert_int_equal(world.lookups, 1);
    finish(&world, worker);
}

static void a_refusing_store_is_named_and_asked_again(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.hello_err = LS_FAIL(LS_CODE_REFUSED, 0, "store hello");
    (void)snprintf(world.hello_why.text, sizeof world.hello_why.text, "schema 9 is newer");

    turns(worker, 24);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_GREETING);
    assert_string_equal(status.trouble, "database: schema 9 is newer");
    turns(worker, 400); /* asked again each second, logged once */
    assert_int_equal(world.refusals_logged, 1);
    world.hello_err = LS_OK;
    turns(worker, 80);
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_string_equal(status.trouble, "");
    finish(&world, worker);
}

static void a_stop_ends_with_goodbye(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    turns(worker, 6);

    ls_worker_stop(worker);
    bool is_stopped = false;
    for (int i = 0; i < 100 && !is_stopped; i++)
        is_stopped = ls_worker_turn(worker).code == LS_CODE_STOPPED;

    assert_true(is_stopped);
    assert_non_null(strstr(ls_buf_text(&world.journal), "bye "));
    finish(&world, worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_is_known_before_the_store_is_greeted),
        cmocka_unit_test(a_list_that_lost_its_past_lets_nothing_be_signed),
        cmocka_unit_test(the_intent_is_written_before_anything_is_sent),
        cmocka_unit_test(a_head_of_another_cluster_is_refused_and_its_endpoint_judged),
        cmocka_unit_test(a_stale_intent_is_never_sent),
        cmocka_unit_test(an_invalid_payload_fails_before_an_attempt_exists),
        cmocka_unit_test(an_address_without_a_key_holds_the_operation),
        cmocka_unit_test(an_operation_that_memory_cannot_hold_waits_for_a_person),
        cmocka_unit_test(a_mint_by_address_is_looked_up_once_before_signing),
        cmocka_unit_test(a_mint_by_key_needs_no_look),
        cmocka_unit_test(what_is_no_mint_fails_before_an_attempt_exists),
        cmocka_unit_test(a_mint_that_is_not_there_is_looked_for_again_until_the_round_ends),
        cmocka_unit_test(without_an_answer_nothing_is_assumed_of_a_mint),
        cmocka_unit_test(rent_is_asked_for_by_size),
        cmocka_unit_test(operations_that_may_share_a_transaction_are_signed_and_sent_once),
        cmocka_unit_test(other_kinds_are_alone_in_their_transactions),
        cmocka_unit_test(what_a_stale_member_leaves_is_packed_again_without_it),
        cmocka_unit_test(a_chain_shares_a_transaction_in_its_order),
        cmocka_unit_test(behind_a_gap_a_chain_is_given_back),
        cmocka_unit_test(what_has_lost_the_one_before_it_is_not_signed),
        cmocka_unit_test(a_refusing_store_is_named_and_asked_again),
        cmocka_unit_test(a_stop_ends_with_goodbye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
