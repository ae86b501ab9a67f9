/* Whole numbers as a person reads them. */
#ifndef LOCKSTEP_CORE_NUMBER_H
#define LOCKSTEP_CORE_NUMBER_H

#include <stdint.h>

enum { LS_NUMBER_BYTES = 32 };

/* 290114870 as "290,114,870". */
void ls_number_grouped(int64_t value, char out[LS_NUMBER_BYTES]);

/* Digits of base units (at most 39, no sign) as an amount: "1142000" with 2 decimals as
 * "11,420.00"; decimals beyond 18 or below 0 count as none. */
enum { LS_AMOUNT_BYTES = 80 };
void ls_number_amount(const char *digits, int decimals, char out[LS_AMOUNT_BYTES]);

#endif
