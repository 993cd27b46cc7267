/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and how times are written: see mono.h. */
#include "base/mono.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_now_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t mono_ms(void)
{
	return clock_now_ms(CLOCK_MONOTONIC);
}

int64_t wall_ms(void)
{
	return clock_now_ms(CLOCK_REALTIME);
}

static time_t whole_seconds(int64_t ms)
{
	return (time_t)(ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000));
}

void time_rfc3339(char ret[static TIME_TEXT_SIZE], int64_t wall)
{
	time_t t = whole_seconds(wall);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void time_http(char ret[static TIME_TEXT_SIZE], int64_t wall)
{
	static const char days[] = "SunMonTueWedThuFriSat",
			  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = whole_seconds(wall);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(ret, TIME_TEXT_SIZE, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT",
		days + tm.tm_wday * 3, tm.tm_mday, months + tm.tm_mon * 3, tm.tm_year + 1900,
		tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void time_legacy(char ret[static TIME_TEXT_SIZE], int64_t wall)
{
	time_t t = whole_seconds(wall);
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
}

static bool utc_from_tm(struct tm *tm, int64_t fraction_ms, int64_t *ret)
{
	time_t t = timegm(tm);

	*ret = (int64_t)t * 1000 + fraction_ms;
	return true;
}

bool time_parse_iso8601_utc(const char *s, int64_t *ret)
{
	struct tm tm = {0};
	const char *rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t fraction_ms = 0;

	if (!rest) {
		return false;
	}
	if (*rest == '.') {
		int scale = 100;

		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10) {
			fraction_ms += (*rest - '0') * scale;
		}
	}
	if (*rest == 'Z') {
		rest++;
	}
	return *rest == '\0' && utc_from_tm(&tm, fraction_ms, ret);
}

bool time_parse_http(const char *s, int64_t *ret)
{
	struct tm tm = {0};
	const char *rest = strptime(s, "%a, %d %b %Y %H:%M:%S GMT", &tm);

	return rest && *rest == '\0' && utc_from_tm(&tm, 0, ret);
}
