/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as RFC 9457 problem documents: see problem.h. */
#include "rest/http/problem.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static const struct status {
	unsigned status;
	const char *reason, *detail;
} statuses[] = {
	{400, "Bad Request",                     "The request cannot be understood."                 },
	{404, "Not Found",                       "There is nothing at this path."                    },
	{405, "Method Not Allowed",
         "This method is not possible here; Allow names those that are."                             },
	{409, "Conflict",                        "This does not go with what is known of the region."},
	{413, "Content Too Large",               "The body is larger than 64 KiB."                   },
	{414, "URI Too Long",                    "The URL is longer than 2048 bytes."                },
	{429, "Too Many Requests",               "This address asks for more than the limits allow." },
	{431, "Request Header Fields Too Large",
         "The request's headers are larger than is accepted."                                        },
	{500, "Internal Server Error",           "The broker failed internally."                     },
	{503, "Service Unavailable",             "There is no data to answer with yet."              },
};

static const struct status *find(unsigned status)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status == status) {
			return &statuses[i];
		}
	}
	return NULL;
}

const char *http_reason(unsigned status)
{
	const struct status *s = find(status);

	return s ? s->reason : "Error";
}

/* RFC 3986: what may stand in a path as it is. */
static bool is_path_char(char c)
{
	return (c > 0 && isalnum((unsigned char)c)) || (c && strchr("-._~!$&'()*+,;=:@/", c));
}

/* Whatever was sent as a path, as a URI: a broken escape or a letter that is none gets escaped. */
static void add_path(struct strbuf *out, const char *path)
{
	for (; *path; path++) {
		bool is_escape = path[0] == '%' && isxdigit((unsigned char)path[1]) &&
				 isxdigit((unsigned char)path[2]);

		if (is_escape || is_path_char(*path)) {
			strbuf_addc(out, *path);
		} else {
			strbuf_addf(out, "%%%02X", (unsigned char)*path);
		}
	}
}

void problem_write(struct strbuf *out, unsigned status, const char *kind, const char *detail,
	const char *instance)
{
	const struct status *s = find(status);

	strbuf_addf(out,
		"{\"type\":\"%s%s\",\"title\":", kind ? PROBLEM_TYPE_PREFIX : "about:blank",
		kind ? kind : "");
	strbuf_add_json(out, http_reason(status), JSON_UTF8);
	strbuf_adds(out, ",\"status\":");
	strbuf_add_int(out, status);
	strbuf_adds(out, ",\"detail\":");
	strbuf_add_json(out, detail ? detail : s ? s->detail : "", JSON_UTF8);
	strbuf_adds(out, ",\"instance\":\"");
	add_path(out, instance);
	strbuf_adds(out, "\"}\n");
}
