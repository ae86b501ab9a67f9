/* The audit log in the database against the verifier that does not trust it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/audit/chain.h"

static PGconn *hands;
static ls_session *session;

static void hold(const char *key, uint8_t id)
{
    struct ls_why why = {0};
    struct ls_action_result result;
    ls_op_id op = {0};
    ls_err err = ls_session_enqueue(
        session,
        &(struct ls_enqueue){.kind = "memo", .payload = "{\"text\":\"x\"}", .key = key}, &op,
        &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    struct ls_action action = {
        .verb = LS_VERB_HOLD, .op = op, .os_user = "ada \"q\" \xe2\x82\xac"};
    action.request_id[0] = id;
    (void)snprintf(action.reason, sizeof action.reason, "why \\ not %s", key);
    ls_session_act(session, &action, &result);
    if (ls_failed(result.err)) fail_msg("%s", result.why.text);
}

static int five_entries(void **state)
{
    (void)state;
    database_empty(hands);
    for (uint8_t i = 1; i <= 5; i++) {
        char key[8];
        (void)snprintf(key, sizeof key, "k%u", i);
        hold(key, i);
    }
    return 0;
}

static void origin_of(uint8_t origin[LS_AUDIT_HASH_BYTES])
{
    char id[LS_LOG_ID_BYTES], sql[160], hex[80];
    struct ls_why why = {0};
    assert_false(ls_failed(ls_session_log_id(session, id, &why)));
    (void)snprintf(sql, sizeof sql, "SELECT encode(sha256('%s'), 'hex')", id);
    database_text(hands, sql, hex, sizeof hex);
    for (size_t i = 0; i < LS_AUDIT_HASH_BYTES; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        origin[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static ls_err take(void *self, const struct ls_audit_entry *entry)
{
    struct ls_audit_verifier *verifier = self;
    (void)ls_audit_verifier_take(verifier, entry->seq, entry->prev_hash, entry->hash,
                                 entry->canonical, entry->canonical_bytes);
    return LS_OK;
}

static struct ls_audit_verifier verify(void)
{
    struct ls_audit_verifier verifier;
    struct ls_why why = {0};
    uint8_t origin[LS_AUDIT_HASH_BYTES];
    origin_of(origin);
    ls_audit_verifier_init(&verifier, origin);
    ls_err err = ls_session_audit_walk(session, 1, take, &verifier, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    return verifier;
}

/* Change the log as only a superuser can, past its own guard. */
static void tamper(const char *sql)
{
    char all[512];
    (void)snprintf(all, sizeof all,
                   "SET session_replication_role = replica; %s;"
                   "SET session_replication_role = DEFAULT",
                   sql);
    database_run(hands, all);
}

static void the_chain_that_sql_writes_is_good(void **state)
{
    (void)state;
    struct ls_audit_verifier verifier = verify();
    assert_int_equal(verifier.fault, LS_AUDIT_GOOD);
    assert_int_equal(verifier.next_seq, 6);
    assert_true(ls_audit_verifier_end(&verifier, 5));
}

static void an_edited_entry_is_found(void **state)
{
    (void)state;
    tamper(
        "UPDATE lockstep.audit SET canonical = replace(canonical, 'ada', 'eve') WHERE seq = 3");
    struct ls_audit_verifier verifier = verify();
    assert_int_equal(verifier.fault, LS_AUDIT_EDITED);
    assert_int_equal(verifier.fault_seq, 3);
}

static void a_deleted_entry_is_a_gap(void **state)
{
    (void)state;
    tamper("DELETE FROM lockstep.audit WHERE seq = 2");
    assert_int_equal(verify().fault, LS_AUDIT_GAP);
}

static void an_entry_written_anew_with_its_own_hash_forks_the_chain(void **state)
{
    (void)state;
    tamper(
        "UPDATE lockstep.audit SET canonical = 'x', hash = sha256('lockstep/audit/1'::bytea ||"
        " '\\x00'::bytea || prev_hash || 'x'::bytea) WHERE seq = 3");
    struct ls_audit_verifier verifier = verify();
    assert_int_equal(verifier.fault, LS_AUDIT_FORKED);
    assert_int_equal(verifier.fault_seq, 4);
}

static void a_cut_tail_is_found_by_who_saw_the_head(void **state)
{
    (void)state;
    tamper("DELETE FROM lockstep.audit WHERE seq > 3");
    struct ls_audit_verifier verifier = verify();
    assert_int_equal(verifier.fault, LS_AUDIT_GOOD);
    assert_false(ls_audit_verifier_end(&verifier, 5));
}

