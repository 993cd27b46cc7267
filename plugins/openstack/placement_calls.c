/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of Placement's answers: see placement_calls.h. */
#include "openstack/placement_calls.h"

int take_candidates(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return placement_parse_candidates(
		f->region->placement, p->body, p->n, "placement's allocation_candidates", reterr);
}

int take_providers(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return placement_parse_providers(
		f->region->placement, p->body, p->n, "placement's resource_providers", reterr);
}

typedef int parse_fn(
	struct placement_provider *, const char *, size_t, const char *, struct gpubroker_error *);

static int take_part(struct found *f, struct page *p, const char *what, parse_fn *parse,
	struct gpubroker_error *reterr)
{
	struct placement_provider *provider = placement_find(f->region->placement, p->subject);

	return provider ? parse(provider, p->body, p->n, what, reterr) : 0;
}

int take_inventories(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return take_part(f, p, "placement's inventories", placement_parse_inventories, reterr);
}

int take_usages(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return take_part(f, p, "placement's usages", placement_parse_usages, reterr);
}

int take_traits(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return take_part(f, p, "placement's traits", placement_parse_traits, reterr);
}

int take_allocations(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return placement_parse_allocations(
		f->region->placement, p->subject, p->body, p->n, "placement's allocations", reterr);
}
