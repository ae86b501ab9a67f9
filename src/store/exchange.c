#include "exchange.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for the socket to be ready for `events`; false when nothing more is waited for. */
static bool
await(const PGconn *connection, short events, int64_t end_ms, const struct exchange_limits *is)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = PQsocket(connection), .events = events},
                               {.fd = is->interrupt_fd, .events = POLLIN}};
        const int64_t left_ms = end_ms - now_ms();
        if (fds[0].fd < 0 || left_ms <= 0) return false;
        const int ready = poll(fds, 2, left_ms > 60000 ? 60000 : (int)left_ms);
        if (ready < 0 && errno != EINTR) return false;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0) return false;
        if (ready > 0 && fds[0].revents != 0) return true;
    }
}

static bool flush(PGconn *connection, int64_t end_ms, const struct exchange_limits *limits)
{
    int left = 1;
    while ((left = PQflush(connection)) == 1) {
        if (!await(connection, POLLIN | POLLOUT, end_ms, limits)) return false;
        /* A server that answers early would otherwise wait for us as we wait for it. */
        if (PQconsumeInput(connection) == 0) return false;
    }
    return left == 0;
}

static PGresult *
receive(PGconn *connection, int64_t end_ms, const struct exchange_limits *limits)
{
    PGresult *last = NULL;
    for (;;) {
        while (PQisBusy(connection) != 0) {
            if (!await(connection, POLLIN, end_ms, limits) || PQconsumeInput(connection) == 0) {
                PQclear(last);
                return NULL;
            }
        }
        PGresult *next = PQgetResult(connection); /* not busy: does not wait */
        if (next == NULL) return last;
        PQclear(last);
        last = next;
        const ExecStatusType status = PQresultStatus(last);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            return last; /* never asked for: its end would not come by itself */
    }
}

PGresult *exchange_run(PGconn *connection,
                       const char *sql,
                       const struct params *params,
                       const struct exchange_limits *limits)
{
    const int64_t end_ms = now_ms() + limits->answer_ms;
    PGresult *result = NULL;
    (void)PQsetnonblocking(connection, 1); /* fails for a broken one: sending fails too */
    const int sent =
        params == NULL ? PQsendQuery(connection, sql)
                       : PQsendQueryParams(connection, sql, params->count, params->types,
                                           params->values, params->lengths, params->formats, 0);
    if (sent == 1 && flush(connection, end_ms, limits))
        result = receive(connection, end_ms, limits);
    (void)PQsetnonblocking(connection, 0);
    if (result == NULL && PQsocket(connection) >= 0)
        (void)shutdown(PQsocket(connection), SHUT_RDWR); /* broken already: nothing is lost */
    return result;
}
