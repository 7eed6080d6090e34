/**
 * `deno task test`: every test, with the leak sanitizers on; arguments go to `deno
 * test`. Types are left to `deno task check`, examples included.
 *
 * Tests wait about as long as they compute (for threads, processes, timeouts), so there
 * are half as many more of their processes than there are cores, unless DENO_JOBS says
 * how many.
 *
 * @module
 */

const jobs = Math.ceil(navigator.hardwareConcurrency * 1.5);

const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["test", "--no-prompt", "-A", "--parallel", "--no-check", "--doc"],
    ...["--sanitize-ops", "--sanitize-resources", ...Deno.args],
  ],
  env: { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? `${jobs}` },
}).spawn().status;
Deno.exitCode = code;
