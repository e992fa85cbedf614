/**
 * What a destination makes of a request to open a stream: where it may go, or why not. A name is looked up only where an entry
 * speaks of it, and what it resolves to is judged then, so that a connection goes to no address that was not judged.
 */
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { addressOf, formatHostPort, type HostName, type HostPort } from "@ropewalk/kernel/host-port";
import { innerRangeOf } from "./address-ranges.ts";
import { type AllowedTarget, entriesFor, isAddressAllowed } from "./allow-list.ts";
import type { OpenRequest } from "./open-request.ts";
import type { Service } from "./services.ts";
import type { ResetReason } from "./wire/reset-reason.ts";

export interface TargetRules {
  readonly services: readonly Service[];
  readonly allowed: readonly AllowedTarget[];
}

export type OpenVerdict =
  /** `service`: whose connection it is. */
  { readonly kind: "allowed"; readonly way: TargetWay; readonly service: Service | undefined } | OpenRefusal;

export interface OpenRefusal {
  readonly kind: "refused";
  readonly reason: Extract<ResetReason, "unknown-service" | "not-allowed">;
  /** For this end's log; the peer is told the reason alone. */
  readonly detail: string;
}

export type TargetWay =
  | { readonly kind: "addresses"; readonly addresses: readonly IpAddress[]; readonly port: number }
  | {
      readonly kind: "look-up";
      readonly name: HostName;
      readonly port: number;
      /** Undefined: the operator has named it, and wherever it is, it is allowed. */
      readonly entries: readonly AllowedTarget[] | undefined;
    };

/** RFC 6761 §6.3: never looked up. */
const ownHost: readonly IpAddress[] = [ipAddress("127.0.0.1"), ipAddress("::1")];

export function authorizeOpen(request: OpenRequest, { services, allowed }: TargetRules): OpenVerdict {
  switch (request.kind) {
    case "service": {
      const service = services.find(({ name }) => name === request.name);
      if (service !== undefined) return toService(service);
      return { kind: "refused", reason: "unknown-service", detail: `there is no service ${request.name}` };
    }
    case "port": {
      const service = services.find(({ port }) => port === request.port);
      if (service !== undefined) return toService(service);
      const verdict = toTarget({ host: "localhost" as HostName, port: request.port }, allowed);
      if (verdict.kind === "allowed") return verdict;
      const detail = `no service has port ${request.port}, and this host's own is not listed`;
      return { kind: "refused", reason: "unknown-service", detail };
    }
    case "target":
      return toTarget(request, allowed);
  }
}

/** Which of the addresses that a name has resolved to a connection may go to. */
export function judgeAddresses(
  addresses: readonly IpAddress[],
  entries: readonly AllowedTarget[] | undefined,
): readonly IpAddress[] {
  return entries === undefined ? addresses : addresses.filter((address) => isAddressAllowed(address, entries));
}

/** Why none of `addresses` may be reached: "db.example is 10.0.0.5 (private): …". */
export function describeRefused(place: string, addresses: readonly IpAddress[]): string {
  const shown = addresses.slice(0, 4).map((address) => {
    const kind = innerRangeOf(address)?.kind;
    return kind === undefined ? address : `${address} (${kind})`;
  });
  return `${place} is ${shown.join(", ")}, which no entry's cidr lists`;
}

function toService(service: Service): OpenVerdict {
  const { host, port } = service.target;
  const addresses = knownAddresses(host);
  const way: TargetWay =
    addresses === undefined
      ? { kind: "look-up", name: host as HostName, port, entries: undefined }
      : { kind: "addresses", addresses, port };
  return { kind: "allowed", way, service };
}

function toTarget(target: HostPort, allowed: readonly AllowedTarget[]): OpenVerdict {
  const { host, port } = target;
  const entries = entriesFor(target, allowed);
  const addresses = knownAddresses(host);
  if (addresses === undefined) {
    if (entries.length === 0) return notAllowed(`no entry lists ${formatHostPort(target)}`);
    return { kind: "allowed", way: { kind: "look-up", name: host as HostName, port, entries }, service: undefined };
  }
  const judged = judgeAddresses(addresses, entries);
  if (judged.length === 0) return notAllowed(describeRefused(formatHostPort(target), addresses));
  return { kind: "allowed", way: { kind: "addresses", addresses: judged, port }, service: undefined };
}

function notAllowed(detail: string): OpenRefusal {
  return { kind: "refused", reason: "not-allowed", detail };
}

function knownAddresses(host: HostPort["host"]): readonly IpAddress[] | undefined {
  if (host === "localhost" || host.endsWith(".localhost")) return ownHost;
  const address = addressOf(host);
  return address === undefined ? undefined : [address];
}
