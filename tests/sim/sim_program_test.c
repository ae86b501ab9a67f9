#include "sim_fixture.h"

/* The programs, seen through sendTransaction's preflight. */

#define RENT_82  1461600u
#define RENT_165 2039280u

static struct ls_address mint_of(const struct key *payer)
{
    return ls_derive_with_seed(&payer->address, "mint", &LS_PROGRAM_TOKEN);
}

static struct ls_address ata_of(const struct ls_address *owner, const struct ls_address *mint)
{
    struct ls_address ata;
    assert_true(ls_derive_ata(owner, mint, &LS_PROGRAM_TOKEN, &ata));
    return ata;
}

struct space {
    uint64_t lamports, bytes;
    const struct ls_address *owner;
};

/* The first test key pays. */
static void create_seeded(struct ls_instruction *out,
                          const struct ls_address *created,
                          const struct ls_address *base,
                          const char *seed,
                          struct space space)
{
    struct ls_create_with_seed create = {.payer = make_key(1).address,
                                         .created = *created,
                                         .base = *base,
                                         .seed = seed,
                                         .lamports = space.lamports,
                                         .space = space.bytes,
                                         .owner = *space.owner};
    ls_system_create_with_seed(out, &create);
}

/* Send; the error must read `err` (NULL: none, and it lands). */
static void expect(struct fixture *fixture,
                   const struct key *keys,
                   size_t key_count,
                   const struct ls_instruction *instructions,
                   size_t count,
                   const char *err)
{
    struct ls_hash hash = blockhash_at(fixture, "confirmed");
    struct ls_tx tx = make_tx(keys, key_count, &hash, instructions, count);
    json_t *answer = send_tx(fixture, &tx, CONFIRMED);
    if (err != NULL) {
        assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32002);
        assert_json(at_path(answer, "error.data.err"), err);
        return;
    }
    if (json_object_get(answer, "result") == NULL) {
        char *text = json_dumps(answer, 0);
        print_error("%s\n", text);
        free(text);
    }
    assert_non_null(json_object_get(answer, "result"));
    pass_slots(fixture, 4);
    assert_json(json_object_get(status_at(fixture, 0, &tx, false), "err"), "null");
}

static void
expect_one(struct fixture *fixture, const struct ls_instruction *one, const char *err)
{
    expect(fixture, &fixture->payer, 1, one, 1, err);
}

/* A mint of the payer's with 2 decimals, and the payer's own account holding 500. */
static struct ls_address make_mint(struct fixture *fixture)
{
    const struct ls_address *payer = &fixture->payer.address;
    struct ls_address mint = mint_of(&fixture->payer);
    struct ls_address ata = ata_of(payer, &mint);
    struct ls_instruction steps[4];
    create_seeded(&steps[0], &mint, payer, "mint",
                  (struct space){RENT_82, 82, &LS_PROGRAM_TOKEN});
    ls_token_initialize_mint2(&steps[1], &LS_PROGRAM_TOKEN, &mint, 2, payer);
    ls_ata_create_idempotent(&steps[2], &LS_PROGRAM_TOKEN, payer, &ata, payer, &mint);
    ls_token_mint_to(&steps[3], &LS_PROGRAM_TOKEN, &mint, &ata, payer, 500);
    expect(fixture, &fixture->payer, 1, steps, 4, NULL);
    return mint;
}

static void a_transfer_moves_lamports(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    struct ls_instruction transfer;

    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 1000000);
    expect_one(&fixture, &transfer, NULL);

    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &other.address), 1000000);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                     FUNDED - 1000000 - 5000);
    tear_down(&fixture);
}

static void a_transfer_of_more_than_there_is_fails_with_custom_1(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    struct ls_instruction transfer;
    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, FUNDED);

    expect_one(&fixture, &transfer, "{\"InstructionError\":[0,{\"Custom\":1}]}");

    json_t *logs = at_path(fixture.answer, "error.data.logs");
    assert_json(logs, "[\"Program 11111111111111111111111111111111 invoke [1]\",\"Program "
                      "11111111111111111111111111111111 failed: custom program error: 0x1\"]");
    assert_string_equal(json_string_value(at_path(fixture.answer, "error.message")),
                        "Transaction simulation failed: Error processing Instruction 0: custom "
                        "program error: 0x1");
    tear_down(&fixture);
}

