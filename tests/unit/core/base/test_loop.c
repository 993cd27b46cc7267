/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: timers in order, descriptors, removal from within a callback. */
#include "base/loop.h"

#include "base/mono.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

struct step {
	struct loop *loop;
	char *order;
	char mark;
	struct loop_fd *remove;
};

static void on_timer(void *context)
{
	struct step *s = context;

	*s->order++ = s->mark;
}

static void on_last(void *context)
{
	loop_stop(context);
}

static void timers_fire_in_order(void **state)
{
	char order[4] = "";
	struct loop *l;
	struct step steps[3];
	struct loop_timer timers[3], last;
	int64_t now = mono_ms();
	char *end = order;

	assert_int_equal(loop_new(&l), 0);
	last = (struct loop_timer){.call = on_last, .context = l};
	for (int i = 0; i < 3; i++) {
		steps[i] = (struct step){.mark = (char)('a' + i)};
		timers[i] = (struct loop_timer){.call = on_timer, .context = &steps[i]};
	}
	loop_arm(l, &last, now + 1);
	loop_arm(l, &timers[2], now - 5);
	loop_arm(l, &timers[0], now - 3);
	loop_arm(l, &timers[1], now + 100000);
	loop_arm(l, &timers[1], now - 4); /* rearmed */
	steps[0].order = order + 2;
	steps[1].order = order + 1;
	steps[2].order = order;
	loop_run(l);
	assert_string_equal(order, "cba");
	assert_ptr_equal(end, order);
	loop_disarm(l, &timers[0]); /* not armed: nothing happens */
	loop_free(l);
}

static void on_readable(void *context, uint32_t events)
{
	struct step *s = context;

	*s->order += 1;
	loop_remove_fd(s->loop, s->remove);
	loop_stop(s->loop);
}

static void a_removed_descriptor_is_not_called(void **state)
{
	struct loop *l;
	int a[2], b[2];
	char count = 0;
	struct loop_fd fds[2];
	struct step steps[2];

	assert_int_equal(loop_new(&l), 0);
	assert_int_equal(pipe(a) | pipe(b), 0);
	for (int i = 0; i < 2; i++) {
		steps[i] = (struct step){.loop = l, .order = &count, .remove = &fds[1 - i]};
		fds[i] = (struct loop_fd){.fd = i == 0 ? a[0] : b[0],
			.events = EPOLLIN,
			.call = on_readable,
			.context = &steps[i]};
		assert_int_equal(loop_add_fd(l, &fds[i]), 0);
	}
	assert_int_equal(write(a[1], "x", 1) + write(b[1], "x", 1), 2);
	loop_run(l);
	assert_int_equal(count, 1); /* the first to run removed the other */
	loop_free(l);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(timers_fire_in_order),
		cmocka_unit_test(a_removed_descriptor_is_not_called)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
