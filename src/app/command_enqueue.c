#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "database.h"
#include "json_member.h"
#include "lockstep/core/kinds.h"
#include "lockstep/report/out.h"
#include "lockstep/solana/intent.h"

#define WHAT "enqueue"

/* Check what can be checked without the database, so that a malformed payload is named
 * even while it is down. */
static ls_err check(const struct ls_enqueue *request, struct ls_why *why)
{
    struct ls_intent intent;
    enum ls_kind kind = LS_KIND_NONE;
    LS_TRY(ls_kinds_one(request->kind, WHAT, &kind, why));
    if (request->key == NULL || request->key[0] == '\0') {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "no key is given; add --key KEY, the same for the same effect");
    }
    const size_t bytes = strlen(request->payload);
    if (bytes > LS_PAYLOAD_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "the payload is longer than %d bytes",
                         LS_PAYLOAD_BYTES_MAX);
    }
    return ls_intent_parse(request->kind, request->payload, bytes, &intent, why);
}

static void report(const struct command_call *call, const char *key, ls_op_id op)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_buf_add_char(&out, '{');
        ls_out_json_number(&out, "id", op.value);
        ls_out_json_field(&out, "key", key);
        ls_buf_add_text(&out, "}\n");
    } else {
        ls_buf_printf(&out, "%" PRId64 "\n", op.value);
    }
    (void)ls_out_print(&out); /* the stream's error is looked at when the program ends */
}

static enum ls_exit enqueue_one(const struct command_call *call,
                                ls_session *session,
                                const struct ls_enqueue *request,
                                const char *thing)
{
    struct ls_why why = {0};
    ls_op_id op = {0};
    ls_err err = check(request, &why);
    if (!ls_failed(err)) err = ls_session_enqueue(session, request, &op, &why);
    if (ls_failed(err)) return ls_complain_err(thing, err, &why);
    report(call, request->key, op);
    return LS_EXIT_DONE;
}

/* A text member of a line's object, or `fallback`. */
static const char *member(const json_t *object, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? fallback : text;
}

/* A member that a line may not have: a slip in "entity" would cost the order. */
static const char *strange_member(json_t *object)
{
    static const char *const names[] = {"key", "kind", "entity"};
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value)
    {
        bool is_known = strcmp(name, "payload") == 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            is_known = is_known || (strcmp(name, names[i]) == 0 && json_is_string(value));
        if (!is_known) return name;
    }
    return NULL;
}

/* One line of "-": {"key": …, "payload": {…}}, with "kind" and "entity" where they differ
 * from the command's. The payload is passed on as it stands, since writing its numbers
 * anew could change them. */
static enum ls_exit enqueue_line(const struct command_call *call,
                                 ls_session *session,
                                 const struct ls_enqueue *common,
                                 char *line,
                                 int64_t number)
{
    char thing[48];
    (void)snprintf(thing, sizeof thing, "enqueue: line %" PRId64, number);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    char *payload = json_is_object(json_object_get(object, "payload"))
                        ? json_member_cut(line, "payload")
                        : NULL;
    enum ls_exit status = LS_EXIT_USAGE;
    const char *strange = strange_member(object);
    if (payload != NULL && strange != NULL) {
        ls_complain(thing,
                    "member \"%.60s\" is unknown or no text; a line takes key, kind and "
                    "entity as texts, and payload",
                    strange);
    } else if (payload == NULL) {
        ls_complain(thing, "is no object with a payload; write {\"key\": \"...\", \"payload\": "
                           "{...}} on one line");
    } else {
        struct ls_enqueue request = *common;
        request.payload = payload;
        request.kind = member(object, "kind", common->kind);
        request.key = member(object, "key", NULL);
        request.entity = member(object, "entity", common->entity);
        status = enqueue_one(call, session, &request, thing);
    }
    json_decref(object);
    return status;
}

