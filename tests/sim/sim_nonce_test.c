#include "lockstep/solana/nonce.h"
#include "sim_fixture.h"

/* Nonce accounts and durable transactions on the simulated ledger. */

#define RENT_80 1447680u

struct nonce_fixture {
    struct fixture base;
    struct ls_address nonce;
};

static void land(struct fixture *fixture, const struct ls_tx *tx)
{
    json_t *answer = send_tx(fixture, tx, CONFIRMED);
    if (json_object_get(answer, "result") == NULL) {
        char *text = json_dumps(answer, 0);
        print_error("%s\n", text);
        free(text);
    }
    assert_non_null(json_object_get(answer, "result"));
    pass_slots(fixture, 4);
}

static void make_nonce(struct ls_instruction steps[2], const struct ls_address *nonce)
{
    struct ls_address payer = make_key(1).address;
    struct ls_create_with_seed create = {.payer = payer,
                                         .created = *nonce,
                                         .base = payer,
                                         .seed = "nonce",
                                         .lamports = RENT_80,
                                         .space = LS_NONCE_ACCOUNT_BYTES,
                                         .owner = LS_PROGRAM_SYSTEM};
    ls_system_create_with_seed(&steps[0], &create);
    ls_nonce_initialize(&steps[1], nonce, &payer);
}

static void set_up_nonce(struct nonce_fixture *fixture)
{
    set_up(&fixture->base);
    fixture->nonce =
        ls_derive_with_seed(&fixture->base.payer.address, "nonce", &LS_PROGRAM_SYSTEM);
    struct ls_instruction steps[2];
    make_nonce(steps, &fixture->nonce);
    struct ls_hash hash = blockhash_at(&fixture->base, "confirmed");
    struct ls_tx tx = make_tx(&fixture->base.payer, 1, &hash, steps, 2);
    land(&fixture->base, &tx);
    assert_json(json_object_get(status_at(&fixture->base, 0, &tx, false), "err"), "null");
}

static struct ls_hash value_at(struct nonce_fixture *fixture, const char *commitment)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    char params[160];
    struct ls_hash value;
    ls_address_text(&fixture->nonce, text);
    (void)snprintf(params, sizeof params,
                   "[\"%s\",{\"encoding\":\"jsonParsed\",\"commitment\":\"%s\"}]", text,
                   commitment);
    json_t *info = at_path(result_of(&fixture->base, "getAccountInfo", params),
                           "value.data.parsed.info.blockhash");
    assert_true(ls_hash_parse(json_string_value(info), &value));
    return value;
}

static bool is_same(struct ls_hash a, struct ls_hash b)
{
    return memcmp(a.bytes, b.bytes, LS_HASH_BYTES) == 0;
}

/* A memo under the nonce, its value as given. */
static struct ls_tx
durable_memo(struct nonce_fixture *fixture, const struct ls_hash *value, const char *text)
{
    struct ls_instruction steps[2];
    ls_nonce_advance(&steps[0], &fixture->nonce, &fixture->base.payer.address);
    ls_memo(&steps[1], text, strlen(text));
    return make_tx(&fixture->base.payer, 1, value, steps, 2);
}

/* The same with a transfer of more than there is: it fails on the ledger. */
static struct ls_tx durable_failure(struct nonce_fixture *fixture, const struct ls_hash *value)
{
    struct ls_instruction steps[2];
    struct ls_address to = make_key(9).address;
    ls_nonce_advance(&steps[0], &fixture->nonce, &fixture->base.payer.address);
    ls_system_transfer(&steps[1], &fixture->base.payer.address, &to, UINT64_C(1) << 60);
    return make_tx(&fixture->base.payer, 1, value, steps, 2);
}

static int64_t balance(struct nonce_fixture *fixture)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    char params[128];
    ls_address_text(&fixture->base.payer.address, text);
    (void)snprintf(params, sizeof params, "[\"%s\",{\"commitment\":\"confirmed\"}]", text);
    return json_integer_value(
        at_path(result_of(&fixture->base, "getBalance", params), "value"));
}

static void assert_refused(json_t *answer, const char *err)
{
    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32002);
    assert_json(at_path(answer, "error.data.err"), err);
}

