/* SPDX-License-Identifier: Apache-2.0 */
/* Typed reading of JSON replies: whatever a cloud may send, a getter gives a value of the type asked for or
 * an error that names the place, "os-hypervisors: hypervisors[3].vcpus is not an integer".
 *
 *	_cleanup_(reply_freep) struct reply *reply = NULL;
 *	struct reply_at root, token;
 *	const char *expires;
 *
 *	r = reply_parse(&reply, body, n, "keystone", reterr);
 *	root = reply_root(reply);
 *	r = reply_need_object(&root, "token", &token, reterr);
 *	r = reply_need_string(&token, "expires_at", &expires, reterr); */
#ifndef KIT_REPLY_H
#define KIT_REPLY_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPLY_MAX_BYTES = 64 * 1024 * 1024
};                         /* thirty times the largest page of Nova's default size */
enum { REPLY_ABSENT = 1 }; /* outcome: there is no such member, or it is null */

struct reply;

/* < 0: BAD_REPLY (not one JSON object or array, a name twice in an object), LIMIT or INTERNAL. what: how
 * errors call the document, a URL path or a file name; copied. */
int reply_parse(struct reply **ret, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
void reply_free(struct reply *);
void reply_freep(struct reply **);

/* A place in the document. It lives with whoever walks there and refers to the place that it was reached
 * from, which must live as long. */
struct reply_at {
	const struct reply *reply;
	const struct reply_at *parent;
	const char *key; /* of the parent; NULL: an item of it */
	size_t index;
	const void *json; /* reply.c's own */
};

struct reply_at reply_root(const struct reply *);

/* Members of an object. need: absent or null is BAD_REPLY. find: it is REPLY_ABSENT, and *ret is as it was.
 * Both: BAD_REPLY where `at` is no object or the member is of another type. Strings are borrowed from the
 * document; one that holds a NUL character is refused.
 * An integer may also be written as text ("28") or with a fraction (385534.9), which is floored: what the
 * predecessor's users have in their clouds is accepted. */
int reply_need_string(const struct reply_at *at, const char *key, const char **ret,
	struct gpubroker_error *reterr);
int reply_find_string(const struct reply_at *at, const char *key, const char **ret,
	struct gpubroker_error *reterr);
int reply_need_integer(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr);
int reply_find_integer(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr);
/* A number that is not negative, in millionths, rounded: 1.5 is 1500000. Beyond 1e12 is BAD_REPLY. */
int reply_need_millionths(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr);
int reply_find_boolean(
	const struct reply_at *at, const char *key, bool *ret, struct gpubroker_error *reterr);
int reply_need_object(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr);
int reply_find_object(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr);
int reply_need_array(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr);
int reply_find_array(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr);

bool reply_has(const struct reply_at *at, const char *key); /* there, though perhaps null */
bool reply_is_string(const struct reply_at *at, const char *key);
size_t reply_count(const struct reply_at *); /* items or members; 0 for anything else */

int reply_item_object(const struct reply_at *array, size_t i, struct reply_at *ret,
	struct gpubroker_error *reterr);
int reply_item_string(
	const struct reply_at *array, size_t i, const char **ret, struct gpubroker_error *reterr);

/* The members of an object in their order: NULL starts, NULL ends. */
const char *reply_next_key(const struct reply_at *object, const char *previous);

/* "hypervisors[3].vcpus is not an integer" for a check of the caller's own. key may be NULL: `at` itself. */
__attribute__((format(printf, 4, 5))) int reply_fail(struct gpubroker_error *reterr,
	const struct reply_at *at, const char *key, const char *format, ...);

#endif
