/* SPDX-License-Identifier: Apache-2.0 */
/* The roles a child can have: see role.h. */
#include "proc/role.h"

#include "base/log.h"
#include "proc/chan.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

static const struct {
	const char *word;
	int (*main)(const char *name);
} roles[] = {
	{"loader", loader_main},
	{"worker", worker_main},
	{"storer", storer_main},
	{"rest",   front_main },
};

int role_main(const char *role, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (str_equal(roles[i].word, role)) {
			return roles[i].main(name);
		}
	}
	fprintf(stderr, "gpubrokerd: no role \"%s\"\n", role);
	return 2;
}

struct value *role_begin(const char *who, enum confine_role role, struct frame_reader *reader)
{
	_cleanup_(value_freep) struct value *config = NULL;
	const char *missing;
	struct frame frame;

	signal(SIGPIPE, SIG_IGN);
	tzset(); /* reads its file now, while it may */
	confine(role, &missing);
	if (peer_receive(CHILD_CHANNEL_FD, reader, &frame) < 0 || frame.type != MSG_CONFIG) {
		return NULL;
	}
	config = value_decode(frame.data, frame.n);
	if (!config) {
		return NULL;
	}
	log_init(who, (enum log_level)value_integer(config, "log_level", LOG_LEVEL_INFO));
	if (missing) {
		log_debug("not fully confined missing=%s", missing);
	}
	return TAKE_PTR(config);
}
