#include "view_health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/core/kinds.h"

enum {
    STATE_CELLS = 8,
    LEADER_CELLS = 6,
    VERSION_CELLS = 8,
    KINDS_CELLS = 40, /* where there is room for words beside them */
    ROOMY = 96,
    WIDE = 160,
};

void health_cursor(struct view view, struct cells *cells, int64_t index)
{
    bool is_here = index == view.ui->health.at;
    cells_put(cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : "");
}

/* In capitals, and in a cell's width: "CATCHING UP" has more. */
static const char *state_of(const struct ls_worker_row *worker)
{
    static const char *const words[][2] = {
        {"silent", "SILENT"},        {"draining", "DRAINING"},  {"paused", "PAUSED"},
        {"catching up", "CATCH-UP"}, {"in trouble", "TROUBLE"}, {"working", "WORKING"}};
    const char *word = ls_worker_word(worker);
    size_t at = 0;
    while (strcmp(words[at][0], word) != 0) at++;
    return words[at][1];
}

static enum ls_role state_role(const struct ls_worker_row *worker)
{
    if (!worker->is_alive) return LS_ROLE_STATE_FAILED;
    return strcmp(ls_worker_word(worker), "working") == 0 ? LS_ROLE_STATE_DONE
                                                          : LS_ROLE_SEV_WARNING;
}

/* What a worker works on gets the room that is left; its version only where there is some. */
static bool is_roomy(struct view view)
{
    return view.area.columns >= ROOMY;
}

static int32_t host_cells(struct view view)
{
    return is_roomy(view) ? 20 : 17;
}

static bool is_wide(struct view view)
{
    return view.area.columns >= WIDE;
}

/* One cell more between numbers and words. */
static int32_t air(struct view view)
{
    return is_roomy(view) ? 1 : 0;
}

/* What is left for the last column, the kinds or on a wide screen the words. */
static int32_t rest_cells(struct view view)
{
    const int32_t widths[] = {1,
                              5,
                              STATE_CELLS,
                              LEADER_CELLS,
                              host_cells(view),
                              8 + air(view),
                              moment_cells(view.ui) + air(view),
                              moment_cells(view.ui) + air(view),
                              is_roomy(view) ? VERSION_CELLS : 0,
                              is_wide(view) ? KINDS_CELLS : 0};
    return flex_cells(view.area.columns, widths, sizeof widths / sizeof widths[0]);
}

static int32_t kinds_cells(struct view view)
{
    return is_wide(view) ? KINDS_CELLS : rest_cells(view);
}

static bool is_embedded(const struct ls_ui *ui, const struct ls_worker_row *worker)
{
    return ui->options.has_worker && ui->has_worker_news && ui->worker.worker_id == worker->id;
}

static void draw_worker(struct view view, int32_t at_row, size_t index)
{
    const struct ls_worker_row *worker = &view.ui->dashboard.workers[index];
    struct cells cells = view_cells(view, at_row);
    char text[128];
    health_cursor(view, &cells, (int64_t)index);
    (void)snprintf(text, sizeof text, "%" PRId64, worker->id);
    cells_right(&cells, 5, LS_ROLE_TEXT, text);
    cells_put(&cells, STATE_CELLS, state_role(worker), state_of(worker));
    cells_put(&cells, LEADER_CELLS, LS_ROLE_TITLE, worker->is_leader ? "LEADER" : "");
    (void)snprintf(text, sizeof text, "%s:%" PRId64, worker->host, worker->pid);
    cells_put(&cells, host_cells(view), LS_ROLE_TEXT, text);
    ls_format_count(worker->in_flight, text);
    cells_right(&cells, 8, LS_ROLE_TEXT, text);
    cells.column += air(view);
    moment_text(view.ui, worker->heartbeat_ms, text);
    cells_put(&cells, moment_cells(view.ui) + air(view), LS_ROLE_TEXT, text);
    moment_text(view.ui, worker->started_ms, text);
    cells_put(&cells, moment_cells(view.ui) + air(view), LS_ROLE_TEXT, text);
    char kinds[LS_KINDS_TEXT_BYTES];
    ls_kinds_words(worker->works_on, kinds);
    cells_put(&cells, kinds_cells(view), worker->works_on == 0 ? LS_ROLE_MUTED : LS_ROLE_TEXT,
              kinds);
    if (is_wide(view)) {
        char words[LS_WORKER_WORDS_BYTES];
        ls_worker_words(worker, words);
        cells_put(&cells, rest_cells(view), state_role(worker), words);
    }
    if (is_roomy(view)) cells_put(&cells, VERSION_CELLS, LS_ROLE_MUTED, worker->version);
    if ((int64_t)index == view.ui->health.at) view_select(view, at_row, HEALTH_CHOSEN_CELLS);
}

