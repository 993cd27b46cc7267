/* SPDX-License-Identifier: Apache-2.0 */
/* os-migrations and single servers as typed arrays. */
#include "kit/nova_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(struct nova_migrations *list, const char *body, struct gpubroker_error *error)
{
	return nova_parse_migrations(list, body, strlen(body), "os-migrations", NULL, error);
}

static void test_a_migration(void **state)
{
	struct nova_migrations list = {0};
	const struct nova_migration *m;

	assert_int_equal(
		parse(&list,
			"{\"migrations\": [{\"id\": 2, \"uuid\": \"m\", \"instance_uuid\": \"s\", \"status\": \"finished\","
			"\"migration_type\": \"resize\", \"source_compute\": \"a\", \"dest_compute\": \"b\","
			"\"source_node\": \"an\", \"dest_node\": null, \"old_instance_type_id\": 3,"
			"\"created_at\": \"2026-01-01\", \"updated_at\": null},"
			"{\"uuid\": \"m\", \"instance_uuid\": \"again\"}]}",
			NULL),
		0);
	assert_int_equal(list.n, 1);
	m = &list.items[0];
	assert_string_equal(m->server, "s");
	assert_string_equal(m->source, "a");
	assert_string_equal(m->source_node, "an");
	assert_string_equal(m->dest, "b");
	assert_null(m->dest_node);
	assert_int_equal(m->old_type, 3);
	assert_int_equal(m->new_type, -1);
	assert_string_equal(m->updated_at, "2026-01-01");
	nova_migrations_finish(&list);
}

static void test_what_is_wrong_is_named(void **state)
{
	static const char *const rows[][2] = {
		{"{\"migrations\": [{\"instance_uuid\": \"s\"}]}",                                                "migrations[0].uuid"         },
		{"{\"migrations\": [{\"uuid\": \"m\"}]}",                                                         "migrations[0].instance_uuid"},
		{"{\"migrations\": [{\"uuid\": \"m\", \"instance_uuid\": \"s\", \"new_instance_type_id\": []}]}",
                 "migrations[0].new_instance_type_id"											  },
		{"{\"migrations\": {}}",									  "migrations"                 },
		{"{}",											    "migrations"                 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nova_migrations list = {0};
		struct gpubroker_error error = {0};

		assert_int_equal(parse(&list, rows[i][0], &error), GPUBROKER_E_BAD_REPLY);
		assert_non_null(strstr(error.text, rows[i][1]));
		nova_migrations_finish(&list);
	}
}

static void test_a_single_server(void **state)
{
	static const char body[] =
		"{\"server\": {\"id\": \"s\", \"flavor\": {\"extra_specs\": {\"pci_passthrough:alias\": \"V100:1\"}}}}";
	struct nova_servers list = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(nova_parse_server(&list, body, strlen(body), "servers/s", NULL), 0);
	assert_int_equal(nova_parse_server(&list, body, strlen(body), "servers/s", NULL), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0].alias, "V100:1");
	assert_int_equal(
		nova_parse_server(&list, "{}", 2, "servers/s", &error), GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "servers/s: server"));
	nova_servers_finish(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_migration),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_a_single_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
