#include "looker.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/base/base58.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/store/look.h"

enum {
    POLL_MS = 2000, /* beside being told: of who took a look and died nobody tells */
    IDLE_MS = 400,  /* while there is no connection on which to be told */
    CONNECT_TIMEOUT_S = 3,
    STATEMENT_TIMEOUT_MS = 5000,
    CALL_MS = 6000,
    OPS_AT_ONCE = 64,
    ROWS_MAX = 4096, /* attempts of them; a round that is fuller leaves the rest for later */
    BODY_BYTES_MAX = 1 << 20,
};

/* One attempt of the round, and what the endpoints said of it. */
struct asked {
    struct ls_look_row row;
    int64_t slot;
};

struct looker {
    const struct ls_worker_thread_options *options;
    ls_session *session;
    ls_http_ledger *ledger;
    pthread_t thread;
    atomic_bool is_stopping;
    int wake_fd; /* an eventfd */
    size_t count;
    bool is_overfull;
    struct asked rows[ROWS_MAX];
    int32_t answered; /* endpoints that answered in this round */
};

static void take_row(void *self, const struct ls_look_row *row)
{
    looker *it = self;
    if (it->count == ROWS_MAX) {
        it->is_overfull = true; /* asked again when the lease on it is over */
        return;
    }
    it->rows[it->count++] = (struct asked){.row = *row};
}

static void note(struct asked *asked, const struct ls_rpc_status *status, int64_t height)
{
    struct ls_look_attempt *attempt = &asked->row.attempt;
    attempt->is_answered = true;
    if (!status->is_found) {
        if (height > attempt->height) attempt->height = height;
        return;
    }
    if (attempt->is_found && status->has_error) return; /* a landing outweighs it */
    attempt->is_found = true;
    attempt->has_error = status->has_error;
    asked->slot = status->slot;
}

/* The reply to getEpochInfo and getSignatureStatuses of `count` rows from `first`. */
static ls_err
read_reply(looker *it, const struct ls_buf *answer, const size_t *at, size_t count)
{
    struct ls_rpc_status statuses[LS_RPC_STATUSES_MAX];
    struct ls_rpc_epoch epoch;
    int64_t context_slot = 0;
    ls_rpc_reply *reply = NULL;
    LS_TRY(ls_rpc_read(ls_buf_text(answer), answer->length, 2, &reply));
    ls_err err = ls_rpc_epoch_at(reply, 0, &epoch);
    if (!ls_failed(err)) err = ls_rpc_statuses_at(reply, 1, statuses, count, &context_slot);
    ls_rpc_reply_free(reply);
    if (ls_failed(err)) return err;
    for (size_t i = 0; i < count; i++) note(&it->rows[at[i]], &statuses[i], epoch.height);
    return LS_OK;
}

static bool ask_endpoint(looker *it, int32_t endpoint, const size_t *at, size_t count)
{
    struct ls_signature signatures[LS_RPC_STATUSES_MAX];
    struct ls_rpc_batch batch;
    struct ls_buf body, answer;
    for (size_t i = 0; i < count; i++) signatures[i] = it->rows[at[i]].row.signature;
    ls_buf_init(&body, BODY_BYTES_MAX);
    ls_buf_init(&answer, BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);          /* position 0 */
    (void)ls_rpc_get_statuses(&batch, signatures, count, true); /* position 1 */
    ls_rpc_close(&batch);
    ls_err err = ls_buf_check(&body, "question");
    if (!ls_failed(err))
        err =
            ls_http_ledger_post(it->ledger, endpoint, body.data, body.length, CALL_MS, &answer);
    if (!ls_failed(err)) err = read_reply(it, &answer, at, count);
    ls_buf_done(&body);
    ls_buf_done(&answer);
    return !ls_failed(err); /* who does not answer says nothing: the rows stay as they are */
}

/* Every endpoint is asked for every attempt: one that lags cannot hide what another has. */
static void ask_ledger(looker *it)
{
    size_t at[LS_RPC_STATUSES_MAX];
    size_t next = 0;
    while (next < it->count && !atomic_load(&it->is_stopping)) {
        size_t count = 0;
        for (; next < it->count && count < LS_RPC_STATUSES_MAX; next++) {
            if (it->rows[next].row.has_attempt) at[count++] = next;
        }
        int32_t answered = 0;
        for (size_t e = 0; count > 0 && e < it->options->endpoint_count; e++)
            answered += ask_endpoint(it, (int32_t)e, at, count) ? 1 : 0;
        it->answered = answered;
    }
}

static bool is_same_op(const struct asked *a, const struct asked *b)
{
    return a->row.op.value == b->row.op.value &&
           memcmp(a->row.request_id, b->row.request_id, sizeof a->row.request_id) == 0;
}

