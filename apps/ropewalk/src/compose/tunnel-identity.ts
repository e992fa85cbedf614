/** Keeps the identity of a running end as its files say, and ends the sessions that may live no longer. */
import { describeError } from "@ropewalk/kernel/errors";
import { IdentityKeeper } from "@ropewalk/tunnel/identity-keeper";
import type { HandshakeConnection } from "@ropewalk/tunnel/io/handshake-connection";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Established } from "@ropewalk/tunnel/io/thread-messages";
import { LiveSessions } from "@ropewalk/tunnel/live-sessions";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { CommandContext } from "../command-context.ts";
import { refusalLine } from "../render/handshake-view.ts";
import { printable } from "../render/table.ts";
import type { TunnelEnd } from "./tunnel-ends.ts";

export interface KeptIdentity extends Disposable {
  /** Until its connection is closed, `established` ends when what it rests on does. */
  add(established: Established, connection: HandshakeConnection, remote: string): void;
  /** Reads the files now. */
  reload(): Promise<void>;
}

/** What happens is told on standard error. */
export function keepIdentity(
  { files }: TunnelEnd,
  allow: readonly string[] | undefined,
  role: Role,
  thread: HandshakeThread,
  { clock, errors }: CommandContext,
): KeptIdentity {
  const tell = (text: string) => errors.write(`ropewalk: ${printable(text)}\n`);
  const live = new LiveSessions({ trust: thread.facts.trust, allow }, clock);
  const keeper = new IdentityKeeper({
    ...{ files, role, thread, clock },
    onChanged: ({ trust }) => {
      tell("the files of the identity have changed and are in use");
      live.use({ trust, allow });
    },
    onKept: (reason) => tell(`what is in the files of the identity now is not used: ${reason}`),
  });
  return {
    add({ peer, until }, connection, remote) {
      const end = (refusal: Parameters<typeof refusalLine>[0]) => {
        tell(`the session with ${remote} ends: ${refusalLine(refusal)}`);
        connection.end();
      };
      const entry = live.add({ peer, until, end });
      connection.closed.then(
        () => entry[Symbol.dispose](),
        (error) => tell(describeError(error)),
      );
    },
    reload: () => keeper.reload(),
    [Symbol.dispose]() {
      keeper[Symbol.dispose]();
      live[Symbol.dispose]();
    },
  };
}
