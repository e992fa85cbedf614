/** The watch of what the tunnel rests on, as every daemon has it; nothing is watched while no certificate is configured. */
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Assembly } from "./assembly.ts";
import { registerCertificateMetrics } from "./certificate-metrics.ts";
import { CertificateWatch } from "./certificate-watch.ts";

export async function watchCertificates(
  { context: { clock }, config, log, health, shutdown }: Assembly,
  metrics: Metrics,
): Promise<CertificateWatch> {
  const watch = new CertificateWatch({ clock, log: log.child({ part: "certificates" }), health, of: "tunnel" });
  shutdown.register("clean-up", { name: "certificates", run: () => watch[Symbol.dispose]() });
  registerCertificateMetrics(metrics, () => watch.expiring);
  await watch.use(config.values.tunnel);
  return watch;
}
