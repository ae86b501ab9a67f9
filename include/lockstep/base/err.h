/* Errors are values: a code to branch on, the native code for the log, and a static
 * phrase that names what failed. Nothing is allocated and nothing is global.
 *
 * The code is chosen by what the caller should do about it. Text for people (which
 * field, which file, which cure) travels in a `struct ls_why` beside the error. */
#ifndef LOCKSTEP_BASE_ERR_H
#define LOCKSTEP_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ls_code {
    LS_CODE_OK = 0,
    LS_CODE_INVALID,     /* the input is wrong: refuse, name the thing, do not retry */
    LS_CODE_FULL,        /* a declared bound was reached: wait or refuse */
    LS_CODE_NOT_FOUND,   /* nothing matches */
    LS_CODE_REFUSED,     /* not allowed in this state, role or version */
    LS_CODE_CORRUPT,     /* data broke its own format: stop, never retry */
    LS_CODE_UNAVAILABLE, /* the other side did not answer and nothing happened: retry */
    LS_CODE_UNKNOWN,     /* it may or may not have happened: reconcile before acting */
    LS_CODE_NO_MEMORY,   /* allocation failed: stop this piece of work cleanly */
    LS_CODE_STOPPED,     /* the work was told to stop; not a fault */
};

typedef struct ls_err {
    enum ls_code code;
    int32_t native;   /* errno, CURLcode, HTTP status or JSON-RPC code; 0 if none */
    const char *what; /* static storage, e.g. "store claim"; NULL if OK */
} ls_err;

#define LS_MUST_CHECK              __attribute__((warn_unused_result))
#define LS_PRINTF(format_, first_) __attribute__((format(printf, format_, first_)))
#define LS_OK                      ((ls_err){0})
#define LS_FAIL(code_, native_, what_) \
    ((ls_err){.code = (code_), .native = (native_), .what = (what_)})

/* The one macro with control flow: hand a failure to the caller unchanged. */
#define LS_TRY(call_)                                   \
    do {                                                \
        ls_err ls_try_err_ = (call_);                   \
        if (ls_failed(ls_try_err_)) return ls_try_err_; \
    } while (0)

static inline bool ls_failed(ls_err err)
{
    return err.code != LS_CODE_OK;
}

/* Name of `code` as written in logs and the audit trail. Static storage. */
const char *ls_code_name(enum ls_code code);

/* One line for a person: what is wrong, which thing, and the cure. Cut (never
 * overrun) at LS_WHY_BYTES - 1. Zero-initialise before use; empty means "no more to
 * say than the error's own phrase". */
enum { LS_WHY_BYTES = 512 };
struct ls_why {
    char text[LS_WHY_BYTES];
};

/* Format `format` into `why` (NULL is allowed: then nothing is written) and return
 * LS_FAIL(code, 0, what), so that a refusal is one statement. */
LS_MUST_CHECK ls_err
ls_refuse(struct ls_why *why, enum ls_code code, const char *what, const char *format, ...)
    LS_PRINTF(4, 5);

#endif
