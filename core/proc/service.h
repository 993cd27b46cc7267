/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent tells the service manager: that it serves, reloads or ends, how the regions are, and that all is
 * well – as long as `rest` says so, since a parent without it answers nobody. */
#ifndef PROC_SERVICE_H
#define PROC_SERVICE_H

#include "proc/notify.h"

struct parent;

enum { SERVICE_STATUS_SIZE = 400 };

struct service {
	struct notify notify;
	bool announced;        /* READY=1 has been said since the start or the last RELOADING=1 */
	bool loading, refused; /* a reload is under way; the last one was refused */
	int64_t fed_ms;        /* when the watchdog was fed last */
	char status[SERVICE_STATUS_SIZE];
};

void service_begin(struct parent *);
void service_loading(struct parent *);              /* the configuration is read */
void service_loaded(struct parent *, bool refused); /* and is in force, or is not */
void service_complain(struct parent *, const char *text); /* why it cannot start */
void service_settle(struct parent *);               /* says READY=1 if it is time to */
void service_alive(struct parent *);                /* rest has asked whether the parent lives */
void service_ending(struct parent *);
void service_finish(struct parent *);

/* "3 of 4 regions ok; tuebingen stale": for people, one line. */
void service_status_text(const struct parent *, int64_t now_wall_ms, char text[static SERVICE_STATUS_SIZE]);

#endif
