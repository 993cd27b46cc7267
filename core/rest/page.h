/* SPDX-License-Identifier: Apache-2.0 */
/* A prepared page: its bytes, plain and gzipped, and the responses made over them. */
#ifndef REST_PAGE_H
#define REST_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Response;

/* Bytes with counted references (atomic): a page and the responses over it share one. */
struct blob {
	atomic_uint references;
	size_t n;
	char *data;
};
struct blob *blob_new(char *data_taken, size_t n); /* NULL: no memory, data freed */
struct blob *blob_ref(struct blob *);
void blob_unref(struct blob *);

enum { ETAG_SIZE = 48 };

struct variant { /* a page in one encoding */
	struct blob *body;
	char etag[ETAG_SIZE];
	struct MHD_Response *response;
};

struct page_head {
	const char *content_type;  /* static */
	const char *region_status; /* copied; NULL: no such header */
	int64_t modified_ms, expires_ms;
};

struct page {
	struct page *next;  /* in its chain */
	char *target;       /* request_key(); NULL: the route's only page */
	struct page_head head;
	char *region_status;
	struct variant plain;
	struct variant *_Atomic gzip; /* made when first asked for; == &plain: it would not be smaller */
	struct variant gzip_room;
	atomic_bool asked, asked_gzip;
};

/* body is taken. previous: the same page of the view before, or NULL: if the bytes are the same, they, their
 * ETag and their Last-Modified stay. NULL: no memory. */
struct page *page_new(char *body, size_t n, const struct page_head *, const struct page *previous,
	const char *target);
void page_free(struct page *);

/* NULL: the gzipped one was never asked for: page_make_gzip() first, one thread at a time. */
const struct variant *page_variant(struct page *, bool gzip);
void page_make_gzip(struct page *, const struct page *previous);
size_t page_bytes(const struct page *);

#endif
