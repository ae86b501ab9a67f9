/* Rows of ours as CSV (RFC 4180), made from the same JSON objects that --jsonl prints, so
 * that both have the same columns.
 *
 * Text passes the gate, since a person may look at the file in a terminal: the exact bytes
 * are in JSON lines. A cell that a spreadsheet would take for a formula gets a ' in front.
 * Members that count milliseconds since 1970 (NAME_ms) become NAME, in ISO 8601. */
#ifndef LOCKSTEP_REPORT_CSV_H
#define LOCKSTEP_REPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

enum { LS_CSV_COLUMNS_MAX = 40, LS_CSV_NAME_BYTES = 48 };

struct ls_csv {
    size_t count;
    bool is_file; /* goes to a file, whatever standard output is; false at first */
    char names[LS_CSV_COLUMNS_MAX][LS_CSV_NAME_BYTES]; /* members of the objects */
};

/* The columns are the members of `sample`, one JSON object. LS_CODE_INVALID when it is none. */
LS_MUST_CHECK ls_err ls_csv_init(struct ls_csv *csv_out, const char *sample);
/* The line of names. */
void ls_csv_head(const struct ls_csv *csv, struct ls_buf *out);
/* The line of one JSON object; members that are no column are left out. */
LS_MUST_CHECK ls_err ls_csv_row(const struct ls_csv *csv,
                                const char *object,
                                struct ls_buf *out);

#endif
