/* SPDX-License-Identifier: Apache-2.0 */
/* YAML into a tree: see tree.h. Plain words mean what YAML 1.1 says, as PyYAML and so every OpenStack tool reads
 * them: yes is true, 012 is ten, << merges. */
#include "kit/cleanup.h"
#include "openstack/clouds/tree.h"

#include <yaml.h>

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct walk {
	yaml_document_t *document;
	const char *what;
	size_t n_nodes;
	struct gpubroker_error *reterr;
};

static int no_memory(const struct walk *w)
{
	return gpubroker_fail(w->reterr, GPUBROKER_E_INTERNAL, "%s: no memory", w->what);
}

/* ---- plain words ---- */

static bool is_word(const char *text, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(words[i]);
		bool lower = strcmp(text, words[i]) == 0;
		bool title = strcasecmp(text, words[i]) == 0 && text[0] >= 'A' && text[0] <= 'Z' &&
			     strcmp(text + 1, words[i] + 1) == 0;
		bool upper = strcasecmp(text, words[i]) == 0 &&
			     strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == k;

		if (lower || title || upper) {
			return true;
		}
	}
	return false;
}

static bool is_null(const char *text)
{
	static const char *const words[] = {"null"};

	return !*text || strcmp(text, "~") == 0 || is_word(text, words, ARRAY_SIZE(words));
}

static bool is_boolean(const char *text, bool *ret)
{
	static const char *const yes[] = {"yes", "true", "on"};
	static const char *const no[] = {"no", "false", "off"};

	*ret = is_word(text, yes, ARRAY_SIZE(yes));
	return *ret || is_word(text, no, ARRAY_SIZE(no));
}

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool good;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
		return false;
	}
	good = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return good;
}

