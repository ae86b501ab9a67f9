#include "export_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockstep/report/batch_json.h"
#include "lockstep/report/csv.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/op_list.h"

#define WHAT "export"

enum { PATH_BYTES = 1024, PARTS_MAX = 2 };

struct export_job {
    uint64_t ticket;
    enum ls_ui_export what;
    bool is_csv, overwrites, is_placed;
    char path[PATH_BYTES], made[PATH_BYTES + 32];
    FILE *file;
    int64_t rows;
    struct ls_csv csv;
    enum ls_op_sort sort;
    size_t part, part_count;
    struct ls_filter filters[PARTS_MAX];
    struct ls_op_cursor after;
    struct ls_ops_search search;
    struct ls_op_page ops;
    struct ls_alert_page alerts;
    struct ls_audit_page audit;
    struct ls_batch_filter batch_filter;
    struct ls_batch_page batches;
    struct ls_bulk_page bulks;
    struct ls_bulk_target_page targets;
    int64_t bulk;
    int64_t before_seq; /* where the next page begins, but for operations */
    struct ls_buf row, out;
};

static ls_err read_path(export_job *job, const char *text, struct ls_why *why)
{
    const char *home = getenv("HOME");
    const bool is_home = text[0] == '~' && text[1] == '/' && home != NULL;
    const int length = snprintf(job->path, sizeof job->path, "%s%s", is_home ? home : "",
                                is_home ? text + 1 : text);
    const char *end = strrchr(text, '.');
    if (length <= 0 || (size_t)length >= sizeof job->path)
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "the file's name is too long");
    if (end != NULL && strcmp(end, ".csv") == 0) {
        job->is_csv = true;
    } else if (end == NULL || strcmp(end, ".jsonl") != 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.200s: name it FILE.csv or FILE.jsonl",
                         text);
    }
    return LS_OK;
}

static ls_err make_file(export_job *job, struct ls_why *why)
{
    struct stat about;
    if (!job->overwrites && lstat(job->path, &about) == 0)
        return ls_refuse(why, LS_CODE_REFUSED, WHAT, "%.300s exists", job->path);
    (void)snprintf(job->made, sizeof job->made, "%s.part-%ld", job->path, (long)getpid());
    (void)unlink(job->made); /* of a console that was killed and had our number */
    const int fd = open(job->made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    job->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (job->file != NULL) return LS_OK;
    if (fd >= 0) (void)close(fd);
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: cannot be made: %.80s", job->path,
                     strerror(errno));
}

/* One row as JSON into job->row. */
static void row_begin(export_job *job)
{
    ls_buf_reset(&job->row);
}

static ls_err row_end(export_job *job)
{
    LS_TRY(ls_buf_check(&job->row, WHAT));
    if (job->is_csv) return ls_csv_row(&job->csv, ls_buf_text(&job->row), &job->out);
    ls_buf_add_text(&job->out, ls_buf_text(&job->row));
    ls_buf_add_char(&job->out, '\n');
    return LS_OK;
}

static ls_err flush(export_job *job, struct ls_why *why)
{
    LS_TRY(ls_buf_check(&job->out, WHAT));
    const size_t length = job->out.length;
    const size_t put = length == 0 ? 0 : fwrite(ls_buf_text(&job->out), 1, length, job->file);
    ls_buf_reset(&job->out);
    if (put == length) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: cannot be written: %.80s", job->path,
                     strerror(errno));
}

