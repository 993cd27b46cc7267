/* SPDX-License-Identifier: Apache-2.0 */
/* Which region `collect` and `doctor` read: see source.h. The same tables and checks as the daemon's. */
#include "cli/source.h"

#include "base/mem.h"
#include "plugin/plugload.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG  "/etc/gpubroker/gpubroker.conf"
#define REGION_VARIABLE "OS_REGION_NAME"
#define LOGINS          "source an openrc file, or give --cloud CLOUD, or --config FILE --region REGION"

static const struct gpubroker_option no_options[] = {{.key = NULL}};

static const struct gpubroker_option *find_options(void *context, const char *plugin_dir,
	const char *name, const struct value *at, struct complaints *complaints)
{
	const struct gpubroker_plugin *plugin;
	struct gpubroker_error error = {0};

	if (plugin_load(plugin_dir, name, &plugin, &error) < 0) {
		complain(complaints, at, "%s", error.text);
		return NULL;
	}
	return plugin->options ? plugin->options : no_options;
}

static const char *variable(char **environment, const char *name)
{
	size_t n = strlen(name);

	for (; environment && *environment; environment++) {
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=') {
			return (*environment)[n + 1] ? *environment + n + 1 : NULL;
		}
	}
	return NULL;
}

const char *source_variable(const struct source *s, const char *name)
{
	return variable(s->environment, name);
}

/* A copy of the array in which OS_REGION_NAME is what --region says. */
static bool copy_environment(struct source *s, char **from, const char *region)
{
	size_t n = 0, kept = 0;

	while (from && from[n]) {
		n++;
	}
	s->environment = calloc(n + 2, sizeof(*s->environment));
	if (!s->environment) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!region ||
			strncmp(from[i], REGION_VARIABLE "=", sizeof(REGION_VARIABLE)) != 0) {
			s->environment[kept++] = from[i];
		}
	}
	if (region && asprintf(&s->region_variable, REGION_VARIABLE "=%s", region) < 0) {
		s->region_variable = NULL;
		return false;
	}
	s->environment[kept] = s->region_variable;
	return true;
}

/* A name of ours for what is called anything: lower case, "-" for the rest. */
static void make_name(char ret[static 64], const char *theirs)
{
	size_t n = 0;

	for (; theirs && *theirs && n < 63; theirs++) {
		char c = *theirs >= 'A' && *theirs <= 'Z' ? (char)(*theirs | 0x20) : *theirs;
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (plain || n > 0) {
			ret[n++] = plain ? c : '-';
		}
	}
	ret[n] = '\0';
	if (n == 0) {
		snprintf(ret, 64, "default");
	}
}

/* A region as one would write it for a cloud of clouds.yaml. */
static struct value *tree_of_cloud(const char *cloud, const char *region)
{
	_cleanup_(value_freep) struct value *tree = value_new(VALUE_GROUP, NULL);
	struct value *list = tree ? value_add_list(tree, "regions") : NULL;
	struct value *group = list ? value_add_group(list, NULL) : NULL;
	struct value *options;
	char name[64];

	make_name(name, region ? region : cloud);
	if (!group || !value_set_origin(group, "--cloud", 0) ||
		!value_add_string(group, "name", name) ||
		!value_add_string(group, "plugin", "openstack")) {
		return NULL;
	}
	options = value_add_group(group, "options");
	if (!options || !value_add_string(options, "cloud", cloud) ||
		(region && !value_add_string(options, "region_name", region))) {
		return NULL;
	}
	return TAKE_PTR(tree);
}

static bool has_cloud_variables(const struct source *s)
{
	return source_variable(s, "OS_AUTH_URL") || source_variable(s, "OS_CLOUD");
}

/* NULL: complaints say why, or there was no memory. */
static struct value *load_tree(const struct source *s, const struct cli_args *args,
	const char *region, struct complaints *complaints, const char **ret_file)
{
	*ret_file = NULL;
	if (args->cloud) {
		return tree_of_cloud(args->cloud, region);
	}
	if (!args->config && (has_cloud_variables(s) || access(DEFAULT_CONFIG, F_OK) < 0)) {
		return conf_from_environment(s->environment, complaints);
	}
	*ret_file = args->config ? args->config : DEFAULT_CONFIG;
	return conf_load(*ret_file, complaints);
}

