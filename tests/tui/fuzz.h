/* The fuzz target of what reads text that others wrote, or that a person types: the console
 * as a whole, its grid, the text gate, and the parsers of filters, themes and keys. Any bytes
 * go in; a crash, an assertion, a sanitizer or a cell that is not clean is the finding.
 *
 * fuzz_main.c drives it with libFuzzer (tests/tui/fuzz.sh), fuzz_test.c with seeded bytes. */
#ifndef LOCKSTEP_TESTS_TUI_FUZZ_H
#define LOCKSTEP_TESTS_TUI_FUZZ_H

#include "lockstep/base/buf.h"
#include "lockstep/base/utf8.h"
#include "lockstep/tui/keymap.h"
#include "spoil.h"

enum { FUZZ_TEXT_BYTES = 2048, FUZZ_STEPS_MAX = 200 };

struct fuzz_input {
    const uint8_t *data;
    size_t bytes;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->bytes == 0) return 0;
    input->bytes--;
    return *input->data++;
}

/* A length, then so many bytes, without NUL. */
static inline void fuzz_text(struct fuzz_input *input, char out[FUZZ_TEXT_BYTES])
{
    size_t length = (size_t)fuzz_byte(input) * 8, used = 0;
    for (; length > 0 && input->bytes > 0 && used + 1 < FUZZ_TEXT_BYTES; length--) {
        const char byte = (char)fuzz_byte(input);
        if (byte != '\0') out[used++] = byte;
    }
    out[used] = '\0';
}

static inline struct ls_key fuzz_key(struct fuzz_input *input)
{
    const uint8_t first = fuzz_byte(input);
    if (first >= 0x20 && first < 0x7f)
        return (struct ls_key){.code = LS_KEY_CHAR, .scalar = first};
    if (first < 0x20)
        return (struct ls_key){
            .code = LS_KEY_CHAR, .scalar = (uint32_t)'a' + first % 26, .has_ctrl = true};
    if (first < 0xf0)
        return (struct ls_key){.code = (enum ls_key_code)(first % LS_KEY_F12 + 1)};
    const uint32_t scalar = (uint32_t)fuzz_byte(input) << 12 | (uint32_t)fuzz_byte(input) << 4;
    bool is_scalar = scalar >= 0x20 && (scalar < 0xd800 || scalar > 0xdfff);
    return (struct ls_key){.code = LS_KEY_CHAR, .scalar = is_scalar ? scalar : '?'};
}

static inline void
fuzz_tell(struct fixture *world, struct ls_ui_message message, const struct spoil *with)
{
    fixture_tell(world, message);
    spoil_answers(world, with);
    assert_clean(world);
}

/* One message to the console, made of what comes next. */
static inline void fuzz_step(struct fixture *world,
                             struct fuzz_input *input,
                             struct spoil *with,
                             char text[FUZZ_TEXT_BYTES])
{
    struct ls_ui_message message = {.kind = LS_UI_KEY};
    struct ls_dashboard facts = world->dashboard;
    struct ls_action_result acted = {0};
    const uint8_t what = fuzz_byte(input);
    world->elapsed_ms += what;
    switch (what % 12) {
    case 0:
        fixture_resize(world, fuzz_byte(input) + 1, fuzz_byte(input) % 100 + 1);
        assert_clean(world);
        return;
    case 1:
        fuzz_text(input, text);
        *with = (struct spoil){text, strlen(text), what};
        return;
    case 2: message.kind = LS_UI_TICK; break;
    case 3:
        spoil_dashboard(&facts, with);
        message.kind = LS_UI_DASHBOARD;
        message.dashboard = &facts;
        break;
    case 4:
        message.kind = LS_UI_PASTE;
        message.paste = with->text;
        break;
    case 5:
        message.kind = what % 2 == 0 ? LS_UI_NOTE : LS_UI_FEED_LOST;
        message.why = with->text;
        break;
    case 6:
        (void)snprintf(acted.why.text, sizeof acted.why.text, "%s", with->text);
        message.kind = LS_UI_ACTED;
        message.ticket = world->requests.count > 0 ? world->requests.items[0].ticket : what;
        message.acted = &acted;
        break;
    default: message.key = fuzz_key(input); break;
    }
    fuzz_tell(world, message, with);
}

