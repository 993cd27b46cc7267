/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the configuration share: files made of a text, and a plugin's table of options. */
#ifndef TESTS_CONF_FIXTURE_H
#define TESTS_CONF_FIXTURE_H

#include "conf/conf.h"

/* Knows the plugin "replay" with options of every type; complains of any other. context: NULL. */
conf_plugin_options_fn fixture_options;

/* The tree that a file with this text makes, its complaints in *c (may be NULL: there are none). */
struct value *fixture_load(const char *text, struct complaints *c);
/* Loads, checks, fills; fails the test if there is a complaint. */
struct conf *fixture_conf(const char *text);

/* All complaints, a line each; the caller frees. */
char *fixture_text(const struct complaints *);

#endif
