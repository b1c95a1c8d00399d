{{- /* A probe: timing from the values, and the question that the inner port answers unless the values bring one of their
own. "mlflow.probe" (dict "timing" .Values.livenessProbe "path" "/health"). */}}
{{- define "mlflow.probe" -}}
{{- $own := pick .timing "httpGet" "tcpSocket" "exec" "grpc" }}
{{- if not $own }}
httpGet:
  path: {{ .path }}
  port: metrics
{{- end }}
{{ toYaml .timing }}
{{- end }}
