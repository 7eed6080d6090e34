/**
 * An app that tells what it was asked, so that a test sees which requests a server
 * took some bytes for: the method, the path and query, the content.
 */

/** The app. */
export default {
  /** Answers everything; of the content, each byte becomes a character. */
  async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    let text = "";
    for (const byte of body) text += String.fromCharCode(byte);
    return new Response(`${request.method} ${pathname}${search} ${text}`);
  },
};
