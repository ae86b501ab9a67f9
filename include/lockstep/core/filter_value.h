/* The terms of the filter language that are whole ("state:failed", "lane:0"): every value that
 * is the same everywhere, for completion in the console and in shells. What only a database
 * knows (keys, entities, causes) is not here. */
#ifndef LOCKSTEP_CORE_FILTER_VALUE_H
#define LOCKSTEP_CORE_FILTER_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct ls_filter_value {
    const char *field; /* "state:", "age>": what ls_filter_word_at() calls it */
    const char *text;  /* "failed" */
    const char *help;  /* a few words, "" where the value says it */
};

/* The value at `index`, the values of a field together; false beyond the last, output
 * untouched. Static storage. Pure. */
bool ls_filter_value_at(size_t index, struct ls_filter_value *value_out);

#endif
