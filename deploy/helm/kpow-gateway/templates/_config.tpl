{{/* The gateway's configuration: what the values say, then .Values.config over it. */}}
{{- define "kpow-gateway.config" -}}
{{- $values := .Values -}}
{{- $http := dict "port" 8080 "mode" (ternary "redirect" "serve" $values.tls.enabled) -}}
{{- if and $values.tls.enabled (not $values.service.httpPort) -}}
{{- $http = "off" -}}
{{- end -}}
{{- $https := "off" -}}
{{- if $values.tls.enabled -}}
{{- $publicPort := ternary $values.service.nodePort $values.service.port (and (eq $values.service.type "NodePort") (gt (int $values.service.nodePort) 0)) -}}
{{- $https = dict "port" 8443 "cert" "/certs/tls.crt" "key" "/certs/tls.key" "publicPort" (int $publicPort) -}}
{{- end -}}
{{- $config := dict "listen" (dict "https" $https "http" $http) -}}

{{- $trusted := $values.trustedProxies -}}
{{- $routeEndsTls := and $values.route.enabled (ne $values.route.termination "passthrough") -}}
{{- if and (not $trusted) (or $values.ingress.enabled $values.httpRoute.enabled $routeEndsTls) -}}
{{- $trusted = list "uniquelocal" -}}
{{- end -}}
{{- with $trusted }}{{ $_ := set $config "trustedProxies" . }}{{ end -}}

{{- if $values.kpow.url -}}
{{- $mount := dict "name" "kPow" "path" $values.kpow.path "target" $values.kpow.url "health" "/healthy" "kind" "kpow" -}}
{{- if $values.kpow.required }}{{ $_ := set $mount "required" true }}{{ end -}}
{{- $_ := set $config "mounts" (list $mount) -}}
{{- end -}}

{{- $_ := set $config "drain" (dict "timeout" (printf "%ds" (int $values.drain.timeoutSeconds))) -}}
{{- /* A change makes new pods; the old ones are to stay as they are until those are ready. */ -}}
{{- $_ := set $config "reload" (dict "watch" false) -}}
{{- $_ := set $config "log" (dict "format" "json") -}}
{{- if $values.metrics.enabled -}}
{{- $_ := set $config "metrics" (dict "port" (int $values.metrics.port)) -}}
{{- end -}}
{{- mergeOverwrite $config (deepCopy $values.config) | toYaml -}}
{{- end }}
