#include "lockstep/cells/theme_check.h"

#include <assert.h>

/* What the judging of all pairs shares. */
struct judge {
    const struct ls_theme *theme;
    struct ls_theme_report report;
    ls_theme_complaint *take; /* NULL: nobody listens */
    void *self;
};

static bool is_line(enum ls_role role)
{
    return role == LS_ROLE_BORDER || role == LS_ROLE_BORDER_FOCUS || role == LS_ROLE_GRAPH_1 ||
           role == LS_ROLE_GRAPH_2 || role == LS_ROLE_GRAPH_SLO;
}

static void weigh(struct judge *judge,
                  struct ls_theme_worst *worst,
                  const struct ls_theme_worst *pair,
                  int32_t least_centi)
{
    judge->report.judged++;
    if (pair->centi < worst->centi) *worst = *pair;
    if (pair->centi >= least_centi) return;
    judge->report.failures++;
    if (judge->take != NULL) judge->take(judge->self, pair, least_centi);
}

static void judge_contrast(struct judge *judge, enum ls_role role, enum ls_role over)
{
    struct ls_style style = ls_theme_style(judge->theme, role, over);
    int16_t front = style.foreground.of_256;
    int16_t back = style.background.of_256;
    if (!ls_color_is_known(front) || !ls_color_is_known(back)) return;
    struct ls_theme_worst pair = {
        .centi = ls_color_contrast_centi(front, back), .role = role, .over = over};
    if (is_line(role)) {
        weigh(judge, &judge->report.line, &pair, LS_THEME_LINE_CENTI);
    } else {
        weigh(judge, &judge->report.text, &pair, judge->theme->contrast_centi);
    }
}

static void judge_difference(struct judge *judge, enum ls_role a, enum ls_role b)
{
    int16_t one = judge->theme->roles[a].foreground.of_256;
    int16_t other = judge->theme->roles[b].foreground.of_256;
    if (!ls_color_is_known(one) || !ls_color_is_known(other)) return;
    for (int vision = 0; vision < LS_VISION_COUNT; vision++) {
        struct ls_theme_worst pair = {
            .centi = ls_color_difference_centi(one, other, (enum ls_vision)vision),
            .role = a,
            .over = b,
            .vision = (enum ls_vision)vision};
        weigh(judge, &judge->report.difference, &pair, judge->theme->difference_centi);
    }
}

/* Whether cells of `role` stand in selected rows and in dialogs, too. */
static bool is_anywhere(enum ls_role role)
{
    return role == LS_ROLE_TEXT || role == LS_ROLE_MUTED || role == LS_ROLE_MARK ||
           role == LS_ROLE_KEY || role == LS_ROLE_HINT ||
           (role >= LS_ROLE_STATE_READY && role <= LS_ROLE_SEV_INFO);
}

static void judge_all(struct judge *judge)
{
    static const struct ls_theme_worst none = {.centi = INT32_MAX};
    judge->report = (struct ls_theme_report){.text = none, .line = none, .difference = none};
    for (int i = 0; i < LS_ROLE_COUNT; i++) {
        enum ls_role role = (enum ls_role)i;
        judge_contrast(judge, role, LS_ROLE_TEXT);
        if (!is_anywhere(role)) continue;
        judge_contrast(judge, role, LS_ROLE_SELECT);
        judge_contrast(judge, role, LS_ROLE_DIALOG);
    }
    judge_difference(judge, LS_ROLE_STATE_DONE, LS_ROLE_STATE_HELD);
    judge_difference(judge, LS_ROLE_STATE_DONE, LS_ROLE_STATE_FAILED);
    judge_difference(judge, LS_ROLE_STATE_HELD, LS_ROLE_STATE_FAILED);
}

void ls_theme_check(const struct ls_theme *theme, struct ls_theme_report *report_out)
{
    assert(theme != NULL && report_out != NULL);
    struct judge judge = {.theme = theme};
    judge_all(&judge);
    *report_out = judge.report;
}

void ls_theme_complaints(const struct ls_theme *theme, ls_theme_complaint *take, void *self)
{
    assert(theme != NULL && take != NULL);
    struct judge judge = {.theme = theme, .take = take, .self = self};
    judge_all(&judge);
}
