/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of a recording: see record_json.h. */
#include "kit/record/record_json.h"

#include <inttypes.h>
#include <stdio.h>

void record_finish(struct record *rec)
{
	text_finish(&rec->json);
	record_names_finish(&rec->names);
}

static void begin_member(struct record *rec, const char *key)
{
	if (rec->comma) {
		text_add(&rec->json, ", ");
	}
	rec->comma = true;
	if (key) {
		text_add_json(&rec->json, key);
		text_add(&rec->json, ": ");
	}
}

void record_open(struct record *rec, const char *key, char bracket)
{
	begin_member(rec, key);
	text_add_n(&rec->json, &bracket, 1);
	rec->comma = false;
}

void record_close(struct record *rec, char bracket)
{
	text_add_n(&rec->json, &bracket, 1);
	rec->comma = true;
}

void record_string(struct record *rec, const char *key, const char *value)
{
	begin_member(rec, key);
	if (value) {
		text_add_json(&rec->json, value);
	} else {
		text_add(&rec->json, "null");
	}
}

void record_integer(struct record *rec, const char *key, int64_t value)
{
	begin_member(rec, key);
	text_addf(&rec->json, "%" PRId64, value);
}

void record_boolean(struct record *rec, const char *key, bool value)
{
	begin_member(rec, key);
	text_add(&rec->json, value ? "true" : "false");
}

void record_ratio(struct record *rec, const char *key, int64_t micro)
{
	begin_member(rec, key);
	text_addf(&rec->json, "%" PRId64 ".%06" PRId64, micro / 1000000, micro % 1000000);
}

void record_done(struct record *rec, const char *name)
{
	text_add(&rec->json, "\n");
	if (rec->json.failed) {
		rec->failed = true;
	} else {
		rec->core->record(name, rec->json.data, rec->json.len);
	}
	text_finish(&rec->json);
	rec->comma = false;
}

/* An item a line, so that people can read and compare them. */
void record_list(
	struct record *rec, const char *key, size_t n, void (*add)(struct record *, size_t i))
{
	char name[64];

	record_open(rec, NULL, '{');
	record_open(rec, key, '[');
	for (size_t i = 0; i < n; i++) {
		text_add(&rec->json, i ? ",\n" : "\n");
		rec->comma = false;
		record_open(rec, NULL, '{');
		add(rec, i);
		record_close(rec, '}');
	}
	record_close(rec, ']');
	record_close(rec, '}');
	snprintf(name, sizeof(name), "%s.json", key);
	record_done(rec, name);
}
