/** One uplink as the machine keeps it, from one picture to the next. */
import type { LinkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";

/** An interface that is an uplink, with what it keeps until the interface is gone. */
export interface Uplink {
  readonly id: UplinkId;
  /** 1…255; its sockets' firewall mark comes from it. */
  readonly slot: number;
  readonly link: LinkFacts;
}
