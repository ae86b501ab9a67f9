/* Bound parameters of one statement, their bytes in one bounded buffer. Arrays travel in
 * PostgreSQL's binary format, so that nothing is ever quoted. Failures are sticky and
 * show in params_check. */
#ifndef LS_STORE_PARAMS_H
#define LS_STORE_PARAMS_H

#include <libpq-fe.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

enum { PARAMS_MAX = 48, PARAMS_BYTES_MAX = 16 * 1024 * 1024 };

enum param_type {
    PARAM_BOOL = 16,
    PARAM_BYTEA = 17,
    PARAM_INT8 = 20,
    PARAM_INT2 = 21,
    PARAM_INT4 = 23,
    PARAM_TEXT = 25,
};

struct params {
    int count;
    size_t starts[PARAMS_MAX];
    bool nulls[PARAMS_MAX];
    Oid types[PARAMS_MAX];
    int lengths[PARAMS_MAX];
    int formats[PARAMS_MAX];
    const char *values[PARAMS_MAX]; /* set by params_check */
    struct ls_buf bytes;
    bool is_overfull;
};

void params_init(struct params *params);
void params_done(struct params *params);

void params_text(struct params *params, const char *text); /* NULL: SQL NULL */
void params_int(struct params *params, int64_t value);
void params_bool(struct params *params, bool value);
void params_bytes(struct params *params, const uint8_t *bytes, size_t count);

/* Begin an array of `count` elements; exactly so many params_element_* follow. */
void params_array(struct params *params, enum param_type type, size_t count);
void params_element_int(struct params *params, enum param_type type, int64_t value);
void params_element_bool(struct params *params, bool value);
void params_element_text(struct params *params, const char *text); /* NULL: SQL NULL */
/* NULL: SQL NULL. */
void params_element_bytes(struct params *params, const uint8_t *bytes, size_t count);

/* Close the last parameter and set `values`; call once, before sending. */
LS_MUST_CHECK ls_err params_check(struct params *params);

#endif
