/** Calls whose requests are any octets, and what comes of them: a status of gRPC's. */
import type { DescMethod } from "@bufbuild/protobuf";
import { Client, experimental, status } from "@grpc/grpc-js";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { methodDefinition } from "../../src/grpc/service-definition.ts";

const within = 20_000;
/** A server ends a connection on which more than a thousand streams were taken back in short time (nghttp2's defence against CVE-2023-44487). */
const mostTakenBack = 500;
const same = (octets: Buffer) => octets;

interface Connection {
  readonly client: Client;
  pending: number;
  takenBack: number;
}

export class RawCalls implements Disposable {
  readonly #connect: () => Connection;
  #current: Connection;

  constructor(address: string, serverName: string, files: GrpcIdentityFiles) {
    const identity = new GrpcIdentity(files);
    const credentials = experimental.createCertificateProviderChannelCredentials(identity, identity);
    const options = { "grpc.ssl_target_name_override": serverName, "grpc.use_local_subchannel_pool": 1 };
    this.#connect = () => ({ client: new Client(address, credentials, options), pending: 0, takenBack: 0 });
    this.#current = this.#connect();
  }

  [Symbol.dispose](): void {
    this.#current.client.close();
  }

  /** "OK", "INTERNAL", …; of a stream as soon as its first message is there. */
  async send(method: DescMethod, octets: Uint8Array): Promise<string> {
    if (this.#current.takenBack > mostTakenBack) this.#current = this.#connect();
    const connection = this.#current;
    connection.pending += 1;
    try {
      return await (method.methodKind === "unary" ? askOnce : firstOf)(connection, method, octets);
    } finally {
      connection.pending -= 1;
      if (connection !== this.#current && connection.pending === 0) connection.client.close();
    }
  }
}

function askOnce({ client }: Connection, method: DescMethod, octets: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const { path } = methodDefinition(method);
    client.makeUnaryRequest(path, same, same, Buffer.from(octets), { deadline: Date.now() + within }, (error) =>
      resolve(nameOf(error?.code ?? status.OK)),
    );
  });
}

async function firstOf(connection: Connection, method: DescMethod, octets: Uint8Array): Promise<string> {
  const { path } = methodDefinition(method);
  const options = { deadline: Date.now() + within };
  const stream = connection.client.makeServerStreamRequest(path, same, same, Buffer.from(octets), options);
  try {
    for await (const _message of stream) break;
    return nameOf(status.OK);
  } catch (error) {
    return nameOf((error as { readonly code?: number }).code ?? status.UNKNOWN);
  } finally {
    stream.on("error", () => {}).cancel();
    connection.takenBack += 1;
  }
}

function nameOf(code: number): string {
  return status[code] ?? String(code);
}
