/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to memcached: see cache_pool.h. The only file that includes libmemcached, and all that is
 * asked of it is one request on one connection, and which server a key belongs to. Each server has a
 * handle of its own, thrown away at the first failure: left to itself, the library remembers dead servers
 * by the wall clock, and moves keys when it ejects one. A connection first asks for the version, because
 * the library (Debian's build asserts) aborts when something else than a memcached answers a set. */
#include "store/cache_pool.h"

#include "base/mem.h"
#include "base/mono.h"
#include "store/server_address.h"

#include <libmemcached/memcached.h>
#include <string.h>

enum {
	LONGEST_RELATIVE_EXPIRY_S = 2592000, /* above 30 days memcached reads a date */
	ALLOCATION_MAX_BYTES = SNAPSHOT_MAX_BYTES + 64 * 1024,
};

struct server {
	char *label; /* as the configuration writes it */
	struct server_address address;
	memcached_st *handle; /* NULL: not connected */
	int64_t left_alone_until_ms;
	char complaint[200]; /* why it is left alone */
};

struct cache_pool {
	int64_t expire_s;
	uint64_t connect_timeout_ms, operation_timeout_ms, left_alone_ms;
	struct server *servers;
	size_t n_servers;
	memcached_st
		*ring; /* never connected: says which server a key belongs to; NULL: there is one */
};

/* The library believes the length that a server announces: nothing larger than a snapshot is allocated. */
static void *limited_malloc(const memcached_st *handle, const size_t size, void *context)
{
	return size <= ALLOCATION_MAX_BYTES ? malloc(size) : NULL;
}

static void *limited_realloc(const memcached_st *handle, void *p, const size_t size, void *context)
{
	return size <= ALLOCATION_MAX_BYTES ? realloc(p, size) : NULL;
}

static void *limited_calloc(const memcached_st *handle, size_t n, const size_t size, void *context)
{
	return size == 0 || n <= ALLOCATION_MAX_BYTES / size ? calloc(n, size) : NULL;
}

static void plain_free(const memcached_st *handle, void *p, void *context)
{
	free(p);
}

/* Closes without waiting for a server that may hang. */
static void drop_handle(struct server *server)
{
	if (server->handle) {
		memcached_behavior_set(server->handle, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, 0);
		memcached_free(server->handle);
		server->handle = NULL;
	}
}

static memcached_return_t add_server(memcached_st *handle, const struct server_address *address)
{
	return address->port > 0 ? memcached_server_add(handle, address->host, address->port)
				 : memcached_server_add_unix_socket(handle, address->host);
}

static memcached_st *make_handle(const struct cache_pool *pool, const struct server *server)
{
	const struct {
		memcached_behavior_t behavior;
		uint64_t value;
	} wanted[] = {
		{MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 0                         },
		{MEMCACHED_BEHAVIOR_NO_BLOCK,        1                         },
		{MEMCACHED_BEHAVIOR_TCP_NODELAY,     1                         },
		{MEMCACHED_BEHAVIOR_VERIFY_KEY,      1                         },
		{MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, pool->connect_timeout_ms  },
		{MEMCACHED_BEHAVIOR_POLL_TIMEOUT,    pool->operation_timeout_ms},
	};
	memcached_st *handle = memcached_create(NULL);
	bool right = handle != NULL;

	right = right && memcached_success(memcached_set_memory_allocators(handle, limited_malloc,
				 plain_free, limited_realloc, limited_calloc, NULL));
	for (size_t i = 0; right && i < ARRAY_SIZE(wanted); i++) {
		right = memcached_success(
			memcached_behavior_set(handle, wanted[i].behavior, wanted[i].value));
	}
	if (!right || memcached_failed(add_server(handle, &server->address))) {
		memcached_free(handle);
		return NULL;
	}
	return handle;
}

/* What went wrong where a call returns something vaguer. */
static memcached_return_t last_error(memcached_st *handle, memcached_return_t otherwise)
{
	memcached_return_t rc = memcached_last_error(handle);

	return memcached_success(rc) || rc == MEMCACHED_NOTFOUND ? otherwise : rc;
}

/* Connects. */
static memcached_return_t greet(memcached_st *handle)
{
	memcached_return_t rc = memcached_version(handle);

	if (memcached_failed(rc)) {
		return last_error(handle, rc);
	}
	return memcached_server_major_version(memcached_server_instance_by_position(handle, 0)) ==
			       UINT8_MAX
		       ? MEMCACHED_UNKNOWN_READ_FAILURE
		       : MEMCACHED_SUCCESS;
}

static memcached_return_t send_request(
	const struct cache_pool *pool, memcached_st *handle, struct cache_request *r)
{
	size_t key_n = strlen(r->key);
	time_t expiry = (time_t)pool->expire_s;
	memcached_return_t rc = MEMCACHED_SUCCESS;

	switch (r->op) {
	case STORE_GET:
		r->got = memcached_get(handle, r->key, key_n, &r->got_n, &r->flags, &rc);
		rc = rc == MEMCACHED_NOTFOUND ? last_error(handle, rc) : rc;
		break;
	case STORE_SET:
		if (expiry > LONGEST_RELATIVE_EXPIRY_S) {
			expiry += (time_t)(wall_ms() / 1000);
		}
		rc = memcached_set(handle, r->key, key_n, r->data, r->n, expiry, r->flags);
		break;
	default:
		rc = memcached_delete(handle, r->key, key_n, 0);
		break;
	}
	return rc;
}

static enum store_result judge(memcached_return_t rc)
{
	switch (rc) {
	case MEMCACHED_NOTFOUND:
		return STORE_MISS;
	case MEMCACHED_E2BIG:
		return STORE_TOO_BIG;
	case MEMCACHED_TIMEOUT:
	case MEMCACHED_IN_PROGRESS:
		return STORE_TIMEOUT;
	case MEMCACHED_MEMORY_ALLOCATION_FAILURE: /* see limited_realloc */
		return STORE_BAD_VALUE;
	default:
		return memcached_success(rc) ? STORE_OK : STORE_ERROR;
	}
}

/* The server is there and said no: the next request may fare better. */
static bool was_answered(memcached_return_t rc)
{
	return rc == MEMCACHED_SERVER_ERROR || rc == MEMCACHED_CLIENT_ERROR ||
	       rc == MEMCACHED_ERROR || rc == MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE ||
	       rc == MEMCACHED_NOTSTORED;
}

static const char *in_words(memcached_st *handle, memcached_return_t rc)
{
	switch (rc) {
	case MEMCACHED_ERRNO:
		return strerror(memcached_last_error_errno(handle));
	case MEMCACHED_CONNECTION_FAILURE:
		return "no connection";
	case MEMCACHED_TIMEOUT:
		return "no answer in time";
	case MEMCACHED_HOST_LOOKUP_FAILURE:
		return "its name does not resolve";
	case MEMCACHED_UNKNOWN_READ_FAILURE:
		return "it does not answer as a memcached does";
	default:
		return memcached_strerror(handle, rc);
	}
}

static memcached_return_t send_on_new(
	const struct cache_pool *pool, struct server *server, struct cache_request *r)
{
	memcached_return_t rc;

	server->handle = make_handle(pool, server);
	if (!server->handle) {
		return MEMCACHED_FAILURE;
	}
	rc = greet(server->handle);
	return memcached_success(rc) ? send_request(pool, server->handle, r) : rc;
}

/* Once more on a new connection if an old one broke: a server that was restarted. */
static memcached_return_t send_with_retry(
	const struct cache_pool *pool, struct server *server, struct cache_request *r)
{
	memcached_return_t rc;

	if (!server->handle) {
		return send_on_new(pool, server, r);
	}
	rc = send_request(pool, server->handle, r);
	if (judge(rc) == STORE_ERROR && !was_answered(rc)) {
		drop_handle(server);
		rc = send_on_new(pool, server, r);
	}
	return rc;
}

/* What the caller is told: STORE_MISS and STORE_BAD_VALUE are no errors. */
static int report(
	const struct server *server, const struct cache_request *r, struct gpubroker_error *reterr)
{
	if (r->result == STORE_OK || r->result == STORE_MISS || r->result == STORE_BAD_VALUE) {
		return 0;
	}
	if (r->result == STORE_TOO_BIG) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"memcached %s: the value of '%s' has %zu bytes, more than the server accepts",
			server->label, r->key, r->n);
	}
	return gpubroker_fail(reterr,
		r->result == STORE_TIMEOUT ? GPUBROKER_E_TIMEOUT : GPUBROKER_E_NETWORK,
		"memcached %s: %s '%s': %s", server->label, store_op_word(r->op), r->key,
		server->complaint);
}

