/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are replaced as a whole, in a folder of the test's own. */
#include "base/mem.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char top[64], path[100];
	struct store *store;
	struct gpubroker_error error;
	char found[400]; /* "region=text;" of each found */
};

static struct fixture fixture;

static int make_folder(void **state)
{
	struct fixture *f = &fixture;

	*f = (struct fixture){.top = "/tmp/test-state-dir-XXXXXX"};
	*state = f;
	if (!mkdtemp(f->top)) {
		return -1;
	}
	snprintf(f->path, sizeof(f->path), "%s/state", f->top);
	return store_state_dir_new(&f->store, f->path, &f->error);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static int remove_folder(void **state)
{
	struct fixture *f = *state;

	store_free(f->store);
	return nftw(f->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void note_found(void *context, const char *region, const char *data, size_t n)
{
	struct fixture *f = context;
	size_t used = strlen(f->found);

	snprintf(f->found + used, sizeof(f->found) - used, "%s=%.*s;", region, (int)n, data);
}

static int read_regions(struct fixture *f, const char *a, const char *b)
{
	const char *const regions[] = {a, b};

	f->found[0] = '\0';
	return f->store->vtable->read(f->store, regions, b ? 2 : 1, note_found, f, &f->error);
}

static int write_text(struct fixture *f, const char *region, const char *text)
{
	return f->store->vtable->write_region(f->store, region, text, strlen(text), &f->error);
}

static const char *in_folder(const struct fixture *f, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	return path;
}

static void put_file(const struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(in_folder(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static unsigned count_files(const struct fixture *f)
{
	DIR *dir = opendir(f->path);
	unsigned n = 0;

	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	}
	closedir(dir);
	return n;
}

static void what_was_written_is_read_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "bielefeld", "{\"a\": 1}"), 0);
	assert_int_equal(write_text(f, "giessen", "old"), 0);
	assert_int_equal(write_text(f, "giessen", "new"), 0);
	assert_int_equal(read_regions(f, "giessen", "bielefeld"), 0);
	assert_string_equal(f->found, "giessen=new;bielefeld={\"a\": 1};");
	assert_int_equal(f->store->stats.count[STORE_SET][STORE_OK], 3);
	assert_int_equal(f->store->stats.count[STORE_GET][STORE_OK], 2);
	assert_int_equal(count_files(f), 2);
	assert_null(f->store->vtable->write_view);
}

static void only_the_owner_can_read(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	mode_t before = umask(0);

	assert_int_equal(write_text(f, "bielefeld", "{}"), 0);
	umask(before);
	assert_int_equal(stat(in_folder(f, "bielefeld.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
}

static void missing_file_is_no_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_regions(f, "bielefeld", NULL), 0);
	assert_string_equal(f->found, "");
	assert_int_equal(f->store->stats.count[STORE_GET][STORE_MISS], 1);
}

static void delete_removes_one_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "bielefeld", "{}"), 0);
	assert_int_equal(write_text(f, "giessen", "{}"), 0);
	assert_int_equal(f->store->vtable->delete_region(f->store, "bielefeld", &f->error), 0);
	assert_int_equal(f->store->vtable->delete_region(f->store, "bielefeld", &f->error), 0);
	assert_int_equal(access(in_folder(f, "bielefeld.json"), F_OK), -1);
	assert_int_equal(access(in_folder(f, "giessen.json"), F_OK), 0);
	assert_int_equal(f->store->stats.count[STORE_DELETE][STORE_OK], 1);
	assert_int_equal(f->store->stats.count[STORE_DELETE][STORE_MISS], 1);
}

static void files_of_others_stay(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "bielefeld", "{}"), 0);
	put_file(f, "notes.txt", "mine");
	put_file(f, "other.json", "not a region of ours");
	assert_int_equal(write_text(f, "bielefeld", "{ }"), 0);
	assert_int_equal(f->store->vtable->delete_region(f->store, "bielefeld", &f->error), 0);
	assert_int_equal(count_files(f), 2);
}

/* As after a crash between write and rename. */
static void left_over_temporary_file_is_in_nobodys_way(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "bielefeld", "old"), 0);
	put_file(f, ".bielefeld.json.new", "half a te");
	assert_int_equal(read_regions(f, "bielefeld", NULL), 0);
	assert_string_equal(f->found, "bielefeld=old;");
	assert_int_equal(write_text(f, "bielefeld", "new"), 0);
	assert_int_equal(read_regions(f, "bielefeld", NULL), 0);
	assert_string_equal(f->found, "bielefeld=new;");
	assert_int_equal(count_files(f), 1);
}

