/** Calls whose requests are any octets, and what comes of them: a status of gRPC's. */
import type { DescMethod } from "@bufbuild/protobuf";
import { Client, experimental, status } from "@grpc/grpc-js";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { methodDefinition } from "../../src/grpc/service-definition.ts";

const within = 20_000;
const same = (octets: Buffer) => octets;

export class RawCalls implements Disposable {
  readonly #client: Client;

  constructor(address: string, serverName: string, files: GrpcIdentityFiles) {
    const identity = new GrpcIdentity(files);
    const credentials = experimental.createCertificateProviderChannelCredentials(identity, identity);
    this.#client = new Client(address, credentials, { "grpc.ssl_target_name_override": serverName });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** "OK", "INTERNAL", …; of a stream as soon as its first message is there. */
  async send(method: DescMethod, octets: Uint8Array): Promise<string> {
    const { path } = methodDefinition(method);
    const options = { deadline: Date.now() + within };
    if (method.methodKind === "unary")
      return new Promise((resolve) => {
        this.#client.makeUnaryRequest(path, same, same, Buffer.from(octets), options, (error) =>
          resolve(nameOf(error?.code ?? status.OK)),
        );
      });
    const stream = this.#client.makeServerStreamRequest(path, same, same, Buffer.from(octets), options);
    try {
      for await (const _message of stream) break;
      return nameOf(status.OK);
    } catch (error) {
      return nameOf((error as { readonly code?: number }).code ?? status.UNKNOWN);
    } finally {
      stream.on("error", () => {}).cancel();
    }
  }
}

function nameOf(code: number): string {
  return status[code] ?? String(code);
}
