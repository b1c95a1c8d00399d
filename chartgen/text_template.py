r"""Characters that YAML, a program or a pod's file would not survive, in the words of Helm templates.

Helm reads a NUL or a control character where a file has an escape for it, and would hand it on.
"""

from __future__ import annotations

from flowship.values.rules.refusals import NUL

ESCAPED = ("\x7f", *map(chr, range(0x80, 0xA0)), "\ufeff", "\ufffe", "\uffff")
"""What JSON holds as it is, but YAML refuses or, as U+0085, takes for the end of a line."""

UNFIT = f"""\
{{{{- /* Texts that hold a NUL, below a path. */}}}}
{{{{- define "mlflow.unfit" -}}}}
{{{{- $path := .path }}}}
{{{{- $unfit := list }}}}
{{{{- if kindIs "map" .value }}}}
{{{{- range $name, $each := .value }}}}
{{{{- $plain := regexMatch `^[A-Za-z0-9_-]+\\z` $name }}}}
{{{{- $quoted := regexReplaceAll `\\\\x([0-9a-f]{{2}})` (printf "%+q" $name) `\\u00${{1}}` }}}}
{{{{- $part := ternary (printf ".%s" $name) (printf "[%s]" $quoted) $plain }}}}
{{{{- $below := printf "%s%s" $path $part | trimPrefix "." }}}}
{{{{- if contains "\\x00" $name }}}}
{{{{- $unfit = append $unfit (printf "%s: {NUL}" $below) }}}}
{{{{- end }}}}
{{{{- $unfit = include "mlflow.unfit" (dict "path" $below "value" $each) | fromJsonArray | concat $unfit }}}}
{{{{- end }}}}
{{{{- else if kindIs "slice" .value }}}}
{{{{- range $number, $each := .value }}}}
{{{{- $below := printf "%s[%d]" $path $number }}}}
{{{{- $unfit = include "mlflow.unfit" (dict "path" $below "value" $each) | fromJsonArray | concat $unfit }}}}
{{{{- end }}}}
{{{{- else if and (kindIs "string" .value) (contains "\\x00" (toString .value)) }}}}
{{{{- $unfit = append $unfit (printf "%s: {NUL}" $path) }}}}
{{{{- end }}}}
{{{{- toJson $unfit }}}}
{{{{- end }}}}
"""
"""The named template that finds what `flowship check` says of a NUL, by the same paths."""

FIND_UNFIT = """\
{{- if contains "\\\\u0000" (toJson .Values) }}
{{- $found = include "mlflow.unfit" (dict "path" "" "value" .Values) | fromJsonArray | concat $found }}
{{- end }}
"""
"""Its use, for values that may hold one."""


def escaped(expression: str) -> str:
    """The template expression, for JSON, with an escape for each of those characters."""
    return " | ".join([expression, *(f'replace "\\u{ord(each):04x}" "\\\\u{ord(each):04x}"' for each in ESCAPED)])
