{{/* The pod, from its placement to its one container. */}}
{{- define "service.podSpec" -}}
serviceAccountName: {{ include "service.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  {{- range $key := list "runAsUser" "runAsGroup" "fsGroup" }}
  {{- with get $.Values.security $key }}
  {{ $key }}: {{ int64 . }}
  {{- end }}
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- include "service.placement" . }}
containers:
  - {{ include "service.container" . | nindent 4 | trim }}
{{- with include "service.volumes" . }}
volumes:
  {{- . | trim | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "service.placement" -}}
{{- if and .Values.topologySpread.enabled .Values.topologySpread.topologyKeys }}
topologySpreadConstraints:
  {{- range .Values.topologySpread.topologyKeys }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "service.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with get $.Values $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "service.container" -}}
name: {{ include "service.name" . }}
image: {{ include "service.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- range $key := list "command" "args" }}
{{- with get $.Values $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
ports:
  - {name: http, containerPort: {{ .Values.ports.http }}}
  {{- if .Values.metrics.enabled }}
  - {name: metrics, containerPort: {{ .Values.ports.metrics }}}
  {{- end }}
{{- include "service.environment" . }}
{{- range $name := list "startup" "readiness" "liveness" }}
{{- with get $.Values.probes $name }}
{{- if .enabled }}
{{ $name }}Probe:
  {{- include "service.probe" . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.preStopSleepSeconds }}
lifecycle:
  preStop:
    sleep: {seconds: {{ .Values.preStopSleepSeconds }}}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ .Values.security.readOnlyRootFilesystem }}
  capabilities: {drop: [ALL]}
{{- with include "service.volumeMounts" . }}
volumeMounts:
  {{- . | trim | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "service.environment" -}}
{{- if or .Values.env .Values.secrets.env }}
env:
  {{- range $name, $value := .Values.env }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
  {{- range .Values.secrets.env }}
  - name: {{ .name }}
    valueFrom:
      secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}
  {{- end }}
{{- end }}
{{- with .Values.secrets.envFrom }}
envFrom:
  {{- range . }}
  - secretRef: {name: {{ . }}}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "service.volumes" -}}
{{- if .Values.config }}
- name: config
  configMap:
    name: {{ include "service.configMapName" . }}
{{- end }}
{{- range $index, $file := .Values.secrets.files }}
- name: secret-{{ $index }}
  secret:
    secretName: {{ $file.secret }}
{{- end }}
{{- range $index, $_ := .Values.writableDirs }}
- name: writable-{{ $index }}
  emptyDir: {sizeLimit: {{ $.Values.writableDirSizeLimit }}}
{{- end }}
{{- end -}}

{{- define "service.volumeMounts" -}}
{{- if .Values.config }}
- {name: config, mountPath: {{ .Values.configMountPath }}, readOnly: true}
{{- end }}
{{- range $index, $file := .Values.secrets.files }}
- {name: secret-{{ $index }}, mountPath: {{ $file.mountPath }}, readOnly: true}
{{- end }}
{{- range $index, $dir := .Values.writableDirs }}
- {name: writable-{{ $index }}, mountPath: {{ $dir }}}
{{- end }}
{{- end -}}
