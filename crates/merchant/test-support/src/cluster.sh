# sh cluster.sh PROGRAMS PORT FSYNC: a cluster of PostgreSQL in a temporary folder, until the input ends.
# Answers `ok` to the start and to each line of its input: `stop`, `start`, `standby` (the server accepts no
# writes, as one that another has replaced) and `promote`. As root it runs PostgreSQL, which refuses root, as the
# user that Debian's package has made.
trap '' INT TERM HUP
bin=$1 port=$2 fsync=$3
dir=$(mktemp -d "${TMPDIR:-/tmp}/opencashier-postgres.XXXXXX") || exit 1
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
cd "$dir" || exit 1
run() { $as "$bin/$@" </dev/null >>"$dir/log" 2>&1 || { cat "$dir/log" >&2; return 1; }; }
$as touch "$dir/log"
start() { run pg_ctl -D "$dir/data" -w -t 60 -l "$dir/server.log" start; }
run initdb -D "$dir/data" -U merchant -A trust -N -E UTF8 --locale=C &&
cat >>"$dir/data/postgresql.conf" <<END &&
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
fsync = $fsync
max_connections = 400
shared_buffers = 64MB
log_min_messages = fatal
END
printf '%s\n' 'host all merchant,nobody 127.0.0.1/32 trust' 'host all all 127.0.0.1/32 scram-sha-256' \
    >"$dir/data/pg_hba.conf" &&
start && echo ok || echo failed
while read -r command; do
    case $command in
        stop) run pg_ctl -D "$dir/data" -w -m immediate stop ;;
        start) start ;;
        standby) run pg_ctl -D "$dir/data" -w -m fast stop && $as touch "$dir/data/standby.signal" && start ;;
        promote) run pg_ctl -D "$dir/data" -w promote ;;
        *) false ;;
    esac && echo ok || echo failed
done
run pg_ctl -D "$dir/data" -w -m immediate stop
cd / && rm -rf "$dir"
