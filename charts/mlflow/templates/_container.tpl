{{- /* What the containers of a pod share. The three steps (wait, migrate, serve) run the same image with the same
values, variables and volumes, so that what one of them reaches, all of them reach. */}}

{{- define "mlflow.image" -}}
{{- $image := .Values.image | default dict }}
{{- $repository := $image.repository | default "flowship/mlflow" }}
{{- if $image.digest }}
{{- printf "%s@%s" $repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $repository ($image.tag | default (printf "%s-mlflow%s" .Chart.Version .Chart.AppVersion)) }}
{{- end }}
{{- end }}

{{- /* A container of Flowship: "mlflow.container" (dict "root" . "name" "wait" "args" (list "wait")), with more variables
in "env" and "envFrom" and, as JSON, other "resources" than the server's if there are any. */}}
{{- define "mlflow.container" -}}
{{- $image := .root.Values.image | default dict -}}
name: {{ .name }}
image: {{ include "mlflow.image" .root | quote }}
imagePullPolicy: {{ $image.pullPolicy | default "IfNotPresent" }}
args: {{- toYaml .args | nindent 2 }}
{{- with include "mlflow.securityContext" .root }}
securityContext: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
env:
  {{- include "mlflow.environment" .root | nindent 2 }}
  {{- with .env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $sources := concat (include "mlflow.environmentSources" .root | fromYamlArray) (.envFrom | default list) }}
{{- with $sources }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
{{- $resources := hasKey . "resources" | ternary .resources (include "mlflow.resources" (dict "kind" "server" "given" .root.Values.resources)) }}
{{- with $resources }}
resources: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
{{- end }}

{{- /* What the values file does not say: names that only Helm knows, and what is in Secrets of the user's own. */}}
{{- define "mlflow.environment" -}}
- name: FLOWSHIP_SERVICE
  value: {{ printf "%s.%s" (include "mlflow.fullname" .) .Release.Namespace | quote }}
{{- include "mlflow.secretVariables" . }}
{{- include "mlflow.databaseVariables" . }}
{{- if include "mlflow.gcsSecret" . }}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /var/run/secrets/flowship/gcs/key.json
{{- end }}
{{- if include "mlflow.directoryCertificate" . }}
- name: LDAP_CA
  value: /certs/ca.crt
{{- end }}
{{- range $name, $value := .Values.extraEnvVars }}
{{- if kindIs "map" $value }}
{{- if hasKey $value "valueFrom" }}
{{- range uniq (list (upper $name) (regexMatch "[a-z]" $name | ternary $name (upper $name))) }}
- name: {{ . }}
  valueFrom: {{- toYaml $value.valueFrom | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Whole Secrets, later ones over earlier ones. The first is one that a hook of chart 0.16.5 made, where it is left, and
where the values give no key: variables win over values, so the old key would stay. */}}
{{- define "mlflow.environmentSources" -}}
{{- if not (include "mlflow.givesFlaskKey" .) }}
- secretRef:
    name: {{ include "mlflow.fullname" . | printf "%s-flask-server-secret-key" | quote }}
    optional: true
{{- end }}
{{- range .Values.extraSecretNamesForEnvFrom }}
- secretRef:
    name: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "mlflow.gcsSecret" -}}
{{- $gcs := (.Values.artifactRoot | default dict).gcs | default dict }}
{{- if $gcs.enabled }}
{{- ($gcs.existingSecret | default dict).name | default "" }}
{{- end }}
{{- end }}

{{- define "mlflow.directoryCertificate" -}}
{{- $directory := .Values.ldapAuth | default dict }}
{{- if $directory.enabled }}
{{- $directory.externalSecretForTrustedCACertificate | default "" }}
{{- end }}
{{- end }}

{{- define "mlflow.certificate" -}}
{{- (.Values.tls | default dict).secretName | default "" }}
{{- end }}
