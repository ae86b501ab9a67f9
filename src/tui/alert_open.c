#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Where what an alert tells of can be seen and mended. */
static enum screen place_of(const char *rule)
{
    static const struct {
        const char *rule;
        enum screen screen;
    } places[] = {
        {"failed", SCREEN_FAILED}, {"stuck", SCREEN_STUCK},        {"held", SCREEN_STUCK},
        {"altered", SCREEN_STUCK}, {"late_landing", SCREEN_STUCK}, {"age", SCREEN_QUEUE},
        {"lag", SCREEN_QUEUE},     {"depth", SCREEN_QUEUE},        {"kinds", SCREEN_QUEUE},
        {"batch", SCREEN_BATCHES}, {"bulk", SCREEN_BULK},          {"reconcile", SCREEN_AUDIT},
        {"rollback", SCREEN_AUDIT}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(places[i].rule, rule) == 0) return places[i].screen;
    return SCREEN_HEALTH; /* endpoints, workers, payer, gates, the database's own chores */
}

bool alert_can_open(const struct ls_ui *ui)
{
    return ui->has_alerts && (size_t)ui->alert.at < ui->alerts.count;
}

void alert_open(struct ls_ui *ui)
{
    if (!alert_can_open(ui)) return;
    const struct ls_alert_row *alert = &ui->alerts.rows[ui->alert.at];
    char *end = NULL;
    if (strncmp(alert->subject, "op ", 3) == 0) {
        const ls_op_id op = {strtoll(alert->subject + 3, &end, 10)};
        if (op.value > 0 && *end == '\0') {
            ui_show_op(ui, op);
            return;
        }
    }
    ui_go(ui, place_of(alert->rule));
}
