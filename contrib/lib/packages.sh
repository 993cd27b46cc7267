# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian packages: what the tree needs, what of it is missing, and installing that. Sourced.
# shellcheck disable=SC2034 # the lists are for who sources this

# One a line: package, then how to see that it is there – a command, a pkg-config module or a file.
# What came another way than by apt counts as well. (libmemcached.pc asks for libcrypto, its package does not.)
BUILD_PACKAGES='
gcc                  command gcc
libc6-dev            file    /usr/include/stdlib.h
meson                command meson
ninja-build          command ninja
pkg-config           command pkg-config
libcurl4-openssl-dev module  libcurl
libjansson-dev       module  jansson
libconfig-dev        module  libconfig
libssl-dev           module  libcrypto
libmemcached-dev     module  libmemcached
libmicrohttpd-dev    module  libmicrohttpd
libcmocka-dev        module  cmocka
zlib1g-dev           module  zlib
libseccomp-dev       module  libseccomp
libyaml-dev          module  yaml-0.1
'
RUN_PACKAGES='
ca-certificates      file    /etc/ssl/certs/ca-certificates.crt
curl                 command curl
'
TEST_PACKAGES='
memcached            command memcached
valgrind             command valgrind
libc6-dbg            debug   libc6-dbg
clang                command clang
make                 command make
python3              command python3
'
# Tests that need these are skipped without them.
OPTIONAL_TEST_PACKAGES='
clang-format         command clang-format
shellcheck           command shellcheck
git                  command git
systemd              command systemd-analyze
python3-openstacksdk file    /usr/lib/python3/dist-packages/openstack/config/loader.py
man-db               command man
mandoc               command mandoc
zsh                  command zsh
'

# For contrib/deb, beside what building needs.
DEB_PACKAGES='
build-essential      file    /usr/share/doc/build-essential
dpkg-dev             command dpkg-buildpackage
debhelper            command dh
'

package_is_there() # HOW WHAT
{
	case "$1" in
	command) PATH="$PATH:/usr/sbin:/sbin" command -v "$2" >/dev/null ;;
	module) command -v pkg-config >/dev/null && pkg-config --exists "$2" ;;
	file) [ -e "$2" ] ;;
	debug) # valgrind needs the C library's symbols; where there is no dpkg, nobody can tell
		! command -v dpkg-query >/dev/null ||
			dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null | grep -qx installed
		;;
	esac
}

missing_packages() # LIST… → names on one line
{
	local package how what missing=()

	while read -r package how what; do
		if [ -n "$package" ] && ! package_is_there "$how" "$what"; then
			missing+=("$package")
		fi
	done <<<"$(printf '%s\n' "$@")"
	echo "${missing[*]}"
}

# As root: nothing in front; else sudo if it asks for no password. 1: neither.
root_prefix()
{
	if [ "$(id -u)" -eq 0 ]; then
		echo env
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		echo sudo env
	else
		return 1
	fi
}

# The output of apt-get is shown only when it fails: three screens of it hide what matters.
apt_install() # PACKAGE…
{
	local prefix log=$ROOT/build/log/apt.log

	mkdir -p "${log%/*}"
	read -ra prefix <<<"$(root_prefix)"
	if ! { "${prefix[@]}" apt-get update &&
		"${prefix[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
		>"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		die "apt-get could not install: $*"
	fi
}

need_packages() # LIST…: installs what is missing or says what it is
{
	local missing

	missing=$(missing_packages "$@")
	if [ -z "$missing" ]; then
		return
	fi
	if ! command -v apt-get >/dev/null || ! root_prefix >/dev/null; then
		die "these packages are missing, and only root can install them: $missing"
	fi
	say "installing $missing"
	# shellcheck disable=SC2086 # one word a package
	apt_install $missing
	missing=$(missing_packages "$@")
	[ -z "$missing" ] || die "installed, but not to be found: $missing"
}

want_packages() # LIST…: installs what is missing if that is possible; says nothing otherwise
{
	local missing

	missing=$(missing_packages "$@")
	if [ -n "$missing" ] && command -v apt-get >/dev/null && root_prefix >/dev/null; then
		say "installing $missing"
		# shellcheck disable=SC2086
		apt_install $missing
	fi
}
