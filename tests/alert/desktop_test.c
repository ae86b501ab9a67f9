#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_desktop.h"
#include "lockstep/alert/sink.h"

struct bench {
    struct fake_desktop desktop;
    ls_desktop *sink;
    size_t acknowledged_count; /* guarded by the desktop's mutex */
    int64_t acknowledged;
};

static void remember_acknowledge(void *self, int64_t alert_id)
{
    struct bench *bench = self;
    (void)pthread_mutex_lock(&bench->desktop.mutex);
    bench->acknowledged = alert_id;
    bench->acknowledged_count++;
    (void)pthread_cond_broadcast(&bench->desktop.changed);
    (void)pthread_mutex_unlock(&bench->desktop.mutex);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    desktop_bus_up(&bench->desktop);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    ls_desktop_free(bench->sink);
    desktop_down(&bench->desktop);
    free(bench);
    return 0;
}

static struct ls_desktop_options options_of(struct bench *bench)
{
    return (struct ls_desktop_options){
        .application = "lockstep-test", .on_acknowledge = remember_acknowledge, .self = bench};
}

static void connect_sink(struct bench *bench)
{
    const struct ls_desktop_options options = options_of(bench);
    struct ls_why why = {{0}};
    desktop_service_up(&bench->desktop);
    ls_err err = ls_desktop_new(&options, &bench->sink, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(err.code, LS_CODE_OK);
}

static void
post(struct bench *bench, int64_t alert_id, enum ls_severity severity, const char *text)
{
    struct ls_alert_notice notice = {.alert_id = alert_id, .severity = severity};
    (void)snprintf(notice.title, sizeof notice.title, "title %s", text);
    (void)snprintf(notice.body, sizeof notice.body, "%s", text);
    ls_desktop_post(bench->sink, &notice);
}

static void post_resolved(struct bench *bench, int64_t alert_id)
{
    const struct ls_alert_notice notice = {.alert_id = alert_id, .is_resolved = true};
    ls_desktop_post(bench->sink, &notice);
}

/* The call number `index` (from 0) that the service got. */
static struct desktop_call call_at(struct bench *bench, size_t index)
{
    assert_true(desktop_await(&bench->desktop, &bench->desktop.call_count, index + 1));
    return bench->desktop.calls[index];
}

static void expect_unavailable(struct bench *bench, const char *start)
{
    const struct ls_desktop_options options = options_of(bench);
    struct ls_why why = {{0}};
    ls_desktop *sink = NULL;

    ls_err err = ls_desktop_new(&options, &sink, &why);

    assert_int_equal(err.code, LS_CODE_UNAVAILABLE);
    assert_null(sink);
    assert_memory_equal(why.text, start, strlen(start));
    assert_null(strchr(why.text, '\n'));
}

static void a_missing_bus_is_unavailable_and_says_so_in_a_line(void **state)
{
    assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all", 1), 0);
    expect_unavailable(*state, "no desktop session bus, so no desktop notifications: ");
}

static void a_bus_without_a_service_is_unavailable(void **state)
{
    expect_unavailable(*state, "no notification service on the desktop session bus: ");
}

/* Something accepts the connection and never says a word. */
static void a_silent_bus_is_given_up(void **state)
{
    char directory[] = "/tmp/lockstep-bus-XXXXXX";
    assert_non_null(mkdtemp(directory));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/bus", directory);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 8), 0);
    char variable[256];
    (void)snprintf(variable, sizeof variable, "unix:path=%s", address.sun_path);
    assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", variable, 1), 0);

    expect_unavailable(*state, "the desktop session bus did not answer within 2000 ms");

    (void)close(listener);
    (void)unlink(address.sun_path);
    (void)rmdir(directory);
}

static void a_notice_is_shown_with_its_urgency_and_a_button(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);

    post(bench, 7, LS_SEVERITY_CRITICAL, "lag");
    post(bench, 8, LS_SEVERITY_WARNING, "age");
    post(bench, 9, LS_SEVERITY_INFO, "gate");

    struct desktop_call call = call_at(bench, 0);
    assert_string_equal(call.application, "lockstep-test");
    assert_string_equal(call.title, "title lag");
    assert_string_equal(call.body, "lag");
    assert_string_equal(call.actions, "acknowledge Acknowledge");
    assert_int_equal(call.urgency, 2);
    assert_int_equal(call_at(bench, 1).urgency, 1);
    assert_int_equal(call_at(bench, 2).urgency, 0);
}

static void a_notice_of_the_same_alert_is_updated_in_place(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);

    post(bench, 7, LS_SEVERITY_WARNING, "first");
    post(bench, 8, LS_SEVERITY_WARNING, "other");
    post(bench, 7, LS_SEVERITY_CRITICAL, "worse");

    struct desktop_call worse = call_at(bench, 2);
    assert_int_equal(call_at(bench, 0).replaces, 0);
    assert_int_equal(call_at(bench, 1).replaces, 0);
    assert_int_equal(worse.replaces, call_at(bench, 0).id);
    assert_string_equal(worse.body, "worse");
    assert_int_equal(worse.urgency, 2);
}

static void a_resolved_alert_takes_its_notification_down(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);

    post(bench, 7, LS_SEVERITY_WARNING, "seven");
    post_resolved(bench, 99); /* never shown: nothing to do */
    post_resolved(bench, 7);
    post(bench, 7, LS_SEVERITY_WARNING, "again");

    assert_true(call_at(bench, 1).is_close);
    assert_int_equal(call_at(bench, 1).id, call_at(bench, 0).id);
    assert_int_equal(call_at(bench, 2).replaces, 0);
    assert_int_equal(ls_desktop_dropped(bench->sink), 0);
}

