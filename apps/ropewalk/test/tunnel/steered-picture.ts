/** The picture of a node that moves traffic by one uplink. */
import type { NodeStatus, PathDocument } from "@ropewalk/api/http";
import { picture, wan0 } from "../picture.ts";

export const pathDocument: PathDocument = {
  uplinkId: wan0.id,
  name: wan0.name,
  ifindex: wan0.ifindex,
  family: "ipv4",
  source: "192.0.2.7",
  gateway: "192.0.2.1",
  mark: 256,
  mtuBytes: 1500,
  metered: null,
  state: "up",
  score: 900,
};

export const steered: NodeStatus = {
  ...picture,
  backhaul: {
    ...picture.backhaul,
    monitorOnly: false,
    steering: { standing: "steering", text: "traffic is moved", confirmBy: null, unmet: [] },
    connectivity: {
      ...{ generation: 3, ipv4: "online", ipv6: "offline", usable: [pathDocument] },
      active: { ipv4: wan0.id, ipv6: null, overall: wan0.id },
    },
  },
};
