/* Installing or upgrading the schema with a fresh tag key at hand. */
#ifndef LOCKSTEP_SERVICE_MIGRATE_H
#define LOCKSTEP_SERVICE_MIGRATE_H

#include "lockstep/store/session.h"

/* As ls_session_migrate(), which see. */
LS_MUST_CHECK ls_err ls_migrate_schema(
    ls_session *session, int32_t to, bool dry_run, struct ls_buf *report, struct ls_why *why);

#endif
