{{- /* What a bundled database starts by, for each kind of server: a subchart cannot read files of its parent. */}}

{{- define "database.startScript" -}}
# start.sh DIRECTORY HOLDS ARGUMENTS: before the image makes a database in a directory of an empty claim, leaves a mark beside
# it, which startup.sh takes away once MLflow can log in. Where the mark is still there, the making was cut short, and no
# data can have come in: it is begun anew. A claim that holds something else would look like an empty database, so it is
# refused. In the server's container, since the images take half a database for a whole one, and a container restarts alone too.
set -eu
directory=$1 holds=$2
shift 2
claim="$(dirname "$directory")"
mark="$claim/being-made"
if [ -e "$mark" ]; then
    rm -rf "$directory"
elif [ ! -e "$directory/$holds" ]; then
    for each in "$claim"/*; do
        case $each in
            "$claim/*" | "$claim/lost+found") ;;
            *)
                echo "primary.persistence.existingClaim: holds $(basename "$each"), and no database of this chart in" \
                    "$(basename "$directory"). Name an empty claim, and restore a dump of the old database into the new one." >&2
                exit 1
                ;;
        esac
    done
    touch "$mark"
fi
exec docker-entrypoint.sh "$@"
{{ end }}
