/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of the flavor lists: see filter.h. */
#include "rest/filter.h"

#include "base/mem.h"

#include <string.h>

const char *const filter_parameters[] = {
	"region", "gpu_type", "name", "min_available", "fields", "sort", NULL};

/* The fields of a ROW and what they are sorted by. */

static const char *region_of(const struct view_row *row)
{
	return row->region->status.name;
}

static const char *site_of(const struct view_row *row)
{
	return row->region->status.site;
}

static const char *id_of(const struct view_row *row)
{
	return row->flavor->flavor.id;
}

static const char *name_of(const struct view_row *row)
{
	return row->flavor->flavor.name;
}

static const char *limit_of(const struct view_row *row)
{
	return limit_word(row->flavor->count.limited_by);
}

static const char *state_of(const struct view_row *row)
{
	return region_state_word(row->region->state);
}

#define NUMBER_OF(name, expression)                                                                \
	static int64_t name(const struct view_row *row)                                            \
	{                                                                                          \
		return expression;                                                                 \
	}
NUMBER_OF(vcpus_of, row->flavor->flavor.vcpus)
NUMBER_OF(ram_of, row->flavor->flavor.ram_mib)
NUMBER_OF(disk_of, row->flavor->flavor.disk_gib)
NUMBER_OF(ephemeral_of, row->flavor->flavor.ephemeral_gib)
NUMBER_OF(swap_of, row->flavor->flavor.swap_mib)
NUMBER_OF(public_of, row->flavor->flavor.is_public)
NUMBER_OF(total_of, row->flavor->count.total)
NUMBER_OF(available_of, row->flavor->count.available)
NUMBER_OF(exclusive_of, row->flavor->available_exclusive)

static const struct field {
	const char *name;
	const char *(*text)(const struct view_row *); /* NULL of it: unknown */
	int64_t (*number)(const struct view_row *);   /* below 0: unknown */
} fields[] = {
	{"region",              region_of, NULL        },
	{"site",                site_of,   NULL        },
	{"id",		  id_of,     NULL        },
	{"name",                name_of,   NULL        },
	{"vcpus",               NULL,      vcpus_of    },
	{"ram_mib",             NULL,      ram_of      },
	{"disk_gib",            NULL,      disk_of     },
	{"ephemeral_gib",       NULL,      ephemeral_of},
	{"swap_mib",            NULL,      swap_of     },
	{"is_public",           NULL,      public_of   },
	{"gpus",                NULL,      NULL        }, /* a list: cannot be sorted by */
	{"total",               NULL,      total_of    },
	{"available",           NULL,      available_of},
	{"available_exclusive", NULL,      exclusive_of},
	{"limited_by",          limit_of,  NULL        },
	{"state",               state_of,  NULL        },
};

static bool find_field(const char *name, size_t n, unsigned *ret)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strlen(fields[i].name) == n && memcmp(fields[i].name, name, n) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool filter_wants_field(void *context, const char *name)
{
	const struct filter *f = context;
	unsigned field;

	return f->fields == 0 || (find_field(name, strlen(name), &field) && f->fields >> field & 1);
}

struct parse {
	struct filter *filter;
	const struct page_source *source;
	struct draft *problem;
};

static bool parse_region(struct parse *p, const char *value)
{
	const struct view_region *region = view_find_region(p->source->view, value);

	if (!region) {
		draft_problem(p->problem, p->source->request, 404,
			"region: there is no region '%s'.", value);
		return false;
	}
	p->filter->regions[p->filter->n_regions++] = region;
	return true;
}

static bool parse_gpu_type(struct parse *p, const char *value)
{
	p->filter->gpu_types[p->filter->n_gpu_types++] = value;
	return true;
}

static bool parse_name(struct parse *p, const char *value)
{
	p->filter->name = value;
	return true;
}

static bool parse_min_available(struct parse *p, const char *value)
{
	if (*value < '0' || *value > '9' || !str_to_int64(value, &p->filter->min_available)) {
		draft_problem(p->problem, p->source->request, 400,
			"min_available: '%s' is not a number of servers.", value);
		return false;
	}
	return true;
}

/* NULL: the list is over. */
static const char *after_comma(const char *at)
{
	at += strcspn(at, ",");
	return *at ? at + 1 : NULL;
}

static bool parse_fields(struct parse *p, const char *value)
{
	unsigned field;

	for (const char *at = value; at; at = after_comma(at)) {
		size_t n = strcspn(at, ",");

		if (!find_field(at, n, &field)) {
			draft_problem(p->problem, p->source->request, 400,
				"fields: a flavor has no field '%.*s'.", (int)n, at);
			return false;
		}
		p->filter->fields |= 1u << field;
	}
	return true;
}

