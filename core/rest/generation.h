/* SPDX-License-Identifier: Apache-2.0 */
/* A view and the pages made of it. A page is rendered when it is first asked for and kept until the next
 * view; those that were asked for are there again when the next one is published. */
#ifndef REST_GENERATION_H
#define REST_GENERATION_H

#include "rest/handlers.h"
#include "rest/page.h"

struct generation;

/* Takes the view. configured: the table of regions is known. version: must outlive it. */
int generation_new(struct generation **ret, struct view *, bool configured, const char *version,
	bool show_host_names, struct gpubroker_error *reterr);
struct generation *generation_ref(struct generation *);
void generation_unref(struct generation *);
DEFINE_CLEANUP(struct generation *, generation_unref);

/* Renders what was asked for in the old one, before anybody asks. */
void generation_prepare(struct generation *, struct generation *old);

const struct view *generation_view(const struct generation *);
bool generation_configured(const struct generation *);
bool generation_complete(const struct generation *); /* every region has data: nothing to wait for */

struct page_use {
	const struct variant *variant;
	const struct page *page;
	struct page *owned; /* it was one too many to be kept: page_free() after use */
};
/* false: *ret_error says why there is no such page. */
bool generation_page(struct generation *, const struct request *, bool gzip, struct page_use *ret,
	struct draft *ret_error);

/* "tuebingen=stale;since=2026-11-22T14:01:12Z, …", of all regions or one. Nothing is added if all are ok. */
enum { REGION_STATUS_MAX_BYTES = 1024 };
void region_status_header(struct strbuf *, const struct view *, const struct view_region *only);

#endif
