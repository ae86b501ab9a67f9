#include "sim_fixture.h"

/* Blocks, commitment, expiry, forgetting, forks, lag and their determinism. */

static int64_t height_at(struct fixture *fixture, int32_t endpoint, const char *commitment)
{
    char params[64];
    (void)snprintf(params, sizeof params, "[{\"commitment\":\"%s\"}]", commitment);
    return json_integer_value(result_at(fixture, endpoint, "getBlockHeight", params));
}

static int64_t slot_at(struct fixture *fixture, int32_t endpoint, const char *commitment)
{
    char params[64];
    (void)snprintf(params, sizeof params, "[{\"commitment\":\"%s\"}]", commitment);
    return json_integer_value(result_at(fixture, endpoint, "getSlot", params));
}

static void set_faults(struct fixture *fixture, struct ls_sim_faults faults)
{
    ls_sim_ledger_set_faults(fixture->ledger, &faults);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct ls_sim_ledger_options bad[] = {
        {.slot_ms = -1},
        {.finality_slots = 1},
        {.finality_slots = 1001},
        {.history_max = -1},
        {.history_max = LS_SIM_HISTORY_MAX + 1},
        {.pool_max = -1},
        {.pool_max = LS_SIM_POOL_MAX + 1},
        {.endpoint_count = -1},
        {.endpoint_count = LS_SIM_ENDPOINTS_MAX + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ls_sim_ledger *ledger = NULL;
        assert_int_equal(ls_sim_ledger_new(&bad[i], &ledger).code, LS_CODE_INVALID);
        assert_null(ledger);
    }
    ls_sim_ledger_free(NULL);
}

static void a_memo_goes_through_every_commitment(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "hello");

    json_t *answer = send_tx(&fixture, &tx, CONFIRMED);

    char text[LS_SIGNATURE_TEXT_BYTES];
    struct ls_signature signature = signature_of(&tx);
    ls_signature_text(&signature, text);
    assert_string_equal(json_string_value(json_object_get(answer, "result")), text);
    assert_true(json_is_null(status_at(&fixture, 0, &tx, true)));
    const char *seen[3] = {"processed", "confirmed", "finalized"};
    size_t stage = 0;
    for (int i = 0; i < 60; i++) {
        pass_slots(&fixture, 1);
        json_t *status = status_at(&fixture, 0, &tx, false);
        if (json_is_null(status)) continue;
        const char *level = json_string_value(json_object_get(status, "confirmationStatus"));
        if (strcmp(level, seen[stage]) != 0) stage++;
        assert_string_equal(level, seen[stage]);
        assert_int_equal(json_is_null(json_object_get(status, "confirmations")), stage == 2);
    }
    assert_int_equal(stage, 2);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                     FUNDED - 5000);
    tear_down(&fixture);
}

static void heights_fall_behind_slots_because_some_slots_are_skipped(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    int64_t height = height_at(&fixture, 0, "processed");
    int64_t slot = slot_at(&fixture, 0, "processed");

    pass_slots(&fixture, 400);

    int64_t blocks = height_at(&fixture, 0, "processed") - height;
    int64_t slots = slot_at(&fixture, 0, "processed") - slot;
    assert_in_range(slots, 390, 401);
    assert_true(blocks < slots);
    assert_true(blocks > slots * 8 / 10);
    tear_down(&fixture);
}

static void commitments_trail_each_other(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    pass_slots(&fixture, 100);

    int64_t tip = slot_at(&fixture, 0, "processed");

    assert_true(slot_at(&fixture, 0, "confirmed") <= tip);
    assert_true(slot_at(&fixture, 0, "confirmed") >= tip - 4);
    assert_true(slot_at(&fixture, 0, "finalized") <= tip - 28);
    assert_true(slot_at(&fixture, 0, "finalized") >= tip - 40);
    tear_down(&fixture);
}

