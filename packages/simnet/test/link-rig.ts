/** Two nodes and one link, with a record of everything that happens on it. */
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { type Bytes, bytes, millis } from "@ropewalk/kernel/units";
import type { Link } from "@ropewalk/simnet/link";
import type { LinkProfile } from "@ropewalk/simnet/link-profile";
import type { PacketEvent } from "@ropewalk/simnet/packet";
import type { SimNode } from "@ropewalk/simnet/sim-node";
import { SimNet } from "@ropewalk/simnet/simnet";

export const near: IpAddress = ipAddress("192.0.2.1");
export const far: IpAddress = ipAddress("192.0.2.2");

interface Line {
  readonly at: number;
  readonly event: PacketEvent;
  /** Number of the packet, in order of sending. */
  readonly packet: number;
  readonly size: number;
}

export interface LinkRig {
  readonly net: SimNet<number>;
  readonly sender: SimNode<number>;
  readonly link: Link<number>;
  readonly lines: Line[];
  /** Sends one packet now. */
  send(size?: Bytes, options?: { readonly isWhole?: boolean }): void;
  of(event: PacketEvent): readonly Line[];
}

export function createLinkRig(profile: LinkProfile, seed = 1): LinkRig {
  const lines: Line[] = [];
  const net = new SimNet<number>(seed, {
    trace: ({ at, event, packet }) => void lines.push({ at, event, packet: packet.payload, size: packet.size }),
  });
  const sender = net.node("sender");
  const receiver = net.node("receiver");
  const { there } = net.connect("wire", sender, receiver, profile);
  sender.route("default", there);
  receiver.listen(far, { onPacket: () => {} });
  let sent = 0;
  return {
    net,
    sender,
    link: there,
    lines,
    send(size = bytes(100), { isWhole = false } = {}) {
      sender.send({ from: near, to: far, size, isWhole, payload: sent });
      sent += 1;
    },
    of: (event) => lines.filter((line) => line.event === event),
  };
}

/** Sends as the script says, `gap` after the one before each, and lets everything arrive. */
export function play(rig: LinkRig, script: readonly { readonly gap: number; readonly size: number }[]): void {
  for (const { gap, size } of script) {
    rig.net.run(millis(gap));
    rig.send(bytes(size));
  }
  rig.net.run(millis(600_000));
}
