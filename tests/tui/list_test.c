/* Listings: order that stays while a person moves, pages, filters, answers that come
 * late or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* Ask for the listing on screen again and answer with `page`. */
static void refresh_with(struct fixture *world, const struct ls_op_page *page)
{
    world->elapsed_ms += 1500;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_in_range(world->requests.count, 1, 2); /* the row under the cursor, too */
    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_OPS);
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OPS,
                                               .ticket = world->requests.items[0].ticket,
                                               .ops = page});
}

static struct ls_op_page page_of(const int64_t *ids, size_t count)
{
    struct ls_op_page page = {.count = count, .matching = -1};
    for (size_t i = 0; i < count; i++)
        page.rows[i] = fixture_op(ids[i], LS_STATE_READY, LS_SUB_DUE);
    return page;
}

static void rows_flow_until_the_person_moves(void **state)
{
    (void)state;
    static const int64_t before[] = {30, 20, 10};
    static const int64_t after[] = {50, 40, 30};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");

    page = page_of(before, 3);
    refresh_with(world, &page);
    assert_true(fixture_shows(world, "1-3 of 3"));
    page = page_of(after, 3);
    refresh_with(world, &page);

    assert_true(fixture_shows(world, "▸    50 "));
    fixture_free(world);
}

static void order_is_held_while_the_cursor_is_in_it(void **state)
{
    (void)state;
    static const int64_t before[] = {30, 20, 10};
    static const int64_t after[] = {50, 40, 20, 10};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");
    page = page_of(before, 3);
    refresh_with(world, &page);

    fixture_key(world, "j");
    page = page_of(after, 4);
    page.rows[2].state = LS_STATE_SUBMITTED;
    refresh_with(world, &page);

    assert_true(fixture_shows(world, "others match now; order held, = resumes"));
    assert_true(fixture_shows(world, "  ~   30 "));
    assert_true(fixture_shows(world, "moved on"));
    assert_true(fixture_shows(world, "▸    20 event"));
    assert_true(fixture_shows(world, "SUBMITTED"));
    fixture_key(world, "=");
    refresh_with(world, &page);
    assert_true(fixture_shows(world, "▸    50 "));
    fixture_free(world);
}

static void a_cause_of_more_than_a_page_is_retried_as_a_bulk_job(void **state)
{
    (void)state;
    static const int64_t ids[] = {900, 901};
    static struct ls_op_page page;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_key key;
    assert_true(ls_key_parse("R", &key));
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY, .key = key});
    page = page_of(ids, 2);
    page.has_more = true;
    for (size_t i = 0; i < page.count; i++) {
        page.rows[i].state = LS_STATE_FAILED;
        page.rows[i].sub = LS_SUB_NONE;
    }
    size_t asked = world->requests.count - 1; /* what was asked last counts */
    while (world->requests.items[asked].kind != LS_UI_WANT_OPS) asked--;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OPS,
                                               .ticket = world->requests.items[asked].ticket,
                                               .ops = &page});
    assert_true(fixture_shows(world, "RETRY ALL that match"));
    assert_true(fixture_shows(world, "lockstep bulk start retry 'state:failed cause:"));
    fixture_free(world);
}

static void a_search_shows_what_it_found_and_esc_stops_it(void **state)
{
    (void)state;
    static const int64_t found[] = {900};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");
    page = page_of(found, 1);
    page.is_searching = true;
    page.looked_permille = 412;
    refresh_with(world, &page);

    assert_false(fixture_has(world, "searching")); /* what is there soon flickers not */
    world->elapsed_ms += 800;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_true(fixture_shows(world, "searching, 41 % looked at; Esc stops"));
    assert_true(fixture_shows(world, "▸   900 "));
    world->elapsed_ms += 4000; /* slow, but it answers: not asked again */
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_int_equal(world->requests.count, 0);

    struct ls_key esc;
    assert_true(ls_key_parse("Esc", &esc));
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY, .key = esc});
    assert_int_equal(world->requests.count, 1);
    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_STOP);
    uint64_t ticket = world->requests.items[0].ticket;
    page.is_searching = false;
    page.is_stopped = true;
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_OPS, .ticket = ticket, .ops = &page});

    assert_true(fixture_shows(world, "stopped, 41 % looked at; F5 starts anew"));
    assert_true(fixture_shows(world, "[4 Queue"));
    world->elapsed_ms += 60000; /* and stays until a person wants it */
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_int_equal(world->requests.count, 0);
    struct ls_key again;
    assert_true(ls_key_parse("F5", &again));
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY, .key = again});
    assert_int_equal(world->requests.items[world->requests.count - 1].kind, LS_UI_WANT_OPS);
    fixture_free(world);
}

