/* SPDX-License-Identifier: Apache-2.0 */
/* Regions, snapshots and views made up for tests of the front: see rest_fixture.h. */
#include "rest_fixture.h"

#include "model/inventory.h"
#include "rest/route.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INTERVAL_MS = 30000,
	STALE_AFTER_MS = 120000,
	RAM_MIB = 385534,
	DISK_GIB = 7392,
	VCPUS = 28
};

static void *checked(void *p)
{
	assert(p);
	return p;
}

struct region_status fixture_pending(const char *name)
{
	return (struct region_status){
		.name = checked(strdup(name)),
		.title = checked(strdup("A title")),
		.site = checked(strdup("a-site")),
		.plugin = checked(strdup("replay")),
		.enabled = true,
		.interval_ms = INTERVAL_MS,
		.stale_after_ms = STALE_AFTER_MS,
		.next_refresh_ms = FIXTURE_NOW_MS + INTERVAL_MS,
	};
}

struct region_status fixture_status(const char *name)
{
	struct region_status status = fixture_pending(name);

	status.attempted = true;
	return status;
}

struct region_status fixture_failed(const char *name)
{
	struct region_status status = fixture_status(name);

	status.code = GPUBROKER_E_NETWORK;
	status.failed_since_ms = FIXTURE_NOW_MS - 60000;
	return status;
}

static void add_host(struct gpubroker_inventory *inventory, const char *name, int64_t used)
{
	const struct gpubroker_gpus gpus = {.type = "V100", .total = 2, .used = used};
	const struct gpubroker_host host = {
		.name = name,
		.vcpus = {.total = VCPUS, .ratio_micro = 4 * GPUBROKER_RATIO_ONE},
		.ram_mib = {.total = RAM_MIB             },
		.disk_gib = {.total = DISK_GIB},
		.gpus = &gpus,
		.n_gpus = 1,
	};

	assert(inventory_add_host(inventory, &host, NULL) >= 0);
}

static void add_flavor(
	struct gpubroker_inventory *inventory, const char *id, const char *name, int64_t gpus)
{
	const struct gpubroker_need need = {.type = "V100", .count = gpus};
	const struct gpubroker_flavor flavor = {
		.id = id,
		.name = name,
		.vcpus = 14,
		.ram_mib = 65535,
		.disk_gib = 20,
		.ephemeral_gib = 5,
		.is_public = true,
		.gpus = &need,
		.n_gpus = gpus > 0,
	};

	assert(inventory_add_flavor(inventory, &flavor, NULL) >= 0);
}

static struct snapshot *count(
	struct gpubroker_inventory *inventory, const char *region, int64_t observed_at_ms)
{
	const struct snapshot_origin origin = {
		.region = region,
		.broker = "test",
		.observed_at_ms = observed_at_ms,
		.duration_ms = 10,
		.model = MODEL_NOVA,
	};
	struct snapshot *snapshot = NULL;

	assert(snapshot_count(&snapshot, inventory, &origin, NULL) >= 0);
	inventory_finish(inventory);
	return snapshot;
}

struct snapshot *fixture_snapshot(const char *region, int64_t observed_at_ms, int64_t free_gpus)
{
	static const struct {
		const char *name;
		int64_t gpus;
	} flavors[] = {
		{"medium", 1},
                {"large",  2},
                {"cpu",    0}
        };
	struct gpubroker_inventory inventory = {0};
	char id[96], name[96];

	add_host(&inventory, "host1", 0);
	add_host(&inventory, "host2", 2 - free_gpus);
	for (size_t i = 0; i < ARRAY_SIZE(flavors); i++) {
		snprintf(id, sizeof(id), "%s-%s", region, flavors[i].name);
		snprintf(name, sizeof(name),
			"GPU gr\xc3\xb6\xc3\x9f"
			"er %s",
			flavors[i].name);
		add_flavor(&inventory, id, name, flavors[i].gpus);
	}
	return count(&inventory, region, observed_at_ms);
}

struct snapshot *fixture_large_snapshot(
	const char *region, int64_t observed_at_ms, size_t n_flavors)
{
	struct gpubroker_inventory inventory = {0};
	char name[32];

	add_host(&inventory, "host1", 0);
	for (size_t i = 0; i < n_flavors; i++) {
		snprintf(name, sizeof(name), "flavor-%04zu", i);
		add_flavor(&inventory, name, name, 1);
	}
	return count(&inventory, region, observed_at_ms);
}

struct view *fixture_view(struct region_status statuses[], struct snapshot *snapshots[], size_t n)
{
	struct view_input inputs[16] = {0};
	struct view *view = NULL;

	assert(n <= ARRAY_SIZE(inputs));
	for (size_t i = 0; i < n; i++) {
		inputs[i] = (struct view_input){.status = &statuses[i], .snapshot = snapshots[i]};
	}
	assert(view_merge(&view, inputs, n, "", FIXTURE_NOW_MS, NULL) >= 0);
	for (size_t i = 0; i < n; i++) {
		region_status_finish(&statuses[i]);
		snapshot_unref(snapshots[i]);
	}
	return view;
}

struct view *fixture_three_regions(void)
{
	struct region_status statuses[] = {
		fixture_status("alpha"), fixture_failed("beta"), fixture_pending("gamma")};
	struct snapshot *snapshots[] = {
		fixture_snapshot("alpha", FIXTURE_NOW_MS - 5000, 1),
		fixture_snapshot("beta", FIXTURE_NOW_MS - 90000, 2),
		NULL,
	};

