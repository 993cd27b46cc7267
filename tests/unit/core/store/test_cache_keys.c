/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a real memcached after the broker wrote, byte for byte, and what is read back. */
#include "memcached_server.h"

#include "base/mem.h"
#include "base/str.h"
#include "model/inventory.h"
#include "store/compress.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { EXPIRE_S = 300, JSON = 2, PACKED = 2 + 8, TEXT = 1, LARGE = 3 * 1024 * 1024 };
#define OBSERVED_MS INT64_C(1795356245678) /* 2026-11-22 14:04:05 UTC */
#define REGION_KEY  "gpubroker:v1:region:bielefeld"

struct fixture {
	struct memcached_server server[2];
	struct store *store;
	struct gpubroker_error error;
	struct strbuf found; /* "region=" and the document */
};

static struct fixture fixture;

static int open_store(struct fixture *f, size_t n, bool legacy_keys)
{
	const char *servers[] = {f->server[0].where, f->server[1].where};
	struct memcached_settings settings = {.servers = servers,
		.n_servers = n,
		.prefix = "gpubroker",
		.expire_s = EXPIRE_S,
		.legacy_keys = legacy_keys,
		.left_alone_ms = 20};

	return store_memcached_new(&f->store, &settings, &f->error);
}

static int start(void **state)
{
	fixture = (struct fixture){0};
	*state = &fixture;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	memcached_server_start(&fixture.server[0], "127.0.0.1", NULL);
	return open_store(&fixture, 1, true);
}

static int stop(void **state)
{
	struct fixture *f = *state;

	store_free(f->store);
	strbuf_finish(&f->found);
	memcached_server_kill(&f->server[0]);
	memcached_server_kill(&f->server[1]);
	return 0;
}

static void note_found(void *context, const char *region, const char *data, size_t n)
{
	struct fixture *f = context;

	strbuf_adds(&f->found, region);
	strbuf_addc(&f->found, '=');
	strbuf_add(&f->found, data, n);
}

static int read_region(struct fixture *f, const char *region)
{
	strbuf_clear(&f->found);
	return f->store->vtable->read(f->store, &region, 1, note_found, f, &f->error);
}

static int write_region(struct fixture *f, const char *region, const char *json, size_t n)
{
	return f->store->vtable->write_region(f->store, region, json, n, &f->error);
}

static uint64_t count(const struct fixture *f, enum store_op op, enum store_result result)
{
	return f->store->stats.count[op][result];
}

static void assert_cached(
	struct fixture *f, int server, const char *key, unsigned flags, const char *data, size_t n)
{
	struct cache_item item;

	assert_true(cache_look(&f->server[server], key, &item));
	assert_int_equal(item.flags, flags);
	assert_in_range(item.expires_in_s, EXPIRE_S - 5, EXPIRE_S);
	assert_int_equal(item.n, n);
	assert_memory_equal(item.data, data, n);
	free(item.data);
}

static bool is_cached(struct fixture *f, const char *key)
{
	struct cache_item item;
	bool found = cache_look(&f->server[0], key, &item);

	free(item.data);
	return found;
}

/* A document of n bytes that zlib makes small, or that it cannot. */
static char *make_document(size_t n, bool compressible)
{
	char *text = malloc(n);
	uint32_t x = 1;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = compressible ? 'x' : (char)(x >> 24);
	}
	return text;
}

static void region_is_json_with_expiry(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_region(f, "bielefeld", "{\"a\":1}", 7), 0);
	assert_cached(f, 0, REGION_KEY, JSON, "{\"a\":1}", 7);
	assert_int_equal(count(f, STORE_SET, STORE_OK), 1);
	assert_int_equal(read_region(f, "bielefeld"), 0);
	assert_string_equal(f->found.data, "bielefeld={\"a\":1}");
	assert_int_equal(count(f, STORE_GET, STORE_OK), 1);
	assert_int_equal(f->store->vtable->delete_region(f->store, "bielefeld", &f->error), 0);
	assert_false(is_cached(f, REGION_KEY));
	assert_int_equal(count(f, STORE_DELETE, STORE_OK), 1);
	assert_int_equal(read_region(f, "bielefeld"), 0);
	assert_int_equal(f->found.len, 0);
	assert_int_equal(count(f, STORE_GET, STORE_MISS), 1);
}