static void an_account_below_rent_exemption_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    struct ls_instruction transfer;

    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 890879);
    expect_one(&fixture, &transfer, "{\"InsufficientFundsForRent\":{\"account_index\":1}}");
    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 890880);
    expect_one(&fixture, &transfer, NULL);
    tear_down(&fixture);
}

static void an_account_that_owes_rent_takes_nothing_but_what_makes_it_exempt(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    struct ls_instruction transfer;
    ls_sim_ledger_fund(fixture.ledger, &other.address, 100);

    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 1);
    expect_one(&fixture, &transfer, "{\"InsufficientFundsForRent\":{\"account_index\":1}}");
    ls_system_transfer(&transfer, &fixture.payer.address, &other.address, 890780);
    expect_one(&fixture, &transfer, NULL);
    tear_down(&fixture);
}

static void a_payer_without_an_account_or_without_the_fee_is_named(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key poor = make_key(9);
    struct ls_instruction memo;
    ls_memo(&memo, "x", 1);

    expect(&fixture, &poor, 1, &memo, 1, "\"AccountNotFound\"");
    ls_sim_ledger_fund(fixture.ledger, &poor.address, 4999);
    expect(&fixture, &poor, 1, &memo, 1, "\"InsufficientFundsForFee\"");
    ls_sim_ledger_fund(fixture.ledger, &poor.address, 890880);
    expect(&fixture, &poor, 1, &memo, 1,
           "{\"InsufficientFundsForRent\":{\"account_index\":0}}");
    tear_down(&fixture);
}

static void a_payer_may_spend_its_last_lamport_on_the_fee(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key poor = make_key(9);
    struct ls_instruction memo;
    ls_memo(&memo, "x", 1);
    ls_sim_ledger_fund(fixture.ledger, &poor.address, 5000);

    expect(&fixture, &poor, 1, &memo, 1, NULL);

    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &poor.address), 0);
    tear_down(&fixture);
}

static void an_unknown_program_is_not_found_and_an_account_is_not_a_program(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(3);
    struct ls_instruction call = {.program = other.address};

    expect_one(&fixture, &call, "\"ProgramAccountNotFound\"");
    ls_sim_ledger_fund(fixture.ledger, &other.address, 890880);
    expect_one(&fixture, &call, "\"InvalidProgramForExecution\"");
    tear_down(&fixture);
}

static void an_account_is_created_with_a_seed_once(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address created = ls_derive_with_seed(payer, "s", &LS_PROGRAM_SYSTEM);
    struct ls_address wrong = ls_derive_with_seed(payer, "t", &LS_PROGRAM_SYSTEM);
    struct ls_instruction create;

    create_seeded(&create, &wrong, payer, "s", (struct space){890880, 0, &LS_PROGRAM_SYSTEM});
    expect_one(&fixture, &create, "{\"InstructionError\":[0,{\"Custom\":5}]}");
    create_seeded(&create, &created, payer, "s", (struct space){890880, 0, &LS_PROGRAM_SYSTEM});
    expect_one(&fixture, &create, NULL);
    expect_one(&fixture, &create, "{\"InstructionError\":[0,{\"Custom\":0}]}");
    tear_down(&fixture);
}

static void an_account_too_big_or_of_a_base_that_did_not_sign_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    struct key base = make_key(4);
    struct ls_address created = ls_derive_with_seed(payer, "s", &LS_PROGRAM_SYSTEM);
    struct ls_address foreign = ls_derive_with_seed(&base.address, "s", &LS_PROGRAM_SYSTEM);
    struct ls_instruction create;

    create_seeded(&create, &created, payer, "s",
                  (struct space){890880, 10485761, &LS_PROGRAM_SYSTEM});
    expect_one(&fixture, &create, "{\"InstructionError\":[0,{\"Custom\":3}]}");
    create_seeded(&create, &foreign, &base.address, "s",
                  (struct space){890880, 0, &LS_PROGRAM_SYSTEM});
    for (size_t i = 0; i < create.account_count; i++)
        if (!ls_address_equal(&create.accounts[i].address, payer))
            create.accounts[i].is_signer = false;
    expect_one(&fixture, &create, "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");
    tear_down(&fixture);
}

