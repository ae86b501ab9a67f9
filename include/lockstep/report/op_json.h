/* Operations and their neighbours as JSON objects, the same in every command. */
#ifndef LOCKSTEP_REPORT_OP_JSON_H
#define LOCKSTEP_REPORT_OP_JSON_H

#include "lockstep/base/buf.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/people.h"
#include "lockstep/tui/verdict.h"

void ls_json_op(struct ls_buf *out, const struct ls_op_row *row);
void ls_json_op_detail(struct ls_buf *out, const struct ls_op_detail *detail);
void ls_json_audit(struct ls_buf *out, const struct ls_audit_row *row);
void ls_json_alert(struct ls_buf *out, const struct ls_alert_row *row);
void ls_json_endpoint(struct ls_buf *out, const struct ls_endpoint_row *row);
void ls_json_gate(struct ls_buf *out, const struct ls_gate_row *row);
void ls_json_worker(struct ls_buf *out, const struct ls_worker_row *row);
/* `people` tells who has a group; NULL where that is not known, as of the past. */
void ls_json_cause(struct ls_buf *out,
                   const struct ls_cause_row *row,
                   const struct ls_people *people);
void ls_json_dashboard(struct ls_buf *out,
                       const struct ls_dashboard *facts,
                       const struct ls_people *people,
                       const struct ls_verdict *verdict);

#endif
