/* SPDX-License-Identifier: Apache-2.0 */
/* The effective configuration for --check -v: see conf.h. */
#include "conf/conf.h"

#include "base/str.h"

struct printer {
	conf_plugin_options_fn *options_of;
	void *context;
	const char *plugin_dir;
	const struct value *poll;
	FILE *f;
};

static void print_section(
	const struct value *tree, const char *key, const struct gpubroker_option *rows, FILE *f)
{
	fprintf(f, "%s: {\n", key);
	option_print_values(rows, value_get(tree, key), 2, f);
	fputs("};\n", f);
}

/* The region's own keys of poll; those that it takes from the poll group are not repeated. */
static void print_poll(const struct value *region, FILE *f)
{
	for (const struct gpubroker_option *row = conf_poll_keys; row->key; row++) {
		const struct gpubroker_option one[] = {*row, {0}};

		if (value_get(region, row->key)) {
			option_print_values(one, region, 4, f);
		}
	}
}

static void print_options(const struct printer *p, const struct value *region)
{
	const struct value *plugin = value_get(region, "plugin");
	_cleanup_(complaints_finish) struct complaints unused = {0};
	const struct gpubroker_option *rows =
		p->options_of && value_string(region, "plugin")
			? p->options_of(p->context, p->plugin_dir, plugin->string, plugin, &unused)
			: NULL;

	if (value_boolean(region, CONF_KEY_FROM_ENVIRONMENT, false)) {
		fputs("    # options: the OS_* variables of the environment\n", p->f);
	} else if (rows) {
		fputs("    options: {\n", p->f);
		option_print_values(rows, value_get(region, "options"), 6, p->f);
		fputs("    };\n", p->f);
	}
}

static void print_region(const struct printer *p, const struct value *region)
{
	if (region->file && region->line > 0) {
		fprintf(p->f, "  # %s:%u\n", region->file, region->line);
	}
	fputs("  {\n", p->f);
	option_print_values(conf_region_keys, region, 4, p->f);
	print_poll(region, p->f);
	print_options(p, region);
	fputs("  }", p->f);
}

void conf_print(
	const struct value *tree, conf_plugin_options_fn *options_of, void *context, FILE *f)
{
	const struct value *regions = value_get(tree, "regions");
	_cleanup_(freep) char *plugin_dir = conf_path(tree, "plugin_dir");
	struct printer p = {options_of, context, plugin_dir, value_get(tree, "poll"), f};

	if (!plugin_dir) {
		return;
	}
	option_print_values(conf_main_keys, tree, 0, f);
	print_section(tree, "rest", conf_rest_keys, f);
	print_section(tree, "cache", conf_cache_keys, f);
	print_section(tree, "poll", conf_poll_keys, f);
	fputs("regions = (\n", f);
	for (size_t i = 0; regions && i < regions->n_items; i++) {
		fputs(i == 0 ? "" : ",\n", f);
		print_region(&p, regions->items[i]);
	}
	fputs("\n);\n", f);
}
