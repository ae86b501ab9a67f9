#include "read.h"

#include <stdlib.h>
#include <string.h>

int64_t read_int(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column)) return 0;
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

bool read_bool(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

void read_text(const PGresult *result, int row, int column, char *out, size_t out_bytes)
{
    const char *text = PQgetvalue(result, row, column);
    size_t bytes = strlen(text);

    if (bytes >= out_bytes) {
        bytes = out_bytes - 1;
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0U) == 0x80U) bytes--;
    }
    memcpy(out, text, bytes);
    out[bytes] = '\0';
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

bool read_hex_text(const char *digits, uint8_t *out, size_t count)
{
    if (strspn(digits, "0123456789abcdef") != count * 2 || digits[count * 2] != '\0')
        return false;
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(digit_value(digits[2 * i]) * 16 + digit_value(digits[2 * i + 1]));
    return true;
}

bool read_hex(const PGresult *result, int row, int column, uint8_t *out, size_t count)
{
    const char *text = PQgetvalue(result, row, column);
    if (text[0] != '\\' || text[1] != 'x') return false;
    return read_hex_text(text + 2, out, count);
}
