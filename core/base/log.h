/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one event a line on stderr, `key=value`, with the level in front where journald reads it.
 * Only programs log (gpubrokerd.c, core/proc); library code returns errors. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* who: the role that speaks, "parent", "worker bielefeld"; copied. */
void log_init(const char *who, enum log_level most);
bool log_level_parse(const char *word, enum log_level *ret); /* error warn info debug */
const char *log_level_word(enum log_level);
enum log_level log_level_now(void);
bool log_to_journal(void); /* which reads a level in front of each line */

/* Control characters and line ends in the text are replaced: one event is one line. */
__attribute__((format(printf, 2, 3))) void log_at(enum log_level, const char *format, ...);
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
