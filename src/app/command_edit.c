/* lockstep edit: a new payload for a failed or held operation, under its key. */
#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confirm.h"
#include "database.h"
#include "lockstep/core/leaf.h"
#include "lockstep/report/out.h"
#include "lockstep/store/edit.h"

#define WHAT "edit"
enum { PAYLOAD_ROOM = LS_PAYLOAD_BYTES_MAX + 2, VALUE_BYTES = 4096 };

struct editing {
    struct ls_op_detail *detail;
    struct ls_leaf *leaves; /* of the payload before, then of the one after */
    struct ls_leaf *leaves_after;
    size_t count, count_after;
    struct ls_buf text; /* the new payload */
};

/* PATH=VALUE into the text: the leaf must be there, a slip in its name must not add one. */
static ls_err set_leaf(struct editing *edit, const char *assignment, struct ls_why *why)
{
    char path[LS_LEAF_PATH_BYTES];
    const char *equals = strchr(assignment, '=');
    size_t bytes = equals == NULL ? 0 : (size_t)(equals - assignment);
    if (bytes == 0 || bytes >= sizeof path)
        return ls_refuse(why, LS_CODE_INVALID, "usage", "%.100s: write PATH=VALUE, as in to=%s",
                         assignment, "ADDRESS");
    memcpy(path, assignment, bytes);
    path[bytes] = '\0';
    size_t count = 0;
    if (!ls_leaves_read(ls_buf_text(&edit->text), edit->leaves_after, LS_LEAVES_MAX, &count))
        return LS_FAIL(LS_CODE_CORRUPT, 0, "the payload is no object");
    const struct ls_leaf *leaf = ls_leaf_find(edit->leaves_after, count, path);
    if (leaf == NULL)
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "its payload has no %.100s; --file takes a whole payload", path);
    struct ls_buf next;
    ls_buf_init(&next, PAYLOAD_ROOM * 2);
    ls_leaf_replace(ls_buf_text(&edit->text), leaf, equals + 1, &next);
    ls_buf_done(&edit->text);
    edit->text = next;
    return ls_buf_check(&edit->text, WHAT);
}

static ls_err read_file(struct editing *edit, const char *path, struct ls_why *why)
{
    char *text = malloc(PAYLOAD_ROOM);
    FILE *file = text == NULL ? NULL : fopen(path, "re");
    if (file == NULL) {
        free(text);
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: cannot be read: %s", path,
                         strerror(errno));
    }
    const size_t bytes = fread(text, 1, PAYLOAD_ROOM - 1, file);
    (void)fclose(file); /* only read */
    ls_buf_done(&edit->text);
    ls_buf_init(&edit->text, PAYLOAD_ROOM);
    ls_buf_add(&edit->text, text, bytes);
    free(text);
    if (bytes > LS_PAYLOAD_BYTES_MAX || memchr(ls_buf_text(&edit->text), '\0', bytes) != NULL)
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: is no payload", path);
    return ls_buf_check(&edit->text, WHAT);
}

/* The person's editor on a file of the payload. */
static ls_err run_editor(struct editing *edit, struct ls_why *why)
{
    char path[] = "/tmp/lockstep-edit-XXXXXX";
    const char *editor = getenv("EDITOR");
    const int fd = mkstemp(path);
    if (editor == NULL || editor[0] == '\0' || isatty(STDIN_FILENO) != 1 || fd < 0) {
        if (fd >= 0) {
            (void)close(fd);
            (void)unlink(path);
        }
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "say what to change: PATH=VALUE, --set PATH=VALUE or --file FILE "
                         "(or set EDITOR, on a terminal)");
    }
    const bool is_written =
        write(fd, ls_buf_text(&edit->text), edit->text.length) == (ssize_t)edit->text.length;
    (void)close(fd);
    const pid_t child = is_written ? fork() : -1;
    if (child == 0) {
        (void)execl("/bin/sh", "sh", "-c", "exec $EDITOR \"$1\"", "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ls_err err = child > 0 && status == 0
                     ? read_file(edit, path, why)
                     : ls_refuse(why, LS_CODE_REFUSED, WHAT,
                                 "the editor did not end well: nothing was changed");
    (void)unlink(path);
    return err;
}

static ls_err change(const struct command_call *call, struct editing *edit, struct ls_why *why)
{
    const struct arguments *arguments = call->arguments;
    const char *file = arguments_value(arguments, OPTION_FILE);
    const char *set = arguments_value(arguments, OPTION_SET);
    ls_buf_init(&edit->text, PAYLOAD_ROOM);
    ls_buf_add_text(&edit->text, edit->detail->payload);
    if (file != NULL && (set != NULL || arguments->count > 1))
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "--file is the whole payload: leave the PATH=VALUE away");
    if (file != NULL) return read_file(edit, file, why);
    if (set == NULL && arguments->count == 1) return run_editor(edit, why);
    if (set != NULL) LS_TRY(set_leaf(edit, set, why));
    for (size_t i = 1; i < arguments->count; i++)
        LS_TRY(set_leaf(edit, arguments->positional[i], why));
    return LS_OK;
}

