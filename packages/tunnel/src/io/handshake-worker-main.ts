/**
 * The thread that runs handshakes: it alone holds the private key, and has no sockets but theirs, so that the time which TLS takes
 * stalls no stream. It is told what to do by `handshake-thread.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { TunnelError } from "../errors.ts";
import type { Role } from "../pure/handshake/message.ts";
import { HandshakeRun } from "./handshake-run.ts";
import { checkFitness, type Identity, type IdentityFiles, loadIdentity } from "./identity.ts";
import { KemKeyStore } from "./kem-key-store.ts";
import { KemKeys } from "./kem-keys.ts";
import { rememberingReading } from "./peer-certificate.ts";
import type { FromThread, ThreadOptions, ToThread } from "./thread-messages.ts";

/** Of peers, on disk: 67 MB. */
const mostKemKeys = 128;
/** Encapsulations and decapsulations at once, each on a thread. */
const mcElieceThreads = 1;

function main(): void {
  const owner = parentPort;
  if (owner === null) throw new InternalError("this is the program of a thread");
  const tell = (message: FromThread) => owner.postMessage(message);
  const clock = createSystemClock();
  const { kemKeyFolder } = workerData as ThreadOptions;
  const onFault = (reason: string) => tell({ kind: "trouble", reason });
  const deps = { wall: () => clock.wall(), onFault };
  const store =
    kemKeyFolder === undefined ? undefined : new KemKeyStore({ folder: kemKeyFolder, most: mostKemKeys }, deps);
  const workers = createMcElieceWorkers({ count: mcElieceThreads }, { clock });
  const kem = new KemKeys(workers, store);
  const reading = rememberingReading();
  const load = async (files: IdentityFiles, fitFor: Role | undefined): Promise<Identity> => {
    const loaded = loadIdentity(files);
    if (fitFor !== undefined) checkFitness(loaded, fitFor, clock.wall());
    // It also brings the workers to life, before the first peer waits for them.
    if (loaded.kem !== undefined && !(await workers.isPair(loaded.kem)))
      throw new TunnelError("TUNNEL_IDENTITY", `${files.kemKey}: its two halves do not belong together; make another`);
    return loaded;
  };
  let identity: Identity | undefined;
  const runs = new Set<HandshakeRun>();
  const follow = (run: HandshakeRun) => {
    runs.add(run);
    void run.closed.then(() => runs.delete(run));
  };
  /** A thread that is ended while TLS writes to its sockets may never be done with it: Node waits for them. */
  const stop = async () => {
    for (const run of runs) run.abort();
    await Promise.all([...runs].map(({ closed }) => closed));
    await workers[Symbol.asyncDispose]();
    owner.close();
  };
  owner.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "use":
        void load(message.files, message.fitFor).then(
          (loaded) => {
            identity = loaded;
            tell({ kind: "using", facts: loaded.facts });
          },
          (error) => tell({ kind: "unusable", reason: describeError(error) }),
        );
        return;
      case "begin":
        if (identity === undefined) throw new InternalError("a handshake needs an identity first");
        follow(new HandshakeRun(message, { identity, clock, kem, reading }));
        return;
      case "stop":
        void stop();
        return;
    }
  });
}

main();
