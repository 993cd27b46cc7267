# SPDX-License-Identifier: Apache-2.0
# Shared by up, down, env, service, verify and capture. Sourced by bash, not run.
# shellcheck shell=bash disable=SC2034

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STATE=${OPENSTACK_LAB_STATE:-/var/tmp/openstack-lab}
RUN=$STATE/run
LOG=$STATE/log

# Lab-only throwaway values: everything listens on loopback only.
SECRET=${OPENSTACK_LAB_SECRET:-lab-only}
export OPENSTACK_LAB_STATE=$STATE OPENSTACK_LAB_SECRET=$SECRET

# Services shared by all regions. The regions themselves listen on the loopback
# addresses of topology.json, with the usual OpenStack ports.
INFRA_ADDRESS=127.0.10.254
MARIADB_PORT=3306
RABBIT_PORT=5672
EPMD_PORT=14369
RABBIT_DIST_PORT=15672

KEYSTONE_PORT=5000
NOVA_PORT=8774
PLACEMENT_PORT=8778
GLANCE_PORT=9292
NEUTRON_PORT=9696

# Debian's own interpreter: python3 of PATH may be another one (pyenv, venv).
PYTHON=/usr/bin/python3

# Only what the lab sets itself may reach the services and the tools.
unset "${!OS_@}" PYTHONPATH PYTHONHOME VIRTUAL_ENV
export LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export http_proxy='' https_proxy='' HTTP_PROXY='' HTTPS_PROXY='' no_proxy='*'

T0=$(date +%s)
say()  { printf '[%3ds] %s\n' $(($(date +%s) - T0)) "$*"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

topology() { "$PYTHON" "$LAB_DIR/lib/topology.py" "$@"; }
launch()   { "$PYTHON" "$LAB_DIR/lib/launch.py" "$@"; }

nova_manage() {  # REGION-KEY ARGUMENTS...
  local dir=$STATE/regions/$1/nova
  shift
  launch nova-manage --config-file "$dir/nova.conf" --config-file "$dir/nova-db.conf" "$@"
}

# --- processes --------------------------------------------------------------
# A process is recorded as "pid starttime": with the start time (field 22 of
# /proc/PID/stat) a recycled pid is never mistaken for the recorded process.

start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086  # the words of the line are wanted
  set -- $stat
  [ "$1" != Z ] || return 1
  echo "${20}"
}

pid_of() {  # NAME: prints the pid of the recorded process if it is still alive
  local pid started
  read -r pid started 2>/dev/null <"$RUN/$1.pid" || return 1
  [ "$(start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

start() {  # NAME COMMAND...: start in the background unless it runs already
  local name=$1 pid
  shift
  if pid_of "$name" >/dev/null; then return 0; fi
  # A session of its own, so that "down" can signal the workers as well. No
  # inherited descriptors: the caller may wait for its output pipe to close.
  setsid "$@" </dev/null >>"$LOG/$name.log" 2>&1 3>&- 4>&- 9>&- &
  pid=$!
  # setsid forks only if it leads a process group, which a background job of a
  # non-interactive shell does not.
  echo "$pid $(start_time "$pid")" >"$RUN/$name.pid"
  disown
}

stop() {  # NAME [SECONDS [SIGNAL]]: stop and wait; KILL after SECONDS
  local name=$1 patience=${2:-20} signal=${3:-TERM} pid waited=0
  if pid=$(pid_of "$name"); then
    kill -s "$signal" -- "-$pid" 2>/dev/null || kill -s "$signal" "$pid" 2>/dev/null || true
    kill -s CONT -- "-$pid" 2>/dev/null || true  # a paused process must hear it
    while pid_of "$name" >/dev/null; do
      if [ "$waited" -ge $((patience * 10)) ]; then
        kill -s KILL -- "-$pid" 2>/dev/null || true
      fi
      sleep 0.1
      waited=$((waited + 1))
    done
  fi
  rm -f "$RUN/$name.pid"
}

running() {  # names of all recorded processes
  local file
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] && basename "$file" .pid
  done
  return 0
}

wait_for() {  # SECONDS WHAT NAME COMMAND...: until COMMAND succeeds
  local limit=$(($(date +%s) + $1)) what=$2 name=$3
  shift 3
  until "$@" >/dev/null 2>&1; do
    if [ -n "$name" ] && ! pid_of "$name" >/dev/null; then
      tail -n 30 "$LOG/$name.log" >&2
      fail "$name died while starting; log: $LOG/$name.log"
    fi
    if [ "$(date +%s)" -ge "$limit" ]; then
      [ -z "$name" ] || tail -n 30 "$LOG/$name.log" >&2
      fail "gave up waiting for $what; logs: $LOG"
    fi
    sleep 0.3
  done
}

port_open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
http_up()   { curl -s -o /dev/null --max-time 5 "$1"; }

sql() { mariadb --no-defaults --socket="$RUN/mariadb.sock" --user=root --batch --skip-column-names "$@"; }
