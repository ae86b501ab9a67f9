/* The test's own hands on the database: a superuser's connection beside the code under
 * test, and a session that installs the schema. Failures end the test. */
#ifndef LOCKSTEP_TESTS_DATABASE_H
#define LOCKSTEP_TESTS_DATABASE_H

#include <libpq-fe.h>

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/clock.h"
#include "lockstep/store/session.h"

/* LS_TEST_URL, which with_postgres.sh sets. */
const char *database_url(void);
/* The same with another login. Static storage, until the next call. */
const char *database_url_as(const char *role);
PGconn *database_open(const char *url);
/* Run SQL; it must succeed. */
void database_run(PGconn *connection, const char *sql);
/* The first value of a query that must succeed, as a number. */
int64_t database_number(PGconn *connection, const char *sql);
/* The SQLSTATE of a statement that must fail; its message in `message_out` (512 bytes). */
void database_refused(PGconn *connection,
                      const char *sql,
                      char state_out[6],
                      char *message_out);
/* The first value of a query as text, cut to `out_bytes`. */
void database_text(PGconn *connection, const char *sql, char *out, size_t out_bytes);

ls_session *session_open_url(const char *url);
/* Install the schema if it is not there. */
void database_migrate(void);
/* Every row away but the installation's own, and no ledger pinned. */
void database_empty(PGconn *connection);
struct ls_clock database_clock(void);

#endif
