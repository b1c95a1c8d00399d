# The startup probe: before anybody is led to the server, MLflow's user is made, who owns the database and may do nothing else.
# What another owner has in it becomes that user's: the superuser, as whom MLflow logged in before, and again after a rollback.
set -eu
sh "$(dirname "$0")/ready.sh"

# A function or an operator that MLflow's user may have made must not be run by the superuser, so names are found in
# pg_catalog only. A statement that holds a password must not get into the server's log, whatever becomes of it.
export PGOPTIONS='-c search_path= -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c lock_timeout=10s'

ask() {
    psql --no-psqlrc --quiet --no-align --tuples-only --single-transaction --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse \
        --username=postgres "$@" --file=-
}

there=$(echo "SELECT count(*) FROM pg_database WHERE datname = :'database'" | ask --dbname=postgres --set=database="$POSTGRES_DB")
if [ "$there" = 1 ]; then
    ask --dbname="$POSTGRES_DB" <<'SQL'
\set user `printf %s "$DATABASE_USER"`
\set password `printf %s "$DATABASE_PASSWORD"`
SELECT format('CREATE ROLE %I', :'user') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user') \gexec
ALTER ROLE :"user" LOGIN NOSUPERUSER PASSWORD :'password';
WITH owner AS (
    SELECT r.oid FROM pg_roles r, pg_database d
    WHERE d.datname = current_database() AND r.oid IN (10, d.datdba) AND r.rolname <> :'user'
), found AS (
    SELECT 'pg_namespace'::regclass AS class, oid, oid AS schema, nspowner AS owner, format('SCHEMA %I', nspname) AS thing
    FROM pg_namespace
    UNION ALL
    SELECT 'pg_class'::regclass, oid, relnamespace, relowner, format('TABLE %s', oid::regclass)
    FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT (relkind = 'S' AND EXISTS (
        SELECT FROM pg_depend  -- a column's sequence follows its table
        WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    ))
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, pronamespace, proowner, format('ROUTINE %s', oid::regprocedure)
    FROM pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typnamespace, typowner, format('TYPE %s', oid::regtype)
    FROM pg_type t WHERE typtype IN ('c', 'd', 'e', 'r')
        AND NOT EXISTS (SELECT FROM pg_class WHERE oid = t.typrelid AND relkind <> 'c')  -- a row of a table
)
SELECT format('ALTER %s OWNER TO %I', thing, :'user')
FROM found JOIN pg_namespace n ON n.oid = schema
WHERE owner IN (SELECT oid FROM owner) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = found.oid AND deptype = 'e')  -- an extension's
\gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', datname, :'user')
FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = current_database() AND rolname <> :'user' \gexec
SQL
fi
rm -f "$(dirname "$PGDATA")/being-made"
