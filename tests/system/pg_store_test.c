/* The worker's store when things break: links that die, servers that refuse, statements
 * that must be sent again. What a healthy one does is the conformance suite's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "port.h"

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    database_empty(hands);
    return 0;
}

static void what_was_sent_is_unknown_and_what_was_not_is_unavailable(void **state)
{
    struct bench bench;
    struct ls_store_request tick = verb(LS_STORE_TICK);
    (void)state;
    open_bench(&bench, database_url(), 10000);
    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);
    int64_t before = bench.reply.worker_id;
    database_run(hands, "BEGIN; LOCK TABLE lockstep.worker");
    begin(&bench, verb(LS_STORE_CLAIM)); /* on its way: it waits for the lock */
    begin(&bench, tick);
    assert_false(bench.port.take(bench.port.self, &bench.reply));
    database_run(hands, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'lockstep worker'");

    take(&bench);
    assert_int_equal(bench.reply.verb, LS_STORE_CLAIM);
    assert_int_equal(bench.reply.err.code, LS_CODE_UNKNOWN);
    take(&bench);
    assert_int_equal(bench.reply.verb, LS_STORE_TICK);
    assert_int_equal(bench.reply.err.code, LS_CODE_UNAVAILABLE);
    assert_int_equal(bench.port.begin(bench.port.self, &tick).code, LS_CODE_UNAVAILABLE);

    database_run(hands, "ROLLBACK");
    assert_int_equal(ask(&bench, hello(before)), LS_CODE_OK);
    assert_true(bench.reply.worker_id > before);
    assert_int_equal(ask(&bench, tick), LS_CODE_OK);
    ls_pg_store_free(bench.store);
}

static void a_statement_beyond_its_time_is_unavailable(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, database_url(), 200);
    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);
    database_run(hands, "BEGIN; LOCK TABLE lockstep.worker");

    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_UNAVAILABLE);

    assert_true(bench.reply.why.text[0] != '\0');
    database_run(hands, "ROLLBACK");
    ls_pg_store_free(bench.store);
}

static void a_server_that_is_not_there_is_unavailable(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, "host=/nonexistent user=x password=hunter2 dbname=x", 1000);

    assert_int_equal(ask(&bench, hello(0)), LS_CODE_UNAVAILABLE);

    assert_non_null(strstr(bench.reply.why.text, "/nonexistent"));
    assert_null(strstr(bench.reply.why.text, "hunter2"));
    ls_pg_store_free(bench.store);
}

static void refusals_name_the_cure(void **state)
{
    static const struct {
        const char *url_tail, *words;
    } cases[] = {
        {" user=t_stranger", "lockstep_worker"},
        {" user=nobody_here", "does not exist"},
        {" dbname=postgres", "lockstep migrate"},
        {" nonsense=1", "database url cannot be read"},
    };
    (void)state;
    database_run(hands, "SET client_min_messages = error; DROP ROLE IF EXISTS t_stranger;"
                        "CREATE ROLE t_stranger LOGIN; GRANT lockstep_app TO t_stranger");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        char url[512];
        (void)snprintf(url, sizeof url, "%s%s", database_url(), cases[i].url_tail);
        open_bench(&bench, url, 1000);
        assert_int_equal(ask(&bench, hello(0)), LS_CODE_REFUSED);
        if (strstr(bench.reply.why.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].url_tail, bench.reply.why.text);
        ls_pg_store_free(bench.store);
    }
}

static void a_newer_schema_is_refused_before_anything_is_claimed(void **state)
{
    struct bench bench;
    (void)state;
    database_run(hands,
                 "INSERT INTO lockstep.migration (version, name) VALUES (9999, 'later')");
    open_bench(&bench, database_url(), 1000);

    enum ls_code code = ask(&bench, hello(0));

    database_run(hands, "DELETE FROM lockstep.migration WHERE version = 9999");
    assert_int_equal(code, LS_CODE_REFUSED);
    assert_non_null(strstr(bench.reply.why.text, "use a newer lockstep"));
    ls_pg_store_free(bench.store);
}

