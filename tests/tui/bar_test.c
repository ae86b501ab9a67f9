/* How the cells of a bar are shared out; tried through the Batches screen's own rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* The bar of a batch with these counts, as it is drawn at 100 columns. */
static void bar_of(int64_t done, int64_t queued, int64_t failed, int64_t unknown, char out[64])
{
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "5");
    struct ls_batch_page page = {.count = 1};
    page.rows[0] = (struct ls_batch_row){.id = 1,
                                         .name = "pay",
                                         .state = LS_BATCH_SEALED,
                                         .total = 1,
                                         .done = done,
                                         .queued = queued,
                                         .failed = failed,
                                         .held = unknown,
                                         .unknown = unknown,
                                         .opened_ms = fixture_now_ms};
    struct ls_ui_message refresh = {.kind = LS_UI_KEY};
    assert_true(ls_key_parse("F5", &refresh.key));
    fixture_tell(world, refresh);
    for (size_t i = 0; i < world->requests.count; i++) {
        if (world->requests.items[i].kind != LS_UI_WANT_BATCHES) continue;
        const uint64_t ticket = world->requests.items[i].ticket;
        fixture_tell(world, (struct ls_ui_message){
                                .kind = LS_UI_BATCHES, .ticket = ticket, .batches = &page});
        break;
    }
    char *screen = fixture_screen(world);
    const char *row = strstr(screen, "B-1 ");
    assert_non_null(row);
    row += strcspn(row, "=.x?");
    (void)snprintf(out, 64, "%.*s", (int)strspn(row, "=.x?"), row);
    free(screen);
    fixture_free(world);
}

static size_t count(const char *bar, char letter)
{
    size_t found = 0;
    for (; *bar != '\0'; bar++) found += *bar == letter ? 1 : 0;
    return found;
}

/* The bar has what the other columns leave: the numbers of a batch need more or fewer cells. */
static size_t bar_cells(int64_t done)
{
    char bar[64];
    bar_of(done, 0, 0, 0, bar);
    return strlen(bar);
}

static void a_bar_is_always_full(void **state)
{
    (void)state;
    char bar[64];
    static const int64_t cases[][4] = {{1, 0, 0, 0},    {1, 1, 1, 1},
                                       {999, 1, 1, 1},  {1, 999999, 0, 3},
                                       {7, 11, 13, 17}, {INT64_MAX, 1, INT64_MAX, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bar_of(cases[i][0], cases[i][1], cases[i][2], cases[i][3], bar);
        assert_int_equal(strlen(bar), bar_cells(cases[i][0]));
    }
}

static void one_failure_among_a_million_is_seen(void **state)
{
    (void)state;
    char bar[64];

    bar_of(1000000, 0, 1, 1, bar);

    assert_int_equal(count(bar, 'x'), 1);
    assert_int_equal(count(bar, '?'), 1);
    assert_int_equal(count(bar, '='), bar_cells(1000000) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_always_full),
        cmocka_unit_test(one_failure_among_a_million_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
