/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors from texts: see specs_text.h. */
#include "specs_text.h"

#include "kit/cleanup.h"

#include <stdio.h>
#include <string.h>

enum { SPECS_MAX = 600 };

void specs_text_flavor(const char *specs, struct nova_flavor *ret)
{
	*ret = (struct nova_flavor){
		.vcpus = 4,
		.ram_mib = 8192,
		.disk_gib = 20,
		.ephemeral_gib = 10,
		.swap_mib = 1,
		.has_extra_specs = true,
	};
	ret->extra_specs = calloc(SPECS_MAX, sizeof(*ret->extra_specs));
	for (const char *s = specs, *end; *s; s = *end ? end + 1 : end) {
		struct nova_pair *pair = &ret->extra_specs[ret->n_extra_specs++];
		const char *equals;

		end = strchrnul(s, '\n');
		equals = memchr(s, '=', (size_t)(end - s));
		pair->key = strndup(s, (size_t)((equals ? equals : end) - s));
		pair->value = equals ? strndup(equals + 1, (size_t)(end - equals - 1)) : NULL;
	}
}

void specs_text_finish(struct nova_flavor *f)
{
	for (size_t i = 0; i < f->n_extra_specs; i++) {
		free(f->extra_specs[i].key);
		free(f->extra_specs[i].value);
	}
	free(f->extra_specs);
}

void specs_text_add_words(
	char *ret, size_t room, const char *before, const struct gpubroker_words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		size_t n = strlen(ret);

		snprintf(ret + n, room - n, "%s%s", i ? ", " : before, words->items[i]);
	}
}