static int say_complaints(const struct ui *ui, const struct complaints *complaints)
{
	for (size_t i = 0; i < complaints->n; i++) {
		ui_complain(ui, "%s", complaints->lines[i]);
	}
	if (complaints->n == 0) {
		ui_complain(ui, "no memory");
	}
	return CLI_FAILED;
}

static int fill(struct source *s, const struct cli_program *p, struct value *tree, const char *file,
	struct complaints *complaints)
{
	struct gpubroker_error error = {0};

	if ((p->is_build_tree || !file) && !value_get(tree, "plugin_dir") &&
		!value_add_string(tree, "plugin_dir", p->plugin_dir)) {
		return say_complaints(&p->ui, complaints);
	}
	conf_check(tree, find_options, NULL, complaints);
	if (complaints->n > 0 || complaints->failed) {
		return say_complaints(&p->ui, complaints);
	}
	if (conf_fill(&s->conf, tree, file, &error) < 0) {
		ui_complain(&p->ui, "%s", error.text);
		return CLI_FAILED;
	}
	return CLI_FINE;
}

/* The one that --region names; of a file with one region, that one. */
static int choose_region(
	struct source *s, const struct ui *ui, const char *wanted, const char *file)
{
	_cleanup_(strbuf_finish) struct strbuf names = {0};
	bool by_name = file && wanted;

	for (size_t i = 0; i < s->conf->n_regions; i++) {
		const struct conf_region *region = &s->conf->regions[i];

		if (by_name ? str_equal(region->name, wanted) : s->conf->n_regions == 1) {
			s->region = region;
			return CLI_FINE;
		}
		strbuf_addf(&names, "%s%s", i > 0 ? ", " : "", region->name);
	}
	if (by_name) {
		ui_complain(ui, "%s has no region \"%s\", but: %s", file, wanted,
			names.data ? names.data : "none");
		return CLI_NOT_FOUND;
	}
	if (!names.data) {
		ui_complain(ui, "%s has no region; " LOGINS, file ? file : "the environment");
	} else {
		ui_complain(ui, "say which region of %s with --region: %s",
			file ? file : "the environment", names.data);
	}
	return CLI_USAGE;
}

static int load_plugin(struct source *s, const struct ui *ui)
{
	struct gpubroker_error error = {0};

	if (plugin_load(s->conf->plugin_dir, s->region->plugin, &s->plugin, &error) < 0) {
		ui_complain(ui, "%s", error.text);
		return CLI_FAILED;
	}
	return CLI_FINE;
}

int source_open(struct source *ret, const struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(complaints_finish) struct complaints complaints = {0};
	_cleanup_(value_freep) struct value *tree = NULL;
	const char *file, *region = args->regions.n > 0 ? args->regions.items[0] : NULL;
	int r;

	*ret = (struct source){0};
	if (args->regions.n > 1 || (args->cloud && args->config)) {
		ui_complain(&p->ui, args->regions.n > 1 ? "one --region at a time"
							: "either --cloud or --config");
		return CLI_USAGE;
	}
	if (!copy_environment(ret, p->environment, args->config ? NULL : region)) {
		return say_complaints(&p->ui, &complaints);
	}
	tree = load_tree(ret, args, region, &complaints, &file);
	if (!tree) {
		r = say_complaints(&p->ui, &complaints);
		if (!args->config && !args->cloud && complaints.n > 0) {
			ui_complain(&p->ui, LOGINS);
		}
		return r;
	}
	ret->file = file;
	r = fill(ret, p, tree, file, &complaints);
	r = r == CLI_FINE ? choose_region(ret, &p->ui, region, file) : r;
	return r == CLI_FINE ? load_plugin(ret, &p->ui) : r;
}

void source_finish(struct source *s)
{
	conf_free(s->conf);
	free(s->environment);
	free(s->region_variable);
	*s = (struct source){0};
}
