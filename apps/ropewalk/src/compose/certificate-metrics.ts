/** When what the tunnel rests on runs out, as Prometheus reads it. Without a certificate there is no series. */
import { renewalDue } from "@ropewalk/crypto/certificates/pure/renewal";
import type { Metrics } from "@ropewalk/ops/metrics";
import { type Expiring, lifetimeOf } from "@ropewalk/tunnel/pure/expiring";

export function registerCertificateMetrics(metrics: Metrics, expiring: () => readonly Expiring[]): void {
  metrics.gauge({
    name: "ropewalk_tunnel_certificate_expiry_timestamp_seconds",
    help: "When the tunnel's own certificate, a CA's or a list of revoked ones ends: the first of its kind, in seconds since 1970.",
    labels: ["certificate"],
    collect: (set) => collectFirst(set, expiring(), ({ notAfter }) => notAfter),
  });
  metrics.gauge({
    name: "ropewalk_tunnel_certificate_renewal_timestamp_seconds",
    help: "From when on it is to be renewed, since a third of its life is left: the first of its kind, in seconds since 1970.",
    labels: ["certificate"],
    collect: (set) => collectFirst(set, expiring(), renewalDue),
  });
}

type Collect = (labels: { readonly certificate: Expiring["kind"] }, value: number) => void;

function collectFirst(
  set: Collect,
  all: readonly Expiring[],
  timeOf: (life: ReturnType<typeof lifetimeOf>) => number,
): void {
  const firsts = new Map<Expiring["kind"], number>();
  for (const each of all) {
    const at = timeOf(lifetimeOf(each)) / 1000;
    firsts.set(each.kind, Math.min(at, firsts.get(each.kind) ?? at));
  }
  for (const [certificate, at] of firsts) set({ certificate }, at);
}
