{{- /* A database that chart 0.16.5 had from Bitnami: a Job dumps it before the upgrade, and another one restores the dump into
ours, which stands behind the same Service. What the cluster is asked by `lookup` only refuses, or keeps a dump. */}}

{{- /* The bundled database that is to be moved, with what the cluster has of it, as JSON; empty if there is none. */}}
{{- define "mlflow.moved" -}}
{{- range $section, $database := .Subcharts }}
{{- if and $database.Values.enabled $database.Values.fromBitnami }}
{{- merge (include "mlflow.bitnamisState" (list $ $database) | fromJson) (dict "section" $section "image" (include "database.image" $database)) | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- /* "mlflow.bitnamisState" (list ROOT DATABASE). */}}
{{- define "mlflow.bitnamisState" -}}
{{- $root := first . }}
{{- $database := last . }}
{{- $namespace := $root.Release.Namespace }}
{{- $name := include "database.fullname" $database }}
{{- $claim := include "database.claimName" $database }}
{{- $dump := include "database.named" (list $database "from-bitnami") }}
{{- $running := lookup "apps/v1" "Deployment" $namespace (include "mlflow.fullname" $root) }}
{{- $state := dict "name" $name "claim" $claim "dump" $dump }}
{{- $_ := set $state "old" (not (empty (lookup "apps/v1" "StatefulSet" $namespace $name))) }}
{{- $_ := set $state "new" (not (empty (lookup "apps/v1" "StatefulSet" $namespace (include "database.workload" $database)))) }}
{{- $_ := set $state "claimed" (not (empty (lookup "v1" "PersistentVolumeClaim" $namespace $claim))) }}
{{- $_ := set $state "dumped" (not (empty (lookup "v1" "PersistentVolumeClaim" $namespace $dump))) }}
{{- $_ := set $state "asked" (not (empty $running)) }}
{{- $_ := set $state "writing" (gt (int ($running.status | default dict).replicas) 0) }}
{{- toJson $state }}
{{- end }}

{{- define "mlflow.refuseBitnami" -}}
{{- range $section, $database := .Subcharts }}
{{- if $database.Values.enabled }}
{{- $state := include "mlflow.bitnamisState" (list $ $database) | fromJson }}
{{- $facts := dict "section" $section "moved" $database.Values.fromBitnami "accepted" ($.Values.moving | default dict).acceptLoss "own" (empty (($database.Values.primary | default dict).persistence | default dict).existingClaim) }}
{{- with include "mlflow.bitnamiSentence" (merge $facts $state (dict "app" (include "mlflow.name" $) "deployment" (include "mlflow.fullname" $) "release" $.Release.Name "namespace" $.Release.Namespace)) }}
{{- fail (printf "\n%s\n" .) }}
{{- end }}
{{- if $database.Values.fromBitnami }}
{{- include "mlflow.refuseUsersBeside" (list $ $database) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What is wrong with moving a database, or with leaving it, by what the cluster has; empty if nothing is. */}}
{{- define "mlflow.bitnamiSentence" -}}
{{- $key := printf "%s.fromBitnami" .section }}
{{- if and .old (not .moved) (not .accepted) -}}
{{ $key }}: the StatefulSet {{ .name }} is a database of Bitnami's, which this upgrade would end, while the new one begins empty. Set {{ $key }} to true to move its data; moving.acceptLoss begins with an empty one.
{{- else if and .moved .old (not .new) .claimed .own -}}
{{ $key }}: the PersistentVolumeClaim {{ .claim }} is of an earlier try, and what it holds is older than what the StatefulSet {{ .name }} of Bitnami's has. Delete it, so that the new database begins empty:
  kubectl --namespace {{ .namespace }} delete pvc {{ .claim }}
{{- else if and .moved .old .writing (not .new) -}}
{{ $key }}: pods of the Deployment {{ .deployment }} are running, and what they write after the database was dumped would be lost. End them, then upgrade again:
  kubectl --namespace {{ .namespace }} scale deployment/{{ .deployment }} --replicas=0
  kubectl --namespace {{ .namespace }} wait --for=delete pod --selector app={{ .app }},app.kubernetes.io/instance={{ .release }} --timeout=120s
{{- else if and .moved .asked (not .old) (not .dumped) -}}
{{ $key }}: there is no StatefulSet {{ .name }} of Bitnami's, and no PersistentVolumeClaim {{ .dump }} with a dump of one, so there is nothing to move. Set {{ $key }} to false.
{{- end }}
{{- end }}

