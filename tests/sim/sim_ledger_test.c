#include "sim_fixture.h"

static void a_memo_is_sent_and_goes_through_every_commitment(void **state)
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
        assert_json(json_object_get(status, "err"), "null");
        assert_json(json_object_get(status, "status"), "{\"Ok\":null}");
    }
    assert_int_equal(stage, 2);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &fixture.payer.address),
                     FUNDED - 5000);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memo_is_sent_and_goes_through_every_commitment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
