/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler gets and gives. The files get_*.c define those named in route.c. */
#ifndef REST_HANDLERS_H
#define REST_HANDLERS_H

#include "base/str.h"
#include "model/view.h"
#include "rest/request.h"

#define JSON_CONTENT_TYPE "application/json; charset=utf-8"
#define HTML_CONTENT_TYPE "text/html; charset=utf-8" /* comes with a strict Content-Security-Policy */

struct rest;

/* An answer in the making. Status 200 makes a page; anything else is sent once and forgotten. */
struct draft {
	unsigned status;
	const char *content_type;
	struct strbuf body;
	const struct view_region *only; /* the one region that it shows; NULL: all */
	struct strbuf region_status;    /* a header X-Region-Status; empty: none */
	const char *allow;              /* a header Allow */
	int retry_after_s;              /* a header Retry-After; 0: none */
	bool close;                     /* the connection, afterwards */
};

struct page_source {
	const struct view *view;
	const struct request *request;
	const char *version;
	bool show_host_names;
};

/* Pure: the same view and request give the same bytes. */
typedef void render_fn(const struct page_source *, struct draft *ret);
/* Made per request from what is true now. */
typedef void live_fn(struct rest *, const struct request *, struct draft *ret);

void draft_finish(struct draft *);
/* Makes it a problem document about the request. format NULL: the status's own sentence. */
__attribute__((format(printf, 4, 5))) void draft_problem(
	struct draft *, const struct request *, unsigned status, const char *format, ...);
/* One that a program may want to tell from others of its status; kind: "no-hosts". */
__attribute__((format(printf, 5, 6))) void draft_typed_problem(struct draft *, const struct request *,
	unsigned status, const char *kind, const char *format, ...);

render_fn get_index, get_legacy_flavors, get_legacy_flavor, get_v2_flavors, get_regions, get_region,
	get_flavors, get_region_flavors, get_region_flavor, get_explain, get_gpus, get_openapi,
	get_ui, get_ui_script, get_ui_style;
live_fn get_livez, get_readyz, get_metrics, get_fit;

/* The flavor that the path names. NULL: *ret_problem says what there is not. */
const struct view_row *region_flavor(const struct page_source *, struct draft *ret_problem);

/* ?region= of the predecessor's endpoints. false: there is none of that name. *ret NULL: it was not asked
 * for one. */
bool legacy_region(const struct view *, const struct request *, const struct view_region **ret);
/* The predecessor's {"message": …}. */
void draft_message(struct draft *, unsigned status, const char *message);

#endif
