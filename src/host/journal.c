#include "lockstep/host/journal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#define WHAT "journal"

enum { MATCH_BYTES = 512 };

/* The library returns negative error numbers. */
static int add_match(sd_journal *journal, const char *field, const char *value)
{
    char match[MATCH_BYTES];
    (void)snprintf(match, sizeof match, "%s%.400s", field, value);
    return sd_journal_add_match(journal, match, 0);
}

/* All of these must hold. */
static int add_matches(sd_journal *journal,
                       const struct ls_journal_query *query,
                       const char *unit_field,
                       const char *unit)
{
    char op[24];
    (void)snprintf(op, sizeof op, "%" PRId64, query->op);
    int status = add_match(journal, LS_JOURNAL_OP, op);
    if (status >= 0) status = add_match(journal, LS_JOURNAL_ENVIRONMENT, query->environment);
    if (status >= 0 && unit[0] != '\0') status = add_match(journal, unit_field, unit);
    return status;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    const size_t bytes = strlen(end);
    return length >= bytes && strcmp(text + length - bytes, end) == 0;
}

/* As systemctl takes names: a service where no kind is said. It can be the system's or a
 * person's. */
static int add_query(sd_journal *journal, const struct ls_journal_query *query)
{
    char unit[MATCH_BYTES];
    const bool is_whole = query->unit[0] == '\0' || ends_with(query->unit, ".service") ||
                          ends_with(query->unit, ".scope");
    (void)snprintf(unit, sizeof unit, "%.300s%s", query->unit, is_whole ? "" : ".service");
    int status = add_matches(journal, query, "_SYSTEMD_UNIT=", unit);
    if (status < 0 || unit[0] == '\0') return status;
    status = sd_journal_add_disjunction(journal);
    return status < 0 ? status : add_matches(journal, query, "_SYSTEMD_USER_UNIT=", unit);
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
    if (status >= 0) status = add_query(journal, query);
    if (status >= 0) status = each(journal, take, self);
    sd_journal_close(journal); /* NULL is allowed */
    if (status >= 0) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "the journal cannot be read (error %d); check that systemd-journald runs",
                     -status);
}
