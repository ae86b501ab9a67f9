#include "lockstep/host/key_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lockstep/host/clock.h"

static char folder[] = "/tmp/lockstep-key-test-XXXXXX";
static char key_path[64];
static char other_path[64];

static int make_folder(void **state)
{
    (void)state;
    if (ls_failed(ls_library_start()) || mkdtemp(folder) == NULL) return -1;
    (void)snprintf(key_path, sizeof key_path, "%s/key.json", folder);
    (void)snprintf(other_path, sizeof other_path, "%s/other.json", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int remove_files(void **state)
{
    (void)state;
    (void)unlink(key_path);
    (void)unlink(other_path);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static struct ls_address create(const char *path)
{
    struct ls_address address;
    struct ls_why why = {0};
    assert_false(ls_failed(ls_keypair_create(path, &address, &why)));
    return address;
}

static void refuses(const char *path, enum ls_code code, const char *part)
{
    struct ls_keypair key = {0};
    struct ls_why why = {0};
    assert_int_equal(ls_keypair_read(path, &key, &why).code, code);
    assert_null(key.secret);
    if (strstr(why.text, part) == NULL) print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, part));
}

static void a_new_key_is_read_back(void **state)
{
    (void)state;
    struct ls_keypair key = {0};
    struct ls_why why = {0};
    struct stat status;
    const struct ls_address address = create(key_path);

    assert_false(ls_failed(ls_keypair_read(key_path, &key, &why)));
    assert_true(ls_address_equal(&address, &key.address));
    assert_int_equal(stat(key_path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    ls_keypair_done(&key);
    assert_null(key.secret);
}

static void a_key_is_never_overwritten(void **state)
{
    (void)state;
    struct ls_address address = create(key_path);
    const struct ls_address before = address;
    struct ls_why why = {0};
    assert_int_equal(ls_keypair_create(key_path, &address, &why).code, LS_CODE_REFUSED);
    assert_true(ls_address_equal(&address, &before));
    assert_non_null(strstr(why.text, "never overwritten"));
}

static void a_key_that_others_may_read_is_refused_with_the_cure(void **state)
{
    (void)state;
    char cure[96];
    (void)create(key_path);
    assert_int_equal(chmod(key_path, 0640), 0);
    (void)snprintf(cure, sizeof cure, "chmod 600 %s", key_path);
    refuses(key_path, LS_CODE_INVALID, cure);
    assert_int_equal(chmod(key_path, 0400), 0);
    struct ls_keypair key = {0};
    struct ls_why why = {0};
    assert_false(ls_failed(ls_keypair_read(key_path, &key, &why)));
    ls_keypair_done(&key);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    (void)create(key_path);
    assert_int_equal(symlink(key_path, other_path), 0);
    refuses(other_path, LS_CODE_INVALID, "symbolic link");
    refuses(folder, LS_CODE_INVALID, "no regular file");
    refuses("/nonexistent/key.json", LS_CODE_NOT_FOUND, "lockstep key new");
}

static void a_malformed_key_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "[1,2,3]",
        "[256]",
        "hello",
        "[1,,2]",
        "[-1]",
        "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
        "1,1,"
        "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_file(key_path, wrong[i]);
        refuses(key_path, LS_CODE_INVALID, "is no keypair");
    }
    char large[LS_KEY_FILE_BYTES_MAX + 2];
    memset(large, ' ', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    write_file(key_path, large);
    refuses(key_path, LS_CODE_INVALID, "is no keypair");
}

static void halves_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    char text[512] = "[";
    for (size_t i = 0; i < LS_SECRET_BYTES; i++) {
        (void)snprintf(text + strlen(text), 8, "%s7", i == 0 ? "" : ",");
    }
    (void)snprintf(text + strlen(text), 4, "]");
    write_file(key_path, text);
    refuses(key_path, LS_CODE_INVALID, "does not belong to the secret half");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_new_key_is_read_back, remove_files),
        cmocka_unit_test_teardown(a_key_is_never_overwritten, remove_files),
        cmocka_unit_test_teardown(a_key_that_others_may_read_is_refused_with_the_cure,
                                  remove_files),
        cmocka_unit_test_teardown(what_is_no_regular_file_is_refused, remove_files),
        cmocka_unit_test_teardown(a_malformed_key_is_refused, remove_files),
        cmocka_unit_test_teardown(halves_that_do_not_belong_together_are_refused, remove_files),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