static void instruction_data_that_no_program_knows_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_instruction call = {.program = LS_PROGRAM_SYSTEM, .data_bytes = 3};

    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"InvalidInstructionData\"]}");
    call.data_bytes = 4;
    call.data[0] = 99;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"InvalidInstructionData\"]}");
    call.data_bytes = 12;
    call.data[0] = 2;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"NotEnoughAccountKeys\"]}");
    call = (struct ls_instruction){.program = LS_PROGRAM_TOKEN, .data_bytes = 1, .data = {200}};
    expect_one(&fixture, &call, "{\"InstructionError\":[0,{\"Custom\":12}]}");
    call.data[0] = 7;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,{\"Custom\":12}]}");
    call.data_bytes = 9;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"NotEnoughAccountKeys\"]}");
    call.program = LS_PROGRAM_ATA;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"InvalidInstructionData\"]}");
    call.data[0] = 1;
    expect_one(&fixture, &call, "{\"InstructionError\":[0,\"NotEnoughAccountKeys\"]}");
    tear_down(&fixture);
}

static void a_mint_is_made_minted_from_moved_and_burned(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address mint = make_mint(&fixture);
    struct ls_address mine = ata_of(payer, &mint);
    struct ls_address theirs = ata_of(&other.address, &mint);
    struct ls_instruction steps[3];

    ls_ata_create_idempotent(&steps[0], &LS_PROGRAM_TOKEN, payer, &theirs, &other.address,
                             &mint);
    ls_token_transfer(&steps[1], &LS_PROGRAM_TOKEN, &mine, &theirs, payer, 120);
    ls_token_burn(&steps[2], &LS_PROGRAM_TOKEN, &mine, &mint, payer, 80);
    expect(&fixture, &fixture.payer, 1, steps, 3, NULL);

    assert_int_equal(ls_sim_ledger_supply(fixture.ledger, &mint), 420);
    assert_int_equal(ls_sim_ledger_tokens(fixture.ledger, &mine), 300);
    assert_int_equal(ls_sim_ledger_tokens(fixture.ledger, &theirs), 120);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &theirs), RENT_165);
    tear_down(&fixture);
}

static void an_associated_account_is_created_again_without_harm(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address mint = make_mint(&fixture);
    struct ls_address mine = ata_of(payer, &mint);
    struct ls_instruction create;
    uint64_t before = ls_sim_ledger_balance(fixture.ledger, payer);

    ls_ata_create_idempotent(&create, &LS_PROGRAM_TOKEN, payer, &mine, payer, &mint);
    expect_one(&fixture, &create, NULL);

    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, payer), before - 5000);
    assert_int_equal(ls_sim_ledger_tokens(fixture.ledger, &mine), 500);
    create.data_bytes = 0; /* the plain Create wants a new one */
    expect_one(&fixture, &create, "{\"InstructionError\":[0,\"IllegalOwner\"]}");
    tear_down(&fixture);
}

static void an_associated_account_has_one_address_and_needs_a_mint(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address mint = make_mint(&fixture);
    struct ls_address mine = ata_of(payer, &mint);
    struct ls_address of_no_mint = ata_of(payer, &other.address);
    struct ls_instruction create;

    ls_ata_create_idempotent(&create, &LS_PROGRAM_TOKEN, payer, &mine, &other.address, &mint);
    expect_one(&fixture, &create, "{\"InstructionError\":[0,\"InvalidSeeds\"]}");
    ls_ata_create_idempotent(&create, &LS_PROGRAM_TOKEN, payer, &of_no_mint, payer,
                             &other.address);
    expect_one(&fixture, &create, "{\"InstructionError\":[0,\"IncorrectProgramId\"]}");
    tear_down(&fixture);
}