static enum ls_exit enqueue_lines(const struct command_call *call,
                                  ls_session *session,
                                  const struct ls_enqueue *common)
{
    enum { LINE_BYTES_MAX = LS_PAYLOAD_BYTES_MAX * 2 + 2048 };
    enum ls_exit status = LS_EXIT_DONE;
    int64_t number = 0;
    char *line = malloc(LINE_BYTES_MAX);
    if (line == NULL) return ls_complain_memory(WHAT);
    while (fgets(line, LINE_BYTES_MAX, stdin) != NULL) {
        number++;
        const size_t bytes = strlen(line);
        if (line[strspn(line, " \t\r\n")] == '\0') continue;
        if (bytes + 1 == LINE_BYTES_MAX && line[bytes - 1] != '\n') {
            ls_complain("enqueue", "line %" PRId64 " is too long; nothing after it was read",
                        number);
            status = LS_EXIT_USAGE;
            break;
        }
        const enum ls_exit one = enqueue_line(call, session, common, line, number);
        if (status == LS_EXIT_DONE) status = one;
        if (one == LS_EXIT_NO_DATABASE) break;
    }
    free(line);
    return status;
}

/* The payload of "@FILE" into `text` of LS_PAYLOAD_BYTES_MAX + 2 bytes. */
static ls_err read_payload(const char *path, char *text, struct ls_why *why)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: cannot be read: %s", path,
                         errno == ENOENT ? "there is no such file" : "check who may read it");
    }
    const size_t bytes = fread(text, 1, LS_PAYLOAD_BYTES_MAX + 1, file);
    const bool is_bad = ferror(file) != 0 || memchr(text, '\0', bytes) != NULL;
    (void)fclose(file); /* only read */
    text[bytes] = '\0';
    if (is_bad) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: is no text file", path);
    }
    return LS_OK;
}

static ls_err
read_request(const struct command_call *call, struct ls_enqueue *request, struct ls_why *why)
{
    static const int64_t lanes[2] = {0, LS_LANE_COUNT - 1};
    const struct arguments *arguments = call->arguments;
    int64_t lane = 1;
    LS_TRY(arguments_number(arguments, OPTION_LANE, lanes, &lane, why));
    LS_TRY(arguments_duration(arguments, OPTION_RUN_AT, &request->delay_ms, why));
    const char *batch = arguments_value(arguments, OPTION_BATCH);
    if (batch != NULL) LS_TRY(database_id(batch, "batch", &request->batch, why));
    request->kind = arguments->positional[0];
    request->payload = arguments->positional[1];
    request->key = arguments_value(arguments, OPTION_KEY);
    request->entity = arguments_value(arguments, OPTION_ENTITY);
    request->fence = arguments_value(arguments, OPTION_FENCE);
    request->lane = (int32_t)lane;
    return LS_OK;
}

static enum ls_exit enqueue_single(const struct command_call *call, struct ls_enqueue *request)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    ls_err err = LS_OK;
    char *text = malloc(LS_PAYLOAD_BYTES_MAX + 2);
    if (text == NULL) return ls_complain_memory(WHAT);
    if (request->payload[0] == '@') {
        err = read_payload(request->payload + 1, text, &why);
        request->payload = text;
    }
    if (!ls_failed(err)) err = check(request, &why);
    enum ls_exit status =
        ls_failed(err) ? ls_complain_err(WHAT, err, &why) : database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        status = enqueue_one(call, session, request, WHAT);
        ls_session_free(session);
    }
    free(text);
    return status;
}

enum ls_exit command_enqueue(const struct command_call *call)
{
    struct ls_enqueue request = {0};
    struct ls_why why = {0};
    ls_session *session = NULL;
    const ls_err err = read_request(call, &request, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    if (strcmp(request.payload, "-") != 0) return enqueue_single(call, &request);
    if (request.key != NULL) {
        ls_complain(WHAT, "--key is for one operation; with - each line has its own \"key\"");
        return LS_EXIT_USAGE;
    }
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    status = enqueue_lines(call, session, &request);
    ls_session_free(session);
    return status;
}
