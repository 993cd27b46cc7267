/* SPDX-License-Identifier: Apache-2.0 */
/* A child process: see child.h. The parent has one thread, so that fork() is safe; exec() follows at once and
 * gives the child an address space of its own with nothing of the parent's in it. */
#include "proc/child.h"

#include "base/mem.h"
#include "base/mono.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ENVIRONMENT = 40, FIRST_PASSED_FD = CHILD_CHANNEL_FD + 1, MOST_PASSED_FDS = 256 };

struct child {
	struct loop *loop;
	pid_t pid;
	int64_t started_ms;
	struct loop_fd exit_fd; /* a pidfd */
	struct chan *chan;
	const struct child_calls *calls;
	void *context;
	const char *broken; /* why it was killed for a broken protocol */
};

/* What a child may know of the environment. OS_* is never among it. */
static const char *const any_role[] = {"TZ", "LANG", "LC_ALL", "LC_TIME", "JOURNAL_STREAM",
	"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH", NULL};
static const char *const network_role[] = {"http_proxy", "https_proxy", "no_proxy", "all_proxy",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "CREDENTIALS_DIRECTORY",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "HOME", "XDG_CONFIG_HOME", "SNAP_REAL_HOME", NULL};

extern char **environ;

static size_t pick_environment(const char *const names[], char *picked[], size_t n)
{
	for (size_t i = 0; names[i]; i++) {
		size_t length = strlen(names[i]);

		for (char **e = environ; *e; e++) {
			if (n + 1 < MOST_ENVIRONMENT && strncmp(*e, names[i], length) == 0 &&
				(*e)[length] == '=') {
				picked[n++] = *e;
			}
		}
	}
	picked[n] = NULL;
	return n;
}

/* In the child: puts the descriptors at 3, 4, …; first out of the way of each other. */
static int place_fds(int channel, const struct child_spec *spec)
{
	int moved[MOST_PASSED_FDS + 1];

	for (size_t i = 0; i <= spec->n_fds; i++) {
		moved[i] = fcntl(i == 0 ? channel : spec->fds[i - 1], F_DUPFD_CLOEXEC,
			FIRST_PASSED_FD + MOST_PASSED_FDS);
		if (moved[i] < 0) {
			return -errno;
		}
	}
	for (size_t i = 0; i <= spec->n_fds; i++) {
		if (dup2(moved[i], CHILD_CHANNEL_FD + (int)i) < 0) {
			return -errno;
		}
	}
	return 0;
}

/* `pkill gpubrokerd`, a terminal and systemd signal every process of the daemon: only the parent acts on it, and
 * decides who ends, and when. Ignored signals stay ignored over exec(), so that there is no moment without. */
static void leave_signals_to_parent(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE};
	sigset_t none;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		signal(numbers[i], SIG_IGN);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_child(int self_fd, int channel, const struct child_spec *spec)
{
	char *env[MOST_ENVIRONMENT];
	char *const argv[] = {(char[]){"gpubrokerd"}, (char[]){"--role"}, (char *)spec->role,
		(char *)spec->name, NULL};
	size_t n = pick_environment(any_role, env, 0);
	int self = fcntl(self_fd, F_DUPFD_CLOEXEC, FIRST_PASSED_FD + MOST_PASSED_FDS);

	if (spec->network) {
		pick_environment(network_role, env, n);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	leave_signals_to_parent();
	if (self < 0 || place_fds(channel, spec) < 0) {
		_exit(126);
	}
	/* Whatever the daemon was started with: none of it is the child's. */
	close_range(FIRST_PASSED_FD + (unsigned)spec->n_fds, ~0U, CLOSE_RANGE_CLOEXEC);
	syscall(SYS_execveat, self, "", argv, env, AT_EMPTY_PATH);
	_exit(127);
}

static void on_frame(void *context, const struct frame *frame)
{
	struct child *c = context;

	c->calls->frame(c->context, c, frame);
}

static void on_closed(void *context, const char *why)
{
	struct child *c = context;

	c->broken = why;
	child_kill(c); /* it may be on its way out already; a child without channel is of no use */
}

static void on_drained(void *context)
{
	struct child *c = context;

	if (c->calls->drained) {
		c->calls->drained(c->context, c);
	}
}

static const struct chan_calls chan_calls = {
	.frame = on_frame, .closed = on_closed, .drained = on_drained};

static void describe_end(const struct child *c, const siginfo_t *info, char *text, size_t n)
{
	if (c->broken) {
		snprintf(text, n, "killed: %s", c->broken);
	} else if (info->si_pid == 0) {
		snprintf(text, n, "nobody knows how");
	} else if (info->si_code == CLD_EXITED) {
		snprintf(text, n, "exit status %d", info->si_status);
	} else {
		snprintf(text, n, "signal %d (%s)", info->si_status, strsignal(info->si_status));
	}
}

static void on_exit_event(void *context, uint32_t events)
{
	struct child *c = context;
	char how[160];
	siginfo_t info = {0};
	int r = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG);

	if (r == 0 && info.si_pid == 0) {
		return;
	}
	loop_remove_fd(c->loop, &c->exit_fd);
	c->pid = -1;
	chan_read_rest(c->chan);
	describe_end(c, &info, how, sizeof(how));
	c->calls->ended(c->context, c, how);
}

/* Makes the loop watch a child that has just been started. */
static int watch(struct child *c, int channel)
{
	int r = chan_new(&c->chan, c->loop, channel, &chan_calls, c);

	if (r < 0) {
		return r;
	}
	c->exit_fd = (struct loop_fd){.fd = (int)syscall(SYS_pidfd_open, c->pid, 0),
		.events = EPOLLIN,
		.call = on_exit_event,
		.context = c};
	if (c->exit_fd.fd < 0) {
		return -errno;
	}
	fcntl(c->exit_fd.fd, F_SETFD, FD_CLOEXEC);
	return loop_add_fd(c->loop, &c->exit_fd);
}

int child_start(struct child **ret, const struct child_host *host, const struct child_spec *spec,
	const struct child_calls *calls, void *context)
{
	struct child *c = calloc(1, sizeof(*c));
	int pair[2], r;

	if (!c) {
		return -ENOMEM;
	}
	*c = (struct child){.loop = host->loop,
		.started_ms = mono_ms(),
		.exit_fd = {.fd = -1},
		.calls = calls,
		.context = context};
	if (spec->n_fds > MOST_PASSED_FDS ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		free(c);
		return -EMFILE;
	}
	c->pid = fork();
	if (c->pid == 0) {
		become_child(host->self_fd, pair[1], spec);
	}
	close(pair[1]);
	if (c->pid < 0) {
		r = -errno;
		close(pair[0]);
		free(c);
		return r;
	}
	r = watch(c, pair[0]);
	if (r < 0) {
		child_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void child_kill(struct child *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
	}
}

void child_free(struct child *c)
{
	if (!c) {
		return;
	}
	if (c->exit_fd.fd >= 0) {
		loop_remove_fd(c->loop, &c->exit_fd);
		close(c->exit_fd.fd);
	}
	chan_free(c->chan);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0); /* SIGKILL: it does not take long */
	}
	free(c);
}

struct chan *child_chan(struct child *c)
{
	return c->chan;
}

pid_t child_pid(const struct child *c)
{
	return c->pid;
}

int64_t child_age_ms(const struct child *c)
{
	return mono_ms() - c->started_ms;
}
