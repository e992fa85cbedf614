/** How a page of what waits for an application is asked for. */

/** `after`: 0 for the first page, then what the page before gave as `next`. */
export interface InboxQuestion {
  readonly after: number;
  readonly most: number;
  /** Undefined: of all ports. */
  readonly port: number | undefined;
}

export function pagePath(route: string, { after, most, port }: InboxQuestion): string {
  return `${route}?after=${after}&most=${most}${port === undefined ? "" : `&port=${port}`}`;
}
