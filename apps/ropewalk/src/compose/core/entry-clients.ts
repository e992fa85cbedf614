/** The replicas of entry that an exit knows of: one is asked until it does not answer, then the next. */
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { InternalError } from "@ropewalk/kernel/errors";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import { type GrpcCalls, GrpcClient } from "@ropewalk/ops/grpc-client";
import type { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import type { CoreConfig } from "@ropewalk/vpn/node/config";

type Registry = GrpcCalls<typeof RegistryService>;

interface Replica {
  readonly address: string;
  readonly client: GrpcClient<typeof RegistryService>;
}

export class EntryClients implements Disposable, Pick<Registry, "heartbeat"> {
  readonly #replicas: readonly Replica[];
  readonly #wall: () => number;
  #turn = 0;
  #heardAt: number | undefined;

  /** At least one address is configured. `wall`: milliseconds since 1970. */
  constructor({ entry, control }: Pick<CoreConfig, "entry" | "control">, identity: GrpcIdentity, wall: () => number) {
    const serverName = entry.serverName ?? control.entryName;
    this.#replicas = entry.addresses.map((at: HostPort) => {
      const address = formatHostPort(at);
      return { address, client: new GrpcClient(RegistryService, { address, serverName, identity }) };
    });
    this.#wall = wall;
  }

  /** Of the one that is asked now. */
  get address(): string {
    return this.#current.address;
  }

  /** Wall time of its last answer. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  readonly heartbeat: Registry["heartbeat"] = async (request, options) => {
    const { client } = this.#current;
    try {
      const reply = await client.calls.heartbeat(request, options);
      this.#heardAt = this.#wall();
      return reply;
    } catch (error) {
      this.#turn += 1;
      throw error;
    }
  };

  [Symbol.dispose](): void {
    for (const { client } of this.#replicas) client[Symbol.dispose]();
  }

  get #current(): Replica {
    const replica = this.#replicas[this.#turn % this.#replicas.length];
    if (replica === undefined) throw new InternalError("an exit without an address of entry sends no heartbeats");
    return replica;
  }
}
