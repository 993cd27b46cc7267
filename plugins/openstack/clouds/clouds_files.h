/* SPDX-License-Identifier: Apache-2.0 */
/* clouds.yaml, secure.yaml and clouds-public.yaml: where they are looked for, by openstacksdk's rules
 * (openstack/config/loader.py). */
#ifndef OPENSTACK_CLOUDS_FILES_H
#define OPENSTACK_CLOUDS_FILES_H

#include "openstack/clouds/tree.h"

struct clouds_search { /* any may be NULL */
	const char *config_file, *secure_file; /* OS_CLIENT_CONFIG_FILE, OS_CLIENT_SECURE_FILE: looked at first */
	const char *home, *xdg_config_home, *snap_real_home;
	const char *site_dir, *etc_dir; /* NULL: /etc/xdg/openstack, /etc/openstack */
};

struct clouds_files {
	struct tree *clouds;  /* name → description, secure.yaml merged in; a map, perhaps empty */
	struct tree *profiles; /* `public-clouds` of clouds-public.yaml; NULL: none */
	char *where;          /* the clouds.yaml that was read, or a sentence of where none was found; for errors */
};
void clouds_files_finish(struct clouds_files *);

/* Of each kind the first file that exists and can be read: in the working folder, the user's, the site's, /etc;
 * .yaml before .yml before .json. < 0: CONFIG where one is broken, LIMIT, INTERNAL. */
int clouds_files_read(const struct clouds_search *, struct clouds_files *ret, struct gpubroker_error *reterr);

#endif