static void each_token_mistake_has_its_number(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address mint = make_mint(&fixture);
    struct ls_address mine = ata_of(payer, &mint);
    struct ls_instruction step;
    ls_sim_ledger_fund(fixture.ledger, &other.address, FUNDED);

    ls_token_burn(&step, &LS_PROGRAM_TOKEN, &mine, &mint, payer, 501);
    expect_one(&fixture, &step, "{\"InstructionError\":[0,{\"Custom\":1}]}");
    ls_token_transfer(&step, &LS_PROGRAM_TOKEN, &mine, &mine, payer, 501);
    expect_one(&fixture, &step, "{\"InstructionError\":[0,{\"Custom\":1}]}");
    ls_token_mint_to(&step, &LS_PROGRAM_TOKEN, &mint, &mine, payer, UINT64_MAX);
    expect_one(&fixture, &step, "{\"InstructionError\":[0,{\"Custom\":14}]}");
    ls_token_mint_to(&step, &LS_PROGRAM_TOKEN, &mint, &mine, &other.address, 1);
    expect(&fixture, &other, 1, &step, 1, "{\"InstructionError\":[0,{\"Custom\":4}]}");
    ls_token_burn(&step, &LS_PROGRAM_TOKEN, &mine, &mint, &other.address, 1);
    expect(&fixture, &other, 1, &step, 1, "{\"InstructionError\":[0,{\"Custom\":4}]}");
    ls_token_mint_to(&step, &LS_PROGRAM_TOKEN, &mint, payer, payer, 1);
    expect_one(&fixture, &step, "{\"InstructionError\":[0,\"InvalidAccountData\"]}");
    ls_token_initialize_mint2(&step, &LS_PROGRAM_TOKEN, &mint, 2, payer);
    expect_one(&fixture, &step, "{\"InstructionError\":[0,{\"Custom\":6}]}");
    ls_token_mint_to(&step, &LS_PROGRAM_TOKEN, &mint, &mine, payer, 1);
    for (size_t i = 0; i < step.account_count; i++) step.accounts[i].is_signer = false;
    expect(&fixture, &other, 1, &step, 1,
           "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");
    tear_down(&fixture);
}

static void tokens_of_one_mint_do_not_go_to_an_account_of_another(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address first = make_mint(&fixture);
    struct ls_address second = ls_derive_with_seed(payer, "two", &LS_PROGRAM_TOKEN);
    struct ls_address of_first = ata_of(payer, &first);
    struct ls_address of_second = ata_of(payer, &second);
    struct ls_instruction steps[3];
    create_seeded(&steps[0], &second, payer, "two",
                  (struct space){RENT_82, 82, &LS_PROGRAM_TOKEN});
    ls_token_initialize_mint2(&steps[1], &LS_PROGRAM_TOKEN, &second, 0, payer);
    ls_ata_create_idempotent(&steps[2], &LS_PROGRAM_TOKEN, payer, &of_second, payer, &second);
    expect(&fixture, &fixture.payer, 1, steps, 3, NULL);

    ls_token_mint_to(&steps[0], &LS_PROGRAM_TOKEN, &first, &of_second, payer, 1);
    expect_one(&fixture, steps, "{\"InstructionError\":[0,{\"Custom\":3}]}");
    ls_token_burn(&steps[0], &LS_PROGRAM_TOKEN, &of_first, &second, payer, 1);
    expect_one(&fixture, steps, "{\"InstructionError\":[0,{\"Custom\":3}]}");
    ls_token_transfer(&steps[0], &LS_PROGRAM_TOKEN, &of_first, &of_second, payer, 1);
    expect_one(&fixture, steps, "{\"InstructionError\":[0,{\"Custom\":3}]}");
    tear_down(&fixture);
}

