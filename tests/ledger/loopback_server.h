/* A small HTTP server on loopback for the tests of the ledger layer: the path of a
 * request names how the server behaves. One thread a connection, all bounded. */
#ifndef LOCKSTEP_TESTS_LOOPBACK_SERVER_H
#define LOCKSTEP_TESTS_LOOPBACK_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS_MAX = 128, SERVER_REQUEST_MAX = 1 << 16 };

struct server {
    int listener;
    int port;
    pthread_t thread;
    pthread_t connection_threads[SERVER_CONNECTIONS_MAX];
    atomic_bool is_stopping;
    atomic_int connections;
    atomic_int requests;
    atomic_int mode; /* of /mode: 0 answers, 1 is HTTP 500, 2 is HTTP 429 */
};

struct server_connection {
    struct server *server;
    int socket;
    int served;
    char request[SERVER_REQUEST_MAX];
    size_t request_bytes;
    const char *body;
    size_t body_bytes;
};

static bool server_send(int socket, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

static bool server_send_text(int socket, const char *text)
{
    return server_send(socket, text, strlen(text));
}

static bool server_answer(int socket, const char *status, const char *headers, const char *body)
{
    char head[512];
    (void)snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                   strlen(body), headers);
    return server_send_text(socket, head) && server_send_text(socket, body);
}

/* Wait until the server stops or the client leaves. */
static void server_stall(struct server_connection *connection)
{
    for (int i = 0; i < 500 && !atomic_load(&connection->server->is_stopping); i++) {
        struct pollfd fd = {.fd = connection->socket, .events = POLLIN};
        char byte;
        if (poll(&fd, 1, 10) > 0 && recv(connection->socket, &byte, 1, 0) <= 0) return;
    }
}

static void server_pour(struct server_connection *connection, const char *piece, long pieces)
{
    for (long i = 0; i < pieces && !atomic_load(&connection->server->is_stopping); i++)
        if (!server_send_text(connection->socket, piece)) return;
}

static void server_trickle(struct server_connection *connection)
{
    (void)server_send_text(connection->socket, "HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 100 && !atomic_load(&connection->server->is_stopping); i++) {
        if (!server_send_text(connection->socket, "x")) return;
        (void)poll(NULL, 0, 20);
    }
}

