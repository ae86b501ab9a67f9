#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lockstep/audit/mac.h"

static const uint8_t old_key[LS_MAC_KEY_BYTES] = {1}, new_key[LS_MAC_KEY_BYTES] = {2};

struct parts {
    struct ls_signature signature;
    struct ls_hash blockhash;
    struct ls_address signer, nonce, marker;
    uint8_t tx[64];
};

static struct ls_mac_row row_of(const struct parts *parts)
{
    return (struct ls_mac_row){.op = 7,
                               .attempt = 1,
                               .fence = 1,
                               .last_valid_height = 150,
                               .signature = &parts->signature,
                               .blockhash = &parts->blockhash,
                               .signer = &parts->signer,
                               .nonce = &parts->nonce,
                               .tx = parts->tx,
                               .tx_bytes = sizeof parts->tx};
}

static const struct ls_mac_ring ring = {1, {{"new", new_key}}};

static void every_field_is_covered(void **state)
{
    struct parts parts = {0}, other = {0};
    struct ls_mac_row row = row_of(&parts);
    uint8_t mac[LS_MAC_BYTES];
    (void)state;
    ls_mac_seal(&ring, &row, mac);
    assert_int_equal(ls_mac_verify(&ring, &row, "new", mac), LS_MAC_VERIFIED);

    struct ls_mac_row bent[12];
    for (size_t i = 0; i < 12; i++) bent[i] = row;
    memset(&other, 0xff, sizeof other);
    bent[0].op++;
    bent[1].attempt++;
    bent[2].is_cancel = true;
    bent[3].fence = 2;
    bent[4].last_valid_height++;
    bent[5].signature = &other.signature;
    bent[6].blockhash = &other.blockhash;
    bent[7].signer = &other.signer;
    bent[8].nonce = NULL;
    bent[9].marker = &other.marker;
    bent[10].tx = other.tx;
    bent[11].tx_bytes--;
    for (size_t i = 0; i < 12; i++) {
        if (ls_mac_verify(&ring, &bent[i], "new", mac) != LS_MAC_ALTERED)
            fail_msg("field %zu is not covered", i);
    }
}

static void a_seal_that_is_taken_away_is_an_alteration(void **state)
{
    struct parts parts = {0};
    struct ls_mac_row row = row_of(&parts);
    (void)state;
    assert_int_equal(ls_mac_verify(&ring, &row, NULL, NULL), LS_MAC_ALTERED);
}

static void an_old_key_still_verifies_and_the_first_one_seals(void **state)
{
    const struct ls_mac_ring before = {1, {{"old", old_key}}};
    const struct ls_mac_ring after = {2, {{"new", new_key}, {"old", old_key}}};
    struct parts parts = {0};
    struct ls_mac_row row = row_of(&parts);
    uint8_t sealed_before[LS_MAC_BYTES], sealed_after[LS_MAC_BYTES];
    (void)state;
    ls_mac_seal(&before, &row, sealed_before);
    ls_mac_seal(&after, &row, sealed_after);

    assert_int_equal(ls_mac_verify(&after, &row, "old", sealed_before), LS_MAC_VERIFIED);
    assert_int_equal(ls_mac_verify(&after, &row, "new", sealed_after), LS_MAC_VERIFIED);
    assert_int_equal(ls_mac_verify(&after, &row, "new", sealed_before), LS_MAC_ALTERED);
}

static void without_the_key_nothing_is_known(void **state)
{
    const struct ls_mac_ring none = {0};
    struct parts parts = {0};
    struct ls_mac_row row = row_of(&parts);
    uint8_t mac[LS_MAC_BYTES] = {0};
    (void)state;
    assert_int_equal(ls_mac_verify(&none, &row, "new", mac), LS_MAC_UNVERIFIED);
    assert_int_equal(ls_mac_verify(NULL, &row, "new", mac), LS_MAC_UNVERIFIED);
    assert_int_equal(ls_mac_verify(&ring, &row, "other", mac), LS_MAC_UNVERIFIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_covered),
        cmocka_unit_test(a_seal_that_is_taken_away_is_an_alteration),
        cmocka_unit_test(an_old_key_still_verifies_and_the_first_one_seals),
        cmocka_unit_test(without_the_key_nothing_is_known),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
