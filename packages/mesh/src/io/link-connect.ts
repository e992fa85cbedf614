/**
 * A TCP connection to a target: its name is looked up, and its addresses are tried one after the other with a small lead, each by the
 * node's uplinks, best first, and as the kernel would. The first that stands is taken.
 */
import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { PathSockets } from "@ropewalk/host/ports";
import {
  familyOf,
  type IpAddress,
  isLinkLocal,
  parseIpAddress,
  parsePrefix,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { millis } from "@ropewalk/kernel/units";
import type { PeerNames } from "./peer-names.ts";

export interface LinkConnection {
  readonly stream: Duplex;
  readonly remote: string;
  readonly local: string;
  readonly binding: PathBinding | undefined;
}

export interface LinkConnectDeps {
  readonly clock: Clock;
  /** Undefined: every connection goes as the kernel would have it. */
  readonly sockets: Pick<PathSockets, "connect"> | undefined;
  readonly names: PeerNames;
  /** The node's uplinks that are of use, best first. */
  readonly paths: () => readonly PathBinding[];
}

interface Way {
  readonly host: string;
  readonly binding: PathBinding | undefined;
}

/** What one way has before the next is tried too. Source: RFC 8305 §5. */
const lead = millis(250);
const mostPaths = 3;
const localNetworks = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "fc00::/7",
  "::1/128",
];

/** Rejects with the signal's reason, or with what the first way met. */
export async function connectLink(
  deps: LinkConnectDeps,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<LinkConnection> {
  const ways = (await deps.names.addressesOf(to.host, signal)).flatMap((host) => waysTo(host, deps));
  const first = Promise.withResolvers<LinkConnection>();
  const others = new AbortController();
  const stop = AbortSignal.any([signal, others.signal]);
  const failures: unknown[] = [];
  const attempt = (way: Way) =>
    connectBy(way, to.port, deps, stop).then(
      (connection) => {
        if (others.signal.aborted) connection.stream.destroy();
        others.abort();
        first.resolve(connection);
      },
      (error: unknown) => void failures.push(error),
    );
  const attempts: Promise<void>[] = [];
  for (const way of ways) {
    if (stop.aborted) break;
    const latest = attempt(way);
    attempts.push(latest);
    await Promise.race([latest, sleep(deps.clock, "next way to a mesh peer", lead, stop).catch(() => {})]);
  }
  await Promise.race([first.promise, Promise.all(attempts)]);
  others.abort();
  first.reject(signal.aborted ? signal.reason : (failures[0] ?? new Error(`${to.host} has no address`)));
  return await first.promise;
}

/** Who is on a network of this machine is no matter of uplinks: the kernel knows by which interface to go. */
function waysTo(host: string, { sockets, paths }: LinkConnectDeps): readonly Way[] {
  const free: Way = { host, binding: undefined };
  const address = parseIpAddress(host);
  if (address === undefined || sockets === undefined) return [free];
  const fitting = paths().filter(({ family }) => family === familyOf(address));
  const bound = fitting.slice(0, mostPaths).map((binding): Way => ({ host, binding }));
  return isLocal(address) ? [free, ...bound] : [...bound, free];
}

function isLocal(address: IpAddress): boolean {
  if (isLinkLocal(address)) return true;
  return localNetworks.some((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && prefixContains(prefix, address);
  });
}

async function connectBy(
  { host, binding }: Way,
  port: number,
  { sockets }: LinkConnectDeps,
  signal: AbortSignal,
): Promise<LinkConnection> {
  const address = parseIpAddress(host);
  if (binding !== undefined && sockets !== undefined && address !== undefined) {
    const { stream } = await sockets.connect(binding, { address, port }, signal);
    return { stream, remote: host, local: binding.source, binding };
  }
  const socket = connect({ host, port, noDelay: true });
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return { stream: socket, remote: host, local: socket.localAddress ?? "unknown", binding };
}