static void
add_line(struct ls_buf *out, char sign, const char *json, const struct ls_leaf *leaf)
{
    char value[VALUE_BYTES];
    ls_leaf_value(json, leaf, value, sizeof value);
    ls_buf_add_char(out, sign);
    ls_buf_add_char(out, ' ');
    ls_out_gated(out, leaf->path);
    ls_buf_add_text(out, " = ");
    ls_out_gated(out, value);
    ls_buf_add_char(out, '\n');
}

static bool
is_same(const struct editing *edit, const struct ls_leaf *a, const struct ls_leaf *b)
{
    const char *before = edit->detail->payload;
    const char *after = ls_buf_text(&edit->text);
    return b != NULL && a->end - a->start == b->end - b->start &&
           memcmp(before + a->start, after + b->start, a->end - a->start) == 0;
}

/* What stood and what will stand, on standard error: it is about to be asked. */
static ls_err show_change(struct editing *edit, struct ls_why *why)
{
    struct ls_buf out;
    const char *after = ls_buf_text(&edit->text);
    if (!ls_leaves_read(edit->detail->payload, edit->leaves, LS_LEAVES_MAX, &edit->count) ||
        !ls_leaves_read(after, edit->leaves_after, LS_LEAVES_MAX, &edit->count_after))
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "the new payload is no JSON object");
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    for (size_t i = 0; i < edit->count; i++) {
        const struct ls_leaf *leaf = &edit->leaves[i];
        const struct ls_leaf *other =
            ls_leaf_find(edit->leaves_after, edit->count_after, leaf->path);
        if (is_same(edit, leaf, other)) continue;
        add_line(&out, '-', edit->detail->payload, leaf);
        if (other != NULL) add_line(&out, '+', after, other);
    }
    for (size_t i = 0; i < edit->count_after; i++) {
        const struct ls_leaf *leaf = &edit->leaves_after[i];
        if (ls_leaf_find(edit->leaves, edit->count, leaf->path) == NULL)
            add_line(&out, '+', after, leaf);
    }
    (void)fputs(ls_buf_text(&out), stderr); /* nothing is left to tell it to */
    ls_buf_done(&out);
    return LS_OK;
}

static ls_err perform(const struct command_call *call,
                      ls_session *session,
                      struct editing *edit,
                      struct ls_action_result *result,
                      struct ls_why *why)
{
    static const int64_t range[2] = {1, INT64_MAX};
    struct ls_action action;
    int64_t version = edit->detail->row.version;
    LS_TRY(arguments_number(call->arguments, OPTION_EXPECT_VERSION, range, &version, why));
    LS_TRY(database_action(call, LS_VERB_EDIT, &action, why));
    action.op = edit->detail->row.op;
    action.expected_version = version;
    LS_TRY(change(call, edit, why));
    LS_TRY(show_change(edit, why));
    LS_TRY(ls_session_weigh_edit(session, action.op, ls_buf_text(&edit->text), why));
    if (arguments_has(call->arguments, OPTION_DRY_RUN)) {
        (void)snprintf(result->why.text, sizeof result->why.text, "nothing was changed");
        return LS_OK;
    }
    if (!arguments_has(call->arguments, OPTION_YES))
        LS_TRY(confirm("send it again with this payload", why));
    for (int tries = 0; tries < 3; tries++) {
        ls_session_edit(session, &action, ls_buf_text(&edit->text), result);
        if (result->err.code != LS_CODE_UNKNOWN) break;
    }
    *why = result->why;
    return result->err;
}

static enum ls_exit edit_op(const struct command_call *call, ls_session *session)
{
    struct ls_why why = {0};
    struct ls_action_result result = {0};
    struct editing edit = {.detail = calloc(1, sizeof *edit.detail),
                           .leaves = calloc(LS_LEAVES_MAX, sizeof *edit.leaves),
                           .leaves_after = calloc(LS_LEAVES_MAX, sizeof *edit.leaves_after)};
    ls_op_id op = {0};
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (edit.detail != NULL && edit.leaves != NULL && edit.leaves_after != NULL)
        err = database_id(call->arguments->positional[0], "operation", &op.value, &why);
    if (!ls_failed(err)) err = ls_session_op(session, op, NULL, edit.detail, &why);
    if (!ls_failed(err)) err = perform(call, session, &edit, &result, &why);
    ls_buf_done(&edit.text);
    free(edit.detail);
    free(edit.leaves);
    free(edit.leaves_after);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    struct ls_buf line;
    ls_buf_init(&line, 4096);
    ls_out_gated(&line, result.why.text);
    ls_buf_add_char(&line, '\n');
    return ls_out_print(&line);
}

enum ls_exit command_edit(const struct command_call *call)
{
    ls_session *session = NULL;
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    const enum ls_exit status = edit_op(call, session);
    ls_session_free(session);
    return status;
}
