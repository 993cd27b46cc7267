/* SPDX-License-Identifier: Apache-2.0 */
/* --help, and the tables for completion, from the tables of commands.c. */
#include "cli/cli.h"

#include <ctype.h>

enum { NAME_COLUMN = 28 };

static void print_option(const struct ui *ui, const struct cli_option *o)
{
	char name[64];
	int n = snprintf(name, sizeof(name), "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
		o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name, o->argument ? " " : "",
		o->argument ? o->argument : "");

	if (n >= NAME_COLUMN) {
		fprintf(ui->out, "  %s\n  %*s%s\n", name, NAME_COLUMN, "", o->help);
	} else {
		fprintf(ui->out, "  %-*s%s\n", NAME_COLUMN, name, o->help);
	}
}

static void print_options(const struct ui *ui, const char *heading, const char *names)
{
	bool begun = false;

	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (o->help && cli_has_option(names, o->name)) {
			if (!begun) {
				fprintf(ui->out, "\n%s%s%s\n", ui_begin(ui->color, STYLE_HEADING),
					heading, ui_end(ui->color, STYLE_HEADING));
			}
			print_option(ui, o);
			begun = true;
		}
	}
}

static void print_commands(const struct ui *ui)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		char name[64];

		snprintf(name, sizeof(name), "%s %s%s", c->name, c->operands,
			c->most > 1 && c->fewest ? "…" : "");
		fprintf(ui->out, "  %-*s%s\n", NAME_COLUMN + (c->most > 1 && c->fewest ? 2 : 0),
			name, c->help);
	}
}

static const char exit_codes[] =
	"\nExit: 0 fine, 1 error, 2 usage, 3 not found, 4 no capacity (wait, fit), 5 only stale data (--strict).\n"
	"In tables, ? is a number that nobody knows, and * marks data that is no longer fresh.\n";

void cli_help(const struct ui *ui, const struct cli_command *command)
{
	if (command) {
		fprintf(ui->out, "Usage: gpubroker %s%s%s%s [OPTION]…\n\n%c%s.\n", command->name,
			command->operands[0] ? " " : "", command->operands,
			command->most > 1 && command->fewest ? "…" : "",
			toupper((unsigned char)command->help[0]), command->help + 1);
		print_options(ui, "Options", command->options);
	} else {
		fputs("Usage: gpubroker COMMAND [OPTION]…\n\n"
		      "How many servers of each GPU flavor can be started, and where. Asks a broker (gpubrokerd);\n"
		      "collect and doctor ask a cloud themselves.\n\n",
			ui->out);
		print_commands(ui);
	}
	print_options(ui, command ? "Options of every command" : "Options", cli_common_options);
	if (!command) {
		print_option(ui, cli_find_option("version"));
	}
	if (!command) {
		fputs("\ngpubroker COMMAND --help shows a command's own options.", ui->out);
	}
	fputs(exit_codes, ui->out);
}

void cli_describe(FILE *f)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		fprintf(f, "command\t%s\t%s\t%s\n", c->name, c->operands, c->help);
	}
	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (!o->help) {
			continue;
		}
		if (cli_has_option(cli_common_options, o->name)) {
			fprintf(f, "option\t\t--%s\t%c\t%s\t%s\n", o->name,
				o->letter ? o->letter : '-', o->argument ? o->argument : "",
				o->help);
		}
		for (const struct cli_command *c = cli_commands; c->name; c++) {
			if (cli_has_option(c->options, o->name)) {
				fprintf(f, "option\t%s\t--%s\t%c\t%s\t%s\n", c->name, o->name,
					o->letter ? o->letter : '-', o->argument ? o->argument : "",
					o->help);
			}
		}
	}
}
