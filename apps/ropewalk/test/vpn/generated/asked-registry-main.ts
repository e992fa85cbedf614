/** A replica of entry with its registry of nodes, on a database that it is given: who is asked by generated requests. */
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import { usualControl } from "@ropewalk/entry/vpn-control-settings";
import type { GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { type Answering, answerParent } from "../../../../../packages/entry/test/asked.ts";
import { Replica } from "../system/control-scene.ts";

interface Place {
  readonly settings: DatabaseSettings;
  readonly files: GrpcIdentityFiles;
}

export interface AskedRegistry {
  readonly begin: readonly [given: Place, answer: { readonly port: number }];
}

export async function answering(): Promise<Answering<AskedRegistry>> {
  let replica: Replica | undefined;
  return {
    answers: {
      async begin({ settings, files }) {
        replica = await Replica.start(settings, files, usualControl);
        return { port: replica.port };
      },
    },
    end: async () => replica?.[Symbol.asyncDispose](),
  };
}

if (import.meta.main) answerParent(await answering());
