/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker keeps in memcached: see kept_list.h. */
#include "cli/kept_list.h"

#include "store/store.h"

#include <string.h>

static void store_freep(struct store **store)
{
	if (*store) {
		store_free(*store);
	}
}

struct kept { /* copies of the values that were found */
	struct strbuf view, legacy, timestamp;
};

static void kept_finish(struct kept *k)
{
	strbuf_finish(&k->view);
	strbuf_finish(&k->legacy);
	strbuf_finish(&k->timestamp);
}

static void on_found(void *context, enum store_view_key key, const char *data, size_t n)
{
	struct kept *k = context;
	struct strbuf *to[] = {[STORE_VIEW] = &k->view,
		[STORE_LEGACY] = &k->legacy,
		[STORE_LEGACY_TIME] = &k->timestamp};

	strbuf_clear(to[key]);
	strbuf_add(to[key], data, n);
}

static bool add_row(struct value *rows, const struct value *from)
{
	const char *id = value_string(from, "flavor_openstack_id");
	const char *name = value_string(from, "flavor_name");
	const struct value *total = value_get(from, "total"),
			   *available = value_get(from, "available");
	struct value *row = value_add_group(rows, NULL);

	return row && id && name && value_add_string(row, "id", id) &&
	       value_add_string(row, "name", name) &&
	       (!total || total->type != VALUE_INTEGER ||
		       value_add_integer(row, "total", total->integer)) &&
	       (!available || available->type != VALUE_INTEGER ||
		       value_add_integer(row, "available", available->integer));
}

struct value *kept_list_from_legacy(const char *json, size_t n)
{
	_cleanup_(value_freep) struct value *from = NULL, *to = value_new(VALUE_GROUP, NULL);
	struct value *rows = to ? value_add_list(to, "flavors") : NULL;

	if (!rows || json_tree_read(json, n, &from, NULL) < 0 || from->type != VALUE_LIST) {
		return NULL;
	}
	for (size_t i = 0; i < from->n_items; i++) {
		if (!add_row(rows, from->items[i])) {
			return NULL;
		}
	}
	return TAKE_PTR(to);
}

static int parse(const struct kept *k, const char *server, struct value **ret,
	char ret_source[static KEPT_SOURCE_SIZE], struct gpubroker_error *reterr)
{
	if (k->view.len > 0 && json_tree_read(k->view.data, k->view.len, ret, NULL) == 0 &&
		(*ret)->type == VALUE_GROUP) {
		snprintf(ret_source, KEPT_SOURCE_SIZE, "from memcached at %.120s", server);
		return CLI_FINE;
	}
	value_free(*ret);
	*ret = k->legacy.len > 0 ? kept_list_from_legacy(k->legacy.data, k->legacy.len) : NULL;
	if (*ret) {
		snprintf(ret_source, KEPT_SOURCE_SIZE,
			"from FlavorGPU in memcached at %.80s, which knows no regions; of %.32s",
			server, k->timestamp.len > 0 ? k->timestamp.data : "an unknown time");
		return CLI_FINE;
	}
	if (k->view.len > 0 || k->legacy.len > 0) {
		gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"what lies in memcached at %.120s is not what a broker writes", server);
		return CLI_FAILED;
	}
	gpubroker_fail(reterr, GPUBROKER_E_UNAVAILABLE,
		"memcached at %.120s holds no flavors: nothing writes there, or it has expired",
		server);
	return CLI_NOT_FOUND;
}

int kept_list_read(const char *server, struct value **ret, char ret_source[static KEPT_SOURCE_SIZE],
	struct gpubroker_error *reterr)
{
	const char *const servers[] = {server};
	const struct memcached_settings settings = {.servers = servers,
		.n_servers = 1,
		.prefix = "gpubroker",
		.expire_s = 1,
		.legacy_keys = true};
	_cleanup_(store_freep) struct store *store = NULL;
	_cleanup_(kept_finish) struct kept kept = {0};

	*ret = NULL;
	if (store_memcached_new(&store, &settings, reterr) < 0 ||
		store->vtable->read_view(store, on_found, &kept, reterr) < 0) {
		return CLI_FAILED;
	}
	if (kept.view.failed || kept.legacy.failed || kept.timestamp.failed) {
		gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
		return CLI_FAILED;
	}
	return parse(&kept, server, ret, ret_source, reterr);
}
