/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and reading clouds.yaml and its kin: see clouds_files.h. */
#include "openstack/clouds/clouds_files.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_FOLDERS = 5 };

void clouds_files_finish(struct clouds_files *f)
{
	tree_free(f->clouds);
	tree_free(f->profiles);
	free(f->where);
	*f = (struct clouds_files){0};
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "clouds.yaml: no memory");
}

/* ---- one file ---- */

static void closep(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

enum { NO_FILE = 1 };

/* Its bytes, or NO_FILE where it cannot be read, whatever the reason. */
static int slurp(const char *path, char **ret, size_t *ret_n, struct gpubroker_error *reterr)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(freep) char *data = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return NO_FILE;
	}
	if (st.st_size > TREE_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT, "%s: more than %d MiB", path,
			TREE_MAX_BYTES / (1024 * 1024));
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data) {
		return no_memory(reterr);
	}
	n = read(fd, data, (size_t)st.st_size);
	if (n < 0) {
		return NO_FILE;
	}
	*ret = TAKE_PTR(data);
	*ret_n = (size_t)n;
	return 0;
}

static int read_tree(const char *path, struct tree **ret, struct gpubroker_error *reterr)
{
	_cleanup_(tree_freep) struct tree *t = NULL;
	char *data = NULL;
	size_t n = 0, k = strlen(path);
	int r = slurp(path, &data, &n, reterr);

	if (r != 0) {
		return r;
	}
	r = k >= 4 && strcmp(path + k - 4, "json") == 0 ? tree_from_json(&t, data, n, path, reterr)
							: tree_from_yaml(&t, data, n, path, reterr);
	explicit_bzero(data, n);
	free(data);
	if (r < 0) {
		return r;
	}
	if (t->kind == TREE_NULL) { /* an empty file */
		tree_free(t);
		t = tree_new(TREE_MAP, NULL);
		if (!t) {
			return no_memory(reterr);
		}
	}
	if (t->kind != TREE_MAP) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s: it is no map", path);
	}
	*ret = TAKE_PTR(t);
	return 0;
}

/* ---- where ---- */

/* The i-th folder, without a slash at its end; empty: there is no such one. */
static void add_folder(struct text *out, const struct clouds_search *s, int i)
{
	const char *home = i == 2 && s->snap_real_home ? s->snap_real_home : s->home;

	if (i == 0) {
		text_add(out, ".");
	} else if (i == 1 && s->xdg_config_home && *s->xdg_config_home) {
		text_addf(out, "%s/openstack", s->xdg_config_home);
	} else if (i <= 2) {
		if (home && *home) {
			text_addf(out, "%s/.config/openstack", home);
		}
	} else if (i == 3) {
		text_add(out, s->site_dir ? s->site_dir : "/etc/xdg/openstack");
	} else {
		text_add(out, s->etc_dir ? s->etc_dir : "/etc/openstack");
	}
}

/* openstacksdk goes on to the next place, and so do we; but who then misses a cloud should know of this one. */
static void note_unreadable(const char *path, char **ret_note)
{
	struct stat st;

	if (ret_note && !*ret_note && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		asprintf(ret_note, "%s may not be read by this user", path) < 0) {
		*ret_note = NULL;
	}
}

/* The first that can be read of override (may be NULL) and FOLDER/name.{yaml,yml,json}. ret_path may be NULL;
 * with NO_FILE it says which one is there all the same, or is NULL. */
static int find_tree(const struct clouds_search *s, const char *override, const char *name,
	struct tree **ret, char **ret_path, struct gpubroker_error *reterr)
{
	static const char *const suffixes[] = {"yaml", "yml", "json"};
	_cleanup_(freep) char *note = NULL;
	int r = NO_FILE;

	if (override && *override) {
		r = read_tree(override, ret, reterr);
		if (r == 0 && ret_path) {
			*ret_path = strdup(override);
			return *ret_path ? 0 : no_memory(reterr);
		}
		if (r == NO_FILE) {
			note_unreadable(override, &note);
		}
	}
	for (size_t i = 0; r == NO_FILE && i < N_FOLDERS * ARRAY_SIZE(suffixes); i++) {
		_cleanup_(text_finish) struct text path = {0};

		add_folder(&path, s, (int)(i / ARRAY_SIZE(suffixes)));
		if (path.len == 0 && !path.failed) {
			continue;
		}
		text_addf(&path, "/%s.%s", name, suffixes[i % ARRAY_SIZE(suffixes)]);
		if (path.failed) {
			return no_memory(reterr);
		}
		r = read_tree(path.data, ret, reterr);
		if (r == 0 && ret_path) {
			*ret_path = text_take(&path);
		} else if (r == NO_FILE) {
			note_unreadable(path.data, &note);
		}
	}
	if (r == NO_FILE && ret_path) {
		*ret_path = TAKE_PTR(note);
	}
	return r;
}

static int take_map(struct tree *from, const char *key, const char *where, struct tree **ret,
	struct gpubroker_error *reterr)
{
	const struct tree *map = tree_get(from, key);

	if (map && map->kind != TREE_MAP && map->kind != TREE_NULL) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s: '%s' is no map", where, key);
	}
	*ret = map && map->kind == TREE_MAP ? tree_copy(map) : tree_new(TREE_MAP, NULL);
	return *ret ? 0 : no_memory(reterr);
}

int clouds_files_read(
	const struct clouds_search *s, struct clouds_files *ret, struct gpubroker_error *reterr)
{
	_cleanup_(tree_freep) struct tree *config = NULL;
	_cleanup_(tree_freep) struct tree *secure = NULL;
	_cleanup_(tree_freep) struct tree *vendors = NULL;
	int r = find_tree(s, s->config_file, "clouds", &config, &ret->where, reterr);

	if (r == NO_FILE) {
		config = tree_new(TREE_MAP, NULL);
		ret->where = ret->where ? ret->where : strdup("no clouds.yaml was found");
		r = config && ret->where ? 0 : no_memory(reterr);
	}
	r = r < 0 ? r : find_tree(s, s->secure_file, "secure", &secure, NULL, reterr);
	if (r == 0 && !tree_merge(config, secure)) {
		r = no_memory(reterr);
	}
	r = r < 0 ? r : take_map(config, "clouds", ret->where, &ret->clouds, reterr);
	r = r < 0 ? r : find_tree(s, NULL, "clouds-public", &vendors, NULL, reterr);
	if (r == 0) {
		r = take_map(
			vendors, "public-clouds", "clouds-public.yaml", &ret->profiles, reterr);
	}
	return r < 0 ? r : 0;
}