static void a_press_of_the_button_acknowledges_its_alert(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    post(bench, 7, LS_SEVERITY_WARNING, "seven");
    post(bench, 8, LS_SEVERITY_WARNING, "eight");
    uint32_t id = call_at(bench, 1).id;
    post(bench, 8, LS_SEVERITY_WARNING, "eight again"); /* so the answer of the first is in */
    (void)call_at(bench, 2);

    desktop_emit(&bench->desktop, "ActionInvoked", g_variant_new("(us)", id, "acknowledge"));

    assert_true(desktop_await(&bench->desktop, &bench->acknowledged_count, 1));
    assert_int_equal(bench->acknowledged, 8);
}

static void a_notification_that_was_dismissed_comes_back_as_a_new_one(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    post(bench, 7, LS_SEVERITY_WARNING, "seven");
    uint32_t id = call_at(bench, 0).id;
    post(bench, 8, LS_SEVERITY_WARNING, "eight");
    uint32_t other = call_at(bench, 1).id;
    post(bench, 8, LS_SEVERITY_WARNING, "eight again");
    (void)call_at(bench, 2);

    desktop_emit(&bench->desktop, "NotificationClosed", g_variant_new("(uu)", id, 2));
    /* Signals arrive in order: when this press is through, so is the closing. */
    desktop_emit(&bench->desktop, "ActionInvoked", g_variant_new("(us)", other, "acknowledge"));
    assert_true(desktop_await(&bench->desktop, &bench->acknowledged_count, 1));
    post(bench, 7, LS_SEVERITY_WARNING, "seven again");

    assert_int_equal(call_at(bench, 3).replaces, 0);
}

static void hostile_text_is_shown_as_text(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);

    post(bench, 7, LS_SEVERITY_WARNING, "<a href='x'>&\xff</a>");

    assert_string_equal(call_at(bench, 0).body,
                        "&lt;a href=&apos;x&apos;&gt;&amp;\xef\xbf\xbd&lt;/a&gt;");
    assert_string_equal(call_at(bench, 0).title, "title <a href='x'>&\xef\xbf\xbd</a>");
}

static void more_alerts_than_places_are_all_shown(void **state)
{
    enum { ALERTS = 70 };
    struct bench *bench = *state;
    connect_sink(bench);

    for (int64_t i = 1; i <= ALERTS; i++) {
        post(bench, i, LS_SEVERITY_WARNING, "many");
        (void)call_at(bench, (size_t)i - 1);
    }

    assert_int_equal(call_at(bench, ALERTS - 1).replaces, 0);
    assert_int_equal(ls_desktop_dropped(bench->sink), 0);
}

static void a_full_queue_drops_its_oldest_and_counts_it(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    bench->desktop.holds_answers = true;
    post(bench, 1, LS_SEVERITY_WARNING, "hangs");
    (void)call_at(bench, 0); /* the sink waits for its answer now */

    for (int64_t i = 0; i < 66; i++) post(bench, 100 + i, LS_SEVERITY_WARNING, "waits");

    assert_int_equal(ls_desktop_dropped(bench->sink), 2);
}

static void a_refusal_of_the_desktop_is_counted(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    bench->desktop.refuses = true;
    post(bench, 1, LS_SEVERITY_WARNING, "refused");
    post(bench, 2, LS_SEVERITY_WARNING, "refused too");
    (void)call_at(bench, 1);

    assert_true(ls_desktop_dropped(bench->sink) >= 1); /* the second may still be on its way */
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_desktop_that_hangs_does_not_keep_the_sink_from_ending(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    bench->desktop.holds_answers = true;
    post(bench, 1, LS_SEVERITY_WARNING, "hangs");
    (void)call_at(bench, 0);

    int64_t before_ms = now_ms();
    ls_desktop_free(bench->sink);
    bench->sink = NULL;

    assert_true(now_ms() - before_ms < 3000);
}

static void the_end_of_the_bus_is_not_the_end_of_the_process(void **state)
{
    struct bench *bench = *state;
    connect_sink(bench);
    post(bench, 1, LS_SEVERITY_WARNING, "shown");
    (void)call_at(bench, 0);
    g_dbus_connection_set_exit_on_close(bench->desktop.connection, FALSE);

    desktop_bus_stop(&bench->desktop);
    for (int64_t i = 0; i < 66; i++) post(bench, 1, LS_SEVERITY_WARNING, "nobody there");

    ls_desktop_free(bench->sink);
    bench->sink = NULL;
}

#define CASE(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_missing_bus_is_unavailable_and_says_so_in_a_line),
        CASE(a_bus_without_a_service_is_unavailable),
        CASE(a_silent_bus_is_given_up),
        CASE(a_notice_is_shown_with_its_urgency_and_a_button),
        CASE(a_notice_of_the_same_alert_is_updated_in_place),
        CASE(a_resolved_alert_takes_its_notification_down),
        CASE(a_press_of_the_button_acknowledges_its_alert),
        CASE(a_notification_that_was_dismissed_comes_back_as_a_new_one),
        CASE(hostile_text_is_shown_as_text),
        CASE(more_alerts_than_places_are_all_shown),
        CASE(a_full_queue_drops_its_oldest_and_counts_it),
        CASE(a_refusal_of_the_desktop_is_counted),
        CASE(a_desktop_that_hangs_does_not_keep_the_sink_from_ending),
        CASE(the_end_of_the_bus_is_not_the_end_of_the_process),
    };
    return cmocka_run_group_tests_name("desktop", tests, NULL, NULL);
}
