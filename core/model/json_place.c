/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON with a check at each step: see json_place.h. */
#include "model/json_place.h"

#include "base/str.h"
#include "model/inventory.h"

#include <jansson.h>

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
}

static bool is_too_rich(const char *data, size_t n, size_t most_values)
{
	size_t values = 0;

	for (size_t i = 0; i < n; i++) {
		values += data[i] == ',' || data[i] == '[' || data[i] == '{';
	}
	return values > most_values;
}

int place_open(struct place *ret, const char *data, size_t n, size_t most_values,
	struct gpubroker_error *reterr)
{
	json_error_t error = {.text = ""};

	*ret = (struct place){.index = PLACE_NO_INDEX, .reterr = reterr};
	if (is_too_rich(data, n, most_values)) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"snapshot: a document of %zu bytes is too large", n);
	}
	ret->json = json_loadb(data, n, JSON_REJECT_DUPLICATES, &error);
	if (!ret->json && (json_error_code(&error) == json_error_out_of_memory || !*error.text)) {
		return no_memory(reterr);
	}
	return json_is_object(ret->json) ? 0
					 : gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
						   "snapshot: it is no JSON object");
}

void place_close(struct place *p)
{
	json_decref((json_t *)p->json);
	p->json = NULL;
}

static void add_path(struct strbuf *out, const struct place *p)
{
	if (!p->parent) {
		return;
	}
	add_path(out, p->parent);
	strbuf_adds(out, p->key);
	if (p->index != PLACE_NO_INDEX) {
		strbuf_addf(out, "[%zu]", p->index);
	}
	strbuf_addc(out, '.');
}

int place_bad(const struct place *p, const char *key, const char *what)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};

	add_path(&path, p);
	return gpubroker_fail(p->reterr, GPUBROKER_E_BAD_REPLY, "snapshot: %s%s %s",
		path.data ? path.data : "", key, what);
}

bool place_has(const struct place *p, const char *key)
{
	return json_object_get(p->json, key) != NULL;
}

int place_text(const struct place *p, const char *key, bool needed, const char **ret)
{
	const json_t *v = json_object_get(p->json, key);

	*ret = json_string_value(v);
	return *ret || (!v && !needed) ? 0 : place_bad(p, key, "is no string");
}

int place_name(const struct place *p, const char *key, const char **ret)
{
	int rc = place_text(p, key, true, ret);

	return rc == 0 && !inventory_name_is_good(*ret) ? place_bad(p, key, "is no name") : rc;
}

int place_bool(const struct place *p, const char *key, bool needed, bool *ret)
{
	const json_t *v = json_object_get(p->json, key);

	*ret = json_is_true(v);
	return json_is_boolean(v) || (!v && !needed)
		       ? 0
		       : place_bad(p, key, "is neither true nor false");
}

int place_numbers(const struct place *p, const struct place_number numbers[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct place_number *x = &numbers[i];
		const json_t *v = json_object_get(p->json, x->key);

		*x->ret = v ? json_integer_value(v) : x->absent;
		if (v ? !json_is_integer(v) : x->absent == PLACE_NEEDED) {
			return place_bad(p, x->key, "is no integer");
		}
		if (v && (*x->ret < x->least || *x->ret > x->most)) {
			return place_bad(p, x->key, "is out of range");
		}
	}
	return 0;
}

int place_object(const struct place *p, const char *key, struct place *ret)
{
	*ret = (struct place){p, key, PLACE_NO_INDEX, json_object_get(p->json, key), p->reterr};
	return json_is_object(ret->json) ? 0 : place_bad(p, key, "is no object");
}

/* ---- lists ---- */

size_t place_count(const struct place *p, const char *key)
{
	return json_array_size(json_object_get(p->json, key));
}

static int check_list(const struct place *p, const char *key, bool needed, size_t most)
{
	const json_t *list = json_object_get(p->json, key);

	if (!json_is_array(list) && (list || needed)) {
		return place_bad(p, key, "is no list");
	}
	if (json_array_size(list) > most) {
		return gpubroker_fail(p->reterr, GPUBROKER_E_LIMIT,
			"snapshot: '%s' has more than %zu items", key, most);
	}
	return 0;
}

int place_list(const struct place *p, const char *key, bool needed, size_t most,
	place_item_fn *each, void *context)
{
	int rc = check_list(p, key, needed, most);

	for (size_t i = 0; rc == 0 && i < place_count(p, key); i++) {
		const struct place item = {
			p, key, i, json_array_get(json_object_get(p->json, key), i), p->reterr};

		rc = json_is_object(item.json) ? each(&item, context)
					       : place_bad(&item, "it", "is no object");
	}
	return rc;
}

int place_texts(const struct place *p, const char *key, size_t most, const char *items[])
{
	const json_t *list = json_object_get(p->json, key);
	int rc = check_list(p, key, false, most);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		items[i] = json_string_value(json_array_get(list, i));
		rc = items[i] ? 0 : place_bad(p, key, "holds something that is no string");
	}
	return rc;
}