/* Columns come from a row of zeros, so that a file without rows has its head too. */
static ls_err write_head(export_job *job)
{
    const struct ls_op_row op = {.batch = 1};
    const struct ls_alert_row alert = {0};
    const struct ls_audit_row entry = {0};
    const struct ls_batch_row batch = {0};
    const struct ls_bulk_row bulk = {0};
    const struct ls_bulk_target_row target = {0};
    if (!job->is_csv) return LS_OK;
    row_begin(job);
    switch (job->what) {
    case LS_UI_EXPORT_OPS: ls_json_op(&job->row, &op); break;
    case LS_UI_EXPORT_ALERTS: ls_json_alert(&job->row, &alert); break;
    case LS_UI_EXPORT_AUDIT: ls_json_audit(&job->row, &entry); break;
    case LS_UI_EXPORT_BATCHES: ls_json_batch(&job->row, &batch); break;
    case LS_UI_EXPORT_BULKS: ls_json_bulk(&job->row, &bulk); break;
    case LS_UI_EXPORT_TARGETS: ls_json_bulk_target(&job->row, &target); break;
    }
    LS_TRY(ls_csv_init(&job->csv, ls_buf_text(&job->row)));
    job->csv.is_file = true;
    ls_csv_head(&job->csv, &job->out);
    return LS_OK;
}

