{{/*
Plain settings of a service as YAML: shared ones that it reads, then its own. An Ingress says where the installation is
reached and how many proxies are in front, unless settings do. `dict "root" $ "service" "query"`
*/}}
{{- define "nightowl.settings" -}}
{{- $root := .root -}}
{{- $read := get (get (include "nightowl.facts" $root | fromJson).settings .service) "plain" -}}
{{- $derived := dict -}}
{{- if $root.Values.ingress.enabled -}}
{{- $derived = dict "NIGHTOWL_TRUSTED_PROXIES" $root.Values.ingress.trustedProxies -}}
{{- $_ := set $derived "NIGHTOWL_PUBLIC_URL" (printf "%s://%s" (ternary "https" "http" $root.Values.ingress.tls.enabled) $root.Values.ingress.host) -}}
{{- end -}}
{{- $own := (get $root.Values.services .service).settings -}}
{{- range $name := $read -}}
{{- range $source := list $own $root.Values.settings $derived -}}
{{- if and (hasKey $source $name) (not (kindIs "invalid" (get $source $name))) }}
{{- $value := get $source $name }}
{{ $name }}: {{ if kindIs "string" $value }}{{ $value | quote }}{{ else }}{{ $value | toJson | quote }}{{ end }}
{{- break }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
