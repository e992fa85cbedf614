/** Nodes that carry messages, as the simulator makes them: with what the product ships, and each with its station's disk. */

import { InternalError } from "@ropewalk/kernel/errors";
import { bytes, type Millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { defaultAccepting } from "@ropewalk/mesh/pure/messages/accepting";
import { defaultCustodyOctets } from "@ropewalk/mesh/pure/messages/custody";
import type { MessagesConfig } from "@ropewalk/mesh/pure/messages/message-desk-terms";
import type { MessageCrypto } from "@ropewalk/mesh/pure/messages/sealing/message-crypto";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { isProved } from "@ropewalk/mesh/pure/wire/announce-proof";
import { shipped } from "./mesh-node-maker.ts";
import type { SimCrypto } from "./sim-crypto.ts";
import type { MakeNode } from "./simulated-node.ts";

/** When virtual time begins: milliseconds since 1970. */
const began = 1_790_000_000_000;

const messagesConfig: MessagesConfig = {
  accepting: defaultAccepting,
  custody: defaultCustodyOctets,
  longestLife: seconds(7 * 86_400),
  mostInbox: 100_000,
  inboxOctets: bytes(128 * 2 ** 20),
  isConstrained: false,
};

export const messageNodes: MakeNode = ({ crypto, mark, random, disk, now, calendarError }) => {
  crypto.prove = isProved;
  const calendar = new StoreCalendar({ now, wall: began + calendarError + now, last: disk.lastTime });
  const wall = (later: Millis) => Math.floor((began + calendarError + later) / 1000);
  const messages = { config: messagesConfig, now, calendar, wall, crypto: seeded(crypto) };
  return new MeshNode(shipped, crypto, mark, random, messages);
};

/** The same for the same seed. */
function seeded(crypto: SimCrypto): MessageCrypto {
  const real = createMessageCrypto(crypto.key);
  return {
    ...real,
    random: (length) => crypto.random(length),
    generate: () => {
      const key = real.restore(crypto.random(32));
      if (key === undefined) throw new InternalError("any 32 octets are a key of X25519");
      return key;
    },
  };
}
