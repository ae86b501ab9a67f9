#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "view_dash.h"

enum { NAME_CELLS = 12, NAME_WIDE = 22, AREA_WIDE = 44 };
enum { SKEW_MOST_MS = 2000, MINUTES_A_DAY = 1440 };

static struct ls_span
named_line(struct view *view, enum ls_glyph glyph, enum ls_role role, const char *name)
{
    int32_t cells = view->area.columns >= AREA_WIDE ? NAME_WIDE : NAME_CELLS;
    struct ls_span span = ls_rect_line(view->area, 0, 1);
    if (view->area.rows <= 0) span.row = -1;
    (void)ls_grid_text(view->grid, span, role, ui_glyph(view->ui, glyph));
    span.column += 2;
    struct ls_span name_span = span;
    name_span.end = span.column + cells;
    (void)ls_grid_text(view->grid, name_span, LS_ROLE_TEXT, name);
    span.column += cells + 1;
    view->area = rect_rows(view->area, 1, view->area.rows);
    return span;
}

static struct ls_span dependency_line(struct view *view, bool is_good, const char *name)
{
    return named_line(view, is_good ? LS_GLYPH_OK : LS_GLYPH_DOWN,
                      is_good ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED, name);
}

/* In coarse steps, so that a quiet screen stays quiet; Health has the number. */
static void coarse_latency(int64_t ms, char out[LS_FORMAT_BYTES])
{
    static const int64_t steps_ms[] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000};
    for (size_t i = 0; i < sizeof steps_ms / sizeof steps_ms[0]; i++) {
        if (ms >= steps_ms[i]) continue;
        (void)snprintf(out, LS_FORMAT_BYTES, "<%" PRId64 " ms", steps_ms[i]);
        return;
    }
    (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 " s", ms / 1000);
}

static void draw_database(struct view *view)
{
    bool stale = ui_is_stale(view->ui);
    char latency[LS_FORMAT_BYTES];
    struct ls_span span = dependency_line(view, !stale, "postgres");
    coarse_latency(view->ui->dashboard.read_ms, latency);
    if (view->ui->dashboard.is_past) (void)snprintf(latency, sizeof latency, "-");
    (void)ls_grid_text(view->grid, span, stale ? LS_ROLE_STATE_FAILED : LS_ROLE_MUTED,
                       stale ? "no answer" : latency);
}

static void draw_workers(struct view *view)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    size_t alive = 0;
    int64_t leader = 0;
    const struct ls_worker_row *late = ls_dashboard_catching_up(facts);
    for (size_t i = 0; i < facts->worker_count; i++) {
        if (!facts->workers[i].is_alive) continue;
        alive++;
        if (facts->workers[i].is_leader) leader = facts->workers[i].id;
    }
    struct ls_span span = dependency_line(view, alive > 0 && late == NULL, "workers");
    if (late != NULL) {
        (void)ls_grid_text(view->grid, span, LS_ROLE_SEV_WARNING, "catching up");
    } else if (leader > 0) {
        (void)ls_grid_printf(view->grid, span, LS_ROLE_MUTED, "%zu, leader %" PRId64, alive,
                             leader);
    } else {
        (void)ls_grid_printf(view->grid, span, alive > 0 ? LS_ROLE_MUTED : LS_ROLE_STATE_FAILED,
                             "%zu alive", alive);
    }
}

static void draw_endpoint(struct view *view, const struct ls_endpoint_row *endpoint)
{
    struct ls_span span = dependency_line(view, endpoint->is_up, endpoint->name);
    char since[LS_FORMAT_BYTES];
    if (!endpoint->is_up) {
        moment_text(view->ui, endpoint->changed_ms, since);
        (void)ls_grid_printf(view->grid, span, LS_ROLE_STATE_FAILED, "DOWN %s%s", since,
                             view->ui->time_mode == SHOW_AGE ? " ago" : "");
        return;
    }
    char latency[LS_FORMAT_BYTES];
    coarse_latency(endpoint->latency_ms, latency);
    (void)ls_grid_printf(view->grid, span, LS_ROLE_MUTED, "%-8s %" PRId64 "%% err", latency,
                         (endpoint->error_permille + 5) / 10);
}

static void draw_endpoints(struct view *view, bool are_up)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    for (size_t i = 0; i < facts->endpoint_count && view->area.rows > 0; i++)
        if (facts->endpoints[i].is_up == are_up) draw_endpoint(view, &facts->endpoints[i]);
}

/* "499.2 SOL", "3.118 SOL": without the zeros at the end, so that how long it lasts fits too.
 */
static void sol_in_few_digits(uint64_t lamports, char out[LS_FORMAT_BYTES])
{
    char digits[LS_FORMAT_BYTES];
    ls_format_sol(lamports, digits);
    size_t length = strcspn(digits, " ");
    while (length > 3 && digits[length - 1] == '0' && digits[length - 2] != '.') length--;
    (void)snprintf(out, LS_FORMAT_BYTES, "%.*s SOL", (int)length, digits);
}