ls_err
export_job_new(const struct ls_ui_request *request, export_job **job_out, struct ls_why *why)
{
    enum { ROW_BYTES_MAX = 1 << 20, OUT_MAX = 1 << 26 };
    export_job *job = calloc(1, sizeof *job);
    if (job == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    job->ticket = request->ticket;
    job->what = request->export;
    job->overwrites = request->overwrites;
    job->sort = request->sort;
    job->batch_filter = request->batches;
    job->bulk = request->bulk;
    job->filters[job->part_count++] = request->filter;
    ls_buf_init(&job->row, ROW_BYTES_MAX);
    ls_buf_init(&job->out, OUT_MAX);
    ls_err err = read_path(job, request->text, why);
    if (!ls_failed(err)) err = make_file(job, why);
    if (!ls_failed(err)) err = write_head(job);
    if (ls_failed(err)) {
        export_job_free(job);
        return err;
    }
    *job_out = job;
    return LS_OK;
}

void export_job_add(export_job *job, const struct ls_filter *filter)
{
    if (job->part_count < PARTS_MAX) job->filters[job->part_count++] = *filter;
}

static void next_part(export_job *job)
{
    job->part++;
    job->after = (struct ls_op_cursor){0};
}

static ls_err step_ops(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    const struct ls_ops_query query = {.filter = &job->filters[job->part],
                                       .sort = job->sort,
                                       .after = job->after.has ? &job->after : NULL,
                                       .limit = LS_FACTS_PAGE_MAX};
    LS_TRY(ls_session_ops_step(session, &query, &job->search, &job->ops, why));
    if (!job->search.is_over) return LS_OK;
    for (size_t i = 0; i < job->ops.count; i++) {
        row_begin(job);
        ls_json_op(&job->row, &job->ops.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
    }
    if (job->ops.has_more && job->ops.count > 0) {
        job->after = ls_op_list_after(job->sort, &job->ops.rows[job->ops.count - 1]);
    } else {
        next_part(job);
    }
    *is_over = job->part == job->part_count;
    job->search = (struct ls_ops_search){0};
    job->ops = (struct ls_op_page){0};
    return LS_OK;
}

static ls_err
step_alerts(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    LS_TRY(ls_session_alerts(session, true, job->before_seq, &job->alerts, why));
    for (size_t i = 0; i < job->alerts.count; i++) {
        row_begin(job);
        ls_json_alert(&job->row, &job->alerts.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
        job->before_seq = job->alerts.rows[i].id;
    }
    *is_over = !job->alerts.has_more || job->alerts.count == 0;
    return LS_OK;
}

static ls_err
step_audit(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    LS_TRY(ls_session_audit(session, job->before_seq, LS_FACTS_PAGE_MAX, &job->audit, why));
    for (size_t i = 0; i < job->audit.count; i++) {
        row_begin(job);
        ls_json_audit(&job->row, &job->audit.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
        job->before_seq = job->audit.rows[i].seq;
    }
    *is_over = !job->audit.has_more || job->audit.count == 0;
    return LS_OK;
}

static ls_err
step_batches(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    LS_TRY(
        ls_session_batches(session, &job->batch_filter, job->before_seq, &job->batches, why));
    for (size_t i = 0; i < job->batches.count; i++) {
        row_begin(job);
        ls_json_batch(&job->row, &job->batches.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
        job->before_seq = job->batches.rows[i].id;
    }
    *is_over = !job->batches.has_more || job->batches.count == 0;
    return LS_OK;
}

static ls_err
step_bulks(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    LS_TRY(ls_session_bulks(session, 0, job->before_seq, &job->bulks, why));
    for (size_t i = 0; i < job->bulks.count; i++) {
        row_begin(job);
        ls_json_bulk(&job->row, &job->bulks.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
        job->before_seq = job->bulks.rows[i].id;
    }
    *is_over = !job->bulks.has_more || job->bulks.count == 0;
    return LS_OK;
}

/* A job's targets go upwards: before_seq is the last one that was read. */
static ls_err
step_targets(export_job *job, ls_session *session, bool *is_over, struct ls_why *why)
{
    LS_TRY(ls_session_bulk_targets(session, job->bulk, job->before_seq, &job->targets, why));
    for (size_t i = 0; i < job->targets.count; i++) {
        row_begin(job);
        ls_json_bulk_target(&job->row, &job->targets.rows[i]);
        LS_TRY(row_end(job));
        job->rows++;
        job->before_seq = job->targets.rows[i].op.value;
    }
    *is_over = !job->targets.has_more || job->targets.count == 0;
    return LS_OK;
}

ls_err
export_job_step(export_job *job, ls_session *session, bool *is_over_out, struct ls_why *why)
{
    bool is_over = false;
    switch (job->what) {
    case LS_UI_EXPORT_OPS: LS_TRY(step_ops(job, session, &is_over, why)); break;
    case LS_UI_EXPORT_ALERTS: LS_TRY(step_alerts(job, session, &is_over, why)); break;
    case LS_UI_EXPORT_AUDIT: LS_TRY(step_audit(job, session, &is_over, why)); break;
    case LS_UI_EXPORT_BATCHES: LS_TRY(step_batches(job, session, &is_over, why)); break;
    case LS_UI_EXPORT_BULKS: LS_TRY(step_bulks(job, session, &is_over, why)); break;
    case LS_UI_EXPORT_TARGETS: LS_TRY(step_targets(job, session, &is_over, why)); break;
    }
    LS_TRY(flush(job, why));
    *is_over_out = is_over;
    return LS_OK;
}

ls_err export_job_finish(export_job *job, struct ls_why *why)
{
    const bool is_kept = fflush(job->file) == 0 && fsync(fileno(job->file)) == 0;
    const bool is_closed = fclose(job->file) == 0;
    job->file = NULL;
    if (!is_kept || !is_closed) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.300s: cannot be written: %.80s",
                         job->path, strerror(errno));
    }
    /* A link fails where a file came meanwhile; renaming would take its place. */
    const int failed =
        job->overwrites ? rename(job->made, job->path) : link(job->made, job->path);
    if (failed == 0) {
        job->is_placed = job->overwrites;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_REFUSED, WHAT,
                     errno == EEXIST ? "%.300s exists" : "%.300s: cannot be put there",
                     job->path);
}

void export_job_free(export_job *job)
{
    if (job == NULL) return;
    if (job->file != NULL) (void)fclose(job->file); /* it is thrown away */
    if (job->made[0] != '\0' && !job->is_placed) (void)unlink(job->made);
    ls_buf_done(&job->row);
    ls_buf_done(&job->out);
    free(job);
}

uint64_t export_job_ticket(const export_job *job)
{
    return job->ticket;
}

int64_t export_job_rows(const export_job *job)
{
    return job->rows;
}

int32_t export_job_permille(const export_job *job)
{
    return job->search.permille;
}

const char *export_job_path(const export_job *job)
{
    return job->path;
}
