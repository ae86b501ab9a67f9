/* Screens compared with tests/tui/golden. LS_UPDATE=1 writes the files anew: read the
 * difference before committing it. Behind cmocka.h. */
#ifndef LOCKSTEP_TESTS_TUI_GOLDEN_H
#define LOCKSTEP_TESTS_TUI_GOLDEN_H

#include "fixture.h"

enum { GOLDEN_BYTES_MAX = 1 << 18, GOLDEN_PATH_BYTES = 512 };

static inline bool golden_is_update(void)
{
    return getenv("LS_UPDATE") != NULL;
}

/* A whole file; the caller frees it. */
static inline char *golden_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot read %s; a missing screen is written by LS_UPDATE=1", path);
    char *text = calloc(1, GOLDEN_BYTES_MAX);
    if (text == NULL) abort();
    const size_t length = fread(text, 1, GOLDEN_BYTES_MAX - 1, file);
    assert_true(length < GOLDEN_BYTES_MAX - 1);
    (void)fclose(file);
    return text;
}

static inline void golden_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) fail_msg("cannot write %s", path);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline void assert_golden(struct fixture *world, const char *name)
{
    char path[GOLDEN_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/golden/%s.txt", LS_TEST_DIR, name);
    char *screen = fixture_screen(world);
    if (golden_is_update()) golden_write(path, screen);
    char *golden = golden_read(path);
    assert_string_equal(screen, golden);
    free(golden);
    free(screen);
}

#endif
