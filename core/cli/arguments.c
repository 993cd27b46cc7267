/* SPDX-License-Identifier: Apache-2.0 */
/* The command line against the tables of commands.c: words in any order, options before, between and after them. */
#include "base/mem.h"
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>

enum { MOST_NAMES = 64, MOST_NOUN = 32 };

struct parsing {
	struct cli_args *args;
	char **argv;
	int argc, at;
	bool options_are_over; /* after "--" */
	const struct cli_option *seen[MOST_NAMES];
	size_t n_seen;
	char *problem;
	size_t problem_size;
};

__attribute__((format(printf, 2, 3))) static int usage(struct parsing *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(p->problem, p->problem_size, format, ap);
	va_end(ap);
	return CLI_USAGE;
}

static const char *nearest_option(const char *name)
{
	const char *names[MOST_NAMES];
	size_t n = 0;

	for (const struct cli_option *o = cli_options; o->help && n < MOST_NAMES; o++) {
		names[n++] = o->name;
	}
	return str_nearest(name, names, n);
}

/* "--name" or "--name=value"; *ret_value: what stands behind the "=". */
static int find_long(
	struct parsing *p, const char *word, const struct cli_option **ret, const char **ret_value)
{
	const char *equals = strchr(word, '=');
	_cleanup_(freep) char *name =
		equals ? strndup(word, (size_t)(equals - word)) : strdup(word);
	const char *nearest;

	*ret_value = equals ? equals + 1 : NULL;
	*ret = name ? cli_find_option(name) : NULL;
	if (*ret) {
		return CLI_FINE;
	}
	nearest = name ? nearest_option(name) : NULL;
	if (nearest) {
		return usage(p, "there is no option --%s; did you mean --%s?", name, nearest);
	}
	return usage(p, "there is no option --%s", word);
}

/* "-f" or "-fjson". */
static int find_short(
	struct parsing *p, const char *word, const struct cli_option **ret, const char **ret_value)
{
	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (o->letter && o->letter == word[0]) {
			*ret = o;
			*ret_value = word[1] ? word + 1 : NULL;
			return CLI_FINE;
		}
	}
	return usage(p, "there is no option -%c", word[0]);
}

static void *member(struct parsing *p, const struct cli_option *o)
{
	return (char *)p->args + o->offset;
}

static int set_number(struct parsing *p, const struct cli_option *o, const char *value)
{
	int64_t n;

	if (!str_to_int64(value, &n) || n < 0 || n > INT32_MAX) {
		return usage(p, "--%s needs a whole number, not \"%s\"", o->name, value);
	}
	*(int64_t *)member(p, o) = n;
	return CLI_FINE;
}

static int set_option(struct parsing *p, const struct cli_option *o, const char *value)
{
	struct cli_words *list = member(p, o);

	if (p->n_seen < MOST_NAMES) {
		p->seen[p->n_seen++] = o;
	}
	if (o->kind == CLI_FLAG) {
		*(bool *)member(p, o) = true;
		return value ? usage(p, "--%s takes no value", o->name) : CLI_FINE;
	}
	if (!value && p->at + 1 < p->argc) {
		value = p->argv[++p->at];
	}
	if (!value) {
		return usage(p, "--%s needs %s", o->name, o->argument);
	}
	if (o->kind == CLI_NUMBER) {
		return set_number(p, o, value);
	}
	if (o->kind == CLI_LIST) {
		list->items[list->n++] = value;
	} else {
		*(const char **)member(p, o) = value;
	}
	return CLI_FINE;
}

static int take_option(struct parsing *p, const char *word)
{
	const struct cli_option *o = NULL;
	const char *value = NULL;
	int r;

	if (word[1] != '-') {
		r = find_short(p, word + 1, &o, &value);
		while (r == CLI_FINE && o->kind == CLI_FLAG && value) { /* -vh */
			r = set_option(p, o, NULL);
			r = r == CLI_FINE ? find_short(p, value, &o, &value) : r;
		}
	} else {
		r = find_long(p, word + 2, &o, &value);
	}
	return r == CLI_FINE ? set_option(p, o, value) : r;
}

static int take_word(struct parsing *p, const char *word)
{
	if (!p->options_are_over && strcmp(word, "--") == 0) {
		p->options_are_over = true;
		return CLI_FINE;
	}
	if (!p->options_are_over && word[0] == '-' && word[1] != '\0') {
		return take_option(p, word);
	}
	p->args->operands.items[p->args->operands.n++] = word;
	return CLI_FINE;
}

/* How many of the words are the command's name; 0: it is another one. */
static size_t words_of(const char *name, const struct cli_words *words)
{
	size_t n = 0, length;

	for (const char *at = name; *at; at += length + (at[length] == ' ')) {
		length = strcspn(at, " ");
		if (n == words->n || strlen(words->items[n]) != length ||
			strncmp(words->items[n], at, length) != 0) {
			return 0;
		}
		n++;
	}
	return n;
}

