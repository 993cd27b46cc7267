/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of fit: small random ones with a naive answer, and regions of realistic size. */
#ifndef FIT_CASES_H
#define FIT_CASES_H

#include "base/mem.h"
#include "model/fit/fit.h"

enum { CASE_HOSTS = 300, CASE_ASKS = 8, CASE_TYPES = 3, CASE_DEVICES = 4 };

struct fit_case {
	struct gpubroker_host hosts[CASE_HOSTS];
	struct gpubroker_flavor flavors[CASE_ASKS];
	struct fit_ask asks[CASE_ASKS];
	size_t n_hosts, n_asks;
	/* what the pointers above point to */
	struct gpubroker_gpus gpus[CASE_HOSTS][CASE_TYPES];
	struct gpubroker_device devices[CASE_HOSTS][CASE_TYPES][CASE_DEVICES];
	struct gpubroker_need needs[CASE_ASKS][CASE_TYPES];
	char names[CASE_ASKS][24];
};

/* At most 4 hosts and 6 servers of 3 flavors, so that all ways can be tried. with_devices: with units, words and
 * cards of several GPUs, which case_possible() knows nothing of. */
void case_small(uint64_t *state, struct fit_case *ret, bool with_devices);
/* By trying every host for every server, and arithmetic of its own. */
bool case_possible(const struct fit_case *);

/* Regions as they are: hosts of two or three kinds with 4 or 8 GPUs, partly used; flavors of 1, 2, 4 and 8 GPUs, some
 * with more memory and CPUs than their share. The servers are those that fill all hosts as far as it goes, so they
 * fit, and n_more, so that they mostly do not: as hard as it gets. n_asks may become fewer, even 0. */
void case_region(
	uint64_t *state, struct fit_case *ret, size_t n_hosts, size_t n_asks, int64_t n_more);

int case_solve(const struct fit_case *, struct fit_result *ret);

#endif
