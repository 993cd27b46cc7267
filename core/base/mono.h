/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and how times are written. */
#ifndef BASE_MONO_H
#define BASE_MONO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t mono_ms(void); /* never steps */
int64_t wall_ms(void); /* since the epoch, UTC */

enum { TIME_TEXT_SIZE = 48 };
void time_rfc3339(char ret[static TIME_TEXT_SIZE], int64_t wall_ms); /* 2026-11-22T14:01:12Z */
void time_http(char ret[static TIME_TEXT_SIZE], int64_t wall_ms);    /* Sun, 22 Nov 2026 14:01:12 GMT */
void time_legacy(char ret[static TIME_TEXT_SIZE], int64_t wall_ms);  /* 2026-11-22 15:01:12, local time */
bool time_parse_iso8601_utc(const char *, int64_t *ret_wall_ms); /* with or without fraction and Z */
bool time_parse_http(const char *, int64_t *ret_wall_ms);        /* IMF-fixdate */

#endif