/* Digits without '_', into out. */
static void strip(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; *text && n + 1 < room; text++) {
		if (*text != '_') {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
}

/* "1:30" is 90. */
static long long sexagesimal(const char *digits)
{
	long long value = 0;

	while (*digits) {
		char *end;

		value = value * 60 + strtoll(digits, &end, 10);
		digits = *end == ':' ? end + 1 : end;
	}
	return value;
}

/* As Python's str() of what PyYAML makes of it; false: it is no whole number. */
static bool integer_text(const char *text, char *out, size_t room)
{
	char digits[64];
	bool negative = text[0] == '-';
	const char *s = digits;
	int base = 0;

	if (strlen(text) >= sizeof(digits)) {
		return false;
	}
	strip(text + (negative || text[0] == '+'), digits, sizeof(digits));
	if (matches(text, "^[-+]?0b[01_]+$")) {
		base = 2;
		s += 2;
	} else if (matches(text, "^[-+]?0x[0-9a-fA-F_]+$")) {
		base = 16;
	} else if (matches(text, "^[-+]?0[0-7_]+$")) {
		base = 8;
	} else if (matches(text, "^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$")) {
		snprintf(out, room, "%s%lld", negative ? "-" : "", sexagesimal(digits));
		return true;
	} else if (!matches(text, "^[-+]?(0|[1-9][0-9_]*)$")) {
		return false;
	}
	if (base == 0) { /* of any length: the digits themselves */
		snprintf(
			out, room, "%s%s", negative && strcmp(digits, "0") != 0 ? "-" : "", digits);
	} else {
		snprintf(out, room, "%s%llu", negative ? "-" : "", strtoull(s, NULL, base));
	}
	return true;
}

/* The shortest digits that give the same number again, as Python prints it. */
static void shortest(double value, char *out, size_t room)
{
	int precision = 0, exponent;
	char text[64];

	do {
		snprintf(text, sizeof(text), "%.*e", precision, value);
	} while (strtod(text, NULL) != value && precision++ < 17);
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	if (value == 0 || (exponent >= -4 && exponent < 16)) {
		snprintf(out, room, "%.*f", MAX(precision - exponent, 1), value);
	} else {
		snprintf(out, room, "%s", text);
	}
}

static bool real_text(const char *text, char *out, size_t room)
{
	char digits[64];
	double value;

	if (matches(text, "^[-+]?\\.(inf|Inf|INF)$")) {
		snprintf(out, room, "%sinf", text[0] == '-' ? "-" : "");
		return true;
	}
	if (matches(text, "^\\.(nan|NaN|NAN)$")) {
		snprintf(out, room, "nan");
		return true;
	}
	if (strlen(text) >= sizeof(digits) ||
		!matches(text,
			"^([-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?|\\.[0-9][0-9_]*([eE][-+][0-9]+)?)$")) {
		return false;
	}
	strip(text, digits, sizeof(digits));
	value = strtod(digits, NULL);
	if (!isfinite(value)) {
		return false;
	}
	shortest(value, out, room);
	return true;
}

/* Most words are none, and the patterns are dear. */
static bool may_be_number(const char *text)
{
	return strchr("+-.0123456789", text[0]) != NULL;
}

static struct tree *plain_scalar(const char *text)
{
	char number[96];
	bool yes;

	if (is_null(text)) {
		return tree_new(TREE_NULL, NULL);
	}
	if (is_boolean(text, &yes)) {
		return tree_new(TREE_BOOLEAN, yes ? "True" : "False");
	}
	if (may_be_number(text) && (integer_text(text, number, sizeof(number)) ||
					   real_text(text, number, sizeof(number)))) {
		return tree_new(TREE_NUMBER, number);
	}
	return tree_new(TREE_TEXT, text);
}

/* ---- nodes ---- */

static int add_node(struct walk *w, int id, unsigned depth, struct tree **ret);

static int fail_at(const struct walk *w, const yaml_node_t *node, const char *sentence)
{
	return gpubroker_fail(w->reterr, GPUBROKER_E_CONFIG, "%s:%zu: %s", w->what,
		node->start_mark.line + 1, sentence);
}

static int add_scalar(struct walk *w, const yaml_node_t *node, struct tree **ret)
{
	const char *text = (const char *)node->data.scalar.value;

	if (strlen(text) != node->data.scalar.length) {
		return fail_at(w, node, "a value holds a NUL character");
	}
	*ret = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_scalar(text)
								  : tree_new(TREE_TEXT, text);
	return *ret ? 0 : no_memory(w);
}

static int add_list(struct walk *w, const yaml_node_t *node, unsigned depth, struct tree *list)
{
	for (yaml_node_item_t *i = node->data.sequence.items.start;
		i < node->data.sequence.items.top; i++) {
		struct tree *item = NULL;
		int r = add_node(w, *i, depth, &item);

		if (r < 0) {
			return r;
		}
		if (!tree_add(list, NULL, item)) {
			return no_memory(w);
		}
	}
	return 0;
}

/* A member that is only there if the map does not have it: what << brings. */
static bool add_missing(struct tree *map, const struct tree *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!tree_get(map, from->keys[i])) {
			struct tree *copy = tree_copy(from->items[i]);

			if (!copy || !tree_add(map, from->keys[i], copy)) {
				return false;
			}
		}
	}
	return true;
}

/* "<<: *other" or "<<: [*one, *two]"; of several the first wins. */
static int merge_keys(
	struct walk *w, const yaml_node_t *node, struct tree *map, const struct tree *from)
{
	if (from->kind == TREE_MAP) {
		return add_missing(map, from) ? 0 : no_memory(w);
	}
	if (from->kind != TREE_LIST) {
		return fail_at(w, node, "what << merges is no map");
	}
	for (size_t i = 0; i < from->n; i++) {
		if (from->items[i]->kind != TREE_MAP) {
			return fail_at(w, node, "what << merges is no map");
		}
		if (!add_missing(map, from->items[i])) {
			return no_memory(w);
		}
	}
	return 0;
}

static bool is_merge(const yaml_node_t *key)
{
	return key->type == YAML_SCALAR_NODE && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       strcmp((const char *)key->data.scalar.value, "<<") == 0;
}

static int add_member(
	struct walk *w, const yaml_node_pair_t *pair, unsigned depth, struct tree *map)
{
	const yaml_node_t *key = yaml_document_get_node(w->document, pair->key);
	_cleanup_(tree_freep) struct tree *name = NULL;
	struct tree *item = NULL;
	int r = key->type == YAML_SCALAR_NODE ? add_scalar(w, key, &name)
					      : fail_at(w, key, "a key is no plain word");

