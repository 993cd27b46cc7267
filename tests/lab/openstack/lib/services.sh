# SPDX-License-Identifier: Apache-2.0
# How each process is started. Sourced by "up" and "service".
# Names: mariadb, epmd, rabbitmq, and REGION.SERVICE or REGION.compute.HOST.
# shellcheck shell=bash

start_mariadb() {
  if [ ! -d "$STATE/mariadb/mysql" ]; then
    mariadb-install-db --no-defaults --user=root --datadir="$STATE/mariadb" \
      --auth-root-authentication-method=normal --skip-test-db >"$LOG/mariadb-install.log" 2>&1 ||
      fail "mariadb-install-db failed: $LOG/mariadb-install.log"
  fi
  # Durability is traded for speed: a lab's data is worth nothing.
  start mariadb mariadbd --no-defaults --user=root --datadir="$STATE/mariadb" \
    --bind-address="$INFRA_ADDRESS" --port="$MARIADB_PORT" --socket="$RUN/mariadb.sock" \
    --pid-file="$STATE/mariadb/mariadbd.pid" --skip-name-resolve --max-connections=2000 \
    --innodb-buffer-pool-size=128M --innodb-log-file-size=64M --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --innodb-stats-persistent=0 --performance-schema=0 --skip-log-bin \
    --character-set-server=utf8mb4
}

start_rabbitmq() {
  mkdir -p "$STATE/rabbitmq/mnesia"
  start epmd env -u NOTIFY_SOCKET epmd -port "$EPMD_PORT" -address 127.0.0.1
  cat >"$STATE/rabbitmq/rabbitmq.conf" <<CONF
listeners.tcp.1 = $INFRA_ADDRESS:$RABBIT_PORT
load_definitions = $STATE/rabbitmq/definitions.json
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
CONF
  # The Erlang node talks to nobody, but insists on a name and a port.
  echo "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}]." >"$STATE/rabbitmq/advanced.config"
  echo 'NODENAME=openstack-lab@localhost' >"$STATE/rabbitmq/rabbitmq-env.conf"
  # RUNNING_UNDER_SYSTEMD: replace the shell by the Erlang VM, no wrapper.
  start rabbitmq env -u NOTIFY_SOCKET HOME="$STATE/rabbitmq" RUNNING_UNDER_SYSTEMD=true \
    ERL_EPMD_PORT="$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_CONF_ENV_FILE="$STATE/rabbitmq/rabbitmq-env.conf" \
    RABBITMQ_CONFIG_FILE="$STATE/rabbitmq/rabbitmq.conf" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$STATE/rabbitmq/advanced.config" \
    RABBITMQ_NODENAME=openstack-lab@localhost RABBITMQ_DIST_PORT="$RABBIT_DIST_PORT" \
    RABBITMQ_MNESIA_BASE="$STATE/rabbitmq/mnesia" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS=- \
    RABBITMQ_ENABLED_PLUGINS_FILE="$STATE/rabbitmq/enabled_plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

start_wsgi() {  # NAME ADDRESS PORT SCRIPT ENVIRONMENT...
  local name=$1 address=$2 port=$3 script=$4
  shift 4
  start "$name" env -u NOTIFY_SOCKET "$@" uwsgi --plugins python3 --http-socket "$address:$port" \
    --wsgi-file "$script" --processes 1 --threads 8 --enable-threads --master --lazy-apps \
    --die-on-term --need-app --buffer-size 65535 --add-header 'Connection: close' \
    --procname-prefix "$name "
}

start_region_service() {  # KEY ADDRESS SERVICE
  local key=$1 address=$2 service=$3 dir=$STATE/regions/$1
  case $service in
    keystone)
      start_wsgi "$key.keystone" "$address" "$KEYSTONE_PORT" /usr/bin/keystone-wsgi-public \
        OS_KEYSTONE_CONFIG_DIR="$dir/keystone" ;;
    placement)
      start_wsgi "$key.placement" "$address" "$PLACEMENT_PORT" /usr/bin/placement-api \
        OS_PLACEMENT_CONFIG_DIR="$dir/placement" ;;
    glance)
      start "$key.glance" "$PYTHON" "$LAB_DIR/lib/launch.py" glance-api \
        --config-file "$dir/glance/glance-api.conf" ;;
    neutron)
      start "$key.neutron" "$PYTHON" "$LAB_DIR/lib/neutron_stub.py" "$address" "$NEUTRON_PORT" ;;
    conductor|scheduler|api)
      start "$key.$service" "$PYTHON" "$LAB_DIR/lib/launch.py" "nova-$service" \
        --config-file "$dir/nova/nova.conf" --config-file "$dir/nova/nova-db.conf" ;;
    compute.*)
      [ -e "$dir/nova/hosts/${service#compute.}.conf" ] || fail "no compute host ${service#compute.} in $key"
      start "$key.$service" "$PYTHON" "$LAB_DIR/lib/launch.py" nova-compute \
        --config-file "$dir/nova/nova.conf" --config-file "$dir/nova/hosts/${service#compute.}.conf" ;;
    *)
      fail "no service $service" ;;
  esac
}
