/* SPDX-License-Identifier: Apache-2.0 */
/* A prepared page: see page.h. */
#include "rest/page.h"

#include "base/mem.h"
#include "base/str.h"
#include "rest/http/gzip.h"
#include "rest/response.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct blob *blob_new(char *data, size_t n)
{
	struct blob *b = malloc(sizeof(*b));

	if (!b) {
		free(data);
		return NULL;
	}
	atomic_init(&b->references, 1);
	b->n = n;
	b->data = data;
	return b;
}

struct blob *blob_ref(struct blob *b)
{
	atomic_fetch_add_explicit(&b->references, 1, memory_order_relaxed);
	return b;
}

void blob_unref(struct blob *b)
{
	if (b && atomic_fetch_sub_explicit(&b->references, 1, memory_order_acq_rel) == 1) {
		free(b->data);
		free(b);
	}
}

/* 128 bits of two multiplicative hashes: not against an attacker, who cannot choose what clouds report. */
static void write_etag(char ret[ETAG_SIZE], const struct blob *body)
{
	uint64_t a = UINT64_C(0xcbf29ce484222325), b = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < body->n; i++) {
		a = (a ^ (unsigned char)body->data[i]) * UINT64_C(0x100000001b3);
		b = (b + (unsigned char)body->data[i]) * UINT64_C(0xff51afd7ed558ccd);
		b ^= b >> 29;
	}
	snprintf(ret, ETAG_SIZE, "\"%016" PRIx64 "%016" PRIx64 "\"", a, b);
}

static struct MHD_Response *make_response(
	const struct page *page, const struct variant *v, bool gzip)
{
	const struct response_head head = {
		.content_type = page->head.content_type,
		.region_status = page->region_status,
		.modified_ms = page->head.modified_ms,
		.expires_ms = page->head.expires_ms,
		.etag = v->etag,
		.gzip = gzip,
		.is_page = true,
	};

	return response_new(&head, v->body);
}

static bool same_bytes(const struct blob *b, const char *data, size_t n)
{
	return b->n == n && memcmp(b->data, data, n) == 0;
}

static void take_body(struct page *page, char *body, size_t n, const struct page *previous)
{
	if (previous && same_bytes(previous->plain.body, body, n)) {
		free(body);
		page->plain.body = blob_ref(previous->plain.body);
		memcpy(page->plain.etag, previous->plain.etag, ETAG_SIZE);
		page->head.modified_ms = previous->head.modified_ms;
		return;
	}
	page->plain.body = blob_new(body, n);
	if (page->plain.body) {
		write_etag(page->plain.etag, page->plain.body);
	}
}

static bool copy_text(char **ret, const char *text)
{
	*ret = text ? strdup(text) : NULL;
	return *ret || !text;
}

struct page *page_new(char *body, size_t n, const struct page_head *head,
	const struct page *previous, const char *target)
{
	struct page *page = calloc(1, sizeof(*page));

	if (!page) {
		free(body);
		return NULL;
	}
	page->head = *head;
	take_body(page, body, n, previous);
	if (page->plain.body && copy_text(&page->target, target) &&
		copy_text(&page->region_status, head->region_status)) {
		page->plain.response = make_response(page, &page->plain, false);
	}
	if (!page->plain.response) {
		page_free(page);
		return NULL;
	}
	return page;
}

static void variant_finish(struct variant *v)
{
	response_free(v->response);
	blob_unref(v->body);
}

void page_free(struct page *page)
{
	if (!page) {
		return;
	}
	variant_finish(&page->plain);
	variant_finish(&page->gzip_room);
	free(page->region_status);
	free(page->target);
	free(page);
}

const struct variant *page_variant(struct page *page, bool gzip)
{
	atomic_bool *asked = gzip ? &page->asked_gzip : &page->asked;

	if (!atomic_load_explicit(asked, memory_order_relaxed)) {
		atomic_store_explicit(asked, true, memory_order_relaxed);
	}
	return gzip ? atomic_load_explicit(&page->gzip, memory_order_acquire) : &page->plain;
}

static struct blob *compress(const struct page *page, const struct page *previous)
{
	const struct variant *old = previous ? atomic_load(&previous->gzip) : NULL;
	char *data;
	size_t n;

	if (old && old != &previous->plain && previous->plain.body == page->plain.body) {
		return blob_ref(old->body);
	}
	return gzip_smaller(page->plain.body->data, page->plain.body->n, &data, &n)
		       ? blob_new(data, n)
		       : NULL;
}

void page_make_gzip(struct page *page, const struct page *previous)
{
	struct variant *v = &page->gzip_room;

	if (atomic_load(&page->gzip)) {
		return;
	}
	v->body = compress(page, previous);
	if (v->body) {
		/* The tag of the plain body with a suffix: the same bytes give the same gzip. */
		snprintf(v->etag, ETAG_SIZE, "%.*s-gz\"", (int)strlen(page->plain.etag) - 1,
			page->plain.etag);
		v->response = make_response(page, v, true);
	}
	atomic_store_explicit(&page->gzip, v->response ? v : &page->plain, memory_order_release);
}

size_t page_bytes(const struct page *page)
{
	return sizeof(*page) + page->plain.body->n + (page->target ? strlen(page->target) : 0);
}
