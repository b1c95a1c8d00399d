# The server answers, if only that it takes nobody yet: it may be recovering, which a restart would begin again, or have no
# connection left, which its users need to end.
set -eu
pg_isready --quiet --host=127.0.0.1 || [ $? -eq 1 ]
