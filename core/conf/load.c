/* SPDX-License-Identifier: Apache-2.0 */
/* From files to one tree of values: see conf.h. The only file that knows libconfig, which reads from a
 * string here: the file is opened, limited and scanned before. Runs in a process of its own. */
#include "conf/conf.h"

#include "base/str.h"
#include "conf/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX_BYTES = 1024 * 1024, /* some 3,000 regions */
	SITES_MAX_FILES = 4096,
};

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

static void config_finish(config_t *config)
{
	config_destroy(config);
}

/* NULL: no memory. */
static struct value *origin_new(const char *file)
{
	_cleanup_(value_freep) struct value *at = value_new(VALUE_GROUP, NULL);

	return at && value_set_origin(at, file, 0) ? TAKE_PTR(at) : NULL;
}

static int open_text(const char *file, const struct value *at, struct complaints *c)
{
	_cleanup_(close_fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int opened;

	if (fd < 0 || fstat(fd, &st) < 0) {
		complain(c, at, "cannot be read: %s", strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		complain(c, at, "is a folder, not a file");
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		complain(c, at, "is not a regular file");
		return -1;
	}
	opened = fd;
	fd = -1;
	return opened;
}

/* One more byte than allowed is asked for, so that a file that grows is noticed too. */
static bool read_text(
	const char *file, const struct value *at, struct strbuf *text, struct complaints *c)
{
	_cleanup_(close_fd) int fd = open_text(file, at, c);
	char chunk[16 * 1024];
	ssize_t got = 1;

	while (fd >= 0 && got != 0 && text->len <= FILE_MAX_BYTES) {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno != EINTR) {
			complain(c, at, "cannot be read: %s", strerror(errno));
			return false;
		}
		strbuf_add(text, chunk, got > 0 ? (size_t)got : 0);
	}
	if (text->len > FILE_MAX_BYTES) {
		complain(c, at, "is larger than %d KiB", FILE_MAX_BYTES / 1024);
		return false;
	}
	if (text->len == 0 || text->data[text->len - 1] != '\n') {
		strbuf_addc(
			text, '\n'); /* without it libconfig does not see the end of a comment */
	}
	c->failed = c->failed || text->failed;
	return fd >= 0 && !text->failed;
}

static struct value *convert(const config_setting_t *setting, const char *file);

static bool convert_items(const config_setting_t *setting, const char *file, struct value *to)
{
	int n = config_setting_length(setting);

	for (int i = 0; i < n; i++) {
		const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);

		if (!value_append(to, convert(item, file))) {
			return false;
		}
	}
	return true;
}

static enum value_type type_of(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_BOOL:
		return VALUE_BOOLEAN;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return VALUE_INTEGER;
	case CONFIG_TYPE_FLOAT:
		return VALUE_REAL;
	case CONFIG_TYPE_STRING:
		return VALUE_STRING;
	case CONFIG_TYPE_GROUP:
		return VALUE_GROUP;
	default:
		return VALUE_LIST;
	}
}

/* The depth is limited by scan_text(). NULL: no memory. */
static struct value *convert(const config_setting_t *setting, const char *file)
{
	_cleanup_(value_freep) struct value *v =
		value_new(type_of(setting), config_setting_name(setting));
	const char *text;
	bool ok = v && value_set_origin(v, file, config_setting_source_line(setting));

	if (!ok) {
		return NULL;
	}
	switch (v->type) {
	case VALUE_BOOLEAN:
		v->boolean = config_setting_get_bool(setting) == CONFIG_TRUE;
		break;
	case VALUE_INTEGER:
		v->integer = config_setting_get_int64(setting);
		break;
	case VALUE_REAL:
		v->real = config_setting_get_float(setting);
		break;
	case VALUE_STRING:
		text = config_setting_get_string(setting);
		v->string = strdup(text ? text : "");
		ok = v->string;
		break;
	case VALUE_LIST:
	case VALUE_GROUP:
		ok = convert_items(setting, file, v);
		break;
	}
	return ok ? TAKE_PTR(v) : NULL;
}

