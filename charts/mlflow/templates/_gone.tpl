{{- /* Values that name an object which chart 0.16.5 made and this one does not: a pod that takes variables from it, or mounts
it, would never start. The release's name is in theirs, so only Helm can tell. */}}

{{- define "mlflow.refuseGone" -}}
{{- range $key := list "initContainers" "extraContainers" "extraVolumes" "extraEnvVars" "extraSecretNamesForEnvFrom" }}
{{- $given := get $.Values $key | default list }}
{{- range $end, $kind := dict "env-secret" "Secret" "auth-config-secret" "Secret" "trusted-ca-cert-secret" "Secret" "env-configmap" "ConfigMap" "migrations" "ConfigMap" "dbchecker" "ConfigMap" }}
{{- $name := printf "%s-%s" (include "mlflow.fullname" $) $end }}
{{- $quoted := regexQuoteMeta $name | printf `"%s"` }}
{{- /* A container or a volume may be called so too: what refers to an object is a map below one of these keys. */}}
{{- if or (regexMatch (printf `"(secretName":%[1]s|(secret|configMap)(Ref|KeyRef)?":\{[^{}]*"name":%[1]s)` $quoted) (toJson $given)) (and (eq $key "extraSecretNamesForEnvFrom") (has $name $given)) }}
{{- fail (printf "\n%s: names the %s %s, which chart 0.16.5 made and this one does not, so no pod would start. Put what your containers need of it into a %s of your own with another name, and name that one.\n" $key $kind $name $kind) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