static void
describe(const looker *it, const struct asked *rows, size_t count, struct ls_look_found *found)
{
    int64_t last_valid = 0;
    for (size_t i = 0; i < count; i++) {
        const struct ls_look_attempt *attempt = &rows[i].row.attempt;
        if (attempt->height > found->height) found->height = attempt->height;
        if (attempt->last_valid_height > last_valid) last_valid = attempt->last_valid_height;
        if (!attempt->is_found || attempt->is_cancel || found->signature[0] != '\0') continue;
        if (attempt->has_error && found->look != LS_LOOK_ERRORED) continue;
        found->slot = rows[i].slot;
        ls_signature_text(&rows[i].row.signature, found->signature);
    }
    if (found->look == LS_LOOK_NOTHING_SENT) {
        (void)snprintf(found->detail, sizeof found->detail, "no attempt was ever signed");
    } else if (found->signature[0] != '\0') {
        (void)snprintf(found->detail, sizeof found->detail, "%s in slot %" PRId64,
                       ls_look_word(found->look), found->slot);
    } else {
        (void)snprintf(found->detail, sizeof found->detail,
                       "%zu attempt%s, %d of %zu endpoints answered; blockhashes end at height "
                       "%" PRId64 ", finalized is %" PRId64,
                       count, count == 1 ? "" : "s", (int)it->answered,
                       it->options->endpoint_count, last_valid, found->height);
    }
}

/* The rows from `first` that are of one operation, as one answer. */
static size_t answer_op(looker *it, size_t first)
{
    struct ls_look_attempt attempts[LS_RPC_STATUSES_MAX] = {0};
    const struct asked *rows = &it->rows[first];
    size_t count = 0;
    size_t attempt_count = 0;
    while (first + count < it->count && is_same_op(rows, &rows[count])) {
        if (rows[count].row.has_attempt && attempt_count < LS_RPC_STATUSES_MAX)
            attempts[attempt_count++] = rows[count].row.attempt;
        count++;
    }
    struct ls_look_found found = {.op = rows->row.op,
                                  .look = ls_look_judge(attempts, attempt_count)};
    struct ls_why why = {0};
    memcpy(found.request_id, rows->row.request_id, sizeof found.request_id);
    describe(it, rows, attempt_count, &found);
    /* What cannot be written is taken by somebody again when its lease is over. */
    (void)ls_failed(ls_session_look_answer(it->session, &found, &why));
    return count;
}

/* One round; whether there was anything to do. */
static bool look(looker *it)
{
    struct ls_why why = {0};
    it->count = 0;
    it->is_overfull = false;
    it->answered = 0;
    if (ls_failed(ls_session_look_take(it->session, OPS_AT_ONCE, take_row, it, &why)))
        return false;
    if (it->count == 0) return false;
    ask_ledger(it);
    if (atomic_load(&it->is_stopping)) return false;
    for (size_t at = 0; at < it->count;) {
        bool is_last = it->is_overfull &&
                       it->rows[at].row.op.value == it->rows[it->count - 1].row.op.value;
        if (is_last) break; /* not all of its attempts were taken */
        at += answer_op(it, at);
    }
    return true;
}

static void *run(void *self)
{
    looker *it = self;
    while (!atomic_load(&it->is_stopping)) {
        if (look(it)) continue;
        if (!ls_failed(ls_session_look_wait(it->session, it->wake_fd, POLL_MS))) continue;
        const struct timespec pause = {.tv_nsec = IDLE_MS * 1000000L};
        (void)nanosleep(&pause, NULL); /* cut short by a signal is as good */
    }
    return NULL;
}

static void destroy(looker *it)
{
    ls_http_ledger_free(it->ledger);
    ls_session_free(it->session);
    if (it->wake_fd >= 0) (void)close(it->wake_fd);
    free(it);
}

static ls_err open_ports(looker *it, struct ls_why *why)
{
    const struct ls_session_options session = {
        .url = it->options->database_url,
        .application = "lockstep looker",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    struct ls_http_ledger_options ledger = {.endpoint_count = it->options->endpoint_count,
                                            .user_agent = "lockstep/" LS_VERSION};
    for (size_t i = 0; i < it->options->endpoint_count; i++)
        ledger.endpoints[i] = it->options->endpoints[i];
    it->session = ls_session_new(&session);
    if (it->session == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "looker");
    return ls_http_ledger_new(&ledger, &it->options->clock, &it->ledger, why);
}

ls_err looker_start(const struct ls_worker_thread_options *options,
                    looker **looker_out,
                    struct ls_why *why)
{
    looker *it = calloc(1, sizeof *it);
    if (it == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "looker");
    it->options = options;
    it->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ls_err err =
        it->wake_fd >= 0 ? open_ports(it, why) : LS_FAIL(LS_CODE_UNAVAILABLE, errno, "looker");
    if (!ls_failed(err)) {
        const int failed = pthread_create(&it->thread, NULL, run, it);
        if (failed != 0) err = LS_FAIL(LS_CODE_UNAVAILABLE, failed, "looker");
    }
    if (ls_failed(err)) {
        destroy(it);
        return err;
    }
    *looker_out = it;
    return LS_OK;
}

void looker_stop(looker *it)
{
    if (it == NULL) return;
    const uint64_t one = 1;
    atomic_store(&it->is_stopping, true);
    const ssize_t written = write(it->wake_fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable as well */
    ls_http_ledger_wake(it->ledger);
    (void)pthread_join(it->thread, NULL); /* fails only for our own mistakes */
    destroy(it);
}