static void an_answer_to_an_older_question_is_ignored(void **state)
{
    (void)state;
    static const int64_t ids[] = {77};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "2");
    page = page_of(ids, 1);

    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_OPS, .ticket = 999999, .ops = &page});
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OPS, .ticket = 1, .ops = &page});

    assert_true(fixture_shows(world, "1-15 of 17"));
    fixture_free(world);
}

static void a_question_that_fails_says_why_and_is_asked_again(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY,
                                               .key = {.code = LS_KEY_CHAR, .scalar = '2'}});
    assert_int_equal(world->requests.count, 1);

    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OPS,
                                               .ticket = world->requests.items[0].ticket,
                                               .why = "statement timeout"});

    assert_true(fixture_shows(world, "statement timeout"));
    world->elapsed_ms += 1500;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_true(fixture_shows(world, "1-15 of 17"));
    fixture_free(world);
}

static void an_unanswered_question_is_asked_again_after_a_while(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY,
                                               .key = {.code = LS_KEY_CHAR, .scalar = '2'}});
    world->elapsed_ms += 2000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_int_equal(world->requests.count, 0);

    world->elapsed_ms += 8000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});

    assert_int_equal(world->requests.count, 1);
    fixture_free(world);
}

static void the_next_page_begins_after_the_last_row(void **state)
{
    (void)state;
    static const int64_t ids[] = {30, 20, 10};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");
    page = page_of(ids, 3);
    page.has_more = true;
    refresh_with(world, &page);

    fixture_key(world, "G");
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_PAGE_DOWN}});

    assert_int_equal(world->requests.count, 1);
    assert_true(world->requests.items[0].after.has);
    assert_int_equal(world->requests.items[0].after.id, 10);
    assert_int_equal(world->requests.items[0].after.sort_value, 10);
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_PAGE_UP}});
    assert_int_equal(world->requests.count, 1);
    assert_false(world->requests.items[0].after.has);
    fixture_free(world);
}

/* PgDn and the awaited page takes the place of the old rows, whatever the hand did with them
 * meanwhile; PgUp from its top leads to the end of the one before. */
static void pages_join_whole_in_both_directions(void **state)
{
    (void)state;
    static const int64_t first[] = {60, 50, 40};
    static const int64_t second[] = {30, 20, 10};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");
    page = page_of(first, 3);
    page.has_more = true;
    refresh_with(world, &page);
    fixture_key(world, "G");
    assert_true(fixture_shows(world, "the end of this page: PgDn goes on"));
    struct ls_ui_message down = {.kind = LS_UI_KEY, .key = {.code = LS_KEY_PAGE_DOWN}};
    struct ls_ui_message up = {.kind = LS_UI_KEY, .key = {.code = LS_KEY_PAGE_UP}};
    struct ls_ui_message row_down = {.kind = LS_UI_KEY, .key = {.code = LS_KEY_DOWN}};

    fixture_tell(world, down);
    struct ls_ui_message answer = {
        .kind = LS_UI_OPS, .ticket = world->requests.items[0].ticket, .ops = &page};
    fixture_tell(world, row_down);
    fixture_tell(world, row_down);
    page = page_of(second, 3);
    fixture_tell(world, answer);
    assert_true(fixture_shows(world, "▸    30 "));

    fixture_tell(world, up);
    answer.ticket = world->requests.items[0].ticket;
    fixture_tell(world, up);
    assert_int_equal(world->requests.count, 0);
    page = page_of(first, 3);
    page.has_more = true;
    fixture_tell(world, answer);
    assert_true(fixture_shows(world, "▸    40 "));
    fixture_free(world);
}

static void stepping_through_operations_goes_over_the_pages_end(void **state)
{
    (void)state;
    static const int64_t first[] = {60, 50};
    static const int64_t second[] = {30, 20};
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_op_page page;
    fixture_key(world, "4");
    page = page_of(first, 2);
    page.has_more = true;
    refresh_with(world, &page);
    fixture_keys(world, "G Enter");
    assert_true(fixture_shows(world, "op 50"));
    struct ls_ui_message next = {.kind = LS_UI_KEY,
                                 .key = {.code = LS_KEY_CHAR, .scalar = ']'}};

    fixture_tell(world, next);

    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_OPS);
    assert_int_equal(world->requests.items[0].after.id, 50);
    page = page_of(second, 2);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_OPS,
                                               .ticket = world->requests.items[0].ticket,
                                               .ops = &page});
    assert_true(fixture_shows(world, "op 30"));
    fixture_keys(world, "] ]");
    assert_true(fixture_shows(world, "no next operation in the listing"));
    fixture_free(world);
}

