#include "sim_fixture.h"

/* Accounts at addresses derived with a seed: what they hold comes back by their base. */

enum { RENT_0 = 890880 };

static const char *const below_rent = "{\"InsufficientFundsForRent\":{\"account_index\":1}}";

static struct ls_instruction creation(const struct ls_address *payer,
                                      const struct ls_address *created)
{
    struct ls_instruction one;
    const struct ls_create_with_seed create = {.payer = *payer,
                                               .created = *created,
                                               .base = *payer,
                                               .seed = "s",
                                               .lamports = RENT_0,
                                               .owner = LS_PROGRAM_SYSTEM};
    ls_system_create_with_seed(&one, &create);
    return one;
}

/* From `created` to its base. */
static struct ls_instruction taking(const struct ls_address *created,
                                    const struct ls_address *base,
                                    const char *seed,
                                    uint64_t lamports)
{
    struct ls_instruction one;
    const struct ls_transfer_with_seed transfer = {
        .from = *created, .base = *base, .to = *base, .seed = seed, .lamports = lamports};
    ls_system_transfer_with_seed(&one, &transfer);
    return one;
}

/* Send it; the error must read `err` (NULL: none, and it lands). */
static void
expect(struct fixture *fixture, const struct ls_instruction *instruction, const char *err)
{
    const struct ls_hash hash = blockhash_at(fixture, "confirmed");
    const struct ls_tx tx = make_tx(&fixture->payer, 1, &hash, instruction, 1);
    json_t *answer = send_tx(fixture, &tx, CONFIRMED);
    if (err != NULL) {
        assert_json(at_path(answer, "error.data.err"), err);
        return;
    }
    assert_non_null(json_object_get(answer, "result"));
    pass_slots(fixture, 4);
    assert_json(json_object_get(status_at(fixture, 0, &tx, false), "err"), "null");
}

static void what_a_seeded_account_holds_comes_back_once_by_its_base(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    const struct ls_address created = ls_derive_with_seed(payer, "s", &LS_PROGRAM_SYSTEM);
    struct ls_instruction one = creation(payer, &created);
    expect(&fixture, &one, NULL);
    const uint64_t before = ls_sim_ledger_balance(fixture.ledger, payer);

    one = taking(&created, payer, "t", RENT_0);
    expect(&fixture, &one, "{\"InstructionError\":[0,{\"Custom\":5}]}");
    one = taking(&created, payer, "s", RENT_0 + 1);
    expect(&fixture, &one, "{\"InstructionError\":[0,{\"Custom\":1}]}");
    one = taking(&created, payer, "s", 1);
    expect(&fixture, &one, below_rent);
    one.data_bytes = 30;
    expect(&fixture, &one, "{\"InstructionError\":[0,\"InvalidInstructionData\"]}");

    one = taking(&created, payer, "s", RENT_0);
    expect(&fixture, &one, NULL);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, payer), before + RENT_0 - 5000);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &created), 0);
    expect(&fixture, &one, "{\"InstructionError\":[0,{\"Custom\":1}]}");
    tear_down(&fixture);
}

static void another_than_the_base_takes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    const struct ls_address *payer = &fixture.payer.address;
    const struct ls_address created = ls_derive_with_seed(payer, "s", &LS_PROGRAM_SYSTEM);
    const struct ls_address other = make_key(2).address;
    struct ls_instruction one = creation(payer, &created);
    expect(&fixture, &one, NULL);

    one = taking(&created, &other, "s", RENT_0);
    one.accounts[1].is_signer = false;
    expect(&fixture, &one, "{\"InstructionError\":[0,\"MissingRequiredSignature\"]}");
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &created), RENT_0);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_seeded_account_holds_comes_back_once_by_its_base),
        cmocka_unit_test(another_than_the_base_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
