/** One anonymous host on its own, for tests that need links of their own but no topology. */

import type { LabHost } from "./lab-host.ts";
import { Sandbox } from "./sandbox.ts";

export interface Namespace extends AsyncDisposable {
  readonly host: LabHost;
}

/**
 * A host with nothing but loopback: fresh network, mounts, /sys, /run and PID namespace. The caller disposes of it;
 * it also ends with its starter. Throws LAB_UNSUPPORTED, LAB_START_FAILED.
 */
export async function createNamespace(name = "namespace"): Promise<Namespace> {
  await using unwinding = new AsyncDisposableStack();
  const sandbox = unwinding.use(
    await Sandbox.open({ resolvConf: "", hostsFile: "127.0.0.1 localhost\n::1 localhost\n" }),
  );
  const host = await sandbox.addHost(name);
  const owned = unwinding.move();
  return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
