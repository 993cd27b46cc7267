/* SPDX-License-Identifier: Apache-2.0 */
/* What inventory.c checks and copies: text, words and numbers that a plugin gave. Each fails with a sentence that
 * names the thing. */
#ifndef MODEL_INVENTORY_CHECK_H
#define MODEL_INVENTORY_CHECK_H

#include "model/inventory.h"

int inventory_no_memory(struct gpubroker_error *);

/* Text that identifies something; what: "host name", "flavor id", "GPU type", for the sentence. */
int inventory_copy_name(struct gpubroker_inventory *, const char *what, const char *name, const char **ret,
	struct gpubroker_error *);
/* Text that is only read; NULL stays NULL. Longer than max bytes is cut. */
int inventory_copy_text(
	struct gpubroker_inventory *, const char *text, size_t max, const char **ret, struct gpubroker_error *);
int inventory_copy_words(struct gpubroker_inventory *, const char *what, const struct gpubroker_words *from,
	struct gpubroker_words *to, struct gpubroker_error *);

/* From `least` to INVENTORY_MAX_NUMBER; what and name: whose number it is. */
int inventory_check_number(const char *what, const char *name, const char *number_name, int64_t number,
	int64_t least, struct gpubroker_error *);

#endif