static void a_new_nonce_reads_as_its_program_lays_it_out(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    char address[LS_ADDRESS_TEXT_BYTES];
    char params[160];
    ls_address_text(&fixture.nonce, address);
    (void)snprintf(params, sizeof params,
                   "[\"%s\",{\"encoding\":\"base64\",\"commitment\":\"confirmed\"}]", address);

    json_t *value = at_path(result_of(&fixture.base, "getAccountInfo", params), "value");

    uint8_t data[LS_NONCE_ACCOUNT_BYTES + 1];
    size_t length = 0;
    const char *text = json_string_value(at_path(value, "data.0"));
    assert_int_equal(sodium_base642bin(data, sizeof data, text, strlen(text), NULL, &length,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    struct ls_nonce nonce;
    assert_false(ls_failed(ls_nonce_read(data, length, &nonce)));
    assert_true(ls_address_equal(&nonce.authority, &fixture.base.payer.address));
    assert_int_equal(nonce.lamports_per_signature, 5000);
    assert_int_equal(json_number_value(json_object_get(value, "lamports")), RENT_80);
    assert_true(is_same(nonce.value, value_at(&fixture, "confirmed")));
    tear_down(&fixture.base);
}

static void a_durable_transaction_lands_after_any_time(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_hash value = value_at(&fixture, "confirmed");
    struct ls_tx tx = durable_memo(&fixture, &value, "late");

    pass_slots(&fixture.base, 1000);
    land(&fixture.base, &tx);

    assert_json(json_object_get(status_at(&fixture.base, 0, &tx, false), "err"), "null");
    assert_false(is_same(value, value_at(&fixture, "confirmed")));
    tear_down(&fixture.base);
}

static void of_two_under_one_value_one_lands(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_hash value = value_at(&fixture, "confirmed");
    struct ls_tx first = durable_memo(&fixture, &value, "one");
    struct ls_tx second = durable_memo(&fixture, &value, "two");

    assert_non_null(json_object_get(send_tx(&fixture.base, &first, CONFIRMED), "result"));
    assert_non_null(json_object_get(send_tx(&fixture.base, &second, CONFIRMED), "result"));
    pass_slots(&fixture.base, 40);

    assert_json(json_object_get(status_at(&fixture.base, 0, &first, false), "err"), "null");
    assert_true(json_is_null(status_at(&fixture.base, 0, &second, true)));
    tear_down(&fixture.base);
}

static void a_stale_value_is_an_unknown_blockhash(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_hash value = value_at(&fixture, "confirmed");
    struct ls_tx tx = durable_memo(&fixture, &value, "one");
    land(&fixture.base, &tx);

    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED), "\"BlockhashNotFound\"");

    struct ls_tx other = durable_memo(&fixture, &value, "two");
    assert_refused(send_tx(&fixture.base, &other, CONFIRMED), "\"BlockhashNotFound\"");
    tear_down(&fixture.base);
}

static void a_failed_one_pays_and_moves_the_nonce(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_hash value = value_at(&fixture, "confirmed");
    int64_t before = balance(&fixture);
    struct ls_tx tx = durable_failure(&fixture, &value);

    assert_non_null(json_object_get(send_tx(&fixture.base, &tx, SKIP), "result"));
    pass_slots(&fixture.base, 4);

    assert_json(json_object_get(status_at(&fixture.base, 0, &tx, false), "err"),
                "{\"InstructionError\":[1,{\"Custom\":1}]}");
    assert_false(is_same(value, value_at(&fixture, "confirmed")));
    assert_int_equal(balance(&fixture), before - 5000);
    tear_down(&fixture.base);
}

static void a_failed_one_under_a_blockhash_moves_nothing(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_hash value = value_at(&fixture, "confirmed");
    struct ls_hash hash = blockhash_at(&fixture.base, "confirmed");
    struct ls_tx tx = durable_failure(&fixture, &hash);

    assert_non_null(json_object_get(send_tx(&fixture.base, &tx, SKIP), "result"));
    pass_slots(&fixture.base, 4);

    assert_false(json_is_null(status_at(&fixture.base, 0, &tx, false)));
    assert_true(is_same(value, value_at(&fixture, "confirmed")));
    tear_down(&fixture.base);
}

