#include "sim_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lockstep/sim/sim_http.h"

/* The listener, over real sockets on loopback and a clock of the test's. */

enum { TURNS_MAX = 400, TURN_MS = 5 };

struct server {
    struct fixture fixture;
    struct ls_clock clock;
    ls_sim_http *http;
};

static int64_t fixture_ms(void *self)
{
    return ((struct fixture *)self)->now_ms;
}

static void start(struct server *server)
{
    struct ls_why why = {{0}};
    set_up(&server->fixture);
    server->clock = (struct ls_clock){
        .self = &server->fixture, .monotonic_ms = fixture_ms, .wall_ms = fixture_ms};
    assert_false(ls_failed(
        ls_sim_http_new(server->fixture.ledger, &server->clock, 0, &server->http, &why)));
    assert_true(ls_sim_http_port(server->http) > 0);
}

static void stop(struct server *server)
{
    ls_sim_http_free(server->http);
    tear_down(&server->fixture);
}

static int dial(const struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(ls_sim_http_port(server->http))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Write while the server takes turns; what remains unsent when it closes is dropped. */
static void put(struct server *server, int fd, const char *bytes, size_t count)
{
    for (int i = 0; i < TURNS_MAX * 10 && count > 0; i++) {
        ssize_t sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
        }
        ls_sim_http_turn(server->http, 0);
    }
}

static void post(struct server *server, int fd, const char *path, const char *body)
{
    struct ls_buf request;
    ls_buf_init(&request, LS_SIM_BODY_BYTES_MAX * 2);
    ls_buf_printf(&request,
                  "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n\r\n",
                  path, strlen(body));
    ls_buf_add_text(&request, body);
    put(server, fd, request.data, request.length);
    ls_buf_done(&request);
}

/* Whether `text` holds a whole response: headers and Content-Length bytes. */
static bool is_whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    if (end == NULL || length == NULL) return false;
    return strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

/* The next response, or "" when the server closed the connection without one. */
static void get(struct server *server, int fd, char *out, size_t out_bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < TURNS_MAX && !is_whole(out); i++) {
        ls_sim_http_turn(server->http, TURN_MS);
        ssize_t got = recv(fd, out + used, out_bytes - used - 1, MSG_DONTWAIT);
        if (got == 0) return;
        if (got > 0) used += (size_t)got;
        out[used] = '\0';
    }
}

static const char slot_body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getIdentity\"}";

static void one_connection_is_kept_for_many_calls(void **state)
{
    (void)state;
    struct server server;
    char reply[4096];
    start(&server);
    int fd = dial(&server);

    for (int i = 0; i < 50; i++) {
        post(&server, fd, "/", slot_body);
        get(&server, fd, reply, sizeof reply);
        assert_non_null(strstr(reply, "HTTP/1.1 200"));
        assert_non_null(strstr(reply, "application/json"));
        assert_non_null(strstr(reply, "\"identity\""));
    }

    close(fd);
    stop(&server);
}

static void a_path_names_the_endpoint(void **state)
{
    (void)state;
    struct server server;
    char first[4096], second[4096], third[4096];
    start(&server);
    int fd = dial(&server);

    post(&server, fd, "/", slot_body);
    get(&server, fd, first, sizeof first);
    post(&server, fd, "/0", slot_body);
    get(&server, fd, second, sizeof second);
    post(&server, fd, "/1", slot_body);
    get(&server, fd, third, sizeof third);

    assert_string_equal(strstr(first, "\r\n\r\n"), strstr(second, "\r\n\r\n"));
    assert_string_not_equal(strstr(first, "\r\n\r\n"), strstr(third, "\r\n\r\n"));
    close(fd);
    stop(&server);
}

static void other_paths_and_methods_are_refused_and_health_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *request, *status;
    } cases[] = {
        {"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200"},
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405"},
        {"GET /etc HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404"},
        {"POST /9 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404"},
    };
    struct server server;
    char reply[4096];
    start(&server);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = dial(&server);
        put(&server, fd, cases[i].request, strlen(cases[i].request));
        get(&server, fd, reply, sizeof reply);
        assert_non_null(strstr(reply, cases[i].status));
        close(fd);
    }
    stop(&server);
}

static void a_body_beyond_the_maximum_is_413(void **state)
{
    (void)state;
    struct server server;
    char reply[4096];
    start(&server);
    char *body = malloc(LS_SIM_BODY_BYTES_MAX + 2);
    assert_non_null(body);
    memset(body, ' ', LS_SIM_BODY_BYTES_MAX + 1);
    body[LS_SIM_BODY_BYTES_MAX + 1] = '\0';
    int fd = dial(&server);

    post(&server, fd, "/", body);
    get(&server, fd, reply, sizeof reply);

    assert_non_null(strstr(reply, "HTTP/1.1 413"));
    free(body);
    close(fd);
    stop(&server);
}

