/**
 * Recursive DNS servers that routers announced, one lifetime each. A server is held until it expires, is withdrawn
 * or its link goes; RFC 8106 §6.2 asks for a bound, since anybody on the link can send advertisements.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { RouterDnsFacts } from "../facts.ts";

const mostServersPerLink = 16;

export class RouterDnsTable {
  /** By link, then by server: the time of expiry, infinite for undefined. The newest announcement is last. */
  readonly #links = new Map<number, Map<IpAddress, number>>();
  #snapshot: readonly RouterDnsFacts[] | undefined = [];

  /** True when the announcement changed anything. A lifetime of zero withdraws (RFC 8106 §5.1). */
  announce(ifindex: number, servers: readonly IpAddress[], lifetime: Millis | undefined, now: Millis): boolean {
    const held = this.#links.get(ifindex) ?? new Map<IpAddress, number>();
    const before = held.size;
    for (const [server, expiresAt] of held) if (expiresAt <= now) held.delete(server);
    let isChanged = held.size !== before;
    for (const server of servers) {
      isChanged = held.delete(server) || isChanged;
      if (lifetime === 0) continue;
      held.set(server, lifetime === undefined ? Number.POSITIVE_INFINITY : now + lifetime);
      isChanged = true;
    }
    for (const oldest of held.keys()) {
      if (held.size <= mostServersPerLink) break;
      held.delete(oldest);
    }
    if (held.size === 0) this.#links.delete(ifindex);
    else this.#links.set(ifindex, held);
    if (isChanged) this.#snapshot = undefined;
    return isChanged;
  }

  removeOf(ifindex: number): void {
    if (this.#links.delete(ifindex)) this.#snapshot = undefined;
  }

  /** Servers of one link with one expiry are one entry. */
  snapshot(): readonly RouterDnsFacts[] {
    this.#snapshot ??= [...this.#links].flatMap(([ifindex, held]) =>
      [...Map.groupBy(held, ([, expiresAt]) => expiresAt)].map(([expiresAt, servers]) => ({
        ifindex,
        servers: servers.map(([server]) => server),
        expiresAt: Number.isFinite(expiresAt) ? millis(expiresAt) : undefined,
      })),
    );
    return this.#snapshot;
  }
}
