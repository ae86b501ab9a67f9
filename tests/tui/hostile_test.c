/* Hostile texts in every field, sizes that fit nothing, and random sessions: nothing may
 * crash, and nothing that a terminal obeys may reach a cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spoil.h"

static const char *const hostile[] = {
    "\x1b[2J\x1b]0;title\a",
    "\x1b]52;c;cm0=\a\x1b]8;;http://x\x1b\\",
    "\x1bP+q\x1b\\\x1b_G\x1b\\\x1b^m\x1b\\\x1b"
    "c\x1b[6n\x1b[?1049l",
    "\xc2\x9b"
    "2J\xc2\x9d"
    "0;t\xc2\x9c\xc2\x90q\xc2\x85",
    "\x9b"
    "2J\x9d"
    "0;t\x9c\x90q\x84\x85",
    "\u202ereversed\u202c",
    "\u2066isolate\u2069\u200f\u061c",
    "zero\u200bwidth\ufeff\u00ad\u2060",
    "e\u0301\u0302\u0303\u0304\u0305\u0306",
    "\u0301\u0489 begins with a mark",
    "\xff\xfe\xc0\xaf\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80 cut \xe2\x80",
    "株式会社の発行済株式総数株式会社の発行済株式総数株式会社",
    "\U0001f600\U0001f468\u200d\U0001f469 \u2764\ufe0f \U0001f1e8\U0001f1ed",
    "\u3164\u115f\u1160\uffa0",
    "\ue000\U0010ffff\U000e0041\ufff9\u2028\u2029",
    "line\nbreak\r\ttab\b\b\v\f",
    "",
    "%s%n%d",
};
enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static struct spoil spoil_of(size_t which)
{
    const char *text = hostile[which % HOSTILE];
    return (struct spoil){.text = text, .bytes = strlen(text), .number = which};
}

static void answer_spoiled(struct fixture *world, const char *keys, size_t which)
{
    const struct spoil with = spoil_of(which);
    struct ls_ui_message key = {.kind = LS_UI_KEY};
    assert_true(ls_key_parse(keys, &key.key));
    fixture_tell(world, key);
    spoil_answers(world, &with);
    assert_clean(world);
}

static void hostile_text_in_every_field_reaches_no_cell(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "2",   "Enter", "e", "G",   "R",     "Esc", "H",   "Esc",   "3", "4",   "6", "A",
        "Esc", "7",     "8", "j",   "j",     "P",   "Esc", "1",     "?", "5",   "j", "j",
        "R",   "Esc",   "P", "Esc", "Enter", "Esc", "9",   "Enter", "j", "Esc", "X", "Esc"};
    for (size_t which = 0; which < HOSTILE; which++) {
        struct fixture *world = fixture_new(80, 24, which % 2 == 1);
        struct ls_dashboard spoiled = world->dashboard;
        const struct spoil with = spoil_of(which);
        spoil_dashboard(&spoiled, &with);
        fixture_send(world,
                     (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &spoiled});
        assert_clean(world);
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            answer_spoiled(world, keys[i], which);
        fixture_send(world,
                     (struct ls_ui_message){.kind = LS_UI_FEED_LOST, .why = hostile[which]});
        fixture_send(world, (struct ls_ui_message){.kind = LS_UI_NOTE, .why = hostile[which]});
        assert_clean(world);
        fixture_free(world);
    }
}

static void every_tiny_size_is_drawn(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    for (int screen = 0; screen < 7; screen++) {
        const char key[] = {"1234678"[screen], '\0'};
        for (int32_t rows = 1; rows <= 26; rows += screen == 0 ? 1 : 5) {
            for (int32_t columns = 1; columns <= 84; columns += screen == 0 ? 3 : 11) {
                fixture_resize(world, columns, rows);
                fixture_keys(world, "Esc Esc Esc");
                fixture_key(world, key);
                assert_clean(world);
                fixture_key(world, "R");
                assert_clean(world);
                fixture_keys(world, "Esc ?");
                assert_clean(world);
            }
        }
    }
    fixture_free(world);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct ls_key random_key(uint32_t *seed)
{
    static const char letters[] = "12346789jkgGaus*/:?[]netyoRCHXVAPqx =+-zZ!";
    uint32_t what = next_random(seed) % 4;
    if (what < 3)
        return (struct ls_key){
            .code = LS_KEY_CHAR,
            .scalar = (unsigned char)letters[next_random(seed) % (sizeof letters - 1)]};
    return (struct ls_key){.code = (enum ls_key_code)(next_random(seed) % LS_KEY_F12 + 1),
                           .scalar = next_random(seed) % 0x3000,
                           .has_ctrl = next_random(seed) % 5 == 0};
}

static void a_thousand_random_resizes_and_keys_never_break_it(void **state)
{
    (void)state;
    uint32_t seed = 20251123;
    struct fixture *world = fixture_new(80, 24, false);
    for (int i = 0; i < 3000; i++) {
        world->elapsed_ms += (int64_t)(next_random(&seed) % 900);
        uint32_t what = next_random(&seed) % 12;
        if (what == 0) {
            fixture_resize(world, (int32_t)(next_random(&seed) % 160 + 1),
                           (int32_t)(next_random(&seed) % 60 + 1));
        } else if (what == 1) {
            fixture_dashboard(world);
        } else if (what == 2) {
            fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
        } else {
            struct ls_ui_message message = {.kind = LS_UI_KEY, .key = random_key(&seed)};
            if (message.key.code == LS_KEY_NONE) continue;
            fixture_send(world, message);
        }
        assert_clean(world);
    }
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_in_every_field_reaches_no_cell),
        cmocka_unit_test(every_tiny_size_is_drawn),
        cmocka_unit_test(a_thousand_random_resizes_and_keys_never_break_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