static void a_filter_is_added_to_what_the_screen_shows(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 /");
    fixture_type(world, "kind:memo");
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_ENTER}});

    assert_int_equal(world->requests.count, 1);
    const struct ls_filter *filter = &world->requests.items[0].filter;
    assert_int_equal(filter->count, 2);
    assert_int_equal(filter->terms[0].field, LS_FILTER_KIND);
    assert_int_equal(filter->terms[1].field, LS_FILTER_STATE);
    assert_int_equal(filter->terms[1].number, LS_STATE_FAILED);
    assert_true(fixture_shows(world, "Failed / kind:memo"));
    fixture_free(world);
}

static void a_wrong_filter_says_what_is_wrong_and_stays(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 /");
    fixture_type(world, "state:nowhere");
    fixture_key(world, "Enter");

    assert_true(fixture_shows(world, "/state:nowhere"));
    assert_true(fixture_shows(world, "nowhere"));
    fixture_keys(world, "Esc");
    assert_true(fixture_shows(world, "1-15 of 17"));
    fixture_free(world);
}

static void a_cause_on_the_dashboard_opens_its_operations(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "j");
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_ENTER}});

    assert_true(world->requests.count >= 1);
    const struct ls_ui_request *last = &world->requests.items[world->requests.count - 1];
    assert_int_equal(last->filter.terms[0].field, LS_FILTER_CAUSE);
    assert_string_equal(last->filter.terms[0].text, "InsufficientFunds");
    assert_true(fixture_shows(world, "Failed > InsufficientFunds"));
    fixture_key(world, "Esc");
    assert_true(fixture_shows(world, "[1 Dash]"));
    fixture_key(world, "2");
    assert_true(fixture_shows(world, " Failed   1-15 of 17"));
    fixture_free(world);
}

static size_t asked_for_ops(const struct fixture *world)
{
    size_t count = 0;
    for (size_t i = 0; i < world->requests.count; i++) {
        if (world->requests.items[i].kind == LS_UI_WANT_OPS) count++;
    }
    return count;
}

static void what_opens_a_listing_asks_once_and_with_its_filter(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_ui_message enter = {.kind = LS_UI_KEY, .key = {.code = LS_KEY_ENTER}};

    fixture_tell(world, enter); /* a cause */
    assert_int_equal(asked_for_ops(world), 1);
    assert_int_equal(world->requests.items[0].filter.count, 2);
    fixture_keys(world, "5");
    fixture_tell(world, enter); /* a batch */

    assert_int_equal(asked_for_ops(world), 1);
    assert_int_equal(world->requests.items[0].filter.count, 1);
    fixture_free(world);
}

static void a_cause_is_retried_from_the_dashboard_in_one_dialog(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_key(world, "R");

    assert_true(fixture_shows(world, "RETRY 17 operations"));
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "Esc Esc Esc j j R");
    assert_true(fixture_shows(world, "R: they are held"));
    fixture_free(world);
}

static void the_preview_follows_the_cursor_and_says_what_became_of_it(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_key(world, "2");
    assert_true(fixture_shows(world, "now 290,117,402. SAFE TO RETRY."));
    fixture_keys(world, "j j");
    assert_true(fixture_shows(world, "op 481214  pay:77214:18"));
    assert_true(fixture_shows(world, "4 operations wait behind it."));
    fixture_key(world, "3");

    assert_true(fixture_shows(world, "NOT SAFE TO RETRY until verified."));
    fixture_free(world);
}

static void a_fast_hand_asks_for_the_preview_where_it_rests(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "2");
    world->requests.count = 0;

    for (int i = 0; i < 5; i++) {
        world->elapsed_ms += 30;
        fixture_tell(world,
                     (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_DOWN}});
        assert_int_equal(world->requests.count, 0);
    }
    world->elapsed_ms += 60;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});

    assert_int_equal(world->requests.count, 1);
    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_DETAIL);
    assert_int_equal(world->requests.items[0].op.value, 481235);
    fixture_free(world);
}

static void the_preview_stays_whole_until_the_next_is_there(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "2");
    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_DOWN}});

    assert_true(fixture_shows(world, "op 481200  pay:77200:18"));
    assert_false(fixture_has(world, "Reading its attempts"));
    world->elapsed_ms += 400;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_true(fixture_shows(world, "op 481207"));
    assert_true(fixture_shows(world, "Reading its attempts"));
    fixture_free(world);
}

