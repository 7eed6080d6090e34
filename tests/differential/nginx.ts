/**
 * nginx where it is installed, with its own settings but for what it serves and where
 * it writes. Must not know what is asked of it.
 *
 * @module
 */

/** A running nginx. */
export interface Nginx extends AsyncDisposable {
  /** Where it listens, on the loopback address. */
  readonly port: number;
}

const startTriesMs = 10_000;

/**
 * Starts it on a free port, with a directory of its own.
 *
 * @param root what it serves
 * @returns `null` where there is none
 */
export async function startNginx(root: string): Promise<Nginx | null> {
  const program = await findNginx();
  if (program === null) return null;
  const dir = await Deno.makeTempDir({ prefix: "skein-nginx-" });
  const port = freePort();
  const conf = `${dir}/nginx.conf`;
  await Deno.writeTextFile(conf, configuration(dir, root, port));
  const child = new Deno.Command(program, {
    args: ["-e", `${dir}/error.log`, "-p", dir, "-c", conf],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const end = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await child.status;
    await Deno.remove(dir, { recursive: true });
  };
  try {
    await untilItListens(port);
  } catch (error) {
    await end();
    throw error;
  }
  return { port, [Symbol.asyncDispose]: end };
}

/** The sbin directories are where servers are installed, and not on every `PATH`. */
async function findNginx(): Promise<string | null> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      'PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx',
    ],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : null;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function configuration(dir: string, root: string, port: number): string {
  return `
${Deno.uid() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
events { worker_connections 200; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`;
}

async function untilItListens(port: number): Promise<void> {
  const giveUp = performance.now() + startTriesMs;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (performance.now() > giveUp) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
