/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin that reads a region from a folder of Nova's and Placement's reply bodies, anew at each reading. */
#include "kit/cleanup.h"
#include "kit/join.h"
#include "kit/notes.h"
#include "kit/reply.h"

#include <gpubroker/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGES_MAX = 1000 }; /* a million servers at Nova's default of 1000 a page */

struct replay {
	char *path;
	int64_t fail_every;
	struct join_policy policy;
	/* ours: */
	const struct gpubroker_core *core;
	struct notes notes;
	int64_t readings;
};

static const struct gpubroker_option options[] = {
	{.type = GPUBROKER_STRING,
         .key = "path",
         .offset = offsetof(struct replay, path),
         .required = true,
         .doc = "The folder, from the root: aggregates.json hypervisors.json flavors.json servers.json, further "
		       "pages of each as servers-2.json and so on; if there are any, migrations.json and Placement's "
		       "resource_providers.json allocation_candidates.json inventories-UUID.json usages-UUID.json "
		       "traits-UUID.json allocations-UUID.json."},
	{.type = GPUBROKER_INTEGER,
         .key = "fail_every",
         .offset = offsetof(struct replay, fail_every),
         .def = "0",
         .min = 0,
         .max = 1000000,
         .doc = "Every so many readings one fails, for demonstrations; the first never does. 0: none."},
	JOIN_POLICY_OPTIONS(struct replay, policy),
	{.key = NULL                },
};

typedef int parse_fn(
	void *list, const char *body, size_t n, const char *what, struct gpubroker_error *);

#define DEFINE_PARSE(name)                                                                         \
	static int parse_##name(void *list, const char *body, size_t n, const char *what,          \
		struct gpubroker_error *reterr)                                                    \
	{                                                                                          \
		return nova_parse_##name((struct nova_##name *)list, body, n, what, NULL, reterr); \
	}                                                                                          \
	struct parse_##name##_swallows_the_semicolon
DEFINE_PARSE(aggregates);
DEFINE_PARSE(hypervisors);
DEFINE_PARSE(flavors);
DEFINE_PARSE(servers);
DEFINE_PARSE(migrations);

static const struct {
	const char *name;
	size_t offset;
	parse_fn *parse;
	bool optional;
} documents[] = {
	{"aggregates",  offsetof(struct nova_region, aggregates),  parse_aggregates,  false},
	{"hypervisors", offsetof(struct nova_region, hypervisors), parse_hypervisors, false},
	{"flavors",     offsetof(struct nova_region, flavors),     parse_flavors,     false},
	{"servers",     offsetof(struct nova_region, servers),     parse_servers,     false},
	{"migrations",  offsetof(struct nova_region, migrations),  parse_migrations,  true },
};

static int replay_open(
	void *self, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	struct replay *replay = self;

	replay->core = core;
	if (replay->path[0] != '/') {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"path '%s' does not begin at the root", replay->path);
	}
	return 0;
}

static void closep(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

/* The bytes of an open file, to its end. */
static int read_all(int fd, const char *path, size_t size, char **ret, size_t *ret_n,
	struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *body = malloc(size + 1);
	size_t n = 0;

	if (!body) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s: no memory", path);
	}
	while (n < size) {
		ssize_t got = read(fd, body + n, size - n);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
		}
		if (got == 0) { /* shortened just now: the parser will find out */
			break;
		}
		n += (size_t)got;
	}
	*ret = TAKE_PTR(body);
	*ret_n = n;
	return 0;
}

enum { NO_FILE = 1 };

/* 0, NO_FILE or < 0. Never waits, whatever the path leads to. */
static int read_file(const char *path, char **ret, size_t *ret_n, struct gpubroker_error *reterr)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		return NO_FILE;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_UNAVAILABLE, "%s: not a regular file", path);
	}
	if (st.st_size > REPLY_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT, "%s: more than %d MiB", path,
			REPLY_MAX_BYTES / (1024 * 1024));
	}
	return read_all(fd, path, (size_t)st.st_size, ret, ret_n, reterr);
}

/* NO_FILE: there is no such page. */
static int read_page(const struct replay *replay, size_t document, unsigned page,
	struct nova_region *region, struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *body = NULL;
	char path[PATH_MAX], number[16] = "";
	size_t n = 0;
	int r;

	if (page > 1) {
		snprintf(number, sizeof(number), "-%u", page);
	}
	r = snprintf(
		path, sizeof(path), "%s/%s%s.json", replay->path, documents[document].name, number);
	if (r < 0 || (size_t)r >= sizeof(path)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "path is too long");
	}
	r = read_file(path, &body, &n, reterr);
	if (r == NO_FILE && page == 1 && !documents[document].optional) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_UNAVAILABLE, "%s: there is no such file", path);
	}
	if (r != 0) {
		return r;
	}
	return documents[document].parse(
		(char *)region + documents[document].offset, body, n, path, reterr);
}

static int read_document(const struct replay *replay, size_t document, struct nova_region *region,
	struct gpubroker_error *reterr)
{
	for (unsigned page = 1; page <= PAGES_MAX; page++) {
		int r = read_page(replay, document, page, region, reterr);

		if (r != 0) {
			return r == NO_FILE ? 0 : r;
		}
	}
	return gpubroker_fail(reterr, GPUBROKER_E_LIMIT, "%s: more than %d pages of %s",
		replay->path, PAGES_MAX, documents[document].name);
}