static void time_never_goes_back_and_a_long_jump_is_a_halt(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    int64_t height = height_at(&fixture, 0, "processed");

    ls_sim_ledger_advance(fixture.ledger, fixture.now_ms - 100000);
    assert_int_equal(height_at(&fixture, 0, "processed"), height);
    assert_int_equal(ls_sim_ledger_next_ms(fixture.ledger), fixture.now_ms + SLOT_MS);
    pass_slots(&fixture, 10000000);

    int64_t grown = height_at(&fixture, 0, "processed") - height;
    assert_in_range(grown, 90000, 100000);
    assert_int_equal(ls_sim_ledger_next_ms(fixture.ledger), fixture.now_ms + SLOT_MS);
    tear_down(&fixture);
}

static void an_expired_blockhash_never_lands_and_preflight_says_so(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "late");
    json_t *valid_to =
        at_path(result_of(&fixture, "getLatestBlockhash", "[{\"commitment\":\"confirmed\"}]"),
                "value.lastValidBlockHeight");
    int64_t last = json_integer_value(valid_to);

    while (height_at(&fixture, 0, "processed") < last + 1) pass_slots(&fixture, 1);

    assert_json(at_path(send_tx(&fixture, &tx, CONFIRMED), "error.data.err"),
                "\"BlockhashNotFound\"");
    assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
    pass_slots(&fixture, 40);
    assert_true(json_is_null(status_at(&fixture, 0, &tx, true)));
    tear_down(&fixture);
}

static void preflight_keeps_six_heights_from_expiry_but_the_transaction_can_land(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "just in time");
    int64_t born = height_at(&fixture, 0, "confirmed");

    while (height_at(&fixture, 0, "confirmed") <= born + 144) pass_slots(&fixture, 1);

    assert_json(at_path(send_tx(&fixture, &tx, CONFIRMED), "error.data.err"),
                "\"BlockhashNotFound\"");
    assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
    pass_slots(&fixture, 4);
    assert_false(json_is_null(status_at(&fixture, 0, &tx, false)));
    tear_down(&fixture);
}

static void a_default_preflight_does_not_know_a_confirmed_blockhash(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "too new for finalized");

    assert_json(at_path(send_tx(&fixture, &tx, ""), "error.data.err"), "\"BlockhashNotFound\"");
    assert_non_null(json_object_get(send_tx(&fixture, &tx, CONFIRMED), "result"));
    tear_down(&fixture);
}

struct counted {
    const struct ls_tx *tx;
    int landings;
    struct ls_sim_landing last;
};

static void count_landing(void *self, const struct ls_sim_landing *landing)
{
    struct counted *counted = self;
    struct ls_signature signature = signature_of(counted->tx);
    if (!ls_signature_equal(&signature, &landing->signature)) return;
    counted->landings++;
    counted->last = *landing;
}

static int landings_of(struct fixture *fixture, const struct ls_tx *tx, struct counted *counted)
{
    *counted = (struct counted){.tx = tx};
    ls_sim_ledger_landings(fixture->ledger, 0, count_landing, counted);
    return counted->landings;
}

static void a_transaction_sent_many_times_lands_once(void **state)
{
    (void)state;
    struct fixture fixture;
    struct counted counted;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "once");

    for (int i = 0; i < 30; i++) {
        assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
        pass_slots(&fixture, i % 3);
    }
    assert_json(at_path(send_tx(&fixture, &tx, CONFIRMED), "error.data.err"),
                "\"AlreadyProcessed\"");
    pass_slots(&fixture, 60);

    assert_int_equal(landings_of(&fixture, &tx, &counted), 1);
    assert_string_equal(counted.last.memos, "once");
    assert_false(counted.last.has_error);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                     FUNDED - 5000);
    tear_down(&fixture);
}

static void transactions_of_one_block_land_in_the_order_they_came(void **state)
{
    (void)state;
    struct fixture fixture;
    char params[128];
    char address[LS_ADDRESS_TEXT_BYTES];
    set_up(&fixture);
    for (int i = 0; i < 20; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "%02d", i);
        struct ls_tx tx = memo_tx(&fixture, text);
        (void)send_tx(&fixture, &tx, SKIP);
    }
    pass_slots(&fixture, 40);
    ls_address_text(&fixture.payer.address, address);
    (void)snprintf(params, sizeof params, "[\"%s\"]", address);

    json_t *list = result_of(&fixture, "getSignaturesForAddress", params);

    assert_int_equal(json_array_size(list), 20);
    for (int i = 0; i < 20; i++) {
        char expected[16], path[16];
        (void)snprintf(expected, sizeof expected, "[2] %02d", 19 - i);
        (void)snprintf(path, sizeof path, "%d.memo", i);
        assert_string_equal(json_string_value(at_path(list, path)), expected);
    }
    tear_down(&fixture);
}

