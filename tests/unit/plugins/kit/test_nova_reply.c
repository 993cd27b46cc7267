/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's documents: real ones of many microversions, and what is left of them when each value in turn is of
 * another type, gone, or the text ends early. */
#include "kit/nova_reply.h"

#include "data_file.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* All five lists behind one call. */
struct lists {
	struct nova_aggregates aggregates;
	struct nova_hypervisors hypervisors;
	struct nova_flavors flavors;
	struct nova_servers servers;
	struct nova_services services;
};

static void lists_finish(struct lists *l)
{
	nova_aggregates_finish(&l->aggregates);
	nova_hypervisors_finish(&l->hypervisors);
	nova_flavors_finish(&l->flavors);
	nova_servers_finish(&l->servers);
	nova_services_finish(&l->services);
}

static int parse(struct lists *l, const char *name, const char *body, size_t n, size_t *ret_n,
	struct gpubroker_error *error)
{
	if (strstr(name, "aggregates")) {
		return nova_parse_aggregates(&l->aggregates, body, n, name, ret_n, error);
	}
	if (strstr(name, "hypervisors")) {
		return nova_parse_hypervisors(&l->hypervisors, body, n, name, ret_n, error);
	}
	if (strstr(name, "flavors")) {
		return nova_parse_flavors(&l->flavors, body, n, name, ret_n, error);
	}
	return strstr(name, "servers")
		       ? nova_parse_servers(&l->servers, body, n, name, ret_n, error)
		       : nova_parse_services(&l->services, body, n, name, ret_n, error);
}

static void parse_file(struct lists *l, const char *name, size_t expect_n)
{
	struct gpubroker_error error = {0};
	char path[128], *body;
	size_t n, n_items = 0;

	snprintf(path, sizeof(path), "kit/%s.json", name);
	body = data_file(path, &n);
	if (parse(l, name, body, n, &n_items, &error) != 0) {
		fail_msg("%s", error.text);
	}
	assert_int_equal(n_items, expect_n);
	free(body);
}

static const struct {
	const char *name;
	size_t n;
} good[] = {
	{"aggregates-2.1",                       3 },
	{"aggregates-2.41",                      3 },
	{"aggregates-2.79",                      3 },
	{"hypervisors-detail-2.1",               4 },
	{"hypervisors-detail-2.28",              4 },
	{"hypervisors-detail-2.53",              4 },
	{"hypervisors-detail-2.79",              4 },
	{"hypervisors-detail-2.79-with-servers", 4 },
	{"hypervisors-detail-2.87",              4 },
	{"hypervisors-detail-2.88",              4 },
	{"broken-hypervisors-detail-2.79",       4 },
	{"states-hypervisors-detail-2.79",       4 },
	{"flavors-detail-2.1",                   7 },
	{"flavors-detail-2.55",                  7 },
	{"flavors-detail-2.61",                  7 },
	{"flavors-detail-2.79",                  7 },
	{"servers-detail-2.1",                   3 },
	{"servers-detail-2.47",                  3 },
	{"servers-detail-2.79",                  3 },
	{"servers-detail-reader",                3 },
	{"states-servers-detail-2.79",           10},
	{"broken-servers-detail-2.79",           10},
	{"downcell-servers-detail-2.68",         0 },
	{"downcell-servers-detail-2.79",         3 },
	{"services-2.1",			 6 },
	{"services-2.53",                        6 },
	{"services-2.79",                        6 },
	{"broken-services-2.79",                 6 },
	{"downcell-services-2.79",               4 },
};

static void test_real_documents(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct lists l = {0};

		parse_file(&l, good[i].name, good[i].n);
		assert_int_equal(
			l.aggregates.n + l.hypervisors.n + l.flavors.n + l.servers.n + l.services.n,
			good[i].n);
		lists_finish(&l);
	}
}

static void test_pages_give_what_one_answer_gives(void **state)
{
	struct lists whole = {0}, pages = {0};
	char name[64];

	parse_file(&whole, "states-servers-detail-2.79", 10);
	for (int i = 1; i <= 11; i++) {
		snprintf(name, sizeof(name), "states-servers-page-%d", i);
		parse_file(&pages, name, i <= 10 ? 1 : 0);
	}
	assert_int_equal(pages.servers.n, whole.servers.n);
	for (size_t i = 0; i < whole.servers.n; i++) {
		assert_string_equal(pages.servers.items[i].id, whole.servers.items[i].id);
	}
	parse_file(&whole, "flavors-detail-2.79", 7);
	for (int i = 1; i <= 3; i++) {
		snprintf(name, sizeof(name), "flavors-detail-2.79-page-%d", i);
		parse_file(&pages, name, i < 3 ? 3 : 1);
	}
	assert_int_equal(pages.flavors.n, 7);
	for (int i = 1; i <= 3; i++) {
		snprintf(name, sizeof(name), "hypervisors-detail-2.79-page-%d", i);
		parse_file(&pages, name, i < 3 ? 2 : 0);
	}
	assert_int_equal(pages.hypervisors.n, 4);
	lists_finish(&whole);
	lists_finish(&pages);
}

