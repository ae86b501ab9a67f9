#!/bin/sh
# with_postgres.sh COMMAND [ARGUMENT...]
# Run COMMAND with LS_TEST_URL naming a private, empty PostgreSQL (database "lockstep",
# superuser "postgres") that lives in a temporary directory, listens on a Unix socket only,
# and is gone afterwards. Exit code: the command's; 77 where there is no server to start.
set -eu

find_bindir() {
    for candidate in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
        if [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ]; then
            found=$candidate
        fi
    done
    [ -n "${found:-}" ] && printf '%s\n' "$found"
}

bindir=$(find_bindir) || { echo "with_postgres: no PostgreSQL server (postgresql-15)" >&2; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-pg.XXXXXX")
mkdir "$dir/socket"

# The server refuses to run as root: then it runs as postgres or nobody.
as_server() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
    if id postgres >/dev/null 2>&1; then server_user=postgres; else server_user=nobody; fi
    chmod 755 "$dir"
    mkdir "$dir/data"
    chown "$server_user" "$dir/data" "$dir/socket"
    as_server() {
        setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups \
            env HOME="$dir/socket" "$@"
    }
fi

# A signal must not wait for the command: the shell runs traps only between commands, so
# the command runs beside it.
child=
stop() {
    trap - EXIT HUP INT TERM
    if [ -n "$child" ]; then
        kill "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    as_server "$bindir/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 143' HUP INT TERM

cd "$dir"
as_server "$bindir/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C \
    >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
as_server "$bindir/pg_ctl" -D "$dir/data" -w -l "$dir/data/server.log" -o "-c listen_addresses='' \
    -c unix_socket_directories='$dir/socket' -c fsync=off -c full_page_writes=off \
    -c max_connections=50 -c shared_buffers=64MB ${LS_TEST_SERVER_OPTIONS:-}" \
    start >/dev/null || { cat "$dir/data/server.log" >&2; exit 1; }
"$bindir/psql" -qX -h "$dir/socket" -U postgres -d postgres -c 'CREATE DATABASE lockstep'

cd - >/dev/null
LS_TEST_URL="host=$dir/socket user=postgres dbname=lockstep"
export LS_TEST_URL
exec 3<&0 # a command beside the shell would read /dev/null
"$@" <&3 3<&- &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
