#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/store/filter_sql.h"

struct bench {
    struct params params;
    struct ls_buf sql;
};

static void open_bench(struct bench *bench)
{
    params_init(&bench->params);
    ls_buf_init(&bench->sql, 32768);
}

static void close_bench(struct bench *bench)
{
    params_done(&bench->params);
    ls_buf_done(&bench->sql);
}

static void expect_sql(struct ls_filter_term term, const char *sql, const char *value)
{
    struct ls_filter filter = {.count = 1, .terms = {term}};
    struct bench bench;
    open_bench(&bench);

    filter_sql(&filter, &bench.sql, &bench.params);

    assert_string_equal(ls_buf_text(&bench.sql), sql);
    assert_false(ls_failed(params_check(&bench.params)));
    if (value == NULL) {
        assert_int_equal(bench.params.count, 0);
    } else {
        assert_int_equal(bench.params.count, 1);
        assert_string_equal(bench.params.values[0], value);
    }
    close_bench(&bench);
}

static void what_a_person_typed_is_always_bound(void **state)
{
    (void)state;
    expect_sql((struct ls_filter_term){.field = LS_FILTER_KEY, .text = "'; DROP TABLE op"},
               " AND (f.key = $1)", "'; DROP TABLE op");
    expect_sql(
        (struct ls_filter_term){
            .field = LS_FILTER_CAUSE, .is_prefix = true, .is_inverted = true, .text = "B%"},
        " AND NOT coalesce((starts_with(lockstep.fingerprint(f.cause), $1)), "
        "false)",
        "B%");
}

static void numbers_and_ages_compare(void **state)
{
    (void)state;
    expect_sql((struct ls_filter_term){.field = LS_FILTER_STATE, .number = 5},
               " AND (f.state = $1)", "5");
    expect_sql(
        (struct ls_filter_term){.field = LS_FILTER_AGE, .is_greater = true, .number = 600},
        " AND (f.created_at < now() - $1 * interval '1 ms')", "600");
    expect_sql((struct ls_filter_term){.field = LS_FILTER_AGE, .number = 600},
               " AND (f.created_at >= now() - $1 * interval '1 ms')", "600");
    expect_sql((struct ls_filter_term){.field = LS_FILTER_STUCK},
               " AND f.id = ANY ((SELECT lockstep.stuck_ids())::bigint[])", NULL);
    expect_sql((struct ls_filter_term){.field = LS_FILTER_STUCK, .is_inverted = true},
               " AND NOT coalesce((f.is_stuck), false)", NULL);
}

static void an_empty_filter_says_nothing(void **state)
{
    struct ls_filter filter = {0};
    struct bench bench;
    (void)state;
    open_bench(&bench);
    filter_sql(&filter, &bench.sql, &bench.params);
    filter_sql_after(LS_SORT_ID_DESC, NULL, &bench.sql, &bench.params);
    filter_sql_after(LS_SORT_ID_DESC, &(struct ls_op_cursor){0}, &bench.sql, &bench.params);
    assert_string_equal(ls_buf_text(&bench.sql), "");
    assert_int_equal(bench.params.count, 0);
    close_bench(&bench);
}

static void a_page_goes_on_in_the_direction_of_its_order(void **state)
{
    static const struct {
        enum ls_op_sort sort;
        const char *order, *after;
    } cases[] = {
        {LS_SORT_ID_DESC, " ORDER BY f.id DESC", " AND f.id < $1"},
        {LS_SORT_ID_ASC, " ORDER BY f.id", " AND f.id > $1"},
        {LS_SORT_AGE_DESC, " ORDER BY f.id", " AND f.id > $1"},
        {LS_SORT_UPDATED_DESC, " ORDER BY lockstep.ms(f.updated_at) DESC, f.id DESC",
         " AND (lockstep.ms(f.updated_at), f.id) < ($2, $1)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        struct ls_op_cursor cursor = {true, 77, 5};
        open_bench(&bench);
        filter_sql_after(cases[i].sort, &cursor, &bench.sql, &bench.params);
        assert_string_equal(ls_buf_text(&bench.sql), cases[i].after);
        assert_string_equal(filter_sql_order(cases[i].sort), cases[i].order);
        assert_false(ls_failed(params_check(&bench.params)));
        assert_string_equal(bench.params.values[0], "5");
        close_bench(&bench);
    }
}

static void the_fullest_filter_fits(void **state)
{
    struct ls_filter filter = {.count = LS_FILTER_TERMS_MAX};
    struct bench bench;
    (void)state;
    for (size_t i = 0; i < LS_FILTER_TERMS_MAX; i++) {
        filter.terms[i].field = LS_FILTER_TEXT;
        memset(filter.terms[i].text, 'x', LS_KEY_BYTES_MAX);
    }
    open_bench(&bench);
    filter_sql(&filter, &bench.sql, &bench.params);
    assert_false(ls_failed(ls_buf_check(&bench.sql, "filter")));
    assert_false(ls_failed(params_check(&bench.params)));
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_person_typed_is_always_bound),
        cmocka_unit_test(numbers_and_ages_compare),
        cmocka_unit_test(an_empty_filter_says_nothing),
        cmocka_unit_test(a_page_goes_on_in_the_direction_of_its_order),
        cmocka_unit_test(the_fullest_filter_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