static void carry_out(struct cache_pool *pool, struct server *server, struct cache_request *r)
{
	memcached_return_t rc = send_with_retry(pool, server, r);

	r->result = judge(rc);
	if (r->result == STORE_OK && r->op == STORE_GET && !r->got) {
		r->result = STORE_BAD_VALUE;
	}
	if (r->result == STORE_OK || r->result == STORE_MISS) {
		return;
	}
	snprintf(server->complaint, sizeof(server->complaint), "%s", in_words(server->handle, rc));
	if (r->result != STORE_TOO_BIG) {
		drop_handle(server);
	}
	if (r->result == STORE_TIMEOUT || (r->result == STORE_ERROR && !was_answered(rc))) {
		server->left_alone_until_ms = mono_ms() + (int64_t)pool->left_alone_ms;
	}
}

int cache_pool_request(struct cache_pool *pool, size_t server_index, struct cache_request *r,
	struct gpubroker_error *reterr)
{
	struct server *server = &pool->servers[server_index];

	if (mono_ms() < server->left_alone_until_ms) {
		r->result = STORE_ERROR;
	} else {
		carry_out(pool, server, r);
	}
	return report(server, r, reterr);
}

size_t cache_pool_servers(const struct cache_pool *pool)
{
	return pool->n_servers;
}

