/* One HTTP exchange: a curl easy handle that is set up once and used again, with the
 * copies of request and reply that it owns, and the reading of its outcome. */
#ifndef LOCKSTEP_LEDGER_TRANSFER_H
#define LOCKSTEP_LEDGER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "endpoint.h"
#include "lockstep/base/buf.h"
#include "lockstep/core/ledger_port.h"

enum {
    LS_TRANSFER_HEADER_BYTES_MAX = 65536,
    LS_TRANSFER_CONNECT_MS = 5000, /* at most, and never longer than the call itself */
    LS_TRANSFER_SLOW_SECONDS = 10, /* under LS_TRANSFER_SLOW_BYTES a second: given up */
    LS_TRANSFER_SLOW_BYTES = 16,
    LS_TRANSFER_KEEP_BYTES = 1 << 18, /* larger buffers are given back after use */
};

struct ls_transfer {
    CURL *easy;
    const struct ls_endpoint *target; /* whose URL the handle holds now; NULL: none yet */
    int32_t endpoint;
    uint64_t id;
    bool is_send;
    bool is_blocking; /* waited for by ls_http_ledger_post, not for take */
    struct ls_buf request;
    size_t request_read; /* of a send: bytes that curl took */
    struct ls_buf reply;
    size_t header_bytes;
    bool is_too_long;
    bool has_ended;
    struct ls_outcome outcome;
};

/* Make the handle. LS_CODE_NO_MEMORY; `headers` must outlive the transfer. */
LS_MUST_CHECK ls_err ls_transfer_init(struct ls_transfer *transfer_out,
                                      const char *user_agent,
                                      struct curl_slist *headers);
/* Free all; a zeroed transfer is allowed. */
void ls_transfer_done(struct ls_transfer *transfer);

/* Copy `call` and point the handle at `target`. LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_transfer_prepare(struct ls_transfer *transfer,
                                         const struct ls_endpoint *target,
                                         const struct ls_ledger_call *call);
/* Read what came of it into `transfer->outcome` (a failed one loses its body). */
void ls_transfer_finish(struct ls_transfer *transfer, CURLcode result);
/* Empty the buffers for the next use. */
void ls_transfer_recycle(struct ls_transfer *transfer);

#endif
