/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a plugin: see plugload.h. Until the ABI has matched, nothing that the plugin says is believed,
 * and only numbers of it are shown. */
#include "plugin/plugload.h"

#include "base/mem.h"
#include "base/option.h"
#include "base/str.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_OF_FD_SIZE = 40 };

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

/* Whoever may write it decides what runs with the clouds' credentials. */
static int check_owner(const struct stat *st, const char *name, const char *what, const char *path,
	struct gpubroker_error *reterr)
{
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": the %s \"%.200s\" belongs to the user %u; only root's and the daemon's own are "
			"accepted",
			name, what, path, (unsigned)st->st_uid);
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": the %s \"%.200s\" may be written by others (mode %04o); chmod go-w mends it",
			name, what, path, (unsigned)(st->st_mode & 07777));
	}
	return 0;
}

static int open_folder(
	const char *plugin_dir, const char *name, int *ret_fd, struct gpubroker_error *reterr)
{
	struct stat st;

	*ret_fd = open(plugin_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0 || fstat(*ret_fd, &st) < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": the folder \"%.200s\" cannot be opened: %s", name,
			plugin_dir, strerror(errno));
	}
	return check_owner(&st, name, "folder", plugin_dir, reterr);
}

/* A link is followed; what it leads to has to lie as safely as a file of plugin_dir. */
static int check_real_folder(int fd, const char *name, struct gpubroker_error *reterr)
{
	char link[PATH_OF_FD_SIZE], path[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": %s cannot be read: %s", name, link, strerror(errno));
	}
	path[n] = '\0';
	while (n > 1 && path[n - 1] != '/') {
		n--;
	}
	path[n] = '\0';
	if (stat(path, &st) < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": the folder \"%.200s\" cannot be read: %s", name, path,
			strerror(errno));
	}
	return check_owner(&st, name, "folder", path, reterr);
}

static int check_file(int fd, const char *name, const char *file, struct gpubroker_error *reterr)
{
	char magic[SELFMAG];
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": %s cannot be read: %s", name, file, strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": %s is not a regular file", name, file);
	}
	r = check_owner(&st, name, "file", file, reterr);
	if (r == 0) {
		r = check_real_folder(fd, name, reterr);
	}
	if (r < 0) {
		return r;
	}
	if (pread(fd, magic, sizeof(magic), 0) != SELFMAG || memcmp(magic, ELFMAG, SELFMAG) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": %s is not a shared object", name, file);
	}
	return 0;
}

int plugin_open_file(
	const char *plugin_dir, const char *name, int *ret_fd, struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int folder = -1, fd = -1;
	char file[80];
	int r;

	if (!str_is_name(name, "_")) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the plugin name \"%.80s\" is not made of lower case letters, digits, \"-\" and \"_\"",
			name);
	}
	r = open_folder(plugin_dir, name, &folder, reterr);
	if (r < 0) {
		return r;
	}
	snprintf(file, sizeof(file), "%s.so", name);
	fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": there is no %s in \"%.200s\"", name, file, plugin_dir);
	}
	if (fd < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\": %s in \"%.200s\" cannot be opened: %s", name, file,
			plugin_dir, strerror(errno));
	}
	r = check_file(fd, name, file, reterr);
	if (r < 0) {
		return r;
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* What dlerror() says, without the descriptor's path, which tells nobody anything. */
static const char *dl_text(const char *path)
{
	const char *text = dlerror();
	size_t n = strlen(path);

	if (!text) {
		return "the linker does not say why";
	}
	return strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : text;
}

static int check_abi(
	const struct gpubroker_plugin *p, const char *name, struct gpubroker_error *reterr)
{
	if (p->abi != GPUBROKER_PLUGIN_ABI) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" was built for the plugin ABI %u, this gpubrokerd has %u; build it again",
			name, p->abi, GPUBROKER_PLUGIN_ABI);
	}
	if (p->size != sizeof(*p)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" describes itself in %u bytes instead of %zu; build it again",
			name, p->size, sizeof(*p));
	}
	return 0;
}

static int check_self(
	const struct gpubroker_plugin *p, const char *name, struct gpubroker_error *reterr)
{
	struct gpubroker_error why = {0};

	if (!str_equal(p->name, name)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" calls itself \"%.80s\"; the file must be named NAME.so",
			name, p->name ? p->name : "");
	}
	if (!p->version || !p->summary) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" has no version or no summary", name);
	}
	if (!p->open || !p->collect || !p->close) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" lacks the function %s", name,
			!p->open      ? "open"
			: !p->collect ? "collect"
				      : "close");
	}
	if (p->options && option_check_table(p->options, p->self_size, &why) < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" has a broken table of options: %.300s", name, why.text);
	}
	return 0;
}

/* What this process has loaded, which stays for good. The linker remembers each path that it was given for
 * an object, so the descriptor in a path must never become another file: it stays open, one an object. That
 * also keeps the inode from being used again. */
static struct object {
	dev_t device;
	ino_t inode;
	void *handle;
} * objects;
static size_t n_objects, objects_room;

static void *find_object(const struct stat *st)
{
	for (size_t i = 0; i < n_objects; i++) {
		if (objects[i].device == st->st_dev && objects[i].inode == st->st_ino) {
			return objects[i].handle;
		}
	}
	return NULL;
}

static int open_object(int fd, const char *name, void **ret, struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	char path[PATH_OF_FD_SIZE];
	struct stat st;

	if (copy < 0 || fstat(copy, &st) < 0 || !GROW(objects, n_objects, objects_room)) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			"plugin \"%s\" cannot be loaded: %s", name, strerror(errno));
	}
	*ret = find_object(&st);
	if (*ret) {
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	*ret = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*ret) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" cannot be loaded: %.300s", name, dl_text(path));
	}
	objects[n_objects++] =
		(struct object){.device = st.st_dev, .inode = st.st_ino, .handle = *ret};
	copy = -1;
	return 0;
}

int plugin_load_fd(int fd, const char *name, const struct gpubroker_plugin **ret,
	struct gpubroker_error *reterr)
{
	const struct gpubroker_plugin *plugin;
	void *handle;
	int r = open_object(fd, name, &handle, reterr);

	if (r < 0) {
		return r;
	}
	plugin = dlsym(handle, GPUBROKER_PLUGIN_SYMBOL);
	if (!plugin) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin \"%s\" does not export the symbol \"%s\"", name,
			GPUBROKER_PLUGIN_SYMBOL);
	}
	r = check_abi(plugin, name, reterr);
	if (r == 0) {
		r = check_self(plugin, name, reterr);
	}
	if (r == 0) {
		*ret = plugin;
	}
	return r;
}

int plugin_load(const char *plugin_dir, const char *name, const struct gpubroker_plugin **ret,
	struct gpubroker_error *reterr)
{
	_cleanup_(close_fd) int fd = -1;
	int r = plugin_open_file(plugin_dir, name, &fd, reterr);

	return r < 0 ? r : plugin_load_fd(fd, name, ret, reterr);
}