static inline void fuzz_console(struct fuzz_input *input)
{
    static const int32_t sizes[][2] = {{80, 24}, {100, 30}, {200, 50}, {60, 16}};
    char text[FUZZ_TEXT_BYTES] = "";
    struct spoil with = {.text = ""};
    const uint8_t first = fuzz_byte(input);
    struct fixture *world =
        fixture_new(sizes[first % 4][0], sizes[first % 4][1], first % 8 >= 4);
    for (int i = 0; i < FUZZ_STEPS_MAX && input->bytes > 0; i++)
        fuzz_step(world, input, &with, text);
    fixture_free(world);
}

static inline void fuzz_grid(struct fuzz_input *input)
{
    struct fixture world = {0};
    char text[FUZZ_TEXT_BYTES];
    const bool is_ascii = fuzz_byte(input) % 2 == 1;
    world.grid = ls_grid_new(fuzz_byte(input) % 90 + 1, fuzz_byte(input) % 9 + 1, is_ascii);
    if (world.grid == NULL) return;
    const int32_t rows = ls_grid_rows(world.grid), columns = ls_grid_columns(world.grid);
    for (int i = 0; i < FUZZ_STEPS_MAX && input->bytes > 0; i++) {
        const struct ls_span span =
            ls_span_of(fuzz_byte(input) % rows, fuzz_byte(input) % columns,
                       fuzz_byte(input) % (columns + 1));
        const uint8_t how = fuzz_byte(input);
        fuzz_text(input, text);
        if (how % 2 == 0)
            (void)ls_grid_text(world.grid, span, LS_ROLE_TEXT, text);
        else
            (void)ls_grid_right(world.grid, span, LS_ROLE_MUTED, text);
    }
    spoil_check_grid(world.grid);
    ls_grid_free(world.grid);
}

/* What the gate let through is clean, and stays as it is when it passes again. */
static inline void fuzz_gate(struct fuzz_input *input)
{
    char text[FUZZ_TEXT_BYTES], once[FUZZ_TEXT_BYTES * 8], twice[FUZZ_TEXT_BYTES * 8];
    fuzz_text(input, text);
    size_t bytes = ls_gate_text(text, strlen(text), once, sizeof once);
    for (size_t at = 0; at < bytes;) {
        uint32_t scalar = 0;
        const size_t used = ls_utf8_next(once + at, bytes - at, &scalar);
        spoil_equal(used > 0 && ls_gate_scalar_width(scalar) >= 0, true);
        at += used;
    }
    spoil_equal((int64_t)ls_gate_text(once, bytes, twice, sizeof twice), (int64_t)bytes);
    spoil_equal(memcmp(once, twice, bytes), 0);
    spoil_equal((int64_t)ls_gate_width(text, strlen(text)),
                (int64_t)ls_gate_width(once, bytes));
    struct ls_buf json;
    ls_buf_init(&json, sizeof once);
    ls_buf_add_json(&json, text, strlen(text));
    for (const char *at = ls_buf_text(&json); *at != '\0'; at++)
        spoil_equal((unsigned char)*at >= 0x20 && *at != 0x7f, true);
    ls_buf_done(&json);
}

/* A reason is one line that names something, whenever there is one. */
static inline void fuzz_refusal(ls_err err, const struct ls_why *why)
{
    if (ls_failed(err)) spoil_equal(why->text[0] != '\0', true);
}

static inline void fuzz_parsers(struct fuzz_input *input, uint8_t which)
{
    char text[FUZZ_TEXT_BYTES];
    char name[LS_KEY_NAME_BYTES];
    struct ls_why why = {0};
    struct ls_key key, again;
    fuzz_text(input, text);
    if (which % 4 == 0) {
        struct ls_filter filter;
        fuzz_refusal(ls_filter_parse(text, &filter, &why), &why);
    } else if (which % 4 == 1) {
        struct ls_theme theme;
        fuzz_refusal(ls_theme_parse(text, strlen(text), "x", &theme, &why), &why);
    } else if (which % 4 == 2) {
        struct ls_keymap keymap;
        fuzz_refusal(ls_keymap_parse(text, strlen(text), "x", &keymap, &why), &why);
    } else if (ls_key_parse(text, &key)) {
        (void)ls_key_name(key, name);
        spoil_equal(ls_key_parse(name, &again) && ls_key_equal(key, again), true);
    }
}

static inline void fuzz_one(const uint8_t *data, size_t bytes)
{
    struct fuzz_input input = {data, bytes};
    const uint8_t which = fuzz_byte(&input);
    if (which < 100)
        fuzz_console(&input);
    else if (which < 140)
        fuzz_grid(&input);
    else if (which < 180)
        fuzz_gate(&input);
    else
        fuzz_parsers(&input, which);
}

#endif
