/* SPDX-License-Identifier: Apache-2.0 */
/* A broker's API as the commands need it: answers as trees, what went wrong as a sentence and an exit code. */
#ifndef CLI_API_H
#define CLI_API_H

#include "cli/cli.h"
#include "cli/fetch.h"
#include "cli/json_tree.h"

struct api_answer {
	long status;
	struct value *body; /* NULL: 304 */
	char etag[128];
	int64_t expires_ms; /* our wall clock; 0: not said */
};
void api_answer_finish(struct api_answer *);

/* The broker that --endpoint or GPUBROKER_ENDPOINT name. enum cli_exit. */
int api_open(struct fetch **ret, const struct cli_args *, struct gpubroker_error *reterr);

/* CLI_FINE: 304, or 2xx with a JSON object that has the key: without it, it is not a broker that answers. Else the
 * sentence says what the broker or the network said; CLI_NOT_FOUND for a 404. ret->status is set wherever there was
 * an answer. */
int api_ask(struct fetch *, const struct fetch_request *, const char *key, struct api_answer *ret,
	struct gpubroker_error *reterr);
/* A GET of which only the body matters. */
int api_get(struct fetch *, const char *path, const char *key, struct value **ret, struct gpubroker_error *reterr);

/* "?key=text" or "&key=text", escaped; nothing for a NULL text. */
void api_add_parameter(struct strbuf *path, const char *key, const char *text);
/* A path segment, escaped. */
void api_add_segment(struct strbuf *path, const char *segment);

/* The one flavor that an ID or a NAME means; region NULL: in whichever region. *ret_list is the answer that *ret_row
 * points into. CLI_NOT_FOUND, or CLI_USAGE where it is in several regions: the sentence says in which. */
struct api_flavor {
	struct value *list;
	const struct value *row;
	const char *region, *id, *name; /* of the row */
};
int api_find_flavor(struct fetch *, const char *wanted, const char *region, struct api_flavor *ret,
	struct gpubroker_error *reterr);
void api_flavor_finish(struct api_flavor *);
/* The answer at /v1/regions/…/flavors/… and that, for the flavor that the arguments name. */
int api_get_flavor(const struct cli_args *, const char *suffix, const char *key, struct value **ret,
	struct gpubroker_error *reterr);
void api_add_flavor_path(struct strbuf *path, const struct api_flavor *); /* "/v1/regions/…/flavors/…" */

/* Says the sentence and returns the code. */
int api_complain(const struct ui *, int code, const struct gpubroker_error *);

/* The one --region that a command takes. CLI_USAGE: there are several. NULL: there is none. */
int api_one_region(const struct cli_args *, const char **ret, struct gpubroker_error *reterr);

/* "2 of 3 regions fresh; tuebingen stale since 14:01 (…)" on stderr. regions: [{name,state,…}]; where one is not ok
 * and tells no reason, the broker is asked for it. f may be NULL. */
void api_say_summary(const struct ui *, struct fetch *f, const struct value *regions);
/* With --strict: CLI_ONLY_STALE where no region has fresh data. */
int api_strictness(const struct cli_args *, const struct value *regions);

#endif