static void complain_syntax(struct value *at, const config_t *config, struct complaints *c)
{
	const char *text = config_error_text(config);

	at->line = config_error_line(config) > 0 ? (unsigned)config_error_line(config) : 1;
	if (str_equal(text, "syntax error")) {
		complain(c, at,
			"syntax error here or just before: each setting is written NAME = VALUE; and names "
			"are made of letters, digits, \"-\" and \"_\"");
	} else if (str_equal(text, "duplicate setting name")) {
		complain(c, at, "this key stands in its group for the second time");
	} else if (str_equal(text, "mismatched element type in array")) {
		complain(c, at,
			"the values in [ ] must be of one type; lists of other things are written ( )");
	} else {
		complain(c, at, "%s", text ? text : "syntax error");
	}
}

/* NULL: there is a complaint. */
static struct value *load_file(const char *file, struct complaints *c)
{
	_cleanup_(value_freep) struct value *at = origin_new(file);
	_cleanup_(strbuf_finish) struct strbuf text = {0};
	_cleanup_(config_finish) config_t config;
	struct value *root;

	config_init(&config);
	if (!at) {
		c->failed = true;
		return NULL;
	}
	if (!read_text(file, at, &text, c) || !scan_text(file, text.data, text.len, c)) {
		return NULL;
	}
	if (config_read_string(&config, text.data) != CONFIG_TRUE) {
		complain_syntax(at, &config, c);
		return NULL;
	}
	root = convert(config_root_setting(&config), file);
	c->failed = c->failed || !root;
	return root;
}

static struct value *take_item(struct value *group, const char *key)
{
	for (size_t i = 0; i < group->n_items; i++) {
		struct value *item = group->items[i];

		if (str_equal(item->key, key)) {
			memmove(group->items + i, group->items + i + 1,
				(--group->n_items - i) * sizeof(struct value *));
			return item;
		}
	}
	return NULL;
}

/* Moves the regions of a file's root to the end of `regions`. */
static void move_regions(struct value *root, struct value *regions, struct complaints *c)
{
	_cleanup_(value_freep) struct value *own = take_item(root, "regions");

	if (!own) {
		return;
	}
	if (own->type != VALUE_LIST) {
		complain(c, own,
			"regions must be a list of groups: regions = ( { name = \"…\"; … } );");
		return;
	}
	for (size_t i = 0; i < own->n_items; i++) {
		struct value *region = own->items[i];

		own->items[i] = NULL;
		if (!value_append(regions, region)) {
			c->failed = true;
		}
	}
	own->n_items = 0;
}

static void load_site(const char *file, struct value *regions, struct complaints *c)
{
	_cleanup_(value_freep) struct value *root = load_file(file, c);

	if (!root) {
		return;
	}
	move_regions(root, regions, c);
	for (size_t i = 0; i < root->n_items; i++) {
		complain(c, root->items[i],
			"\"%s\" cannot stand in a file of sites_dir, which holds only \"regions\"",
			root->items[i]->key);
	}
}

static int is_site_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > strlen(".conf") &&
	       strcmp(entry->d_name + n - strlen(".conf"), ".conf") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* dir is NULL or "" where there is none. */
static void load_sites(
	const char *dir, const struct value *at, struct value *regions, struct complaints *c)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_site_file, by_bytes);

	if (n < 0 && errno != ENOENT) {
		complain(c, at, "sites_dir \"%s\" cannot be read: %s", dir, strerror(errno));
	}
	if (n > SITES_MAX_FILES) {
		complain(c, at, "sites_dir \"%s\" holds more than %d files", dir, SITES_MAX_FILES);
	}
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *file = NULL;

		if (n <= SITES_MAX_FILES && asprintf(&file, "%s/%s", dir, entries[i]->d_name) < 0) {
			file = NULL;
			c->failed = true;
		}
		if (file) {
			load_site(file, regions, c);
		}
		free(entries[i]);
	}
	free(entries);
}

struct value *conf_load(const char *file, struct complaints *c)
{
	_cleanup_(value_freep) struct value *root = load_file(file, c);
	_cleanup_(value_freep) struct value *regions = value_new(VALUE_LIST, "regions");
	_cleanup_(freep) char *dir = NULL;
	const struct value *given;

	if (!root) {
		return NULL;
	}
	if (!regions) {
		c->failed = true;
		return NULL;
	}
	move_regions(root, regions, c);
	given = value_get(root, "sites_dir");
	dir = conf_path(root, "sites_dir");
	c->failed = c->failed || !dir;
	if (dir && dir[0] && (!given || given->type == VALUE_STRING)) {
		load_sites(dir, given ? given : root, regions, c);
	}
	if (!value_append(root, TAKE_PTR(regions))) {
		c->failed = true;
	}
	return c->failed ? NULL : TAKE_PTR(root);
}
