#include "fault.h"

#include <stdlib.h>
#include <string.h>

void fault_line(struct ls_why *why, const char *text)
{
    size_t length = 0;

    if (why == NULL) return;
    for (; *text != '\0' && length + 3 < sizeof why->text; text++) {
        const bool is_space = *text == '\n' || *text == '\t' || *text == '\r';
        const bool after_space = length == 0 || why->text[length - 1] == ' ';
        if (is_space && after_space) continue;
        if (*text == '\n') why->text[length++] = ';';
        why->text[length++] = (char)(is_space ? ' ' : *text);
    }
    while (length > 0 && strchr(" ;", why->text[length - 1]) != NULL) length--;
    why->text[length] = '\0';
}

static enum ls_code code_of(const char *state)
{
    if (strcmp(state, "LS003") == 0) return LS_CODE_INVALID;
    if (strncmp(state, "LS", 2) == 0) return LS_CODE_REFUSED;
    if (strcmp(state, "P0002") == 0) return LS_CODE_NOT_FOUND;
    if (strncmp(state, "22", 2) == 0) return LS_CODE_INVALID; /* malformed value */
    if (strncmp(state, "42", 2) == 0) return LS_CODE_REFUSED; /* rights, missing objects */
    if (strncmp(state, "3F", 2) == 0) return LS_CODE_REFUSED; /* no such schema */
    if (strncmp(state, "0A", 2) == 0) return LS_CODE_REFUSED; /* not supported */
    if (strcmp(state, "25006") == 0) return LS_CODE_REFUSED;  /* read-only server */
    return LS_CODE_UNAVAILABLE;
}

static ls_err name_cure(const PGresult *result, const char *state, struct ls_why *why)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (message == NULL) message = "the database refused without a message";
    if (strcmp(state, "42501") == 0) {
        return ls_refuse(why, LS_CODE_REFUSED, "role",
                         "%s: the login lacks that lockstep role; let an administrator GRANT "
                         "it (lockstep_viewer, lockstep_operator, lockstep_worker, …)",
                         message);
    }
    if (strcmp(state, "42P01") == 0 || strcmp(state, "42883") == 0 ||
        strcmp(state, "3F000") == 0) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema",
                         "%s: is the schema installed? run `lockstep migrate`", message);
    }
    if (strcmp(state, "25006") == 0) {
        return ls_refuse(why, LS_CODE_REFUSED, "primary",
                         "%s: this server is a standby; connect to the primary", message);
    }
    if (strcmp(state, "57014") == 0) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, "statement timeout",
                         "%s: the database is slow or locked; it is tried again", message);
    }
    fault_line(why, message);
    return LS_FAIL(code_of(state), 0, "database");
}

ls_err fault_of_result(const PGresult *result, const char *what, struct ls_why *why)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    ls_err err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, what);

    if (state == NULL) {
        fault_line(why, PQresultErrorMessage(result));
        return err;
    }
    err = name_cure(result, state, why);
    err.native = (int32_t)strtol(state, NULL, 36);
    err.what = what;
    return err;
}

bool fault_is_transient(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL) return false;
    return strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0;
}

ls_err fault_of_connection(const PGconn *connection, struct ls_why *why)
{
    static const char *const hopeless[] = {"password authentication failed", "no password",
                                           "does not exist", "no pg_hba.conf entry",
                                           "authentication failed"};
    const char *message = connection != NULL ? PQerrorMessage(connection) : "no memory";

    if (*message == '\0') message = "the connection to the database was lost";
    fault_line(why, message);
    for (size_t i = 0; i < sizeof hopeless / sizeof hopeless[0]; i++) {
        if (strstr(message, hopeless[i]) != NULL) {
            return LS_FAIL(LS_CODE_REFUSED, 0, "database login");
        }
    }
    return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "database connection");
}
