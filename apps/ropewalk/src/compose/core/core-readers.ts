/** What is read of an exit over its API, and what a comparison of its device was found to be: pictures made afresh for each reader. */
import {
  type CoreEntryDocument,
  type CorePeersDocument,
  type CoreReconcileDocument,
  type CoreStatusDocument,
  coreSchemaNumber,
} from "@ropewalk/api/core";
import type { HostPort } from "@ropewalk/kernel/host-port";
import type { HealthRegistry } from "@ropewalk/ops/health";
import { VpnError } from "@ropewalk/vpn/errors";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import type { ExitNodeStatus } from "@ropewalk/vpn/node/exit-node";
import type { CommandContext } from "../../command-context.ts";
import type { ChangeOutcome } from "../../local-api/changes.ts";
import { corePeerDocuments, coreStatusDocument } from "../../local-api/core-documents.ts";
import type { DriftTotals } from "./core-metrics.ts";
import type { ExitParts } from "./exit-parts.ts";

export interface CoreReadersDeps {
  readonly context: Pick<CommandContext, "clock" | "version">;
  readonly core: CoreConfig;
  readonly endpoint: HostPort;
  readonly health: Pick<HealthRegistry, "snapshot">;
  readonly exit: Pick<ExitParts, "node" | "driver" | "device" | "broughtUp" | "firewall" | "clock">;
  readonly entry: () => CoreEntryDocument;
}

export class CoreReaders {
  readonly #deps: CoreReadersDeps;
  readonly #startedAt: number;
  #seen: ExitNodeStatus["lastReconcile"];
  #reconcile: CoreReconcileDocument | null = null;
  #countsBytes: boolean;
  #drift: DriftTotals = { added: 0, removed: 0, updated: 0 };

  constructor(deps: CoreReadersDeps) {
    this.#deps = deps;
    this.#countsBytes = deps.core.byteCounts;
    this.#startedAt = deps.context.clock.wall();
    this.heed();
  }

  /** What of it can change while the exit runs. */
  reconfigure({ byteCounts }: Pick<CoreConfig, "byteCounts">): void {
    this.#countsBytes = byteCounts;
  }

  /** Of all comparisons since the start. */
  get drift(): DriftTotals {
    return this.#drift;
  }

  /** To be called when the exit's status has changed. */
  heed(): void {
    const { lastReconcile } = this.#deps.exit.node.status();
    if (lastReconcile === undefined || lastReconcile === this.#seen) return;
    this.#seen = lastReconcile;
    const { added, removed, updated, took } = lastReconcile;
    this.#reconcile = { at: this.#deps.context.clock.wall(), tookMs: took, added, removed, updated };
    const { added: a, removed: r, updated: u } = this.#drift;
    this.#drift = { added: a + added, removed: r + removed, updated: u + updated };
  }

  status(): CoreStatusDocument {
    const { context, core, endpoint, health, exit, entry } = this.#deps;
    return coreStatusDocument({
      ...{ version: context.version, startedAt: this.#startedAt, at: context.clock.wall() },
      ...{ health: health.snapshot(), core, endpoint, driver: exit.driver, publicKey: exit.broughtUp.publicKey },
      ...{ status: exit.node.status(), entry: entry(), reconcile: this.#reconcile, drops: exit.firewall.dropCounts() },
    });
  }

  /** Throws WireGuardError where counts of the device are to be told and it does not. */
  async peers(): Promise<CorePeersDocument> {
    const { context, exit } = this.#deps;
    const counted = this.#countsBytes ? (await exit.device.read()).peers : undefined;
    const peers = corePeerDocuments(exit.node.held(), exit.clock.now(), counted);
    return { schema: coreSchemaNumber, at: context.clock.wall(), peers };
  }

  async reconcile(): Promise<ChangeOutcome<CoreReconcileDocument>> {
    const { context, exit } = this.#deps;
    try {
      const { added, removed, updated, took } = await exit.node.reconcile();
      return { kind: "done", document: { at: context.clock.wall(), tookMs: took, added, removed, updated } };
    } catch (error) {
      if (error instanceof VpnError) return { kind: "refused", reason: error.message };
      throw error;
    }
  }
}