	return fixture_view(statuses, snapshots, ARRAY_SIZE(statuses));
}

static const char *no_header(const struct request *r, const char *name)
{
	return NULL;
}

struct request *fixture_request(const char *target)
{
	static struct request r;

	r.method = METHOD_GET;
	r.header = no_header;
	request_parse(&r, target);
	return &r;
}

struct draft fixture_render(const struct view *view, const char *target)
{
	return fixture_render_for(view, target, false);
}

struct draft fixture_render_for(const struct view *view, const char *target, bool show_host_names)
{
	struct request *r = fixture_request(target);
	const struct page_source source = {
		.view = view, .request = r, .version = "1.2.3", .show_host_names = show_host_names};
	struct draft d = {.status = 200, .content_type = JSON_CONTENT_TYPE};

	assert(r->route && r->route->render);
	r->route->render(&source, &d);
	assert(!d.body.failed);
	return d;
}

int fixture_listen(int *ret_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 511) == 0);
	assert(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static atomic_int_fast64_t passed_ms;

void fixture_advance_ms(int64_t ms)
{
	atomic_fetch_add(&passed_ms, ms);
}

int64_t fixture_mono_ms(void)
{
	return FIXTURE_NOW_MS + atomic_load(&passed_ms);
}

int64_t fixture_wall_ms(void)
{
	return FIXTURE_NOW_MS + atomic_load(&passed_ms);
}

struct rest_settings fixture_settings(void)
{
	return (struct rest_settings){
		.threads = 2,
		.max_connections = 1000,
		.idle_timeout_s = 30,
		.cold_wait_ms = 25000,
		.version = "1.2.3",
		.mono_ms = fixture_mono_ms,
		.wall_ms = fixture_wall_ms,
	};
}

struct front fixture_front(const struct rest_settings *settings)
{
	struct front front = {0};

	atomic_store(&passed_ms, 0);
	front.fd = fixture_listen(&front.port);
	assert(rest_new(&front.rest, settings, &front.fd, 1, NULL) >= 0);
	return front;
}

void fixture_publish(struct front *front)
{
	fixture_advance_ms(1000);
	rest_publish(front->rest);
}

void fixture_set_regions(struct front *front, struct region_status statuses[],
	struct snapshot *snapshots[], size_t n)
{
	assert(rest_set_regions(front->rest, statuses, n, "") >= 0);
	for (size_t i = 0; i < n; i++) {
		region_status_finish(&statuses[i]);
		if (snapshots[i]) {
			assert(rest_set_snapshot(front->rest, snapshots[i]) >= 0);
		}
	}
	fixture_publish(front);
}

void fixture_end(struct front *front)
{
	rest_free(front->rest, 2000);
	close(front->fd);
}

int client_connect(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};
	struct timeval limit = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

void client_send(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0) {
			return; /* reading tells what happened */
		}
		text += sent;
		n -= (size_t)sent;
	}
}

/* Headers are short: byte by byte, so that nothing of the next answer is taken. */
static char *read_head(int fd)
{
	struct strbuf head = {0};
	char c;

	while (recv(fd, &c, 1, 0) == 1) {
		strbuf_addc(&head, c);
		if (head.len >= 4 && memcmp(head.data + head.len - 4, "\r\n\r\n", 4) == 0) {
			return strbuf_take(&head, NULL);
		}
	}
	strbuf_finish(&head);
	return NULL;
}

const char *reply_header(const struct reply *reply, const char *name)
{
	static _Thread_local char value[4096];
	size_t n = strlen(name);

	for (const char *line = strstr(reply->head, "\r\n"); line;
		line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':') {
			line += 2 + n + 1;
			line += strspn(line, " ");
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r"), line);
			return value;
		}
	}
	return NULL;
}

void reply_finish(struct reply *reply)
{
	free(reply->head);
	free(reply->body);
	*reply = (struct reply){0};
}

struct reply client_read(int fd, bool is_head)
{
	struct reply reply = {.head = read_head(fd)};
	const char *length;
	int64_t n = 0;

	if (!reply.head || sscanf(reply.head, "HTTP/1.%*d %d", &reply.status) != 1) {
		reply_finish(&reply);
		return reply;
	}
	length = reply_header(&reply, "Content-Length");
	if (length && !is_head && reply.status != 304) {
		assert(str_to_int64(length, &n));
	}
	reply.body = checked(calloc(1, (size_t)n + 1));
	while (reply.body_length < (size_t)n) {
		ssize_t got =
			recv(fd, reply.body + reply.body_length, (size_t)n - reply.body_length, 0);

		if (got <= 0) {
			reply_finish(&reply);
			return reply;
		}
		reply.body_length += (size_t)got;
	}
	reply.keeps_alive = !reply_header(&reply, "Connection") ||
			    strcasecmp(reply_header(&reply, "Connection"), "close") != 0;
	return reply;
}

struct reply client_get(int port, const char *method, const char *target, const char *headers)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};
	int fd = client_connect(port);
	struct reply reply;

	strbuf_addf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, target, headers);
	client_send(fd, text.data);
	reply = client_read(fd, strcmp(method, "HEAD") == 0);
	close(fd);
	return reply;
}
