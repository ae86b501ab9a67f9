/* Any text in every field of what the console is told, and what may never be on a grid.
 * Shared by the test of known attacks and by the fuzz target. */
#ifndef LOCKSTEP_TESTS_TUI_SPOIL_H
#define LOCKSTEP_TESTS_TUI_SPOIL_H

#include "fixture.h"
#include "lockstep/base/gate.h"

struct spoil {
    const char *text; /* any bytes but NUL */
    size_t bytes;
    size_t number; /* any: states and kinds come from it */
};

/* Repeated until the field is full, so that cuts happen in the middle too. */
static inline void spoil_field(char *field, size_t bytes, const struct spoil *with)
{
    size_t used = 0;
    while (with->bytes > 0 && used + with->bytes + 1 < bytes) {
        memcpy(field + used, with->text, with->bytes);
        used += with->bytes;
    }
    if (used == 0 && with->bytes > 0) { /* longer than the field: its first bytes */
        used = with->bytes + 1 < bytes ? with->bytes : bytes - 1;
        memcpy(field, with->text, used);
    }
    field[used] = '\0';
}

#define PUT(field_) spoil_field((field_), sizeof(field_), with)

static inline void spoil_dashboard(struct ls_dashboard *facts, const struct spoil *with)
{
    PUT(facts->database);
    PUT(facts->payer);
    for (size_t i = 0; i < facts->worker_count; i++) {
        PUT(facts->workers[i].host);
        PUT(facts->workers[i].version);
        PUT(facts->workers[i].doing);
        PUT(facts->workers[i].trouble);
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

static inline void spoil_row(struct ls_op_row *row, const struct spoil *with)
{
    PUT(row->key);
    PUT(row->entity);
    PUT(row->cause);
    PUT(row->signature);
    row->state = (enum ls_state)(with->number % 12);
    row->kind = (enum ls_kind)(with->number % 12);
}

static inline void spoil_detail(struct ls_op_detail *detail, const struct spoil *with)
{
    spoil_row(&detail->row, with);
    PUT(detail->payload);
    PUT(detail->detail);
    PUT(detail->mint);
    PUT(detail->look_signature);
    detail->row.look = (enum ls_look)(with->number % 8);
    detail->row.looked_ms = with->number % 3 == 0 ? 0 : detail->row.updated_ms;
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

static inline void spoil_alerts(struct ls_alert_page *page, const struct spoil *with)
{
    for (size_t i = 0; i < page->count; i++) {
        PUT(page->rows[i].rule);
        PUT(page->rows[i].subject);
        PUT(page->rows[i].message);
        PUT(page->rows[i].owner);
        PUT(page->rows[i].note);
    }
}

static inline void spoil_audit(struct ls_audit_page *page, const struct spoil *with)
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

/* Aborts: a fuzzer knows no other way to be told. */
static inline void spoil_batch_row(struct ls_batch_row *row, const struct spoil *with)
{
    spoil_field(row->name, sizeof row->name, with);
    spoil_field(row->opened_by, sizeof row->opened_by, with);
    spoil_field(row->detail, sizeof row->detail, with);
}

static inline void spoil_batch(struct ls_batch_detail *detail, const struct spoil *with)
{
    spoil_batch_row(&detail->row, with);
    for (size_t i = 0; i < detail->cause_count; i++) {
        spoil_field(detail->causes[i].cause, sizeof detail->causes[i].cause, with);
        spoil_field(detail->causes[i].example, sizeof detail->causes[i].example, with);
        spoil_field(detail->causes[i].signer, sizeof detail->causes[i].signer, with);
    }
}

static inline void spoil_bulks(struct ls_bulk_page *page, const struct spoil *with)
{
    for (size_t i = 0; i < page->count; i++) {
        spoil_field(page->rows[i].filter, sizeof page->rows[i].filter, with);
        spoil_field(page->rows[i].reason, sizeof page->rows[i].reason, with);
        spoil_field(page->rows[i].actor, sizeof page->rows[i].actor, with);
        spoil_field(page->rows[i].why, sizeof page->rows[i].why, with);
    }
}

static inline void spoil_targets(struct ls_bulk_target_page *page, const struct spoil *with)
{
    for (size_t i = 0; i < page->count; i++) {
        spoil_field(page->rows[i].key, sizeof page->rows[i].key, with);
        spoil_field(page->rows[i].why, sizeof page->rows[i].why, with);
    }
}

static inline void spoil_equal(int64_t left, int64_t right)
{
    if (left == right) return;
    (void)fprintf(stderr, "a cell is not clean: %" PRId64 " is not %" PRId64 "\n", left, right);
    abort();
}

/* Each cell is as wide as its character, and holds nothing that a terminal obeys. */
static inline void spoil_check_grid(const ls_grid *grid)
{
    for (int32_t row = 0; row < ls_grid_rows(grid); row++) {
        int32_t cells = 0;
        for (int32_t column = 0; column < ls_grid_columns(grid); column++) {
            const struct ls_cell *cell = ls_grid_cell(grid, row, column);
            cells += cell->width;
            if (cell->width == 0) continue;
            spoil_equal(ls_gate_scalar_width(cell->base), cell->width);
            for (int i = 0; i < LS_GATE_COMBINERS_MAX; i++)
                if (cell->combiners[i] != 0)
                    spoil_equal(ls_gate_scalar_width(cell->combiners[i]), 0);
            if (ls_grid_is_ascii(grid)) spoil_equal(cell->base < 0x7f, true);
        }
        spoil_equal(cells, ls_grid_columns(grid));
    }
}

static inline void assert_clean(struct fixture *world)
{
    ls_ui_draw(world->ui, world->grid);
    spoil_check_grid(world->grid);
}

/* Answer each question of the console with a spoiled record. */
/* Batches and bulk jobs; false when the request is for something else. */
static inline bool spoil_list(struct fixture *world,
                              const struct ls_ui_request *request,
                              struct ls_ui_message *answer,
                              const struct spoil *with)
{
    if (request->kind == LS_UI_WANT_BATCHES) {
        fixture_fill_batches(&world->batches, fixture_now_ms);
        for (size_t i = 0; i < world->batches.count; i++)
            spoil_batch_row(&world->batches.rows[i], with);
        answer->kind = LS_UI_BATCHES;
        answer->batches = &world->batches;
    } else if (request->kind == LS_UI_WANT_BATCH) {
        fixture_fill_batch(&world->batch, request->batch, fixture_now_ms);
        spoil_batch(&world->batch, with);
        answer->kind = LS_UI_BATCH;
        answer->batch = &world->batch;
    } else if (request->kind == LS_UI_WANT_BULKS) {
        fixture_fill_bulks(&world->bulks, fixture_now_ms);
        spoil_bulks(&world->bulks, with);
        answer->kind = LS_UI_BULKS;
        answer->bulks = &world->bulks;
    } else if (request->kind == LS_UI_WANT_TARGETS) {
        fixture_fill_targets(&world->targets, request->bulk, fixture_now_ms);
        spoil_targets(&world->targets, with);
        answer->kind = LS_UI_TARGETS;
        answer->targets = &world->targets;
    } else {
        return false;
    }
    return true;
}

static inline void spoil_answers(struct fixture *world, const struct spoil *with)
{
    size_t count = world->requests.count;
    for (size_t i = 0; i < count; i++) {
        struct ls_ui_request request = world->requests.items[i];
        struct ls_ui_message answer = {.ticket = request.ticket};
        if (request.kind == LS_UI_WANT_OPS) {
            fixture_fill_ops(world, &request.filter);
            for (size_t r = 0; r < world->ops.count; r++) spoil_row(&world->ops.rows[r], with);
            answer.kind = LS_UI_OPS;
            answer.ops = &world->ops;
        } else if (request.kind == LS_UI_WANT_DETAIL) {
            fixture_fill_detail(&world->detail, request.op);
            spoil_detail(&world->detail, with);
            answer.kind = LS_UI_DETAIL;
            answer.detail = &world->detail;
        } else if (request.kind == LS_UI_WANT_ALERTS) {
            fixture_fill_alerts(&world->alerts);
            spoil_alerts(&world->alerts, with);
            answer.kind = LS_UI_ALERTS;
            answer.alerts = &world->alerts;
        } else if (request.kind == LS_UI_WANT_AUDIT) {
            fixture_fill_audit(&world->audit);
            spoil_audit(&world->audit, with);
            answer.kind = LS_UI_AUDIT;
            answer.audit = &world->audit;
        } else if (request.kind == LS_UI_WANT_CHOSEN) {
            fixture_fill_chosen(world, &request);
            for (size_t r = 0; r < world->chosen.count; r++)
                spoil_row(&world->chosen.rows[r], with);
            answer.kind = LS_UI_CHOSEN;
            answer.ops = &world->chosen;
        } else if (!spoil_list(world, &request, &answer, with)) {
            continue;
        }
        ls_ui_update(world->ui, &answer, &world->requests);
        world->requests.count = count;
    }
    assert_clean(world);
}

#endif
