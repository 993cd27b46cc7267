/* SPDX-License-Identifier: Apache-2.0 */
/* From a checked tree, defaults and secret files into a struct, and back to nothing: see option.h. */
#include "base/option.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECRET_MAX_BYTES = 64 * 1024
}; /* a key or token is far below; a log file named by mistake is not */

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the options");
}

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

struct secret_buffer {
	char bytes[SECRET_MAX_BYTES + 1];
};

static void secret_buffer_free(struct secret_buffer *b)
{
	wipe(b, sizeof(*b));
	free(b);
}
DEFINE_CLEANUP(struct secret_buffer *, secret_buffer_free);

static int cannot_open(const char *path, int error, struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "cannot read \"%s\": %s%s", path,
		strerror(error),
		error == EACCES
			? " (a daemon from a package is user gpubroker: chgrp gpubroker, chmod 640)"
			: "");
}

static int open_secret(const char *path, int *ret_fd, struct gpubroker_error *reterr)
{
	const char *folder = path[0] == '/' ? NULL : getenv("CREDENTIALS_DIRECTORY");
	_cleanup_(freep) char *whole = NULL;
	struct stat st;

	if (path[0] != '/' && (!folder || !folder[0])) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%s\" is not an absolute path, and this process has no credentials of systemd "
			"($CREDENTIALS_DIRECTORY) to look it up in",
			path);
	}
	if (asprintf(&whole, "%s%s%s", folder ? folder : "", folder ? "/" : "", path) < 0) {
		whole = NULL;
		return no_memory(reterr);
	}
	/* O_NONBLOCK: a FIFO must not hold us up before fstat() has refused it */
	*ret_fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*ret_fd < 0 || fstat(*ret_fd, &st) < 0) {
		return cannot_open(whole, errno, reterr);
	}
	if (!S_ISREG(st.st_mode)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "\"%s\" is not a regular file", whole);
	}
	if (st.st_size > SECRET_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "\"%s\" is larger than %d KiB",
			whole, SECRET_MAX_BYTES / 1024);
	}
	return 0;
}

static int read_all(int fd, char *to, size_t most, size_t *ret_n)
{
	size_t n = 0;

	while (n < most) {
		ssize_t got = read(fd, to + n, most - n);

		if (got < 0 && errno != EINTR) {
			return -errno;
		}
		if (got == 0) {
			break;
		}
		n += got > 0 ? (size_t)got : 0;
	}
	*ret_n = n;
	return 0;
}

int option_read_secret(const char *path, char **ret, struct gpubroker_error *reterr)
{
	_cleanup_(secret_buffer_freep) struct secret_buffer *buffer = calloc(1, sizeof(*buffer));
	_cleanup_(close_fd) int fd = -1;
	size_t n = 0, line;
	int r;

	if (!buffer) {
		return no_memory(reterr);
	}
	r = open_secret(path, &fd, reterr);
	if (r < 0) {
		return r;
	}
	r = read_all(fd, buffer->bytes, SECRET_MAX_BYTES, &n);
	if (r < 0) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "cannot read \"%s\": %s", path, strerror(-r));
	}
	line = 0;
	while (line < n && buffer->bytes[line] != '\n') {
		line++;
	}
	if (line > 0 && buffer->bytes[line - 1] == '\r') {
		line--;
	}
	if (line == 0) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "the first line of \"%s\" is empty", path);
	}
	if (memchr(buffer->bytes, '\0', line)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "\"%s\" is not a text file", path);
	}
	*ret = strndup(buffer->bytes, line);
	return *ret ? 0 : no_memory(reterr);
}

/* A list's default: items separated by ", "; "" is the empty list. */
static bool add_items(struct value *list, const char *def)
{
	const char *end;

	for (const char *p = def; p && *p; p = *end ? end + 2 : end) {
		_cleanup_(freep) char *item = NULL;

		end = strstr(p, ", ");
		end = end ? end : p + strlen(p);
		item = strndup(p, (size_t)(end - p));
		if (!item || !value_add_string(list, NULL, item)) {
			return false;
		}
	}
	return true;
}

