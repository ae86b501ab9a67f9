/* What a listing prints that is no table: JSON, JSON lines or CSV, from the same objects.
 * Lines are written as they come, so that a listing of everything takes no memory. */
#ifndef LOCKSTEP_APP_LISTING_OUT_H
#define LOCKSTEP_APP_LISTING_OUT_H

#include "command.h"
#include "database.h"
#include "lockstep/base/buf.h"
#include "lockstep/report/csv.h"

struct listing_out {
    enum listing listing;
    bool has_head; /* CSV: the names are written */
    bool is_bad;   /* something could not be made or written */
    struct ls_csv csv;
    struct ls_buf json;  /* append an object here, then call listing_out_row() */
    struct ls_buf lines; /* CSV in the making */
};

void listing_out_init(struct listing_out *out, const struct command_call *call);
/* An object with every member, for CSV's line of names where there is no row. */
void listing_out_sample(struct listing_out *out, const char *object);
void listing_out_row(struct listing_out *out);
/* Write the rest and free. */
enum ls_exit listing_out_done(struct listing_out *out);
/* Free without writing. */
void listing_out_drop(struct listing_out *out);

#endif
