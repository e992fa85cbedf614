/** From what protoc-gen-es makes of a service to what grpc-js serves and calls: the same messages, in octets. */
import type { DescMessage, DescMethod, DescService, MessageShape } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** In place of a request whose octets are no such message. */
export const unreadable: unique symbol = Symbol("unreadable");

/** Both ends see messages as the generated code has them. */
type Method = MethodDefinition<unknown, unknown>;

export function methodDefinition(method: DescMethod): Method {
  const { input, output, methodKind } = method;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
    requestSerialize: octetsOf(input),
    requestDeserialize: readRequest(input),
    responseSerialize: octetsOf(output),
    responseDeserialize: messageOf(output),
  };
}

/** By the names that generated code gives the methods. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method)]));
}

function octetsOf(schema: DescMessage): (message: unknown) => Buffer {
  return (message) => {
    const octets = toBinary(schema, message as MessageShape<DescMessage>);
    return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  };
}

/** Where this threw, grpc-js would answer that its own end has a defect. */
function readRequest(schema: DescMessage): (octets: Buffer) => unknown {
  return (octets) => {
    try {
      return fromBinary(schema, octets);
    } catch {
      return unreadable;
    }
  };
}

/** Throws for octets that are no such message. */
function messageOf(schema: DescMessage): (octets: Buffer) => unknown {
  return (octets) => fromBinary(schema, octets);
}
