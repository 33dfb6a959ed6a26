{{/* What no schema can see: rules between values. Every problem at once, before anything is made. */}}
{{- define "kpow-gateway.refuse" -}}
{{- $problems := list -}}
{{- $values := .Values -}}

{{- with $values.config -}}
{{- if $values.existingConfigMap -}}
{{- $problems = append $problems "config: is not used with existingConfigMap; write it there, or take one of the two out" -}}
{{- end -}}
{{- range $key, $instead := dict "drain" "drain.timeoutSeconds" "metrics" "metrics.enabled and metrics.port" "trustedProxies" "trustedProxies, without config." -}}
{{- if hasKey $values.config $key -}}
{{- $problems = append $problems (printf "config.%s: the chart writes this; set %s" $key $instead) -}}
{{- end -}}
{{- end -}}
{{- $listen := .listen | default dict -}}
{{- range $side, $reserved := dict "https" (list "port" "cert" "key") "http" (list "port" "mode") -}}
{{- $given := get $listen $side -}}
{{- if kindIs "map" $given -}}
{{- range $key := $reserved -}}
{{- if hasKey $given $key -}}
{{- $problems = append $problems (printf "config.listen.%s.%s: the chart writes this; set tls and service" $side $key) -}}
{{- end -}}
{{- end -}}
{{- else if hasKey $listen $side -}}
{{- $problems = append $problems (printf "config.listen.%s: the chart writes this; set tls.enabled and service.httpPort" $side) -}}
{{- end -}}
{{- end -}}
{{- if and (kindIs "map" $listen.https) (hasKey $listen.https "acme") -}}
{{- $problems = append $problems "config.listen.https.acme: pods have no folder that they share for it; set tls.certManager, which has one certificate for all" -}}
{{- end -}}
{{- if and $listen.https (not $values.tls.enabled) -}}
{{- $problems = append $problems "config.listen.https: https is off (tls.enabled: false); take it out" -}}
{{- end -}}
{{- end -}}

{{- if and (not $values.existingConfigMap) (not $values.kpow.url) (not $values.config.mounts) -}}
{{- $problems = append $problems "kpow.url: is empty, and config.mounts too, so there is no tool; write one such as http://kpow:3000" -}}
{{- end -}}

