/* Batches and bulk jobs as JSON objects, the same in every command and export. */
#ifndef LOCKSTEP_REPORT_BATCH_JSON_H
#define LOCKSTEP_REPORT_BATCH_JSON_H

#include "lockstep/base/buf.h"
#include "lockstep/core/batch_facts.h"
#include "lockstep/core/bulk.h"

void ls_json_batch(struct ls_buf *out, const struct ls_batch_row *row);
void ls_json_bulk(struct ls_buf *out, const struct ls_bulk_row *row);
void ls_json_bulk_target(struct ls_buf *out, const struct ls_bulk_target_row *row);

#endif