static void the_log_of_another_installation_does_not_verify(void **state)
{
    (void)state;
    database_run(hands, "BEGIN; UPDATE lockstep.meta SET log_id = gen_random_uuid(); COMMIT");
    assert_int_equal(verify().fault, LS_AUDIT_FORKED);
}

static void a_refused_action_leaves_no_entry(void **state)
{
    char sqlstate[6], message[512];
    (void)state;
    database_refused(hands, "SELECT lockstep.retry((SELECT min(id) FROM lockstep.op), 'r')",
                     sqlstate, message);
    assert_string_equal(sqlstate, "LS004");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), 5);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.request"), 5);
}

static void a_malformed_action_is_refused_by_name(void **state)
{
    static const struct {
        const char *call, *words;
    } cases[] = {
        {"lockstep.hold(NULL, 'r')", "what to act on"},
        {"lockstep.hold(1, NULL)", "needs a reason"},
        {"lockstep.hold(1, repeat('r', 501))", "longer than 500"},
        {"lockstep.hold(1, 'r', '\\x01')", "16 bytes"},
        {"lockstep.gate_on(NULL, 'r')", "what to act on"},
        {"lockstep.gate_on('kind:nonsense', 'r')", "write kind:KIND"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char sql[128], sqlstate[6], message[512];
        (void)snprintf(sql, sizeof sql, "SELECT %s", cases[i].call);
        database_refused(hands, sql, sqlstate, message);
        assert_string_equal(sqlstate, "LS003");
        if (strstr(message, cases[i].words) == NULL) fail_msg("%s: %s", sql, message);
    }
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), 5);
}

static void an_action_in_psql_is_audited_as_unsigned(void **state)
{
    char text[64];
    (void)state;
    database_run(hands,
                 "SELECT lockstep.release((SELECT min(id) FROM lockstep.op), 'by hand')");
    database_text(hands,
                  "SELECT canonical::json ->> 'signed' FROM lockstep.audit WHERE seq = 6", text,
                  sizeof text);
    assert_string_equal(text, "false");
    assert_int_equal(verify().fault, LS_AUDIT_GOOD);
}

static void a_page_shows_the_newest_first(void **state)
{
    struct ls_audit_page *page = calloc(1, sizeof *page);
    struct ls_why why = {0};
    (void)state;
    assert_non_null(page);

    assert_false(ls_failed(ls_session_audit(session, 0, 2, page, &why)));
    assert_int_equal(page->count, 2);
    assert_int_equal(page->rows[0].seq, 5);
    assert_true(page->has_more);
    assert_string_equal(page->rows[0].reason, "why \\ not k5");
    assert_string_equal(page->rows[0].os_user, "ada \"q\" \xe2\x82\xac");
    assert_string_equal(page->rows[0].before, "ready");
    assert_string_equal(page->rows[0].after, "held(operator)");
    assert_string_equal(page->rows[0].prev_hash, page->rows[1].hash);
    assert_false(ls_failed(ls_session_audit(session, 2, 2, page, &why)));

    assert_int_equal(page->count, 1);
    assert_int_equal(page->rows[0].seq, 1);
    assert_false(page->has_more);
    free(page);
}

/* One worker with one claimed and submitted operation, through the functions alone. */
static void worker_with_submitted(void)
{
    database_empty(hands);
    database_run(hands, "SELECT lockstep.worker_hello(0, 'h', 1, '0', 30000, 'g', 'p', '{p}')");
    database_run(hands, "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'w')");
    database_run(
        hands, "SELECT lockstep.worker_claim((SELECT max(id) FROM lockstep.worker), 1, false);"
               "SELECT lockstep.worker_intent((SELECT max(id) FROM lockstep.worker), ARRAY[id],"
               " ARRAY[token], '{1}', '{sig}', '{hash}', '{150}', '{p}', ARRAY['\\x01'::bytea],"
               " ARRAY[NULL], '{0}', '{NULL}', '{NULL}') FROM lockstep.op");
}

static void move_it(int state, int sub, const char *evidence)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof sql,
        "SELECT lockstep.worker_move(worker, ARRAY[id], ARRAY[token], '{%d}', '{%d}',"
        " '{0}', '{f}', '{Broken}', ARRAY[NULL], '{1}', '{1}', '{t}', ARRAY[NULL],"
        " '{0}', ARRAY[%s]) FROM lockstep.op",
        state, sub, evidence);
    database_run(hands, sql);
}