/* Whose words are shown. */
static const struct ls_worker_row *speaker(const struct ls_ui *ui)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    if (ui->health.at >= 0 && (size_t)ui->health.at < facts->worker_count)
        return &facts->workers[ui->health.at];
    for (size_t i = 0; i < facts->worker_count; i++)
        if (facts->workers[i].is_leader) return &facts->workers[i];
    return facts->worker_count > 0 ? &facts->workers[0] : NULL;
}

static void draw_words(struct view view, int32_t at_row)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_worker_row *worker = speaker(ui);
    char words[LS_WORKER_WORDS_BYTES];
    char since[LS_FORMAT_BYTES];
    char text[LS_WORKER_WORDS_BYTES + 160];
    if (worker == NULL || at_row < 2) return;
    ls_worker_words(worker, words);
    moment_text(ui, worker->doing_ms, since);
    const char *word = ls_worker_word(worker);
    size_t used = (size_t)snprintf(text, sizeof text, "worker %" PRId64 "%s: %s", worker->id,
                                   is_embedded(ui, worker) ? " (here)" : "", word);
    const bool says_so =
        strncmp(worker->doing, word, strlen(word)) == 0 || strcmp(word, "in trouble") == 0;
    if (worker->is_alive && says_so && worker->doing_ms > 0)
        used += (size_t)snprintf(text + used, sizeof text - used, " %s %s",
                                 ui->time_mode == SHOW_AGE ? "for" : "since", since);
    if (words[0] != '\0') {
        (void)snprintf(text + used, sizeof text - used, ": %s", words);
    } else if (worker->is_leader && worker->is_alive) {
        (void)snprintf(text + used, sizeof text - used,
                       "; leads bulk jobs, nonces and records");
    }
    (void)ls_grid_text(
        view.grid, ls_rect_line(view.area, at_row, 2),
        state_role(worker) == LS_ROLE_STATE_DONE ? LS_ROLE_MUTED : LS_ROLE_SEV_WARNING, text);
}

static void draw_titles(struct view view)
{
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, 1, LS_ROLE_MUTED, "");
    cells_right(&cells, 5, LS_ROLE_MUTED, "ID");
    cells_put(&cells, STATE_CELLS, LS_ROLE_MUTED, "STATE");
    cells_put(&cells, LEADER_CELLS, LS_ROLE_MUTED, "");
    cells_put(&cells, host_cells(view), LS_ROLE_MUTED, "HOST:PID");
    cells_right(&cells, 8, LS_ROLE_MUTED, "INFLIGHT");
    cells.column += air(view);
    cells_put(&cells, moment_cells(view.ui) + air(view), LS_ROLE_MUTED, "BEAT");
    cells_put(&cells, moment_cells(view.ui) + air(view), LS_ROLE_MUTED, "SINCE");
    cells_put(&cells, kinds_cells(view), LS_ROLE_MUTED, "WORKS ON");
    if (is_wide(view)) cells_put(&cells, rest_cells(view), LS_ROLE_MUTED, "SAYS");
    if (is_roomy(view)) cells_put(&cells, VERSION_CELLS, LS_ROLE_MUTED, "VERSION");
}

static const char *note_of(const struct ls_ui *ui)
{
    if (!ui->options.has_worker) return ui->options.worker_note;
    const bool has_ended =
        ui->has_worker_news && !ui->worker.is_running && ui->worker.worker_id > 0;
    return has_ended ? "the one embedded here has ended" : "one is embedded here";
}

void health_workers(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    view.area =
        ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "Workers", note_of(view.ui));
    draw_titles(view);
    if (facts->worker_count == 0) {
        (void)ls_grid_text(
            view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_SEV_WARNING,
            view.ui->has_dashboard
                ? "No worker is registered: nothing is sent. Start one: lockstep worker"
                : "Unknown until the database answers.");
    }
    const int32_t last = view.area.rows > 2 ? view.area.rows - 1 : view.area.rows;
    size_t top = view.ui->health.top > 0 ? (size_t)view.ui->health.top : 0;
    for (int32_t row = 1; row < last; row++) {
        if (top + (size_t)row > facts->worker_count) break;
        draw_worker(view, row, top + (size_t)row - 1);
    }
    draw_words(view, view.area.rows - 1);
}