static void what_never_lands_is_forgotten_without_losing_what_does(void **state)
{
    (void)state;
    enum { PAIRS = 400 };
    struct fixture fixture;
    struct ls_instruction memo;
    struct ls_hash invented = {{9}};
    static struct ls_tx good[PAIRS], bad[PAIRS];
    set_up(&fixture);
    struct ls_hash hash = blockhash_at(&fixture, "confirmed");
    for (int i = 0; i < PAIRS; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "pair %d", i);
        ls_memo(&memo, text, (size_t)length);
        good[i] = make_tx(&fixture.payer, 1, &hash, &memo, 1);
        bad[i] = make_tx(&fixture.payer, 1, &invented, &memo, 1);
        (void)send_tx(&fixture, &good[i], SKIP);
        (void)send_tx(&fixture, &bad[i], SKIP);
        if (i % 50 == 0) pass_slots(&fixture, 1);
    }
    pass_slots(&fixture, 4);

    for (int i = 0; i < PAIRS; i++) {
        assert_false(json_is_null(status_at(&fixture, 0, &good[i], true)));
        assert_true(json_is_null(status_at(&fixture, 0, &bad[i], true)));
    }
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                     FUNDED - PAIRS * 5000);
    tear_down(&fixture);
}

static void a_full_history_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_sim_ledger_options options = {.seed = 7, .slot_ms = SLOT_MS, .history_max = 2};
    set_up_with(&fixture, &options);
    struct ls_tx first = memo_tx(&fixture, "1");
    struct ls_tx second = memo_tx(&fixture, "2");
    struct ls_tx third = memo_tx(&fixture, "3");

    assert_non_null(json_object_get(send_tx(&fixture, &first, SKIP), "result"));
    assert_non_null(json_object_get(send_tx(&fixture, &second, SKIP), "result"));
    json_t *answer = send_tx(&fixture, &third, SKIP);
    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32603);
    pass_slots(&fixture, 4);

    assert_false(json_is_null(status_at(&fixture, 0, &first, true)));
    assert_false(json_is_null(status_at(&fixture, 0, &second, true)));
    assert_true(json_is_null(status_at(&fixture, 0, &third, true)));
    tear_down(&fixture);
}

static void a_full_pool_drops_silently_and_has_room_after_the_next_block(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_sim_ledger_options options = {.seed = 7, .slot_ms = SLOT_MS, .pool_max = 1};
    set_up_with(&fixture, &options);
    struct ls_tx first = memo_tx(&fixture, "1");
    struct ls_tx second = memo_tx(&fixture, "2");

    assert_non_null(json_object_get(send_tx(&fixture, &first, SKIP), "result"));
    assert_non_null(json_object_get(send_tx(&fixture, &second, SKIP), "result"));
    pass_slots(&fixture, 4);
    assert_false(json_is_null(status_at(&fixture, 0, &first, true)));
    assert_true(json_is_null(status_at(&fixture, 0, &second, true)));
    assert_non_null(json_object_get(send_tx(&fixture, &second, SKIP), "result"));
    pass_slots(&fixture, 4);

    assert_false(json_is_null(status_at(&fixture, 0, &second, true)));
    tear_down(&fixture);
}

