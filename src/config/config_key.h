/* The table of configuration keys: one row says where a key may stand, what it may hold
 * and where its value goes. Reading the file is config.c's. */
#ifndef LOCKSTEP_CONFIG_CONFIG_KEY_H
#define LOCKSTEP_CONFIG_CONFIG_KEY_H

#include "lockstep/config/config.h"

/* A section as written: [kind] or [kind "name"]. */
struct config_section {
    char kind[LS_CONFIG_NAME_BYTES];
    char name[LS_CONFIG_NAME_BYTES];
    bool has_name;
};

/* Which keys the file gave already, so that a second value is refused instead of winning
 * silently. All zero at the file's beginning. */
enum { CONFIG_KEYS_MAX = 64 };
struct config_seen {
    int line;                   /* of the key that is being set; the caller's */
    uint64_t keys;              /* a bit a row of the table; those of named sections aside */
    int lines[CONFIG_KEYS_MAX]; /* where each of them was given last; 0: nowhere */
    bool warnings[LS_RULE_COUNT];
    bool criticals[LS_RULE_COUNT];
};

/* Take `text` ("signer \"payer\"", what stands between the brackets) apart and check that
 * such a section exists; `why` says what is wrong and names the nearest. A signer's or an
 * alert's section makes its entry. */
LS_MUST_CHECK ls_err config_section_open(struct ls_config *config,
                                         const char *text,
                                         struct config_section *section_out,
                                         struct ls_why *why);

/* Set one key and note it in `seen`. `why` says what is wrong, without file and line. */
LS_MUST_CHECK ls_err config_key_set(struct ls_config *config,
                                    const struct config_section *section,
                                    struct config_seen *seen,
                                    const char *key,
                                    const char *value,
                                    struct ls_why *why);

/* The line of a key, 0 where the file does not give it; of several the last. */
int config_seen_line(const struct config_seen *seen, const char *section, const char *key);

/* config_check.c: what no single line can show. `line_out` is where the pair that does not fit
 * was completed, 0 where that is nowhere; `why` says what is wrong, without file and line. */
LS_MUST_CHECK ls_err config_check(const struct ls_config *config,
                                  const struct config_seen *seen,
                                  int *line_out,
                                  struct ls_why *why);

/* config_key.c: whether some key stands in sections of this kind; else LS_CODE_INVALID with
 * the nearest. And which of them have a name. */
LS_MUST_CHECK ls_err config_section_known(const char *kind, struct ls_why *why);
bool config_section_needs_name(const char *section);
bool config_section_may_have_name(const char *section);

/* Key number `index` of the table, for the manual: its key is "" when this version does not
 * carry it out. False beyond the last. */
bool config_key_at(size_t index, const char **section_out, const char **key_out);

#endif
