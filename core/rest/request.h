/* SPDX-License-Identifier: Apache-2.0 */
/* A request, taken apart once: which route, which region and flavor, which parameters. */
#ifndef REST_REQUEST_H
#define REST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	URL_MAX_BYTES = 2048,
	MAX_PARAMETERS = 32,
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_OTHER };
enum method method_parse(const char *word);

struct parameter {
	const char *key, *value; /* decoded; value is "" where there is no `=` */
	bool fine;               /* both were encoded correctly */
	const char *raw;         /* as sent */
	size_t raw_length;
};

/* A path and its query, put together again from its parts. */
struct target {
	char text[URL_MAX_BYTES + 1];
	size_t n;
	bool too_long;
};
void target_init(struct target *);
void target_add_path(struct target *, const char *path);
void target_add(struct target *, const char *key, const char *value); /* value NULL: there is no `=` */
/* "http://host/path" is the same as "/path". */
const char *target_path(const char *url);

struct route;

/* Filled by request_parse(); `header`, `connection` and the body by whoever has them. */
struct request {
	enum method method;
	const char *target;       /* path[?query], as sent but for `+` in the query, which is a blank already */
	size_t path_length;       /* of target */
	const struct route *route; /* NULL: nothing lies there */
	const char *region, *flavor_id; /* the path's variables, decoded; NULL: the route has none */
	bool path_fine;                 /* every segment was encoded correctly */
	bool below_v1;                  /* the path's first segment is v1 */
	struct parameter parameters[MAX_PARAMETERS];
	size_t n_parameters;
	bool too_many_parameters;
	/* A header's value; NULL: not sent. */
	const char *(*header)(const struct request *, const char *name);
	void *connection;
	const char *body; /* of routes that want one: never NULL, then */
	size_t body_length;
	bool body_too_long;
	char text[URL_MAX_BYTES + 2 * MAX_PARAMETERS + 16]; /* what was decoded; last, for it is not initialized */
};

/* target: at most URL_MAX_BYTES; it and the request's own text are referred to. */
void request_parse(struct request *, const char *target);

/* What may be done at its route. */
const char *request_allow(const struct request *);

/* Of a request that is refused unread: a path for the refusal, nothing else. */
void request_clear(struct request *, const char *target);

/* First parameter of that name, or NULL. */
const struct parameter *request_parameter(const struct request *, const char *key);

/* Whether its route knows a parameter of that name. */
bool request_knows(const struct request *, const char *key);

/* A target that names the page: without parameters that the route ignores. 0: the route is the page's name
 * already, for there are neither variables nor parameters. */
size_t request_key(const struct request *, char ret[URL_MAX_BYTES + 1]);

#endif
