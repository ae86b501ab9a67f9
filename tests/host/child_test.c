#include "lockstep/host/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lockstep/host/clock.h"
#include "lockstep/host/log_sink.h"

static struct ls_child_options options_of(const char *const *argv)
{
    return (struct ls_child_options){
        .argv = argv, .folder = "/", .log_path = "/dev/null", .death_signal = SIGTERM};
}

static void a_child_is_waited_for_with_its_status(void **state)
{
    (void)state;
    static const char *const argv[] = {"/bin/sh", "-c", "exit 3", NULL};
    const struct ls_child_options options = options_of(argv);
    struct ls_child child = {0};
    struct ls_why why = {0};
    int status = 0;
    assert_false(ls_failed(ls_child_start(&options, &child, &why)));
    assert_true(ls_child_wait(&child, 20000, &status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_false(ls_child_runs(&child, NULL));
    ls_child_stop(&child, SIGTERM, 10); /* nothing to stop is no mistake */
}

static void a_child_that_ignores_the_signal_is_killed(void **state)
{
    (void)state;
    static const char *const argv[] = {
        "/bin/sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; done", NULL};
    int output = -1;
    char said[4] = "";
    struct ls_child_options options = options_of(argv);
    struct ls_child child = {0};
    struct ls_why why = {0};
    options.stdout_out = &output;
    assert_false(ls_failed(ls_child_start(&options, &child, &why)));
    assert_int_equal(read(output, said, 2), 2); /* the trap is set */
    assert_string_equal(said, "on");
    assert_true(ls_child_runs(&child, NULL));
    ls_child_stop(&child, SIGTERM, 40);
    assert_false(ls_child_runs(&child, NULL));
    (void)close(output);
}

static void what_cannot_be_run_is_said(void **state)
{
    (void)state;
    static const char *const argv[] = {"/nonexistent/program", NULL};
    static const char *const fails[] = {"/bin/false", NULL};
    static const char *const works[] = {"/bin/true", NULL};
    struct ls_why why = {0};
    struct ls_child_options options = options_of(argv);
    assert_int_equal(ls_child_run(&options, "the program", 20000, &why).code,
                     LS_CODE_UNAVAILABLE);
    assert_non_null(strstr(why.text, "the program failed"));
    options.argv = fails;
    assert_int_equal(ls_child_run(&options, "false", 20000, &why).code, LS_CODE_UNAVAILABLE);
    options.argv = works;
    assert_false(ls_failed(ls_child_run(&options, "true", 20000, &why)));
    options.log_path = "/nonexistent/log";
    assert_int_equal(ls_child_run(&options, "true", 20000, &why).code, LS_CODE_UNAVAILABLE);
    assert_non_null(strstr(why.text, "/nonexistent/log cannot be written"));
}

static void a_record_below_the_level_is_not_written(void **state)
{
    (void)state;
    char path[] = "/tmp/lockstep-log-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    const struct ls_app_log_options options = {.file = path, .level = LS_LEVEL_WARNING};
    struct ls_why why = {0};
    ls_app_log *log = NULL;
    assert_false(ls_failed(ls_app_log_new(&options, &log, &why)));
    const struct ls_log_sink sink = ls_app_log_sink(log);
    struct ls_log_record record = {.level = LS_LEVEL_INFO, .event = "test.low"};
    sink.write(sink.self, &record);
    record.level = LS_LEVEL_ERROR;
    record.event = "test.high";
    sink.write(sink.self, &record);

    char text[256] = "";
    const ssize_t bytes = read(fd, text, sizeof text - 1);
    assert_true(bytes > 0);
    assert_null(strstr(text, "test.low"));
    assert_non_null(strstr(text, "\"event\":\"test.high\"}\n"));
    assert_int_equal(ls_app_log_lost(log), 0);
    ls_app_log_free(log);
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
}

static void a_log_that_cannot_be_opened_is_named(void **state)
{
    (void)state;
    const struct ls_app_log_options options = {.file = "/nonexistent/x.log"};
    struct ls_why why = {0};
    ls_app_log *log = NULL;
    assert_int_equal(ls_app_log_new(&options, &log, &why).code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "/nonexistent/x.log"));
    assert_null(log);
    ls_app_log_free(NULL);
}

static void the_clock_only_grows_and_entropy_differs(void **state)
{
    (void)state;
    assert_false(ls_failed(ls_library_start()));
    const struct ls_clock clock = ls_system_clock();
    const struct ls_entropy entropy = ls_system_entropy();
    const int64_t before = clock.monotonic_ms(clock.self);
    uint8_t a[16] = {0};
    uint8_t b[16] = {0};
    entropy.fill(entropy.self, a, sizeof a);
    entropy.fill(entropy.self, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(clock.monotonic_ms(clock.self) >= before);
    assert_true(clock.wall_ms(clock.self) > 1600000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_is_waited_for_with_its_status),
        cmocka_unit_test(a_child_that_ignores_the_signal_is_killed),
        cmocka_unit_test(what_cannot_be_run_is_said),
        cmocka_unit_test(a_record_below_the_level_is_not_written),
        cmocka_unit_test(a_log_that_cannot_be_opened_is_named),
        cmocka_unit_test(the_clock_only_grows_and_entropy_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
