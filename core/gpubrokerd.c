/* SPDX-License-Identifier: Apache-2.0 */
/* main(): arguments → role. Without --role it is the parent, or one of the small tools that need no process:
 * --list-plugins, --plugin-help, --version, --help. */
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "plugin/pluglist.h"
#include "proc/parent.h"
#include "proc/role.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/gpubroker/gpubroker.conf"

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"Usage: gpubrokerd [-c FILE] [--check [-v]] [--bind HOST:PORT] [--memcachedHost HOST:PORT]\n"
	"                  [--workers N] [--timeout S] [--log-level LEVEL]\n"
	"                  [--list-plugins] [--plugin-help NAME] [--version] [--help]\n"
	"\n"
	"Tells how many servers of each GPU flavor can be started in a federation of OpenStack clouds.\n"
	"\n"
	"  -c, --config FILE          configuration (default: " DEFAULT_CONFIG ")\n"
	"      --check                check configuration and plugins, start nothing\n"
	"  -v, --verbose              with --check: print the effective configuration, secrets left out\n"
	"      --bind HOST:PORT       listen there only\n"
	"      --memcachedHost H:P    keep readings in this memcached\n"
	"      --workers N            threads that answer requests\n"
	"      --timeout S            seconds after which an idle connection is closed\n"
	"      --log-level LEVEL      error, warn, info or debug (default: info)\n"
	"      --list-plugins         the plugins that are installed\n"
	"      --plugin-help NAME     what a plugin is for and its options\n"
	"\n"
	"Without a configuration file, but with OS_CLOUD or OS_AUTH_URL and its like in the environment, it serves\n"
	"that one cloud. SIGHUP reloads the configuration, SIGUSR1 reads every region now, SIGTERM ends.\n";

enum {
	OPT_CHECK = 256,
	OPT_BIND,
	OPT_MEMCACHED,
	OPT_WORKERS,
	OPT_TIMEOUT,
	OPT_LOG_LEVEL,
	OPT_LIST_PLUGINS,
	OPT_PLUGIN_HELP,
	OPT_VERSION,
	OPT_ROLE,
	OPT_SELF,
};

static const struct option options[] = {
	{"config",        required_argument, NULL, 'c'             },
	{"check",         no_argument,       NULL, OPT_CHECK       },
	{"verbose",       no_argument,       NULL, 'v'             },
	{"bind",          required_argument, NULL, OPT_BIND        },
	{"memcachedHost", required_argument, NULL, OPT_MEMCACHED   },
	{"workers",       required_argument, NULL, OPT_WORKERS     },
	{"timeout",       required_argument, NULL, OPT_TIMEOUT     },
	{"log-level",     required_argument, NULL, OPT_LOG_LEVEL   },
	{"list-plugins",  no_argument,       NULL, OPT_LIST_PLUGINS},
	{"plugin-help",   required_argument, NULL, OPT_PLUGIN_HELP },
	{"version",       no_argument,       NULL, OPT_VERSION     },
	{"help",          no_argument,       NULL, 'h'             },
	{"role",          required_argument, NULL, OPT_ROLE        }, /* how the parent starts its children */
	{"self",          required_argument, NULL, OPT_SELF        }, /* for tools under which /proc/self/exe is
								       * the tool itself (valgrind) */
	{NULL,            0,                 NULL, 0               },
};

struct arguments {
	struct parent_settings parent;
	const char *config, *role, *plugin_help;
	enum log_level log_level;
	bool list_plugins;
};

/* Options whose argument is kept as it is. */
static const struct {
	int option;
	size_t offset;
} texts[] = {
	{'c',             offsetof(struct arguments, config)          },
	{OPT_BIND,        offsetof(struct arguments, parent.bind)     },
	{OPT_MEMCACHED,   offsetof(struct arguments, parent.memcached)},
	{OPT_WORKERS,     offsetof(struct arguments, parent.workers)  },
	{OPT_TIMEOUT,     offsetof(struct arguments, parent.timeout)  },
	{OPT_SELF,        offsetof(struct arguments, parent.self_path)},
	{OPT_PLUGIN_HELP, offsetof(struct arguments, plugin_help)     },
	{OPT_ROLE,        offsetof(struct arguments, role)            },
};

static bool take_text(struct arguments *a, int option)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].option == option) {
			*(const char **)(void *)((char *)a + texts[i].offset) = optarg;
			return true;
		}
	}
	return false;
}

