{{- define "nightowl.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "nightowl.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* How pods are placed: `dict "root" $ "part" "ingest"` */}}
{{- define "nightowl.placement" -}}
{{- $pods := .root.Values.pods -}}
serviceAccountName: {{ include "nightowl.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ $pods.terminationGracePeriodSeconds | int }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $pods.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with $pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $pods.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $pods.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "nightowl.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/*
The Secret's variables that somebody reads, and no others: `dict "root" $ "names" (list "DATABASE_URL")`, and `secret`
where they stand in another Secret than the release's.
*/}}
{{- define "nightowl.secretEnv" -}}
{{- $root := .root -}}
{{- $secret := default (include "nightowl.secretName" .root) .secret -}}
{{- range .names }}
{{- if and (eq . "DATABASE_URL") $root.Values.postgres.enabled }}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $root.Release.Name }}-postgres
      key: password
- name: DATABASE_URL
  value: postgresql://nightowl:$(POSTGRES_PASSWORD)@{{ $root.Release.Name }}-postgres:5432/nightowl
{{- else if and (eq . "NATS_URL") $root.Values.nats.enabled }}
- name: NATS_URL
  value: nats://{{ $root.Release.Name }}-nats:4222
{{- else if and (eq . "REDIS_URL") $root.Values.redis.enabled }}
- name: REDIS_URL
  value: redis://{{ $root.Release.Name }}-redis:6379/0
{{- else }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ . }}
      {{- if not (has . (list "DATABASE_URL" "NATS_URL" "REDIS_URL")) }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}
