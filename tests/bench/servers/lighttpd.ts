/**
 * lighttpd where it is installed, as the one process that it is by default.
 *
 * @module
 */

import { findProgram } from "../installed.ts";
import { pageType } from "../page.ts";
import { freePort, onPort } from "../ready.ts";
import { Absent, type Server } from "../scenario.ts";

/** lighttpd that serves the root's files. */
export const lighttpd: Server = lighttpdWith(() => "");

/** The same, that compresses pages once and keeps them. */
export const lighttpdDeflate: Server = lighttpdWith((dir) => `
server.modules += ( "mod_deflate" )
deflate.mimetypes = ( "text/html" )
deflate.allowed-encodings = ( "br", "gzip" )
deflate.cache-dir = "${dir}"
`);

function lighttpdWith(directives: (dir: string) => string): Server {
  return {
    name: "lighttpd",
    async start({ root, dir, children }) {
      const program = await findProgram("lighttpd");
      if (program === undefined) throw new Absent("lighttpd is not installed");
      const port = freePort();
      await Deno.writeTextFile(
        `${dir}/lighttpd.conf`,
        configuration(root, port) + directives(dir),
      );
      return onPort(
        children.spawn([program, "-D", "-f", `${dir}/lighttpd.conf`]),
        port,
      );
    },
  };
}

/** The limits are far above what is asked, so that none of them is what is measured. */
function configuration(root: string, port: number): string {
  return `
server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.listen-backlog = 4096
server.max-fds = 20000
server.max-connections = 10000
# The largest value: it is held in 16 bits.
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 75
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "${pageType}" )
`;
}
