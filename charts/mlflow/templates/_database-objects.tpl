{{- /* The objects of a bundled database that are the same for each kind of server; included as those in _database.tpl. */}}

{{- define "database.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "database.fullname" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
  labels: {{- include "database.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  selector: {{- include "database.selectorLabels" . | nindent 4 }}
  ports:
    - name: {{ ternary "tcp-postgresql" "mysql" (eq .Chart.Name "postgresql") }}
      port: {{ include "database.servicePort" . }}
      targetPort: database
      protocol: TCP
{{- end }}

{{- /* The passwords that the values give. */}}
{{- define "database.secret" -}}
{{- $login := include "database.login" . | fromJson }}
{{- with $login.given }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $login.rendered | quote }}
  namespace: {{ $.Release.Namespace | quote }}
  labels: {{- include "database.labels" $ | nindent 4 }}
  annotations:
    {{- /* Without it, the data that helm uninstall leaves could not be read. */}}
    {{- include "mlflow.keptAnnotations" nil | nindent 4 }}
type: Opaque
data:
  {{- range $key, $password := . }}
  {{ $key }}: {{ $password | b64enc }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "database.claim" -}}
{{- $persistence := (.Values.primary | default dict).persistence | default dict }}
{{- if and $persistence.enabled (not $persistence.existingClaim) }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "database.claimName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
  labels: {{- include "database.labels" . | nindent 4 }}
  annotations:
    {{- /* It holds data, which helm uninstall must not delete. */}}
    {{- include "mlflow.keptAnnotations" $persistence.annotations | nindent 4 }}
spec:
  accessModes: {{- toYaml ($persistence.accessModes | default (list "ReadWriteOnce")) | nindent 4 }}
  {{- with $persistence.storageClass }}
  storageClassName: {{ eq . "-" | ternary "" . | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ $persistence.size | default "8Gi" | quote }}
{{- end }}
{{- end }}

{{- define "database.scripts" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "database.named" (list . "scripts") | quote }}
  namespace: {{ .Release.Namespace | quote }}
  labels: {{- include "database.labels" . | nindent 4 }}
data:
  {{- include "database.scriptData" . | nindent 2 }}
{{- end }}

{{- define "database.scriptData" -}}
{{ (.Files.Glob "files/*.sh").AsConfig }}
start.sh: |
  {{- include "database.startScript" . | nindent 2 }}
{{- end }}
