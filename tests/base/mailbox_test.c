#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/base/mailbox.h"

/* Beyond the end of the test by any clock: it would be killed before. */
static const int64_t FAR_MS = INT64_MAX / 1000000;

static void a_full_mailbox_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    int items[3] = {1, 2, 3};
    ls_mailbox *mailbox = ls_mailbox_new(2);

    assert_int_equal(ls_mailbox_post(mailbox, &items[0]).code, LS_CODE_OK);
    assert_int_equal(ls_mailbox_post(mailbox, &items[1]).code, LS_CODE_OK);
    assert_int_equal(ls_mailbox_post(mailbox, &items[2]).code, LS_CODE_FULL);

    assert_int_equal(ls_mailbox_count(mailbox), 2);
    assert_ptr_equal(ls_mailbox_take(mailbox, 0), &items[0]);
    assert_int_equal(ls_mailbox_post(mailbox, &items[2]).code, LS_CODE_OK);
    assert_ptr_equal(ls_mailbox_take(mailbox, 0), &items[1]);
    assert_ptr_equal(ls_mailbox_take(mailbox, 0), &items[2]);
    assert_null(ls_mailbox_take(mailbox, 0));
    assert_null(ls_mailbox_take(mailbox, 1));
    ls_mailbox_free(mailbox);
}

static void a_closed_mailbox_refuses_and_gives_what_is_inside(void **state)
{
    (void)state;
    int item = 1;
    ls_mailbox *mailbox = ls_mailbox_new(2);
    assert_int_equal(ls_mailbox_post(mailbox, &item).code, LS_CODE_OK);

    ls_mailbox_close(mailbox);

    assert_int_equal(ls_mailbox_post(mailbox, &item).code, LS_CODE_STOPPED);
    assert_ptr_equal(ls_mailbox_take(mailbox, FAR_MS), &item);
    assert_null(ls_mailbox_take(mailbox, FAR_MS));
    ls_mailbox_free(mailbox);
    ls_mailbox_free(NULL);
}

enum { POSTS = 2000 };

static void *post_many(void *self)
{
    static int item;
    for (int i = 0; i < POSTS;) {
        if (ls_mailbox_post(self, &item).code == LS_CODE_OK) i++;
    }
    return NULL;
}

static void what_two_threads_post_is_all_taken(void **state)
{
    (void)state;
    ls_mailbox *mailbox = ls_mailbox_new(8);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, mailbox), 0);

    int taken = 0;
    while (taken < 2 * POSTS && ls_mailbox_take(mailbox, FAR_MS) != NULL) taken++;

    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(taken, 2 * POSTS);
    assert_int_equal(ls_mailbox_count(mailbox), 0);
    ls_mailbox_free(mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_mailbox_refuses_and_keeps_what_it_has),
        cmocka_unit_test(a_closed_mailbox_refuses_and_gives_what_is_inside),
        cmocka_unit_test(what_two_threads_post_is_all_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
