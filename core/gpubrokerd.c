/* SPDX-License-Identifier: Apache-2.0 */
/* main(): arguments → role. */
int main(void)
{
	return 0;
}
