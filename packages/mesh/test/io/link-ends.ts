/** Pairs of connections on loopback, and handshakes over them. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LinkHandshake, type LinkHandshakeOptions, type ProvedLink } from "@ropewalk/mesh/io/link-handshake";
import { type LinkIdentity, type LinkRefusal, linkIdentity } from "@ropewalk/mesh/io/link-tls";

export const clock = createSystemClock();

export interface TestNode extends LinkIdentity {
  readonly key: SigningKey<"ed25519">;
}

export function testNode(): TestNode {
  const key = generateSigningKey("ed25519");
  return { key, ...linkIdentity(key) };
}

/** Two ends of one connection. */
export async function connected(): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const dialled = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [other] = (await accepted) as [Socket];
  server.close();
  return [dialled, other];
}

export type Outcome = { readonly proved: ProvedLink } | { readonly refused: LinkRefusal };

/** What becomes of one end; a link is kept quiet. */
export function outcomeOf(
  transport: Socket,
  identity: LinkIdentity,
  options: Pick<LinkHandshakeOptions, "direction"> & Partial<LinkHandshakeOptions>,
): Promise<Outcome> {
  return new Promise((resolve) => {
    new LinkHandshake(transport, {
      identity,
      clock,
      within: seconds(10),
      onProved: (proved) => {
        proved.stream.on("error", () => {});
        resolve({ proved });
      },
      onRefused: (refused) => resolve({ refused }),
      ...options,
    });
  });
}