static void a_bank_knows_what_landed_up_to_itself_and_nothing_newer(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_instruction memo;
    char text[LS_SIGNATURE_TEXT_BYTES], finalized[128], confirmed[160];
    set_up(&fixture);
    struct ls_hash hash = blockhash_at(&fixture, "finalized");
    ls_memo(&memo, "bank", 4);
    struct ls_tx tx = make_tx(&fixture.payer, 1, &hash, &memo, 1);
    struct ls_signature signature = signature_of(&tx);
    ls_signature_text(&signature, text);
    (void)snprintf(finalized, sizeof finalized, "[\"%s\"]", text);
    (void)snprintf(confirmed, sizeof confirmed, "[\"%s\",{\"commitment\":\"confirmed\"}]",
                   text);

    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 4);

    assert_true(json_is_null(result_of(&fixture, "getTransaction", finalized)));
    assert_false(json_is_null(result_of(&fixture, "getTransaction", confirmed)));
    assert_non_null(json_object_get(send_tx(&fixture, &tx, ""), "result"));
    assert_json(at_path(send_tx(&fixture, &tx, CONFIRMED), "error.data.err"),
                "\"AlreadyProcessed\"");
    pass_slots(&fixture, 40);
    assert_false(json_is_null(result_of(&fixture, "getTransaction", finalized)));
    assert_json(at_path(send_tx(&fixture, &tx, ""), "error.data.err"), "\"AlreadyProcessed\"");
    tear_down(&fixture);
}

static void funds_are_seen_by_every_bank_also_of_a_new_account(void **state)
{
    (void)state;
    static const struct {
        const char *commitment;
        int64_t lamports;
    } cases[] = {{"processed", 890887}, {"confirmed", 890887}, {"finalized", 7}};
    struct fixture fixture;
    struct key other = make_key(8);
    struct ls_instruction transfer;
    char address[LS_ADDRESS_TEXT_BYTES], params[128];
    set_up(&fixture);
    struct ls_hash hash = blockhash_at(&fixture, "confirmed");
    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 890880);
    struct ls_tx tx = make_tx(&fixture.payer, 1, &hash, &transfer, 1);
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 5);

    ls_sim_ledger_fund(fixture.ledger, &other.address, 7);

    ls_address_text(&other.address, address);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(params, sizeof params, "[\"%s\",{\"commitment\":\"%s\"}]", address,
                       cases[i].commitment);
        assert_int_equal(
            json_integer_value(at_path(result_of(&fixture, "getBalance", params), "value")),
            cases[i].lamports);
    }
    tear_down(&fixture);
}

static void the_judge_sees_finalized_transactions_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    struct counted counted;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "judge");
    struct ls_signature signature = signature_of(&tx);
    bool has_error = true;

    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 4);
    assert_false(json_is_null(status_at(&fixture, 0, &tx, false)));
    assert_int_equal(landings_of(&fixture, &tx, &counted), 0);
    assert_false(ls_sim_ledger_is_finalized(fixture.ledger, &signature, &has_error));
    pass_slots(&fixture, 40);

    assert_int_equal(landings_of(&fixture, &tx, &counted), 1);
    assert_true(ls_sim_ledger_is_finalized(fixture.ledger, &signature, &has_error));
    assert_false(has_error);
    tear_down(&fixture);
}

static void a_status_is_forgotten_after_300_roots_but_history_keeps_it(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "old");
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 4);
    int64_t height = height_at(&fixture, 0, "confirmed");

    while (height_at(&fixture, 0, "finalized") < height + 290) pass_slots(&fixture, 1);
    assert_false(json_is_null(status_at(&fixture, 0, &tx, false)));
    while (height_at(&fixture, 0, "finalized") < height + 301) pass_slots(&fixture, 1);

    assert_true(json_is_null(status_at(&fixture, 0, &tx, false)));
    json_t *status = status_at(&fixture, 0, &tx, true);
    assert_string_equal(json_string_value(json_object_get(status, "confirmationStatus")),
                        "finalized");
    tear_down(&fixture);
}

