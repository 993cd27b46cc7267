#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Debian 12 in a folder: making it, running commands in it, and starting its systemd in namespaces. Sourced.

INSIDE=(/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive)

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# The mirror that this machine uses itself.
mirror()
{
	# shellcheck disable=SC2016 # apt-get's own variables
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
		awk '$2 == "bookworm" && $1 ~ /^https?:/ { print $1; exit }'
}

make_machine() # FOLDER
{
	[ "$(id -u)" -eq 0 ] || die "only root may chroot"
	command -v debootstrap >/dev/null || die "needs the package debootstrap"
	echo "${0##*/}: debootstrap"
	debootstrap --variant=minbase bookworm "$1" "$(mirror)" >"$1.log" 2>&1 ||
		die "debootstrap failed: $(tail -n 3 "$1.log")"
	rm -f "$1.log" "$1/etc/resolv.conf"
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$1/etc/hosts" # debootstrap leaves that to an installer
}

copy_tree() # MACHINE: what is committed, in /root/gpubroker
{
	local umask

	mkdir -p "$1/root/gpubroker"
	umask=$(umask)
	umask 022
	git -C "$ROOT" archive HEAD | tar -x --no-same-permissions -C "$1/root/gpubroker"
	umask "$umask"
}

in_machine() # MACHINE COMMAND…: without its services; /proc is there as long as the command runs
{
	local machine=$1

	shift
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private sh -euc '
		mountpoint -q "$0/proc" || mount -t proc proc "$0/proc"
		exec chroot "$0" "$@"' "$machine" "${INSIDE[@]}" "$@"
}

# In namespaces of its own, network included: what /dev, /proc and /sys/fs/cgroup hold there is this machine's alone.
boot_here() # MACHINE
{
	local machine=$1 device

	mount --bind "$machine" "$machine"
	mount -t proc proc "$machine/proc"
	mount -t sysfs -o ro sysfs "$machine/sys"
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mount -t cgroup2 none "$machine/sys/fs/cgroup"
	else
		mount -t tmpfs none "$machine/sys/fs/cgroup"
		mkdir "$machine/sys/fs/cgroup/systemd"
		mount -t cgroup -o none,name=systemd cgroup "$machine/sys/fs/cgroup/systemd"
	fi
	mount -t tmpfs -o mode=755 none "$machine/run"
	mount -t tmpfs -o mode=755 none "$machine/dev"
	for device in null zero full random urandom tty; do
		touch "$machine/dev/$device"
		mount --bind "/dev/$device" "$machine/dev/$device"
	done
	mkdir "$machine/dev/shm" "$machine/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$machine/dev/pts"
	ln -s pts/ptmx "$machine/dev/ptmx"
	ln -s /proc/self/fd "$machine/dev/fd"
	# Not chroot: systemd makes file systems of their own for its services, from the root of this one.
	cd "$machine"
	pivot_root . mnt
	umount -l mnt
	mount --make-rshared / # as systemd finds it where a container's manager has started it
	exec "${INSIDE[@]}" container=gpubroker-test /lib/systemd/systemd --log-target=journal
}

# Ends with the shell that called. $init is the process whose namespaces are the machine's.
boot_machine() # MACHINE
{
	local supervisor tries=0

	setpriv --pdeathsig KILL unshare --pid --fork --kill-child=KILL --mount --uts --ipc --cgroup --net --propagation private \
		"${BASH_SOURCE[0]}" --boot "$1" >"$1.boot.log" 2>&1 </dev/null &
	supervisor=$!
	until init=$(cat "/proc/$supervisor/task/$supervisor/children" 2>/dev/null) && init=${init%% *} && [ -n "$init" ] &&
		in_booted systemctl is-system-running 2>/dev/null | grep -qE '^(running|degraded)$'; do
		tries=$((tries + 1))
		if [ "$tries" -ge 120 ] || ! kill -0 "$supervisor" 2>/dev/null; then
			die "systemd does not start: $(tail -n 5 "$1.boot.log")"
		fi
		read -rt 0.5 <> <(:) || true # half a second
	done
}

in_booted() # COMMAND…: in the machine that boot_machine started
{
	nsenter --target "$init" --mount --pid --uts --ipc --cgroup --net --root --wd "${INSIDE[@]}" "$@"
}

if [ "${BASH_SOURCE[0]}" = "$0" ] && [ "${1-}" = --boot ]; then
	set -eu
	boot_here "$2"
fi
