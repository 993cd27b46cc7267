/* SPDX-License-Identifier: Apache-2.0 */
/* /openapi.json and /ui/: files of web/, built in. */
#include "rest/handlers.h"

#include "rest/web_data.h"

static void give(struct draft *d, const char *content_type, const unsigned char *data, size_t n)
{
	d->content_type = content_type;
	strbuf_add(&d->body, (const char *)data, n);
}

void get_openapi(const struct page_source *s, struct draft *d)
{
	give(d, JSON_CONTENT_TYPE, web_openapi_json, sizeof(web_openapi_json));
}

void get_ui(const struct page_source *s, struct draft *d)
{
	give(d, HTML_CONTENT_TYPE, web_ui_html, sizeof(web_ui_html));
}

void get_ui_script(const struct page_source *s, struct draft *d)
{
	give(d, "text/javascript; charset=utf-8", web_ui_js, sizeof(web_ui_js));
}

void get_ui_style(const struct page_source *s, struct draft *d)
{
	give(d, "text/css; charset=utf-8", web_ui_css, sizeof(web_ui_css));
}