static void only_more_than_512_kib_is_compressed(void **state)
{
	struct fixture *f = *state;
	size_t n = 512 * 1024 + 1, unpacked_n;
	_cleanup_(freep) char *document = make_document(n, true), *unpacked = NULL;
	struct cache_item item;

	assert_int_equal(write_region(f, "bielefeld", document, n - 1), 0);
	assert_cached(f, 0, REGION_KEY, JSON, document, n - 1);
	assert_int_equal(write_region(f, "bielefeld", document, n), 0);
	assert_true(cache_look(&f->server[0], REGION_KEY, &item));
	assert_int_equal(item.flags, PACKED);
	assert_true(item.n < 10000);
	assert_int_equal(compress_unpack(&unpacked, &unpacked_n, item.data, item.n, n, NULL), 0);
	assert_int_equal(unpacked_n, n);
	assert_memory_equal(unpacked, document, n);
	free(item.data);
	assert_int_equal(read_region(f, "bielefeld"), 0);
	assert_int_equal(f->found.len, strlen("bielefeld=") + n);
	assert_memory_equal(f->found.data + strlen("bielefeld="), document, n);
}

static void too_big_deletes_the_older_value(void **state)
{
	struct fixture *f = *state;
	_cleanup_(freep) char *document = make_document(LARGE, false);

	assert_int_equal(write_region(f, "bielefeld", "{}", 2), 0);
	assert_int_equal(write_region(f, "bielefeld", document, LARGE), GPUBROKER_E_LIMIT);
	assert_non_null(strstr(f->error.text, REGION_KEY));
	assert_int_equal(count(f, STORE_SET, STORE_TOO_BIG), 1);
	assert_false(is_cached(f, REGION_KEY));
	assert_int_equal(write_region(f, "bielefeld", "{}", 2), 0); /* and the store goes on */
}

static void values_of_other_kinds_are_not_handed_out(void **state)
{
	static const struct {
		unsigned flags;
		const char *data;
	} cases[] = {
		{0,      "{}"},
                {1,      "{}"},
                {3,      "{}"},
                {16,     "{}"},
                {PACKED, "{}"},
                {JSON,   ""  }
        };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cache_put(&f->server[0], REGION_KEY, cases[i].flags, cases[i].data,
			strlen(cases[i].data));
		assert_int_equal(read_region(f, "bielefeld"), 0);
		assert_int_equal(f->found.len, 0);
		assert_int_equal(count(f, STORE_GET, STORE_BAD_VALUE), i + 1);
	}
	assert_int_equal(count(f, STORE_GET, STORE_OK), 0);
}

static void a_bomb_is_a_bad_value(void **state)
{
	struct fixture *f = *state;
	size_t n = (size_t)SNAPSHOT_MAX_BYTES + 1, packed_n;
	_cleanup_(freep) char *document = make_document(n, true), *packed = NULL;

	assert_int_equal(compress_pack(&packed, &packed_n, document, n, NULL), 0);
	cache_put(&f->server[0], REGION_KEY, PACKED, packed, packed_n);
	assert_int_equal(read_region(f, "bielefeld"), 0);
	assert_int_equal(f->found.len, 0);
	assert_int_equal(count(f, STORE_GET, STORE_BAD_VALUE), 1);
}

static void unsafe_names_never_become_keys(void **state)
{
	struct fixture *f = *state;

	assert_true(write_region(f, "a b", "{}", 2) < 0);
	assert_true(write_region(f, "a\r\nflush_all", "{}", 2) < 0);
	assert_true(read_region(f, "") < 0);
	assert_true(f->store->vtable->delete_region(f->store, "../x", &f->error) < 0);
}

struct named {
	const char *id, *name;
	int64_t available, total;
};

static struct view *make_view(const struct named flavors[], size_t n)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct snapshot_origin origin = {.region = "bielefeld",
		.broker = "test",
		.observed_at_ms = OBSERVED_MS,
		.model = MODEL_COUNTED};
	struct region_status status = {.name = (char *)"bielefeld",
		.title = (char *)"Bielefeld",
		.site = (char *)"bielefeld",
		.plugin = (char *)"replay",
		.enabled = true,
		.interval_ms = 30000,
		.stale_after_ms = 120000,
		.attempted = true};
	struct view_input input = {.status = &status};
	struct view *view = NULL;

	for (size_t i = 0; i < n; i++) {
		struct gpubroker_need need = {.type = "V100", .count = 1};
		struct gpubroker_flavor flavor = {.id = flavors[i].id,
			.name = flavors[i].name,
			.vcpus = 1,
			.gpus = &need,
			.n_gpus = 1};

		assert_int_equal(inventory_add_counted_flavor(&inventory, &flavor, flavors[i].total,
					 flavors[i].available, NULL),
			0);
	}
	if (n > 0) {
		assert_int_equal(snapshot_count(&snapshot, &inventory, &origin, NULL), 0);
		input.snapshot = snapshot;
	}
	assert_int_equal(view_merge(&view, &input, 1, "", OBSERVED_MS + 1000, NULL), 0);
	return view;
}

