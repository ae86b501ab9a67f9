/* The console's and the command line's session: listings, detail, dashboard, alerts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

static PGconn *hands;
static ls_session *session;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    return 0;
}

static ls_op_id
enqueue(const char *kind, const char *payload, const char *key, const char *entity)
{
    struct ls_why why = {0};
    ls_op_id op = {0};
    ls_err err = ls_session_enqueue(
        session,
        &(struct ls_enqueue){
            .kind = kind, .payload = payload, .key = key, .entity = entity, .lane = 1},
        &op, &why);
    if (ls_failed(err)) fail_msg("enqueue: %s", why.text);
    return op;
}

static ls_op_id memo(const char *key, const char *entity)
{
    return enqueue("memo", "{\"text\":\"x\"}", key, entity);
}

static struct ls_action action_of(enum ls_verb verb, ls_op_id op, uint8_t id)
{
    struct ls_action action = {.verb = verb, .op = op, .os_user = "ada", .tty = "pts/1"};
    memset(action.request_id, 0xa1, sizeof action.request_id);
    action.request_id[15] = id;
    (void)snprintf(action.reason, sizeof action.reason, "a test");
    return action;
}

static struct ls_action_result act(enum ls_verb verb, ls_op_id op, uint8_t id)
{
    struct ls_action_result result;
    struct ls_action action = action_of(verb, op, id);
    ls_session_act(session, &action, &result);
    return result;
}

static struct ls_op_page *list(const struct ls_filter *filter,
                               enum ls_op_sort sort,
                               const struct ls_op_cursor *after,
                               int32_t limit)
{
    struct ls_why why = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    ls_err err =
        ls_session_ops(session, &(struct ls_ops_query){filter, sort, after, limit}, page, &why);
    if (ls_failed(err)) fail_msg("ops: %s", why.text);
    return page;
}

static struct ls_filter one_term(struct ls_filter_term term)
{
    return (struct ls_filter){.count = 1, .terms = {term}};
}

/* The keys that a one-term filter finds, ascending by id, with commas. */
static void expect_found(struct ls_filter_term term, const char *keys)
{
    char found[512] = "";
    struct ls_filter filter = one_term(term);
    struct ls_op_page *page = list(&filter, LS_SORT_ID_ASC, NULL, 100);
    for (size_t i = 0; i < page->count; i++) {
        size_t length = strlen(found);
        (void)snprintf(found + length, sizeof found - length, "%s%s", i > 0 ? "," : "",
                       page->rows[i].key);
    }
    assert_string_equal(found, keys);
    assert_int_equal(page->matching, page->count);
    free(page);
}

