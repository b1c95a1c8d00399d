{{- /* How MLflow reaches the bundled database, where one is enabled. */}}

{{- define "mlflow.databaseVariables" -}}
{{- range $kind, $database := .Subcharts }}
{{- if $database.Values.enabled }}
{{- $login := include "database.login" $database | fromJson }}
{{- $variables := ternary (list "PGHOST" "PGUSER" "PGPASSWORD") (list "MYSQL_HOST" "MYSQL_USERNAME" "MYSQL_PWD") (eq $kind "postgresql") }}
- name: {{ index $variables 0 }}
  value: {{ include "mlflow.databaseHost" (list $ $database) | quote }}
- name: {{ index $variables 1 }}
  value: {{ $login.user | quote }}
- {{- include "database.password" (merge (dict "name" (index $variables 2)) $login.login) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Its Service, in the namespace of the release: "mlflow.databaseHost" (list ROOT DATABASE). */}}
{{- define "mlflow.databaseHost" -}}
{{- $name := include "database.fullname" (last .) }}
{{- if eq $name (include "mlflow.fullname" (first .)) }}
{{- fail (printf "\nfullnameOverride, nameOverride: would give MLflow the name of its database, %s. Write another one.\n" $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{- /* The passwords that the values give it: pods are replaced when one of them changes. */}}
{{- define "mlflow.databaseGiven" -}}
{{- range .Subcharts }}
{{- if .Values.enabled }}
{{- (include "database.login" . | fromJson).given | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The Job that makes what nobody gave, as JSON: its name, and the keys that it makes, by Secret; empty if there is none. */}}
{{- define "mlflow.passwordJob" -}}
{{- range $database := .Subcharts }}
{{- if $database.Values.enabled }}
{{- with (include "database.login" $database | fromJson).made }}
{{- dict "name" (include "database.named" (list $database "passwords")) "made" . | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Metadata of what makes the passwords, before anything else of the release, and goes away after it:
"mlflow.passwordMetadata" (dict "root" . "name" NAME "weight" WEIGHT). */}}
{{- define "mlflow.passwordMetadata" -}}
{{- include "mlflow.hookMetadata" (dict "root" .root "name" .name "weight" .weight "labels" (include "mlflow.passwordLabels" .root)) }}
{{- end }}

{{- /* Not those by which a Service finds pods. */}}
{{- define "mlflow.passwordLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: passwords
{{- end }}

{{- /* Metadata of what is there before anything else of the release, and goes away when it has done its work:
"mlflow.hookMetadata" (dict "root" . "name" NAME "weight" WEIGHT "labels" LABELS), with another "deleted" for what is to stay. */}}
{{- define "mlflow.hookMetadata" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "mlflow.commonLabels" .root | nindent 2 }}
  {{- .labels | nindent 2 }}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: {{ .deleted | default "before-hook-creation,hook-succeeded" }}
{{- end }}