static void a_key_between_takes_back_what_the_cause_was_opened_for(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY,
                                               .key = {.code = LS_KEY_CHAR, .scalar = 'R'}});
    struct ls_ui_requests *asked = malloc(sizeof *asked);
    assert_non_null(asked);
    *asked = world->requests;

    fixture_tell(world,
                 (struct ls_ui_message){.kind = LS_UI_KEY, .key = {.code = LS_KEY_DOWN}});
    for (size_t i = 0; i < asked->count; i++) fixture_answer(world, &asked->items[i]);

    assert_true(fixture_shows(world, "Failed > BlockhashNotFound"));
    assert_int_equal(world->flushes, 0); /* no dialog */
    free(asked);
    fixture_free(world);
}

static void a_paused_view_asks_nothing(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 =");
    world->elapsed_ms += 3000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_int_equal(world->requests.count, 0);
    assert_true(fixture_shows(world, "PAUSED"));
    fixture_key(world, "=");
    assert_true(fixture_shows(world, " LIVE "));
    fixture_free(world);
}

static void an_alert_that_begins_to_fire_rings_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_dashboard facts = world->dashboard;
    facts.alerts_firing = 3;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    assert_int_equal(world->bells, 1);
    fixture_free(world);
}

static void copies_are_gated(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 y k");
    assert_string_equal(world->last_copy, "pay:77200:18");
    fixture_keys(world, "y l");
    assert_non_null(strstr(world->last_copy, "https://explorer.solana.com/tx/4hXT"));
    assert_non_null(strstr(world->last_copy, "?cluster=devnet"));
    fixture_free(world);
}

static void the_command_line_goes_where_it_is_told(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, ":");
    fixture_type(world, "alerts");
    fixture_key(world, "Enter");
    assert_true(fixture_shows(world, "[6 Alerts 2]"));
    fixture_key(world, ":");
    fixture_type(world, "op 481207");
    fixture_key(world, "Enter");
    assert_true(fixture_shows(world, "op 481207"));
    fixture_key(world, ":");
    fixture_type(world, "nonsense");
    fixture_key(world, "Enter");
    assert_true(fixture_shows(world, "there is no command"));
    fixture_key(world, "Esc");
    fixture_key(world, ":");
    fixture_type(world, "th");
    fixture_key(world, "Tab");
    fixture_type(world, "li");
    fixture_key(world, "Tab");
    assert_true(fixture_shows(world, ":theme light"));
    fixture_free(world);
}

static void times_are_shown_as_ages_utc_or_local(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 Enter");
    assert_true(fixture_shows(world, "2025-11-23 03:11:47 UTC"));
    fixture_keys(world, "t t");
    assert_true(fixture_shows(world, "Timeline (CET)"));
    fixture_keys(world, "Esc");
    assert_true(fixture_shows(world, "04:11:47"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_flow_until_the_person_moves),
        cmocka_unit_test(order_is_held_while_the_cursor_is_in_it),
        cmocka_unit_test(a_cause_of_more_than_a_page_is_retried_as_a_bulk_job),
        cmocka_unit_test(a_search_shows_what_it_found_and_esc_stops_it),
        cmocka_unit_test(an_answer_to_an_older_question_is_ignored),
        cmocka_unit_test(a_question_that_fails_says_why_and_is_asked_again),
        cmocka_unit_test(an_unanswered_question_is_asked_again_after_a_while),
        cmocka_unit_test(the_next_page_begins_after_the_last_row),
        cmocka_unit_test(pages_join_whole_in_both_directions),
        cmocka_unit_test(stepping_through_operations_goes_over_the_pages_end),
        cmocka_unit_test(a_filter_is_added_to_what_the_screen_shows),
        cmocka_unit_test(a_wrong_filter_says_what_is_wrong_and_stays),
        cmocka_unit_test(a_cause_on_the_dashboard_opens_its_operations),
        cmocka_unit_test(what_opens_a_listing_asks_once_and_with_its_filter),
        cmocka_unit_test(a_cause_is_retried_from_the_dashboard_in_one_dialog),
        cmocka_unit_test(a_key_between_takes_back_what_the_cause_was_opened_for),
        cmocka_unit_test(the_preview_follows_the_cursor_and_says_what_became_of_it),
        cmocka_unit_test(a_fast_hand_asks_for_the_preview_where_it_rests),
        cmocka_unit_test(the_preview_stays_whole_until_the_next_is_there),
        cmocka_unit_test(a_paused_view_asks_nothing),
        cmocka_unit_test(an_alert_that_begins_to_fire_rings_once),
        cmocka_unit_test(copies_are_gated),
        cmocka_unit_test(the_command_line_goes_where_it_is_told),
        cmocka_unit_test(times_are_shown_as_ages_utc_or_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