	r = r < 0 ? r : add_node(w, pair->value, depth, &item);
	if (r < 0) {
		return r;
	}
	return tree_add(map, name->text ? name->text : "None", item) ? 0 : no_memory(w);
}

static int add_map(struct walk *w, const yaml_node_t *node, unsigned depth, struct tree *map)
{
	const yaml_node_pair_t *begin = node->data.mapping.pairs.start;
	const yaml_node_pair_t *end = node->data.mapping.pairs.top;
	int r = 0;

	for (const yaml_node_pair_t *p = begin; r == 0 && p < end; p++) {
		if (!is_merge(yaml_document_get_node(w->document, p->key))) {
			r = add_member(w, p, depth, map);
		}
	}
	for (const yaml_node_pair_t *p = begin; r == 0 && p < end; p++) {
		if (is_merge(yaml_document_get_node(w->document, p->key))) {
			_cleanup_(tree_freep) struct tree *from = NULL;

			r = add_node(w, p->value, depth, &from);
			r = r < 0 ? r : merge_keys(w, node, map, from);
		}
	}
	return r;
}

static int add_node(struct walk *w, int id, unsigned depth, struct tree **ret)
{
	const yaml_node_t *node = yaml_document_get_node(w->document, id);
	_cleanup_(tree_freep) struct tree *t = NULL;
	int r;

	if (depth > TREE_MAX_DEPTH || ++w->n_nodes > TREE_MAX_NODES) {
		return gpubroker_fail(w->reterr, GPUBROKER_E_LIMIT,
			"%s: it is too deep or too large with its aliases written out", w->what);
	}
	if (strncmp((const char *)node->tag, "tag:yaml.org,2002:", 18) != 0) {
		return fail_at(w, node, "a tag is not known");
	}
	if (node->type == YAML_SCALAR_NODE) {
		return add_scalar(w, node, ret);
	}
	t = tree_new(node->type == YAML_MAPPING_NODE ? TREE_MAP : TREE_LIST, NULL);
	if (!t) {
		return no_memory(w);
	}
	r = t->kind == TREE_MAP ? add_map(w, node, depth + 1, t) : add_list(w, node, depth + 1, t);
	if (r == 0) {
		*ret = TAKE_PTR(t);
	}
	return r;
}

/* ---- the document ---- */

static int fail_parse(const yaml_parser_t *p, const char *what, struct gpubroker_error *reterr)
{
	if (p->error == YAML_MEMORY_ERROR) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s: no memory", what);
	}
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s:%zu: %s", what,
		p->problem_mark.line + 1, p->problem ? p->problem : "it is not YAML");
}

/* Whether nothing follows the first document. */
static int check_end(yaml_parser_t *p, const char *what, struct gpubroker_error *reterr)
{
	yaml_document_t next;
	bool more;

	if (!yaml_parser_load(p, &next)) {
		return fail_parse(p, what, reterr);
	}
	more = yaml_document_get_root_node(&next) != NULL;
	yaml_document_delete(&next);
	return more ? gpubroker_fail(
			      reterr, GPUBROKER_E_CONFIG, "%s: it holds several documents", what)
		    : 0;
}

static int read_document(
	yaml_parser_t *p, const char *what, struct tree **ret, struct gpubroker_error *reterr)
{
	yaml_document_t document;
	struct walk w = {.document = &document, .what = what, .reterr = reterr};
	_cleanup_(tree_freep) struct tree *t = NULL;
	int r = 0;

	if (!yaml_parser_load(p, &document)) {
		return fail_parse(p, what, reterr);
	}
	if (yaml_document_get_root_node(&document)) {
		r = add_node(&w, 1, 0, &t);
		r = r < 0 ? r : check_end(p, what, reterr);
	} else {
		t = tree_new(TREE_NULL, NULL);
		r = t ? 0 : no_memory(&w);
	}
	yaml_document_delete(&document);
	if (r == 0) {
		*ret = TAKE_PTR(t);
	}
	return r;
}

int tree_from_yaml(struct tree **ret, const char *data, size_t n, const char *what,
	struct gpubroker_error *reterr)
{
	yaml_parser_t parser;
	int r;

	if (!yaml_parser_initialize(&parser)) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s: no memory", what);
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)data, n);
	r = read_document(&parser, what, ret, reterr);
	yaml_parser_delete(&parser);
	return r;
}
