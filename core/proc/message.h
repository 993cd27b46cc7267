/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol between the parent and its children: everything they can say to each other.
 * A frame is a struct frame_header and `length` bytes of payload, on a SOCK_STREAM socketpair at fd 3.
 * "value" payloads are value_encode() of a group with the keys listed. */
#ifndef PROC_MESSAGE_H
#define PROC_MESSAGE_H

#include <stdint.h>

enum {
	CHILD_CHANNEL_FD = 3,
	FRAME_MAX_BYTES = 32 * 1024 * 1024, /* one region's snapshot at the caps of inventory.h */
};

struct frame_header {
	uint32_t length;   /* of the payload */
	uint16_t type;     /* enum message_type */
	uint16_t reserved; /* 0 */
};

enum message_type {
	/* parent → any role */
	MSG_CONFIG = 1, /* value: its part of the configuration, see each role; always the first */
	MSG_SHUTDOWN,   /* empty: finish what you do and exit 0 */

	/* any role → parent */
	MSG_HELLO, /* empty: confined and ready for work */

	/* both ways: is the other one alive? */
	MSG_PING, /* 8 bytes, returned as they are */
	MSG_PONG,

	/* loader → parent */
	MSG_LOADED, /* value: {config (group)?, complaints (list of strings)} */

	/* parent → worker */
	MSG_POLL, /* value: {number}: read the region once */
	/* worker → parent */
	MSG_FAILED, /* value: {number, code (word), text} */
	MSG_REQUESTS, /* value: {requests: ({service, code (integer), count, bytes})}: since the last one */

	/* worker → parent (a reading), parent → rest, storer; storer → parent (found in a store) */
	MSG_SNAPSHOT, /* snapshot JSON */

	/* parent → rest, storer */
	MSG_REGIONS, /* value: {regions: (region_status…), default_region}: all, in configuration order */
	MSG_REGION,   /* value: one region_status (model/region.h) that has changed */
	MSG_COMPLETE, /* empty: a child that was just started has now been told everything there is */
	MSG_METRICS, /* value: counters for /metrics, see rest/metrics.def; parent → rest */

	/* storer → parent */
	MSG_FOUND_ALL,   /* empty: every store has been looked through after MSG_CONFIG */
	MSG_CACHE_STATS, /* value: {operations: ({op, result, count})}: totals */

	N_MESSAGE_TYPES,
};

#endif
