/* SPDX-License-Identifier: Apache-2.0 */
/* `collect --record DIR`: see recording.h. The files are anonymous, so that everybody may read them. */
#include "cli/recording.h"

#include "base/mem.h"
#include "plugin/plugload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0755, FILE_MODE = 0644 };

static void close_folder(DIR **folder)
{
	if (*folder) {
		closedir(*folder);
	}
}

static int check_empty(const char *path, struct gpubroker_error *reterr)
{
	_cleanup_(close_folder) DIR *folder = opendir(path);
	const struct dirent *entry;

	if (!folder) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "%.300s: %s", path, strerror(errno));
	}
	while ((entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"%.300s is not empty: a recording needs a folder of its own", path);
		}
	}
	return 0;
}

int recording_begin(struct recording *r, const char *path, struct gpubroker_error *reterr)
{
	int rc = 0;

	*r = (struct recording){.path = path, .folder = -1};
	if (mkdir(path, FOLDER_MODE) < 0) {
		rc = errno == EEXIST ? check_empty(path, reterr)
				     : gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%.300s: %s",
					       path, strerror(errno));
	}
	if (rc < 0) {
		return rc;
	}
	r->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r->folder < 0 ? gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%.300s: %s", path,
				       strerror(errno))
			     : 0;
}

static bool write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, data, n);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			data += written;
			n -= (size_t)written;
		}
	}
	return true;
}

/* A file of the folder and nothing else: "servers-2.json". */
static bool name_is_safe(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 100 && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       n;
}

static int write_file(struct recording *r, const char *name, const char *body, size_t n,
	struct gpubroker_error *reterr)
{
	int fd, rc = 0;

	if (!name_is_safe(name)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "\"%.100s\" is no name for a file", name);
	}
	fd = openat(
		r->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0 || !write_all(fd, body, n)) {
		rc = gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%.200s/%s: %s", r->path, name,
			strerror(errno));
	}
	if (fd >= 0 && close(fd) < 0 && rc == 0) {
		rc = gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%.200s/%s: %s", r->path, name,
			strerror(errno));
	}
	return rc;
}

void recording_add(void *recording, const char *name, const char *body, size_t n)
{
	struct recording *r = recording;

	if (r->error.code == GPUBROKER_OK && write_file(r, name, body, n, &r->error) == 0) {
		r->n_files++;
		r->bytes += (int64_t)n;
	}
}

static const struct gpubroker_option *find_row(const struct gpubroker_option *rows, const char *key)
{
	for (; rows && rows->key; rows++) {
		if (strcmp(rows->key, key) == 0) {
			return rows;
		}
	}
	return NULL;
}

/* Flavors that were counted elsewhere follow no model of ours. */
static bool is_counting(const char *model)
{
	return str_equal(model, "nova") || str_equal(model, "placement");
}

/* The source's options that `replay` has too – how to count – and the folder. NULL: no memory. */
static struct value *replay_options(const struct source *s, const struct gpubroker_option *rows,
	const char *path, const char *model)
{
	_cleanup_(value_freep) struct value *group = value_new(VALUE_GROUP, NULL);
	const struct gpubroker_option *capacity = find_row(rows, "capacity");

	if (!group || !value_add_string(group, "path", path)) {
		return NULL;
	}
	if (capacity && is_counting(model) && !value_add_string(group, "capacity", model)) {
		return NULL;
	}
	for (size_t i = 0; i < s->region->options->n_items; i++) {
		const struct value *item = s->region->options->items[i];
		bool counts = find_row(rows, item->key) && strcmp(item->key, "path") != 0 &&
			      strcmp(item->key, "capacity") != 0 &&
			      strcmp(item->key, "fail_every") != 0;

		if (counts && !value_append(group, value_copy(item))) {
			return NULL;
		}
	}
	return TAKE_PTR(group);
}

/* Rows without those that the group leaves at their defaults. The caller frees. */
static struct gpubroker_option *rows_that_are_set(
	const struct gpubroker_option *rows, const struct value *group)
{
	struct gpubroker_option *kept;
	size_t n = 0;

	while (rows[n].key) {
		n++;
	}
	kept = calloc(n + 1, sizeof(*kept));
	n = 0;
	for (; kept && rows->key; rows++) {
		if (value_get(group, rows->key)) {
			kept[n++] = *rows;
		}
	}
	return kept;
}

static void print_region(FILE *f, const struct source *s, const struct gpubroker_option *rows,
	const struct value *options)
{
	fprintf(f,
		"# A recording of one reading, as a region. Copy this file into sites.d; path is where the\n"
		"# recording lies.\n"
		"regions = ( {\n"
		"  name = \"%s\";\n"
		"  plugin = \"replay\";\n"
		"  options: {\n",
		s->region->name);
	option_print_values(rows, options, 4, f);
	fputs("  };\n} );\n", f);
}

static int write_region_conf(struct recording *r, const struct source *s, const char *model,
	struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *text = NULL, *path = realpath(r->path, NULL);
	_cleanup_(freep) struct gpubroker_option *rows = NULL;
	_cleanup_(value_freep) struct value *options = NULL;
	const struct gpubroker_plugin *replay;
	size_t n = 0;
	FILE *f;

	if (plugin_load(s->conf->plugin_dir, "replay", &replay, reterr) < 0) {
		return reterr->code;
	}
	options = path ? replay_options(s, replay->options, path, model) : NULL;
	rows = options ? rows_that_are_set(replay->options, options) : NULL;
	f = rows ? open_memstream(&text, &n) : NULL;
	if (f) {
		print_region(f, s, rows, options);
	}
	if (!f || fclose(f) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for region.conf");
	}
	return write_file(r, "region.conf", text, n, reterr);
}

static const char readme[] =
	"One reading of an OpenStack region, as the cloud answered it, made anonymous: names and ids of\n"
	"projects, servers and hosts were made up. The plugin `replay` of gpubroker reads it:\n"
	"\n"
	"    gpubroker collect --config region.conf\n"
	"\n"
	"shows the counts. Where the folder has moved, change `path` in region.conf.\n";

int recording_end(struct recording *r, const struct source *s, const char *model,
	struct gpubroker_error *reterr)
{
	int rc;

	if (r->error.code != GPUBROKER_OK) {
		*reterr = r->error;
		return r->error.code;
	}
	if (r->n_files == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the plugin %s makes no recordings", s->region->plugin);
	}
	rc = write_region_conf(r, s, model, reterr);
	return rc < 0 ? rc : write_file(r, "README", readme, sizeof(readme) - 1, reterr);
}

void recording_finish(struct recording *r)
{
	if (r->path && r->folder >= 0) {
		close(r->folder);
	}
	*r = (struct recording){.folder = -1};
}
