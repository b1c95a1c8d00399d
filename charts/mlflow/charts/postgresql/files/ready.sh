# The server listens on the network, which it does not yet while the image makes the database, and answers a query. No
# password is needed on its socket, so that a changed one does not stop the server.
set -eu
pg_isready --quiet --host=127.0.0.1
psql --no-psqlrc --quiet --username=postgres --dbname=postgres --command='SELECT 1' >/dev/null
