# The server listens on the network, which it does not yet while the image makes the database, and answers a query. That it
# refuses the password is an answer too: a changed one must not stop the server, and MLflow says what is wrong with it.
set -eu
client=$(command -v mysql || command -v mariadb)
export MYSQL_PWD="$MYSQL_ROOT_PASSWORD"

ask() {
    if ! answer=$("$client" --no-defaults --host=127.0.0.1 --user=root --default-character-set=utf8mb4 2>&1); then
        case $answer in *'ERROR 1045'*) ;; *) echo "$answer" >&2; exit 1 ;; esac
    fi
}

echo 'SELECT 1' | ask
