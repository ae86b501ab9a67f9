#include "command.h"

#include "database.h"
#include "lockstep/report/out.h"
#include "lockstep/service/migrate.h"

enum { REPORT_BYTES_MAX = 1 << 20 };

/* The [kind "…"] sections of the configuration, written into the database. */
static ls_err configure_kinds(ls_session *session,
                              const struct ls_config *config,
                              struct ls_buf *report,
                              struct ls_why *why)
{
    for (int kind = 1; kind <= LS_KIND_MAX; kind++) {
        const struct ls_config_kind *settings = &config->kinds[kind];
        const struct ls_kind_settings wanted = {
            .kind = ls_kind_name((enum ls_kind)kind),
            .max_attempts = settings->max_attempts,
            .stuck_after_ms = settings->stuck_after_ms,
            .fence = settings->has_fence ? ls_fence_name(settings->fence) : NULL,
            .has_value_limit = settings->has_value_limit,
            .value_limit = settings->value_limit,
        };
        bool has_changed = false;
        if (wanted.max_attempts == 0 && wanted.stuck_after_ms == 0 && wanted.fence == NULL &&
            !wanted.has_value_limit)
            continue;
        LS_TRY(ls_session_configure_kind(session, &wanted, &has_changed, why));
        if (has_changed) ls_buf_printf(report, "kind %s: set as configured\n", wanted.kind);
    }
    return LS_OK;
}

/* The [retention] section likewise. */
static ls_err configure_retention(ls_session *session,
                                  const struct ls_config *config,
                                  struct ls_buf *report,
                                  struct ls_why *why)
{
    const int64_t wanted[5] = {config->history_ms / LS_DAY_MS, config->keys_ms / LS_DAY_MS,
                               config->markers_ms / LS_DAY_MS, config->samples_ms / LS_DAY_MS,
                               config->outcomes};
    bool has_changed = false;
    LS_TRY(ls_session_configure_retention(session, wanted, &has_changed, why));
    if (has_changed) ls_buf_add_text(report, "retention: set as configured\n");
    return LS_OK;
}

enum ls_exit command_migrate(const struct command_call *call)
{
    static const int64_t versions[2] = {1, INT32_MAX};
    const struct ls_session_options options = {
        .url = call->config->database_url,
        .application = "lockstep migrate",
        .connect_timeout_s = 10,
        .statement_timeout_ms = 600000,
    };
    struct ls_why why = {0};
    struct ls_buf report;
    int64_t to = 0;
    ls_err err = arguments_number(call->arguments, OPTION_TO, versions, &to, &why);
    if (ls_failed(err)) return ls_complain_err("migrate", err, &why);
    ls_session *session = ls_session_new(&options);
    if (session == NULL) {
        return ls_complain_memory("migrate");
    }
    ls_buf_init(&report, REPORT_BYTES_MAX);
    const bool dry_run = arguments_has(call->arguments, OPTION_DRY_RUN);
    err = ls_migrate_schema(session, (int32_t)to, dry_run, &report, &why);
    if (!ls_failed(err) && !dry_run && to == 0)
        err = configure_kinds(session, call->config, &report, &why);
    if (!ls_failed(err) && !dry_run && to == 0)
        err = configure_retention(session, call->config, &report, &why);
    ls_session_free(session);
    const enum ls_exit printed = ls_out_print(&report);
    return ls_failed(err) ? ls_complain_err("migrate", err, &why) : printed;
}