static void every_field_of_a_filter_finds_and_inverts(void **state)
{
    (void)state;
    ls_op_id first = memo("pay:1", "org-7");
    ls_op_id second = enqueue("token.create_mint", "{\"decimals\":0}", "share:%", NULL);
    (void)memo("pay_2", NULL);
    assert_false(ls_failed(act(LS_VERB_HOLD, second, 1).err));
    database_run(hands, "UPDATE lockstep.op SET cause = 'BlockhashNotFound',"
                        " created_at = now() - interval '1 hour' WHERE key = 'pay_2'");

    expect_found((struct ls_filter_term){.field = LS_FILTER_STATE, .number = LS_STATE_HELD},
                 "share:%");
    expect_found((struct ls_filter_term){.field = LS_FILTER_STATE,
                                         .number = LS_STATE_HELD,
                                         .is_inverted = true},
                 "pay:1,pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_SUB, .number = LS_SUB_DUE},
                 "pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_KIND, .number = LS_KIND_MEMO},
                 "pay:1,pay_2");
    expect_found(
        (struct ls_filter_term){.field = LS_FILTER_KIND, .is_prefix = true, .text = "token."},
        "share:%");
    expect_found((struct ls_filter_term){.field = LS_FILTER_KEY, .text = "pay:1"}, "pay:1");
    expect_found(
        (struct ls_filter_term){.field = LS_FILTER_KEY, .is_prefix = true, .text = "pay_"},
        "pay_2"); /* no wildcard of LIKE */
    expect_found((struct ls_filter_term){.field = LS_FILTER_ENTITY, .text = "org-7"}, "pay:1");
    expect_found((struct ls_filter_term){.field = LS_FILTER_ENTITY,
                                         .text = "org-7",
                                         .is_inverted = true},
                 "share:%,pay_2"); /* what has no entity is not in org-7 */
    expect_found((struct ls_filter_term){.field = LS_FILTER_CAUSE, .text = "BlockhashNotFound"},
                 "pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_LANE, .number = 1},
                 "pay:1,share:%,pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_LANE, .number = 0}, "");
    expect_found((struct ls_filter_term){.field = LS_FILTER_ID, .number = first.value},
                 "pay:1");
    expect_found(
        (struct ls_filter_term){.field = LS_FILTER_AGE, .is_greater = true, .number = 600000},
        "pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_AGE, .number = 600000},
                 "pay:1,share:%");
    expect_found((struct ls_filter_term){.field = LS_FILTER_TEXT, .text = "ORG-"}, "pay:1");
    expect_found((struct ls_filter_term){.field = LS_FILTER_TEXT, .text = "hashnot"}, "pay_2");
    expect_found((struct ls_filter_term){.field = LS_FILTER_TEXT, .text = "%"}, "share:%");
    expect_found((struct ls_filter_term){.field = LS_FILTER_KEY, .text = "x' OR 'a'='a"}, "");
}

static void stuck_is_what_waits_beyond_its_kinds_objective(void **state)
{
    (void)state;
    (void)memo("young", "e");
    (void)memo("old", "f");
    database_run(hands, "UPDATE lockstep.op SET state_at = now() - interval '61 seconds'"
                        " WHERE key = 'old'");

    expect_found((struct ls_filter_term){.field = LS_FILTER_STUCK}, "old");
}

static void the_fullest_filter_is_one_statement(void **state)
{
    struct ls_filter filter = {.count = LS_FILTER_TERMS_MAX};
    (void)state;
    (void)memo("a", NULL);
    for (size_t i = 0; i < LS_FILTER_TERMS_MAX; i++)
        filter.terms[i] =
            (struct ls_filter_term){.field = LS_FILTER_TEXT, .is_inverted = true, .text = "zz"};

    struct ls_op_page *page = list(&filter, LS_SORT_UPDATED_DESC,
                                   &(struct ls_op_cursor){true, INT64_MAX, INT64_MAX}, 200);

    assert_int_equal(page->count, 1);
    free(page);
}

static void pages_go_on_where_the_last_ended(void **state)
{
    static const enum ls_op_sort sorts[] = {LS_SORT_ID_DESC, LS_SORT_ID_ASC, LS_SORT_AGE_DESC,
                                            LS_SORT_UPDATED_DESC};
    (void)state;
    for (int i = 0; i < 7; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", i);
        ls_op_id op = memo(key, NULL);
        if (i % 2 == 0) assert_false(ls_failed(act(LS_VERB_CANCEL, op, (uint8_t)i).err));
    }
    for (size_t s = 0; s < sizeof sorts / sizeof sorts[0]; s++) {
        struct ls_op_cursor cursor = {0};
        size_t seen = 0;
        bool has_more = true;
        while (has_more) { /* ends: each page goes beyond the last */
            struct ls_op_page *page = list(NULL, sorts[s], &cursor, 3);
            assert_int_equal(page->matching, -1);
            for (size_t i = 0; i < page->count; i++, seen++) {
                cursor = (struct ls_op_cursor){true, page->rows[i].updated_ms,
                                               page->rows[i].op.value};
            }
            has_more = page->has_more;
            free(page);
        }
        assert_int_equal(seen, 7);
    }
}

static void a_page_beyond_the_maximum_is_refused(void **state)
{
    struct ls_why why = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    (void)state;
    assert_non_null(page);
    struct ls_ops_query query = {.limit = LS_FACTS_PAGE_MAX + 1};
    assert_int_equal(ls_session_ops(session, &query, page, &why).code, LS_CODE_INVALID);
    free(page);
}

static void chosen_operations_are_read_live_and_finished_and_the_rest_is_left_out(void **state)
{
    struct ls_why why = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    (void)state;
    assert_non_null(page);
    ls_op_id first = memo("a", NULL);
    ls_op_id second = memo("b", NULL);
    (void)memo("c", NULL);
    assert_false(ls_failed(act(LS_VERB_CANCEL, first, 1).err));
    const ls_op_id chosen[] = {second, {999999999}, first};

    assert_false(ls_failed(ls_session_ops_chosen(session, chosen, 3, page, &why)));

    assert_int_equal(page->count, 2);
    assert_int_equal(page->rows[0].op.value, first.value);
    assert_int_equal(page->rows[0].state, LS_STATE_CANCELLED);
    assert_int_equal(page->rows[0].version, 2);
    assert_int_equal(page->rows[1].state, LS_STATE_READY);
    assert_string_equal(page->rows[1].key, "b");
    assert_int_equal(ls_session_ops_chosen(session, chosen, 0, page, &why).code,
                     LS_CODE_INVALID);
    free(page);
}

static void the_newest_look_stands_beside_the_operation(void **state)
{
    struct ls_why why = {0};
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    (void)state;
    assert_non_null(detail);
    ls_op_id op = memo("looked", NULL);
    (void)memo("not looked", NULL);
    database_run(
        hands, "INSERT INTO lockstep.look (request, op, answered_at, outcome, signature, slot)"
               " SELECT decode(repeat(n::text, 16), 'escape'), min(id),"
               " now() + n * interval '1 s', n, 'sig' || n, 70 + n"
               " FROM lockstep.op, generate_series(1, 2) AS n GROUP BY n");

    struct ls_op_page *page = list(NULL, LS_SORT_ID_ASC, NULL, 10);
    assert_int_equal(page->rows[0].look, LS_LOOK_LANDED);
    assert_true(page->rows[0].looked_ms > page->rows[0].updated_ms);
    assert_int_equal(page->rows[1].look, LS_LOOK_NEVER_ASKED);
    assert_int_equal(page->rows[1].looked_ms, 0);
    assert_false(ls_failed(ls_session_op(session, op, NULL, detail, &why)));
    assert_int_equal(detail->row.look, LS_LOOK_LANDED);
    assert_string_equal(detail->look_signature, "sig2");
    assert_int_equal(detail->look_slot, 72);
    free(page);
    free(detail);
}

static void a_detail_is_found_by_id_and_by_key_live_and_finished(void **state)
{
    struct ls_why why = {0};
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    (void)state;
    assert_non_null(detail);
    ls_op_id op = memo("by-key", "org-1");

    assert_false(ls_failed(ls_session_op(session, (ls_op_id){0}, "by-key", detail, &why)));
    assert_int_equal(detail->row.op.value, op.value);
    assert_string_equal(detail->payload, "{\"text\": \"x\"}");
    assert_int_equal(detail->event_count, 0);
    assert_false(ls_failed(act(LS_VERB_CANCEL, op, 1).err));
    assert_false(ls_failed(ls_session_op(session, op, NULL, detail, &why)));

    assert_int_equal(detail->row.state, LS_STATE_CANCELLED);
    assert_int_equal(detail->event_count, 1);
    assert_string_equal(detail->events[0].action, "cancel");
    assert_string_equal(detail->events[0].actor, "postgres");
    assert_string_equal(detail->events[0].os_user, "ada");
    assert_string_equal(detail->events[0].client, "local");
    assert_string_equal(detail->events[0].reason, "a test");
    assert_int_equal(ls_session_op(session, (ls_op_id){999999999}, NULL, detail, &why).code,
                     LS_CODE_NOT_FOUND);
    assert_int_equal(ls_session_op(session, op, "nobody", detail, &why).code,
                     LS_CODE_NOT_FOUND);
    assert_non_null(strstr(why.text, "\"nobody\""));
    free(detail);
}

static void an_action_on_what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct ls_action_result result = act(LS_VERB_HOLD, (ls_op_id){999999999}, 1);
    assert_int_equal(result.err.code, LS_CODE_NOT_FOUND);
    assert_int_equal(result.audit_seq, 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), 0);
}

