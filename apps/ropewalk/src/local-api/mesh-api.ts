/** What a node answers of the mesh: how it is in it, whom it knows, and, to who may change things, whether somebody answers. */
import { type MeshAnswerDocument, type MeshQuestion, meshRoutes } from "@ropewalk/api/mesh";
import { seconds } from "@ropewalk/kernel/units";
import { parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshService } from "@ropewalk/mesh/service";
import { type Answer, good, problem } from "./answer.ts";
import type { Change } from "./changes.ts";
import { meshAnswerDocument, meshRoutesDocument, meshStatusDocument } from "./mesh-documents.ts";
import type { MessagesHolder } from "./messages-api.ts";
import { decodeSegment } from "./path-segment.ts";

/** Less than what who asks over the socket waits for. */
const patience = seconds(4);
const questions = ["ping", "trace"] as const;
const none = "This node is part of no mesh: its configuration has no [mesh], or its log says what keeps it from one.";

export type AskedMesh = Pick<MeshService, "status" | "routes" | "ping" | "trace" | "keyOf"> & MessagesHolder;

/** Undefined where the path is not the mesh's. */
export function meshAnswer(path: string, mesh: AskedMesh | undefined): Answer | undefined {
  if (path !== meshRoutes.status && path !== meshRoutes.routes) return undefined;
  if (mesh === undefined) return problem("refused", none);
  return good(path === meshRoutes.status ? meshStatusDocument(mesh.status()) : meshRoutesDocument(mesh.routes()));
}

export function isMeshQuestion(path: string): boolean {
  return questionOf(path) !== undefined;
}

/** Undefined where the path is not the mesh's. It sends packets, and so is no reading. */
export function meshChange(path: string, mesh: AskedMesh | undefined): Change | undefined {
  const question = questionOf(path);
  if (question === undefined) return undefined;
  return () => asked(question, decodeSegment(path.slice(meshRoutes[question].length)) ?? "", mesh);
}

async function asked(question: MeshQuestion, text: string, mesh: AskedMesh | undefined): Promise<Answer> {
  const address = parseMeshAddress(text);
  if (address === undefined) return problem("bad-request", "An address in the mesh is 32 hexadecimal digits.");
  if (mesh === undefined) return problem("refused", none);
  const document: MeshAnswerDocument = meshAnswerDocument(address, await mesh[question](address, { within: patience }));
  return good(document);
}

function questionOf(path: string): MeshQuestion | undefined {
  return questions.find((question) => path.startsWith(meshRoutes[question]));
}
