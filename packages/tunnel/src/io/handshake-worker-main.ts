/**
 * The thread that runs handshakes: it alone holds the private key, and the sockets are not its own, so that the time which TLS takes
 * stalls no stream. It is told what to do by `handshake-thread.ts`.
 */
import { parentPort } from "node:worker_threads";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { HandshakeRun } from "./handshake-run.ts";
import { type Identity, loadIdentity } from "./identity.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";

function main(): void {
  const owner = parentPort;
  if (owner === null) throw new InternalError("this is the program of a thread");
  const clock = createSystemClock();
  let identity: Identity | undefined;
  owner.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "use": {
        const answer = using(() => {
          identity = loadIdentity(message.files);
          return identity;
        });
        owner.postMessage(answer);
        return;
      }
      case "begin":
        if (identity === undefined) throw new InternalError("a handshake needs an identity first");
        new HandshakeRun(message.task, message.port, identity, clock);
        return;
    }
  });
}

function using(load: () => Identity): FromThread {
  try {
    return { kind: "using", facts: load().facts };
  } catch (error) {
    return { kind: "unusable", reason: describeError(error) };
  }
}

main();
