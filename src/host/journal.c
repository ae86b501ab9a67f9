#include "lockstep/host/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#define WHAT "journal"

enum { MATCH_BYTES = 512 };

/* All of these must hold; the library returns negative error numbers. */
static int add_matches(sd_journal *journal, const struct ls_journal_query *query)
{
    char match[MATCH_BYTES];
    (void)snprintf(match, sizeof match, LS_JOURNAL_OP "%" PRId64, query->op);
    int status = sd_journal_add_match(journal, match, 0);
    if (status < 0) return status;
    (void)snprintf(match, sizeof match, LS_JOURNAL_ENVIRONMENT "%.400s", query->environment);
    status = sd_journal_add_match(journal, match, 0);
    if (status < 0 || query->unit[0] == '\0') return status;
    (void)snprintf(match, sizeof match, "_SYSTEMD_UNIT=%.400s", query->unit);
    return sd_journal_add_match(journal, match, 0);
}

static int
each(sd_journal *journal, void (*take)(void *self, const char *line, size_t bytes), void *self)
{
    static const char name[] = "MESSAGE=";
    const size_t name_bytes = sizeof name - 1;
    int status = sd_journal_seek_head(journal);
    while (status >= 0 && (status = sd_journal_next(journal)) > 0) {
        const void *data = NULL;
        size_t bytes = 0;
        if (sd_journal_get_data(journal, "MESSAGE", &data, &bytes) < 0)
            continue; /* it has none */
        if (bytes < name_bytes || memcmp(data, name, name_bytes) != 0) continue;
        take(self, (const char *)data + name_bytes, bytes - name_bytes);
    }
    return status;
}

ls_err ls_journal_read(const struct ls_journal_query *query,
                       void (*take)(void *self, const char *line, size_t bytes),
                       void *self,
                       struct ls_why *why)
{
    sd_journal *journal = NULL;
    int status = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
    if (status >= 0) status = add_matches(journal, query);
    if (status >= 0) status = each(journal, take, self);
    sd_journal_close(journal); /* NULL is allowed */
    if (status >= 0) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "the journal cannot be read (error %d); check that systemd-journald runs",
                     -status);
}
