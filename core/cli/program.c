/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to an exit code: see cli_main() in cli.h. */
#include "cli/cli.h"

static int run(struct cli_program *p, const struct cli_args *args)
{
	int r;

	if (args->version) {
		fprintf(p->ui.out, "gpubroker %s\n", GPUBROKER_VERSION);
		return CLI_FINE;
	}
	if (args->describe) {
		cli_describe(p->ui.out);
		return CLI_FINE;
	}
	if (args->help) {
		cli_help(&p->ui, args->command);
		return CLI_FINE;
	}
	r = args->command->run(p, args);
	ui_progress(&p->ui, NULL);
	return r;
}

int cli_main(struct cli_program *p, int argc, char *argv[])
{
	struct cli_args args;
	char problem[400] = "";
	int r = cli_parse(argc, argv, &args, problem, sizeof(problem));

	ui_init(&p->ui, args.no_color);
	if (r != CLI_FINE) {
		ui_complain(&p->ui, "%s", problem);
		ui_note(&p->ui, STYLE_PLAIN, "Try gpubroker %s%s--help",
			args.command ? args.command->name : "", args.command ? " " : "");
	} else {
		r = run(p, &args);
	}
	/* What could not be written has not been said: a full disk, a closed pipe. */
	if (fflush(p->ui.out) != 0 && r == CLI_FINE) {
		ui_complain(&p->ui, "cannot write: %m");
		r = CLI_FAILED;
	}
	cli_args_finish(&args);
	return r;
}
