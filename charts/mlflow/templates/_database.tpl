{{- /* A bundled database: what its subchart and this chart must agree on. Each is included with the context of the
subchart, which this chart finds in .Subcharts. */}}

{{- /* Of the Service and the Secret, as Bitnami's charts called them, which scripts name. A release that is called after
both would have MLflow and its database under one name. */}}
{{- define "database.fullname" -}}
{{- $same := and (contains .Chart.Name .Release.Name) (not (contains "mlflow" .Release.Name)) }}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) $same | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Of an object whose name has an ending: "database.named" (list . "data"). */}}
{{- define "database.named" -}}
{{- $end := last . }}
{{- printf "%s-%s" (include "database.fullname" (first .) | trunc (int (sub 62 (len $end))) | trimSuffix "-") $end }}
{{- end }}

{{- /* Of the StatefulSet: not the one of Bitnami's, which cannot be changed into ours, and short enough for the label in
which Kubernetes adds a hash to it. */}}
{{- define "database.workload" -}}
{{- printf "%s-server" (include "database.fullname" . | trunc 45 | trimSuffix "-") }}
{{- end }}

{{- define "database.claimName" -}}
{{- $persistence := (.Values.primary | default dict).persistence | default dict }}
{{- default (include "database.named" (list . "data")) $persistence.existingClaim }}
{{- end }}

{{- /* None of MLflow's own pods has these, and none of Bitnami's. */}}
{{- define "database.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: database
{{- end }}

{{- define "database.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "database.selectorLabels" . }}
{{- end }}

{{- define "database.port" -}}
{{- ternary 5432 3306 (eq .Chart.Name "postgresql") }}
{{- end }}

{{- /* The port of the Service, whose key is the server's name. */}}
{{- define "database.servicePort" -}}
{{- $service := (.Values.primary | default dict).service | default dict }}
{{- get ($service.ports | default dict) .Chart.Name | default (include "database.port" .) }}
{{- end }}

{{- /* Who logs in, as JSON: the superuser, MLflow's user, whether that one is the chart's own, where the password of each is
(`admin` and `login`, a Secret and a key), the passwords that the values give, the Secret that they are rendered into, and the
keys that a Job makes, by Secret. MLflow is never let in as the superuser: without another user in the values it has one of
its own, whose password nobody else knows, so that whatever the values give stays the superuser's. */}}
{{- define "database.login" -}}
{{- $auth := .Values.auth | default dict }}
{{- $admin := dict "name" "postgres" "key" "postgres-password" "given" $auth.postgresPassword }}
{{- $user := dict "key" "password" "given" $auth.password }}
{{- if eq .Chart.Name "mysql" }}
{{- $admin = dict "name" "root" "key" "mysql-root-password" "given" $auth.rootPassword }}
{{- $user = dict "key" "mysql-password" "given" $auth.password }}
{{- end }}
{{- $name := $auth.username | default $admin.name }}
{{- $own := eq $name $admin.name }}
{{- $keys := ternary ($auth.secretKeys | default dict) dict (not (empty $auth.existingSecret)) }}
{{- $adminKey := $keys.adminPasswordKey | default $admin.key }}
{{- $userKey := $keys.userPasswordKey | default $user.key }}
{{- $passwords := ternary (dict $adminKey (coalesce $user.given $admin.given)) (dict $adminKey $admin.given $userKey $user.given) $own }}
{{- $given := dict }}
{{- $missing := list }}
{{- range $key, $password := $passwords }}
{{- if $password }}
{{- $_ := set $given $key $password }}
{{- else if not $auth.existingSecret }}
{{- $missing = append $missing $key }}
{{- end }}
{{- end }}
{{- /* What Helm renders cannot be what a Job makes before it. */}}
{{- $rendered := empty $missing | ternary (include "database.fullname" .) (include "database.named" (list . "given")) }}
{{- $places := dict }}
{{- range $key, $password := $passwords }}
{{- $_ := set $places $key (dict "secret" ($auth.existingSecret | default (ternary $rendered (include "database.fullname" $) (hasKey $given $key))) "key" $key) }}
{{- end }}
{{- $made := dict }}
{{- if $missing }}
{{- $_ := set $made (include "database.fullname" .) $missing }}
{{- end }}
{{- $login := get $places $userKey }}
{{- if $own }}
{{- $login = dict "secret" (include "database.named" (list . "user")) "key" $user.key }}
{{- $_ := set $made $login.secret (list $login.key) }}
{{- end }}
{{- dict "superuser" $admin.name "user" (ternary "mlflow" $name $own) "own" $own "admin" (get $places $adminKey) "login" $login "given" $given "rendered" $rendered "made" $made | toJson }}
{{- end }}
