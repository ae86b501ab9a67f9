#include "theme_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WHAT "theme"

static const char installed[] = "/usr/share/lockstep/themes";
static const char installed_local[] = "/usr/local/share/lockstep/themes";

static bool is_plain_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length >= LS_THEME_NAME_BYTES) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static int64_t changed_ns(const struct stat *about)
{
    return (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec;
}

/* The person's folder; "" when there is no home. */
static void personal_folder(char *out, size_t out_bytes)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    out[0] = '\0';
    if (config != NULL && config[0] == '/') {
        (void)snprintf(out, out_bytes, "%s/lockstep/themes", config);
    } else if (home != NULL && home[0] == '/') {
        (void)snprintf(out, out_bytes, "%s/.config/lockstep/themes", home);
    }
}

static ls_err read_path(struct theme_file *file, struct ls_theme *theme, struct ls_why *why)
{
    FILE *stream = fopen(file->path, "rb");
    struct stat about;
    if (stream == NULL || fstat(fileno(stream), &about) != 0) {
        if (stream != NULL) (void)fclose(stream);
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: cannot be read", file->path);
    }
    char *text = malloc(LS_THEME_BYTES_MAX + 1);
    if (text == NULL) {
        (void)fclose(stream);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    }
    size_t length = fread(text, 1, LS_THEME_BYTES_MAX + 1, stream);
    (void)fclose(stream);
    ls_err err = ls_theme_parse(text, length, file->path, theme, why);
    free(text);
    if (!ls_failed(err)) file->changed_ns = changed_ns(&about);
    return err;
}

static bool find_in(const char *folder, struct theme_file *file)
{
    struct stat about;
    if (folder[0] == '\0') return false;
    int length = snprintf(file->path, sizeof file->path, "%s/%s.ini", folder, file->name);
    if (length < 0 || (size_t)length >= sizeof file->path) return false;
    return stat(file->path, &about) == 0 && S_ISREG(about.st_mode);
}

ls_err theme_file_read(const char *name,
                       struct theme_file *file_out,
                       struct ls_theme *theme_out,
                       struct ls_why *why)
{
    if (!is_plain_name(name)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "a theme's name has small letters, digits and '-', at most 31");
    }
    struct theme_file file = {0};
    (void)snprintf(file.name, sizeof file.name, "%s", name);
    char personal[THEME_PATH_BYTES];
    personal_folder(personal, sizeof personal);
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

void theme_files_each(void (*take)(void *self, const char *name), void *self)
{
    char personal[THEME_PATH_BYTES];
    personal_folder(personal, sizeof personal);
    each_in(personal, take, self);
    each_in(installed_local, take, self);
    each_in(installed, take, self);
}

bool theme_file_changed(const struct theme_file *file)
{
    struct stat about;
    if (file->path[0] == '\0' || stat(file->path, &about) != 0) return false;
    return changed_ns(&about) != file->changed_ns;
}