static void a_fork_takes_a_transaction_back_and_it_lands_again_once(void **state)
{
    (void)state;
    int vanished = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fixture fixture;
        struct counted counted;
        struct ls_sim_ledger_options options = {.seed = seed, .slot_ms = SLOT_MS};
        set_up_with(&fixture, &options);
        struct ls_hash hash = blockhash_at(&fixture, "finalized");
        struct ls_instruction memo;
        ls_memo(&memo, "fork", 4);
        struct ls_tx tx = make_tx(&fixture.payer, 1, &hash, &memo, 1);
        set_faults(&fixture, (struct ls_sim_faults){.fork_ppm = 400000});

        (void)send_tx(&fixture, &tx, SKIP);
        bool was_seen = false;
        for (int i = 0; i < 30; i++) {
            pass_slots(&fixture, 1);
            bool is_seen = !json_is_null(status_at(&fixture, 0, &tx, true));
            uint64_t spent =
                FUNDED - ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address);
            assert_int_equal(spent, is_seen ? 5000 : 0);
            if (was_seen && !is_seen) vanished++;
            was_seen = is_seen;
        }
        set_faults(&fixture, (struct ls_sim_faults){0});
        pass_slots(&fixture, 60);

        assert_int_equal(landings_of(&fixture, &tx, &counted), 1);
        assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                         FUNDED - 5000);
        tear_down(&fixture);
    }
    assert_true(vanished > 0);
}

static void what_is_finalized_stays_whatever_forks_come(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture, (struct ls_sim_faults){.fork_ppm = 1000000});
    int64_t height = 0;
    char hash[LS_HASH_TEXT_BYTES] = "";

    for (int i = 0; i < 300; i++) {
        pass_slots(&fixture, 1);
        int64_t now = height_at(&fixture, 0, "finalized");
        char params[64];
        (void)snprintf(params, sizeof params, "[%d,{\"transactionDetails\":\"none\"}]", 30);
        json_t *block = call_at(&fixture, 0, "getBlock", params);
        const char *seen = json_string_value(at_path(block, "result.blockhash"));
        if (seen != NULL && hash[0] != '\0') assert_string_equal(seen, hash);
        if (seen != NULL) (void)snprintf(hash, sizeof hash, "%s", seen);
        assert_true(now >= height);
        height = now;
    }
    tear_down(&fixture);
}

static void an_endpoint_that_lags_shows_its_own_past(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture, (struct ls_sim_faults){.lag_slots = 10});
    pass_slots(&fixture, 100);
    struct ls_tx tx = memo_tx(&fixture, "lag");
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 5);

    int64_t tip = slot_at(&fixture, 0, "processed");
    int64_t behind = slot_at(&fixture, 1, "processed");
    int64_t further = slot_at(&fixture, 2, "processed");
    assert_in_range(tip - behind, 6, 14);
    assert_in_range(tip - further, 16, 24);
    assert_false(json_is_null(status_at(&fixture, 0, &tx, false)));
    assert_true(json_is_null(status_at(&fixture, 1, &tx, true)));
    char text[LS_ADDRESS_TEXT_BYTES];
    char params[128];
    ls_address_text(&fixture.payer.address, text);
    (void)snprintf(params, sizeof params, "[\"%s\",{\"commitment\":\"processed\"}]", text);
    assert_int_equal(
        json_integer_value(at_path(result_at(&fixture, 0, "getBalance", params), "value")),
        FUNDED - 5000);
    assert_int_equal(
        json_integer_value(at_path(result_at(&fixture, 1, "getBalance", params), "value")),
        FUNDED);
    pass_slots(&fixture, 12);
    assert_false(json_is_null(status_at(&fixture, 1, &tx, true)));
    tear_down(&fixture);
}

static void a_delayed_transaction_lands_late_but_never_after_its_blockhash(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture,
               (struct ls_sim_faults){.delay_tx_ppm = 1000000, .delay_tx_slots_max = 100000});
    int64_t born = height_at(&fixture, 0, "confirmed");
    struct ls_tx txs[30];
    for (int i = 0; i < 30; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "late %d", i);
        txs[i] = memo_tx(&fixture, text);
        (void)send_tx(&fixture, &txs[i], SKIP);
    }

    pass_slots(&fixture, 10);
    int early = 0;
    for (int i = 0; i < 30; i++)
        early += json_is_null(status_at(&fixture, 0, &txs[i], true)) ? 0 : 1;
    while (height_at(&fixture, 0, "processed") < born + 151) pass_slots(&fixture, 1);
    int landed = 0;
    for (int i = 0; i < 30; i++)
        landed += json_is_null(status_at(&fixture, 0, &txs[i], true)) ? 0 : 1;

    assert_true(early < 15);
    assert_int_equal(landed, 30);
    tear_down(&fixture);
}

