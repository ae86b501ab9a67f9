/* Whole numbers as a person reads them. */
#ifndef LOCKSTEP_CORE_NUMBER_H
#define LOCKSTEP_CORE_NUMBER_H

#include <stdint.h>

enum { LS_NUMBER_BYTES = 32 };

/* 290114870 as "290,114,870". */
void ls_number_grouped(int64_t value, char out[LS_NUMBER_BYTES]);

#endif
