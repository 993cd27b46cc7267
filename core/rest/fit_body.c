/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v1/fit: see fit_body.h. */
#include "rest/fit_body.h"

#include <jansson.h>
#include <string.h>

enum { SHOWN_BYTES = 64 }; /* of what strangers sent */

void fit_body_finish(struct fit_body *b)
{
	arena_finish(&b->arena);
	*b = (struct fit_body){0};
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the request");
}

static int add_wish(
	struct fit_body *b, const char *flavor, const json_t *count, struct gpubroker_error *reterr)
{
	struct fit_wish *wish = &b->wishes[b->n_wishes];

	if (b->n_wishes == FIT_MAX_ASKS) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"'flavors' has more than %d flavors.", FIT_MAX_ASKS);
	}
	if (!json_is_integer(count) || json_integer_value(count) < 1 ||
		json_integer_value(count) > FIT_MAX_COUNT) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"'flavors': the count of '%.*s' is no whole number from 1 to %d.",
			SHOWN_BYTES, flavor, FIT_MAX_COUNT);
	}
	wish->flavor = arena_strdup(&b->arena, flavor);
	wish->count = json_integer_value(count);
	b->n_wishes++;
	return wish->flavor ? 0 : no_memory(reterr);
}

static int read_flavors(struct fit_body *b, json_t *flavors, struct gpubroker_error *reterr)
{
	const char *key;
	json_t *count;
	int r = 0;

	if (!json_is_object(flavors) || json_object_size(flavors) == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"'flavors' has to be an object of counts, one a flavor, and not empty.");
	}
	json_object_foreach(flavors, key, count)
	{
		r = r < 0 ? r : add_wish(b, key, count, reterr);
	}
	return r;
}

static int read_region(struct fit_body *b, const json_t *region, struct gpubroker_error *reterr)
{
	if (!json_is_string(region)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_BAD_REPLY, "'region' has to be a string.");
	}
	b->region = arena_strdup(&b->arena, json_string_value(region));
	return b->region ? 0 : no_memory(reterr);
}

static int read_body(struct fit_body *b, json_t *json, struct gpubroker_error *reterr)
{
	const char *key;
	json_t *value;
	int r = 0;

	if (!json_is_object(json)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_BAD_REPLY, "The body has to be a JSON object.");
	}
	json_object_foreach(json, key, value)
	{
		if (r < 0) {
			break;
		}
		if (strcmp(key, "region") == 0) {
			r = read_region(b, value, reterr);
		} else if (strcmp(key, "flavors") != 0) {
			r = gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
				"There is no key '%.*s'; there are 'flavors' and 'region'.",
				SHOWN_BYTES, key);
		}
	}
	return r < 0 ? r : read_flavors(b, json_object_get(json, "flavors"), reterr);
}

/* What jansson dislikes, some of which others take for JSON. */
static int say_unreadable(const json_error_t *error, struct gpubroker_error *reterr)
{
	const char *what = "The body is no JSON";

	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		what = "The body has a key twice";
		break;
	case json_error_numeric_overflow:
		what = "The body has a number that is too large";
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		what = "The body has a text with the character 0";
		break;
	case json_error_invalid_utf8:
		what = "The body is not in UTF-8";
		break;
	default:
		break;
	}
	return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "%s: line %d, column %d.", what,
		error->line, error->column);
}

int fit_body_parse(struct fit_body *ret, const char *data, size_t n, struct gpubroker_error *reterr)
{
	json_error_t error = {.text = ""};
	json_t *json = json_loadb(data, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	int r;

	*ret = (struct fit_body){0};
	if (!json && (json_error_code(&error) == json_error_out_of_memory || !*error.text)) {
		return no_memory(reterr);
	}
	if (!json) {
		return say_unreadable(&error, reterr);
	}
	r = read_body(ret, json, reterr);
	json_decref(json);
	if (r < 0) {
		fit_body_finish(ret);
	}
	return r;
}
