/** Where a tunnel's two ends are and what stands behind it: one host with nothing but loopback, or two with a bad line between. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { createNamespace } from "@ropewalk/lab/namespace";

export interface Ground {
  readonly source: LabHost;
  readonly destination: LabHost;
  /** Of the destination, as the source sees it; services listen there too. */
  readonly address: string;
}

/** What stands behind every tunnel, and at which port. */
export const services = { echo: 7001, stall: 7002, iperf: 5201 } as const;
export type Service = keyof typeof services;
export const serviceNames = Object.keys(services) as readonly Service[];

/** Of its own: no port is taken there, nobody else's traffic is there, and all that was started there ends with it. */
export async function openLoopback(): Promise<Ground & AsyncDisposable> {
  const { host, ...namespace } = await createNamespace("loopback");
  const dispose = () => namespace[Symbol.asyncDispose]();
  return { source: host, destination: host, address: "127.0.0.1", [Symbol.asyncDispose]: dispose };
}
