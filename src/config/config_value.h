/* Values of configuration keys: each setter reads one form into its place. */
#ifndef LOCKSTEP_CONFIG_CONFIG_VALUE_H
#define LOCKSTEP_CONFIG_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

/* One word of a list of allowed words, and the number that it stands for. */
struct config_word {
    const char *word;
    int value;
};

/* Each refuses with `why` ("lease = x: …") and then leaves its output. */
LS_MUST_CHECK ls_err config_value_text(
    const char *key, const char *value, char *out, size_t out_bytes, struct ls_why *why);
LS_MUST_CHECK ls_err config_value_number(const char *key,
                                         const char *value,
                                         const int64_t range[2],
                                         int64_t *out,
                                         struct ls_why *why);
/* Milliseconds; the range is in milliseconds too. */
LS_MUST_CHECK ls_err config_value_duration(const char *key,
                                           const char *value,
                                           const int64_t range[2],
                                           int64_t *out,
                                           struct ls_why *why);
LS_MUST_CHECK ls_err config_value_word(const char *key,
                                       const char *value,
                                       const struct config_word *words,
                                       int *out,
                                       struct ls_why *why);

/* A number, "off" (0) or "auto" (-1). */
LS_MUST_CHECK ls_err config_value_price(const char *key,
                                        const char *value,
                                        const int64_t range[2],
                                        int64_t *out,
                                        struct ls_why *why);

#endif
