/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that misbehaves on demand: what the daemon has to survive, one function a mode. */
#include <gpubroker/plugin.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct chaos {
	char *mode, *mode_file, *open_mode;
	const struct gpubroker_core *core;
};

enum { GIB = 1024 * 1024 * 1024, MAX_FD = 64, MEMORY_STEP = 16 * 1024 * 1024 };

static int add_host(struct chaos *self, struct gpubroker_inventory *out, const char *name,
	int64_t vcpus, struct gpubroker_error *reterr)
{
	const struct gpubroker_gpus gpus = {.type = "V100", .total = 4, .used = 1};
	const struct gpubroker_host host = {
		.name = name,
		.vcpus = {.total = vcpus},
		.ram_mib = {.total = 512 * 1024},
		.disk_gib = {.total = 4096},
		.gpus = &gpus,
		.n_gpus = 1,
	};

	return self->core->add_host(out, &host, reterr);
}

static int add_flavor(struct chaos *self, struct gpubroker_inventory *out, const char *id,
	struct gpubroker_error *reterr)
{
	const struct gpubroker_need need = {.type = "V100", .count = 1};
	const struct gpubroker_flavor flavor = {
		.id = id,
		.name = "chaos V100",
		.vcpus = 4,
		.ram_mib = 16 * 1024,
		.disk_gib = 40,
		.is_public = true,
		.gpus = &need,
		.n_gpus = 1,
	};

	return self->core->add_flavor(out, &flavor, reterr);
}

static int do_ok(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	int r;

	r = add_host(self, out, "chaos-1", 32, reterr);
	if (r < 0) {
		return r;
	}
	r = add_host(self, out, "chaos-2", 32, reterr);
	if (r < 0) {
		return r;
	}
	return add_flavor(self, out, "chaos-flavor", reterr);
}

static int do_hang(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	signal(SIGTERM, SIG_IGN);
	while (pause() < 0) {
		/* again after each signal */
	}
	return 0;
}

static int do_crash(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would turn it into exit(1) */
	raise(SIGSEGV);
	_exit(1);
}

static int do_exit(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	_exit(0);
}

static int do_leak(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	static void *last; /* each block points to the one before */

	for (size_t taken = 0; taken < (size_t)8 * GIB; taken += MEMORY_STEP) {
		void **block = malloc(MEMORY_STEP);

		if (!block) {
			self->core->log(GPUBROKER_WARN, "out of memory after bytes=%zu", taken);
			break;
		}
		*block = last;
		last = block;
	}
	return do_ok(self, out, reterr);
}

static int do_garbage(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	static const char rubbish[] = "\xff\xff\xff\xff\xff\xff\xff\xff this is not a frame";

	for (int fd = STDERR_FILENO + 1; fd < MAX_FD; fd++) {
		if (write(fd, rubbish, sizeof(rubbish)) < 0) {
			continue;
		}
	}
	return do_ok(self, out, reterr);
}

static int do_nonsense(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	return add_host(self, out, "chaos-1", -32, reterr);
}

static int do_flood(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	char id[32];

	for (long i = 0; i < 100000000; i++) {
		int r;

		snprintf(id, sizeof(id), "flood-%ld", i);
		r = add_flavor(self, out, id, reterr);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int do_chatter(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	for (int i = 0; i < 100000; i++) {
		self->core->log(GPUBROKER_WARN, "chatter line=%d", i);
	}
	return do_ok(self, out, reterr);
}

static int do_fail(
	struct chaos *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_UNAVAILABLE, "chaos: told to fail");
}

static const struct {
	const char *mode;
	int (*collect)(struct chaos *, struct gpubroker_inventory *, struct gpubroker_error *);
} modes[] = {
	{"ok",       do_ok      },
	{"hang",     do_hang    },
	{"crash",    do_crash   },
	{"exit",     do_exit    },
	{"leak",     do_leak    },
	{"garbage",  do_garbage },
	{"nonsense", do_nonsense},
	{"flood",    do_flood   },
	{"chatter",  do_chatter },
	{"fail",     do_fail    },
};

/* word: room for 32 bytes; stays as it is where the file says nothing. */
static void read_mode(const char *path, char *word)
{
	FILE *file = fopen(path, "re");
	char found[32];

	if (!file) {
		return;
	}
	if (fscanf(file, "%31s", found) == 1) {
		snprintf(word, 32, "%s", found);
	}
	fclose(file);
}

static int do_mode(struct chaos *self, const char *word, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].mode, word) == 0) {
			return modes[i].collect(self, out, reterr);
		}
	}
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "chaos: there is no mode '%s'", word);
}

static int chaos_open(void *arg, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	struct chaos *self = arg;

	self->core = core;
	return self->open_mode ? do_mode(self, self->open_mode, NULL, reterr) : 0;
}

static int chaos_collect(void *arg, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	struct chaos *self = arg;
	char word[32];

	snprintf(word, sizeof(word), "%s", self->mode);
	if (self->mode_file) {
		read_mode(self->mode_file, word);
	}
	return do_mode(self, word, out, reterr);
}

static void chaos_close(void *arg)
{
}

/* clang-format off */
static const struct gpubroker_option options[] = {
	{.type = GPUBROKER_STRING, .key = "mode", .offset = offsetof(struct chaos, mode), .def = "ok",
	 .doc = "What collect() does; the plugin's README has the list."},
	{.type = GPUBROKER_STRING, .key = "mode_file", .offset = offsetof(struct chaos, mode_file),
	 .doc = "A file whose first word is the mode, read at each poll."},
	{.type = GPUBROKER_STRING, .key = "open_mode", .offset = offsetof(struct chaos, open_mode),
	 .doc = "What open() does: hang, crash, exit or fail."},
	{.key = NULL},
};

GPUBROKER_PLUGIN(
	.name = "chaos",
	.version = "1",
	.summary = "misbehaves on demand, for tests",
	.self_size = sizeof(struct chaos),
	.options = options,
	.open = chaos_open,
	.collect = chaos_collect,
	.close = chaos_close);