/* "list, show": the verbs of a noun. */
static void add_verbs(struct strbuf *out, const char *noun)
{
	size_t n = strlen(noun);

	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strncmp(c->name, noun, n) == 0 && c->name[n] == ' ') {
			strbuf_addf(out, "%s%s", out->len ? ", " : "", c->name + n + 1);
		}
	}
}

/* The first words of the commands, to find what was meant. */
static const char *nearest_noun(const char *word, char nouns[static MOST_NAMES][MOST_NOUN])
{
	const char *names[MOST_NAMES];
	size_t n = 0;

	for (const struct cli_command *c = cli_commands; c->name && n < MOST_NAMES; c++) {
		snprintf(nouns[n], MOST_NOUN, "%.*s", (int)strcspn(c->name, " "), c->name);
		names[n] = nouns[n];
		n++;
	}
	return str_nearest(word, names, n);
}

/* "flavor" alone, or a word that is none of its verbs: say which there are. */
static int unknown_command(struct parsing *p)
{
	const struct cli_words *words = &p->args->operands;
	_cleanup_(strbuf_finish) struct strbuf verbs = {0};
	char nouns[MOST_NAMES][MOST_NOUN];
	const char *nearest;

	add_verbs(&verbs, words->items[0]);
	if (verbs.data && words->n == 1) {
		return usage(p, "%s what? There is: %s", words->items[0], verbs.data);
	}
	if (verbs.data) {
		return usage(p, "there is no \"%s %s\", but: %s", words->items[0], words->items[1],
			verbs.data);
	}
	nearest = nearest_noun(words->items[0], nouns);
	if (nearest) {
		return usage(p, "there is no command \"%s\"; did you mean %s?", words->items[0],
			nearest);
	}
	return usage(p, "there is no command \"%s\"", words->items[0]);
}

static int choose_command(struct parsing *p)
{
	struct cli_words *words = &p->args->operands;

	for (const struct cli_command *c = cli_commands; c->name; c++) {
		size_t n = words_of(c->name, words);

		if (n > 0) {
			p->args->command = c;
			words->n -= n;
			memmove(words->items, words->items + n, words->n * sizeof(words->items[0]));
			return CLI_FINE;
		}
	}
	return unknown_command(p);
}

static int check_operands(struct parsing *p)
{
	const struct cli_command *c = p->args->command;
	const struct cli_words *words = &p->args->operands;

	if (words->n < c->fewest) {
		return usage(p, "%s needs %s", c->name, c->operands);
	}
	if (words->n > c->most) {
		return usage(p, "%s: what is \"%s\"?", c->name, words->items[c->most]);
	}
	for (size_t i = 0; i < p->n_seen; i++) {
		const char *name = p->seen[i]->name;

		if (!cli_has_option(c->options, name) &&
			!cli_has_option(cli_common_options, name)) {
			return usage(p, "%s has no option --%s", c->name, name);
		}
	}
	return CLI_FINE;
}

static int check_format(struct parsing *p)
{
	const char *word = p->args->format_word;

	for (size_t i = 0; word && cli_format_words[i]; i++) {
		if (strcmp(word, cli_format_words[i]) == 0) {
			p->args->format = (enum cli_format)i;
			return CLI_FINE;
		}
	}
	return word ? usage(p, "there is no format \"%s\": table, json, csv, value or yaml", word)
		    : CLI_FINE;
}

static bool make_room(struct cli_args *a, int argc)
{
	struct cli_words *lists[] = {&a->columns, &a->regions, &a->gpus, &a->operands};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		lists[i]->items = calloc((size_t)argc + 1, sizeof(*lists[i]->items));
		if (!lists[i]->items) {
			return false;
		}
	}
	return true;
}

int cli_parse(int argc, char *argv[], struct cli_args *args, char *ret_problem, size_t problem_size)
{
	struct parsing p = {.args = args,
		.argv = argv,
		.argc = argc,
		.problem = ret_problem,
		.problem_size = problem_size};
	int r = CLI_FINE;

	*args = (struct cli_args){.min_available = -1,
		.min = -1,
		.timeout_s = -1,
		.expire_s = -1,
		.interval_s = -1,
		.count = -1};
	if (!make_room(args, argc)) {
		return usage(&p, "no memory");
	}
	for (p.at = 1; r == CLI_FINE && p.at < argc; p.at++) {
		r = take_word(&p, argv[p.at]);
	}
	if (r != CLI_FINE || args->version || args->describe) {
		return r;
	}
	if (args->operands.n > 0) {
		r = choose_command(&p);
	} else if (!args->help) {
		r = usage(&p, "a command is missing");
	}
	if (r != CLI_FINE || args->help) {
		return r;
	}
	r = check_operands(&p);
	return r == CLI_FINE ? check_format(&p) : r;
}

void cli_args_finish(struct cli_args *a)
{
	free(a->columns.items);
	free(a->regions.items);
	free(a->gpus.items);
	free(a->operands.items);
	*a = (struct cli_args){0};
}
