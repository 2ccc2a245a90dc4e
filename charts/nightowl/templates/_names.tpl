{{- define "nightowl.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "nightowl.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "nightowl.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "nightowl.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels of everything; of a part with `dict "root" $ "part" "ingest"`. */}}
{{- define "nightowl.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: nightowl
{{ include "nightowl.selector" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "nightowl.selector" -}}
app.kubernetes.io/name: {{ include "nightowl.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .part }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* `dict "root" $ "image" .Values.image` → repository with tag or digest */}}
{{- define "nightowl.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end -}}
{{- end -}}

{{- define "nightowl.secretName" -}}
{{- default (include "nightowl.fullname" .) .Values.secret.existingSecret -}}
{{- end -}}

{{/* What the code knows: settings, routes, consumers. */}}
{{- define "nightowl.facts" -}}
{{ .Files.Get "facts.json" }}
{{- end -}}

{{/* An own server that services stand on begins with the release itself, so nothing can be prepared before. */}}
{{- define "nightowl.ownServers" -}}
{{- if or .Values.postgres.enabled .Values.nats.enabled -}}yes{{- end -}}
{{- end -}}

{{- define "nightowl.natsMonitoring" -}}
{{- if .Values.keda.natsMonitoring -}}
{{ .Values.keda.natsMonitoring }}
{{- else if .Values.nats.enabled -}}
{{ .Release.Name }}-nats:8222
{{- else -}}
{{- fail "keda.natsMonitoring: say <host>:<port> of NATS' monitoring (8222), or keda.enabled=false" -}}
{{- end -}}
{{- end -}}