static void a_mint_needs_its_rent_and_its_space(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_address mint = mint_of(&fixture.payer);
    struct ls_instruction steps[2];
    ls_token_initialize_mint2(&steps[1], &LS_PROGRAM_TOKEN, &mint, 2, payer);

    create_seeded(&steps[0], &mint, payer, "mint",
                  (struct space){RENT_82 - 1, 82, &LS_PROGRAM_TOKEN});
    expect(&fixture, &fixture.payer, 1, steps, 2, "{\"InstructionError\":[1,{\"Custom\":0}]}");
    create_seeded(&steps[0], &mint, payer, "mint",
                  (struct space){RENT_82, 81, &LS_PROGRAM_TOKEN});
    expect(&fixture, &fixture.payer, 1, steps, 2,
           "{\"InstructionError\":[1,\"InvalidAccountData\"]}");
    tear_down(&fixture);
}

static void a_memo_is_utf8_and_its_accounts_have_signed(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    struct ls_instruction memo;

    ls_memo(&memo, "\xff", 1);
    expect_one(&fixture, &memo, "{\"InstructionError\":[0,\"InvalidInstructionData\"]}");
    ls_memo(&memo, "x", 1);
    memo.account_count = 1;
    memo.accounts[0] = (struct ls_account_meta){.address = other.address};
    expect_one(&fixture, &memo, "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");
    memo.accounts[0] =
        (struct ls_account_meta){.address = fixture.payer.address, .is_signer = true};
    expect_one(&fixture, &memo, NULL);
    tear_down(&fixture);
}

static void a_failure_that_lands_keeps_the_fee_and_nothing_else(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(2);
    const struct ls_address *payer = &fixture.payer.address;
    struct ls_instruction steps[2];
    ls_system_transfer(&steps[0], payer, &other.address, 1000000);
    ls_system_transfer(&steps[1], payer, &other.address, FUNDED);
    struct ls_hash hash = blockhash_at(&fixture, "confirmed");
    struct ls_tx tx = make_tx(&fixture.payer, 1, &hash, steps, 2);

    assert_non_null(json_object_get(send_tx(&fixture, &tx, SKIP), "result"));
    pass_slots(&fixture, 4);

    json_t *status = status_at(&fixture, 0, &tx, false);
    assert_json(json_object_get(status, "err"), "{\"InstructionError\":[1,{\"Custom\":1}]}");
    assert_json(json_object_get(status, "status"),
                "{\"Err\":{\"InstructionError\":[1,{\"Custom\":1}]}}");
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, payer), FUNDED - 5000);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &other.address), 0);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_moves_lamports),
        cmocka_unit_test(a_transfer_of_more_than_there_is_fails_with_custom_1),
        cmocka_unit_test(an_account_below_rent_exemption_is_refused),
        cmocka_unit_test(an_account_that_owes_rent_takes_nothing_but_what_makes_it_exempt),
        cmocka_unit_test(a_payer_without_an_account_or_without_the_fee_is_named),
        cmocka_unit_test(a_payer_may_spend_its_last_lamport_on_the_fee),
        cmocka_unit_test(an_unknown_program_is_not_found_and_an_account_is_not_a_program),
        cmocka_unit_test(an_account_is_created_with_a_seed_once),
        cmocka_unit_test(an_account_too_big_or_of_a_base_that_did_not_sign_is_refused),
        cmocka_unit_test(instruction_data_that_no_program_knows_is_refused),
        cmocka_unit_test(a_mint_is_made_minted_from_moved_and_burned),
        cmocka_unit_test(an_associated_account_is_created_again_without_harm),
        cmocka_unit_test(an_associated_account_has_one_address_and_needs_a_mint),
        cmocka_unit_test(each_token_mistake_has_its_number),
        cmocka_unit_test(tokens_of_one_mint_do_not_go_to_an_account_of_another),
        cmocka_unit_test(a_mint_needs_its_rent_and_its_space),
        cmocka_unit_test(a_memo_is_utf8_and_its_accounts_have_signed),
        cmocka_unit_test(a_failure_that_lands_keeps_the_fee_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
