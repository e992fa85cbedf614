/** Waits for facts, never for time. */
import type { NetworkFacts } from "@ropewalk/host/facts";
import type { NetworkWatch } from "@ropewalk/host/ports";

const deadlineMillis = 5000;

/** The first facts for which `isReached` holds; rejects with what was there when that takes too long. */
export function factsUntil(watch: NetworkWatch, isReached: (facts: NetworkFacts) => boolean): Promise<NetworkFacts> {
  return new Promise((resolve, reject) => {
    if (isReached(watch.facts)) return resolve(watch.facts);
    const timer = setTimeout(() => {
      subscription[Symbol.dispose]();
      const { links, addresses, routes, routerDns } = watch.facts;
      const last = JSON.stringify({ links: [...links.values()], addresses, routes, routerDns });
      reject(new Error(`not reached within ${deadlineMillis} ms: ${isReached}; the last facts were ${last}`));
    }, deadlineMillis);
    const subscription = watch.subscribe((change) => {
      if (!isReached(change.facts)) return;
      subscription[Symbol.dispose]();
      clearTimeout(timer);
      resolve(change.facts);
    });
  });
}
