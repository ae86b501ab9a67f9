/* Hostile texts in every field, sizes that fit nothing, and random sessions: nothing may
 * crash, and nothing that a terminal obeys may reach a cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static const char *const hostile[] = {
    "\x1b[2J\x1b]0;title\a",
    "\u202ereversed\u202c",
    "zero\u200bwidth\ufeff",
    "e\u0301\u0302\u0303\u0304\u0305\u0306",
    "\xff\xfe\xc0\xaf\xed\xa0\x80",
    "株式会社の発行済株式総数株式会社の発行済株式総数株式会社",
    "\U0001f600\U0001f468\u200d\U0001f469",
    "line\nbreak\r\ttab\b\b",
    "",
    "%s%n%d",
};
enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static void put(char *field, size_t bytes, size_t which)
{
    /* Repeated until the field is full, so that cuts happen in the middle too. */
    size_t used = 0;
    const char *text = hostile[which % HOSTILE];
    size_t length = strlen(text);
    while (length > 0 && used + length + 1 < bytes) {
        memcpy(field + used, text, length);
        used += length;
    }
    field[used] = '\0';
}

#define PUT(field_) put((field_), sizeof(field_), which)

static void spoil_dashboard(struct ls_dashboard *facts, size_t which)
{
    PUT(facts->database);
    PUT(facts->payer);
    for (size_t i = 0; i < facts->worker_count; i++) {
        PUT(facts->workers[i].host);
        PUT(facts->workers[i].version);
    }
    for (size_t i = 0; i < facts->endpoint_count; i++) {
        PUT(facts->endpoints[i].name);
        PUT(facts->endpoints[i].trouble);
    }
    PUT(facts->gates[0].selector);
    PUT(facts->gates[0].reason);
    PUT(facts->gates[0].actor);
    for (size_t i = 0; i < facts->cause_count; i++) PUT(facts->causes[i].cause);
}

static void spoil_row(struct ls_op_row *row, size_t which)
{
    PUT(row->key);
    PUT(row->entity);
    PUT(row->cause);
    PUT(row->signature);
    row->state = (enum ls_state)(which % 12);
    row->kind = (enum ls_kind)(which % 12);
}

static void spoil_detail(struct ls_op_detail *detail, size_t which)
{
    spoil_row(&detail->row, which);
    PUT(detail->payload);
    PUT(detail->detail);
    PUT(detail->mint);
    for (size_t i = 0; i < detail->attempt_count; i++) {
        PUT(detail->attempts[i].signature);
        PUT(detail->attempts[i].cause);
        PUT(detail->attempts[i].evidence);
    }
    PUT(detail->events[0].actor);
    PUT(detail->events[0].action);
    PUT(detail->events[0].before);
    PUT(detail->events[0].reason);
}

static void spoil_alerts(struct ls_alert_page *page, size_t which)
{
    for (size_t i = 0; i < page->count; i++) {
        PUT(page->rows[i].rule);
        PUT(page->rows[i].subject);
        PUT(page->rows[i].message);
        PUT(page->rows[i].owner);
        PUT(page->rows[i].note);
    }
}

static void spoil_audit(struct ls_audit_page *page, size_t which)
{
    for (size_t i = 0; i < page->count; i++) {
        PUT(page->rows[i].actor);
        PUT(page->rows[i].os_user);
        PUT(page->rows[i].client);
        PUT(page->rows[i].action);
        PUT(page->rows[i].target);
        PUT(page->rows[i].reason);
        PUT(page->rows[i].hash);
    }
}

static void assert_clean(struct fixture *world)
{
    ls_ui_draw(world->ui, world->grid);
    for (int32_t row = 0; row < ls_grid_rows(world->grid); row++) {
        int32_t cells = 0;
        for (int32_t column = 0; column < ls_grid_columns(world->grid); column++) {
            const struct ls_cell *cell = ls_grid_cell(world->grid, row, column);
            cells += cell->width;
            if (cell->width == 0) continue;
            assert_int_equal(ls_gate_scalar_width(cell->base), cell->width);
            for (int i = 0; i < LS_GATE_COMBINERS_MAX; i++)
                if (cell->combiners[i] != 0)
                    assert_int_equal(ls_gate_scalar_width(cell->combiners[i]), 0);
        }
        assert_int_equal(cells, ls_grid_columns(world->grid));
    }
}

/* Answer the newest question of the console with a spoiled record. */
static void answer_spoiled(struct fixture *world, const char *keys, size_t which)
{
    struct ls_ui_message key = {.kind = LS_UI_KEY};
    assert_true(ls_key_parse(keys, &key.key));
    fixture_tell(world, key);
    size_t count = world->requests.count;
    for (size_t i = 0; i < count; i++) {
        struct ls_ui_request request = world->requests.items[i];
        struct ls_ui_message answer = {.ticket = request.ticket};
        if (request.kind == LS_UI_WANT_OPS) {
            fixture_fill_ops(world, &request.filter);
            for (size_t r = 0; r < world->ops.count; r++) spoil_row(&world->ops.rows[r], which);
            answer.kind = LS_UI_OPS;
            answer.ops = &world->ops;
        } else if (request.kind == LS_UI_WANT_DETAIL) {
            fixture_fill_detail(&world->detail, request.op);
            spoil_detail(&world->detail, which);
            answer.kind = LS_UI_DETAIL;
            answer.detail = &world->detail;
        } else if (request.kind == LS_UI_WANT_ALERTS) {
            fixture_fill_alerts(&world->alerts);
            spoil_alerts(&world->alerts, which);
            answer.kind = LS_UI_ALERTS;
            answer.alerts = &world->alerts;
        } else if (request.kind == LS_UI_WANT_AUDIT) {
            fixture_fill_audit(&world->audit);
            spoil_audit(&world->audit, which);
            answer.kind = LS_UI_AUDIT;
            answer.audit = &world->audit;
        } else {
            continue;
        }
        ls_ui_update(world->ui, &answer, &world->requests);
        world->requests.count = count;
    }
    assert_clean(world);
}

static void hostile_text_in_every_field_reaches_no_cell(void **state)
{
    (void)state;
    static const char *const keys[] = {"2",   "Enter", "e", "G", "R",   "Esc", "H",
                                       "Esc", "3",     "4", "6", "A",   "Esc", "7",
                                       "8",   "j",     "j", "P", "Esc", "1",   "?"};
    for (size_t which = 0; which < HOSTILE; which++) {
        struct fixture *world = fixture_new(80, 24, which % 2 == 1);
        struct ls_dashboard spoiled = world->dashboard;
        spoil_dashboard(&spoiled, which);
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
