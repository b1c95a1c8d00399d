{{- /* What the first container of a bundled database runs, for each kind of server: a subchart cannot read files of its parent. */}}

{{- define "database.prepareScript" -}}
# prepare.sh DIRECTORY HOLDS: before the image makes a database in a directory of an empty claim, leaves a mark beside it,
# which ready.sh takes away once the server answers. Where the mark is still there, the making was cut short, and no data can
# have come in: it is begun anew. A claim that holds something else would look like an empty database, so it is refused.
set -eu
claim="$(dirname "$1")"
mark="$claim/being-made"
if [ -e "$mark" ]; then
    rm -rf "$1"
elif [ ! -e "$1/$2" ]; then
    for each in "$claim"/*; do
        case $each in
            "$claim/*" | "$claim/lost+found") ;;
            *)
                echo "primary.persistence.existingClaim: holds $(basename "$each"), and no database of this chart in" \
                    "$(basename "$1"). Name an empty claim, and restore a dump of the old database into the new one." >&2
                exit 1
                ;;
        esac
    done
    touch "$mark"
fi
{{ end }}
