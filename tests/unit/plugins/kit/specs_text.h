/* SPDX-License-Identifier: Apache-2.0 */
/* A flavor from a text of its extra specs: one a line, KEY=VALUE; KEY alone has the value null. */
#ifndef SPECS_TEXT_H
#define SPECS_TEXT_H

#include "kit/nova_reply.h"
#include "kit/word_set.h"

/* 4 vCPUs, 8192 MiB, 20 + 10 GiB and 1 MiB of swap. */
void specs_text_flavor(const char *specs, struct nova_flavor *ret);
void specs_text_finish(struct nova_flavor *);

/* The words of a set with ", " between them, after what is in `ret` already. */
void specs_text_add_words(
	char *ret, size_t room, const char *before, const struct gpubroker_words *);

#endif
