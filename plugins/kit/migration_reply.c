/* SPDX-License-Identifier: Apache-2.0 */
/* os-migrations and a single server as typed arrays: see nova_reply.h. */
#include "kit/cleanup.h"
#include "kit/nova_list.h"
#include "kit/nova_reply.h"
#include "kit/reply_copy.h"

static void migration_finish(struct nova_migration *m)
{
	free(m->uuid);
	free(m->server);
	free(m->status);
	free(m->type);
	free(m->source);
	free(m->source_node);
	free(m->dest);
	free(m->dest_node);
	free(m->updated_at);
	*m = (struct nova_migration){0};
}

static int read_type(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	*ret = -1;
	return MIN(reply_find_integer(at, key, ret, reterr), 0);
}

static int read_migration(
	struct nova_migration *m, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"status",         offsetof(struct nova_migration, status)     },
		{"migration_type", offsetof(struct nova_migration, type)       },
		{"source_compute", offsetof(struct nova_migration, source)     },
		{"source_node",    offsetof(struct nova_migration, source_node)},
		{"dest_compute",   offsetof(struct nova_migration, dest)       },
		{"dest_node",      offsetof(struct nova_migration, dest_node)  },
		{"updated_at",     offsetof(struct nova_migration, updated_at) },
	};
	int r = reply_copy_needed(at, "uuid", &m->uuid, reterr);

	r = r < 0 ? r : reply_copy_needed(at, "instance_uuid", &m->server, reterr);
	r = r < 0 ? r : reply_copy_rows(at, rows, ARRAY_SIZE(rows), m, reterr);
	if (r == 0 && !m->updated_at) {
		r = reply_copy_string(at, "created_at", &m->updated_at, reterr);
	}
	r = r < 0 ? r : read_type(at, "old_instance_type_id", &m->old_type, reterr);
	return r < 0 ? r : read_type(at, "new_instance_type_id", &m->new_type, reterr);
}

DEFINE_LIST(migrations, nova_migration, read_migration, migration_finish, "migrations",
	offsetof(struct nova_migration, uuid));