static int write_view(struct fixture *f, const struct named flavors[], size_t n)
{
	_cleanup_(view_unrefp) struct view *view = make_view(flavors, n);

	return f->store->vtable->write_view(f->store, view, &f->error);
}

static const struct named two[] = {
	{"a54ed137-04fe-463f-a2b0-666079d1b2ba", "de.NBI GPU V100 medium", 3, 4},
	{"0c5f0bd2",
         "gr\xc3\xb6\xc3\x9f"
		"er",						      0, 0},
};

/* As Python's json.dumps writes it, and the predecessor's client reads it. */
static const char two_as_json[] =
	"[{\"flavor_openstack_id\": \"a54ed137-04fe-463f-a2b0-666079d1b2ba\", "
	"\"flavor_name\": \"de.NBI GPU V100 medium\", \"available\": 3, \"total\": 4}, "
	"{\"flavor_openstack_id\": \"0c5f0bd2\", \"flavor_name\": \"gr\\u00f6\\u00dfer\", "
	"\"available\": 0, \"total\": 0}]";

static void legacy_keys_are_the_predecessors(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_view(f, two, ARRAY_SIZE(two)), 0);
	assert_cached(f, 0, "FlavorGPU", JSON, two_as_json, strlen(two_as_json));
	assert_cached(f, 0, "FlavorGPU.timestamp", TEXT, "2026-11-22 15:04:05", 19);
	assert_true(is_cached(f, "gpubroker:v1:view"));
	assert_int_equal(count(f, STORE_SET, STORE_OK), 3);
}

/* What the predecessor does with the two keys: flags choose the reader, json and strptime read. */
static const char python_client[] =
	"import datetime, json, socket, sys\n"
	"def get(key):\n"
	"    s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
	"    s.sendall(b'get %s\\r\\n' % key)\n"
	"    f = s.makefile('rb')\n"
	"    word, name, flags, n = f.readline().split()\n"
	"    assert word == b'VALUE' and name == key\n"
	"    data = f.read(int(n))\n"
	"    assert f.read(2) == b'\\r\\n' and f.readline() == b'END\\r\\n'\n"
	"    text = data.decode()\n"
	"    return {b'1': str, b'2': json.loads}[flags](text), text\n"
	"flavors, text = get(b'FlavorGPU')\n"
	"assert json.dumps(flavors) == text and text.isascii()\n"
	"assert [list(x) for x in flavors] == 2 * [['flavor_openstack_id', 'flavor_name', 'available', 'total']]\n"
	"assert flavors[1]['flavor_name'] == 'gr\\u00f6\\u00dfer'\n"
	"stamp, _ = get(b'FlavorGPU.timestamp')\n"
	"when = datetime.datetime.strptime(stamp, '%Y-%m-%d %H:%M:%S')\n"
	"assert str(when) == stamp\n"
	"view, _ = get(b'gpubroker:v1:view')\n"
	"assert [r['name'] for r in view['regions']] == ['bielefeld'] and len(view['flavors']) == 2\n";

