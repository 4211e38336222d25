# Makes a cluster at the first start, and a database named after its user.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	echo "$POSTGRES_PASSWORD" >/tmp/password
	initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync >/dev/null
	rm /tmp/password
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	echo "CREATE DATABASE \"$POSTGRES_USER\";" | postgres --single -D "$PGDATA" -j postgres >/dev/null
fi
exec postgres -c listen_addresses='*'
