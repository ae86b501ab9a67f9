#include <stdio.h>

#include "ui_model.h"

enum { FINE_MS = 60000, STEP_MS = 5000 };

const char *time_mode_name(const struct ls_ui *ui)
{
    switch (ui->time_mode) {
    case SHOW_AGE: return "ages";
    case SHOW_UTC: return "UTC";
    case SHOW_LOCAL: return ui->options.zone_name;
    }
    return "";
}

static int32_t offset_of(const struct ls_ui *ui)
{
    return ui->time_mode == SHOW_LOCAL ? ui->options.zone_offset_s : 0;
}

void moment_text(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES])
{
    if (wall_ms <= 0) {
        (void)snprintf(out, LS_FORMAT_BYTES, "-");
    } else if (ui->time_mode == SHOW_AGE) {
        int64_t age_ms = pause_shown_now(ui) - wall_ms;
        /* Seconds in steps: a column of them would redraw itself each second. */
        ls_format_age(age_ms < FINE_MS ? age_ms - age_ms % STEP_MS : age_ms, out);
    } else {
        ls_format_clock(wall_ms, offset_of(ui), out);
    }
}

void moment_clock(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES])
{
    char clock[LS_FORMAT_BYTES];
    ls_format_clock(wall_ms, offset_of(ui), clock);
    (void)snprintf(out, LS_FORMAT_BYTES, "%.8s %.15s", clock,
                   ui->time_mode == SHOW_LOCAL ? ui->options.zone_name : "UTC");
}

void moment_full(const struct ls_ui *ui, int64_t wall_ms, char out[LS_FORMAT_BYTES])
{
    if (wall_ms <= 0) {
        (void)snprintf(out, LS_FORMAT_BYTES, "-");
        return;
    }
    char date[LS_FORMAT_BYTES];
    ls_format_date(wall_ms, offset_of(ui), date);
    (void)snprintf(out, LS_FORMAT_BYTES, "%.19s %.15s", date,
                   ui->time_mode == SHOW_LOCAL ? ui->options.zone_name : "UTC");
}

int32_t moment_cells(const struct ls_ui *ui)
{
    return ui->time_mode == SHOW_AGE ? 5 : 8;
}