static void an_action_without_a_reason_is_refused(void **state)
{
    struct ls_action_result result;
    (void)state;
    struct ls_action action = action_of(LS_VERB_HOLD, memo("a", NULL), 1);
    (void)snprintf(action.reason, sizeof action.reason, "  \t ");

    ls_session_act(session, &action, &result);

    assert_int_equal(result.err.code, LS_CODE_INVALID);
    assert_non_null(strstr(result.why.text, "needs a reason"));
}

static void a_request_id_used_for_another_action_is_refused(void **state)
{
    (void)state;
    ls_op_id op = memo("a", NULL);
    assert_false(ls_failed(act(LS_VERB_HOLD, op, 9).err));

    struct ls_action_result result = act(LS_VERB_CANCEL, op, 9);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "was used for hold"));
}

static void rights_are_those_of_the_login(void **state)
{
    struct ls_session_rights rights;
    struct ls_why why = {0};
    (void)state;
    database_run(hands, "DROP ROLE IF EXISTS t_look; CREATE ROLE t_look LOGIN;"
                        "GRANT lockstep_viewer TO t_look");
    ls_session *viewer = session_open_url(database_url_as("t_look"));

    assert_false(ls_failed(ls_session_rights(viewer, &rights, &why)));

    assert_string_equal(rights.role, "t_look");
    assert_true(rights.may_view);
    assert_false(rights.may_operate);
    assert_false(rights.may_administer);
    assert_false(rights.may_work);
    assert_false(rights.may_enqueue);
    assert_true(rights.is_primary);
    ls_session_free(viewer);
}

