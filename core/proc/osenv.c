/* SPDX-License-Identifier: Apache-2.0 */
/* The OS_* variables: see osenv.h. */
#include "proc/osenv.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 256 * 1024 };

static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, data, n);

		if (written < 0) {
			return -errno;
		}
		data += written;
		n -= (size_t)written;
	}
	return 0;
}

int osenv_seal(char **env, int *ret_fd)
{
	int fd = memfd_create("os-environment", MFD_CLOEXEC | MFD_ALLOW_SEALING), r = 0;
	char **kept = env;

	if (fd < 0) {
		return -errno;
	}
	for (char **e = env; *e; e++) {
		if (strncmp(*e, "OS_", 3) != 0) {
			*kept++ = *e;
			continue;
		}
		if (r == 0) {
			r = write_all(fd, *e, strlen(*e) + 1);
		}
		wipe(*e, strlen(*e)); /* also what /proc/self/environ shows */
	}
	*kept = NULL;
	if (r == 0 && fcntl(fd, F_ADD_SEALS,
			      F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		r = -errno;
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int osenv_read(struct osenv *ret, int fd)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || st.st_size > MOST_BYTES) {
		return -EINVAL;
	}
	ret->bytes = calloc(1, (size_t)st.st_size + 1);
	if (!ret->bytes) {
		return -ENOMEM;
	}
	n = pread(fd, ret->bytes, (size_t)st.st_size, 0);
	if (n != st.st_size) {
		osenv_finish(ret);
		return -EIO;
	}
	ret->n = (size_t)n;
	return 0;
}

const char *osenv_get(const struct osenv *e, const char *name)
{
	size_t length = strlen(name);

	for (size_t at = 0; at < e->n; at += strlen(e->bytes + at) + 1) {
		const char *entry = e->bytes + at;

		if (strncmp(entry, name, length) == 0 && entry[length] == '=') {
			return entry[length + 1] != '\0' ? entry + length + 1 : NULL;
		}
	}
	return NULL;
}

void osenv_finish(struct osenv *e)
{
	wipe(e->bytes, e->n);
	free(e->bytes);
	*e = (struct osenv){0};
}
