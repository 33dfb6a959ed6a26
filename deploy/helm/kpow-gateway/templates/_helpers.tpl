{{/*
Names and labels. Two rules hold in all templates: a text is quoted, since YAML takes a name such as 2024, 1e3 or ON for
something else; and a number goes through int64, since Go writes 1000000 as 1e+06.
*/}}
{{- define "kpow-gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 50 characters, which leaves room for the suffixes of what goes with it. */}}
{{- define "kpow-gateway.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kpow-gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kpow-gateway.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Metadata of everything: a name with a suffix, the namespace, the labels. Takes (list $ suffix). */}}
{{- define "kpow-gateway.metadata" -}}
{{- $ := index . 0 -}}
name: {{ printf "%s%s" (include "kpow-gateway.fullname" $) (index . 1) | quote }}
namespace: {{ $.Release.Namespace | quote }}
labels:
  {{- include "kpow-gateway.labels" $ | nindent 2 }}
{{- end }}

{{- define "kpow-gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "kpow-gateway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: kpow
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kpow-gateway.serviceAccountName" -}}
{{- default (ternary (include "kpow-gateway.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "kpow-gateway.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "kpow-gateway.configMapName" -}}
{{- default (include "kpow-gateway.fullname" .) .Values.existingConfigMap }}
{{- end }}

{{/* "true" where OpenShift's service CA makes the certificate, "" otherwise. */}}
{{- define "kpow-gateway.servingCert" -}}
{{- with .Values }}
{{- if and .route.enabled (eq .route.termination "reencrypt") .tls.enabled (not .tls.secretName) (not .tls.certManager.enabled) }}true{{ end }}
{{- end }}
{{- end }}

{{/* The Secret with the certificate; "" where the gateway makes its own. */}}
{{- define "kpow-gateway.tlsSecretName" -}}
{{- if .Values.tls.secretName }}{{ .Values.tls.secretName }}
{{- else if .Values.tls.certManager.enabled }}{{ include "kpow-gateway.fullname" . }}-tls
{{- else if include "kpow-gateway.servingCert" . }}{{ include "kpow-gateway.fullname" . }}-serving-cert
{{- end }}
{{- end }}

{{/* The value of a variable: a number in all its digits, 10000000 and not 1e+07. */}}
{{- define "kpow-gateway.envValue" -}}
{{- ternary (toJson .) (toString .) (kindIs "float64" .) }}
{{- end }}

{{/* The name of the port that serves the tools, of the container and of the Service. */}}
{{- define "kpow-gateway.portName" -}}
{{- ternary "https" "http" .Values.tls.enabled }}
{{- end }}

{{- define "kpow-gateway.servicePort" -}}
{{- ternary .Values.service.port .Values.service.httpPort .Values.tls.enabled | int64 }}
{{- end }}

{{- define "kpow-gateway.probe" -}}
{{- $ := index . 0 -}}
{{- $probe := index . 1 -}}
httpGet:
  path: {{ $probe.path | default "/-/up" }}
  port: {{ include "kpow-gateway.portName" $ }}
  scheme: {{ include "kpow-gateway.portName" $ | upper }}
periodSeconds: {{ int64 $probe.periodSeconds }}
timeoutSeconds: {{ int64 $probe.timeoutSeconds }}
failureThreshold: {{ int64 $probe.failureThreshold }}
{{- end }}

{{/* Not the selector's labels: the Service would send people to the test. */}}
{{- define "kpow-gateway.testLabels" -}}
app.kubernetes.io/name: {{ include "kpow-gateway.name" . | trunc 58 }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}