static bool parse_real(const char *def, double *ret)
{
	char *end;

	errno = 0;
	*ret = strtod(def, &end);
	return errno == 0 && end != def && *end == '\0';
}

/* false: def is not of the type. Lists and strings are filled by the caller. */
static bool parse_scalar(enum gpubroker_option_type type, const char *def, struct value *v)
{
	switch (type) {
	case GPUBROKER_INTEGER:
		return str_to_int64(def, &v->integer);
	case GPUBROKER_REAL:
		return parse_real(def, &v->real);
	case GPUBROKER_BOOLEAN:
		v->boolean = strcmp(def, "true") == 0;
		return v->boolean || strcmp(def, "false") == 0;
	default:
		return true;
	}
}

int option_default(
	const struct gpubroker_option *row, struct value **ret, struct gpubroker_error *reterr)
{
	static const enum value_type types[] = {
		[GPUBROKER_STRING] = VALUE_STRING,
		[GPUBROKER_SECRET] = VALUE_STRING,
		[GPUBROKER_INTEGER] = VALUE_INTEGER,
		[GPUBROKER_REAL] = VALUE_REAL,
		[GPUBROKER_BOOLEAN] = VALUE_BOOLEAN,
		[GPUBROKER_STRING_LIST] = VALUE_LIST,
		[GPUBROKER_GROUP_LIST] = VALUE_LIST,
	};
	bool list = types[row->type] == VALUE_LIST;
	_cleanup_(value_freep) struct value *v = NULL;

	*ret = NULL;
	if (!row->def && !list) {
		return 0;
	}
	v = value_new(types[row->type], row->key);
	if (!v) {
		return no_memory(reterr);
	}
	if (list ? !add_items(v, row->def)
		 : v->type == VALUE_STRING && !(v->string = strdup(row->def))) {
		return no_memory(reterr);
	}
	if ((row->type == GPUBROKER_GROUP_LIST && row->def && row->def[0]) ||
		(!list && !parse_scalar(row->type, row->def, v))) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the default of \"%s\" is not a value of its type", row->key);
	}
	*ret = TAKE_PTR(v);
	return 0;
}

static int fill_strings(
	const struct value *list, struct gpubroker_strings *to, struct gpubroker_error *reterr)
{
	if (list->n_items == 0) {
		return 0;
	}
	to->items = calloc(list->n_items, sizeof(*to->items));
	for (size_t i = 0; to->items && i < list->n_items; i++) {
		to->items[i] = strdup(list->items[i]->string);
		if (!to->items[i]) {
			break;
		}
		to->n++;
	}
	return to->n == list->n_items ? 0 : no_memory(reterr);
}

