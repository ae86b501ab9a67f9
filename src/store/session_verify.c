#include "lockstep/store/session.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "read.h"
#include "session_core.h"

static ls_err corrupt(struct ls_why *why, const char *what)
{
    return ls_refuse(why, LS_CODE_CORRUPT, "verify", "the database's %s cannot be read", what);
}

static ls_err
read_attempt(const PGresult *result, struct ls_verify_facts *out, struct ls_why *why)
{
    size_t digits = (size_t)PQgetlength(result, 0, 6);
    if (PQgetisnull(result, 0, 4)) return LS_OK; /* nothing landed, as far as is known here */
    if (!ls_signature_parse(PQgetvalue(result, 0, 4), &out->signature))
        return corrupt(why, "signature");
    if (digits / 2 > sizeof out->tx ||
        !read_hex_text(PQgetvalue(result, 0, 6), out->tx, digits / 2))
        return corrupt(why, "transaction");
    out->slot = read_int(result, 0, 5);
    out->tx_bytes = digits / 2;
    out->has_landed = true;
    return LS_OK;
}

ls_err ls_session_verify_facts(ls_session *session,
                               const char *key,
                               struct ls_verify_facts *out,
                               struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_text(&params, key);
    LS_TRY(session_run(session,
                       "SELECT op, kind, payload, tag, signature, slot, tx, state"
                       " FROM lockstep.verify_facts($1)",
                       &params, false, &result, why));
    if (PQntuples(result) != 1) {
        PQclear(result);
        return ls_refuse(why, LS_CODE_NOT_FOUND, "verify",
                         "no operation has the key \"%s\"; lockstep ops lists them", key);
    }
    *out = (struct ls_verify_facts){.op = {read_int(result, 0, 0)}};
    read_text(result, 0, 1, out->kind, sizeof out->kind);
    read_text(result, 0, 2, out->payload, sizeof out->payload);
    read_text(result, 0, 7, out->state, sizeof out->state);
    bool has_tag = !PQgetisnull(result, 0, 3);
    ls_err err = read_attempt(result, out, why);
    if (!ls_failed(err) && has_tag &&
        !read_hex_text(PQgetvalue(result, 0, 3), out->tag, sizeof out->tag))
        err = corrupt(why, "tag");
    PQclear(result);
    return err;
}
