/** What the program of an exit answers over its local API. Whom it carries is told to those alone who may change things. */
import {
  type CorePeersDocument,
  type CoreReconcileDocument,
  type CoreStatusDocument,
  coreRoutes,
} from "@ropewalk/api/core";
import { good } from "./answer.ts";
import { type ChangeOutcome, outcomeAnswer } from "./changes.ts";
import type { LocalApi } from "./handler.ts";

export interface CoreApiDeps extends Pick<LocalApi, "operations" | "stream" | "onDefect"> {
  readonly status: () => CoreStatusDocument;
  readonly peers: () => Promise<CorePeersDocument>;
  readonly reconcile: () => Promise<ChangeOutcome<CoreReconcileDocument>>;
}

export function coreApi({ status, peers, reconcile, operations, stream, onDefect }: CoreApiDeps): LocalApi {
  const isReconcile = (path: string) => path === coreRoutes.reconcile;
  return {
    read: (path) => (path === coreRoutes.status ? good(status()) : undefined),
    eventsPath: coreRoutes.events,
    changes: {
      isChange: isReconcile,
      at: (path) => (isReconcile(path) ? async () => outcomeAnswer(await reconcile()) : undefined),
      names: [coreRoutes.reconcile],
      commands: "ropewalk core reconcile",
    },
    confidential: {
      holds: (path) => path === coreRoutes.peers,
      read: async () => good(await peers()),
      // Nothing of the peers is streamed.
      eventsPath: "",
      stream: undefined,
    },
    paths: Object.values(coreRoutes),
    ...{ operations, stream, onDefect },
  };
}
