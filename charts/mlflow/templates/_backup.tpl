{{- /* Pods that back up or restore: Flowship begins, the database's own image dumps or loads by the script that Flowship
has left, and Flowship checks what came of it. They carry none of the labels by which the Service finds its pods. */}}

{{- define "mlflow.backupClaimName" -}}
{{- $persistence := (.Values.backup | default dict).persistence | default dict }}
{{- default (include "mlflow.named" (list . "backups")) $persistence.existingClaim }}
{{- end }}

{{- define "mlflow.backupPlace" -}}
{{- (.Values.backup | default dict).objectStore | default "/var/lib/flowship-backups" }}
{{- end }}

{{- /* The image for each database on a server, as JSON: a bundled one's own. Flowship itself dumps SQLite. */}}
{{- define "mlflow.databaseImages" -}}
{{- $images := (.Values.backup | default dict).images | default dict }}
{{- $store := .Values.backendStore | default dict }}
{{- $auth := .Values.auth | default dict }}
{{- $found := dict }}
{{- if ($store.postgres | default dict).enabled }}
{{- $_ := set $found "tracking" ($images.postgres | default "postgres:17") }}
{{- else if ($store.mysql | default dict).enabled }}
{{- $_ := set $found "tracking" ($images.mysql | default "mysql:9") }}
{{- end }}
{{- range .Subcharts }}
{{- if .Values.enabled }}
{{- $_ := set $found "tracking" (include "database.image" .) }}
{{- end }}
{{- end }}
{{- if and (include "mlflow.signedIn" .) ($auth.postgres | default dict).enabled }}
{{- $_ := set $found "auth" ($images.postgres | default "postgres:17") }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{- define "mlflow.backupResources" -}}
{{- include "mlflow.resources" (dict "kind" "backup" "given" (.Values.backup | default dict).resources) }}
{{- end }}

{{- /* "mlflow.backupContainer" (dict "root" . "step" "begin" "args" (list "backup")). */}}
{{- define "mlflow.backupContainer" -}}
{{- $args := concat .args (list "--step" .step) }}
{{- $for := list "backup" }}
{{- if include "mlflow.sqlite" .root }}
{{- $for = append $for "steps" }}
{{- end }}
{{- $resources := include "mlflow.backupResources" .root }}
{{- $own := list }}
{{- with (.root.Values.backup | default dict).secretName }}
{{- $own = list (dict "prefix" "FLOWSHIP_BACKUP_" "secretRef" (dict "name" .)) }}
{{- end }}
{{- include "mlflow.container" (dict "root" .root "name" .step "args" $args "resources" $resources "envFrom" $own) }}
volumeMounts: {{- include "mlflow.volumeMounts" (dict "root" .root "for" $for) | nindent 2 }}
{{- end }}

{{- /* "mlflow.databaseContainer" (dict "root" . "database" "tracking" "image" IMAGE "mounts" (list ...)). It is given the
script, what is dumped, and what the user mounts, such as certificates: not the values. */}}
{{- define "mlflow.databaseContainer" -}}
{{- $database := .database -}}
name: {{ $database }}
image: {{ .image | quote }}
imagePullPolicy: IfNotPresent
command: ["sh", "/var/lib/flowship-work/{{ $database }}.sh"]
{{- with include "mlflow.securityContext" .root }}
securityContext: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
{{- with include "mlflow.backupResources" .root }}
resources: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
volumeMounts: {{- toYaml .mounts | nindent 2 }}
{{- end }}

{{- define "mlflow.databaseMounts" -}}
{{- $mounts := list }}
{{- range include "mlflow.ownPlaces" . | fromJsonArray }}
{{- if has .name (list "flowship-work" "flowship-backups" "flowship-tmp") }}
{{- $mounts = append $mounts (dict "name" .name "mountPath" .path) }}
{{- end }}
{{- end }}
{{- concat $mounts (.Values.extraVolumeMounts | default list) | toJson }}
{{- end }}

{{- /* What every pod of a Job has that dumps or loads. */}}
{{- define "mlflow.jobPod" -}}
{{- $secrets := .Values.imagePullSecrets | default list }}
{{- range .Subcharts }}
{{- if .Values.enabled }}
{{- range (.Values.image | default dict).pullSecrets }}
{{- $secrets = append $secrets (dict "name" .) }}
{{- end }}
{{- end }}
{{- end -}}
restartPolicy: Never
{{- with uniq $secrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with include "mlflow.podSecurityContext" . }}
securityContext: {{- fromJson . | toYaml | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The affinity of a pod that mounts the claim of the data: where the server is, unless any node may mount it. */}}
{{- define "mlflow.besideTheClaim" -}}
{{- if include "mlflow.usesClaim" . }}
{{- if ne ((.Values.persistence | default dict).accessMode | default "ReadWriteOnce") "ReadWriteMany" }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "mlflow.selectorLabels" . | nindent 12 }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Sidecars of the user's, which may lead to a database. */}}
{{- define "mlflow.sidecars" -}}
{{- range .Values.initContainers }}
{{- if eq (toString .restartPolicy) "Always" }}
- {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The spec of a pod: "mlflow.backupPod" (dict "root" . "begin" (list "backup") "finish" (list "backup")), each with the
arguments of that step. */}}
{{- define "mlflow.backupPod" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $for := list "backup" }}
{{- if include "mlflow.sqlite" $root }}
{{- $for = append $for "steps" }}
{{- end -}}
{{ include "mlflow.jobPod" $root }}
serviceAccountName: {{ include "mlflow.serviceAccountName" $root | quote }}
{{- if include "mlflow.sqlite" $root }}
{{- include "mlflow.besideTheClaim" $root }}
{{- end }}
initContainers:
  {{- include "mlflow.sidecars" $root | nindent 2 }}
  - {{- include "mlflow.backupContainer" (dict "root" $root "step" "begin" "args" .begin) | nindent 4 }}
  {{- range $database, $image := include "mlflow.databaseImages" $root | fromJson }}
  - {{- include "mlflow.databaseContainer" (dict "root" $root "database" $database "image" $image "mounts" (include "mlflow.databaseMounts" $root | fromJsonArray)) | nindent 4 }}
  {{- end }}
containers:
  - {{- include "mlflow.backupContainer" (dict "root" $root "step" "finish" "args" .finish) | nindent 4 }}
volumes: {{- include "mlflow.volumes" (dict "root" $root "for" $for) | nindent 2 }}
{{- end }}

{{- /* The spec of a pod that takes one: "mlflow.takeBackup" (list . (list "--patience" "60")), with more arguments of the
first step. */}}
{{- define "mlflow.takeBackup" -}}
{{- $root := first . }}
{{- $args := list "backup" "--to" (include "mlflow.backupPlace" $root) }}
{{- $keep := list "--keep" (($root.Values.backup).retention | default 7 | int | toString) }}
{{- include "mlflow.backupPod" (dict "root" $root "begin" (concat $args (last .)) "finish" (concat $args $keep)) }}
{{- end }}
