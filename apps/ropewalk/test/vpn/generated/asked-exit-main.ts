/** An exit's gRPC, whose clock goes on when it is told so: who is asked by generated requests. */
import { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import { exitHandlers } from "@ropewalk/vpn/node/control-service";
import { type Answering, answerParent } from "../../../../../packages/entry/test/asked.ts";
import { ExitRig } from "../../../../../packages/vpn/test/node/exit-rig.ts";
import { clock } from "../system/control-scene.ts";

export interface AskedExit {
  readonly begin: readonly [given: GrpcIdentityFiles, answer: { readonly port: number; readonly boot: string }];
  /** Half a minute goes by. */
  readonly pass: readonly [given: undefined, answer: void];
  readonly defects: readonly [given: undefined, answer: readonly string[]];
}

export async function answering(): Promise<Answering<AskedExit>> {
  const stack = new AsyncDisposableStack();
  const rig = stack.use(await ExitRig.open());
  const defects: string[] = [];
  return {
    answers: {
      async begin(files) {
        const server = await GrpcServer.listen(ExitService, handlersOf(rig), {
          ...{ listen: "127.0.0.1:0", identity: new GrpcIdentity(files), clock, mostCalls: 64 },
          onDefect: (method, error) => void defects.push(`${method}: ${error instanceof Error ? error.stack : error}`),
        });
        stack.use(server);
        return { port: server.port, boot: rig.node.status().boot };
      },
      async pass() {
        await rig.pass(seconds(30));
        // What a test would look at, and nobody does here.
        for (const list of [rig.device.changes, rig.lines, rig.ended]) list.length = 0;
      },
      defects: async () => defects,
    },
    end: () => stack.disposeAsync(),
  };
}

function handlersOf({ node, clock }: ExitRig) {
  const pool = parsePrefix("10.90.0.0/16");
  return exitHandlers({
    ...{ node, clock, entryName: "entry" },
    about: {
      ...{ version: "1.2.3", controlAddress: "exit.example:7431", endpoint: "192.0.2.1:51820" },
      ...{ pools: pool === undefined ? [] : [pool], ownAddresses: [ipAddress("10.90.0.1")] },
    },
  });
}

if (import.meta.main) answerParent(await answering());
