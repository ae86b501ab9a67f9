#include "lockstep/service/migrate.h"

#include <sodium.h>

#include "lockstep/host/clock.h"

ls_err ls_migrate_schema(
    ls_session *session, int32_t to, bool dry_run, struct ls_buf *report, struct ls_why *why)
{
    struct ls_migrate_options options = {.to = to, .dry_run = dry_run};
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, options.tag_key, sizeof options.tag_key);
    const ls_err err = ls_session_migrate(session, &options, report, why);
    sodium_memzero(&options, sizeof options);
    return err;
}
