# SPDX-License-Identifier: Apache-2.0
# Write the configuration of one region. Sourced by "up".
# shellcheck shell=bash

db_url() { echo "mysql+pymysql://lab:$SECRET@$INFRA_ADDRESS:$MARIADB_PORT/$1?charset=utf8mb4"; }

# What the services say about themselves at every start is left out of the logs.
log_options() {
  echo "use_stderr = true"
  echo "default_log_levels = amqp=WARN,oslo.messaging=WARN,oslo_messaging=ERROR,oslo_config=ERROR,oslo_policy=ERROR,oslo_db=ERROR,sqlalchemy=WARN,alembic=WARN,stevedore=WARN,urllib3.connectionpool=WARN,keystonemiddleware=WARN,routes.middleware=WARN,requests=WARN,keystone.common.password_hashing=ERROR"
}

# How long a service believes a token without asking keystone again: 300 s is
# keystonemiddleware's default, a tenth of the lifetime if that is less.
TOKEN_SECONDS=${OPENSTACK_LAB_TOKEN_SECONDS:-3600}
TOKEN_CACHE_SECONDS=$((TOKEN_SECONDS < 3000 ? (TOKEN_SECONDS + 9) / 10 : 300))

authtoken() {  # ADDRESS REGION-NAME USER: options of a keystone service user
  cat <<INI
auth_type = password
auth_url = http://$1:$KEYSTONE_PORT/v3
username = $3
password = $SECRET
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $2
INI
}

write_region_config() {  # KEY NAME ADDRESS
  local key=$1 name=$2 address=$3 dir=$STATE/regions/$1 host
  mkdir -p "$dir"/{keystone/fernet,keystone/receipts,keystone/credential,placement,nova/hosts,nova/instances,nova/locks,glance/images,glance/staging,glance/tasks,glance/locks}
  chmod 700 "$dir"/keystone/*/

  cat >"$dir/keystone/keystone.conf" <<INI
[DEFAULT]
public_endpoint = http://$address:$KEYSTONE_PORT/
$(log_options)
[database]
connection = $(db_url "${key}_keystone")
max_pool_size = 10
[token]
expiration = $TOKEN_SECONDS
[fernet_tokens]
key_repository = $dir/keystone/fernet
[fernet_receipts]
key_repository = $dir/keystone/receipts
[credential]
key_repository = $dir/keystone/credential
[identity]
# 4 is bcrypt's minimum: the lab's passwords are public anyway.
password_hash_rounds = 4
INI

  cat >"$dir/placement/placement.conf" <<INI
[DEFAULT]
$(log_options)
[placement_database]
connection = $(db_url "${key}_placement")
max_pool_size = 10
[keystone_authtoken]
www_authenticate_uri = http://$address:$KEYSTONE_PORT/v3
token_cache_time = $TOKEN_CACHE_SECONDS
$(authtoken "$address" "$name" placement)
INI

  cat >"$dir/glance/glance-api.conf" <<INI
[DEFAULT]
bind_host = $address
bind_port = $GLANCE_PORT
workers = 0
$(log_options)
node_staging_uri = file://$dir/glance/staging
[database]
connection = $(db_url "${key}_glance")
max_pool_size = 5
[keystone_authtoken]
www_authenticate_uri = http://$address:$KEYSTONE_PORT/v3
token_cache_time = $TOKEN_CACHE_SECONDS
$(authtoken "$address" "$name" glance)
[paste_deploy]
flavor = keystone
config_file = $STATE/share/glance-api-paste.ini
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = $dir/glance/images
[task]
work_dir = $dir/glance/tasks
[oslo_concurrency]
lock_path = $dir/glance/locks
INI

  # As in production, only the control services may reach the databases:
  # nova-compute is started without nova-db.conf.
  cat >"$dir/nova/nova-db.conf" <<INI
[api_database]
connection = $(db_url "${key}_nova_api")
max_pool_size = 10
[database]
connection = $(db_url "${key}_nova")
max_pool_size = 10
INI

  cat >"$dir/nova/nova.conf" <<INI
[DEFAULT]
$(log_options)
my_ip = $address
state_path = $dir/nova
instances_path = $dir/nova/instances
transport_url = rabbit://lab:$SECRET@$INFRA_ADDRESS:$RABBIT_PORT/$key
osapi_compute_listen = $address
osapi_compute_listen_port = $NOVA_PORT
osapi_compute_workers = 1
# A stopped nova-compute is reported "down" after service_down_time seconds.
report_interval = 5
service_down_time = ${OPENSTACK_LAB_SERVICE_DOWN_SECONDS:-20}
# Above 0 a deleted server is SOFT_DELETED and keeps its resources that long.
reclaim_instance_interval = ${OPENSTACK_LAB_RECLAIM_SECONDS:-0}
update_resources_interval = 10
heal_instance_info_cache_interval = -1
# Start periodic tasks at once (default: after a random delay of up to a minute).
periodic_fuzzy_delay = 0
graceful_shutdown_timeout = 3
initial_cpu_allocation_ratio = ${OPENSTACK_LAB_CPU_RATIO:-4.0}
initial_ram_allocation_ratio = 1.0
initial_disk_allocation_ratio = 1.0
[api]
max_limit = ${OPENSTACK_LAB_MAX_LIMIT:-1000}
[wsgi]
api_paste_config = $STATE/share/api-paste.ini
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 5
[filter_scheduler]
enabled_filters = ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,NUMATopologyFilter,PciPassthroughFilter,AggregateInstanceExtraSpecsFilter
# Keep servers without GPUs off the GPU hosts as long as another host is free.
pci_weight_multiplier = 1000.0
[pci]
$(topology aliases)
[keystone_authtoken]
www_authenticate_uri = http://$address:$KEYSTONE_PORT/v3
token_cache_time = $TOKEN_CACHE_SECONDS
$(authtoken "$address" "$name" nova)
[placement]
$(authtoken "$address" "$name" nova)
[neutron]
$(authtoken "$address" "$name" nova)
[glance]
region_name = $name
[quota]
instances = -1
cores = -1
ram = -1
[vnc]
enabled = false
[oslo_concurrency]
lock_path = $dir/nova/locks
INI

  for host in $(topology hosts "$key"); do
    mkdir -p "$dir/nova/hosts/$host"
    {
      cat <<INI
[DEFAULT]
host = $host
compute_driver = lab.LabDriver
state_path = $dir/nova/hosts/$host
instances_path = $dir/nova/hosts/$host/instances
[oslo_concurrency]
lock_path = $dir/nova/hosts/$host/locks
INI
      topology compute "$key" "$host"
    } >"$dir/nova/hosts/$host.conf"
  done
}
