#!/usr/bin/env bash
# What the tests of this folder need, pinned, from the Go module proxy into the user's cache: helm, kustomize,
# kubectl-validate (with Kubernetes' own schemas in it), and the schemas of others' kinds. Minutes the first time, nothing
# afterwards. Prints where it all is.
set -euo pipefail

programs=(
  helm.sh/helm/v3/cmd/helm@v3.22.0
  sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
  sigs.k8s.io/kubectl-validate@v0.0.4
)
# module@version file
schemas=(
  "sigs.k8s.io/gateway-api@v1.6.3 config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"
  "github.com/cert-manager/cert-manager@v1.21.2 deploy/crds/cert-manager.io_certificates.yaml"
  "github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"
  "github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"
  "github.com/openshift/api@v0.0.0-20260813212709-d4bb0b443cb8 route/v1/zz_generated.crd-manifests/routes.crd.yaml"
)

# test/support/deploy-tools.ts looks there too.
folder="${XDG_CACHE_HOME:-$HOME/.cache}/kpow-gateway/deploy-tools"
wanted=$(printf '%s\n' "${programs[@]}" "${schemas[@]}")
if [[ $(cat "$folder/installed" 2>/dev/null) != "$wanted" ]]; then
  command -v go >/dev/null || { echo 'deploy/tools.sh: there is no go; install Go 1.26 or newer' >&2; exit 1; }
  rm -rf "$folder"
  mkdir -p "$folder/bin" "$folder/crds"
  for program in "${programs[@]}"; do
    echo "deploy/tools.sh: building $program" >&2
    GOBIN="$folder/bin" timeout 1200 go install "$program"
  done
  for schema in "${schemas[@]}"; do
    read -r module file <<<"$schema"
    from=$(timeout 300 go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)".*/\1/p')
    install -m 644 "$from/$file" "$folder/crds/$(basename "$file")"
  done
  printf '%s\n' "$wanted" >"$folder/installed"
fi
echo "$folder"
