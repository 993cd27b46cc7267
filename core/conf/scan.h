/* SPDX-License-Identifier: Apache-2.0 */
/* A look through a file's text before libconfig may see it. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "base/option.h"

/* Complains of what libconfig 1.5 would swallow or die of: @include, integers outside 32 bits (it wraps
 * them silently), zero bytes and \x00 (they end its strings), nesting deeper than our trees. true: nothing
 * found. text is n bytes and ends with a newline. */
bool scan_text(const char *file, const char *text, size_t n, struct complaints *);

#endif
