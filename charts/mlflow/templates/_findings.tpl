{{- /* What is wrong with the values, in the words of `flowship check`. The rules are rows of `_refusals.tpl`: a condition,
and the sentence for values for which it holds. A condition is a word of src/flowship/values/rules/language/conditions.py or
list_conditions.py, and what follows it: keys of the values, as a list, then arguments; or other conditions. */}}
{{- define "mlflow.refusals" -}}
{{- with include "mlflow.findings" . | fromJsonArray }}
{{- fail (printf "\n%s\n" (join "\n" .)) }}
{{- end }}
{{- end }}

{{- /* Every sentence, as a list in JSON; concat makes null of two empty ones. */}}
{{- define "mlflow.findings" -}}
{{- $values := .Values }}
{{- $table := include "mlflow.rules" . | fromJson }}
{{- $found := include "mlflow.unknown" (dict "table" $table.unknown "map" "" "path" "" "value" $values) | fromJsonArray }}
{{- if contains "\\u0000" (toJson $values) }}
{{- $found = include "mlflow.nul" (dict "path" "" "value" $values "sentence" $table.nul) | fromJsonArray | concat $found }}
{{- end }}
{{- $at := dict }}
{{- include "mlflow.look" (dict "at" $at "values" $values "keys" $table.keys) }}
{{- range $table.rules }}
{{- if include "mlflow.holds" (dict "at" $at "row" (first .)) }}
{{- $sentence := last . }}
{{- if contains $table.doubles $sentence }}
{{- $sentence = replace $table.doubles (include "mlflow.doubleVariables" $values.extraEnvVars) $sentence }}
{{- end }}
{{- $found = append $found $sentence }}
{{- end }}
{{- end }}
{{- $found | default list | toJson }}
{{- end }}

{{- /* Whether a condition, its "row", holds for "values", of which it asks for these "keys". */}}
{{- define "mlflow.whether" -}}
{{- $at := dict }}
{{- include "mlflow.look" (dict "at" $at "values" .values "keys" .keys) }}
{{- include "mlflow.holds" (dict "at" $at "row" .row) }}
{{- end }}

{{- /* Puts into "at" what "values" have at each of the dotted "keys", nothing where they have none. */}}
{{- define "mlflow.look" -}}
{{- $context := . }}
{{- range $key := .keys }}
{{- $found := $context.values }}
{{- range splitList "." $key }}
{{- if kindIs "map" $found }}
{{- $found = index $found . }}
{{- else }}
{{- $found = "" }}
{{- end }}
{{- end }}
{{- $_ := set $context.at $key $found }}
{{- end }}
{{- end }}

{{- /* "true" if a condition holds, else nothing. What is "given" is looked up in place, since most conditions ask that. */}}
{{- define "mlflow.holds" -}}
{{- $at := .at }}
{{- $word := first .row }}
{{- $holds := false }}
{{- if eq $word "and" }}
{{- $holds = true }}
{{- range rest .row }}
{{- if not $holds }}
{{- else if eq (first .) "given" }}
{{- range index . 1 }}
{{- if not (index $at .) }}
{{- $holds = false }}
{{- end }}
{{- end }}
{{- else }}
{{- $holds = include "mlflow.holds" (dict "at" $at "row" .) }}
{{- end }}
{{- end }}
{{- else if eq $word "or" }}
{{- range rest .row }}
{{- if not $holds }}
{{- $holds = include "mlflow.holds" (dict "at" $at "row" .) }}
{{- end }}
{{- end }}
{{- else if eq $word "not" }}
{{- $holds = not (include "mlflow.holds" (dict "at" $at "row" (last .row))) }}
{{- else if hasSuffix "given" $word }}
{{- $given := 0 }}
{{- range index .row 1 }}
{{- if index $at . }}
{{- $given = add1 $given }}
{{- end }}
{{- end }}
{{- $needed := get (dict "given" (len (index .row 1)) "any given" 1 "several given" 2) $word }}
{{- $holds = ge (int $given) $needed }}
{{- else }}
{{- $found := list }}
{{- range index .row 1 }}
{{- $found = append $found (index $at .) }}
{{- end }}
{{- $holds = include "mlflow.answer" (dict "word" $word "found" $found "arguments" (slice .row 2)) }}
{{- end }}
{{- if $holds }}true{{ end }}
{{- end }}

