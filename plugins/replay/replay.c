/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin that reads a region from a folder of Nova's reply bodies, anew at each reading. */
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
		       "pages of each as servers-2.json and so on."},
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

static const struct {
	const char *name;
	size_t offset;
	parse_fn *parse;
} documents[] = {
	{"aggregates",  offsetof(struct nova_region, aggregates),  parse_aggregates },
	{"hypervisors", offsetof(struct nova_region, hypervisors), parse_hypervisors},
	{"flavors",     offsetof(struct nova_region, flavors),     parse_flavors    },
	{"servers",     offsetof(struct nova_region, servers),     parse_servers    },
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
	if (r == NO_FILE && page == 1) {
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

static int replay_collect(
	void *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	_cleanup_(nova_region_finish) struct nova_region region = {0};
	struct replay *replay = self;

	replay->readings++;
	if (replay->fail_every > 0 && replay->readings > 1 &&
		replay->readings % replay->fail_every == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_UNAVAILABLE,
			"reading %lld fails because of fail_every", (long long)replay->readings);
	}
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		int r = read_document(replay, i, &region, reterr);

		if (r < 0) {
			return r;
		}
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
