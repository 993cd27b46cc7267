/* SPDX-License-Identifier: Apache-2.0 */
/* System call filters where libseccomp was not there at build time: none. */
#include "proc/confine.h"

int sandbox_common(void)
{
	return -1;
}

int sandbox_no_files(void)
{
	return -1;
}