static void a_dropped_transaction_answers_its_signature_and_never_lands(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture, (struct ls_sim_faults){.drop_tx_ppm = 1000000});
    struct ls_tx tx = memo_tx(&fixture, "dropped");

    assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
    pass_slots(&fixture, 20);
    assert_true(json_is_null(status_at(&fixture, 0, &tx, true)));
    set_faults(&fixture, (struct ls_sim_faults){0});
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 4);
    assert_false(json_is_null(status_at(&fixture, 0, &tx, true)));
    tear_down(&fixture);
}

static void a_false_null_hides_a_landing_without_history_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "hidden");
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 4);

    set_faults(&fixture, (struct ls_sim_faults){.false_null_ppm = 1000000});

    assert_true(json_is_null(status_at(&fixture, 0, &tx, false)));
    assert_false(json_is_null(status_at(&fixture, 0, &tx, true)));
    tear_down(&fixture);
}

static void an_unhealthy_node_says_32005_but_still_who_it_is(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture, (struct ls_sim_faults){.unhealthy_ppm = 1000000});

    assert_int_equal(error_of(&fixture, "getSlot", "[]"), -32005);
    assert_int_equal(error_of(&fixture, "getHealth", "[]"), -32005);
    assert_non_null(result_of(&fixture, "getIdentity", "[]"));
    tear_down(&fixture);
}

static void a_bad_signature_is_32003_in_preflight_and_silent_without(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "forged");
    tx.bytes[5] ^= 1;

    json_t *answer = send_tx(&fixture, &tx, CONFIRMED);
    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32003);
    assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
    pass_slots(&fixture, 10);
    assert_true(json_is_null(status_at(&fixture, 0, &tx, true)));
    tear_down(&fixture);
}

/* A day of traffic under every fault, told as one hash. */
static void run_day(uint64_t seed, uint8_t digest_out[32])
{
    struct fixture fixture;
    struct ls_sim_ledger_options options = {
        .seed = seed, .slot_ms = SLOT_MS, .endpoint_count = 2};
    struct ls_sim_faults faults;
    crypto_generichash_state hash;
    set_up_with(&fixture, &options);
    assert_true(ls_sim_faults_named("stormy", &faults));
    ls_sim_ledger_set_faults(fixture.ledger, &faults);
    (void)crypto_generichash_init(&hash, NULL, 0, 32);
    struct ls_instruction memo;
    struct ls_hash genesis = ls_sim_ledger_genesis(fixture.ledger);
    ls_memo(&memo, "day", 3);
    for (int i = 0; i < 200; i++) {
        json_t *latest = call_at(&fixture, i % 2, "getLatestBlockhash", "[]");
        const char *text = json_string_value(at_path(latest, "result.value.blockhash"));
        struct ls_hash blockhash = genesis;
        if (text != NULL) assert_true(ls_hash_parse(text, &blockhash));
        struct ls_tx tx = make_tx(&fixture.payer, 1, &blockhash, &memo, 1);
        (void)send_tx(&fixture, &tx, SKIP);
        pass_slots(&fixture, 2);
        char params[128];
        char address[LS_ADDRESS_TEXT_BYTES];
        ls_address_text(&fixture.payer.address, address);
        (void)snprintf(params, sizeof params, "[\"%s\",{\"commitment\":\"confirmed\"}]",
                       address);
        char *answer =
            json_dumps(call_at(&fixture, 0, "getSignaturesForAddress", params), JSON_SORT_KEYS);
        int64_t delay_ms = 0;
        uint8_t fate = (uint8_t)ls_sim_ledger_draw(fixture.ledger, &delay_ms);
        (void)crypto_generichash_update(&hash, (const uint8_t *)answer, strlen(answer));
        (void)crypto_generichash_update(&hash, &fate, 1);
        free(answer);
    }
    (void)crypto_generichash_final(&hash, digest_out, 32);
    tear_down(&fixture);
}

