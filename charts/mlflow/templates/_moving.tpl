{{- /* An upgrade of a release of chart 0.16.5, seen where the cluster can be asked: `lookup` finds nothing under
`helm template`, so only refusals and notes depend on it. */}}

{{- /* The pod of that chart's Deployment, as JSON, or nothing; Flowship's containers have no command. */}}
{{- define "mlflow.oldPod" -}}
{{- $running := lookup "apps/v1" "Deployment" .Release.Namespace (include "mlflow.fullname" .) }}
{{- with $running.spec }}
{{- if has "mlflow" (first .template.spec.containers).command }}
{{- toJson .template.spec }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The file that its authentication read. */}}
{{- define "mlflow.oldAuthentication" -}}
{{- $secret := lookup "v1" "Secret" .Release.Namespace (printf "%s-auth-config-secret" (include "mlflow.fullname" .)) }}
{{- range $secret.data }}
{{- . | b64dec }}
{{- end }}
{{- end }}

{{- define "mlflow.oldRunsInMemory" -}}
{{- with include "mlflow.oldPod" . }}
{{- if has "--backend-store-uri=sqlite:///:memory:" (first (fromJson .).containers).args }}true{{ end }}
{{- end }}
{{- end }}

{{- /* What ends with such a pod, as a JSON list of paths: "mlflow.lostWithPod" (dict "pod" POD "authentication" FILE).
Its image worked in /mlflow. Artifacts of runs in memory belong to nothing any more. */}}
{{- define "mlflow.lostWithPod" -}}
{{- $paths := list }}
{{- $arguments := (first .pod.containers).args }}
{{- if and (has "--artifacts-destination=./mlartifacts" $arguments) (not (has "--backend-store-uri=sqlite:///:memory:" $arguments)) }}
{{- $paths = append $paths "/mlflow/mlartifacts" }}
{{- end }}
{{- with regexFind `database_uri = sqlite:///[^\n]+` .authentication | trimPrefix "database_uri = sqlite:///" }}
{{- $paths = append $paths (hasPrefix "/" . | ternary . (printf "/mlflow/%s" .)) }}
{{- end }}
{{- $passing := list }}
{{- range .pod.volumes }}
{{- if hasKey . "emptyDir" }}
{{- $passing = append $passing .name }}
{{- end }}
{{- end }}
{{- $mounts := (first .pod.containers).volumeMounts }}
{{- $lost := list }}
{{- range $path := $paths }}
{{- $kept := false }}
{{- range $mounts }}
{{- if and (not (has .name $passing)) (hasPrefix (printf "%s/" (clean .mountPath)) (printf "%s/" (clean $path))) }}
{{- $kept = true }}
{{- end }}
{{- end }}
{{- if not $kept }}
{{- $lost = append $lost (clean $path) }}
{{- end }}
{{- end }}
{{- toJson $lost }}
{{- end }}

{{- define "mlflow.refuseLoss" -}}
{{- if not (.Values.moving | default dict).acceptLoss }}
{{- with include "mlflow.oldPod" . }}
{{- with include "mlflow.lostWithPod" (dict "pod" (fromJson .) "authentication" (include "mlflow.oldAuthentication" $)) | fromJsonArray }}
{{- fail (include "mlflow.lossSentence" (dict "root" $ "paths" .)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mlflow.lossSentence" -}}
{{- $exec := printf "kubectl --namespace %s exec deployment/%s --" .root.Release.Namespace (include "mlflow.fullname" .root) }}
moving.acceptLoss: the running pod of chart 0.16.5 keeps {{ join " and " .paths }} in its container's own files, which end with the pod. Save them first:
{{- range .paths }}
{{- if hasSuffix ".db" . }}
  {{ $exec }} python -c 'import sqlite3; sqlite3.connect("{{ . }}").execute("VACUUM INTO \"/tmp/saved.db\"")'
  {{ $exec }} cat /tmp/saved.db > {{ base . }}
{{- else }}
  {{ $exec }} tar --create --directory {{ . }} . > {{ base . }}.tar
{{- end }}
{{- end }}
Then set moving.acceptLoss to true. docs/how-to/moving.md shows how they get into the new release's claim.
{{ end }}
