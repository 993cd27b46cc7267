/* SPDX-License-Identifier: Apache-2.0 */
/* One file a region in a folder, replaced as a whole: whoever reads sees the old text or the new,
 * never a part, also after a power cut. Files that are not ours are not touched. */
#include "store/store.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_NAME_SIZE = 80 }; /* a region's name has at most 63 bytes */

struct state_dir {
	struct store store;
	char *path;
};

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

static int fail_at(const struct state_dir *dir, const char *name, const char *what, int error,
	struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s%s%s: cannot %s: %s", dir->path,
		name[0] ? "/" : "", name, what, strerror(error));
}

static int fail_name(const char *region, struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "'%s' is not a region's name", region);
}

/* An open folder, made if it is missing: >= 0, the caller closes it. */
static int open_folder(const struct state_dir *dir, struct gpubroker_error *reterr)
{
	int fd;

	if (mkdir(dir->path, 0750) < 0 && errno != EEXIST) {
		return fail_at(dir, "", "make the folder", errno, reterr);
	}
	fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : fail_at(dir, "", "open the folder", errno, reterr);
}

/* Reads a whole regular file. 0: done; > 0: there is none; < 0: an error, LIMIT if it is too large. */
static int read_file(const struct state_dir *dir, int folder, const char *name, struct strbuf *text,
	struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int fd =
		openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	char part[16 * 1024];
	ssize_t n;

	if (fd < 0) {
		return errno == ENOENT ? 1 : fail_at(dir, name, "open", errno, reterr);
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return fail_at(dir, name, "read", EINVAL, reterr);
	}
	do {
		n = read(fd, part, sizeof(part));
		if (n < 0 && errno != EINTR) {
			return fail_at(dir, name, "read", errno, reterr);
		}
		strbuf_add(text, part, n > 0 ? (size_t)n : 0);
		if (text->len > SNAPSHOT_MAX_BYTES) {
			return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
				"%s/%s: larger than %d bytes", dir->path, name, SNAPSHOT_MAX_BYTES);
		}
	} while (n != 0);
	return text->failed ? fail_at(dir, name, "read", ENOMEM, reterr) : 0;
}

static int read_region(struct state_dir *dir, int folder, const char *region, store_found_fn *found,
	void *context, struct gpubroker_error *reterr)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};
	uint64_t *counts = dir->store.stats.count[STORE_GET];
	char name[FILE_NAME_SIZE];
	int r;

	if (!store_region_name_is_safe(region)) {
		return fail_name(region, reterr);
	}
	snprintf(name, sizeof(name), "%s.json", region);
	r = read_file(dir, folder, name, &text, reterr);
	if (r > 0) {
		counts[STORE_MISS]++;
		return 0;
	}
	if (r == GPUBROKER_E_LIMIT || (r == 0 && text.len == 0)) {
		counts[STORE_BAD_VALUE]++;
		return 0;
	}
	if (r < 0) {
		counts[STORE_ERROR]++;
		return r;
	}
	counts[STORE_OK]++;
	found(context, region, text.data, text.len);
	return 0;
}

static int state_dir_read(struct store *store, const char *const regions[], size_t n,
	store_found_fn *found, void *context, struct gpubroker_error *reterr)
{
	struct state_dir *dir = (struct state_dir *)store;
	_cleanup_(close_fd) int folder = open_folder(dir, reterr);
	int result = 0;

	if (folder < 0) {
		dir->store.stats.count[STORE_GET][STORE_ERROR]++;
		return folder;
	}
	for (size_t i = 0; i < n; i++) {
		int r = read_region(
			dir, folder, regions[i], found, context, result < 0 ? NULL : reterr);

		result = result < 0 ? result : r;
	}
	return result;
}

static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, data, n);

		if (written < 0 && errno != EINTR) {
			return -errno;
		}
		if (written > 0) {
			data += written;
			n -= (size_t)written;
		}
	}
	return 0;
}

/* A new file with all of the text on the disk. < 0: -errno. */
static int write_new(int folder, const char *name, const char *data, size_t n)
{
	_cleanup_(close_fd) int fd =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0) {
		return -errno;
	}
	r = write_all(fd, data, n);
	return r < 0 ? r : fsync(fd) < 0 ? -errno : 0;
}

/* Through a temporary file, so that a crash at any moment leaves the old file or the new. A temporary
 * file that such a crash left behind is ours and goes first. */
static int replace_file(int folder, const char *name, const char *data, size_t n)
{
	char temporary[FILE_NAME_SIZE + 8];
	int r;

	snprintf(temporary, sizeof(temporary), ".%s.new", name);
	unlinkat(folder, temporary, 0);
	r = write_new(folder, temporary, data, n);
	if (r >= 0 && renameat(folder, temporary, folder, name) < 0) {
		r = -errno;
	}
	if (r < 0) {
		unlinkat(folder, temporary, 0);
		return r;
	}
	return fsync(folder) < 0 ? -errno : 0;
}

static int write_region(struct state_dir *dir, const char *region, const char *json, size_t n,
	struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int folder = -1;
	char name[FILE_NAME_SIZE];
	int r;

	if (!store_region_name_is_safe(region)) {
		return fail_name(region, reterr);
	}
	folder = open_folder(dir, reterr);
	if (folder < 0) {
		return folder;
	}
	snprintf(name, sizeof(name), "%s.json", region);
	r = replace_file(folder, name, json, n);
	return r < 0 ? fail_at(dir, name, "write", -r, reterr) : 0;
}

static int state_dir_write_region(struct store *store, const char *region, const char *json,
	size_t n, struct gpubroker_error *reterr)
{
	int r = write_region((struct state_dir *)store, region, json, n, reterr);

	store->stats.count[STORE_SET][r < 0 ? STORE_ERROR : STORE_OK]++;
	return r;
}

/* 0: it was there; > 0: it was not. */
static int delete_region(
	const struct state_dir *dir, const char *region, struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int folder = -1;
	char name[FILE_NAME_SIZE];

	if (!store_region_name_is_safe(region)) {
		return fail_name(region, reterr);
	}
	folder = open_folder(dir, reterr);
	if (folder < 0) {
		return folder;
	}
	snprintf(name, sizeof(name), "%s.json", region);
	if (unlinkat(folder, name, 0) == 0) {
		return 0;
	}
	return errno == ENOENT ? 1 : fail_at(dir, name, "delete", errno, reterr);
}

static int state_dir_delete_region(
	struct store *store, const char *region, struct gpubroker_error *reterr)
{
	int r = delete_region((struct state_dir *)store, region, reterr);

	store->stats.count[STORE_DELETE][r < 0 ? STORE_ERROR : r > 0 ? STORE_MISS : STORE_OK]++;
	return MIN(r, 0);
}

static void state_dir_free(struct store *store)
{
	struct state_dir *dir = (struct state_dir *)store;

	free(dir->path);
	free(dir);
}

int store_state_dir_new(struct store **ret, const char *path, struct gpubroker_error *reterr)
{
	static const struct store_vtable vtable = {
		.name = "state_dir",
		.read = state_dir_read,
		.write_region = state_dir_write_region,
		.delete_region = state_dir_delete_region,
		.free = state_dir_free,
	};
	struct state_dir *dir = calloc(1, sizeof(*dir));

	if (dir) {
		dir->store.vtable = &vtable;
		dir->path = strdup(path);
	}
	if (!dir || !dir->path) {
		free(dir);
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "no memory for the state in %s", path);
	}
	*ret = &dir->store;
	return 0;
}
