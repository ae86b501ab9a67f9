/* Which URLs may be called, and what may be shown of one. */
#ifndef LOCKSTEP_LEDGER_URL_H
#define LOCKSTEP_LEDGER_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/err.h"

/* Check that `url` is https with a host, or http to loopback (localhost, 127.0.0.0/8,
 * ::1). Writes "host:port" (cut at `name_bytes` - 1) and whether it is http.
 * LS_CODE_INVALID with `why`, which never repeats credentials, path or query. */
LS_MUST_CHECK ls_err ls_url_read(
    const char *url, char *name_out, size_t name_bytes, bool *is_plain_out, struct ls_why *why);

#endif