/* ---- Placement ---- */

/* The document NAME.json or NAME-UUID.json; NO_FILE: there is none. *ret_path: PATH_MAX bytes. */
static int read_named(const struct replay *replay, const char *name, const char *uuid,
	char ret_path[static PATH_MAX], char **ret, size_t *ret_n, struct gpubroker_error *reterr)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s%s%s.json", replay->path, name, uuid ? "-" : "",
		uuid ? uuid : "");

	if (n < 0 || n >= PATH_MAX) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "path is too long");
	}
	if (uuid && strchr(uuid, '/')) { /* a folder's own documents decide what is read next */
		return NO_FILE;
	}
	return read_file(ret_path, ret, ret_n, reterr);
}

typedef int placement_fn(struct placement_region *, const char *body, size_t n, const char *what,
	struct gpubroker_error *);

static int read_placement_file(const struct replay *replay, const char *name,
	placement_fn *parse_it, struct placement_region *placement, struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *body = NULL;
	char path[PATH_MAX];
	size_t n = 0;
	int r = read_named(replay, name, NULL, path, &body, &n, reterr);

	return r == 0 ? parse_it(placement, body, n, path, reterr) : r;
}

static int read_provider(
	const struct replay *replay, struct placement_provider *p, struct gpubroker_error *reterr)
{
	static const struct {
		const char *name;
		int (*parse)(struct placement_provider *, const char *body, size_t n,
			const char *what, struct gpubroker_error *);
	} parts[] = {
		{"inventories", placement_parse_inventories},
		{"usages",      placement_parse_usages     },
		{"traits",      placement_parse_traits     },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		_cleanup_(freep) char *body = NULL;
		char path[PATH_MAX];
		size_t n = 0;
		int r = read_named(replay, parts[i].name, p->uuid, path, &body, &n, reterr);

		r = r == 0 ? parts[i].parse(p, body, n, path, reterr) : r;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int read_allocations(const struct replay *replay, const char *consumer,
	struct placement_region *placement, struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *body = NULL;
	char path[PATH_MAX];
	size_t n = 0;
	int r = read_named(replay, "allocations", consumer, path, &body, &n, reterr);

	return r == 0 ? placement_parse_allocations(placement, consumer, body, n, path, reterr)
		      : MIN(r, 0);
}

static int read_all_allocations(
	const struct replay *replay, struct nova_region *region, struct gpubroker_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < region->migrations.n; i++) {
		const char *consumer =
			join_wants_allocation(region, NULL, &region->migrations.items[i]);

		r = consumer ? read_allocations(replay, consumer, region->placement, reterr) : 0;
	}
	return r;
}

/* NO_FILE: Placement was not recorded. */
static int read_placement(
	const struct replay *replay, struct nova_region *region, struct gpubroker_error *reterr)
{
	int r;

	region->placement = calloc(1, sizeof(*region->placement));
	if (!region->placement) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for Placement");
	}
	r = read_placement_file(
		replay, "resource_providers", placement_parse_providers, region->placement, reterr);
	if (r != 0) {
		placement_region_free(TAKE_PTR(region->placement));
		return r;
	}
	r = read_placement_file(replay, "allocation_candidates", placement_parse_candidates,
		region->placement, reterr);
	for (size_t i = 0; r >= 0 && i < region->placement->providers.n; i++) {
		r = read_provider(replay, &region->placement->providers.items[i], reterr);
	}
	return r < 0 ? r : read_all_allocations(replay, region, reterr);
}

static int read_wanted_placement(
	const struct replay *replay, struct nova_region *region, struct gpubroker_error *reterr)
{
	const char *capacity = replay->policy.capacity ? replay->policy.capacity : "auto";
	int r = strcmp(capacity, "nova") == 0 ? 0 : read_placement(replay, region, reterr);

	if (r == NO_FILE && strcmp(capacity, "placement") == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_UNAVAILABLE,
			"%s/resource_providers.json: there is no such file", replay->path);
	}
	return MIN(r, 0);
}

static int replay_collect(
	void *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	_cleanup_(nova_region_finish) struct nova_region region = {0};
	struct replay *replay = self;
	int r = 0;

	replay->readings++;
	if (replay->fail_every > 0 && replay->readings > 1 &&
		replay->readings % replay->fail_every == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_UNAVAILABLE,
			"reading %lld fails because of fail_every", (long long)replay->readings);
	}
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(documents); i++) {
		r = read_document(replay, i, &region, reterr);
	}
	r = r < 0 ? r : read_wanted_placement(replay, &region, reterr);
	if (r < 0) {
		return r;
	}
	return join_region(replay->core, &region, &replay->policy, &replay->notes, out, reterr);
}

static void replay_close(void *self)
{
	struct replay *replay = self;

	notes_finish(&replay->notes);
}

GPUBROKER_PLUGIN(.name = "replay", .version = GPUBROKER_VERSION,
	.summary = "a region from a folder of Nova's reply bodies",
	.self_size = sizeof(struct replay), .options = options, .open = replay_open,
	.collect = replay_collect, .close = replay_close);
