/** The lab's method for each verb that changes one uplink at a known time. */
import type { Change } from "./change.ts";
import type { Lab } from "./lab.ts";
import type { UplinkCommand } from "./pure/uplink-command.ts";

export type UplinkChange = Exclude<UplinkCommand, { readonly kind: "flap" } | { readonly kind: "counters" }>;

/** Throws LabError. */
export function changeUplink(lab: Lab, command: UplinkChange): Promise<Change> {
  switch (command.kind) {
    case "cut":
    case "heal":
    case "portal":
    case "deafen":
    case "expire":
    case "strict":
    case "unroute":
    case "renumber":
    case "remove":
      return lab[command.kind](command.uplink);
    case "intercept":
      return lab.interceptTcp(command.uplink);
    case "hijack":
      return lab.hijackDns(command.uplink);
    case "slowdns":
      return lab.slowDns(command.uplink, command.by);
    case "no":
    case "only":
      return lab[command.kind](command.uplink, command.protocol);
    case "blackhole":
      return lab.blackhole(command.uplink, command.which);
    case "lose":
      return lab.lose(command.uplink, command.percent, command.which);
    case "shape":
      return lab.shape(command.uplink, command.rate);
    case "bloat":
      return lab.bloat(command.uplink, command.queue);
    case "delay":
      return lab.delay(command.uplink, command.delay, command.jitter);
    case "kill":
      return lab.kill(command.uplink, command.family);
    case "mtu":
      return lab.mtu(command.uplink, command.largest);
    case "rename":
      return lab.rename(command.uplink, command.name);
  }
}
