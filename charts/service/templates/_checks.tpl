{{/* What a schema cannot say, or cannot say so that it helps. The Deployment calls it before it renders anything. */}}
{{- define "service.checks" -}}
{{- include "service.checkRenamed" . -}}
{{- include "service.checkImage" . -}}
{{- include "service.checkNumbers" . -}}
{{- end -}}

{{/* Names that other charts use, or that this one used: the schema lets them through to here. */}}
{{- define "service.checkRenamed" -}}
{{- $renamed := dict
  "replicaCount" "replicas"
  "hpa" "autoscaling"
  "pdb" "podDisruptionBudget"
  "configMap" "config"
  "containerPort" "ports.http"
  "environment" "env"
  "envFrom" "secrets.envFrom"
  "imagePullSecrets" "image.pullSecrets"
  "livenessProbe" "probes.liveness"
  "readinessProbe" "probes.readiness"
  "startupProbe" "probes.startup"
  "podLabels" "labels"
  "podSecurityContext" "security"
  "securityContext" "security"
  "topologySpreadConstraints" "topologySpread"
-}}
{{- range $old := keys $renamed | sortAlpha -}}
{{- if hasKey $.Values $old -}}
{{- fail (printf "the value %q is called %q in this chart" $old (get $renamed $old)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "service.checkImage" -}}
{{- if hasKey .Values.image "tag" -}}
{{- fail "image.tag is not accepted, because a tag can move: set image.digest (docker buildx imagetools inspect NAME:TAG shows it)" -}}
{{- end -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is required: registry and repository, without tag or digest" -}}
{{- end -}}
{{- if not .Values.image.digest -}}
{{- fail "image.digest is required: sha256: and 64 hexadecimal digits, as a push prints it" -}}
{{- end -}}
{{- end -}}

{{- define "service.checkNumbers" -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is above autoscaling.maxReplicas" -}}
{{- end -}}
{{- $targets := list .Values.autoscaling.targetCPUUtilizationPercentage .Values.autoscaling.targetMemoryUtilizationPercentage | compact -}}
{{- if and .Values.autoscaling.enabled (not $targets) -}}
{{- fail "autoscaling needs targetCPUUtilizationPercentage or targetMemoryUtilizationPercentage" -}}
{{- end -}}
{{- $unmoving := list "0" "0%" -}}
{{- if and (has (toString .Values.strategy.maxSurge) $unmoving) (has (toString .Values.strategy.maxUnavailable) $unmoving) -}}
{{- fail "strategy.maxSurge and strategy.maxUnavailable are both 0: no update could ever move" -}}
{{- end -}}
{{- if le (int .Values.terminationGracePeriodSeconds) (int .Values.preStopSleepSeconds) -}}
{{- fail "terminationGracePeriodSeconds must be above preStopSleepSeconds, or the process is killed without a SIGTERM" -}}
{{- end -}}
{{- $pdb := .Values.podDisruptionBudget -}}
{{- $neither := and (kindIs "invalid" $pdb.maxUnavailable) (kindIs "invalid" $pdb.minAvailable) -}}
{{- $both := not (or (kindIs "invalid" $pdb.maxUnavailable) (kindIs "invalid" $pdb.minAvailable)) -}}
{{- if and $pdb.enabled (or $neither $both) -}}
{{- fail "podDisruptionBudget takes one of maxUnavailable and minAvailable: set the other to null" -}}
{{- end -}}
{{- end -}}