{{- range $name, $value := $values.env -}}
{{- if kindIs "float64" $value -}}
{{- if or (contains "e" (toJson $value)) (gt $value 9007199254740991.0) (lt $value -9007199254740991.0) -}}
{{- $problems = append $problems (printf "env.%s: is a number whose digits YAML does not keep; write it in quotes" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- $ends := list -}}
{{- range $way := list "ingress" "httpRoute" -}}
{{- if (get $values $way).enabled }}{{ $ends = append $ends $way }}{{ end -}}
{{- end -}}
{{- if and $ends $values.tls.enabled (not $values.tls.reencrypt) -}}
{{- $problems = append $problems (printf "tls.enabled: %s does TLS and would speak plain HTTP to the gateway's HTTPS port; set tls.enabled: false, or tls.reencrypt: true once it speaks HTTPS to its backends" (join " and " $ends)) -}}
{{- end -}}
{{- if and (not $values.tls.enabled) (not $values.service.httpPort) -}}
{{- $problems = append $problems "service.httpPort: is 0, and tls is off, so the Service would have no port; write one such as 80" -}}
{{- end -}}
{{- if and (not $values.tls.enabled) (or $values.tls.secretName $values.tls.certManager.enabled) -}}
{{- $problems = append $problems "tls.enabled: is false, and the certificate would not be used; set it to true, or take tls.secretName and tls.certManager out" -}}
{{- end -}}
{{- if and $values.tls.enabled $values.tls.secretName $values.tls.certManager.enabled -}}
{{- $problems = append $problems "tls: secretName and certManager.enabled are both set; choose one" -}}
{{- end -}}
{{- if $values.tls.certManager.enabled -}}
{{- if not $values.tls.certManager.issuerRef.name -}}
{{- $problems = append $problems "tls.certManager.issuerRef.name: is missing; write the name of your Issuer or ClusterIssuer" -}}
{{- end -}}
{{- if not $values.tls.certManager.dnsNames -}}
{{- $problems = append $problems "tls.certManager.dnsNames: is empty; write the names that people use, such as [tools.example.com]" -}}
{{- end -}}
{{- end -}}
{{- if and $values.tls.enabled (eq (int $values.service.port) (int $values.service.httpPort)) -}}
{{- $problems = append $problems (printf "service.httpPort: %d is service.port too; give each a port of its own" (int $values.service.port)) -}}
{{- end -}}

{{- if $values.ingress.enabled -}}
{{- if not $values.ingress.hosts -}}
{{- $problems = append $problems "ingress.hosts: is empty; write one such as [{ host: tools.example.com }]" -}}
{{- end -}}
{{- range $index, $entry := $values.ingress.tls -}}
{{- range $host := $entry.hosts -}}
{{- $known := list -}}
{{- range $values.ingress.hosts }}{{ $known = append $known .host }}{{ end -}}
{{- if not (has $host $known) -}}
{{- $problems = append $problems (printf "ingress.tls[%d].hosts: %s is not in ingress.hosts; add it there" $index $host) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $values.httpRoute.enabled -}}
{{- if not $values.httpRoute.parentRefs -}}
{{- $problems = append $problems "httpRoute.parentRefs: is empty; write your Gateway, such as [{ name: public, namespace: gateways }]" -}}
{{- end -}}
{{- if not $values.httpRoute.hostnames -}}
{{- $problems = append $problems "httpRoute.hostnames: is empty; write one such as [tools.example.com]" -}}
{{- end -}}
{{- end -}}
{{- if $values.route.enabled -}}
{{- if and (eq $values.route.termination "edge") $values.tls.enabled -}}
{{- $problems = append $problems "route.termination: edge speaks plain HTTP to the gateway; set tls.enabled: false, or write reencrypt" -}}
{{- end -}}
{{- if and (ne $values.route.termination "edge") (not $values.tls.enabled) -}}
{{- $problems = append $problems (printf "route.termination: %s needs the gateway's own TLS; set tls.enabled: true, or write edge" $values.route.termination) -}}
{{- end -}}
{{- if and (eq $values.route.termination "reencrypt") $values.tls.enabled (not (include "kpow-gateway.servingCert" .)) (not $values.route.destinationCACertificate) -}}
{{- $problems = append $problems "route.destinationCACertificate: is empty, and the router would not trust a certificate that is not OpenShift's; write its authority, or take tls.secretName and tls.certManager out" -}}
{{- end -}}
{{- end -}}

{{- if $values.autoscaling.enabled -}}
{{- $least := int $values.autoscaling.minReplicas -}}
{{- $most := int $values.autoscaling.maxReplicas -}}
{{- if gt $least $most -}}
{{- $problems = append $problems (printf "autoscaling.minReplicas: %d is more than maxReplicas, %d; write at most that" $least $most) -}}
{{- end -}}
{{- if not (or $values.autoscaling.targetCPUUtilizationPercentage $values.autoscaling.targetMemoryUtilizationPercentage) -}}
{{- $problems = append $problems "autoscaling: has no target; set targetCPUUtilizationPercentage" -}}
{{- end -}}
{{- $requests := $values.resources.requests | default dict -}}
{{- range $resource, $target := dict "cpu" $values.autoscaling.targetCPUUtilizationPercentage "memory" $values.autoscaling.targetMemoryUtilizationPercentage -}}
{{- if and $target (not (get $requests $resource)) -}}
{{- $problems = append $problems (printf "resources.requests.%s: is missing, and autoscaling counts in percent of it; write it" $resource) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- with $values.podDisruptionBudget -}}
{{- if .enabled -}}
{{- $least := ne (toString .minAvailable) "" -}}
{{- $most := ne (toString .maxUnavailable) "" -}}
{{- if and $least $most -}}
{{- $problems = append $problems "podDisruptionBudget: minAvailable and maxUnavailable are both set; empty one of them (\"\")" -}}
{{- else if not (or $least $most) -}}
{{- $problems = append $problems "podDisruptionBudget: minAvailable and maxUnavailable are both empty; set one of them" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- if not $values.metrics.enabled -}}
{{- range $kind := list "serviceMonitor" "prometheusRule" -}}
{{- if (get $values.metrics $kind).enabled -}}
{{- $problems = append $problems (printf "metrics.%s.enabled: there are no metrics to go by; set metrics.enabled: true" $kind) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $rule := $values.metrics.prometheusRule -}}
{{- if and $values.metrics.enabled $rule.enabled (not $values.metrics.serviceMonitor.enabled) -}}
{{- $problems = append $problems "metrics.prometheusRule.enabled: without metrics.serviceMonitor nothing tells Prometheus to scrape the gateway, and its alerts would fire for ever; set metrics.serviceMonitor.enabled: true, or take this out and load deploy/observability/alerts.yaml where you scrape the gateway yourself" -}}
{{- end -}}
{{- if and $rule.enabled $rule.alerts (not (contains "kpow-gateway" (include "kpow-gateway.name" .))) -}}
{{- $problems = append $problems "metrics.prometheusRule.alerts: they know the gateway by a job whose name contains kpow-gateway, which nameOverride takes away; take nameOverride out, or set alerts: false" -}}
{{- end -}}
{{- if has (int $values.metrics.port) (list 8080 8443) -}}
{{- $problems = append $problems (printf "metrics.port: %d is taken by the gateway itself; write another" (int $values.metrics.port)) -}}
{{- end -}}

{{- with $problems -}}
{{- fail (printf "\n\n  %s\n" (join "\n  " .)) -}}
{{- end -}}
{{- end }}
