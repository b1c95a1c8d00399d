# Run by the image while it makes the database: a user that owns it and may do nothing else. The statement holds a password,
# so it must not get into the server's log, whatever becomes of it.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname="$POSTGRES_DB" <<'SQL'
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\getenv database POSTGRES_DB
\getenv user DATABASE_USER
\getenv password DATABASE_PASSWORD
CREATE ROLE :"user" LOGIN PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO :"user";
SQL