static void a_viewer_reads_all_and_changes_nothing(void **state)
{
    struct ls_why why = {0};
    struct ls_action_result result;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    struct ls_op_page *page = calloc(1, sizeof *page);
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    struct ls_alert_page *alerts = calloc(1, sizeof *alerts);
    struct ls_audit_page *audit = calloc(1, sizeof *audit);
    (void)state;
    ls_op_id op = memo("a", NULL);
    assert_false(ls_failed(act(LS_VERB_HOLD, op, 1).err));
    database_run(hands, "DROP ROLE IF EXISTS t_look; CREATE ROLE t_look LOGIN;"
                        "GRANT lockstep_viewer TO t_look");
    ls_session *viewer = session_open_url(database_url_as("t_look"));

    assert_false(ls_failed(ls_session_dashboard(viewer, facts, &why)));
    struct ls_ops_query query = {.limit = 10};
    assert_false(ls_failed(ls_session_ops(viewer, &query, page, &why)));
    assert_false(ls_failed(ls_session_op(viewer, op, NULL, detail, &why)));
    assert_false(ls_failed(ls_session_alerts(viewer, true, 0, alerts, &why)));
    assert_false(ls_failed(ls_session_audit(viewer, 0, 10, audit, &why)));
    struct ls_action action = action_of(LS_VERB_RELEASE, op, 2);
    ls_session_act(viewer, &action, &result);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "lockstep_"));
    assert_int_equal(facts->counts[LS_STATE_HELD], 1);
    assert_int_equal(page->count, 1);
    assert_int_equal(audit->count, 1);
    free(facts);
    free(page);
    free(detail);
    free(alerts);
    free(audit);
    ls_session_free(viewer);
}

static void the_dashboard_counts_what_is_there(void **state)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    (void)state;
    assert_non_null(facts);
    (void)memo("ready", "e");
    (void)memo("blocked", "e");
    assert_false(ls_failed(act(LS_VERB_HOLD, memo("held", NULL), 1).err));
    assert_false(ls_failed(act(LS_VERB_CANCEL, memo("cancelled", NULL), 2).err));
    database_run(hands, "UPDATE lockstep.op SET run_at = now() - interval '90 seconds'"
                        " WHERE key = 'ready'");
    database_run(hands, "SELECT lockstep.gate_on('kind:event', 'a test')");

    ls_err err = ls_session_dashboard(session, facts, &why);

    if (ls_failed(err)) fail_msg("%s", why.text);
    assert_string_equal(facts->database, "lockstep");
    assert_int_equal(facts->counts[LS_STATE_READY], 1);
    assert_int_equal(facts->counts[LS_STATE_BLOCKED], 1);
    assert_int_equal(facts->counts[LS_STATE_HELD], 1);
    assert_int_equal(facts->counts[LS_STATE_CANCELLED], 1);
    assert_int_equal(facts->depth, 2);
    assert_in_range(facts->age_ms, 90000, 100000);
    assert_int_equal(facts->gate_count, 1);
    assert_string_equal(facts->gates[0].selector, "kind:event");
    assert_string_equal(facts->gates[0].actor, "postgres");
    assert_int_equal(facts->cause_count, 1);
    assert_int_equal(facts->causes[0].state, LS_STATE_HELD);
    assert_int_equal(facts->causes[0].count, 1);
    assert_true(facts->first_failed_ms > 0);
    assert_int_equal(facts->worker_count, 0);
    assert_int_equal(facts->minute_depth[LS_FACTS_MINUTES - 1], 2);
    database_run(hands, "SELECT lockstep.fold(1000)");
    assert_false(ls_failed(ls_session_dashboard(session, facts, &why)));
    assert_int_equal(facts->minute_enqueued[LS_FACTS_MINUTES - 1] +
                         facts->minute_enqueued[LS_FACTS_MINUTES - 2],
                     4);
    free(facts);
}

