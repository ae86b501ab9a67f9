/* Whole numbers out of a text. */
#ifndef LOCKSTEP_TRIAL_NUMBER_H
#define LOCKSTEP_TRIAL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Digits from `*at` on, moving it behind them; false when there are none or too many. */
bool number_read(const char **at, uint64_t *out);

#endif
