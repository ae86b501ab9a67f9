/* The filter language of listings, the same in the console and on the command line:
 *
 *   state:failed kind:token.* cause:BlockhashNotFound age>10m entity:org-7 key:pay:*
 *   batch:17 !kind:memo text
 *
 * Terms are and-ed; `!` inverts one; a trailing `*` matches a prefix; a bare word is
 * looked for in key, cause and entity; what holds blanks stands in quotes, as in
 * cause:"no certificate". `cause:` compares fingerprints (core/fingerprint.h), so a cause as it
 * was written finds all of its group. Parsing is pure; the store turns a filter into
 * SQL with bound parameters. */
#ifndef LOCKSTEP_CORE_FILTER_H
#define LOCKSTEP_CORE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/op.h"

enum { LS_FILTER_TERMS_MAX = 16, LS_FILTER_BYTES_MAX = 512 };

enum ls_filter_field {
    LS_FILTER_STATE,
    LS_FILTER_SUB,
    LS_FILTER_KIND,
    LS_FILTER_KEY,
    LS_FILTER_ENTITY,
    LS_FILTER_CAUSE,
    LS_FILTER_ID,
    LS_FILTER_BATCH, /* batch:17, or batch:B-17 */
    LS_FILTER_LANE,
    LS_FILTER_AGE,   /* since enqueued: age>10m, age<1h */
    LS_FILTER_STUCK, /* the word `stuck` alone, or state:stuck */
    LS_FILTER_TEXT,
};

struct ls_filter_term {
    enum ls_filter_field field;
    bool is_inverted;
    bool is_prefix;
    bool is_greater; /* AGE: older than */
    /* STATE, SUB, ID, BATCH, LANE as numbers; AGE in ms; KIND when not a prefix */
    int64_t number;
    char text[LS_KEY_BYTES_MAX + 1]; /* KEY, ENTITY, CAUSE, TEXT, KIND prefix */
};

struct ls_filter {
    size_t count;
    struct ls_filter_term terms[LS_FILTER_TERMS_MAX];
};

/* Read `text` ("" gives the empty filter, which matches all operations, live and finished
 * ones). LS_CODE_INVALID with `why` naming the term and what is allowed there. */
LS_MUST_CHECK ls_err ls_filter_parse(const char *text,
                                     struct ls_filter *filter_out,
                                     struct ls_why *why);

/* The word of `text` that is wrong: where it begins, and its bytes (0: none, or all of it). */
struct ls_filter_place {
    size_t at, bytes;
};
/* The same reading, and where the trouble is. */
LS_MUST_CHECK ls_err ls_filter_parse_at(const char *text,
                                        struct ls_filter *filter_out,
                                        struct ls_filter_place *place_out,
                                        struct ls_why *why);

/* What a term can begin with ("state:", "age>", "stuck"), with a sentence; false beyond the
 * last. For help and completion. */
bool ls_filter_word_at(size_t index, const char **word_out, const char **help_out);

/* A duration as "90", "90s", "10m", "2h", "3d", "500ms" into milliseconds (>= 0). */
LS_MUST_CHECK ls_err ls_duration_parse(const char *text, int64_t *ms_out);

enum ls_op_sort { LS_SORT_ID_DESC, LS_SORT_ID_ASC, LS_SORT_AGE_DESC, LS_SORT_UPDATED_DESC };

#endif
