/* SPDX-License-Identifier: Apache-2.0 */
/* The client: its commands and options in two tables (commands.c), what was asked for, and how it ends. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/str.h"
#include "cli/output/ui.h"

enum cli_exit {
	CLI_FINE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_FOUND = 3,
	CLI_NO_CAPACITY = 4, /* wait: it took too long; fit: it does not fit, or nobody knows */
	CLI_ONLY_STALE = 5,  /* with --strict */
};

enum cli_format { FORMAT_TABLE = 0, FORMAT_JSON, FORMAT_CSV, FORMAT_VALUE, FORMAT_YAML };
extern const char *const cli_format_words[]; /* in the order of enum cli_format; NULL-terminated */

struct cli_words {
	const char **items; /* borrowed from argv */
	size_t n;
};

struct cli_command;

/* What the command line said. */
struct cli_args {
	const struct cli_command *command; /* NULL: none was given */
	const char *endpoint, *format_word, *sort_column;
	const char *name, *memcached, *cloud, *config, *record, *store;
	struct cli_words columns, regions, gpus, operands;
	int64_t min_available, min, timeout_s, expire_s, interval_s, count; /* -1: not given */
	enum cli_format format;
	bool help, version, no_color, descending, long_, strict, verbose, describe;
};

enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_LIST, CLI_NUMBER };

struct cli_option {
	const char *name; /* without dashes */
	char letter;      /* 0: none */
	enum cli_kind kind;
	const char *argument; /* "HOST:PORT"; NULL: a flag */
	size_t offset;        /* of the member of struct cli_args */
	const char *help;
};

struct cli_program { /* what the program knows, not the user */
	struct ui ui;
	const char *plugin_dir; /* of a build tree, or where plugins are installed */
	bool is_build_tree;     /* then plugin_dir is meant where a configuration names none */
	char **environment;
};

typedef int cli_run_fn(struct cli_program *, const struct cli_args *); /* enum cli_exit */

struct cli_command {
	const char *name;     /* "flavor list" */
	const char *operands; /* "ID|NAME"; "" */
	size_t fewest, most;  /* operands; SIZE_MAX: any number */
	const char *options;  /* names of its own options between spaces; all have cli_common_options */
	const char *help;     /* one line */
	cli_run_fn *run;
};

/* commands.c */
extern const struct cli_command cli_commands[]; /* ends with a NULL name */
extern const struct cli_option cli_options[];   /* ends with a NULL name */
extern const char cli_common_options[];
bool cli_has_option(const char *names, const char *name);
const struct cli_option *cli_find_option(const char *name);

/* arguments.c: CLI_FINE, or CLI_USAGE and the sentence. */
int cli_parse(int argc, char *argv[], struct cli_args *, char *ret_problem, size_t problem_size);
void cli_args_finish(struct cli_args *);

/* help.c. command NULL: of all. cli_describe: the tables as lines of tab-separated fields, for completion. */
void cli_help(const struct ui *, const struct cli_command *);
void cli_describe(FILE *);

/* Parses, runs, and says what is wrong: all of main() but the folder of the plugins. */
int cli_main(struct cli_program *, int argc, char *argv[]);

/* The handlers. */
cli_run_fn run_flavor_list, run_flavor_show, run_flavor_explain, run_flavor_wait, run_region_list, run_region_show,
	run_gpu_list, run_fit, run_watch, run_collect, run_doctor;

#endif