static void links_are_neither_followed_nor_written_through(void **state)
{
	struct fixture *f = *state;
	char target[120];
	struct stat st;

	assert_int_equal(write_text(f, "giessen", "{}"), 0);
	snprintf(target, sizeof(target), "%s/target", f->top);
	assert_int_equal(symlink(target, in_folder(f, "bielefeld.json")), 0);
	assert_int_equal(symlink(target, in_folder(f, ".bielefeld.json.new")), 0);
	assert_true(read_regions(f, "bielefeld", "giessen") < 0);
	assert_string_equal(f->found, "giessen={};"); /* the others are read all the same */
	assert_int_equal(write_text(f, "bielefeld", "{}"), 0);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(lstat(in_folder(f, "bielefeld.json"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void what_is_not_a_file_is_an_error_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "giessen", "{}"), 0);
	assert_int_equal(mkfifo(in_folder(f, "bielefeld.json"), 0600), 0);
	assert_true(read_regions(f, "bielefeld", NULL) < 0);
	assert_non_null(strstr(f->error.text, in_folder(f, "bielefeld.json")));
}

static void empty_and_oversized_files_are_bad_values(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_text(f, "giessen", "{}"), 0);
	put_file(f, "bielefeld.json", "");
	assert_int_equal(truncate(in_folder(f, "giessen.json"), (off_t)SNAPSHOT_MAX_BYTES + 1), 0);
	assert_int_equal(read_regions(f, "bielefeld", "giessen"), 0);
	assert_string_equal(f->found, "");
	assert_int_equal(f->store->stats.count[STORE_GET][STORE_BAD_VALUE], 2);
}

/* The kernel refuses to let files grow: what a full disk looks like from here. */
static void full_disk_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;
	size_t n = 100 * 1000;
	_cleanup_(freep) char *large = calloc(1, n);
	int r;

	assert_int_equal(write_text(f, "bielefeld", "old"), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 5000, .rlim_max = before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = f->store->vtable->write_region(f->store, "bielefeld", large, n, &f->error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(r < 0);
	assert_non_null(strstr(f->error.text, in_folder(f, "bielefeld.json")));
	assert_int_equal(f->store->stats.count[STORE_SET][STORE_ERROR], 1);
	assert_int_equal(count_files(f), 1);
	assert_int_equal(read_regions(f, "bielefeld", NULL), 0);
	assert_string_equal(f->found, "bielefeld=old;");
}

static void folder_that_cannot_be_made_is_named(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w"); /* a file where the folder should be */

	assert_non_null(file);
	fclose(file);
	assert_true(read_regions(f, "bielefeld", NULL) < 0);
	assert_non_null(strstr(f->error.text, f->path));
	assert_true(write_text(f, "bielefeld", "{}") < 0);
	assert_non_null(strstr(f->error.text, f->path));
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(write_text(f, "bielefeld", "{}"), 0); /* it works as soon as it can */
}

static void read_only_folder_is_named(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0) {
		print_message("skipped: root may write everywhere\n");
		skip();
	}
	assert_int_equal(write_text(f, "bielefeld", "old"), 0);
	assert_int_equal(chmod(f->path, 0500), 0);
	assert_true(write_text(f, "bielefeld", "new") < 0);
	assert_non_null(strstr(f->error.text, f->path));
	assert_int_equal(chmod(f->path, 0700), 0);
	assert_int_equal(count_files(f), 1);
}

static void unsafe_names_never_become_paths(void **state)
{
	struct fixture *f = *state;

	assert_true(write_text(f, "../escape", "{}") < 0);
	assert_true(write_text(f, "", "{}") < 0);
	assert_true(read_regions(f, "..", NULL) < 0);
	assert_true(f->store->vtable->delete_region(f->store, "a/b", &f->error) < 0);
	assert_non_null(strstr(f->error.text, "a/b"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read_back),
		TEST(only_the_owner_can_read),
		TEST(missing_file_is_no_error),
		TEST(delete_removes_one_file),
		TEST(files_of_others_stay),
		TEST(left_over_temporary_file_is_in_nobodys_way),
		TEST(links_are_neither_followed_nor_written_through),
		TEST(what_is_not_a_file_is_an_error_at_once),
		TEST(empty_and_oversized_files_are_bad_values),
		TEST(full_disk_leaves_the_old_file),
		TEST(folder_that_cannot_be_made_is_named),
		TEST(read_only_folder_is_named),
		TEST(unsafe_names_never_become_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
