{{- /* Names and labels. Objects, selectors and the Service are called as chart 0.16.5 called them: the selector of a
Deployment cannot change, and ingresses, dashboards and scripts name these objects. */}}

{{- define "mlflow.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $made := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- default $made .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Of an object whose name has an ending: "mlflow.named" (list . "values"). */}}
{{- define "mlflow.named" -}}
{{- $end := last . }}
{{- printf "%s-%s" (include "mlflow.fullname" (first .) | trunc (int (sub 62 (len $end))) | trimSuffix "-") $end }}
{{- end }}

{{- /* Of a CronJob: "mlflow.cronJobName" (list . "backup"). Kubernetes adds eleven letters for each of its Jobs. */}}
{{- define "mlflow.cronJobName" -}}
{{- printf "%s-%s" (include "mlflow.fullname" (first .) | trunc 45 | trimSuffix "-") (last .) }}
{{- end }}

{{- define "mlflow.serviceAccountName" -}}
{{- $account := .Values.serviceAccount | default dict }}
{{- $made := "default" }}
{{- if $account.create }}
{{- $made = include "mlflow.fullname" . }}
{{- end }}
{{- default $made $account.name }}
{{- end }}

{{- /* Whether the pods are given the token of their ServiceAccount. */}}
{{- define "mlflow.automount" -}}
{{- $automount := (.Values.serviceAccount | default dict).automount }}
{{- kindIs "bool" $automount | ternary $automount (eq (include "mlflow.mayTalkToKubernetes" .) "true") }}
{{- end }}

{{- /* The name of the claim of the data directory. */}}
{{- define "mlflow.claimName" -}}
{{- $persistence := .Values.persistence | default dict }}
{{- default (include "mlflow.named" (list . "data")) $persistence.existingClaim }}
{{- end }}

{{- define "mlflow.selectorLabels" -}}
app: {{ include "mlflow.name" . | quote }}
app.kubernetes.io/name: {{ include "mlflow.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* Of objects that are no pods of the server. */}}
{{- define "mlflow.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- /* Of the pods of a Job, by which the Service must not find them: "mlflow.jobLabels" (list . "backup"). */}}
{{- define "mlflow.jobLabels" -}}
{{ include "mlflow.commonLabels" (first .) }}
release: {{ (first .).Release.Name | quote }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{- define "mlflow.labels" -}}
{{ include "mlflow.commonLabels" . }}
{{ include "mlflow.selectorLabels" . }}
{{- end }}

{{- /* The port of the Service; values of an older chart may lack it. */}}
{{- define "mlflow.servicePort" -}}
{{- (.Values.service | default dict).port | default 5000 }}
{{- end }}

{{- define "mlflow.servicePortName" -}}
{{- (.Values.service | default dict).name | default "http" }}
{{- end }}

{{- define "mlflow.serviceType" -}}
{{- (.Values.service | default dict).type | default "ClusterIP" }}
{{- end }}

{{- /* Our own port gives way to what the user calls or numbers theirs. */}}
{{- define "mlflow.metricsPort" -}}
{{- $port := include "mlflow.servicePort" . | int }}
{{- (.Values.service | default dict).metricsPort | default (ternary 9001 9000 (eq $port 9000)) }}
{{- end }}

{{- define "mlflow.metricsPortName" -}}
{{- ternary "flowship-metrics" "metrics" (eq (include "mlflow.servicePortName" .) "metrics") }}
{{- end }}

{{- /* The name of the Service through which metrics are scraped: never one that the world may reach. */}}
{{- define "mlflow.metricsService" -}}
{{- if eq (include "mlflow.serviceType" .) "ClusterIP" }}
{{- include "mlflow.fullname" . }}
{{- else }}
{{- include "mlflow.named" (list . "metrics") }}
{{- end }}
{{- end }}

{{- /* The annotations of what is to stay when it is not rendered any more: Helm obeys the first, Argo CD the second, and the
first only when the whole application is deleted. "mlflow.keptAnnotations" GIVEN, with those that the values add. */}}
{{- define "mlflow.keptAnnotations" -}}
{{- $argo := dict "argocd.argoproj.io/sync-options" "Prune=false" }}
{{- merge (dict "helm.sh/resource-policy" "keep") (. | default dict) $argo | toYaml }}
{{- end }}
