#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lockstep/solana/canonical.h"
#include "lockstep/solana/intent.h"

/* Allocations of the JSON reader that may still succeed; negative: all. */
static int left = -1;

static void *allocate(size_t bytes)
{
    if (left == 0) return NULL;
    if (left > 0) left--;
    return malloc(bytes);
}

static int count_allocations(void **state)
{
    (void)state;
    json_set_alloc_funcs(allocate, free);
    return 0;
}

static ls_err parse_payload(void)
{
    static const char payload[] = "{\"type\":\"a\",\"subject\":\"b\",\"document\":"
                                  "{\"long\":\"0123456789abcdef0123456789abcdef\",\"list\":["
                                  "true,false,null,{\"a\":null}]}}";
    struct ls_intent intent;
    return ls_intent_parse("event", payload, sizeof payload - 1, &intent, NULL);
}

static ls_err write_canonical(void)
{
    static const char json[] = "[{\"b\":true,\"a\":\"\\u00e9\"},[],null]";
    struct ls_buf out;
    ls_buf_init(&out, 256);
    const ls_err err = ls_json_canonical(json, sizeof json - 1, &out);
    ls_buf_done(&out);
    return err;
}

/* jansson's lexer reports some failed allocations as bad syntax (and aborts in others, when
 * a number is being read: the texts here have none); the rest are told apart. */
static void memory_that_runs_out_anywhere_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    static ls_err (*const works[])(void) = {parse_payload, write_canonical};
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        int refused = 0;
        int known = 0;
        for (int allowed = 0; allowed < 1000; allowed++) {
            left = allowed;
            const ls_err err = works[i]();
            left = -1;
            if (!ls_failed(err)) break;
            if (err.code == LS_CODE_NO_MEMORY) known++;
            refused++;
        }
        assert_true(refused > 5);
        assert_true(known > refused / 4);
        assert_int_equal(works[i]().code, LS_CODE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_runs_out_anywhere_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, count_allocations, NULL);
}