/* The answers that are one status each. */
static bool
server_plain(struct server_connection *connection, const char *path, bool *known_out)
{
    static const struct {
        const char *path, *status, *headers, *body;
    } answers[] = {
        {"/html", "200 OK", "Content-Type: text/html\r\n", "<html>hello</html>"},
        {"/empty", "200 OK", "", ""},
        {"/400", "400 Bad Request", "", "no"},
        {"/401", "401 Unauthorized", "", "no"},
        {"/403", "403 Forbidden", "", "no"},
        {"/404", "404 Not Found", "", "no"},
        {"/408", "408 Request Timeout", "", "no"},
        {"/410", "410 Gone", "", "no"},
        {"/429", "429 Too Many Requests", "Retry-After: 7\r\n", "slow down"},
        {"/429bare", "429 Too Many Requests", "", "slow down"},
        {"/500", "500 Internal Server Error", "", "oh"},
        {"/503", "503 Service Unavailable", "Retry-After: 3\r\n", "oh"},
        {"/redirect", "302 Found", "Location: /ok\r\n", "elsewhere"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (strcmp(path, answers[i].path) != 0) continue;
        *known_out = true;
        return server_answer(connection->socket, answers[i].status, answers[i].headers,
                             answers[i].body);
    }
    *known_out = false;
    return false;
}

static bool server_echo(struct server_connection *connection)
{
    char head[128];
    (void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                   connection->body_bytes);
    return server_send_text(connection->socket, head) &&
           server_send(connection->socket, connection->body, connection->body_bytes);
}

/* Answer one request; false ends the connection. */
static bool server_behave(struct server_connection *connection, const char *path)
{
    bool is_known = false;
    bool goes_on = server_plain(connection, path, &is_known);
    if (is_known) return goes_on;
    int socket = connection->socket;
    if (strcmp(path, "/ok") == 0) return server_echo(connection);
    if (strcmp(path, "/mode") == 0) {
        static const char *const modes[] = {"/ok", "/500", "/429"};
        int mode = atomic_load(&connection->server->mode);
        if (mode == 0) return server_echo(connection);
        return server_plain(connection, modes[mode], &is_known);
    }
    if (strcmp(path, "/once") == 0) return connection->served == 1 && server_echo(connection);
    if (strcmp(path, "/stall") == 0) server_stall(connection);
    if (strcmp(path, "/trickle") == 0) server_trickle(connection);
    if (strcmp(path, "/cut") == 0)
        (void)server_send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    if (strcmp(path, "/garbage") == 0)
        (void)server_send_text(socket, "\x01\x02 no HTTP\r\n\r\n");
    if (strcmp(path, "/huge") == 0)
        (void)server_send_text(socket,
                               "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nx");
    if (strcmp(path, "/endless") == 0) {
        char piece[4097];
        memset(piece, 'y', sizeof piece - 1);
        piece[sizeof piece - 1] = '\0';
        (void)server_send_text(socket, "HTTP/1.1 200 OK\r\n\r\n");
        server_pour(connection, piece, 100000);
    }
    if (strcmp(path, "/headers") == 0) {
        (void)server_send_text(socket, "HTTP/1.1 200 OK\r\n");
        server_pour(connection, "X-More: and more and more and more and more\r\n", 100000);
    }
    return false; /* "/close" too */
}

/* Read one request wholly; false when the client left or sent too much. */
static bool server_read(struct server_connection *connection)
{
    connection->request_bytes = 0;
    for (;;) {
        size_t room = sizeof connection->request - 1 - connection->request_bytes;
        if (room == 0) return false;
        ssize_t got =
            recv(connection->socket, connection->request + connection->request_bytes, room, 0);
        if (got <= 0) return false;
        connection->request_bytes += (size_t)got;
        connection->request[connection->request_bytes] = '\0';
        char *end = strstr(connection->request, "\r\n\r\n");
        if (end == NULL) continue;
        const char *length = strstr(connection->request, "Content-Length: ");
        size_t body_bytes = length == NULL ? 0 : (size_t)strtoul(length + 16, NULL, 10);
        size_t head_bytes = (size_t)(end + 4 - connection->request);
        if (connection->request_bytes < head_bytes + body_bytes) continue;
        connection->body = end + 4;
        connection->body_bytes = body_bytes;
        return true;
    }
}

static void *server_serve(void *self)
{
    struct server_connection *connection = self;
    while (!atomic_load(&connection->server->is_stopping) && server_read(connection)) {
        atomic_fetch_add(&connection->server->requests, 1);
        connection->served++;
        char path[64] = "";
        (void)sscanf(connection->request, "POST %63[^ ?]", path);
        if (!server_behave(connection, path)) break;
    }
    (void)close(connection->socket);
    free(connection);
    return NULL;
}

static void *server_accept(void *self)
{
    struct server *server = self;
    for (int count = 0; count < SERVER_CONNECTIONS_MAX;) {
        int socket = accept(server->listener, NULL, NULL);
        if (socket < 0 || atomic_load(&server->is_stopping)) {
            if (socket >= 0) (void)close(socket);
            break;
        }
        struct server_connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) abort();
        connection->server = server;
        connection->socket = socket;
        int at_once = 1;
        (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        /* A connection that nobody uses ends by itself. */
        struct timeval patience = {.tv_sec = 5};
        (void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        (void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (pthread_create(&server->connection_threads[count], NULL, server_serve,
                           connection) != 0)
            abort();
        count++;
        atomic_store(&server->connections, count);
    }
    return NULL;
}

static void server_start(struct server *server)
{
    memset(server, 0, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listener, 128) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) != 0 ||
        pthread_create(&server->thread, NULL, server_accept, server) != 0)
        abort();
    server->port = ntohs(address.sin_port);
}

/* Clients must have left: it waits for their connections to end. */
static void server_stop(struct server *server)
{
    atomic_store(&server->is_stopping, true);
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
    for (int i = 0; i < atomic_load(&server->connections); i++)
        (void)pthread_join(server->connection_threads[i], NULL);
}

#endif
