/* SPDX-License-Identifier: Apache-2.0 */
/* What inventory.c checks and copies: see inventory_check.h. */
#include "model/inventory_check.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

int inventory_no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the inventory");
}

/* ---- text ---- */

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Broken bytes, and control characters if `replace_controls`, become U+FFFD; cut to max bytes at a
 * character. NULL: no memory. */
static const char *copy_clean(
	struct arena *arena, const char *text, bool replace_controls, size_t max)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t len, n = 0;
	char *copy = arena_alloc(arena, strlen(text) * (sizeof(replacement) - 1) + 1);

	for (; copy && *text; text += len) {
		uint32_t c = utf8_next(text, &len);
		bool replace = (c == 0xfffd && len == 1) || (replace_controls && is_control(c));
		size_t wanted = replace ? sizeof(replacement) - 1 : len;

		if (n + wanted > max) {
			break;
		}
		memcpy(copy + n, replace ? replacement : text, wanted);
		n += wanted;
	}
	return copy;
}

static bool is_clean(const char *text, size_t max)
{
	size_t len, n = 0;

	for (; text[n]; n += len) {
		uint32_t c = utf8_next(text + n, &len);

		if (is_control(c) || (c == 0xfffd && len == 1) || n + len > max) {
			return false;
		}
	}
	return true;
}

bool inventory_name_is_good(const char *name)
{
	return *name && is_clean(name, INVENTORY_MAX_NAME);
}

static bool has_control(const char *text)
{
	size_t len;

	for (; *text; text += len) {
		if (is_control(utf8_next(text, &len))) {
			return true;
		}
	}
	return false;
}

int inventory_copy_name(struct gpubroker_inventory *inv, const char *what, const char *name,
	const char **ret, struct gpubroker_error *reterr)
{
	if (!name || !*name) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "a %s is empty", what);
	}
	if (strlen(name) > INVENTORY_MAX_NAME) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"a %s is longer than %d bytes: '%.60s…'", what, INVENTORY_MAX_NAME, name);
	}
	if (is_clean(name, INVENTORY_MAX_NAME)) {
		*ret = arena_strdup(&inv->arena, name);
	} else if (has_control(name)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_BAD_REPLY, "a %s holds a control character", what);
	} else {
		*ret = copy_clean(&inv->arena, name, false, INVENTORY_MAX_NAME);
	}
	return *ret ? 0 : inventory_no_memory(reterr);
}

int inventory_copy_text(struct gpubroker_inventory *inv, const char *text, size_t max,
	const char **ret, struct gpubroker_error *reterr)
{
	*ret = NULL;
	if (!text) {
		return 0;
	}
	*ret = is_clean(text, max) ? arena_strdup(&inv->arena, text)
				   : copy_clean(&inv->arena, text, true, max);
	return *ret ? 0 : inventory_no_memory(reterr);
}

int inventory_copy_words(struct gpubroker_inventory *inv, const char *what,
	const struct gpubroker_words *from, struct gpubroker_words *to,
	struct gpubroker_error *reterr)
{
	const char **items;

	if (from->n > INVENTORY_MAX_WORDS) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT, "more than %d of a kind: %s",
			INVENTORY_MAX_WORDS, what);
	}
	items = arena_alloc(&inv->arena, from->n * sizeof(*items));
	if (!items) {
		return inventory_no_memory(reterr);
	}
	for (size_t i = 0; i < from->n; i++) {
		int r = inventory_copy_name(inv, what, from->items[i], &items[i], reterr);

		if (r < 0) {
			return r;
		}
	}
	*to = (struct gpubroker_words){items, from->n};
	return 0;
}

/* ---- numbers ---- */

int inventory_check_number(const char *what, const char *name, const char *number_name,
	int64_t number, int64_t least, struct gpubroker_error *reterr)
{
	if (number >= least && number <= INVENTORY_MAX_NUMBER) {
		return 0;
	}
	return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
		"%s '%.255s': %s is out of range: %" PRId64, what, name, number_name, number);
}
