{{- /* Keys that there are not, in the words of `flowship check`: src/flowship/values/model/unknown_keys.py has the words and the
keys, of which `_refusals.tpl` holds a table. The schema lets such keys through, so that these sentences are what people read. */}}

{{- /* The sentences about a "value" and what is below it, as JSON. The "map" is its place in the table, where [] stands for each
item of a list, and the "path" says it to people. */}}
{{- define "mlflow.unknown" -}}
{{- $table := .table }}
{{- $map := .map }}
{{- $path := .path }}
{{- $found := list }}
{{- if and (kindIs "map" .value) (hasKey $table.maps $map) }}
{{- $known := concat (get $table.maps $map) (get $table.helms $map | default list) }}
{{- range $name, $value := .value }}
{{- if has $name $known }}
{{- $next := ternary $name (printf "%s.%s" $map $name) (eq $map "") }}
{{- if kindIs "map" $value }}
{{- $below := dict "table" $table "map" $next "path" (include "mlflow.below" (list $path $name)) "value" $value }}
{{- $found = include "mlflow.unknown" $below | fromJsonArray | concat $found }}
{{- else if kindIs "slice" $value }}
{{- range $number, $item := $value }}
{{- $below := dict "table" $table "map" (printf "%s[]" $next) "path" (printf "%s[%d]" (include "mlflow.below" (list $path $name)) $number) "value" $item }}
{{- $found = include "mlflow.unknown" $below | fromJsonArray | concat $found }}
{{- end }}
{{- end }}
{{- else if or $map (not (hasPrefix $table.private $name)) }}
{{- $sentence := include "mlflow.unknownKey" (dict "table" $table "map" $map "path" $path "name" $name) }}
{{- $found = append $found (printf "%s: %s" (include "mlflow.below" (list $path $name)) $sentence) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{- /* What is said of one "name" that is none of the keys of a "map". */}}
{{- define "mlflow.unknownKey" -}}
{{- $words := .table.words }}
{{- $siblings := get .table.maps .map }}
{{- $near := include "mlflow.near" (list .name $siblings) }}
{{- if and (not .map) (hasKey .table.meant .name) }}
{{- $near = get .table.meant .name }}
{{- end }}
{{- $all := get .table.places .name | default list }}
{{- $others := list }}
{{- range $key := $all }}
{{- if and $.path (hasPrefix (printf "%s." $.path) $key) }}
{{- $others = append $others $key }}
{{- end }}
{{- end }}
{{- $others = $others | default $all }}
{{- if has (first (splitList "." .map)) .table.bundled }}
{{- printf $words.foreign (join ", " $siblings) }}
{{- else if and (eq .map "extraArgs") (has .name .table.flags) }}
{{- get $words "no option" }}
{{- else if $near }}
{{- printf $words.suggested (include "mlflow.below" (list .path $near)) }}
{{- else if and $others (le (len $others) (int .table.many)) }}
{{- printf $words.elsewhere (include "mlflow.listOf" (list $others "or")) }}
{{- else if gt (len $siblings) (int .table.listed) }}
{{- get $words "too many" }}
{{- else }}
{{- printf $words.beside (.path | default $words.everywhere) (include "mlflow.listOf" (list $siblings "and")) }}
{{- end }}
{{- end }}

{{- /* Names as a sentence lists them: "mlflow.listOf" (list NAMES "or") says `a, b or c`. */}}
{{- define "mlflow.listOf" -}}
{{- $names := first . }}
{{- if gt (len $names) 1 }}
{{- printf "%s %s %s" (join ", " (initial $names)) (last .) (last $names) }}
{{- else }}
{{- first $names }}
{{- end }}
{{- end }}

{{- /* Which of the names is most like another: "mlflow.near" (list NAME NAMES); nothing if none is. It is like one when six
tenths of the letters of both are in what they share; of two that are equally like it, the later one in the alphabet. This is
`difflib.get_close_matches` of Python. */}}
{{- define "mlflow.near" -}}
{{- $name := first . }}
{{- $letters := len (splitList "" $name) }}
{{- $best := "" }}
{{- $most := 3 }}
{{- $of := 10 }}
{{- range $each := last . }}
{{- $all := add $letters (len $each) | int }}
{{- if ge (mul 10 (min $letters (len $each))) (mul 3 $all) }}
{{- $shared := include "mlflow.shared" (list $each $name) | int }}
{{- $mine := mul $shared $of }}
{{- $theirs := mul $most $all }}
{{- if or (gt $mine $theirs) (and (eq $mine $theirs) (gt $each $best)) }}
{{- $best = $each }}
{{- $most = $shared }}
{{- $of = $all }}
{{- end }}
{{- end }}
{{- end }}
{{- $best }}
{{- end }}

{{- /* How many letters two texts share: those of the longest piece of the first that is in the second, and of what is shared
before it and after it. The first has no letters beyond ASCII. */}}
{{- define "mlflow.shared" -}}
{{- $one := first . }}
{{- $two := last . }}
{{- $piece := "" }}
{{- $at := 0 }}
{{- range $less := until (len $one) }}
{{- if not $piece }}
{{- range $start := until (int (add1 $less)) }}
{{- $tried := substr $start (int (sub (add $start (len $one)) $less)) $one }}
{{- if and (not $piece) (contains $tried $two) }}
{{- $piece = $tried }}
{{- $at = $start }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $piece }}
{{- $parts := splitn $piece 2 $two }}
{{- $before := include "mlflow.shared" (list (substr 0 $at $one) $parts._0) | int }}
{{- $after := include "mlflow.shared" (list (trimPrefix $piece (substr $at (len $one) $one)) $parts._1) | int }}
{{- add (len $piece) $before $after }}
{{- else -}}
0
{{- end }}
{{- end }}
