/** A part of a mesh in churn, in a thread of its own. */
import { churnPart } from "./churn-parts.ts";
import { servePart } from "./parts/part-thread.ts";

servePart(churnPart);
