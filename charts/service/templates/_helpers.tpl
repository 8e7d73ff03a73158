{{/* The one place that names things and labels them. */}}

{{/* The service's name: the release's. It leads every object's name, so that it must fit a label with a suffix. */}}
{{- define "service.name" -}}
{{- if gt (len .Release.Name) 50 -}}
{{- fail (printf "the service's name %q is longer than 50 characters" .Release.Name) -}}
{{- end -}}
{{- .Release.Name -}}
{{- end -}}

{{- define "service.configMapName" -}}
{{- printf "%s-config" (include "service.name" .) -}}
{{- end -}}

{{- define "service.serviceAccountName" -}}
{{- if or .Values.serviceAccount.create .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name | default (include "service.name" .) -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{/* What selects the pods. A Deployment's selector can never change: nothing that a value sets belongs here. */}}
{{- define "service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
Labels of every object. No app.kubernetes.io/version: it would change the Service, the autoscaler and the rest with
each release, and the Deployment's image says it better.
*/}}
{{- define "service.labels" -}}
{{- $own := include "service.selectorLabels" . | fromYaml -}}
{{- $own = set $own "app.kubernetes.io/managed-by" "cictl" -}}
{{- $own = set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_")) -}}
{{- toYaml (merge $own .Values.labels) -}}
{{- end -}}

{{/* Labels of the pods: no chart version, or a new chart would restart every service. */}}
{{- define "service.podLabels" -}}
{{- $own := include "service.selectorLabels" . | fromYaml -}}
{{- if .Values.metrics.enabled -}}
{{- $own = set $own "cictl.dev/metrics" "true" -}}
{{- end -}}
{{- toYaml (merge $own .Values.labels) -}}
{{- end -}}

{{- define "service.metadata" -}}
name: {{ include "service.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "service.labels" . | nindent 2 }}
{{- end -}}

{{- define "service.image" -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- end -}}

{{/* One HTTP probe; takes the probe's values. */}}
{{- define "service.probe" -}}
httpGet: {path: {{ .path | quote }}, port: http}
periodSeconds: {{ .periodSeconds }}
timeoutSeconds: {{ .timeoutSeconds }}
failureThreshold: {{ .failureThreshold }}
{{- end -}}
