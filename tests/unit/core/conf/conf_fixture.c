/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the configuration share: see conf_fixture.h. */
#include "conf_fixture.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct rule {
	char *alias, *gpu_type;
};

struct self {
	char *path, *mode, *auth_url, *secret;
	int64_t any, small;
	double ratio;
	bool flag;
	struct gpubroker_strings words;
	struct gpubroker_groups rules;
};

static const char *const modes[] = {"quick", "slow", NULL};

/* clang-format off */
static const struct gpubroker_option rule_rows[] = {
	{.type = GPUBROKER_STRING, .key = "alias", .offset = offsetof(struct rule, alias), .required = true, .doc = "d"},
	{.type = GPUBROKER_STRING, .key = "gpu_type", .offset = offsetof(struct rule, gpu_type), .required = true, .doc = "d"},
	{0}};

static const struct gpubroker_option rows[] = {
	{.type = GPUBROKER_STRING, .key = "path", .offset = offsetof(struct self, path), .required = true, .doc = "d"},
	{.type = GPUBROKER_STRING, .key = "mode", .offset = offsetof(struct self, mode), .def = "quick", .words = modes, .doc = "d"},
	{.type = GPUBROKER_STRING, .key = "auth_url", .offset = offsetof(struct self, auth_url), .doc = "d"},
	{.type = GPUBROKER_SECRET, .key = "secret_file", .offset = offsetof(struct self, secret), .doc = "d"},
	{.type = GPUBROKER_INTEGER, .key = "any", .offset = offsetof(struct self, any), .doc = "d"},
	{.type = GPUBROKER_INTEGER, .key = "small", .offset = offsetof(struct self, small), .min = 1, .max = 10, .def = "2", .doc = "d"},
	{.type = GPUBROKER_REAL, .key = "ratio", .offset = offsetof(struct self, ratio), .def = "4.5", .doc = "d"},
	{.type = GPUBROKER_BOOLEAN, .key = "flag", .offset = offsetof(struct self, flag), .doc = "d"},
	{.type = GPUBROKER_STRING_LIST, .key = "words", .offset = offsetof(struct self, words), .def = "one, two", .doc = "d"},
	{.type = GPUBROKER_GROUP_LIST, .key = "rules", .offset = offsetof(struct self, rules), .members = rule_rows, .member_size = sizeof(struct rule), .doc = "d"},
	{0}};
/* clang-format on */

const struct gpubroker_option *fixture_options(void *context, const char *plugin_dir,
	const char *plugin, const struct value *at, struct complaints *c)
{
	if (str_equal(plugin, "replay")) {
		return rows;
	}
	complain(c, at, "there is no plugin \"%s\"", plugin);
	return NULL;
}

struct value *fixture_load(const char *text, struct complaints *c)
{
	char folder[] = "/tmp/conf-XXXXXX", file[64];
	struct complaints own = {0};
	struct value *tree;
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/gpubroker.conf", folder);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	tree = conf_load(file, c ? c : &own);
	assert_int_equal(own.n, 0);
	assert_false(own.failed);
	complaints_finish(&own);
	unlink(file);
	rmdir(folder);
	return tree;
}

struct conf *fixture_conf(const char *text)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(text, NULL);
	struct gpubroker_error error = {0};
	struct complaints c = {0};
	struct conf *conf = NULL;

	assert_non_null(tree);
	conf_check(tree, fixture_options, NULL, &c);
	if (c.n > 0) {
		fail_msg("%s", c.lines[0]);
	}
	complaints_finish(&c);
	assert_int_equal(conf_fill(&conf, tree, "/etc/gpubroker/gpubroker.conf", &error), 0);
	return conf;
}

char *fixture_text(const struct complaints *c)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < c->n; i++) {
		strbuf_addf(&text, "%s\n", c->lines[i]);
	}
	return strbuf_take(&text, NULL);
}