static bool parse_sort(struct parse *p, const char *value)
{
	unsigned field;
	struct filter *f = p->filter;

	for (const char *at = value; at; at = after_comma(at)) {
		bool descending = *at == '-';
		size_t n = strcspn(at + descending, ",");

		if (!find_field(at + descending, n, &field) ||
			(!fields[field].text && !fields[field].number)) {
			draft_problem(p->problem, p->source->request, 400,
				"sort: flavors cannot be sorted by '%.*s'.", (int)n,
				at + descending);
			return false;
		}
		if (f->n_sort == FILTER_MAX_SORT_KEYS) {
			draft_problem(p->problem, p->source->request, 400,
				"sort: more than %d keys.", FILTER_MAX_SORT_KEYS);
			return false;
		}
		f->sort[f->n_sort++] = (struct sort_key){field, descending};
	}
	return true;
}

static const struct {
	const char *key;
	bool (*parse)(struct parse *, const char *value);
	bool repeatable;
} parsers[] = {
	{"region",        parse_region,        true },
	{"gpu_type",      parse_gpu_type,      true },
	{"name",          parse_name,          false},
	{"min_available", parse_min_available, false},
	{"fields",        parse_fields,        false},
	{"sort",          parse_sort,          false},
};

static bool parse_one(struct parse *p, const struct parameter *parameter)
{
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		if (!str_equal(parsers[i].key, parameter->key)) {
			continue;
		}
		if (!parsers[i].repeatable &&
			request_parameter(p->source->request, parameter->key) != parameter) {
			draft_problem(p->problem, p->source->request, 400, "%s: given twice.",
				parameter->key);
			return false;
		}
		return parsers[i].parse(p, parameter->value);
	}
	return true; /* the router has refused what nobody knows */
}

bool filter_parse(struct filter *f, const struct page_source *source, struct draft *ret_problem)
{
	struct parse p = {.filter = f, .source = source, .problem = ret_problem};

	*f = (struct filter){.min_available = INT64_MIN};
	for (size_t i = 0; i < source->request->n_parameters; i++) {
		if (!parse_one(&p, &source->request->parameters[i])) {
			return false;
		}
	}
	return true;
}

bool filter_wants_region(const struct filter *f, const struct view_region *region)
{
	for (size_t i = 0; i < f->n_regions; i++) {
		if (f->regions[i] == region) {
			return true;
		}
	}
	return f->n_regions == 0;
}

static bool has_gpu_type(const struct filter *f, const struct gpubroker_flavor *flavor)
{
	for (size_t i = 0; i < f->n_gpu_types; i++) {
		for (size_t j = 0; j < flavor->n_gpus; j++) {
			if (str_equal(f->gpu_types[i], flavor->gpus[j].type)) {
				return true;
			}
		}
	}
	return f->n_gpu_types == 0;
}

static bool passes(const struct filter *f, const struct view_row *row)
{
	return filter_wants_region(f, row->region) && has_gpu_type(f, &row->flavor->flavor) &&
	       (!f->name || str_contains_nocase(row->flavor->flavor.name, f->name)) &&
	       row->flavor->count.available >= f->min_available;
}

/* What is not known comes last in either direction. */
static int compare_by(
	const struct sort_key *key, const struct view_row *a, const struct view_row *b)
{
	const struct field *field = &fields[key->field];
	const char *text_a = field->text ? field->text(a) : NULL;
	const char *text_b = field->text ? field->text(b) : NULL;
	int64_t number_a = field->number ? field->number(a) : -1;
	int64_t number_b = field->number ? field->number(b) : -1;
	bool known_a = text_a || number_a >= 0, known_b = text_b || number_b >= 0;
	int order;

	if (!known_a || !known_b) {
		return (int)known_b - (int)known_a;
	}
	order = text_a ? strcmp(text_a, text_b) : (number_a > number_b) - (number_a < number_b);
	return key->descending ? -order : order;
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
	const struct view_row *a = *(const struct view_row *const *)pa;
	const struct view_row *b = *(const struct view_row *const *)pb;
	const struct filter *f = context;

	for (size_t i = 0; i < f->n_sort; i++) {
		int order = compare_by(&f->sort[i], a, b);

		if (order != 0) {
			return order;
		}
	}
	return a < b ? -1 : a > b; /* both lie in the view's array, in configuration order */
}

const struct view_row **filter_rows(const struct filter *f, const struct view *view,
	const struct view_region *region, size_t *ret_n)
{
	const struct view_row **rows = malloc((view->n_rows + 1) * sizeof(*rows));
	size_t n = 0;

	if (!rows) {
		return NULL;
	}
	for (size_t i = 0; i < view->n_rows; i++) {
		const struct view_row *row = &view->rows[i];

		if ((!region || row->region == region) && passes(f, row)) {
			rows[n++] = row;
		}
	}
	if (f->n_sort > 0) {
		qsort_r(rows, n, sizeof(*rows), compare_rows, (void *)(uintptr_t)f);
	}
	*ret_n = n;
	return rows;
}
