/* SPDX-License-Identifier: Apache-2.0 */
/* The parent: start, configuration, signals, end. See parent.h. */
#include "proc/parent.h"

#include "base/log.h"
#include "base/mono.h"
#include "proc/osenv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LOADER_DEADLINE_MS = 30 * 1000, END_DEADLINE_MS = 15 * 1000 };

extern char **environ;

static void finish_ending(struct parent *p)
{
	loop_stop(p->loop);
}

void parent_child_gone(struct parent *p)
{
	bool all = !p->sinks[SINK_REST].child && !p->sinks[SINK_STORER].child;

	for (size_t i = 0; i < MOST_RETIRED; i++) {
		all = all && !p->retired[i];
	}
	if (all) {
		finish_ending(p);
	}
}

static void on_end_deadline(void *context)
{
	log_warn("not everything ended in time");
	finish_ending(context);
}

/* SIGTERM: no new polls, requests in flight are finished, what is not on disk yet goes there. */
static void begin_ending(struct parent *p, int status)
{
	if (p->ending) {
		return;
	}
	p->ending = true;
	p->exit_status = status;
	service_ending(p);
	for (size_t i = 0; i < p->n_regions; i++) {
		if (p->regions[i]->worker) {
			child_kill(p->regions[i]->worker);
		}
	}
	for (size_t i = 0; i < N_SINKS; i++) {
		sink_ask_to_end(&p->sinks[i]);
	}
	loop_arm(p->loop, &p->end_timer, mono_ms() + END_DEADLINE_MS);
	parent_child_gone(p);
}

/* --- configuration ------------------------------------------------------------------------------------------- */

static void make_broker_id(struct parent *p)
{
	char host[64] = "";
	uint32_t number = 0;

	gethostname(host, sizeof(host) - 1);
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0) {
		number = (uint32_t)mono_ms();
	}
	snprintf(
		p->broker, sizeof(p->broker), "%s-%08x", *host ? host : "broker", (unsigned)number);
}

static bool start_first(struct parent *p)
{
	p->regions = calloc(p->conf->n_regions + 1, sizeof(struct region *));
	if (!p->regions || !listeners_open(p, &p->conf->rest.listen)) {
		return false;
	}
	for (size_t i = 0; i < p->conf->n_regions; i++) {
		struct region *r = region_new(p, &p->conf->regions[i]);

		if (!r) {
			return false;
		}
		p->regions[p->n_regions++] = r;
	}
	p->started = true;
	log_info("started version=%s regions=%zu broker=%s", GPUBROKER_VERSION, p->n_regions,
		p->broker);
	for (size_t i = 0; i < N_SINKS; i++) {
		sink_start(&p->sinks[i]);
	}
	for (size_t i = 0; i < p->n_regions; i++) {
		region_start(p->regions[i]);
	}
	return true;
}

static void print_complaints(const struct value *complaints)
{
	for (size_t i = 0; complaints && i < complaints->n_items; i++) {
		/* `systemctl reload` checks first, so that somebody may look for them with -p err */
		fprintf(stderr, "%s%s\n", log_to_journal() ? "<3>" : "",
			complaints->items[i]->string);
	}
}

static void refuse(struct parent *p, const struct value *complaints)
{
	for (size_t i = 0; complaints && i < complaints->n_items; i++) {
		log_error("%s", complaints->items[i]->string);
	}
	if (p->started) {
		log_error("reload refused, the old configuration stays in force");
		service_loaded(p, true);
	} else {
		if (complaints && complaints->n_items > 0) {
			service_complain(p, complaints->items[0]->string);
		}
		begin_ending(p, 1);
	}
}

static void on_loaded(struct parent *p, const struct frame *frame)
{
	_cleanup_(value_freep) struct value *message = value_decode(frame->data, frame->n);
	const struct value *complaints = value_get(message, "complaints"),
			   *config = value_get(message, "config");
	_cleanup_(value_freep) struct value *tree = config ? value_copy(config) : NULL;
	struct gpubroker_error error = {0};
	struct conf *conf = NULL;

	if (p->settings->check) {
		print_complaints(complaints);
		begin_ending(p, tree ? 0 : 1);
		return;
	}
	if (!tree || conf_fill(&conf, tree, p->settings->config_file, &error) < 0) {
		if (tree) {
			log_error("%s", error.text);
		}
		refuse(p, complaints);
		return;
	}
	if (p->started) {
		service_loaded(p, !parent_reload(p, TAKE_PTR(tree), conf));
		return;
	}
	p->tree = TAKE_PTR(tree);
	p->conf = conf;
	if (!start_first(p)) {
		begin_ending(p, 1);
	}
}

static void on_loader_frame(void *context, struct child *child, const struct frame *frame)
{
	struct parent *p = context;

	if (frame->type == MSG_LOADED && !p->loader_answered && !p->ending) {
		p->loader_answered = true;
		on_loaded(p, frame);
	}
}

static void start_loader(struct parent *p);

static void on_loader_ended(void *context, struct child *child, const char *how)
{
	struct parent *p = context;

	child_free(child);
	p->loader = NULL;
	loop_disarm(p->loop, &p->loader_timer);
	if (!p->loader_answered && !p->ending) {
		log_error("the configuration could not be read: the loader ended with %s", how);
		refuse(p, NULL);
	}
	if (p->load_again) {
		start_loader(p);
	}
}

static const struct child_calls loader_calls = {.frame = on_loader_frame, .ended = on_loader_ended};