static void under_the_gate_all_everything_ready_is_gated(void **state)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    (void)state;
    assert_non_null(facts);
    (void)memo("a", NULL);
    (void)memo("b", NULL);
    database_run(hands, "SELECT lockstep.gate_on('all', 'a test')");

    assert_false(ls_failed(ls_session_dashboard(session, facts, &why)));

    assert_int_equal(facts->gated, 2);
    free(facts);
}

static void news_of(const struct ls_alerts_due *due, struct ls_alert_news *news)
{
    struct ls_why why = {0};
    ls_err err = ls_session_apply_alerts(session, due, news, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
}

static void an_alert_fires_once_worsens_is_acked_and_resolves(void **state)
{
    struct ls_alerts_due *due = calloc(1, sizeof *due);
    struct ls_alert_news *news = calloc(1, sizeof *news);
    struct ls_alert_page *page = calloc(1, sizeof *page);
    struct ls_action_result result;
    struct ls_why why = {0};
    (void)state;
    due->count = 1;
    due->items[0] = (struct ls_alert_due){
        .rule = LS_RULE_AGE, .severity = LS_SEVERITY_WARNING, .message = "31 s"};

    news_of(due, news);
    assert_int_equal(news->count, 1);
    assert_int_equal(news->items[0].event, LS_ALERT_EVENT_FIRED);
    assert_string_equal(news->items[0].alert.rule, "age");
    assert_string_equal(news->items[0].alert.message, "31 s");
    news_of(due, news);
    assert_int_equal(news->count, 0);

    struct ls_action ack = action_of(LS_VERB_ALERT_ACK, (ls_op_id){0}, 1);
    assert_false(ls_failed(ls_session_alerts(session, false, 0, page, &why)));
    assert_int_equal(page->count, 1);
    ack.alert_id = page->rows[0].id;
    ack.expected_version = page->rows[0].version;
    ls_session_act(session, &ack, &result);
    assert_false(ls_failed(result.err));
    assert_false(ls_failed(ls_session_alerts(session, false, 0, page, &why)));
    assert_int_equal(page->rows[0].state, LS_ALERT_ACKED);
    assert_string_equal(page->rows[0].owner, "postgres");
    assert_in_range(page->rows[0].acked_until_ms - page->rows[0].changed_ms, 3590000, 3610000);

    due->items[0].severity = LS_SEVERITY_CRITICAL; /* worse: reopens */
    news_of(due, news);
    assert_int_equal(news->count, 1);
    assert_int_equal(news->items[0].event, LS_ALERT_EVENT_WORSE);
    assert_int_equal(news->items[0].alert.state, LS_ALERT_FIRING);
    due->count = 0;
    news_of(due, news);
    assert_int_equal(news->count, 1);
    assert_int_equal(news->items[0].event, LS_ALERT_EVENT_RESOLVED);
    assert_false(ls_failed(ls_session_alerts(session, false, 0, page, &why)));
    assert_int_equal(page->count, 0);

    due->count = 1;
    news_of(due, news);
    assert_int_equal(news->items[0].alert.times, 2);
    free(due);
    free(news);
    free(page);
}

static void a_worker_is_paused_once_by_its_id(void **state)
{
    struct ls_action_result result;
    (void)state;
    database_run(hands, "SELECT lockstep.worker_hello(0, 'h', 1, '0', 30000, 'g', 'p', '{p}')");
    struct ls_action pause = action_of(LS_VERB_WORKER_PAUSE, (ls_op_id){0}, 1);
    pause.worker_id = database_number(hands, "SELECT id FROM lockstep.worker");

    ls_session_act(session, &pause, &result);
    assert_false(ls_failed(result.err));
    pause.request_id[0]++;
    ls_session_act(session, &pause, &result);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "paused already"));
}

