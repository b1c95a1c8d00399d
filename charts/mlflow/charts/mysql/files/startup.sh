# The startup probe: before anybody is led to the server, MLflow's user is made, who may do everything in the database and
# nothing else. MLflow logged in as the superuser before.
. "$(dirname "$0")/ready.sh"

literal() {
    printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g"
}

user="'$(literal "$DATABASE_USER")'@'%'"
password="'$(literal "$DATABASE_PASSWORD")'"
database=$(printf %s "$MYSQL_DATABASE" | sed 's/[_%]/\\&/g') # a pattern
ask <<SQL
SET SESSION sql_mode = '';
CREATE USER IF NOT EXISTS $user IDENTIFIED BY $password;
ALTER USER $user IDENTIFIED BY $password;
GRANT ALL PRIVILEGES ON \`$database\`.* TO $user;
SQL
rm -f /var/lib/mysql/being-made
