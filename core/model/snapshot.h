/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of one region, counted. Immutable once made; everything in it lies in its arena.
 * Its JSON form is the only one there is: on the socketpairs, in memcached, on disk, in test data. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "base/mem.h"
#include "model/capacity.h"

#include <gpubroker/error.h>

struct gpubroker_inventory;
struct strbuf;

enum capacity_model { MODEL_NOVA = 1, MODEL_PLACEMENT, MODEL_COUNTED /* counted elsewhere: no hosts */ };
const char *capacity_model_word(enum capacity_model); /* "nova" "placement" "counted" */
bool capacity_model_parse(const char *word, enum capacity_model *ret);

struct snapshot_flavor {
	struct gpubroker_flavor flavor;
	struct flavor_count count;
	int64_t available_exclusive; /* rivalry.h; COUNT_UNKNOWN: counted elsewhere, or it asks for no GPUs */
};

/* GPUs of one type in a region. total = used + free, stranded <= free; disabled in none of them. */
struct gpu_pool {
	const char *type;
	int64_t total, used, free, stranded, disabled;
	int64_t hosts;             /* in service */
	int64_t configurations[4]; /* how many sets of 1, 2, 4, 8 free GPUs, each set on one host */
};

struct snapshot {
	struct arena arena;
	const char *region;
	const char *broker;      /* id of the broker that read it */
	int64_t observed_at_ms;  /* wall clock: when the reading began */
	int64_t duration_ms;
	enum capacity_model model;
	struct gpubroker_host *hosts;
	size_t n_hosts;
	struct snapshot_flavor *flavors; /* as their cloud lists them */
	size_t n_flavors;
	struct gpu_pool *pools; /* by type, in byte order */
	size_t n_pools;
	/* [host][type of the host]: free GPUs that no single flavor of the region can take there; COUNT_UNKNOWN
	 * where the host is not in service or an older broker did not tell */
	int64_t **stranded;
	unsigned references; /* see snapshot_ref: one thread counts at a time */
};

struct snapshot_origin {
	const char *region, *broker;
	int64_t observed_at_ms, duration_ms;
	enum capacity_model model; /* of the hosts; an inventory counted elsewhere is MODEL_COUNTED anyway */
};

enum capacity_model snapshot_model_of(const struct gpubroker_inventory *);

/* Counts (step 4 of the straight line). Copies what it keeps. < 0: no memory. */
int snapshot_count(struct snapshot **ret, const struct gpubroker_inventory *, const struct snapshot_origin *,
	struct gpubroker_error *reterr);

/* For snapshot_json.c: makes one of an inventory whose counts are known already, and takes its arena.
 * flavors has one item a flavor; the types of the pools are copied. */
struct snapshot_counts {
	const struct flavor_count *flavors;
	const int64_t *exclusive; /* one a flavor */
	const struct gpu_pool *pools;
	size_t n_pools;
	const int64_t *stranded; /* of the first host's types, then of the second's, … */
};
int snapshot_adopt(struct snapshot **ret, struct gpubroker_inventory *, const struct snapshot_origin *,
	const struct snapshot_counts *, struct gpubroker_error *reterr);

/* Same counts and hosts, whatever the time of reading: nothing that a page shows but times has changed. */
bool snapshot_same_content(const struct snapshot *, const struct snapshot *);

/* Takes another reference: atomic, so that threads may hold one snapshot. */
struct snapshot *snapshot_ref(struct snapshot *);
void snapshot_unref(struct snapshot *);
DEFINE_CLEANUP(struct snapshot *, snapshot_unref);

/* snapshot_write.c: into a strbuf, check its `failed` at the end. */
void snapshot_write_json(const struct snapshot *, struct strbuf *out);
enum {
	/* Raised when older readers would misread a document. What was added since – devices, words, demands, what
	 * is stranded, exclusive counts – they ignore, and go on showing the counts, which are the writer's; a region
	 * with a skipped host, or with two needs of one type, they refuse. */
	SNAPSHOT_FORMAT = 1,
	SNAPSHOT_MAX_BYTES = 32 * 1024 * 1024,
};
/* snapshot_json.c: reads one from anywhere – a worker, memcached, a disk – and believes nothing: every
 * number, word, sum and cap is checked. That the counts follow from the hosts is not: they are those of the
 * broker that read the region. < 0: BAD_REPLY with the path of what is wrong, LIMIT, INTERNAL (no memory). */
int snapshot_read_json(struct snapshot **ret, const char *data, size_t n, struct gpubroker_error *reterr);

#endif
