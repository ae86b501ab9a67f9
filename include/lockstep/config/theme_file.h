/* Themes of the person and of the installation, beside those compiled in. */
#ifndef LOCKSTEP_CONFIG_THEME_FILE_H
#define LOCKSTEP_CONFIG_THEME_FILE_H

#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/theme.h"

enum { LS_THEME_PATH_BYTES = 512 };

struct ls_theme_file {
    char name[LS_THEME_NAME_BYTES];
    char path[LS_THEME_PATH_BYTES]; /* "" for a theme that is compiled in */
    int64_t changed_ns;             /* of the file, when it was read */
};

/* Read theme `name`: NAME.ini in $XDG_CONFIG_HOME/lockstep/themes (~/.config if unset),
 * else in the installed share folder, else compiled in. On failure both outputs are
 * untouched. */
LS_MUST_CHECK ls_err ls_theme_file_read(const char *name,
                                        struct ls_theme_file *file_out,
                                        struct ls_theme *theme_out,
                                        struct ls_why *why);
/* Call `take` with the name of each theme that stands in the person's folder or an installed
 * one; a name can come more than once. */
void ls_theme_files_each(void (*take)(void *self, const char *name), void *self);
/* Whether the file was saved since it was read. */
bool ls_theme_file_changed(const struct ls_theme_file *file);

#endif