{{- /* "true" if what was "found" at a condition's keys is what its "word" says, else nothing. */}}
{{- define "mlflow.answer" -}}
{{- $found := .found }}
{{- $arguments := .arguments }}
{{- $one := first $found }}
{{- $two := last $found }}
{{- $text := ternary "" (toString $one) (kindIs "invalid" $one) }}
{{- $items := ternary $one list (kindIs "slice" $one) }}
{{- $holds := false }}
{{- if eq .word "matches" }}
{{- $holds = regexMatch (first $arguments) $text }}
{{- else if eq .word "above" }}
{{- $holds = gt (int $one) (int (first $arguments)) }}
{{- else if eq .word "larger" }}
{{- $holds = gt (int $one) (int $two) }}
{{- else if eq .word "below sum" }}
{{- $holds = and (gt (int $one) 0) (lt (int $one) (int (add (int $two) (int (index $found 1))))) }}
{{- else if eq .word "same" }}
{{- $holds = and $text (eq $text (toString $two)) }}
{{- else if eq .word "inside" }}
{{- $place := include "mlflow.place" (dict "form" (first $arguments) "texts" (rest $found)) }}
{{- $holds = hasPrefix (printf "%s/" (trimSuffix "/" $place)) (printf "%s/" (trimSuffix "/" $text)) }}
{{- else if eq .word "has path" }}
{{- $prefix := ternary "" (toString $two) (kindIs "invalid" $two) }}
{{- $holds = has (regexReplaceAll "^[^/]*//[^/]*" $text "" | trimPrefix $prefix) $arguments }}
{{- else if eq .word "has key" }}
{{- $holds = has (first $arguments) (ternary (keys $one) list (kindIs "map" $one)) }}
{{- else if eq .word "lists" }}
{{- $holds = has (first $arguments) $items }}
{{- else if eq .word "gives" }}
{{- range $name, $value := $one }}
{{- $holds = or $holds (and (not (kindIs "invalid" $value)) (has (upper $name) $arguments)) }}
{{- end }}
{{- else if eq .word "gives twice" }}
{{- $holds = include "mlflow.doubleVariables" $one }}
{{- else if eq .word "every text" }}
{{- $holds = true }}
{{- range $items }}
{{- $holds = and $holds (or (not (kindIs "string" .)) (regexMatch (first $arguments) (toString .))) }}
{{- end }}
{{- else if eq .word "on mount" }}
{{- range $two }}
{{- $mount := clean (toString .mountPath) | trimSuffix "/" | printf "%s/" }}
{{- $holds = or $holds (hasPrefix $mount (printf "%s/" (clean (toString $one)))) }}
{{- end }}
{{- else if eq .word "item holds" }}
{{- range $items }}
{{- $holds = or $holds (has (kindOf (index . (first $arguments))) (list "map" "slice")) }}
{{- end }}
{{- else if hasSuffix "item" .word }}
{{- $every := eq .word "every item" }}
{{- $holds = $every }}
{{- range $items }}
{{- $each := index . (first $arguments) }}
{{- $fits := and (kindIs "string" $each) (regexMatch (last $arguments) (toString $each)) }}
{{- $holds = ternary (and $holds $fits) (or $holds $fits) $every }}
{{- end }}
{{- else }}
{{- fail (printf "the chart knows no condition %q" .word) }}
{{- end }}
{{- if $holds }}true{{ end }}
{{- end }}

{{- /* An address with "texts" where its "form" says %s; the slashes around the last of them do not count. */}}
{{- define "mlflow.place" -}}
{{- $texts := .texts }}
{{- range $number, $piece := splitList "%s" .form }}
{{- $piece }}
{{- if lt $number (len $texts) }}
{{- $text := toString (index $texts $number) }}
{{- ternary (trimAll "/" $text) $text (eq (add1 $number) (len $texts)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Names of variables that are equal in upper case: of each such variable, the names joined by " and ". */}}
{{- define "mlflow.doubleVariables" -}}
{{- $spelt := dict }}
{{- range $name, $value := . }}
{{- if not (kindIs "invalid" $value) }}
{{- $_ := set $spelt (upper $name) (append (get $spelt (upper $name) | default list) $name) }}
{{- end }}
{{- end }}
{{- $doubles := list }}
{{- range $spelt }}
{{- if gt (len .) 1 }}
{{- $doubles = append $doubles (join " and " .) }}
{{- end }}
{{- end }}
{{- join ", " $doubles }}
{{- end }}

{{- /* The path of a key as people write it: "mlflow.below" (list PATH NAME), what is no plain name in brackets and quotes. */}}
{{- define "mlflow.below" -}}
{{- $name := last . }}
{{- $plain := regexMatch `^[A-Za-z0-9_-]+\z` $name }}
{{- $part := ternary (printf ".%s" $name) (printf "[%+q]" $name) $plain }}
{{- printf "%s%s" (first .) $part | trimPrefix "." }}
{{- end }}

{{- /* Texts below a "path" that hold a NUL, each as a finding with that "sentence", as JSON. */}}
{{- define "mlflow.nul" -}}
{{- $path := .path }}
{{- $sentence := .sentence }}
{{- $found := list }}
{{- if kindIs "map" .value }}
{{- range $name, $each := .value }}
{{- $below := include "mlflow.below" (list $path $name) }}
{{- if contains "\x00" $name }}
{{- $found = append $found (printf "%s: %s" $below $sentence) }}
{{- end }}
{{- $found = include "mlflow.nul" (dict "path" $below "value" $each "sentence" $sentence) | fromJsonArray | concat $found }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $number, $each := .value }}
{{- $below := printf "%s[%d]" $path $number }}
{{- $found = include "mlflow.nul" (dict "path" $below "value" $each "sentence" $sentence) | fromJsonArray | concat $found }}
{{- end }}
{{- else if and (kindIs "string" .value) (contains "\x00" (toString .value)) }}
{{- $found = append $found (printf "%s: %s" $path $sentence) }}
{{- end }}
{{- toJson $found }}
{{- end }}