static void test_an_error_of_nova_is_no_list(void **state)
{
	struct gpubroker_error error = {0};
	struct lists l = {0};
	size_t n;
	char *body = data_file("kit/downcell-hypervisors-detail-2.79.json", &n);

	assert_int_equal(parse(&l, "hypervisors", body, n, NULL, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "hypervisors: hypervisors is missing");
	free(body);
	lists_finish(&l);
}

static void test_fields_of_an_aggregate_and_a_flavor(void **state)
{
	struct lists l = {0};
	const struct nova_aggregate *a;
	const struct nova_flavor *f;

	parse_file(&l, "aggregates-2.79", 3);
	a = &l.aggregates.items[0];
	assert_int_equal(a->id, 1);
	assert_string_equal(a->name, "Delta GPU V100");
	assert_int_equal(a->n_hosts, 2);
	assert_string_equal(a->hosts[1], "bi-v100-02");
	assert_string_equal(nova_pair_value(a->metadata, a->n_metadata, "gpu_type"), "V100");
	assert_null(nova_pair_value(a->metadata, a->n_metadata, "gone"));
	parse_file(&l, "flavors-detail-2.79", 7);
	f = &l.flavors.items[2];
	assert_string_equal(f->name, "de.NBI GPU V100 medium");
	assert_int_equal(f->vcpus, 14);
	assert_int_equal(f->ram_mib, 65535);
	assert_int_equal(f->disk_gib, 50);
	assert_int_equal(f->swap_mib, 1024);
	assert_false(f->is_public);
	assert_true(f->has_extra_specs);
	assert_string_equal(
		nova_pair_value(f->extra_specs, f->n_extra_specs, "pci_passthrough:alias"),
		"V100:1");
	lists_finish(&l);
	parse_file(&l, "flavors-detail-2.55", 7); /* swap "" and no extra specs yet */
	assert_int_equal(l.flavors.items[0].swap_mib, 0);
	assert_false(l.flavors.items[0].has_extra_specs);
	lists_finish(&l);
}

static void test_fields_of_a_hypervisor(void **state)
{
	struct lists l = {0};
	const struct nova_hypervisor *h;

	parse_file(&l, "broken-hypervisors-detail-2.79", 4);
	h = &l.hypervisors.items[0];
	assert_string_equal(h->id, "917c0402-9065-4ab5-a2bd-a833c743f4f9");
	assert_string_equal(h->host, "bi-v100-01");
	assert_string_equal(h->hostname, "bi-v100-01");
	assert_int_equal(h->vcpus, 28);
	assert_int_equal(h->vcpus_used, 64);
	assert_int_equal(h->memory_mb, 393216);
	assert_int_equal(h->memory_mb_used, 213502);
	assert_int_equal(h->free_ram_mb, 179714);
	assert_int_equal(h->local_gb, 4096);
	assert_int_equal(h->local_gb_used, 172);
	assert_int_equal(h->free_disk_gb, 3924);
	assert_int_equal(h->disk_available_least, 4096);
	assert_false(h->no_vcpus || h->no_memory || h->no_disk || h->no_free_ram ||
		     h->no_free_disk || h->no_disk_available_least);
	assert_string_equal(l.hypervisors.items[1].state, "down");
	assert_string_equal(l.hypervisors.items[2].status, "disabled");
	lists_finish(&l);
	parse_file(&l, "hypervisors-detail-2.1", 4); /* ids were numbers */
	assert_string_equal(l.hypervisors.items[0].id, "1");
	lists_finish(&l);
	parse_file(&l, "hypervisors-detail-2.88", 4);
	h = &l.hypervisors.items[0];
	assert_true(h->no_vcpus && h->no_memory && h->no_disk && h->no_free_ram &&
		    h->no_free_disk && h->no_disk_available_least);
	lists_finish(&l);
}

static void test_fields_of_servers_and_services(void **state)
{
	struct lists l = {0};
	const struct nova_server *s;

	parse_file(&l, "servers-detail-2.79", 3);
	s = &l.servers.items[0];
	assert_string_equal(s->status, "ACTIVE");
	assert_string_equal(s->vm_state, "active");
	assert_null(s->task_state);
	assert_non_null(s->host);
	assert_non_null(s->node);
	assert_int_equal(strlen(s->host_id), 56);
	assert_true(s->has_host_key && s->has_flavor && s->has_extra_specs);
	assert_false(s->is_stub);
	assert_non_null(s->flavor_name);
	lists_finish(&l);
	parse_file(&l, "servers-detail-2.1", 3); /* the flavor was an id */
	assert_true(l.servers.items[0].has_flavor);
	assert_false(l.servers.items[0].has_extra_specs);
	lists_finish(&l);
	parse_file(&l, "servers-detail-reader", 3);
	assert_false(l.servers.items[0].has_host_key);
	lists_finish(&l);
	parse_file(&l, "downcell-servers-detail-2.79", 3);
	assert_true(l.servers.items[2].is_stub);
	assert_false(l.servers.items[2].has_flavor);
	parse_file(&l, "downcell-services-2.79", 4);
	assert_true(l.services.items[0].is_stub);
	lists_finish(&l);
	parse_file(&l, "services-2.79", 6);
	assert_false(l.services.items[0].is_stub);
	assert_string_equal(l.services.items[0].state, "up");
	lists_finish(&l);
}

/* ---- hostile documents ---- */

static void try_text(const char *name, const char *body, size_t n)
{
	struct gpubroker_error error = {0};
	struct lists l = {0};
	size_t items = 0;
	int r = parse(&l, name, body, n, &items, &error);

	if (r < 0) {
		assert_true(r == GPUBROKER_E_BAD_REPLY);
		assert_memory_equal(error.text, name, strlen(name));
		items = 0;
	}
	assert_true(l.aggregates.n + l.hypervisors.n + l.flavors.n + l.servers.n + l.services.n <=
		    items);
	lists_finish(&l);
}

static void test_text_that_ends_early(void **state)
{
	static const char *const names[] = {"aggregates-2.79", "hypervisors-detail-2.79",
		"flavors-detail-2.79", "servers-detail-2.79", "downcell-services-2.79"};

	for (size_t i = 0; i < 5; i++) {
		char path[128], *body;
		size_t n;

		snprintf(path, sizeof(path), "kit/%s.json", names[i]);
		body = data_file(path, &n);
		for (size_t end = 0; end < n - 2; end += 1 + end / 300) {
			char *cut = malloc(end + 1); /* of its own, so that reading on is seen */

			memcpy(cut, body, end);
			try_text(names[i], cut, end);
			free(cut);
		}
		free(body);
	}
}

static json_t *wrong_value(unsigned i)
{
	static const char *const values[] = {"null", "true", "-1", "1.5", "1e18",
		"9223372036854775807", "\"\"", "\"text\"", "\"a\\u0000b\"", "[]", "[null]",
		"[\"a\"]", "{}", "{\"a\":null}", "{\"a\":{}}"};

	return i < sizeof(values) / sizeof(values[0])
		       ? json_loads(values[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
		       : NULL;
}

static void mutate(const char *name, json_t *root, json_t *at);

static void try_with(const char *name, json_t *root, json_t *parent, const char *key, size_t index)
{
	json_t *old = json_incref(
		       key ? json_object_get(parent, key) : json_array_get(parent, index)),
	       *wrong;

	for (unsigned i = 0; (wrong = wrong_value(i)); i++) {
		char *body;

		if (key) {
			json_object_set_new(parent, key, wrong);
		} else {
			json_array_set_new(parent, index, wrong);
		}
		body = json_dumps(root, JSON_COMPACT);
		try_text(name, body, strlen(body));
		free(body);
	}
	if (key) {
		char *body;

		json_object_set(parent, key, old);
		mutate(name, root, old);
		json_object_del(parent, key);
		body = json_dumps(root, JSON_COMPACT);
		try_text(name, body, strlen(body));
		free(body);
		json_object_set_new(parent, key, old);
	} else {
		json_array_set(parent, index, old);
		mutate(name, root, old);
		json_decref(old);
	}
}

/* Each value below `at` in turn becomes something else. */
static void mutate(const char *name, json_t *root, json_t *at)
{
	if (json_is_array(at)) {
		for (size_t i = 0; i < json_array_size(at) && i < 2; i++) {
			try_with(name, root, at, NULL, i);
		}
	} else if (json_is_object(at)) {
		json_t *keys = json_array(), *key;
		const char *name_of;
		json_t *value;
		size_t i;

		json_object_foreach(at, name_of, value)
		{
			json_array_append_new(keys, json_string(name_of));
		}
		json_array_foreach(keys, i, key)
		{
			try_with(name, root, at, json_string_value(key), 0);
		}
		json_decref(keys);
	}
}

static void test_each_value_of_another_type(void **state)
{
	static const char *const names[] = {"aggregates-2.79", "hypervisors-detail-2.79",
		"flavors-detail-2.79-page-3", "states-servers-page-1", "services-2.79"};

	for (size_t i = 0; i < 5; i++) {
		char path[128], *body;
		json_t *root;

		snprintf(path, sizeof(path), "kit/%s.json", names[i]);
		body = data_file(path, NULL);
		root = json_loads(body, 0, NULL);
		assert_non_null(root);
		mutate(names[i], root, root);
		json_decref(root);
		free(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_documents),
		cmocka_unit_test(test_pages_give_what_one_answer_gives),
		cmocka_unit_test(test_an_error_of_nova_is_no_list),
		cmocka_unit_test(test_fields_of_an_aggregate_and_a_flavor),
		cmocka_unit_test(test_fields_of_a_hypervisor),
		cmocka_unit_test(test_fields_of_servers_and_services),
		cmocka_unit_test(test_text_that_ends_early),
		cmocka_unit_test(test_each_value_of_another_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
