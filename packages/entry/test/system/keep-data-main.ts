/** Keeps data as a first start makes them in a folder, for the tests of one gate. */
import { keepData } from "./server-place.ts";

const [, , folder = ""] = process.argv;
await keepData(folder);
