/**
 * A service over gRPC and mutual TLS: typed handlers, a bound of calls at once, the caller's certificate with each call, and a stop that lets calls
 * end. A handler that throws tells its caller nothing but that: why is for this end's log.
 */
import type { EventEmitter } from "node:events";
import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  experimental,
  Server,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { OpsError } from "../errors.ts";
import { type CallStatus, RefusedCall } from "./call-status.ts";
import type { GrpcIdentity } from "./grpc-identity.ts";
import { serviceDefinition, unreadable } from "./service-definition.ts";

/** One call, as its handler sees it. */
export interface IncomingCall {
  /** Subject alternative names of the caller's certificate, as Node writes them: "URI:spiffe://…", "DNS:…". The TLS layer has proved them. */
  readonly callerNames: readonly string[];
  /** Aborted when the caller is gone, its time is up, or this end stops. */
  readonly signal: AbortSignal;
}

type Handler<Method extends DescMethod> = Method extends DescMethodUnary
  ? (request: MessageShape<Method["input"]>, call: IncomingCall) => Promise<MessageInitShape<Method["output"]>>
  : Method extends DescMethodServerStreaming
    ? (request: MessageShape<Method["input"]>, call: IncomingCall) => AsyncIterable<MessageInitShape<Method["output"]>>
    : never;

/** Of each method of a service; those that take a stream of requests are not served. */
export type GrpcHandlers<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: Handler<Service["method"][Name]>;
};

export interface GrpcServerOptions {
  /** "127.0.0.1:0", "[::]:7431". */
  readonly listen: string;
  readonly identity: GrpcIdentity;
  readonly clock: Clock;
  /** Calls at once, of all callers. */
  readonly mostCalls: number;
  readonly longestMessage?: Bytes;
  /** Of what a handler threw that no caller is told. */
  readonly onDefect: (method: string, error: unknown) => void;
}

const usualMessage = bytes(4 * 1_048_576);
/** A caller that is gone without a word is found out after so long. */
const [keepaliveEvery, keepaliveWithin] = [20_000, 10_000];

export class GrpcServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: GrpcServerOptions;
  readonly #calls = new Set<AbortController>();
  #port = 0;

  /** Throws OpsError, OPS_LISTEN. */
  static async listen<Service extends DescService>(
    service: Service,
    handlers: GrpcHandlers<Service>,
    options: GrpcServerOptions,
  ): Promise<GrpcServer> {
    const server = new GrpcServer(options);
    server.#serve(service, handlers as Readonly<Record<string, Handler<DescMethod>>>);
    await server.#bind();
    return server;
  }

  private constructor(options: GrpcServerOptions) {
    this.#options = options;
    const longest = options.longestMessage ?? usualMessage;
    this.#server = new Server({
      "grpc.max_receive_message_length": longest,
      "grpc.max_send_message_length": longest,
      "grpc.keepalive_time_ms": keepaliveEvery,
      "grpc.keepalive_timeout_ms": keepaliveWithin,
    });
  }

  /** On which it listens. */
  get port(): number {
    return this.#port;
  }

  /** Takes no more calls, and gives those under way so long to end. */
  async stop(grace: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.tryShutdown(() => resolve());
    using _limit = this.#options.clock.after("calls under way", grace, () => {
      for (const call of this.#calls) call.abort();
      this.#server.forceShutdown();
      resolve();
    });
    await promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop(millis(0));
  }

  #bind(): Promise<void> {
    const { listen, identity } = this.#options;
    const credentials = experimental.createCertificateProviderServerCredentials(identity, identity, true);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(listen, credentials, (error, port) => {
        if (error === null) {
          this.#port = port;
          resolve();
        } else
          reject(
            new OpsError("OPS_LISTEN", `cannot listen on ${listen} for gRPC: ${error.message}. Is it taken?`, {
              cause: error,
            }),
          );
      });
    });
  }

  #serve(service: DescService, handlers: Readonly<Record<string, Handler<DescMethod>>>): void {
    const served: UntypedServiceImplementation = {};
    for (const method of service.methods) {
      const handler: unknown = handlers[method.localName];
      served[method.localName] =
        method.methodKind === "server_streaming"
          ? this.#streaming(method, handler as Handler<DescMethodServerStreaming>)
          : this.#unary(method, handler as Handler<DescMethodUnary>);
    }
    this.#server.addService(serviceDefinition(service), served);
  }

  #unary(method: DescMethod, handler: Handler<DescMethodUnary>): UntypedServiceImplementation[string] {
    return (
      call: ServerUnaryCall<MessageShape<DescMethod["input"]>, unknown>,
      answer: (error: ServerErrorResponse | null, reply?: unknown) => void,
    ) => {
      void this.#run(call, method, async (incoming) => {
        const reply = await handler(call.request, incoming);
        answer(null, create(method.output, reply));
      }).then((failure) => failure && answer(failure));
    };
  }

  #streaming(method: DescMethod, handler: Handler<DescMethodServerStreaming>): UntypedServiceImplementation[string] {
    return (call: ServerWritableStream<MessageShape<DescMethod["input"]>, unknown>) => {
      void this.#run(call, method, async (incoming) => {
        for await (const item of handler(call.request, incoming)) {
          if (incoming.signal.aborted) return;
          if (!call.write(create(method.output, item))) await roomIn(call, incoming.signal);
        }
        call.end();
      }).then((failure) => failure && call.emit("error", failure));
    };
  }

  /** What its caller is told, where it fails. */
  async #run(
    call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>,
    method: DescMethod,
    work: (incoming: IncomingCall) => Promise<void>,
  ): Promise<ServerErrorResponse | undefined> {
    if (call.request === unreadable) return refusal("INVALID_ARGUMENT", `these octets are no ${method.input.typeName}`);
    if (this.#calls.size >= this.#options.mostCalls)
      return refusal("RESOURCE_EXHAUSTED", `${this.#options.mostCalls} calls are under way: ask again later`);
    const controller = new AbortController();
    this.#calls.add(controller);
    (call as EventEmitter).on("cancelled", () => controller.abort());
    try {
      await work({ callerNames: namesOf(call), signal: controller.signal });
      return undefined;
    } catch (error) {
      if (error instanceof RefusedCall) return refusal(error.status, error.message);
      if (controller.signal.aborted) return refusal("CANCELLED", "the call was given up");
      this.#options.onDefect(method.name, error);
      return refusal("INTERNAL", "it failed for a reason that is in the log of who was asked");
    } finally {
      this.#calls.delete(controller);
    }
  }
}

function refusal(code: CallStatus, details: string): ServerErrorResponse {
  return { name: code, message: details, code: status[code], details };
}

function namesOf(call: {
  getAuthContext(): { readonly sslPeerCertificate?: { subjectaltname?: string | undefined } };
}) {
  return (call.getAuthContext().sslPeerCertificate?.subjectaltname ?? "").split(", ").filter((name) => name !== "");
}

async function roomIn(call: ServerWritableStream<unknown, unknown>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = () => resolve();
  call.once("drain", go);
  signal.addEventListener("abort", go, { once: true });
  await promise;
  call.off("drain", go);
  signal.removeEventListener("abort", go);
}
