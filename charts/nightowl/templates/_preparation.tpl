{{/*
A Job that runs the CLI once: `dict "root" $ "name" "migrate" "args" (list …) "reads" (list "DATABASE_URL")`, and for a
hook `hook` and `weight`. Without a hook it is a part of the release; its name then holds the revision, since a Job
cannot be changed.
*/}}
{{- define "nightowl.job" -}}
{{- $root := .root -}}
{{- $part := dict "root" $root "part" "preparation" -}}
{{- $secret := "" -}}
{{- if and .hook (not $root.Values.secret.existingSecret) -}}
{{- $secret = printf "%s-preparation" (include "nightowl.fullname" $root) -}}
{{- end -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "nightowl.fullname" $root }}-{{ .name }}{{ if not .hook }}-{{ $root.Release.Revision }}{{ end }}
  labels:
    {{- include "nightowl.labels" $part | nindent 4 }}
  {{- if .hook }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
spec:
  backoffLimit: 10
  activeDeadlineSeconds: {{ $root.Values.migrations.deadlineSeconds | int }}
  template:
    metadata:
      labels:
        {{- include "nightowl.labels" $part | nindent 8 }}
    spec:
      # A hook before the install finds no account of the release; it needs none.
      automountServiceAccountToken: false
      enableServiceLinks: false
      restartPolicy: OnFailure
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.pods.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.pods.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "nightowl.podSecurity" 65532 | nindent 8 }}
      containers:
        - name: {{ .name }}
          image: {{ include "nightowl.image" (dict "root" $root "image" $root.Values.image) | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ .args | toJson }}
          env:
            {{- include "nightowl.secretEnv" (dict "root" $root "names" .reads "secret" $secret) | trim | nindent 12 }}
          securityContext:
            {{- include "nightowl.containerSecurity" $root | nindent 12 }}
          resources:
            {{- toYaml $root.Values.migrations.resources | nindent 12 }}
{{- end -}}