static void transport_faults_are_real_ones(void **state)
{
    (void)state;
    static const struct {
        struct ls_sim_faults faults;
        const char *expected;
    } cases[] = {
        {{.is_down = true}, ""},
        {{.drop_request_ppm = 1000000}, ""},
        {{.drop_reply_ppm = 1000000}, ""},
        {{.rate_limit_ppm = 1000000}, "HTTP/1.1 429"},
        {{.garbage_ppm = 1000000}, "text/html"},
    };
    struct server server;
    char reply[4096];
    start(&server);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = dial(&server);
        ls_sim_ledger_set_faults(server.fixture.ledger, &cases[i].faults);
        post(&server, fd, "/", slot_body);
        get(&server, fd, reply, sizeof reply);
        if (cases[i].expected[0] == '\0') {
            assert_string_equal(reply, "");
        } else {
            assert_non_null(strstr(reply, cases[i].expected));
        }
        close(fd);
    }
    stop(&server);
}

static void a_delayed_reply_waits_for_its_time_and_others_do_not_wait_for_it(void **state)
{
    (void)state;
    struct server server;
    char reply[4096];
    start(&server);
    struct ls_sim_faults slow = {.reply_delay_ms_max = 1000000};
    struct ls_sim_faults none = {0};
    int late = dial(&server);
    int early = dial(&server);

    ls_sim_ledger_set_faults(server.fixture.ledger, &slow);
    post(&server, late, "/", slot_body);
    for (int i = 0; i < 5; i++) ls_sim_http_turn(server.http, TURN_MS);
    ls_sim_ledger_set_faults(server.fixture.ledger, &none);
    post(&server, early, "/", slot_body);
    get(&server, early, reply, sizeof reply);
    assert_non_null(strstr(reply, "HTTP/1.1 200"));
    assert_int_equal(recv(late, reply, sizeof reply, MSG_DONTWAIT), -1);
    server.fixture.now_ms += 1000001;
    get(&server, late, reply, sizeof reply);

    assert_non_null(strstr(reply, "HTTP/1.1 200"));
    close(late);
    close(early);
    stop(&server);
}

static void stopping_with_a_reply_under_way_leaks_nothing(void **state)
{
    (void)state;
    struct server server;
    start(&server);
    struct ls_sim_faults slow = {.reply_delay_ms_max = 1000000};
    ls_sim_ledger_set_faults(server.fixture.ledger, &slow);
    int fd = dial(&server);

    post(&server, fd, "/", slot_body);
    for (int i = 0; i < 5; i++) ls_sim_http_turn(server.http, TURN_MS);

    stop(&server);
    close(fd);
}

static void turns_produce_blocks(void **state)
{
    (void)state;
    struct server server;
    start(&server);
    int64_t slot = json_integer_value(result_of(&server.fixture, "getSlot", "[]"));

    server.fixture.now_ms += 50 * SLOT_MS;
    ls_sim_http_turn(server.http, 0);

    assert_true(ls_sim_ledger_next_ms(server.fixture.ledger) > server.fixture.now_ms);
    assert_true(json_integer_value(result_of(&server.fixture, "getSlot", "[]")) > slot + 40);
    stop(&server);
}

static void a_taken_port_is_refused_with_the_cure(void **state)
{
    (void)state;
    struct server server;
    struct ls_why why = {{0}};
    ls_sim_http *second = NULL;
    start(&server);

    ls_err err = ls_sim_http_new(server.fixture.ledger, &server.clock,
                                 ls_sim_http_port(server.http), &second, &why);

    assert_int_equal(err.code, LS_CODE_UNAVAILABLE);
    assert_null(second);
    assert_non_null(strstr(why.text, "choose another port"));
    ls_sim_http_free(NULL);
    stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_is_kept_for_many_calls),
        cmocka_unit_test(a_path_names_the_endpoint),
        cmocka_unit_test(other_paths_and_methods_are_refused_and_health_is_told),
        cmocka_unit_test(a_body_beyond_the_maximum_is_413),
        cmocka_unit_test(transport_faults_are_real_ones),
        cmocka_unit_test(a_delayed_reply_waits_for_its_time_and_others_do_not_wait_for_it),
        cmocka_unit_test(stopping_with_a_reply_under_way_leaks_nothing),
        cmocka_unit_test(turns_produce_blocks),
        cmocka_unit_test(a_taken_port_is_refused_with_the_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
