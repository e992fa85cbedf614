/** Where in the configuration there is a key of some name: who has written it into another table is told the right one. */
import { formatKey, formatPath } from "./config-path.ts";
import type { SchemaShape } from "./schema-shape.ts";

/** Of a name that more places have, none is likelier than the others. */
const mostPlaces = 3;

export interface NamedShape {
  readonly name: string;
  readonly shape: SchemaShape;
}

/** As TOML writes them: "mesh.transport.listen", "[mesh.transport]", "at in [[mesh.peer]]"; none where there are too many. */
export function placesOfKey(key: string, sections: readonly NamedShape[]): readonly string[] {
  const places = sections.flatMap(({ name, shape }) => [
    ...(name === key ? [`[${formatKey(name)}]`] : []),
    ...placesBelow(key, shape, { list: undefined, path: [name] }),
  ]);
  return places.length > mostPlaces ? [] : places;
}

/** `path` begins at `list`, a list of tables, where there is one above. */
interface Place {
  readonly list: string | undefined;
  readonly path: readonly string[];
}

function placesBelow(key: string, shape: SchemaShape, above: Place): readonly string[] {
  switch (shape.kind) {
    case "leaf":
      return [];
    case "tables":
      return placesBelow(key, shape.item, { list: placeText(above, "tables"), path: [] });
    case "table":
      return [...shape.keys].flatMap(([name, inner]) => {
        const place: Place = { ...above, path: [...above.path, name] };
        return [...(name === key ? [placeText(place, inner.kind)] : []), ...placesBelow(key, inner, place)];
      });
  }
}

function placeText({ list, path }: Place, kind: SchemaShape["kind"]): string {
  const name = formatPath(path);
  const own = kind === "leaf" ? name : kind === "table" ? `[${name}]` : `[[${name}]]`;
  return list === undefined ? own : `${name} in ${list}`;
}
