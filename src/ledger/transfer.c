#include "transfer.h"

#include <assert.h>
#include <string.h>

static size_t take_reply(char *bytes, size_t one, size_t count, void *self)
{
    struct ls_transfer *transfer = self;
    size_t total = one * count;
    ls_buf_add(&transfer->reply, bytes, total);
    if (transfer->reply.code == LS_CODE_OK) return total;
    transfer->is_too_long = transfer->reply.code == LS_CODE_FULL;
    return 0; /* curl gives up with CURLE_WRITE_ERROR */
}

static size_t take_header(char *bytes, size_t one, size_t count, void *self)
{
    (void)bytes; /* only their number matters */
    struct ls_transfer *transfer = self;
    size_t total = one * count;
    transfer->header_bytes += total;
    if (transfer->header_bytes <= LS_TRANSFER_HEADER_BYTES_MAX) return total;
    transfer->is_too_long = true;
    return 0;
}

/* A send is fed through this function, and no seek function stands beside it: curl, which
 * repeats a request that died on a reused connection, cannot rewind one whose body has
 * begun to leave, and reports it instead. */
static size_t give_request(char *room, size_t one, size_t count, void *self)
{
    struct ls_transfer *transfer = self;
    size_t left = transfer->request.length - transfer->request_read;
    size_t part = one * count < left ? one * count : left;
    if (part > 0) memcpy(room, transfer->request.data + transfer->request_read, part);
    transfer->request_read += part;
    return part;
}

static const struct setting {
    CURLoption option;
    long value;
} settings[] = {
    {CURLOPT_POST, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_MAXFILESIZE, LS_LEDGER_REPLY_BYTES_MAX},
    {CURLOPT_LOW_SPEED_LIMIT, LS_TRANSFER_SLOW_BYTES},
    {CURLOPT_LOW_SPEED_TIME, LS_TRANSFER_SLOW_SECONDS},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_TCP_NODELAY, 1},
    {CURLOPT_TCP_KEEPALIVE, 1},
};

/* CURLE_OK is 0: the codes are or-ed, and which of them failed matters to nobody. */
static bool
configure(struct ls_transfer *transfer, const char *user_agent, struct curl_slist *headers)
{
    CURL *easy = transfer->easy;
    unsigned bad = 0;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        bad |= curl_easy_setopt(easy, settings[i].option, settings[i].value);
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_reply);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_request);
    bad |= curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
    return bad == 0;
}

ls_err ls_transfer_init(struct ls_transfer *transfer_out,
                        const char *user_agent,
                        struct curl_slist *headers)
{
    *transfer_out = (struct ls_transfer){.easy = curl_easy_init()};
    ls_buf_init(&transfer_out->request, LS_LEDGER_BODY_BYTES_MAX);
    ls_buf_init(&transfer_out->reply, LS_LEDGER_REPLY_BYTES_MAX);
    if (transfer_out->easy == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger call");
    if (configure(transfer_out, user_agent, headers)) return LS_OK;
    return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger call");
}

void ls_transfer_done(struct ls_transfer *transfer)
{
    if (transfer->easy == NULL) return;
    curl_easy_cleanup(transfer->easy);
    ls_buf_done(&transfer->request);
    ls_buf_done(&transfer->reply);
    *transfer = (struct ls_transfer){0};
}

/* Only the scheme that the endpoint was checked for; and to loopback never by way of a
 * proxy that the environment names. */
static CURLcode aim(CURL *easy, const struct ls_endpoint *target)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, target->url);
    if (code == CURLE_OK) {
        code =
            curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, target->is_plain ? "http" : "https");
    }
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, target->is_plain ? "" : NULL);
    return code;
}

static CURLcode set_body(struct ls_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                     (curl_off_t)transfer->request.length);
    if (code != CURLE_OK) return code;
    const char *whole = transfer->is_send ? NULL : ls_buf_text(&transfer->request);
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, whole);
}

static CURLcode set_deadlines(CURL *easy, int64_t timeout_ms)
{
    long connect_ms =
        (long)(timeout_ms < LS_TRANSFER_CONNECT_MS ? timeout_ms : LS_TRANSFER_CONNECT_MS);
    CURLcode code = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
}

ls_err ls_transfer_prepare(struct ls_transfer *transfer,
                           const struct ls_endpoint *target,
                           const struct ls_ledger_call *call)
{
    ls_transfer_recycle(transfer);
    transfer->id = call->id;
    transfer->is_send = call->is_send;
    ls_buf_add(&transfer->request, call->body, call->body_bytes);
    LS_TRY(ls_buf_check(&transfer->request, "ledger call"));

    CURLcode code = CURLE_OK;
    if (transfer->target != target) code = aim(transfer->easy, target);
    transfer->target = code == CURLE_OK ? target : NULL;
    if (code == CURLE_OK) code = set_body(transfer);
    if (code == CURLE_OK) code = set_deadlines(transfer->easy, call->timeout_ms);
    if (code == CURLE_OK) return LS_OK;
    return LS_FAIL(LS_CODE_NO_MEMORY, (int32_t)code, "ledger call");
}