static void a_workers_decisions_are_audited_with_a_digest(void **state)
{
    static const struct {
        int state, sub;
        const char *evidence, *wanted;
    } cases[] = {
        {5, 0, "NULL", "op.failed, now failed"},
        {4, 31, "NULL", "op.held, now held(ambiguous)"},
        {0, 0, "'{\"height\":1}'", "op.certified, now ready"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        worker_with_submitted();
        int64_t before = database_number(hands, "SELECT count(*) FROM lockstep.audit");
        move_it(cases[i].state, cases[i].sub, cases[i].evidence);

        assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"),
                         before + 1);
        database_text(hands,
                      "SELECT action || ', now ' || after FROM lockstep.audit_log ORDER BY seq "
                      "DESC LIMIT 1",
                      text, sizeof text);
        assert_string_equal(text, cases[i].wanted);
        assert_int_equal(database_number(hands,
                                         "SELECT length(canonical::json ->> 'digest') FROM"
                                         " lockstep.audit ORDER BY seq DESC LIMIT 1"),
                         64);
        assert_int_equal(verify().fault, LS_AUDIT_GOOD);
    }
}

static void what_is_routine_is_not_audited(void **state)
{
    (void)state;
    worker_with_submitted();
    int64_t before = database_number(hands, "SELECT count(*) FROM lockstep.audit");
    move_it(3, 21, "NULL");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), before);
}

static void expect_newest(const char *action, const char *target)
{
    char text[128], wanted[128];
    (void)snprintf(wanted, sizeof wanted, "%s / %s", action, target);
    database_text(hands,
                  "SELECT action || ' / ' || target FROM lockstep.audit_log"
                  " ORDER BY seq DESC LIMIT 1",
                  text, sizeof text);
    assert_string_equal(text, wanted);
    assert_int_equal(verify().fault, LS_AUDIT_GOOD);
}

static void the_installations_own_changes_are_audited(void **state)
{
    (void)state;
    database_empty(hands);
    database_run(hands,
                 "SELECT lockstep.worker_hello(0, 'h', 1, '0', 30000, 'genesis', 'p', '{p}')");
    expect_newest("ledger.pin", "ledger genesis");
    database_run(hands, "SELECT lockstep.worker_tick(max(id)) FROM lockstep.worker");
    expect_newest("leader.term", "term 1");
    database_run(hands, "SELECT lockstep.worker_tick(max(id)) FROM lockstep.worker");
    expect_newest("leader.term", "term 1");
    database_run(hands,
                 "SELECT lockstep.worker_raise(1, 'rollback', 'op 7', 2::smallint, 'gone')");
    expect_newest("op.rollback", "op 7");
    database_run(hands, "SELECT lockstep.kind_configure('memo', 5, NULL)");
    expect_newest("kind.configure", "kind memo");
    int64_t entries = database_number(hands, "SELECT count(*) FROM lockstep.audit");
    database_run(hands, "SELECT lockstep.kind_configure('memo', 5, NULL)");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), entries);
    database_run(hands, "SELECT lockstep.kind_configure('memo', 12, NULL)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_chain_that_sql_writes_is_good, five_entries),
        cmocka_unit_test_setup(an_edited_entry_is_found, five_entries),
        cmocka_unit_test_setup(a_deleted_entry_is_a_gap, five_entries),
        cmocka_unit_test_setup(an_entry_written_anew_with_its_own_hash_forks_the_chain,
                               five_entries),
        cmocka_unit_test_setup(a_cut_tail_is_found_by_who_saw_the_head, five_entries),
        cmocka_unit_test_setup(the_log_of_another_installation_does_not_verify, five_entries),
        cmocka_unit_test_setup(a_refused_action_leaves_no_entry, five_entries),
        cmocka_unit_test_setup(a_malformed_action_is_refused_by_name, five_entries),
        cmocka_unit_test_setup(an_action_in_psql_is_audited_as_unsigned, five_entries),
        cmocka_unit_test_setup(a_page_shows_the_newest_first, five_entries),
        cmocka_unit_test(a_workers_decisions_are_audited_with_a_digest),
        cmocka_unit_test(what_is_routine_is_not_audited),
        cmocka_unit_test(the_installations_own_changes_are_audited),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    int failures = cmocka_run_group_tests_name("audit", tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
