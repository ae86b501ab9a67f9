#include "lockstep/config/theme_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lockstep/host/text_file.h"

#define WHAT "theme"

static const char installed[] = "/usr/share/lockstep/themes";
static const char installed_local[] = "/usr/local/share/lockstep/themes";

static bool is_plain_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length >= LS_THEME_NAME_BYTES) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static ls_err read_path(struct ls_theme_file *file, struct ls_theme *theme, struct ls_why *why)
{
    char *text = NULL;
    size_t length = 0;
    int64_t changed_ns = 0;
    ls_err err =
        ls_text_file_read(file->path, LS_THEME_BYTES_MAX, &text, &length, &changed_ns, why);
    if (err.code == LS_CODE_NOT_FOUND) err.code = LS_CODE_INVALID; /* it was just there */
    if (!ls_failed(err)) err = ls_theme_parse(text, length, file->path, theme, why);
    if (!ls_failed(err)) file->changed_ns = changed_ns;
    free(text);
    return err;
}

static bool find_in(const char *folder, struct ls_theme_file *file)
{
    struct stat about;
    if (folder[0] == '\0') return false;
    int length = snprintf(file->path, sizeof file->path, "%s/%s.ini", folder, file->name);
    if (length < 0 || (size_t)length >= sizeof file->path) return false;
    return stat(file->path, &about) == 0 && S_ISREG(about.st_mode);
}

ls_err ls_theme_file_read(const char *name,
                          struct ls_theme_file *file_out,
                          struct ls_theme *theme_out,
                          struct ls_why *why)
{
    if (!is_plain_name(name)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "a theme's name has small letters, digits and '-', at most 31");
    }
    struct ls_theme_file file = {0};
    (void)snprintf(file.name, sizeof file.name, "%s", name);
    char personal[LS_TEXT_FILE_PATH_BYTES];
    ls_personal_path("themes", personal);
    if (find_in(personal, &file) || find_in(installed_local, &file) ||
        find_in(installed, &file)) {
        LS_TRY(read_path(&file, theme_out, why));
    } else {
        file.path[0] = '\0';
        LS_TRY(ls_theme_load_builtin(name, theme_out, why));
    }
    *file_out = file;
    return LS_OK;
}

static void each_in(const char *folder, void (*take)(void *self, const char *name), void *self)
{
    DIR *stream = folder[0] == '\0' ? NULL : opendir(folder);
    if (stream == NULL) return;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        char name[LS_THEME_NAME_BYTES];
        const char *end = strrchr(entry->d_name, '.');
        if (end == NULL || strcmp(end, ".ini") != 0) continue;
        const size_t length = (size_t)(end - entry->d_name);
        if (length >= sizeof name) continue;
        memcpy(name, entry->d_name, length);
        name[length] = '\0';
        if (is_plain_name(name)) take(self, name);
    }
    (void)closedir(stream); /* it was only read */
}

void ls_theme_files_each(void (*take)(void *self, const char *name), void *self)
{
    char personal[LS_TEXT_FILE_PATH_BYTES];
    ls_personal_path("themes", personal);
    each_in(personal, take, self);
    each_in(installed_local, take, self);
    each_in(installed, take, self);
}

bool ls_theme_file_changed(const struct ls_theme_file *file)
{
    const int64_t changed_ns = file->path[0] == '\0' ? 0 : ls_text_file_changed_ns(file->path);
    return changed_ns != 0 && changed_ns != file->changed_ns;
}
