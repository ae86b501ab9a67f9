#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lockstep/audit/chain.h"

enum { ENTRIES = 5, TEXT_BYTES = 16 };

struct entry {
    int64_t seq;
    uint8_t prev[LS_AUDIT_HASH_BYTES];
    uint8_t hash[LS_AUDIT_HASH_BYTES];
    char text[TEXT_BYTES];
};

static const uint8_t origin[LS_AUDIT_HASH_BYTES] = {0x4c, 0x53};

/* Chain the entries from `first` on to what stands before them. */
static void chain(struct entry *entries, size_t first)
{
    for (size_t i = first; i < ENTRIES; i++) {
        memcpy(entries[i].prev, i == 0 ? origin : entries[i - 1].hash, LS_AUDIT_HASH_BYTES);
        ls_audit_hash(entries[i].prev, entries[i].text, strlen(entries[i].text),
                      entries[i].hash);
    }
}

static void make(struct entry *entries)
{
    memset(entries, 0, ENTRIES * sizeof *entries);
    for (size_t i = 0; i < ENTRIES; i++) {
        entries[i].seq = (int64_t)i + 1;
        snprintf(entries[i].text, sizeof entries[i].text, "entry %zu", i + 1);
    }
    chain(entries, 0);
}

static bool take(struct ls_audit_verifier *verifier, const struct entry *entry)
{
    return ls_audit_verifier_take(verifier, entry->seq, entry->prev, entry->hash, entry->text,
                                  strlen(entry->text));
}

static struct ls_audit_verifier verify(const struct entry *entries, size_t count)
{
    struct ls_audit_verifier verifier;
    ls_audit_verifier_init(&verifier, origin);
    for (size_t i = 0; i < count; i++) (void)take(&verifier, &entries[i]);
    return verifier;
}

static void
assert_fault(const struct ls_audit_verifier *verifier, enum ls_audit_fault fault, int64_t seq)
{
    assert_string_equal(ls_audit_fault_name(verifier->fault), ls_audit_fault_name(fault));
    assert_int_equal(verifier->fault_seq, seq);
}

static void the_hash_is_that_of_the_formula(void **state)
{
    (void)state;
    uint8_t hash[LS_AUDIT_HASH_BYTES];
    char hex[2 * sizeof hash + 1];

    ls_audit_hash(origin, "abc", 3, hash);

    assert_string_equal(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash),
                        "01c0d0b8415f241bc8e5720b385f3abd548408a2ae7de42d48f4ccfdb9ee1214");
}

static void a_whole_chain_is_good_and_leaves_its_head(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);

    struct ls_audit_verifier verifier = verify(entries, ENTRIES);

    assert_true(ls_audit_verifier_end(&verifier, ENTRIES));
    assert_fault(&verifier, LS_AUDIT_GOOD, 0);
    assert_int_equal(verifier.next_seq, ENTRIES + 1);
    assert_memory_equal(verifier.head, entries[ENTRIES - 1].hash, LS_AUDIT_HASH_BYTES);
}

static void an_empty_log_is_good_unless_one_was_seen(void **state)
{
    (void)state;
    struct ls_audit_verifier verifier = verify(NULL, 0);

    assert_true(ls_audit_verifier_end(&verifier, 0));
    assert_false(ls_audit_verifier_end(&verifier, 1));
    assert_fault(&verifier, LS_AUDIT_TRUNCATED, 1);
}

static void an_entry_without_bytes_can_be_chained(void **state)
{
    (void)state;
    struct ls_audit_verifier verifier;
    uint8_t hash[LS_AUDIT_HASH_BYTES];
    ls_audit_verifier_init(&verifier, origin);
    ls_audit_hash(origin, NULL, 0, hash);

    assert_true(ls_audit_verifier_take(&verifier, 1, origin, hash, NULL, 0));
}

static void every_edited_byte_is_found_at_its_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENTRIES; i++) {
        struct entry entries[ENTRIES];
        make(entries);
        entries[i].text[0] ^= 1;

        struct ls_audit_verifier verifier = verify(entries, ENTRIES);

        assert_false(ls_audit_verifier_end(&verifier, ENTRIES));
        assert_fault(&verifier, LS_AUDIT_EDITED, (int64_t)i + 1);
    }
}

static void an_edited_hash_or_link_is_an_edit_too(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    entries[1].hash[31] ^= 1;
    struct ls_audit_verifier verifier = verify(entries, ENTRIES);
    assert_fault(&verifier, LS_AUDIT_EDITED, 2);

    make(entries);
    entries[1].prev[0] ^= 1;
    verifier = verify(entries, ENTRIES);
    assert_fault(&verifier, LS_AUDIT_EDITED, 2);
}

static void a_removed_entry_is_a_gap(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < ENTRIES; i++) {
        struct entry entries[ENTRIES];
        make(entries);
        memmove(&entries[i], &entries[i + 1], (ENTRIES - i - 1) * sizeof entries[0]);

        struct ls_audit_verifier verifier = verify(entries, ENTRIES - 1);

        assert_fault(&verifier, LS_AUDIT_GAP, (int64_t)i + 1);
    }
}

