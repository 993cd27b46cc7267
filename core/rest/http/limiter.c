/* SPDX-License-Identifier: Apache-2.0 */
/* What one address may do: see limiter.h. A hash table of clients, in shards so that threads seldom meet. A
 * client without connections whose bucket is full again is forgotten when its chain is next walked, so the
 * table is as large as the last second's clients. */
#include "rest/http/limiter.h"

#include "base/mem.h"

#include <pthread.h>
#include <string.h>

enum {
	N_SHARDS = 16,
	N_CHAINS = 1024, /* a shard */
	MAX_CLIENTS_A_SHARD =
		16384, /* beyond, nobody new is counted: better too lenient than no memory */
	FULL_AGAIN_MS = 1000,
};

struct client {
	struct client *next;
	struct address address;
	int64_t connections;
	int64_t tokens; /* thousandths of a request */
	int64_t counted_ms;
};

struct shard {
	pthread_mutex_t lock;
	size_t n;
	struct client *chains[N_CHAINS];
};

struct limiter {
	int64_t connections, requests_per_s;
	struct shard shards[N_SHARDS];
};

int limiter_new(struct limiter **ret, int64_t connections, int64_t requests_per_s,
	struct gpubroker_error *reterr)
{
	*ret = NULL;
	if (connections <= 0 && requests_per_s <= 0) {
		return 0;
	}
	*ret = calloc(1, sizeof(**ret));
	if (!*ret) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	(*ret)->connections = connections;
	(*ret)->requests_per_s = requests_per_s;
	for (size_t i = 0; i < N_SHARDS; i++) {
		pthread_mutex_init(&(*ret)->shards[i].lock, NULL);
	}
	return 0;
}

static void shard_finish(struct shard *shard)
{
	struct client *next;

	for (size_t i = 0; i < N_CHAINS; i++) {
		for (struct client *c = shard->chains[i]; c; c = next) {
			next = c->next;
			free(c);
		}
	}
	pthread_mutex_destroy(&shard->lock);
}

void limiter_free(struct limiter *limiter)
{
	if (!limiter) {
		return;
	}
	for (size_t i = 0; i < N_SHARDS; i++) {
		shard_finish(&limiter->shards[i]);
	}
	free(limiter);
}

static uint64_t hash(const struct address *a)
{
	uint64_t high, low;

	memcpy(&high, a->bytes, sizeof(high));
	memcpy(&low, a->bytes + sizeof(high), sizeof(low));
	high = (high ^ (low * UINT64_C(0x9e3779b97f4a7c15))) * UINT64_C(0xff51afd7ed558ccd);
	return high ^ high >> 32;
}

static struct shard *lock_shard(struct limiter *limiter, const struct address *a)
{
	struct shard *shard = &limiter->shards[hash(a) % N_SHARDS];

	pthread_mutex_lock(&shard->lock);
	return shard;
}

/* Finds the client and forgets those of its chain that have nothing to remember. */
static struct client *find(struct shard *shard, const struct address *a, int64_t now_ms)
{
	struct client **at = &shard->chains[hash(a) / N_SHARDS % N_CHAINS], *c, *found = NULL;

	while ((c = *at)) {
		if (memcmp(&c->address, a, sizeof(*a)) == 0) {
			found = c;
		} else if (c->connections == 0 && now_ms - c->counted_ms > FULL_AGAIN_MS) {
			*at = c->next;
			free(c);
			shard->n--;
			continue;
		}
		at = &c->next;
	}
	return found;
}

static struct client *find_or_add(
	struct limiter *limiter, struct shard *shard, const struct address *a, int64_t now_ms)
{
	struct client **chain = &shard->chains[hash(a) / N_SHARDS % N_CHAINS];
	struct client *c = find(shard, a, now_ms);

	if (c || shard->n >= MAX_CLIENTS_A_SHARD) {
		return c;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		return NULL;
	}
	c->address = *a;
	c->tokens = limiter->requests_per_s * 1000;
	c->counted_ms = now_ms;
	c->next = *chain;
	*chain = c;
	shard->n++;
	return c;
}

bool limiter_open(struct limiter *limiter, const struct address *a, int64_t now_ms)
{
	struct address client = address_of_client(a);
	struct shard *shard = lock_shard(limiter, &client);
	struct client *c = find_or_add(limiter, shard, &client, now_ms);
	bool fine = true;

	if (c) {
		c->connections++;
		fine = limiter->connections <= 0 || c->connections <= limiter->connections;
	}
	pthread_mutex_unlock(&shard->lock);
	return fine;
}

void limiter_close(struct limiter *limiter, const struct address *a)
{
	struct address client = address_of_client(a);
	struct shard *shard = lock_shard(limiter, &client);
	struct client *c = find(shard, &client, INT64_MIN / 2);

	if (c && c->connections > 0) {
		c->connections--;
	}
	pthread_mutex_unlock(&shard->lock);
}

static bool take_token(struct client *c, int64_t per_s, int64_t now_ms)
{
	int64_t passed_ms = MIN(MAX(now_ms - c->counted_ms, 0), (int64_t)FULL_AGAIN_MS);

	c->tokens = MIN(c->tokens + passed_ms * per_s, per_s * 1000);
	c->counted_ms = now_ms;
	if (c->tokens < 1000) {
		return false;
	}
	c->tokens -= 1000;
	return true;
}

bool limiter_request(struct limiter *limiter, const struct address *a, int64_t now_ms)
{
	struct address client = address_of_client(a);
	struct shard *shard;
	struct client *c;
	bool fine;

	if (limiter->requests_per_s <= 0) {
		return true;
	}
	shard = lock_shard(limiter, &client);
	c = find_or_add(limiter, shard, &client, now_ms);
	fine = !c || take_token(c, limiter->requests_per_s, now_ms);
	pthread_mutex_unlock(&shard->lock);
	return fine;
}
