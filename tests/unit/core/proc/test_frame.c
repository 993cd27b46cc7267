/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: any portions of bytes give the same messages; what is no frame is refused. */
#include "proc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void any_portions(void **state)
{
	struct strbuf bytes = {0};
	static const char body[] = "one snapshot";

	frame_write_header(&bytes, MSG_SNAPSHOT, sizeof(body));
	strbuf_add(&bytes, body, sizeof(body));
	frame_write_header(&bytes, MSG_HELLO, 0);
	for (size_t portion = 1; portion <= bytes.len; portion++) {
		struct frame_reader r = {0};
		struct frame f;
		int n = 0;

		for (size_t at = 0; at < bytes.len; at += portion) {
			frame_feed(&r, bytes.data + at,
				portion < bytes.len - at ? portion : bytes.len - at);
			while (frame_next(&r, &f) > 0) {
				if (n++ == 0) {
					assert_int_equal(f.type, MSG_SNAPSHOT);
					assert_memory_equal(f.data, body, sizeof(body));
				} else {
					assert_int_equal(f.type, MSG_HELLO);
					assert_int_equal(f.n, 0);
				}
			}
		}
		assert_int_equal(n, 2);
		frame_reader_finish(&r);
	}
	strbuf_finish(&bytes);
}

/* However long the stream, and wherever the portions end: only what is not taken yet is kept. */
static void forgets_what_was_taken(void **state)
{
	static char body[100 * 1000];
	struct frame_reader r = {0};
	struct strbuf bytes = {0};
	struct frame f;
	int n = 0;

	frame_write_header(&bytes, MSG_SNAPSHOT, sizeof(body));
	strbuf_add(&bytes, body, sizeof(body));
	for (int i = 0; i < 1000; i++) {
		frame_feed(&r, bytes.data + i % 2 * 50, bytes.len - (size_t)(i % 2 * 50));
		if (i % 2 == 0) {
			frame_feed(&r, bytes.data, 50); /* the next one has begun */
		}
		while (frame_next(&r, &f) > 0) {
			n++;
		}
		assert_true(r.bytes.room < 1000 * 1000);
	}
	assert_int_equal(n, 1000);
	strbuf_finish(&bytes);
	frame_reader_finish(&r);
}

/* The room of a large frame is given back. */
static void keeps_no_room(void **state)
{
	static char body[4 * 1000 * 1000];
	struct frame_reader r = {0};
	struct strbuf bytes = {0};
	struct frame f;

	frame_write_header(&bytes, MSG_SNAPSHOT, sizeof(body));
	strbuf_add(&bytes, body, sizeof(body));
	frame_feed(&r, bytes.data, bytes.len);
	assert_int_equal(frame_next(&r, &f), 1);
	assert_int_equal(frame_next(&r, &f), 0);
	assert_true(r.bytes.room < 1000 * 1000);
	strbuf_finish(&bytes);
	frame_reader_finish(&r);
}

static int result_of(struct frame_header header)
{
	struct frame_reader r = {0};
	struct frame f;
	int e;

	frame_feed(&r, &header, sizeof(header));
	e = frame_next(&r, &f);
	frame_reader_finish(&r);
	return e;
}

static void no_frame(void **state)
{
	assert_true(result_of((struct frame_header){
			    .type = MSG_HELLO, .length = FRAME_MAX_BYTES + 1u}) < 0);
	assert_true(result_of((struct frame_header){.type = 0}) < 0);
	assert_true(result_of((struct frame_header){.type = N_MESSAGE_TYPES}) < 0);
	assert_true(result_of((struct frame_header){.type = MSG_HELLO, .reserved = 1}) < 0);
	assert_int_equal(
		result_of((struct frame_header){.type = MSG_SNAPSHOT, .length = FRAME_MAX_BYTES}),
		0);
	assert_int_equal(result_of((struct frame_header){.type = MSG_HELLO}), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(any_portions),
		cmocka_unit_test(forgets_what_was_taken), cmocka_unit_test(keeps_no_room),
		cmocka_unit_test(no_frame)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
