/** Responses of servers and portals, and what the reader says of each. */

export interface KnownResponse {
  readonly what: string;
  readonly text: string;
  readonly says: string;
}

export const responses: readonly KnownResponse[] = [
  {
    what: "a 204 is complete with its head",
    text: "HTTP/1.1 204 No Content\r\nCross-Origin-Resource-Policy: cross-origin\r\n\r\n",
    says: "complete: 204: ",
  },
  {
    what: "a 204 with an announced body has one",
    text: "HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\nsign in",
    says: "complete: 204: sign in",
  },
  {
    what: "a 204 with an unannounced body has what came with it",
    text: "HTTP/1.1 204 No Content\r\n\r\nsign in",
    says: "complete: 204: sign in",
  },
  {
    what: "a redirection says where to",
    text: "HTTP/1.1 302 Found\r\nLOCATION:  http://portal.example/?a=b \r\nContent-Length: 0\r\n\r\n",
    says: "complete: 302 http://portal.example/?a=b: ",
  },
  {
    what: "a body has as many octets as are announced",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
    says: "complete: 200: hello",
  },
  {
    what: "equal lengths are one",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
    says: "complete: 200: hello",
  },
  {
    what: "unequal lengths are none",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    says: "malformed: no head: no HTTP",
  },
  {
    what: "chunks are put together, extensions and trailers left out",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n2;a=b\r\nhe\r\n3 \r\nllo\r\n0\r\nX: y\r\n\r\n",
    says: "complete: 200: hello",
  },
  {
    what: "a chunk longer than it said ends the reading",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
    says: "malformed: 200: a chunk without a size",
  },
  {
    what: "a chunk without a size ends the reading",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
    says: "malformed: 200: a chunk without a size",
  },
  {
    what: "interim responses are read past",
    text: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    says: "complete: 200: ok",
  },
  {
    what: "lines may end with a bare line feed",
    text: "HTTP/1.0 200 OK\nContent-Length: 2\n\nok",
    says: "complete: 200: ok",
  },
  {
    what: "a head that goes on is waited for",
    text: "HTTP/1.1 200 OK\r\nServer: x\r\n",
    says: "incomplete: no head: ",
  },
  {
    what: "the banner of another protocol is no HTTP",
    text: "SSH-2.0-OpenSSH_9.2p1\r\n",
    says: "malformed: no head: no HTTP",
  },
  { what: "HTTP of another version is none", text: "HTTP/2 200\r\n\r\n", says: "malformed: no head: no HTTP" },
  { what: "a status of two digits is none", text: "HTTP/1.1 20 OK\r\n\r\n", says: "malformed: no head: no HTTP" },
];
