{{- /* The ports of what the values name: databases, directory, provider, object store. */}}
{{- define "mlflow.egressPorts" -}}
{{- $store := .Values.backendStore | default dict }}
{{- $auth := .Values.auth | default dict }}
{{- $artifacts := .Values.artifactRoot | default dict }}
{{- $ports := list }}
{{- range list $store.postgres $store.mysql $auth.postgres }}
{{- if (. | default dict).enabled }}
{{- $ports = append $ports (int .port) }}
{{- end }}
{{- end }}
{{- range list $artifacts.s3 $artifacts.gcs $artifacts.azureBlob }}
{{- if (. | default dict).enabled }}
{{- $ports = append $ports 443 }}
{{- end }}
{{- end }}
{{- $directory := .Values.ldapAuth | default dict }}
{{- if $directory.enabled }}
{{- range regexSplit " +" (toString $directory.uri) -1 }}
{{- $given := regexFind ":[0-9]+(/|$)" . | trimAll ":/" }}
{{- $ports = append $ports (int ($given | default (hasPrefix "ldaps" . | ternary "636" "389"))) }}
{{- end }}
{{- end }}
{{- $provider := .Values.oidcAuth | default dict }}
{{- $asked := list }}
{{- if $provider.enabled }}
{{- $asked = append $asked $provider.discoveryUrl }}
{{- end }}
{{- range $provider.workloads }}
{{- if not (or .jwks .jwksFile) }}
{{- $asked = append $asked .issuer }}
{{- end }}
{{- end }}
{{- range $asked }}
{{- $given := regexFind "^https?://[^/]*:[0-9]+(/|$)" (toString .) | regexFind ":[0-9]+(/|$)" | trimAll ":/" }}
{{- $ports = append $ports (int ($given | default "443")) }}
{{- end }}
{{- toJson (uniq $ports) }}
{{- end }}