static void outcomes_come_ascending_in_pages(void **state)
{
    struct ls_outcome_row rows[2];
    struct ls_why why = {0};
    size_t count = 0;
    (void)state;
    ls_op_id a = memo("a", NULL);
    ls_op_id b = memo("b", NULL);
    ls_op_id c = memo("c", NULL);
    assert_false(ls_failed(act(LS_VERB_CANCEL, b, 1).err));

    assert_false(ls_failed(ls_session_outcomes(session, 0, 2, rows, &count, &why)));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].op.value, a.value);
    assert_int_equal(rows[1].op.value, b.value);
    assert_int_equal(rows[1].state, LS_STATE_CANCELLED);
    assert_false(ls_failed(ls_session_outcomes(session, b.value, 2, rows, &count, &why)));

    assert_int_equal(count, 1);
    assert_int_equal(rows[0].op.value, c.value);
    assert_string_equal(rows[0].key, "c");
}

static void a_password_never_shows(void **state)
{
    static const char *const urls[] = {
        "postgresql://u:hunter2@/lockstep?host=/nonexistent",
        "host=/nonexistent password=hunter2 bogus",
        "host=/nonexistent password=hunter2 nonsense=1",
        "postgresql://u:hunter2@[bad/x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct ls_why why = {0};
        ls_session *lost = session_open_url(urls[i]);
        ls_err err = ls_session_connect(lost, &why);
        assert_true(ls_failed(err));
        assert_true(why.text[0] != '\0');
        assert_null(strstr(why.text, "hunter2"));
        assert_null(strchr(why.text, '\n'));
        ls_session_free(lost);
    }
}

static void a_lost_connection_is_made_anew(void **state)
{
    struct ls_why why = {0};
    struct ls_alert_page *page = calloc(1, sizeof *page);
    (void)state;
    assert_non_null(page);
    assert_false(ls_failed(ls_session_connect(session, &why)));
    database_run(hands, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'test'");

    assert_int_equal(ls_session_alerts(session, true, 0, page, &why).code, LS_CODE_UNAVAILABLE);

    assert_false(ls_failed(ls_session_alerts(session, true, 0, page, &why)));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_field_of_a_filter_finds_and_inverts, setup),
        cmocka_unit_test_setup(stuck_is_what_waits_beyond_its_kinds_objective, setup),
        cmocka_unit_test_setup(the_fullest_filter_is_one_statement, setup),
        cmocka_unit_test_setup(pages_go_on_where_the_last_ended, setup),
        cmocka_unit_test_setup(a_page_beyond_the_maximum_is_refused, setup),
        cmocka_unit_test_setup(
            chosen_operations_are_read_live_and_finished_and_the_rest_is_left_out, setup),
        cmocka_unit_test_setup(the_newest_look_stands_beside_the_operation, setup),
        cmocka_unit_test_setup(a_detail_is_found_by_id_and_by_key_live_and_finished, setup),
        cmocka_unit_test_setup(an_action_on_what_is_not_there_is_not_found, setup),
        cmocka_unit_test_setup(an_action_without_a_reason_is_refused, setup),
        cmocka_unit_test_setup(a_request_id_used_for_another_action_is_refused, setup),
        cmocka_unit_test_setup(rights_are_those_of_the_login, setup),
        cmocka_unit_test_setup(a_viewer_reads_all_and_changes_nothing, setup),
        cmocka_unit_test_setup(the_dashboard_counts_what_is_there, setup),
        cmocka_unit_test_setup(under_the_gate_all_everything_ready_is_gated, setup),
        cmocka_unit_test_setup(an_alert_fires_once_worsens_is_acked_and_resolves, setup),
        cmocka_unit_test_setup(a_worker_is_paused_once_by_its_id, setup),
        cmocka_unit_test_setup(outcomes_come_ascending_in_pages, setup),
        cmocka_unit_test_setup(a_password_never_shows, setup),
        cmocka_unit_test_setup(a_lost_connection_is_made_anew, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    int failures = cmocka_run_group_tests_name("session", tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
