/* SPDX-License-Identifier: Apache-2.0 */
/* Invented names for real ones, the same one each time. */
#ifndef KIT_RECORD_NAMES_H
#define KIT_RECORD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum record_kind {
	RECORD_HOST,      /* "host-00001": service hosts */
	RECORD_NODE,      /* "node-00001": hypervisor_hostname, unless a service host is called so */
	RECORD_ID,        /* "00000001-0000-4000-8000-000000000001": hypervisors, servers, migrations, providers */
	RECORD_PROJECT,   /* "project-00001" */
	RECORD_AGGREGATE, /* "aggregate-00001" */
	RECORD_DEVICE,    /* "device-00001": providers that are no host's */
	RECORD_CLASS,     /* "CUSTOM_RECORDED_00001": resource classes that nobody asks for */
	RECORD_N_KINDS,
};

struct record_names { /* zeroes are empty */
	void *trees[RECORD_N_KINDS];
	size_t n[RECORD_N_KINDS];
	bool failed; /* an allocation did, some time */
};

void record_names_finish(struct record_names *);
/* Lent; NULL for NULL, "" where memory fails. */
const char *record_name(struct record_names *, enum record_kind, const char *real);
/* Makes names for all of these, in their order, so that what is sorted by name stays so. Reorders the list. */
void record_name_all(struct record_names *, enum record_kind, const char *reals[], size_t n);
bool record_knows(const struct record_names *, enum record_kind, const char *real);

#endif