static void a_serialization_failure_is_sent_again(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, database_url(), 5000);
    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);
    database_run(
        hands,
        "CREATE SEQUENCE public.tries; GRANT ALL ON SEQUENCE public.tries TO PUBLIC;"
        "CREATE FUNCTION public.fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('public.tries') <= 2 THEN RAISE EXCEPTION USING ERRCODE = '40001';"
        " END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER fail_twice BEFORE UPDATE ON lockstep.worker"
        " FOR EACH ROW EXECUTE FUNCTION public.fail_twice()");

    enum ls_code code = ask(&bench, verb(LS_STORE_TICK));

    int64_t tries = database_number(hands, "SELECT last_value FROM public.tries");
    database_run(hands,
                 "DROP FUNCTION public.fail_twice() CASCADE; DROP SEQUENCE public.tries");
    assert_int_equal(code, LS_CODE_OK);
    assert_int_equal(tries, 3);
    ls_pg_store_free(bench.store);
}

static void an_intent_is_flushed_whatever_the_servers_default(void **state)
{
    struct bench bench;
    char setting[16];
    (void)state;
    database_run(hands,
                 "ALTER DATABASE lockstep SET synchronous_commit = off;"
                 "CREATE TABLE public.seen AS SELECT ''::text AS setting;"
                 "GRANT ALL ON public.seen TO PUBLIC;"
                 "CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " UPDATE public.seen SET setting = current_setting('synchronous_commit');"
                 " RETURN NEW; END $$;"
                 "CREATE TRIGGER look BEFORE UPDATE ON lockstep.worker"
                 " FOR EACH ROW EXECUTE FUNCTION public.look()");
    open_bench(&bench, database_url(), 5000);
    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK);

    database_text(hands, "SELECT setting FROM public.seen", setting, sizeof setting);
    database_run(hands, "DROP FUNCTION public.look() CASCADE; DROP TABLE public.seen;"
                        "ALTER DATABASE lockstep RESET synchronous_commit");
    assert_string_equal(setting, "on");
    ls_pg_store_free(bench.store);
}

static void low_lanes_are_not_starved(void **state)
{
    struct bench bench;
    bool bulk_came = false;
    (void)state;
    database_run(
        hands,
        "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'urgent' || g, lane => 0::"
        "smallint) FROM generate_series(1, 200) g;"
        "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'bulk', lane => 3::smallint)");
    open_bench(&bench, database_url(), 5000);
    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);

    for (int i = 0; i < 16 && !bulk_came; i++) {
        struct ls_store_request claim = verb(LS_STORE_CLAIM);
        claim.limit = 4;
        assert_int_equal(ask(&bench, claim), LS_CODE_OK);
        for (size_t n = 0; n < bench.reply.op_count; n++)
            bulk_came = bulk_came || strcmp(bench.reply.ops[n].key, "bulk") == 0;
    }

    assert_true(bulk_came);
    assert_true(database_number(hands, "SELECT count(*) FROM lockstep.op WHERE state = 0") >
                100);
    ls_pg_store_free(bench.store);
}

static void a_worker_login_needs_no_more_than_its_role(void **state)
{
    struct bench bench;
    (void)state;
    database_run(hands, "SET client_min_messages = error; DROP ROLE IF EXISTS t_work;"
                        "CREATE ROLE t_work LOGIN; GRANT lockstep_worker TO t_work;"
                        "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k')");
    open_bench(&bench, database_url_as("t_work"), 5000);

    assert_int_equal(ask(&bench, hello(0)), LS_CODE_OK);
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_int_equal(ask(&bench, verb(LS_STORE_CLAIM)), LS_CODE_OK);
    assert_int_equal(bench.reply.op_count, 1);
    assert_int_equal(ask(&bench, verb(LS_STORE_ADOPT)), LS_CODE_OK);
    assert_int_equal(ask(&bench, verb(LS_STORE_BYE)), LS_CODE_OK);
    ls_pg_store_free(bench.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_sent_is_unknown_and_what_was_not_is_unavailable, setup),
        cmocka_unit_test_setup(a_statement_beyond_its_time_is_unavailable, setup),
        cmocka_unit_test_setup(a_server_that_is_not_there_is_unavailable, setup),
        cmocka_unit_test_setup(refusals_name_the_cure, setup),
        cmocka_unit_test_setup(a_newer_schema_is_refused_before_anything_is_claimed, setup),
        cmocka_unit_test_setup(a_serialization_failure_is_sent_again, setup),
        cmocka_unit_test_setup(an_intent_is_flushed_whatever_the_servers_default, setup),
        cmocka_unit_test_setup(low_lanes_are_not_starved, setup),
        cmocka_unit_test_setup(a_worker_login_needs_no_more_than_its_role, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error");
    int failures = cmocka_run_group_tests_name("pg store", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
