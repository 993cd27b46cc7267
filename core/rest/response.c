/* SPDX-License-Identifier: Apache-2.0 */
/* Responses of libmicrohttpd, made over our bytes: see response.h. */
#include "rest/response.h"

#include "base/mem.h"
#include "base/mono.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value) {
		MHD_add_response_header(response, name, value);
	}
}

static void add_time(struct MHD_Response *response, const char *name, int64_t time_ms)
{
	char text[TIME_TEXT_SIZE];

	time_http(text, time_ms);
	add_header(response, name, text);
}

/* A page may load its own script and style and ask this daemon; nothing else, from nowhere. Its icon
 * is in itself: without one, browsers ask for /favicon.ico. */
static void add_policy(struct MHD_Response *response, const char *content_type)
{
	if (content_type && strcmp(content_type, HTML_CONTENT_TYPE) == 0) {
		add_header(response, "Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
			"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
		add_header(response, "X-Content-Type-Options", "nosniff");
		add_header(response, "Referrer-Policy", "no-referrer");
	}
}

static void release_body(void *blob)
{
	blob_unref(blob);
}

struct MHD_Response *response_new(const struct response_head *head, struct blob *body)
{
	char seconds[16];
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		body->n, body->data, release_body, blob_ref(body));

	if (!response) {
		blob_unref(body);
		return NULL;
	}
	add_header(response, "Content-Type", body->n > 0 ? head->content_type : NULL);
	add_policy(response, head->content_type);
	add_header(response, "Content-Encoding", head->gzip ? "gzip" : NULL);
	add_header(response, "X-Region-Status", head->region_status);
	add_header(response, "Allow", head->allow);
	add_header(response, "Connection", head->close ? "close" : NULL);
	if (head->is_page) {
		add_header(response, "ETag", head->etag);
		add_time(response, "Last-Modified", head->modified_ms);
		add_time(response, "Expires", head->expires_ms);
		add_header(response, "Vary", "Accept-Encoding");
	} else {
		add_header(response, "Cache-Control", "no-store");
	}
	if (head->retry_after_s > 0) {
		snprintf(seconds, sizeof(seconds), "%d", head->retry_after_s);
		add_header(response, "Retry-After", seconds);
	}
	return response;
}

void response_free(struct MHD_Response *response)
{
	if (response) {
		MHD_destroy_response(response);
	}
}

struct MHD_Response *response_of_draft(struct draft *d, bool last)
{
	const struct response_head head = {
		.content_type = d->content_type,
		.region_status = d->region_status.len > 0 && !d->region_status.failed
					 ? d->region_status.data
					 : NULL,
		.allow = d->allow,
		.retry_after_s = d->retry_after_s,
		.close = d->close || last,
	};
	size_t n = 0;
	char *data = strbuf_take(&d->body, &n);
	struct blob *body = data ? blob_new(data, n) : NULL;
	struct MHD_Response *response = body ? response_new(&head, body) : NULL;

	blob_unref(body);
	return response;
}

struct MHD_Response *response_of_last_page(const struct page *page, const struct variant *v)
{
	const struct response_head head = {
		.content_type = page->head.content_type,
		.region_status = page->region_status,
		.modified_ms = page->head.modified_ms,
		.expires_ms = page->head.expires_ms,
		.etag = v->etag,
		.gzip = v != &page->plain,
		.is_page = true,
		.close = true,
	};

	return response_new(&head, v->body);
}
