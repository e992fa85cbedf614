/**
 * Calls of a service over gRPC and mutual TLS. Each has a deadline and ends with its reply or an OpsError; a connection that broke is made again
 * by the next call.
 */
import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Client, experimental, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Bytes, bytes, type Millis } from "@ropewalk/kernel/units";
import { OpsError, type OpsErrorCode } from "../errors.ts";
import type { GrpcIdentity } from "./grpc-identity.ts";
import { methodDefinition } from "./service-definition.ts";

export interface CallOptions {
  /** From now on. */
  readonly within: Millis;
  readonly signal?: AbortSignal;
}

type Caller<Method extends DescMethod> = Method extends DescMethodUnary
  ? (request: MessageInitShape<Method["input"]>, options: CallOptions) => Promise<MessageShape<Method["output"]>>
  : Method extends DescMethodServerStreaming
    ? (
        request: MessageInitShape<Method["input"]>,
        options: CallOptions,
      ) => AsyncIterableIterator<MessageShape<Method["output"]>>
    : never;

/** By the names that generated code gives the methods. */
export type GrpcCalls<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: Caller<Service["method"][Name]>;
};

export interface GrpcClientOptions {
  /** "127.0.0.1:7431". */
  readonly address: string;
  /** That its certificate must have. */
  readonly serverName: string;
  readonly identity: GrpcIdentity;
  readonly longestMessage?: Bytes;
}

const usualMessage = bytes(4 * 1_048_576);
/** From one attempt to connect to the next, for a server that was away. */
const [firstPause, longestPause] = [50, 1_000];

export class GrpcClient<Service extends DescService> implements Disposable {
  readonly calls: GrpcCalls<Service>;
  readonly #client: Client;
  readonly #underWay = new Set<{ cancel(): void }>();

  /** Connects when it is first called. */
  constructor(service: Service, options: GrpcClientOptions) {
    const { address, serverName, identity } = options;
    const longest = options.longestMessage ?? usualMessage;
    const credentials = experimental.createCertificateProviderChannelCredentials(identity, identity);
    this.#client = new Client(address, credentials, {
      "grpc.ssl_target_name_override": serverName,
      "grpc.default_authority": serverName,
      "grpc.max_receive_message_length": longest,
      "grpc.max_send_message_length": longest,
      "grpc.initial_reconnect_backoff_ms": firstPause,
      "grpc.max_reconnect_backoff_ms": longestPause,
      // Whoever calls knows what may be asked twice.
      "grpc.enable_retries": 0,
    });
    const callers = service.methods.map((method) => [method.localName, this.#caller(method)]);
    this.calls = Object.fromEntries(callers) as GrpcCalls<Service>;
  }

  /** Calls under way end with OPS_CALL_CANCELLED. */
  [Symbol.dispose](): void {
    for (const call of this.#underWay) call.cancel();
    this.#client.close();
  }

  #caller(method: DescMethod): unknown {
    return method.methodKind === "server_streaming"
      ? (request: MessageInitShape<DescMethod["input"]>, options: CallOptions) => this.#stream(method, request, options)
      : (request: MessageInitShape<DescMethod["input"]>, options: CallOptions) => this.#unary(method, request, options);
  }

  #unary(method: DescMethod, request: MessageInitShape<DescMethod["input"]>, options: CallOptions): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
    const message = create(method.input, request);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        new Metadata(),
        { deadline: deadlineOf(options) },
        (error, reply) => {
          ended();
          if (error === null) resolve(reply);
          else reject(explained(method, error));
        },
      );
      const ended = this.#cancelWith(call, options);
    });
  }

  async *#stream(
    method: DescMethod,
    request: MessageInitShape<DescMethod["input"]>,
    options: CallOptions,
  ): AsyncGenerator<unknown, void> {
    const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
    const message = create(method.input, request);
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      new Metadata(),
      { deadline: deadlineOf(options) },
    );
    const ended = this.#cancelWith(call, options);
    try {
      for await (const item of call) yield item;
    } catch (error) {
      throw explained(method, error as ServiceError);
    } finally {
      ended();
      call.cancel();
    }
  }

  /** Until what it returns is called, the call ends with its caller's signal, and with this client. */
  #cancelWith(call: { cancel(): void }, { signal }: CallOptions): () => void {
    const cancel = () => call.cancel();
    this.#underWay.add(call);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    return () => {
      this.#underWay.delete(call);
      signal?.removeEventListener("abort", cancel);
    };
  }
}

function deadlineOf({ within }: CallOptions): Date {
  return new Date(Date.now() + within);
}

const codes: Readonly<Partial<Record<status, OpsErrorCode>>> = {
  [status.UNAVAILABLE]: "OPS_CALL_UNAVAILABLE",
  [status.DEADLINE_EXCEEDED]: "OPS_CALL_LATE",
  [status.CANCELLED]: "OPS_CALL_CANCELLED",
  [status.INTERNAL]: "OPS_CALL_FAILED",
  [status.UNKNOWN]: "OPS_CALL_FAILED",
  [status.UNIMPLEMENTED]: "OPS_CALL_UNKNOWN",
};

function explained(method: DescMethod, error: ServiceError): OpsError {
  const code = codes[error.code] ?? "OPS_CALL_REFUSED";
  return new OpsError(code, `${method.name} of ${method.parent.typeName}: ${error.details}`, { cause: error });
}
