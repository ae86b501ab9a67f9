#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lockstep/host/journal.h"
#include "lockstep/report/out.h"
#include "log_line.h"

enum { LINES_MAX = 200, LINE_BYTES_MAX = 16384 };

/* The newest lines, oldest first. */
struct tail {
    size_t count, next;
    char *lines[LINES_MAX];
};

static void tail_add(struct tail *tail, char *line)
{
    free(tail->lines[tail->next]);
    tail->lines[tail->next] = line;
    tail->next = (tail->next + 1) % LINES_MAX;
    if (tail->count < LINES_MAX) tail->count++;
}

static void tail_free(struct tail *tail)
{
    for (size_t i = 0; i < LINES_MAX; i++) free(tail->lines[i]);
}

/* Whether the JSON line is about the operation: "op":ID and no further digit. */
static bool is_about(const char *line, const char *member)
{
    const size_t length = strlen(member);
    for (const char *at = strstr(line, member); at != NULL; at = strstr(at + 1, member))
        if (at[length] < '0' || at[length] > '9') return true;
    return false;
}

static ls_err read_log(const char *path, int64_t op, struct tail *tail, struct ls_why *why)
{
    char member[40];
    char *line = malloc(LINE_BYTES_MAX);
    FILE *file = fopen(path, "re");
    if (line == NULL || file == NULL) {
        free(line);
        if (file != NULL) (void)fclose(file);
        return ls_refuse(why, LS_CODE_INVALID, "log",
                         "%.300s: cannot be read; check who may read it", path);
    }
    (void)snprintf(member, sizeof member, "\"op\":%" PRId64, op);
    while (fgets(line, LINE_BYTES_MAX, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (is_about(line, member)) tail_add(tail, strdup(line));
    }
    (void)fclose(file); /* only read */
    free(line);
    return LS_OK;
}

static void add_attempts(struct ls_buf *out, const struct ls_op_detail *detail)
{
    char at[LS_OUT_TIME_BYTES];
    for (size_t i = 0; i < detail->attempt_count; i++) {
        const struct ls_attempt_row *attempt = &detail->attempts[i];
        ls_out_time(attempt->created_ms, at);
        ls_buf_printf(out, "%s  attempt %" PRId32 "  %s  ", at, attempt->attempt,
                      ls_attempt_state_name(attempt->state));
        ls_out_gated(out, attempt->signature);
        ls_buf_add_text(out, "  ");
        ls_out_gated(out, attempt->cause);
        ls_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < detail->event_count; i++) {
        const struct ls_audit_row *event = &detail->events[i];
        ls_out_time(event->at_ms, at);
        ls_buf_printf(out, "%s  ", at);
        ls_out_gated(out, event->actor);
        ls_buf_add_text(out, "  ");
        ls_out_gated(out, event->action);
        ls_buf_add_text(out, "  ");
        if (event->after[0] != '\0') {
            ls_out_gated(out, event->after);
            ls_buf_add_text(out, "  ");
        }
        ls_out_gated(out, event->reason);
        ls_buf_add_char(out, '\n');
    }
}

/* What the database knows of its life, where no log has it. */
static enum ls_exit print_events(const struct command_call *call, ls_op_id op, const char *note)
{
    struct ls_why why = {0};
    struct ls_buf out;
    ls_session *session = NULL;
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    if (detail == NULL) return ls_complain_memory("log");
    enum ls_exit status = database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        const ls_err err = ls_session_op(session, op, NULL, detail, &why);
        ls_session_free(session);
        if (ls_failed(err)) status = ls_complain_err("log", err, &why);
    }
    if (status == LS_EXIT_DONE) {
        ls_buf_init(&out, LS_OUT_BYTES_MAX);
        ls_out_gated(&out, note);
        ls_buf_add_char(&out, '\n');
        add_attempts(&out, detail);
        status = ls_out_print(&out);
    }
    free(detail);
    return status;
}

static void take_line(void *self, const char *line, size_t bytes)
{
    tail_add(self, strndup(line, bytes));
}

/* Where the log is, and what to do where it says nothing. `note` is for the latter. */
static ls_err read_somewhere(const struct command_call *call,
                             int64_t op,
                             struct tail *tail,
                             char note[LS_WHY_BYTES],
                             struct ls_why *why)
{
    const char *unit = arguments_value(call->arguments, OPTION_UNIT);
    const char *path = call->config->log_file;
    const struct ls_journal_query query = {
        .op = op, .environment = call->config->environment, .unit = unit == NULL ? "" : unit};
    if (unit == NULL && path[0] != '\0') {
        (void)snprintf(note, LS_WHY_BYTES, "The log %.300s says nothing of it", path);
        return read_log(path, op, tail, why);
    }
    (void)snprintf(
        note, LS_WHY_BYTES,
        "The journal of this machine has nothing of it that this login may read (the "
        "group systemd-journal may; on the worker's machine: journalctl "
        "LOCKSTEP_OP=%" PRId64 ")",
        op);
    return ls_journal_read(&query, take_line, tail, why);
}

static enum ls_exit print_tail(const struct tail *tail, bool is_raw)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    for (size_t i = 0; i < tail->count; i++) {
        const size_t at = (tail->next + LINES_MAX - tail->count + i) % LINES_MAX;
        const char *line = tail->lines[at] == NULL ? "" : tail->lines[at];
        if (is_raw) {
            ls_out_gated(&out, line);
        } else {
            log_line_write(line, &out);
        }
        ls_buf_add_char(&out, '\n');
    }
    return ls_out_print(&out);
}

enum ls_exit command_log(const struct command_call *call)
{
    struct tail tail = {0};
    struct ls_why why = {0};
    ls_op_id op = {0};
    char note[LS_WHY_BYTES];
    char all[LS_WHY_BYTES];
    ls_err err = database_id(call->arguments->positional[0], "operation", &op.value, &why);
    if (ls_failed(err)) return ls_complain_err("log", err, &why);
    err = read_somewhere(call, op.value, &tail, note, &why);
    if (!ls_failed(err) && tail.count > 0) {
        const enum ls_exit status =
            print_tail(&tail, arguments_has(call->arguments, OPTION_JSONL));
        tail_free(&tail);
        return status;
    }
    tail_free(&tail);
    if (arguments_has(call->arguments,
                      OPTION_JSONL)) { /* lines of the log, and there are none */
        ls_complain("log", "%.400s; what the database knows: lockstep show %" PRId64 " --json",
                    ls_failed(err) ? why.text : note, op.value);
        return LS_EXIT_NO_MATCH;
    }
    (void)snprintf(all, sizeof all, "%.400s; the database has these attempts and actions:",
                   ls_failed(err) ? why.text : note);
    return print_events(call, op, all);
}