size_t cache_pool_server_of(const struct cache_pool *pool, const char *key)
{
	return pool->ring ? memcached_generate_hash(pool->ring, key, strlen(key)) % pool->n_servers
			  : 0;
}

void cache_pool_free(struct cache_pool *pool)
{
	if (!pool) {
		return;
	}
	for (size_t i = 0; i < pool->n_servers; i++) {
		drop_handle(&pool->servers[i]);
		server_address_finish(&pool->servers[i].address);
		free(pool->servers[i].label);
	}
	if (pool->ring) {
		memcached_free(pool->ring);
	}
	free(pool->servers);
	free(pool);
}

static int add_servers(struct cache_pool *pool, const struct memcached_settings *settings,
	struct gpubroker_error *reterr)
{
	pool->servers = calloc(settings->n_servers, sizeof(*pool->servers));
	if (!pool->servers) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for memcached");
	}
	for (size_t i = 0; i < settings->n_servers; i++) {
		int r = server_address_parse(
			&pool->servers[i].address, settings->servers[i], reterr);

		if (r < 0) {
			return r;
		}
		pool->n_servers++;
		pool->servers[i].label = strdup(settings->servers[i]);
		if (!pool->servers[i].label) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_INTERNAL, "no memory for memcached");
		}
	}
	return 0;
}

static int make_ring(struct cache_pool *pool, struct gpubroker_error *reterr)
{
	bool right;

	pool->ring = memcached_create(NULL);
	right = pool->ring &&
		memcached_success(memcached_behavior_set(pool->ring, MEMCACHED_BEHAVIOR_KETAMA, 1));
	for (size_t i = 0; right && i < pool->n_servers; i++) {
		right = memcached_success(add_server(pool->ring, &pool->servers[i].address));
	}
	return right ? 0 : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for memcached");
}

static uint64_t or_default(int64_t ms, int64_t otherwise_ms)
{
	return (uint64_t)(ms > 0 ? MIN(ms, (int64_t)INT32_MAX) : otherwise_ms);
}

int cache_pool_new(struct cache_pool **ret, const struct memcached_settings *settings,
	struct gpubroker_error *reterr)
{
	_cleanup_(cache_pool_freep) struct cache_pool *pool = calloc(1, sizeof(*pool));
	int r;

	if (!pool) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for memcached");
	}
	pool->expire_s = MAX(settings->expire_s, (int64_t)0);
	pool->connect_timeout_ms =
		or_default(settings->connect_timeout_ms, MEMCACHED_CONNECT_TIMEOUT_MS);
	pool->operation_timeout_ms =
		or_default(settings->operation_timeout_ms, MEMCACHED_OPERATION_TIMEOUT_MS);
	pool->left_alone_ms = or_default(settings->left_alone_ms, MEMCACHED_LEFT_ALONE_MS);
	r = add_servers(pool, settings, reterr);
	if (r == 0 && pool->n_servers > 1) {
		r = make_ring(pool, reterr);
	}
	if (r < 0) {
		return r;
	}
	*ret = TAKE_PTR(pool);
	return 0;
}
