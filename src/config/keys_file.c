#include "lockstep/config/keys_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ls_keys_file_init(struct ls_keys_file *file, const char *configured)
{
    *file = (struct ls_keys_file){0};
    if (configured != NULL && configured[0] != '\0') {
        file->was_chosen = true;
        (void)snprintf(file->path, sizeof file->path, "%s", configured);
    } else {
        ls_personal_path("keys.conf", file->path);
    }
}

/* A path below the person's home as people write it. */
static void shorten(char *path)
{
    const char *home = getenv("HOME");
    const size_t length = home == NULL ? 0 : strlen(home);
    if (length < 2 || strncmp(path, home, length) != 0 || path[length] != '/') return;
    path[0] = '~';
    memmove(path + 1, path + length, strlen(path + length) + 1);
}

ls_err
ls_keys_file_read(struct ls_keys_file *file, struct ls_keymap *keymap_out, struct ls_why *why)
{
    char *text = NULL;
    size_t bytes = 0;
    if (file->path[0] == '\0') {
        *keymap_out = (struct ls_keymap){0};
        return LS_OK;
    }
    /* Noted before the reading, so that a file with a mistake is not read again and again. */
    file->changed_ns = ls_text_file_changed_ns(file->path);
    ls_err err = ls_text_file_read(file->path, LS_KEYMAP_BYTES_MAX, &text, &bytes,
                                   &file->changed_ns, why);
    if (err.code == LS_CODE_NOT_FOUND && !file->was_chosen) {
        why->text[0] = '\0';
        *keymap_out = (struct ls_keymap){0};
        return LS_OK;
    }
    if (!ls_failed(err)) err = ls_keymap_parse(text, bytes, file->path, keymap_out, why);
    if (!ls_failed(err)) shorten(keymap_out->path);
    free(text);
    return err;
}

bool ls_keys_file_changed(const struct ls_keys_file *file)
{
    return file->path[0] != '\0' && ls_text_file_changed_ns(file->path) != file->changed_ns;
}