/* The balance, and how long it lasts at this hour's pace. */
static void draw_payer(struct view *view)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    struct ls_span span =
        dependency_line(view, facts->has_balance && facts->balance_lamports > 0, "fee payer");
    /* Few decimals: fewer changes, fewer bytes. */
    const uint64_t hundred_sol = UINT64_C(100000000000);
    const uint64_t coarse = facts->balance_lamports >= hundred_sol ? 100000000 : 1000000;
    int64_t minutes = ls_dashboard_payer_minutes(facts);
    char balance[LS_FORMAT_BYTES];
    char lasts[LS_FORMAT_BYTES];
    sol_in_few_digits(facts->balance_lamports - facts->balance_lamports % coarse, balance);
    span.column = ls_grid_text(view->grid, span, LS_ROLE_MUTED,
                               facts->has_balance ? balance : "not known yet") +
                  2;
    if (minutes < 0) return;
    ls_format_age(minutes > INT64_MAX / 60000 ? INT64_MAX : minutes * 60000, lasts);
    if (minutes > (int64_t)MINUTES_A_DAY * 999) (void)snprintf(lasts, sizeof lasts, "> 999d");
    (void)ls_grid_printf(view->grid, span,
                         minutes < MINUTES_A_DAY ? LS_ROLE_SEV_WARNING : LS_ROLE_MUTED,
                         "for %s", lasts);
}

static void draw_clock(struct view *view)
{
    int64_t skew_ms = view->ui->skew_ms;
    int64_t size_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    bool is_good = size_ms <= SKEW_MOST_MS;
    char size[LS_FORMAT_BYTES];
    if (view->ui->dashboard.is_past || view->area.rows <= 0) return;
    struct ls_span span = dependency_line(view, is_good, "clock");
    ls_format_duration(size_ms, false, size);
    (void)ls_grid_printf(view->grid, span, is_good ? LS_ROLE_MUTED : LS_ROLE_STATE_FAILED,
                         is_good ? "in step" : "%s %s here", size,
                         skew_ms < 0 ? "behind" : "ahead");
}

/* By what lies there, where there are several. */
static void draw_disk(struct view *view, const struct ls_disk_row *disk)
{
    char words[LS_DISK_WORDS_BYTES];
    char name[sizeof disk->what + 8];
    const bool is_good = ls_disk_is_good(disk);
    const bool is_one = view->ui->dashboard.disk_count == 1;
    if (view->area.rows <= 0) return;
    (void)snprintf(name, sizeof name, "disk%s%s", is_one ? "" : " ", is_one ? "" : disk->what);
    struct ls_span span = dependency_line(view, is_good, name);
    ls_disk_words(disk, words);
    if (disk->silent_since_ms != 0) {
        char since[LS_FORMAT_BYTES];
        ls_format_age(pause_shown_now(view->ui) - disk->silent_since_ms, since);
        (void)snprintf(words, sizeof words, "no answer for %.8s", since);
    }
    (void)ls_grid_text(view->grid, span,
                       is_good                     ? LS_ROLE_MUTED
                       : ls_disk_is_critical(disk) ? LS_ROLE_SEV_CRITICAL
                                                   : LS_ROLE_SEV_WARNING,
                       words);
}

/* Those that are well, or those that are not. */
static void draw_disks(struct view *view, bool are_good)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    for (size_t i = 0; i < facts->disk_count; i++)
        if (ls_disk_is_good(&facts->disks[i]) == are_good) draw_disk(view, &facts->disks[i]);
}

/* What is held on purpose, and each worker: where there is room for more than the sums. */
static void draw_rest(struct view *view)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    char text[LS_FORMAT_BYTES];
    for (size_t i = 0; i < facts->gate_count && view->area.rows > 0; i++) {
        const struct ls_gate_row *gate = &facts->gates[i];
        const struct ls_span span =
            named_line(view, LS_GLYPH_HELD, LS_ROLE_STATE_HELD, gate->selector);
        moment_text(view->ui, gate->since_ms, text);
        (void)ls_grid_printf(view->grid, span, LS_ROLE_MUTED, "%s %s",
                             view->ui->time_mode == SHOW_AGE ? "held for" : "held since", text);
    }
    for (size_t i = 0; i < facts->worker_count && view->area.rows > 0; i++) {
        const struct ls_worker_row *worker = &facts->workers[i];
        (void)snprintf(text, sizeof text, "worker %" PRId64, worker->id);
        const struct ls_span span = dependency_line(view, worker->is_alive, text);
        (void)ls_grid_printf(view->grid, span, LS_ROLE_MUTED, "%s%s", ls_worker_word(worker),
                             worker->is_leader ? ", leads" : "");
    }
}

/* What is bad first: not every row may fit. */
void dash_dependencies(struct view view)
{
    bool is_off = view.ui->skew_ms > SKEW_MOST_MS || view.ui->skew_ms < -SKEW_MOST_MS;
    char more[LS_KEY_NAME_BYTES + 16];
    key_words(view.ui, "{go-health} Health", more, sizeof more);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Dependencies", more);
    draw_database(&view);
    draw_workers(&view);
    if (is_off) draw_clock(&view);
    draw_disks(&view, false);
    draw_endpoints(&view, false);
    draw_payer(&view);
    draw_endpoints(&view, true);
    draw_disks(&view, true);
    if (!is_off) draw_clock(&view);
    draw_rest(&view);
}
