{{- /* The parts of a bundled database's pod that are the same for each kind of server; included as those in _database.tpl. */}}

{{- define "database.image" -}}
{{- $image := .Values.image | default dict }}
{{- $repository := $image.repository | default (ternary "postgres" "mysql" (eq .Chart.Name "postgresql")) }}
{{- if $image.digest }}
{{- printf "%s@%s" $repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $repository ($image.tag | default (ternary "11" .Chart.AppVersion (hasSuffix "mariadb" $repository))) }}
{{- end }}
{{- end }}

{{- /* Metadata of the pod: it is replaced when its scripts change. */}}
{{- define "database.podMetadata" -}}
labels: {{- include "database.selectorLabels" . | nindent 2 }}
annotations:
  checksum/scripts: {{ include "database.scriptData" . | sha256sum }}
{{- end }}

{{- /* Who runs it, where, and how long it may take to end. The official images have user 999, and end at once without a
loss at the signal that they declare. */}}
{{- define "database.podSpec" -}}
{{- $primary := .Values.primary | default dict -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 120
securityContext:
  runAsNonRoot: true
  runAsUser: 999
  runAsGroup: 999
  fsGroup: 999
  {{- /* Not at each start: PostgreSQL refuses a directory that its group may write. */}}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with (.Values.image | default dict).pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with $primary.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $primary.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* What its containers share. */}}
{{- define "database.container" -}}
image: {{ include "database.image" . | quote }}
imagePullPolicy: {{ (.Values.image | default dict).pullPolicy | default "IfNotPresent" }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- with include "mlflow.resources" (dict "kind" "database" "given" (.Values.primary | default dict).resources) }}
resources: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
{{- end }}

{{- define "database.probes" -}}
{{- $ask := dict "exec" (dict "command" (list "sh" "/scripts/ready.sh")) }}
{{- $look := dict "exec" (dict "command" (list "sh" "/scripts/alive.sh")) }}
{{- $begin := dict "exec" (dict "command" (list "sh" "/scripts/startup.sh")) }}
{{- /* A server that was killed first reads its log, which may take long. */}}
startupProbe: {{- toYaml (merge (dict "periodSeconds" 2 "timeoutSeconds" 30 "failureThreshold" 900) $begin) | nindent 2 }}
readinessProbe: {{- toYaml (merge (dict "periodSeconds" 5 "timeoutSeconds" 10 "failureThreshold" 3) $ask) | nindent 2 }}
livenessProbe: {{- toYaml (merge (dict "periodSeconds" 20 "timeoutSeconds" 20 "failureThreshold" 6) $look) | nindent 2 }}
{{- end }}

{{- /* A variable with a password: "database.password" (dict "name" NAME "secret" SECRET "key" KEY). */}}
{{- define "database.password" -}}
name: {{ .name }}
valueFrom: {secretKeyRef: {name: {{ .secret | quote }}, key: {{ .key | quote }}}}
{{- end }}

{{- /* MLflow's user, as the startup probe makes it. */}}
{{- define "database.userVariables" -}}
{{- $login := include "database.login" . | fromJson -}}
- {name: DATABASE_USER, value: {{ $login.user | quote }}}
- {{- include "database.password" (merge (dict "name" "DATABASE_PASSWORD") $login.login) | nindent 2 }}
{{- end }}

{{- define "database.dataVolume" -}}
{{- if ((.Values.primary | default dict).persistence | default dict).enabled -}}
persistentVolumeClaim: {claimName: {{ include "database.claimName" . | quote }}}
{{- else -}}
emptyDir: {}
{{- end }}
{{- end }}
