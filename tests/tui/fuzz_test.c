/* A bounded share of the fuzz target (fuzz.h) in the ordinary tests, from a seed: words of
 * the grammars and attacks, mixed with anything. LS_FUZZ_INPUTS=N runs more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fuzz.h"

enum { INPUT_BYTES_MAX = 1500, INPUTS = 400 };

static const char *const words[] = {
    "state:failed ",
    "kind:token.* ",
    "age>10m ",
    "!key:\"a b\" ",
    "entity:",
    "[theme]\n",
    "[palette]\n",
    "[roles]\n",
    "red = 203 ",
    "text = $red on #101418 bold\n",
    "name = x\n",
    "[keys failed]\n",
    "retry = R F8\n",
    "Ctrl-",
    "Alt-x",
    "F12",
    "\x1b[2J",
    "\xe2\x80\xae",
    "\xc2\x9b",
    "\xff\xc0\xaf",
    "e\xcc\x81\xcc\x82",
    "\xe6\xa0\xaa",
    "\xf0\x9f\x91\xa8\xe2\x80\x8d",
};

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static size_t make_input(uint64_t *seed, uint8_t out[INPUT_BYTES_MAX])
{
    const size_t wanted = next_random(seed) % INPUT_BYTES_MAX;
    size_t used = 0;
    while (used < wanted) {
        const char *word = words[next_random(seed) % (sizeof words / sizeof words[0])];
        const size_t length = strlen(word);
        const uint32_t what = next_random(seed) % 4;
        if (what == 0 && used + length < wanted) {
            memcpy(out + used, word, length);
            used += length;
        } else if (what == 1) {
            out[used++] = (uint8_t) "jk1234678\x1bRHXCAP/:?eG"[next_random(seed) % 21];
        } else {
            out[used++] = (uint8_t)next_random(seed);
        }
    }
    return used;
}

static void any_bytes_leave_a_clean_screen_and_a_reason(void **state)
{
    (void)state;
    const char *wanted = getenv("LS_FUZZ_INPUTS");
    const long count = wanted == NULL ? INPUTS : strtol(wanted, NULL, 10);
    uint64_t seed = 20260417;
    uint8_t input[INPUT_BYTES_MAX];
    assert_true(count > 0);
    for (long i = 0; i < count; i++) fuzz_one(input, make_input(&seed, input));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_leave_a_clean_screen_and_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