static void pythons_json_reads_them(void **state)
{
	struct fixture *f = *state;
	char port[16];
	int status;
	pid_t pid;

	assert_int_equal(write_view(f, two, ARRAY_SIZE(two)), 0);
	snprintf(port, sizeof(port), "%d", f->server[0].port);
	pid = fork();
	if (pid == 0) {
		execlp("python3", "python3", "-I", "-c", python_client, port, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void legacy_keys_can_be_switched_off(void **state)
{
	struct fixture *f = *state;

	store_free(f->store);
	assert_int_equal(open_store(f, 1, false), 0);
	assert_int_equal(write_view(f, two, ARRAY_SIZE(two)), 0);
	assert_true(is_cached(f, "gpubroker:v1:view"));
	assert_false(is_cached(f, "FlavorGPU"));
	assert_false(is_cached(f, "FlavorGPU.timestamp"));
}

/* An older run's values are better than "no flavors". */
static void nothing_is_written_while_nothing_is_known(void **state)
{
	struct fixture *f = *state;

	cache_put(&f->server[0], "FlavorGPU", JSON, "[1]", 3);
	assert_int_equal(write_view(f, NULL, 0), 0);
	assert_true(is_cached(f, "FlavorGPU"));
	assert_false(is_cached(f, "FlavorGPU.timestamp"));
	assert_false(is_cached(f, "gpubroker:v1:view"));
}

/* 7,000 flavors: the list is over 1 MiB, compresses well and must not be compressed; the view is. */
static void legacy_list_is_never_compressed(void **state)
{
	enum { MANY = 7000 };
	struct fixture *f = *state;
	_cleanup_(freep) struct named *many = calloc(MANY, sizeof(*many));
	_cleanup_(freep) char *ids = calloc(MANY, 40);
	struct cache_item item;

	assert_non_null(many);
	assert_non_null(ids);
	for (int i = 0; i < MANY; i++) {
		snprintf(ids + 40 * i, 40, "a54ed137-04fe-463f-a2b0-%012d", i);
		many[i] = (struct named){.id = ids + 40 * i,
			.name = "a name that is long enough to reach the limit",
			.total = 1};
	}
	assert_int_equal(write_view(f, two, ARRAY_SIZE(two)), 0);
	assert_int_equal(write_view(f, many, MANY), GPUBROKER_E_LIMIT);
	assert_non_null(strstr(f->error.text, "FlavorGPU"));
	assert_false(is_cached(f, "FlavorGPU"));
	assert_false(is_cached(f, "FlavorGPU.timestamp"));
	assert_int_equal(count(f, STORE_SET, STORE_TOO_BIG), 1);
	assert_true(cache_look(&f->server[0], "gpubroker:v1:view", &item));
	assert_int_equal(item.flags, PACKED);
	free(item.data);
}

/* The predecessor's client is told one address, whichever. */
static void each_server_has_the_legacy_keys(void **state)
{
	struct fixture *f = *state;

	memcached_server_start(&f->server[1], "127.0.0.1", NULL);
	store_free(f->store);
	assert_int_equal(open_store(f, 2, true), 0);
	assert_int_equal(write_view(f, two, ARRAY_SIZE(two)), 0);
	for (int i = 0; i < 2; i++) {
		assert_cached(f, i, "FlavorGPU", JSON, two_as_json, strlen(two_as_json));
		assert_cached(f, i, "FlavorGPU.timestamp", TEXT, "2026-11-22 15:04:05", 19);
	}
	memcached_server_kill(&f->server[0]);
	assert_true(write_view(f, two, ARRAY_SIZE(two)) < 0); /* said, and the other is written */
	assert_non_null(strstr(f->error.text, f->server[0].where));
	assert_cached(f, 1, "FlavorGPU", JSON, two_as_json, strlen(two_as_json));
}

static void wrong_settings_are_refused(void **state)
{
	static const char *const prefixes[] = {"", "with space", "with\nline", "\xc3\xa4"};
	static const char *const bad[] = {"nonsense:port"};
	static const char *const good[] = {"127.0.0.1:1"};
	struct memcached_settings settings = {.servers = good, .n_servers = 1};
	struct store *store = NULL;
	char longest[102];

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		settings.prefix = prefixes[i];
		assert_int_equal(store_memcached_new(&store, &settings, NULL), GPUBROKER_E_CONFIG);
	}
	memset(longest, 'p', sizeof(longest));
	longest[101] = '\0';
	settings.prefix = longest;
	assert_int_equal(store_memcached_new(&store, &settings, NULL), GPUBROKER_E_CONFIG);
	settings.prefix = "p";
	settings.servers = bad;
	assert_int_equal(store_memcached_new(&store, &settings, NULL), GPUBROKER_E_CONFIG);
	settings.n_servers = 0;
	assert_int_equal(store_memcached_new(&store, &settings, NULL), GPUBROKER_E_CONFIG);
	assert_null(store);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(region_is_json_with_expiry),
		TEST(only_more_than_512_kib_is_compressed),
		TEST(too_big_deletes_the_older_value),
		TEST(values_of_other_kinds_are_not_handed_out),
		TEST(a_bomb_is_a_bad_value),
		TEST(unsafe_names_never_become_keys),
		TEST(legacy_keys_are_the_predecessors),
		TEST(pythons_json_reads_them),
		TEST(legacy_keys_can_be_switched_off),
		TEST(nothing_is_written_while_nothing_is_known),
		TEST(legacy_list_is_never_compressed),
		TEST(each_server_has_the_legacy_keys),
		cmocka_unit_test(wrong_settings_are_refused),
	};

	if (!memcached_is_installed() || !compress_is_built()) {
		printf("skipped: there is no memcached in PATH, or the build has no zlib\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