static void the_same_seed_gives_the_same_day_and_another_seed_another(void **state)
{
    (void)state;
    uint8_t first[32], again[32], other[32];

    run_day(11, first);
    run_day(11, again);
    run_day(12, other);

    assert_memory_equal(first, again, 32);
    assert_memory_not_equal(first, other, 32);
}

static void faults_have_names_and_unknown_names_change_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"none", "flaky", "stormy", "forks", "outage"};
    struct ls_sim_faults faults = {.fork_ppm = 5};
    assert_false(ls_sim_faults_named("nonesuch", &faults));
    assert_int_equal(faults.fork_ppm, 5);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(ls_sim_faults_named(names[i], &faults));
    assert_true(faults.is_down);
}

static void a_draw_meets_each_fate_about_as_often_as_asked(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    set_faults(&fixture, (struct ls_sim_faults){.drop_request_ppm = 100000,
                                                .lose_request_ppm = 100000,
                                                .drop_reply_ppm = 100000,
                                                .rate_limit_ppm = 100000,
                                                .garbage_ppm = 100000,
                                                .reply_delay_ms_max = 50});
    int counts[LS_SIM_GARBAGE + 1] = {0};
    int64_t delay_ms = 0;
    for (int i = 0; i < 10000; i++) {
        counts[ls_sim_ledger_draw(fixture.ledger, &delay_ms)]++;
        assert_in_range(delay_ms, 0, 50);
    }
    for (int i = LS_SIM_REFUSE; i <= LS_SIM_GARBAGE; i++) assert_in_range(counts[i], 500, 1100);
    set_faults(&fixture, (struct ls_sim_faults){.is_down = true});
    assert_int_equal(ls_sim_ledger_draw(fixture.ledger, &delay_ms), LS_SIM_REFUSE);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(a_memo_goes_through_every_commitment),
        cmocka_unit_test(heights_fall_behind_slots_because_some_slots_are_skipped),
        cmocka_unit_test(commitments_trail_each_other),
        cmocka_unit_test(time_never_goes_back_and_a_long_jump_is_a_halt),
        cmocka_unit_test(an_expired_blockhash_never_lands_and_preflight_says_so),
        cmocka_unit_test(preflight_keeps_six_heights_from_expiry_but_the_transaction_can_land),
        cmocka_unit_test(a_default_preflight_does_not_know_a_confirmed_blockhash),
        cmocka_unit_test(a_transaction_sent_many_times_lands_once),
        cmocka_unit_test(transactions_of_one_block_land_in_the_order_they_came),
        cmocka_unit_test(what_never_lands_is_forgotten_without_losing_what_does),
        cmocka_unit_test(a_full_history_refuses_and_keeps_what_it_has),
        cmocka_unit_test(a_full_pool_drops_silently_and_has_room_after_the_next_block),
        cmocka_unit_test(a_bank_knows_what_landed_up_to_itself_and_nothing_newer),
        cmocka_unit_test(funds_are_seen_by_every_bank_also_of_a_new_account),
        cmocka_unit_test(the_judge_sees_finalized_transactions_alone),
        cmocka_unit_test(a_status_is_forgotten_after_300_roots_but_history_keeps_it),
        cmocka_unit_test(a_fork_takes_a_transaction_back_and_it_lands_again_once),
        cmocka_unit_test(what_is_finalized_stays_whatever_forks_come),
        cmocka_unit_test(an_endpoint_that_lags_shows_its_own_past),
        cmocka_unit_test(a_delayed_transaction_lands_late_but_never_after_its_blockhash),
        cmocka_unit_test(a_dropped_transaction_answers_its_signature_and_never_lands),
        cmocka_unit_test(a_false_null_hides_a_landing_without_history_alone),
        cmocka_unit_test(an_unhealthy_node_says_32005_but_still_who_it_is),
        cmocka_unit_test(a_bad_signature_is_32003_in_preflight_and_silent_without),
        cmocka_unit_test(the_same_seed_gives_the_same_day_and_another_seed_another),
        cmocka_unit_test(faults_have_names_and_unknown_names_change_nothing),
        cmocka_unit_test(a_draw_meets_each_fate_about_as_often_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
