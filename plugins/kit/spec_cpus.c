/* SPDX-License-Identifier: Apache-2.0 */
/* Dedicated CPUs: see spec_cpus.h. */
#include "kit/spec_cpus.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <string.h>

enum { MASK_MAX_CPUS = 4096 }; /* beyond any machine */

/* ---- masks ---- */

/* One part between commas: "3", "1-4", "^3", "^1-4". */
struct range {
	int64_t first, last;
	bool leaves_out;
};

static bool read_range(const char *s, size_t n, struct range *ret)
{
	const char *dash;

	ret->leaves_out = n > 0 && *s == '^';
	s += ret->leaves_out;
	n -= ret->leaves_out;
	dash = memchr(s, '-', n);
	if (!dash) {
		return python_int(s, n, &ret->first) && (ret->last = ret->first) >= 0;
	}
	return python_int(s, (size_t)(dash - s), &ret->first) &&
	       python_int(dash + 1, n - (size_t)(dash - s) - 1, &ret->last) && ret->first >= 0 &&
	       ret->first <= ret->last;
}

/* What is left out is left out wherever it stands. */
static bool apply_ranges(const char *mask, bool leaving_out, bool cpus[static MASK_MAX_CPUS])
{
	for (const char *s = mask, *end; s; s = *end ? end + 1 : NULL) {
		struct range range;
		size_t n;

		end = strchrnul(s, ',');
		n = (size_t)(end - s);
		text_strip(&s, &n);
		if (n == 0) {
			continue;
		}
		if (!read_range(s, n, &range) ||
			(!range.leaves_out && range.last >= MASK_MAX_CPUS)) {
			return false;
		}
		for (int64_t i = range.first;
			range.leaves_out == leaving_out && i <= MIN(range.last, MASK_MAX_CPUS - 1);
			i++) {
			cpus[i] = !leaving_out;
		}
	}
	return true;
}

bool spec_cpu_mask(const char *mask, int64_t vcpus, int64_t *ret)
{
	bool cpus[MASK_MAX_CPUS] = {false};

	if (vcpus > MASK_MAX_CPUS) {
		return false;
	}
	for (int64_t i = 0; i < vcpus && mask[strspn(mask, " \t\r\n")] == '^'; i++) {
		cpus[i] = true;
	}
	if (!apply_ranges(mask, false, cpus) || !apply_ranges(mask, true, cpus)) {
		return false;
	}
	*ret = 0;
	for (int64_t i = 0; i < MASK_MAX_CPUS; i++) {
		if (cpus[i] && i >= vcpus) {
			return false;
		}
		*ret += cpus[i];
	}
	return true;
}

/* ---- policies ---- */

static void check_word(
	const struct nova_flavor *f, const char *key, const char *const *words, struct request *r)
{
	const char *value = spec_value(f, key);

	for (; value && *words; words++) {
		if (strcmp(*words, value) == 0) {
			return;
		}
	}
	if (value) {
		request_refuse(r, key, "%s is '%.100s', which Nova refuses", key, value);
	}
}

static bool is(const char *value, const char *word)
{
	return value && strcmp(value, word) == 0;
}

/* resources:VCPU and resources:PCPU beside or instead of a policy. */
static void check_explicit(const struct nova_flavor *f, const struct spec_groups *groups,
	bool isolates, bool has_policy, struct request *r)
{
	int64_t vcpus, pcpus;

	spec_groups_sum(groups, "VCPU", &vcpus);
	spec_groups_sum(groups, "PCPU", &pcpus);
	if (has_policy && (vcpus > 0 || pcpus > 0)) {
		request_refuse(r, "hw:cpu_policy",
			"hw:cpu_policy does not go with resources:VCPU or resources:PCPU");
	} else if (vcpus > 0 && pcpus > 0) {
		request_refuse(r, "resources:VCPU",
			"resources:VCPU and resources:PCPU exclude each other");
	} else if (pcpus > 0 && pcpus != f->vcpus + isolates) {
		request_refuse(r, "resources:PCPU", "resources:PCPU is not the number of vCPUs%s",
			isolates ? " and one for the emulator" : "");
	}
}

static int64_t masked(const struct nova_flavor *f, const char *key, struct request *r)
{
	const char *mask = spec_value(f, key);
	int64_t n = 0;

	if (!spec_cpu_mask(mask, f->vcpus, &n) || n == 0) {
		request_refuse(r, key, "its CPU mask '%.100s' does not name some of its %lld vCPUs",
			mask, (long long)f->vcpus);
	}
	return n;
}