{{- /* What is dumped is one database, and the new server is made with one user: "mlflow.refuseUsersBeside" (list ROOT DATABASE). */}}
{{- define "mlflow.refuseUsersBeside" -}}
{{- $database := last . }}
{{- $users := ((first .).Values.auth | default dict).postgres | default dict }}
{{- $name := include "database.fullname" $database }}
{{- $login := include "database.login" $database | fromJson }}
{{- $same := and (eq (toString $users.database) $database.Values.auth.database) (has (toString $users.user) (list $login.user $login.superuser)) }}
{{- if and $users.enabled (eq $name (first (splitList "." (toString $users.host)))) (not $same) }}
{{- fail (printf "\nauth.postgres.host, %s.fromBitnami: users are in the server that is moved, with another database or user than runs, and only the database of %s.auth is moved. Move the users to another server first, and name it in auth.postgres.\n" $database.Chart.Name $database.Chart.Name) }}
{{- end }}
{{- end }}

{{- define "mlflow.moveLabels" -}}
release: {{ .Release.Name | quote }}
app.kubernetes.io/component: move
{{- end }}

{{- /* The variables of the old server, whose passwords its Secret has: the chart's own may hold none before the release is
there, and the chart's own user is not there. "mlflow.oldDatabaseVariables" (list DATABASE HOST). */}}
{{- define "mlflow.oldDatabaseVariables" -}}
{{- $database := first . }}
{{- $login := include "database.login" $database | fromJson }}
{{- $names := ternary (list "PGHOST" "PGUSER" "PGPASSWORD") (list "MYSQL_HOST" "MYSQL_USERNAME" "MYSQL_PWD") (eq $database.Chart.Name "postgresql") }}
{{- $secret := ($database.Values.auth | default dict).existingSecret | default (include "database.fullname" $database) }}
- name: {{ index $names 0 }}
  value: {{ last . | quote }}
- name: {{ index $names 1 }}
  value: {{ ternary $login.superuser $login.user $login.own | quote }}
- name: {{ index $names 2 }}
  valueFrom: {secretKeyRef: {name: {{ $secret | quote }}, key: {{ (ternary $login.admin $login.login $login.own).key | quote }}, optional: true}}
{{- end }}

{{- /* What a server's variables say beside host, user and password: "mlflow.databaseNames" (list DATABASE PORT). */}}
{{- define "mlflow.databaseNames" -}}
{{- $database := first . }}
{{- $names := ternary (list "PGPORT" "PGDATABASE") (list "MYSQL_TCP_PORT" "MYSQL_DATABASE") (eq $database.Chart.Name "postgresql") }}
{{- $values := list (last .) $database.Values.auth.database }}
{{- range $at, $name := $names }}
- name: {{ $name }}
  value: {{ index $values $at | toString | quote }}
{{- end }}
{{- end }}

{{- /* The spec of a pod: "mlflow.movingPod" (dict "root" . "moved" MOVED "args" (list "dump") "env" YAML). */}}
{{- define "mlflow.movingPod" -}}
{{- $mounts := list (dict "name" "tmp" "mountPath" "/tmp") (dict "name" "work" "mountPath" "/var/lib/flowship-work") (dict "name" "dump" "mountPath" "/var/lib/flowship-backups") }}
{{- $step := dict "root" .root "moved" .moved "args" .args "env" .env "mounts" $mounts -}}
{{ include "mlflow.jobPod" .root }}
initContainers:
  - {{- include "mlflow.movingStep" (merge (dict "step" "begin") $step) | nindent 4 }}
  - {{- include "mlflow.databaseContainer" (dict "root" .root "database" "tracking" "image" .moved.image "mounts" $mounts) | nindent 4 }}
containers:
  - {{- include "mlflow.movingStep" (merge (dict "step" "finish") $step) | nindent 4 }}
volumes:
  - {name: tmp, emptyDir: {}}
  {{- /* The script in it holds a password, so it is kept off the disk. */}}
  - {name: work, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - {name: dump, persistentVolumeClaim: {claimName: {{ .moved.dump | quote }}}}
{{- end }}

{{- define "mlflow.movingStep" -}}
name: {{ .step }}
image: {{ include "mlflow.image" .root | quote }}
imagePullPolicy: {{ (.root.Values.image | default dict).pullPolicy | default "IfNotPresent" }}
args: {{- concat (list "move-bitnami") .args (list "--kind" .moved.section "--step" .step) | toYaml | nindent 2 }}
{{- with include "mlflow.securityContext" .root }}
securityContext: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
env: {{- .env | nindent 2 }}
{{- with include "mlflow.backupResources" .root }}
resources: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
volumeMounts: {{- toYaml .mounts | nindent 2 }}
{{- end }}