static void a_value_moves_once_a_block(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_instruction twice[2];
    ls_nonce_advance(&twice[0], &fixture.nonce, &fixture.base.payer.address);
    ls_nonce_advance(&twice[1], &fixture.nonce, &fixture.base.payer.address);
    struct ls_hash value = value_at(&fixture, "confirmed");
    struct ls_tx tx = make_tx(&fixture.base.payer, 1, &value, twice, 2);

    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED),
                   "{\"InstructionError\":[1,{\"Custom\":7}]}");
    tear_down(&fixture.base);
}

static void only_the_authority_moves_it(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct key other = make_key(2);
    ls_sim_ledger_fund(fixture.base.ledger, &other.address, FUNDED);
    struct ls_instruction advance;
    ls_nonce_advance(&advance, &fixture.nonce, &other.address);

    struct ls_hash hash = blockhash_at(&fixture.base, "confirmed");
    struct ls_tx tx = make_tx(&other, 1, &hash, &advance, 1);
    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED),
                   "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");

    struct ls_hash value = value_at(&fixture, "confirmed");
    tx = make_tx(&other, 1, &value, &advance, 1);
    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED), "\"BlockhashNotFound\"");
    tear_down(&fixture.base);
}

static void it_is_handed_over_and_closed_with_its_rent(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct key keys[2] = {fixture.base.payer, make_key(2)};
    struct ls_instruction step;
    ls_nonce_authorize(&step, &fixture.nonce, &keys[0].address, &keys[1].address);
    struct ls_hash hash = blockhash_at(&fixture.base, "confirmed");
    struct ls_tx tx = make_tx(keys, 1, &hash, &step, 1);
    land(&fixture.base, &tx);
    int64_t before = balance(&fixture);

    ls_nonce_withdraw(&step, &fixture.nonce, &keys[0].address, &keys[0].address, RENT_80);
    tx = make_tx(keys, 1, &hash, &step, 1);
    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED),
                   "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");
    ls_nonce_withdraw(&step, &fixture.nonce, &keys[0].address, &keys[1].address, 1);
    tx = make_tx(keys, 2, &hash, &step, 1);
    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED),
                   "{\"InstructionError\":[0,\"InsufficientFunds\"]}");
    ls_nonce_withdraw(&step, &fixture.nonce, &keys[0].address, &keys[1].address, RENT_80);
    tx = make_tx(keys, 2, &hash, &step, 1);
    land(&fixture.base, &tx);

    assert_int_equal(balance(&fixture), before + (int64_t)RENT_80 - 10000);
    tear_down(&fixture.base);
}

static void a_value_is_initialised_once(void **state)
{
    (void)state;
    struct nonce_fixture fixture;
    set_up_nonce(&fixture);
    struct ls_instruction step;
    ls_nonce_initialize(&step, &fixture.nonce, &fixture.base.payer.address);
    struct ls_hash hash = blockhash_at(&fixture.base, "confirmed");
    struct ls_tx tx = make_tx(&fixture.base.payer, 1, &hash, &step, 1);

    assert_refused(send_tx(&fixture.base, &tx, CONFIRMED),
                   "{\"InstructionError\":[0,\"InvalidAccountData\"]}");
    tear_down(&fixture.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_nonce_reads_as_its_program_lays_it_out),
        cmocka_unit_test(a_durable_transaction_lands_after_any_time),
        cmocka_unit_test(of_two_under_one_value_one_lands),
        cmocka_unit_test(a_stale_value_is_an_unknown_blockhash),
        cmocka_unit_test(a_failed_one_pays_and_moves_the_nonce),
        cmocka_unit_test(a_failed_one_under_a_blockhash_moves_nothing),
        cmocka_unit_test(a_value_moves_once_a_block),
        cmocka_unit_test(only_the_authority_moves_it),
        cmocka_unit_test(it_is_handed_over_and_closed_with_its_rent),
        cmocka_unit_test(a_value_is_initialised_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
