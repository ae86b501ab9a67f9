/* Runs a campaign on a worker that is broken, and wants it found out.
 *
 *   mutant_NAME --seeds A..B --ops N --faults SET   0 when a rule was violated
 *   mutant_none ...                                 the same with the sound worker: 0 when not
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/trial/campaign.h"

static bool read_arguments(int count, char **texts, struct ls_campaign_options *out)
{
    struct ls_why why = {0};
    ls_err err = LS_OK;
    for (int i = 1; i + 1 < count && !ls_failed(err); i += 2) {
        if (strcmp(texts[i], "--seeds") == 0) {
            err = ls_campaign_seeds(texts[i + 1], &out->first, &out->last, &why);
        } else if (strcmp(texts[i], "--ops") == 0) {
            out->pattern.op_count = (int32_t)strtol(texts[i + 1], NULL, 10);
        } else if (strcmp(texts[i], "--faults") == 0) {
            err = ls_faults_read(texts[i + 1], &out->pattern.faults, &why);
        } else {
            return false;
        }
    }
    if (ls_failed(err)) (void)fprintf(stderr, "%s\n", why.text);
    return !ls_failed(err) && count == 7;
}

int main(int count, char **texts)
{
    struct ls_campaign_options options = {.is_once = true};
    struct ls_campaign_result result;
    struct ls_why why = {0};
    if (sodium_init() < 0 || !read_arguments(count, texts, &options)) {
        (void)fprintf(stderr, "usage: %s --seeds A..B --ops N --faults SET\n", texts[0]);
        return 2;
    }
    const ls_err err = ls_campaign_run(&options, &result, &why);
    if (ls_failed(err)) {
        (void)fprintf(stderr, "%s\n", why.text);
        return 2;
    }
    const char *name = strrchr(texts[0], '/');
    const bool is_sound = strstr(name == NULL ? texts[0] : name, "mutant_none") != NULL;
    const bool is_caught = result.failure[0] != '\0';
    if (is_caught) {
        (void)printf("seed %" PRIu64 ", after %" PRId64 " trials: %s\n", result.bad.seed,
                     result.seeds, result.failure);
    } else {
        (void)printf("nothing in %" PRId64 " trials\n", result.seeds);
    }
    return is_caught != is_sound ? 0 : 1;
}
