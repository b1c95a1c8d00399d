# The server answers, if only that it takes nobody: it may have no connection left, which its users need to end, or another
# password.
set -eu
admin=$(command -v mysqladmin || command -v mariadb-admin)
"$admin" --no-defaults --host=127.0.0.1 --user=root ping >/dev/null
