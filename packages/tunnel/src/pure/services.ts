/** The services that a destination offers: each has a name, and perhaps a port at which it is found without one. */
import type { HostPort } from "@ropewalk/kernel/host-port";

/** One `[[tunnel.destination.service]]`. */
export interface Service {
  readonly name: ServiceName;
  /** The port that stands for it in sources that expose a port without saying where it goes. */
  readonly port: number | undefined;
  /** The operator's word: wherever it resolves to, it is allowed. */
  readonly target: HostPort;
  readonly maxConnections: number;
}

export type ServiceName = string;

export function isServiceName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(text);
}
