/**
 * nginx where it is installed, with everything it writes in the directory of the start.
 *
 * @module
 */

import { findProgram } from "../installed.ts";
import { freePort, onPort } from "../ready.ts";
import { Absent, type Server } from "../scenario.ts";

/** nginx with two workers and sendfile, that serves the root's files. */
export const nginx: Server = nginxWith("");

/** The same, that compresses pages on the way; it keeps no compressed ones. */
export const nginxGzip: Server = nginxWith("gzip on;");

function nginxWith(directives: string): Server {
  return {
    name: "nginx",
    async start({ root, dir, children }) {
      const program = await findProgram("nginx");
      if (program === undefined) throw new Absent("nginx is not installed");
      const port = freePort();
      await Deno.writeTextFile(
        `${dir}/nginx.conf`,
        configuration(root, dir, port, directives),
      );
      const args = ["-e", "stderr", "-p", dir, "-c", `${dir}/nginx.conf`];
      return onPort(children.spawn([program, ...args]), port);
    },
  };
}

/** The limits are far above what is asked, so that none of them is what is measured. */
function configuration(
  root: string,
  dir: string,
  port: number,
  directives: string,
): string {
  return `
${keepUser()}
daemon off;
worker_processes 2;
worker_rlimit_nofile 20000;
pid ${dir}/nginx.pid;
error_log stderr;
events { worker_connections 10000; }
http {
  access_log off;
  types { text/html html; }
  charset utf-8;
  sendfile on;
  keepalive_requests 1000000000;
  ${directives}
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${root};
  }
}
`;
}

/** Started by root, its workers become another user, who may not read a temporary directory. */
function keepUser(): string {
  return Deno.uid() === 0 ? "user root;" : "";
}