static void an_entry_rehashed_alone_forks_its_successor(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    entries[1].text[0] ^= 1;
    ls_audit_hash(entries[1].prev, entries[1].text, strlen(entries[1].text), entries[1].hash);

    struct ls_audit_verifier verifier = verify(entries, ENTRIES);

    assert_fault(&verifier, LS_AUDIT_FORKED, 3);
}

static void another_origin_forks_at_the_first_entry(void **state)
{
    (void)state;
    static const uint8_t other[LS_AUDIT_HASH_BYTES] = {1};
    struct entry entries[ENTRIES];
    struct ls_audit_verifier verifier;
    make(entries);
    ls_audit_verifier_init(&verifier, other);

    assert_false(take(&verifier, &entries[0]));

    assert_fault(&verifier, LS_AUDIT_FORKED, 1);
}

static void a_number_taken_twice_is_a_fork(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    entries[3] = entries[2];

    struct ls_audit_verifier verifier = verify(entries, ENTRIES);

    assert_fault(&verifier, LS_AUDIT_FORKED, 3);
}

static void a_number_below_one_is_a_fork(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    entries[0].seq = 0;

    struct ls_audit_verifier verifier = verify(entries, 1);

    assert_fault(&verifier, LS_AUDIT_FORKED, 0);
}

static void a_log_shorter_than_remembered_is_truncated(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    struct ls_audit_verifier verifier = verify(entries, 3);

    assert_true(ls_audit_verifier_end(&verifier, 3));
    assert_false(ls_audit_verifier_end(&verifier, 4));

    assert_fault(&verifier, LS_AUDIT_TRUNCATED, 4);
}

static void a_log_rewritten_and_chained_again_is_not_the_one_remembered(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    struct ls_audit_verifier verifier;
    make(entries);
    ls_audit_verifier_init(&verifier, origin);
    ls_audit_verifier_expect(&verifier, 4, entries[3].hash);
    entries[1].text[0] ^= 1;
    chain(entries, 1);

    for (size_t i = 0; i < ENTRIES; i++) (void)take(&verifier, &entries[i]);

    assert_false(ls_audit_verifier_end(&verifier, 4));
    assert_fault(&verifier, LS_AUDIT_FORKED, 4);
}

static void a_remembered_head_that_is_there_is_good_and_one_that_is_gone_is_not(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    struct ls_audit_verifier verifier;
    make(entries);
    ls_audit_verifier_init(&verifier, origin);
    ls_audit_verifier_expect(&verifier, 2, entries[1].hash);
    assert_true(take(&verifier, &entries[0]));

    struct ls_audit_verifier cut = verifier;
    assert_false(ls_audit_verifier_end(&cut, 0));
    assert_fault(&cut, LS_AUDIT_TRUNCATED, 2);

    assert_true(take(&verifier, &entries[1]));
    assert_true(ls_audit_verifier_end(&verifier, 0));
}

static void after_a_fault_nothing_more_is_taken(void **state)
{
    (void)state;
    struct entry entries[ENTRIES];
    make(entries);
    entries[0].text[0] ^= 1;
    struct ls_audit_verifier verifier = verify(entries, 1);
    entries[0].text[0] ^= 1;

    assert_false(take(&verifier, &entries[0]));
    assert_false(ls_audit_verifier_end(&verifier, 0));

    assert_fault(&verifier, LS_AUDIT_EDITED, 1);
}

static void every_fault_has_its_own_name(void **state)
{
    (void)state;
    assert_string_equal(ls_audit_fault_name(LS_AUDIT_GOOD), "good");
    assert_string_equal(ls_audit_fault_name(LS_AUDIT_EDITED), "edited");
    assert_string_equal(ls_audit_fault_name(LS_AUDIT_GAP), "gap");
    assert_string_equal(ls_audit_fault_name(LS_AUDIT_FORKED), "forked");
    assert_string_equal(ls_audit_fault_name(LS_AUDIT_TRUNCATED), "truncated");
    assert_string_equal(ls_audit_fault_name((enum ls_audit_fault)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_that_of_the_formula),
        cmocka_unit_test(a_whole_chain_is_good_and_leaves_its_head),
        cmocka_unit_test(an_empty_log_is_good_unless_one_was_seen),
        cmocka_unit_test(an_entry_without_bytes_can_be_chained),
        cmocka_unit_test(every_edited_byte_is_found_at_its_entry),
        cmocka_unit_test(an_edited_hash_or_link_is_an_edit_too),
        cmocka_unit_test(a_removed_entry_is_a_gap),
        cmocka_unit_test(an_entry_rehashed_alone_forks_its_successor),
        cmocka_unit_test(another_origin_forks_at_the_first_entry),
        cmocka_unit_test(a_number_taken_twice_is_a_fork),
        cmocka_unit_test(a_number_below_one_is_a_fork),
        cmocka_unit_test(a_log_shorter_than_remembered_is_truncated),
        cmocka_unit_test(a_log_rewritten_and_chained_again_is_not_the_one_remembered),
        cmocka_unit_test(a_remembered_head_that_is_there_is_good_and_one_that_is_gone_is_not),
        cmocka_unit_test(after_a_fault_nothing_more_is_taken),
        cmocka_unit_test(every_fault_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