/* It has not answered, or it has and does not end. */
static void on_loader_deadline(void *context)
{
	struct parent *p = context;

	child_kill(p->loader);
	if (!p->loader_answered) {
		p->loader_answered = true; /* what still comes is too late */
		log_error("the configuration could not be read within %d s",
			LOADER_DEADLINE_MS / 1000);
		refuse(p, NULL);
	}
}

static bool add_override(struct value *request, const char *key, const char *text)
{
	return !text || value_add_string(request, key, text);
}

static struct value *loader_request(const struct parent *p)
{
	const struct parent_settings *s = p->settings;
	_cleanup_(value_freep) struct value *request = value_new(VALUE_GROUP, NULL);
	struct value *tree;

	if (!request || !value_add_integer(request, "log_level", log_level_now()) ||
		!add_override(request, "bind", s->bind) ||
		!add_override(request, "memcached", s->memcached) ||
		!add_override(request, "workers", s->workers) ||
		!add_override(request, "timeout", s->timeout) ||
		!add_override(request, "plugin_dir", s->plugin_dir) ||
		!add_override(request, "file", s->config_file) ||
		!value_add_boolean(request, "print", s->check && s->verbose)) {
		return NULL;
	}
	if (s->environment_tree) {
		tree = value_copy(s->environment_tree);
		if (!tree || !value_append(request, tree)) {
			return NULL;
		}
		free(tree->key);
		tree->key = strdup("tree");
	}
	return TAKE_PTR(request);
}

static void start_loader(struct parent *p)
{
	_cleanup_(value_freep) struct value *request = loader_request(p);
	const struct child_spec spec = {.role = "loader", .network = true};

	p->load_again = p->loader != NULL; /* it may have read what has changed since */
	if (p->loader || p->ending) {
		return;
	}
	p->loader_answered = false;
	service_loading(p);
	if (!request || child_start(&p->loader, &p->host, &spec, &loader_calls, p) < 0) {
		log_error("cannot start the loader");
		refuse(p, NULL);
		return;
	}
	loop_arm(p->loop, &p->loader_timer, mono_ms() + LOADER_DEADLINE_MS);
	chan_send_value(child_chan(p->loader), MSG_CONFIG, request);
}

/* --- signals, start, end ------------------------------------------------------------------------------------- */

static void on_signal(void *context, uint32_t events)
{
	struct parent *p = context;
	struct signalfd_siginfo info;

	if (read(p->signals.fd, &info, sizeof(info)) != sizeof(info)) {
		return;
	}
	switch (info.ssi_signo) {
	case SIGHUP:
		log_info("reloading");
		start_loader(p);
		break;
	case SIGUSR1:
		for (size_t i = 0; i < p->n_regions; i++) {
			region_poll_now(p->regions[i]);
		}
		break;
	default:
		log_info("ending signal=%d", (int)info.ssi_signo);
		begin_ending(p, 0);
		break;
	}
}

static int watch_signals(struct parent *p)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD,
		SIG_DFL); /* ignored by who started us, the kernel would keep nothing to wait for */
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signals = (struct loop_fd){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
		.events = EPOLLIN,
		.call = on_signal,
		.context = p};
	return p->signals.fd < 0 ? -errno : loop_add_fd(p->loop, &p->signals);
}

static void on_metrics_time(void *context)
{
	struct parent *p = context;

	sinks_send_metrics(p);
}

static int begin(struct parent *p)
{
	const char *self = p->settings->self_path ? p->settings->self_path : "/proc/self/exe";
	int r = loop_new(&p->loop);

	if (r < 0) {
		return r;
	}
	p->host = (struct child_host){.loop = p->loop, .self_fd = open(self, O_PATH | O_CLOEXEC)};
	if (p->host.self_fd < 0) {
		return -errno;
	}
	for (int i = 0; i < N_SINKS; i++) {
		sink_init(p, (enum sink_kind)i);
	}
	p->loader_timer = (struct loop_timer){.call = on_loader_deadline, .context = p};
	p->end_timer = (struct loop_timer){.call = on_end_deadline, .context = p};
	p->metrics_timer = (struct loop_timer){.call = on_metrics_time, .context = p};
	make_broker_id(p);
	if (!p->settings->check) {
		service_begin(p);
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = p->settings->environment_tree ? osenv_seal(environ, &p->environment_fd) : 0;
	if (r < 0 || (!p->settings->check && !listeners_take_passed(p))) {
		return r < 0 ? r : -EBADF;
	}
	return watch_signals(p);
}

static void finish(struct parent *p)
{
	for (size_t i = 0; i < p->n_regions; i++) {
		region_free(p->regions[i]);
	}
	free(p->regions);
	for (size_t i = 0; i < N_SINKS; i++) {
		child_free(p->sinks[i].child);
	}
	for (size_t i = 0; i < MOST_RETIRED; i++) {
		child_free(p->retired[i]);
	}
	child_free(p->loader);
	listeners_close(p);
	service_finish(p);
	conf_free(p->conf);
	value_free(p->tree);
	value_free(p->cache_operations);
	loop_free(p->loop);
}

int parent_main(const struct parent_settings *settings)
{
	struct parent p = {
		.settings = settings, .environment_fd = -1, .service = {.notify = {.fd = -1}}};
	int r = begin(&p);

	if (r < 0) {
		log_error("cannot start error=\"%s\"", strerror(-r));
		return 1;
	}
	start_loader(&p);
	loop_run(p.loop);
	finish(&p);
	return p.exit_status;
}
