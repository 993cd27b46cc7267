/* SPDX-License-Identifier: Apache-2.0 */
/* Responses of libmicrohttpd, made over our bytes and freed with their last use. */
#ifndef REST_RESPONSE_H
#define REST_RESPONSE_H

#include "rest/handlers.h"
#include "rest/page.h"

struct MHD_Response;

struct response_head {
	const char *content_type;
	const char *etag;          /* of a page */
	const char *region_status; /* NULL: none */
	const char *allow;         /* NULL: none */
	int64_t modified_ms, expires_ms;
	int retry_after_s; /* 0: none */
	bool gzip;
	bool is_page; /* ETag, Last-Modified, Expires and Vary; else not to be stored anywhere */
	bool close;   /* the connection, afterwards */
};
/* Takes a reference of the body, which lives as long as the response. NULL: no memory. */
struct MHD_Response *response_new(const struct response_head *, struct blob *body);
void response_free(struct MHD_Response *);

/* Takes the draft's body. last: the connection ends with it. */
struct MHD_Response *response_of_draft(struct draft *, bool last);
/* The page's response, but one that ends the connection. */
struct MHD_Response *response_of_last_page(const struct page *, const struct variant *);

#endif