static const char *status_phrase(long status)
{
    switch (status) {
    case 401: return "HTTP 401: wants credentials";
    case 403: return "HTTP 403: forbids us";
    case 404: return "HTTP 404: not found there";
    case 408: return "HTTP 408: timed out";
    case 410: return "HTTP 410: gone";
    case 429: return "HTTP 429: rate limited";
    default: break;
    }
    if (status >= 500) return "HTTP 5xx: server error";
    if (status >= 300 && status < 400) return "redirects, which are not followed";
    return "unexpected HTTP status";
}

static ls_err judge_status(const struct ls_transfer *transfer, long status)
{
    int32_t native = (int32_t)status;
    switch (status) {
    case 200:
        if (transfer->reply.length > 0) return LS_OK;
        return LS_FAIL(LS_CODE_UNKNOWN, native, "answer is empty");
    case 401:
    case 403:
    case 404:
    case 410: return LS_FAIL(LS_CODE_REFUSED, native, status_phrase(status));
    case 429: return LS_FAIL(LS_CODE_UNAVAILABLE, native, status_phrase(status));
    default: return LS_FAIL(LS_CODE_UNKNOWN, native, status_phrase(status));
    }
}

static const char *failure_phrase(const struct ls_transfer *transfer, CURLcode result)
{
    if (transfer->is_too_long) return "answer is too long";
    switch ((int)result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return "name is not resolved";
    case CURLE_COULDNT_CONNECT: return "no connection";
    case CURLE_OPERATION_TIMEDOUT: return "timed out";
    case CURLE_SSL_CONNECT_ERROR: return "TLS handshake failed";
    case CURLE_PEER_FAILED_VERIFICATION: return "TLS certificate is not trusted";
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_RECV_ERROR: return "connection was cut";
    case CURLE_PARTIAL_FILE: return "answer is cut";
    case CURLE_FILESIZE_EXCEEDED: return "answer is too long";
    case CURLE_OUT_OF_MEMORY: return "out of memory";
    default: return "answer is not HTTP";
    }
}

/* Codes that a transfer ends with while it still tries to reach the other side. */
static bool is_before_writing(CURLcode result)
{
    return result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY ||
           result == CURLE_COULDNT_CONNECT || result == CURLE_SSL_CONNECT_ERROR ||
           result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_OPERATION_TIMEDOUT ||
           result == CURLE_SSL_CACERT_BADFILE || result == CURLE_SSL_CERTPROBLEM;
}

/* Nothing was written only when curl counts no byte of the request *and* failed at a step
 * before writing. Whatever else: it may have left. */
static ls_err judge_failure(struct ls_transfer *transfer, CURLcode result)
{
    long written = 1;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &written) != CURLE_OK)
        written = 1;
    bool is_clean = written == 0 && transfer->request_read == 0 && is_before_writing(result);
    return LS_FAIL(is_clean ? LS_CODE_UNAVAILABLE : LS_CODE_UNKNOWN, (int32_t)result,
                   failure_phrase(transfer, result));
}

void ls_transfer_finish(struct ls_transfer *transfer, CURLcode result)
{
    struct ls_outcome outcome = {0};
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_off_t elapsed_us = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);

    outcome.is_send = transfer->is_send;
    outcome.elapsed_us = elapsed_us;
    if (retry_after_s > LS_RETRY_AFTER_MS_MAX / 1000)
        retry_after_s = LS_RETRY_AFTER_MS_MAX / 1000;
    if (retry_after_s > 0) outcome.retry_after_ms = (int64_t)retry_after_s * 1000;
    outcome.err =
        result == CURLE_OK ? judge_status(transfer, status) : judge_failure(transfer, result);
    outcome.is_limited = result == CURLE_OK && status == 429;
    if (ls_failed(outcome.err)) ls_buf_reset(&transfer->reply);
    transfer->outcome = outcome;
}

static void empty(struct ls_buf *buf)
{
    if (buf->capacity > LS_TRANSFER_KEEP_BYTES) {
        ls_buf_done(buf);
    } else {
        ls_buf_reset(buf);
    }
}

void ls_transfer_recycle(struct ls_transfer *transfer)
{
    empty(&transfer->request);
    empty(&transfer->reply);
    transfer->request_read = 0;
    transfer->header_bytes = 0;
    transfer->is_too_long = false;
    transfer->is_blocking = false;
    transfer->has_ended = false;
}
