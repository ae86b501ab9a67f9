/* An export on its way: all rows that match, page by page, into a file that appears only
 * when it is whole. The feed makes one step between its other work. */
#ifndef LOCKSTEP_CONSOLE_EXPORT_JOB_H
#define LOCKSTEP_CONSOLE_EXPORT_JOB_H

#include "lockstep/store/session.h"
#include "lockstep/tui/ui.h"

typedef struct export_job export_job;

/* Prepare FILE.csv or FILE.jsonl of `request`; ~/ is the person's home. The file is made
 * with mode 0600 beside its place. LS_CODE_REFUSED when FILE exists and the request does not
 * say to overwrite it; LS_CODE_INVALID for a name that ends otherwise or a folder that cannot
 * be written. */
LS_MUST_CHECK ls_err export_job_new(const struct ls_ui_request *request,
                                    export_job **job_out,
                                    struct ls_why *why);
/* Take further rows: those of the second listing that one screen joins. */
void export_job_add(export_job *job, const struct ls_filter *filter);
/* Read and write a little more; `*is_over_out` when all is written. */
LS_MUST_CHECK ls_err export_job_step(export_job *job,
                                     ls_session *session,
                                     bool *is_over_out,
                                     struct ls_why *why);
/* Put it in its place. Afterwards free it in either case. */
LS_MUST_CHECK ls_err export_job_finish(export_job *job, struct ls_why *why);
/* Free; what was not finished leaves no file. NULL is allowed. */
void export_job_free(export_job *job);

uint64_t export_job_ticket(const export_job *job);
int64_t export_job_rows(const export_job *job);
/* Of the operations looked at, where that is known. */
int32_t export_job_permille(const export_job *job);
const char *export_job_path(const export_job *job);

#endif
