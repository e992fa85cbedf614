/** A part of a watched mesh of nodes as they are shipped, in a thread of its own. */
import { meshNodes } from "./mesh-node-maker.ts";
import { servePart } from "./parts/part-thread.ts";
import { type WatchedOptions, watchedPart } from "./watched-part.ts";

servePart((options: WatchedOptions, crossing) => watchedPart(options, meshNodes(), crossing));
