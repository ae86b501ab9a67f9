/* Small text files of the person and of the installation: themes, keys.conf. */
#ifndef LOCKSTEP_HOST_TEXT_FILE_H
#define LOCKSTEP_HOST_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum { LS_TEXT_FILE_PATH_BYTES = 512 };

/* `tail` ("themes", "keys.conf") under $XDG_CONFIG_HOME/lockstep, ~/.config if unset; ""
 * when there is no home, or the path is too long. */
void ls_personal_path(const char *tail, char out[LS_TEXT_FILE_PATH_BYTES]);
/* Read up to `bytes_max` + 1 bytes of the file, so that a larger one is noticed.
 * `*text_out` is the caller's to free. `changed_ns_out`: when it was saved. LS_CODE_NOT_FOUND
 * when there is none, LS_CODE_INVALID when it cannot be read; outputs untouched. */
LS_MUST_CHECK ls_err ls_text_file_read(const char *path,
                                       size_t bytes_max,
                                       char **text_out,
                                       size_t *bytes_out,
                                       int64_t *changed_ns_out,
                                       struct ls_why *why);
/* When it was saved; 0 when there is none. */
int64_t ls_text_file_changed_ns(const char *path);

#endif
