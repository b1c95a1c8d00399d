# The server listens on the network, which it does not yet while the image makes the database, and answers a query. That it
# refuses the password is an answer too: a changed one must not stop the server, and MLflow says what is wrong with it.
set -eu
client=$(command -v mysql || command -v mariadb)
export MYSQL_PWD="$MYSQL_ROOT_PASSWORD"
if ! answer=$("$client" --no-defaults --host=127.0.0.1 --user=root --execute='SELECT 1' 2>&1); then
    case $answer in *'ERROR 1045'*) ;; *) echo "$answer" >&2; exit 1 ;; esac
fi
rm -f /var/lib/mysql/being-made