static int fill_groups(const struct gpubroker_option *row, const struct value *list,
	struct gpubroker_groups *to, option_secret_fn *secret, struct gpubroker_error *reterr)
{
	if (list->n_items == 0) {
		return 0;
	}
	to->items = calloc(list->n_items, row->member_size);
	if (!to->items) {
		return no_memory(reterr);
	}
	to->n = list->n_items;
	for (size_t i = 0; i < to->n; i++) {
		int r = option_fill(row->members, list->items[i],
			(char *)to->items + i * row->member_size, secret, reterr);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int fill_secret(const char *key, const char *path, char **to, option_secret_fn *secret,
	struct gpubroker_error *reterr)
{
	struct gpubroker_error why = {0};
	int r;

	if (path[0] == '\0') {
		return 0;
	}
	r = (secret ? secret : option_read_secret)(path, to, &why);
	return r < 0 ? gpubroker_fail(reterr, (enum gpubroker_code)r, "%s: %.400s", key, why.text)
		     : 0;
}

static int fill_value(const struct gpubroker_option *row, const struct value *v, void *member,
	option_secret_fn *secret, struct gpubroker_error *reterr)
{
	switch (row->type) {
	case GPUBROKER_STRING:
		*(char **)member = strdup(v->string);
		return *(char **)member ? 0 : no_memory(reterr);
	case GPUBROKER_SECRET:
		return fill_secret(row->key, v->string, member, secret, reterr);
	case GPUBROKER_INTEGER:
		*(int64_t *)member = v->integer;
		return 0;
	case GPUBROKER_REAL:
		*(double *)member = v->type == VALUE_INTEGER ? (double)v->integer : v->real;
		return 0;
	case GPUBROKER_BOOLEAN:
		*(bool *)member = v->boolean;
		return 0;
	case GPUBROKER_STRING_LIST:
		return fill_strings(v, member, reterr);
	case GPUBROKER_GROUP_LIST:
		return fill_groups(row, v, member, secret, reterr);
	}
	return 0;
}

static int fill_row(const struct gpubroker_option *row, const struct value *group, void *self,
	option_secret_fn *secret, struct gpubroker_error *reterr)
{
	const struct value *given = value_get(group, row->key);
	_cleanup_(value_freep) struct value *def = NULL;
	int r = given ? 0 : option_default(row, &def, reterr);

	if (r < 0 || (!given && !def)) {
		return r;
	}
	return fill_value(row, given ? given : def, (char *)self + row->offset, secret, reterr);
}

int option_fill(const struct gpubroker_option *rows, const struct value *group, void *self,
	option_secret_fn *secret, struct gpubroker_error *reterr)
{
	for (const struct gpubroker_option *row = rows; row->key; row++) {
		int r = fill_row(row, group, self, secret, reterr);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static void free_strings(struct gpubroker_strings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->items[i]);
	}
	free(s->items);
	*s = (struct gpubroker_strings){0};
}

static void free_groups(const struct gpubroker_option *row, struct gpubroker_groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		option_free(row->members, (char *)g->items + i * row->member_size);
	}
	free(g->items);
	*g = (struct gpubroker_groups){0};
}

static void free_string(char **s, bool secret)
{
	if (*s && secret) {
		wipe(*s, strlen(*s));
	}
	free(*s);
	*s = NULL;
}

void option_free(const struct gpubroker_option *rows, void *self)
{
	for (const struct gpubroker_option *row = rows; self && row->key; row++) {
		void *member = (char *)self + row->offset;

		switch (row->type) {
		case GPUBROKER_STRING:
		case GPUBROKER_SECRET:
			free_string(member, row->type == GPUBROKER_SECRET);
			break;
		case GPUBROKER_INTEGER:
			*(int64_t *)member = 0;
			break;
		case GPUBROKER_REAL:
			*(double *)member = 0;
			break;
		case GPUBROKER_BOOLEAN:
			*(bool *)member = false;
			break;
		case GPUBROKER_STRING_LIST:
			free_strings(member);
			break;
		case GPUBROKER_GROUP_LIST:
			free_groups(row, member);
			break;
		}
	}
}

static bool strings_equal(const struct gpubroker_strings *a, const struct gpubroker_strings *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++) {
		equal = strcmp(a->items[i], b->items[i]) == 0;
	}
	return equal;
}

static bool groups_equal(const struct gpubroker_option *row, const struct gpubroker_groups *a,
	const struct gpubroker_groups *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++) {
		equal = option_equal(row->members, (const char *)a->items + i * row->member_size,
			(const char *)b->items + i * row->member_size);
	}
	return equal;
}

static bool members_equal(const struct gpubroker_option *row, const void *a, const void *b)
{
	switch (row->type) {
	case GPUBROKER_STRING:
	case GPUBROKER_SECRET:
		return str_equal(*(char *const *)a, *(char *const *)b);
	case GPUBROKER_INTEGER:
		return *(const int64_t *)a == *(const int64_t *)b;
	case GPUBROKER_REAL:
		return !(*(const double *)a < *(const double *)b ||
			 *(const double *)a > *(const double *)b);
	case GPUBROKER_BOOLEAN:
		return *(const bool *)a == *(const bool *)b;
	case GPUBROKER_STRING_LIST:
		return strings_equal(a, b);
	case GPUBROKER_GROUP_LIST:
		return groups_equal(row, a, b);
	}
	return false;
}

bool option_equal(const struct gpubroker_option *rows, const void *a, const void *b)
{
	for (const struct gpubroker_option *row = rows; row->key; row++) {
		if (!members_equal(
			    row, (const char *)a + row->offset, (const char *)b + row->offset)) {
			return false;
		}
	}
	return true;
}
