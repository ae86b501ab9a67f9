#include "lockstep/host/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define WHAT "file"

void ls_personal_path(const char *tail, char out[LS_TEXT_FILE_PATH_BYTES])
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (config != NULL && config[0] == '/') {
        length = snprintf(out, LS_TEXT_FILE_PATH_BYTES, "%s/lockstep/%s", config, tail);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(out, LS_TEXT_FILE_PATH_BYTES, "%s/.config/lockstep/%s", home, tail);
    }
    if (length < 0 || length >= LS_TEXT_FILE_PATH_BYTES) out[0] = '\0';
}

static int64_t changed_ns(const struct stat *about)
{
    return (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec;
}

int64_t ls_text_file_changed_ns(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? changed_ns(&about) : 0;
}

static ls_err read_stream(FILE *stream,
                          const char *path,
                          size_t bytes_max,
                          char **text_out,
                          size_t *bytes_out,
                          struct ls_why *why)
{
    char *text = malloc(bytes_max + 1);
    if (text == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    const size_t bytes = fread(text, 1, bytes_max + 1, stream);
    if (ferror(stream) != 0) {
        free(text);
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: cannot be read", path);
    }
    *text_out = text;
    *bytes_out = bytes;
    return LS_OK;
}

ls_err ls_text_file_read(const char *path,
                         size_t bytes_max,
                         char **text_out,
                         size_t *bytes_out,
                         int64_t *changed_ns_out,
                         struct ls_why *why)
{
    FILE *stream = fopen(path, "rbe");
    struct stat about;
    if (stream == NULL) {
        const bool is_missing = errno == ENOENT || errno == ENOTDIR;
        return ls_refuse(why, is_missing ? LS_CODE_NOT_FOUND : LS_CODE_INVALID, WHAT,
                         is_missing ? "%s: there is no such file"
                                    : "%s: cannot be opened; check who may read it",
                         path);
    }
    ls_err err = LS_OK;
    if (fstat(fileno(stream), &about) != 0 || !S_ISREG(about.st_mode)) {
        err = ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: is no regular file", path);
    } else {
        err = read_stream(stream, path, bytes_max, text_out, bytes_out, why);
    }
    if (!ls_failed(err)) *changed_ns_out = changed_ns(&about);
    (void)fclose(stream); /* only read */
    return err;
}
