/* The person's keys.conf: which keys the console goes by. */
#ifndef LOCKSTEP_CONFIG_KEYS_FILE_H
#define LOCKSTEP_CONFIG_KEYS_FILE_H

#include "lockstep/host/text_file.h"
#include "lockstep/tui/keymap.h"

struct ls_keys_file {
    char path[LS_TEXT_FILE_PATH_BYTES]; /* "" when there is no home and none is configured */
    bool was_chosen;                    /* configured, so it must exist */
    int64_t changed_ns;                 /* when it was looked at last; 0: there was none */
};

/* `configured` is [ui] keys; "" for $XDG_CONFIG_HOME/lockstep/keys.conf. */
void ls_keys_file_init(struct ls_keys_file *file, const char *configured);
/* Read it. Where there is no file and none is configured, the defaults. On failure
 * `keymap_out` is untouched. */
LS_MUST_CHECK ls_err ls_keys_file_read(struct ls_keys_file *file,
                                       struct ls_keymap *keymap_out,
                                       struct ls_why *why);
/* Whether it was saved, made or removed since it was read. */
bool ls_keys_file_changed(const struct ls_keys_file *file);

#endif