/* EXIT_FINE with *ret_done: all has been said; else go on, or the exit status. */
static int parse_one(struct arguments *a, int option, bool *ret_done)
{
	switch (option) {
	case 'v':
		a->parent.verbose = true;
		return EXIT_FINE;
	case OPT_CHECK:
		a->parent.check = true;
		return EXIT_FINE;
	case OPT_LIST_PLUGINS:
		a->list_plugins = true;
		return EXIT_FINE;
	case OPT_LOG_LEVEL:
		if (log_level_parse(optarg, &a->log_level)) {
			return EXIT_FINE;
		}
		fprintf(stderr, "gpubrokerd: no log level \"%s\": error, warn, info or debug\n",
			optarg);
		return EXIT_USAGE;
	case OPT_VERSION:
		printf("gpubrokerd %s\n", GPUBROKER_VERSION);
		*ret_done = true;
		return EXIT_FINE;
	case 'h':
		fputs(usage, stdout);
		*ret_done = true;
		return EXIT_FINE;
	default:
		fputs("Try gpubrokerd --help\n", stderr);
		return EXIT_USAGE;
	}
}

static int parse(int argc, char *argv[], struct arguments *a, bool *ret_done)
{
	int option, r = EXIT_FINE;

	/* What follows --role is the role's. */
	while (r == EXIT_FINE && !*ret_done && !a->role &&
		(option = getopt_long(argc, argv, "c:vh", options, NULL)) != -1) {
		if (!take_text(a, option)) {
			r = parse_one(a, option, ret_done);
		}
	}
	if (r == EXIT_FINE && !*ret_done && !a->role && optind < argc) {
		fprintf(stderr, "gpubrokerd: what is \"%s\"? Try gpubrokerd --help\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return r;
}

extern char **environ;

static bool has_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool has_cloud_variables(void)
{
	return has_variable("OS_AUTH_URL") || has_variable("OS_CLOUD");
}

/* No configuration file, but a cloud in the environment: how the predecessor's container is started. */
static int use_environment(struct arguments *a)
{
	_cleanup_(complaints_finish) struct complaints complaints = {0};

	a->parent.environment_tree = conf_from_environment(environ, &complaints);
	for (size_t i = 0; i < complaints.n; i++) {
		fprintf(stderr, "gpubrokerd: %s\n", complaints.lines[i]);
	}
	a->parent.probe_memcached = !a->parent.memcached;
	return a->parent.environment_tree ? EXIT_FINE : EXIT_FAILED;
}

static int choose_configuration(struct arguments *a, char file[static PATH_MAX])
{
	const char *name = a->config ? a->config : DEFAULT_CONFIG;

	if (!a->config && access(name, F_OK) < 0) {
		if (has_cloud_variables()) {
			return use_environment(a);
		}
		fprintf(stderr,
			"gpubrokerd: there is no %s, and neither OS_AUTH_URL nor OS_CLOUD is set: give a "
			"configuration file with -c\n",
			name);
		return EXIT_FAILED;
	}
	if (!realpath(name, file)) {
		fprintf(stderr, "gpubrokerd: %s: %m\n", name);
		return EXIT_FAILED;
	}
	a->parent.config_file = file;
	return EXIT_FINE;
}

static int run_tool(const struct arguments *a)
{
	const char *dir = a->parent.plugin_dir ? a->parent.plugin_dir : PLUGIN_DIR;
	struct gpubroker_error error = {0};
	int r = a->list_plugins ? plugin_print_list(dir, stdout, &error)
				: plugin_print_help(dir, a->plugin_help, stdout, &error);

	if (r < 0) {
		fprintf(stderr, "gpubrokerd: %s\n", error.text);
	}
	return r < 0 ? EXIT_FAILED : EXIT_FINE;
}

/* Where 0, 1 or 2 is closed, a socket of ours would get the number, and the log would be written into it. */
static void open_standard_fds(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO) {
		fd = dup(fd);
	}
	if (fd >= 0) {
		close(fd);
	}
}

int main(int argc, char *argv[])
{
	struct arguments a = {.log_level = LOG_LEVEL_INFO};
	char plugins[PATH_MAX], file[PATH_MAX];
	bool done = false;
	int r;

	open_standard_fds();
	r = parse(argc, argv, &a, &done);
	if (r != EXIT_FINE || done) {
		return r;
	}
	if (a.role) {
		return role_main(a.role, argv[optind]);
	}
	a.parent.plugin_dir = plugin_build_folder(plugins);
	if (a.list_plugins || a.plugin_help) {
		return run_tool(&a);
	}
	r = choose_configuration(&a, file);
	if (r == EXIT_FINE) {
		log_init("gpubrokerd", a.log_level);
		if (!a.parent.check && !a.config && a.parent.config_file && has_cloud_variables()) {
			log_warn("OS_* variables are not used, there is a configuration file=%s",
				file);
		}
		r = parent_main(&a.parent);
	}
	value_free(a.parent.environment_tree);
	return r;
}
