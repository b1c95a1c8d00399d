{{- /* The volumes of a pod and where they are mounted, from one list. What the user mounts at the same place wins: two
mounts at one path would be refused by Kubernetes. */}}

{{- /* As YAML, each with its name, path and source, and who needs it: all containers, the server's alone, those of
the server's pod, which have the data (a pod of `helm test` must not hold the claim), or those that back up. */}}
{{- define "mlflow.places" -}}
- name: flowship-values
  path: /etc/flowship
  source:
    secret: {secretName: {{ include "mlflow.named" (list . "values") | quote }}, defaultMode: 0440}
- name: flowship-tmp
  path: /tmp
  source:
    emptyDir: {sizeLimit: {{ (.Values.server | default dict).temporarySpace | default "2Gi" | quote }}}
- name: flowship-data
  path: /var/lib/flowship
  for: steps
  source:
    {{- if include "mlflow.usesClaim" . }}
    persistentVolumeClaim: {claimName: {{ include "mlflow.claimName" . | quote }}}
    {{- else }}
    emptyDir: {}
    {{- end }}
- name: flowship-backups
  path: /var/lib/flowship-backups
  for: backup
  source:
    {{- if (.Values.backup | default dict).objectStore }}
    emptyDir: {}
    {{- else }}
    persistentVolumeClaim: {claimName: {{ include "mlflow.backupClaimName" . | quote }}}
    {{- end }}
- name: flowship-work
  path: /var/lib/flowship-work
  for: backup
  source:
    {{- /* The scripts in it hold passwords, so it is kept off the disk. */}}
    emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- if include "mlflow.signedIn" . }}
- name: flowship-auth
  path: {{ include "mlflow.authDirectory" . | quote }}
  for: server
  source:
    {{- /* It holds a password, so it is kept off the disk. */}}
    emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- end }}
{{- with include "mlflow.gcsSecret" . }}
- name: flowship-gcs
  path: /var/run/secrets/flowship/gcs
  source:
    secret:
      secretName: {{ . | quote }}
      defaultMode: 0440
      items: [{key: {{ $.Values.artifactRoot.gcs.existingSecret.fileKey | default "key.json" | quote }}, path: key.json}]
{{- end }}
{{- with include "mlflow.directoryCertificate" . }}
- name: flowship-directory
  path: /certs
  source:
    secret: {secretName: {{ . | quote }}, defaultMode: 0440, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- with include "mlflow.certificate" . }}
- name: flowship-tls
  path: /var/run/secrets/flowship/tls
  for: server
  source:
    secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "mlflow.authDirectory" -}}
{{- (.Values.auth | default dict).configPath | default "/etc/mlflow/auth" | clean }}
{{- end }}

{{- /* Those places that are left to us, as JSON. */}}
{{- define "mlflow.ownPlaces" -}}
{{- $taken := list }}
{{- range .Values.extraVolumeMounts }}
{{- $taken = append $taken (clean (toString .mountPath)) }}
{{- end }}
{{- $own := list }}
{{- range include "mlflow.places" . | fromYamlArray }}
{{- if not (has .path $taken) }}
{{- $own = append $own . }}
{{- $taken = append $taken .path }}
{{- end }}
{{- end }}
{{- toJson $own }}
{{- end }}

{{- /* Of a pod: "mlflow.volumes" (dict "root" . "for" (list "steps" "server")). */}}
{{- define "mlflow.volumes" -}}
{{- $for := .for }}
{{- range include "mlflow.ownPlaces" .root | fromJsonArray }}
{{- if or (not .for) (has .for $for) }}
- name: {{ .name }}
  {{- toYaml .source | nindent 2 }}
{{- end }}
{{- end }}
{{- with .root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Of a container: "mlflow.volumeMounts" (dict "root" . "for" (list "steps")). */}}
{{- define "mlflow.volumeMounts" -}}
{{- $for := .for }}
{{- range include "mlflow.ownPlaces" .root | fromJsonArray }}
{{- if or (not .for) (has .for $for) }}
- name: {{ .name }}
  mountPath: {{ .path | quote }}
  {{- if hasKey .source "secret" }}
  readOnly: true
  {{- end }}
{{- end }}
{{- end }}
{{- with .root.Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Whether the data directory is on a claim that is not one of the user's own mounts. */}}
{{- define "mlflow.usesClaim" -}}
{{- $mounted := false }}
{{- range .Values.extraVolumeMounts }}
{{- $mounted = or $mounted (eq (clean (toString .mountPath)) "/var/lib/flowship") }}
{{- end }}
{{- if and (not $mounted) (or (include "mlflow.dataOnDisk" .) (.Values.persistence | default dict).existingClaim) }}true{{ end }}
{{- end }}

{{- /* Recreate where two pods must not have the files open, or cannot have the claim mounted, at once. */}}
{{- define "mlflow.strategyType" -}}
{{- $mode := (.Values.persistence | default dict).accessMode | default "ReadWriteOnce" }}
{{- $made := "RollingUpdate" }}
{{- if or (include "mlflow.sqlite" .) (.Values.backendStore | default dict).fromSQLite (and (include "mlflow.usesClaim" .) (ne $mode "ReadWriteMany")) }}
{{- $made = "Recreate" }}
{{- end }}
{{- default $made (.Values.strategy | default dict).type }}
{{- end }}
