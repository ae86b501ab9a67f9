#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/core/action.h"
#include "lockstep/core/op.h"

static void terminal_states_are_left_only_by_compensation(void **state)
{
    (void)state;
    size_t count = 0;
    const struct ls_transition *rows = ls_transitions(&count);

    for (size_t i = 0; i < count; i++) {
        if (!ls_state_is_terminal(rows[i].from)) continue;
        assert_int_equal(rows[i].from, LS_STATE_DONE);
        assert_true(rows[i].to == LS_STATE_DONE || rows[i].to == LS_STATE_COMPENSATED);
    }
}

static void nothing_leaves_submitted_but_by_the_worker(void **state)
{
    (void)state;
    for (int to = 0; to < LS_STATE_COUNT; to++) {
        assert_false(
            ls_transition_allowed(LS_STATE_SUBMITTED, (enum ls_state)to, LS_MOVER_OPERATOR));
        assert_false(
            ls_transition_allowed(LS_STATE_SUBMITTED, (enum ls_state)to, LS_MOVER_STORE));
    }
}

static void no_move_stands_twice_in_the_table(void **state)
{
    (void)state;
    size_t count = 0;
    const struct ls_transition *rows = ls_transitions(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            assert_false(rows[i].from == rows[j].from && rows[i].to == rows[j].to);
}

static void every_name_is_read_back_as_its_value(void **state)
{
    (void)state;
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        enum ls_state value = LS_STATE_READY;
        assert_true(ls_state_parse(ls_state_name((enum ls_state)i), &value));
        assert_int_equal(value, i);
    }
    for (int i = 1; i <= LS_KIND_MAX; i++) {
        enum ls_kind value = LS_KIND_NONE;
        assert_true(ls_kind_parse(ls_kind_name((enum ls_kind)i), &value));
        assert_int_equal(value, i);
    }
    for (int i = 0; i < LS_FENCE_COUNT; i++) {
        enum ls_fence value = LS_FENCE_EXPIRY;
        assert_true(ls_fence_parse(ls_fence_name((enum ls_fence)i), &value));
        assert_int_equal(value, i);
    }
}

static void an_ambiguous_hold_leaves_only_by_resolve(void **state)
{
    (void)state;
    const ls_op_id op = {17};
    struct ls_why why = {0};

    assert_false(ls_verb_allowed(LS_VERB_RELEASE, op, LS_KIND_MEMO, LS_STATE_HELD,
                                 LS_SUB_AMBIGUOUS, &why));
    assert_string_equal(
        why.text, "whether it landed is unknown: use resolve, not release; op 17 is held");
    assert_false(ls_verb_allowed(LS_VERB_CANCEL, op, LS_KIND_MEMO, LS_STATE_HELD,
                                 LS_SUB_AMBIGUOUS, &why));
    assert_true(ls_verb_allowed(LS_VERB_RESOLVE_NEVER, op, LS_KIND_MEMO, LS_STATE_HELD,
                                LS_SUB_AMBIGUOUS, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_states_are_left_only_by_compensation),
        cmocka_unit_test(nothing_leaves_submitted_but_by_the_worker),
        cmocka_unit_test(no_move_stands_twice_in_the_table),
        cmocka_unit_test(every_name_is_read_back_as_its_value),
        cmocka_unit_test(an_ambiguous_hold_leaves_only_by_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