static bool is_realtime(const struct nova_flavor *f)
{
	const char *realtime = spec_value(f, "hw:cpu_realtime");

	return realtime && text_is_true(realtime);
}

/* All of them only where the emulator's threads have another place. */
static int64_t realtime_cpus(const struct nova_flavor *f, struct request *r)
{
	const int64_t n = spec_value(f, "hw:cpu_realtime_mask")
				  ? masked(f, "hw:cpu_realtime_mask", r)
				  : f->vcpus;

	if (n == f->vcpus && !spec_value(f, "hw:emulator_threads_policy")) {
		request_refuse(r, "hw:cpu_realtime",
			"hw:cpu_realtime leaves no CPU to the emulator's threads");
	}
	return n;
}

/* hw:cpu_policy=mixed: which of its vCPUs are dedicated. */
static int64_t mixed_cpus(const struct nova_flavor *f, int64_t realtime, struct request *r)
{
	int64_t n = 0;

	if (!spec_value(f, "hw:cpu_dedicated_mask") == !is_realtime(f)) {
		request_refuse(r, "hw:cpu_dedicated_mask",
			"hw:cpu_policy=mixed needs either hw:cpu_dedicated_mask or hw:cpu_realtime");
	} else if (is_realtime(f)) {
		n = realtime;
	} else {
		n = masked(f, "hw:cpu_dedicated_mask", r);
		if (n == f->vcpus) {
			request_refuse(r, "hw:cpu_dedicated_mask",
				"hw:cpu_policy=mixed leaves no CPU shared");
		}
	}
	return n;
}

/* What goes with dedicated CPUs alone. An image may ask for these where the flavor does not say. */
static void check_shared(const struct nova_flavor *f, bool said, struct request *r)
{
	const char *emulator = spec_value(f, "hw:emulator_threads_policy");
	const char *key = spec_value(f, "hw:cpu_thread_policy")    ? "hw:cpu_thread_policy"
			  : is(emulator, "isolate")                ? "hw:emulator_threads_policy"
			  : spec_value(f, "hw:cpu_dedicated_mask") ? "hw:cpu_dedicated_mask"
			  : is_realtime(f)                         ? "hw:cpu_realtime"
								   : NULL;

	if (key && said) {
		request_refuse(r, key, "%s does not go with hw:cpu_policy=shared", key);
	} else if (key) {
		word_set_addf(
			&r->remarks, "starts only images that ask for dedicated CPUs (%s)", key);
	}
}

struct spec_cpus spec_cpus_read(
	const struct nova_flavor *f, const struct spec_groups *groups, struct request *r)
{
	static const char *const policies[] = {"shared", "dedicated", "mixed", NULL};
	static const char *const thread_policies[] = {"prefer", "isolate", "require", NULL};
	static const char *const emulator_policies[] = {"share", "isolate", NULL};
	const char *policy = spec_value(f, "hw:cpu_policy");
	const bool isolates = is(spec_value(f, "hw:emulator_threads_policy"), "isolate");
	struct spec_cpus cpus = {0};
	int64_t asked, realtime;

	check_word(f, "hw:cpu_policy", policies, r);
	check_word(f, "hw:cpu_thread_policy", thread_policies, r);
	check_word(f, "hw:emulator_threads_policy", emulator_policies, r);
	check_explicit(f, groups, isolates, policy != NULL, r);
	realtime = is_realtime(f) ? realtime_cpus(f, r) : 0;
	if (is(policy, "dedicated") || is(policy, "mixed")) {
		cpus.by_policy = true;
		cpus.pcpus = is(policy, "mixed") ? mixed_cpus(f, realtime, r) : f->vcpus;
		cpus.vcpus = f->vcpus - cpus.pcpus;
		cpus.pcpus += isolates;
		if (is(policy, "dedicated") && spec_value(f, "hw:cpu_dedicated_mask")) {
			request_refuse(r, "hw:cpu_dedicated_mask",
				"hw:cpu_dedicated_mask does not go with hw:cpu_policy=dedicated");
		}
	} else {
		spec_groups_sum(groups, "PCPU", &asked);
		if (asked == 0) {
			check_shared(f, policy != NULL, r);
		}
	}
	return cpus;
}
