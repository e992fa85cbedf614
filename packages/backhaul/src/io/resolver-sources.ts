/**
 * The sources from which an uplink's DNS servers and cost are learnt, as one object. It only reads: no process is
 * started, and none of the programs whose files and bus it looks at needs to be there.
 */
import type { ResolverFacts } from "./resolver-facts.ts";

export interface ResolverSources extends AsyncDisposable {
  /**
   * What every source says now. Files are read afresh, at once and bounded in size; NetworkManager's part is what it
   * last told over the bus, `pending` until it did.
   */
  read(ifindex: number, interfaceName: string): ResolverFacts;
  /**
   * Calls `onChange` when something may have changed, changes close together as one call, and at least every minute,
   * because leases expire and folders appear without a word. Then `read` again: a call tells nothing else.
   */
  watch(onChange: () => void): Disposable;
}
