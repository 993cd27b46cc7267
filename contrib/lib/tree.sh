# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What contrib/quickstart and contrib/check share: where the tree is, talking, building. Sourced.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
umask 022 # gpubrokerd loads no plugin that others than its owner may write

# shellcheck source=contrib/lib/packages.sh
. "$ROOT/contrib/lib/packages.sh"

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# Configures DIR below the root the first time; after that, it is as whoever changed it wants it.
configure() # DIR MESON_OPTION…
{
	local dir=$ROOT/$1

	shift
	[ -e "$dir/build.ninja" ] || meson setup "$dir" "$ROOT" "$@"
}

# Quiet unless it fails.
build() # DIR LOG MESON_OPTION…
{
	local dir=$1 log=$2

	shift 2
	mkdir -p "${log%/*}"
	if ! { configure "$dir" "$@" && ninja -C "$ROOT/$dir"; } >"$log" 2>&1 </dev/null; then
		grep -E -A 12 'ERROR|FAILED|error:' "$log" | head -n 60 >&2 || tail -n 20 "$log" >&2
		say "building $dir failed, all of its output is in $log"
		return 1
	fi
}
