{{- /* The parts of the Deployment that take a decision. */}}

{{- /* With an autoscaler the number of pods is not ours. Leaving it out of a running Deployment would set it to one,
so where the cluster can be asked the number that runs is kept; none run when a database is moved, and an autoscaler does
nothing for none. */}}
{{- define "mlflow.replicas" -}}
{{- if (.Values.autoscaling | default dict).enabled }}
{{- $running := lookup "apps/v1" "Deployment" .Release.Namespace (include "mlflow.fullname" .) }}
{{- $least := ternary 1 0 (not (empty (include "mlflow.moved" .))) }}
{{- with $running.spec }}{{ max $least (int .replicas) }}{{ end }}
{{- else }}
{{- ternary 1 .Values.replicaCount (kindIs "invalid" .Values.replicaCount) | int }}
{{- end }}
{{- end }}

{{- define "mlflow.serveArguments" -}}
{{- $arguments := list "serve" }}
{{- if include "mlflow.certificate" . }}
{{- $arguments = concat $arguments (list "--tls-certificate" "/var/run/secrets/flowship/tls/tls.crt" "--tls-key" "/var/run/secrets/flowship/tls/tls.key") }}
{{- end }}
{{- if and (include "mlflow.migratesInTheServer" .) (.Values.backendStore | default dict).databaseMigration }}
{{- $arguments = append $arguments "--migrate" }}
{{- end }}
{{- toJson $arguments }}
{{- end }}

{{- /* Sidecars first, so that the steps may need them; then wait, migrate, and the user's own. The server, which waits
for its databases too, does both where they would come before something that they need, and migrates where nothing comes
in between. */}}
{{- define "mlflow.initContainers" -}}
{{- $store := .Values.backendStore | default dict }}
{{- $steps := list }}
{{- if and $store.databaseConnectionCheck (not (include "mlflow.stepsInTheServer" .)) }}
{{- $steps = append $steps "wait" }}
{{- end }}
{{- if and $store.databaseMigration (not (include "mlflow.migratesInTheServer" .)) }}
{{- $steps = append $steps "migrate" }}
{{- end }}
{{- range .Values.initContainers }}
{{- if eq (toString .restartPolicy) "Always" }}
- {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- range $steps }}
- {{- include "mlflow.container" (dict "root" $ "name" . "args" (list .)) | nindent 2 }}
  volumeMounts: {{- include "mlflow.volumeMounts" (dict "root" $ "for" (list "steps")) | nindent 4 }}
{{- end }}
{{- range .Values.initContainers }}
{{- if ne (toString .restartPolicy) "Always" }}
- {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mlflow.spread" -}}
{{- $constraints := list }}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "mlflow.selectorLabels" . | fromYaml)) }}
{{- range .Values.topologySpreadConstraints }}
{{- $constraints = append $constraints (hasKey . "labelSelector" | ternary . (merge (deepCopy $selector) .)) }}
{{- end }}
{{- toJson $constraints }}
{{- end }}
