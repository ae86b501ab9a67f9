#include "lockstep/service/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lockstep/host/clock.h"

static char folder[] = "/tmp/lockstep-signer-test-XXXXXX";
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

static struct ls_address create(const char *path)
{
    struct ls_address address;
    struct ls_why why = {0};
    assert_false(ls_failed(ls_keypair_create(path, &address, &why)));
    return address;
}

static void the_signer_signs_with_each_key_and_no_other(void **state)
{
    (void)state;
    struct ls_config config;
    struct ls_why why = {0};
    ls_file_signer *signer = NULL;
    const struct ls_address payer = create(key_path);
    const struct ls_address custody = create(other_path);
    ls_config_init(&config);
    config.signer_count = 2;
    memcpy(config.signers[0].keypair, key_path, sizeof key_path);
    memcpy(config.signers[1].keypair, other_path, sizeof other_path);

    assert_false(ls_failed(ls_file_signer_new(&config, &signer, &why)));
    const struct ls_signer_port port = ls_file_signer_port(signer);

    struct ls_address held[LS_SIGNERS_MAX];
    struct ls_signature first = {{0}};
    struct ls_signature second = {{0}};
    const struct ls_address stranger = {{9}};
    const struct ls_address pays = port.payer(port.self);
    assert_true(ls_address_equal(&pays, &payer));
    assert_int_equal(port.addresses(port.self, held, LS_SIGNERS_MAX), 2);
    assert_true(ls_address_equal(&held[1], &custody));
    assert_int_equal(port.addresses(port.self, held, 1), 1);
    assert_true(port.holds(port.self, &custody));
    assert_false(port.holds(port.self, &stranger));
    assert_false(ls_failed(port.sign(port.self, &payer, (const uint8_t *)"m", 1, &first)));
    assert_false(ls_failed(port.sign(port.self, &custody, (const uint8_t *)"m", 1, &second)));
    assert_false(ls_signature_equal(&first, &second));
    assert_int_equal(port.sign(port.self, &stranger, (const uint8_t *)"m", 1, &first).code,
                     LS_CODE_NOT_FOUND);
    ls_file_signer_free(signer);
}

static void one_key_twice_is_refused(void **state)
{
    (void)state;
    struct ls_config config;
    struct ls_why why = {0};
    ls_file_signer *signer = NULL;
    (void)create(key_path);
    ls_config_init(&config);
    assert_int_equal(ls_file_signer_new(&config, &signer, &why).code, LS_CODE_NOT_FOUND);
    config.signer_count = 2;
    memcpy(config.signers[0].keypair, key_path, sizeof key_path);
    memcpy(config.signers[1].keypair, key_path, sizeof key_path);
    assert_int_equal(ls_file_signer_new(&config, &signer, &why).code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "the same key"));
    assert_null(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_signer_signs_with_each_key_and_no_other, remove_files),
        cmocka_unit_test_teardown(one_key_twice_is_refused, remove_files),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
