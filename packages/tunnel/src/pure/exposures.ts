/** The ports that a source exposes, each with what a connection to it asks the destination for. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { HostPort } from "@ropewalk/kernel/host-port";
import type { OpenRequest } from "./open-request.ts";
import type { ServiceName } from "./services.ts";

/** One `[[tunnel.source.expose]]`, which names a service, a target, or neither. */
export interface WrittenExposure {
  readonly port: number;
  readonly listen?: IpAddress | undefined;
  readonly service?: ServiceName | undefined;
  readonly target?: HostPort | undefined;
  readonly maxConnections: number;
}

export interface Exposure {
  readonly address: IpAddress;
  readonly port: number;
  readonly request: OpenRequest;
  readonly maxConnections: number;
}

/** `listen`: of those that do not say. */
export function exposuresOf(written: readonly WrittenExposure[], listen: IpAddress): readonly Exposure[] {
  return written.map((entry) => ({
    address: entry.listen ?? listen,
    port: entry.port,
    request: requestOf(entry),
    maxConnections: entry.maxConnections,
  }));
}

function requestOf({ port, service, target }: WrittenExposure): OpenRequest {
  if (service !== undefined) return { kind: "service", name: service };
  return target === undefined ? { kind: "port", port } : { kind: "target", ...target };
}

/** What makes two of them one listener. */
export function exposureKey({ address, port }: Pick<Exposure, "address" | "port">): string {
  return `${address} port ${port}`;
}

export interface ExposureChange {
  /** Open where they are, perhaps with something else to ask for. */
  readonly kept: readonly Exposure[];
  readonly added: readonly Exposure[];
  /** Keys of listeners that go. */
  readonly removed: readonly string[];
}

export function exposureChange(open: Iterable<string>, wanted: readonly Exposure[]): ExposureChange {
  const before = new Set(open);
  const after = new Set(wanted.map(exposureKey));
  return {
    kept: wanted.filter((exposure) => before.has(exposureKey(exposure))),
    added: wanted.filter((exposure) => !before.has(exposureKey(exposure))),
    removed: [...before].filter((key) => !after.has(key)),
  };
}
