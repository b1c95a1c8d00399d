{{- define "old.backend" -}}
{{- $store := .Values.backendStore }}
{{- if or $store.postgres.enabled .Values.postgresql.enabled -}}
postgresql{{ with $store.postgres.driver }}+{{ . }}{{ end }}://
{{- else if or $store.mysql.enabled .Values.mysql.enabled -}}
mysql+{{ $store.mysql.driver }}://$(MYSQL_USERNAME):$(MYSQL_PWD)@$(MYSQL_HOST):$(MYSQL_TCP_PORT)/$(MYSQL_DATABASE)
{{- else -}}
sqlite:///:memory:
{{- end }}
{{- end }}

{{- define "old.artifacts" -}}
{{- $root := .Values.artifactRoot }}
{{- if $root.azureBlob.enabled -}}
wasbs://{{ $root.azureBlob.container }}@{{ $root.azureBlob.storageAccount }}.blob.core.windows.net/{{ $root.azureBlob.path }}
{{- else if $root.s3.enabled -}}
s3://{{ $root.s3.bucket }}/{{ $root.s3.path }}
{{- else if $root.gcs.enabled -}}
gs://{{ $root.gcs.bucket }}/{{ $root.gcs.path }}
{{- else -}}
{{ $root.proxiedArtifactStorage | ternary "./mlartifacts" "./mlruns" }}
{{- end }}
{{- end }}

{{- define "old.arguments" -}}
- server
- --host=0.0.0.0
- --port={{ .Values.service.port }}
- {{ printf "--backend-store-uri=%s" (include "old.backend" .) | quote }}
- {{ .Values.artifactRoot.proxiedArtifactStorage | ternary "--artifacts-destination" "--default-artifact-root" }}={{ include "old.artifacts" . }}
{{- if .Values.artifactRoot.proxiedArtifactStorage }}
- --serve-artifacts
{{- end }}
{{- if .Values.serviceMonitor.enabled }}
- --expose-prometheus=/mlflow/metrics
{{- end }}
{{- if .Values.auth.enabled }}
- --app-name={{ .Values.auth.appName }}
{{- else if .Values.ldapAuth.enabled }}
- --app-name=basic-auth
{{- end }}
{{- range $key, $value := .Values.extraArgs }}
- --{{ kebabcase $key }}={{ $value }}
{{- end }}
{{- range .Values.extraFlags }}
- --{{ kebabcase . }}
{{- end }}
{{- end }}

{{- /* Credentials from a Secret of the user's own, or of a bundled database. */}}
{{- define "old.credentials" -}}
{{- $store := .Values.backendStore }}
{{- $own := $store.existingDatabaseSecret }}
{{- if and $own.name (or $store.postgres.enabled $store.mysql.enabled) }}
- name: {{ $store.postgres.enabled | ternary "PGPASSWORD" "MYSQL_PWD" }}
  valueFrom: {secretKeyRef: {name: {{ $own.name }}, key: {{ $own.passwordKey }}}}
- name: {{ $store.postgres.enabled | ternary "PGUSER" "MYSQL_USERNAME" }}
  valueFrom: {secretKeyRef: {name: {{ $own.name }}, key: {{ $own.usernameKey }}}}
{{- end }}
{{- if .Values.postgresql.enabled }}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ include "old.fullname" . }}-postgresql, key: {{ empty .Values.postgresql.auth.username | ternary "postgres-password" "password" }}, optional: true}}
{{- end }}
{{- if .Values.mysql.enabled }}
- name: MYSQL_PWD
  valueFrom: {secretKeyRef: {name: {{ include "old.fullname" . }}-mysql, key: {{ empty .Values.mysql.auth.username | ternary "mysql-root-password" "password" }}, optional: true}}
{{- end }}
{{- end }}
