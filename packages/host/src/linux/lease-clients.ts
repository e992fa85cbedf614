/** The DHCP clients of the links that were given to Ropewalk: one for each, found again by the next process of the same folder. */
import type { LeaseClients, LeaseOutcome } from "../leases.ts";
import { LeaseClient, type LeaseClientDeps } from "./lease-client.ts";
import { createLeaseFolder } from "./lease-folder.ts";
import { giveBackLink } from "./lease-ground.ts";
import { createLinkWriter } from "./link-writer.ts";
import type { Native } from "./native.ts";

export interface LeaseClientsDeps extends Omit<LeaseClientDeps, "folder" | "writer"> {
  readonly native: Native;
}

/** `folder` is the node's own, and need not be there. Throws HOST_NETLINK when the kernel gives no socket. */
export function createLeaseClients(folder: string, { native, ...deps }: LeaseClientsDeps): LeaseClients {
  const ground = { ...deps, folder: createLeaseFolder(folder), writer: createLinkWriter(native) };
  const clients = new Map<string, LeaseClient>();
  /** What is being given back, by the name of the link: another client waits for it. */
  const leaving = new Map<string, Promise<LeaseOutcome>>();
  let hasLooked = false;

  const leave = (name: string): Promise<LeaseOutcome> => {
    const client = clients.get(name);
    clients.delete(name);
    const before = leaving.get(name) ?? Promise.resolve();
    const outcome = before.then(() => giveBackLink(ground, name, async () => await client?.end()));
    leaving.set(name, outcome);
    void outcome.then(() => {
      if (leaving.get(name) === outcome) leaving.delete(name);
    });
    return outcome;
  };

  return {
    want(links) {
      const wanted = new Map(links.map((link) => [link.name, link]));
      const isStale = ([name, client]: readonly [string, LeaseClient]) => wanted.get(name)?.ifindex !== client.ifindex;
      const gone = [...clients].filter(isStale).map(([name]) => name);
      // Of an earlier process whose configuration was another.
      const leftovers = hasLooked ? [] : ground.folder.names().filter((name) => !wanted.has(name));
      hasLooked = true;
      for (const name of [...gone, ...leftovers]) void leave(name).then(ground.onOutcome);
      for (const link of links) {
        const client = clients.get(link.name);
        if (client !== undefined) client.see(link);
        else clients.set(link.name, new LeaseClient(link, ground, leaving.get(link.name) ?? Promise.resolve()));
      }
    },
    get unmet() {
      return [...clients].flatMap(([name, { fault }]) =>
        fault === undefined ? [] : [`${name} is not leased: ${fault}`],
      );
    },
    purge() {
      hasLooked = true;
      const names = new Set([...clients.keys(), ...leaving.keys(), ...ground.folder.names()]);
      return Promise.all([...names].map(leave));
    },
    async [Symbol.asyncDispose]() {
      const ending = [...clients.values()].map((client) => client.end());
      clients.clear();
      await Promise.all([...ending, ...leaving.values()]);
      ground.writer[Symbol.dispose]();
    },
  };
}
