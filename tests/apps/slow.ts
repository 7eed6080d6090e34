/**
 * An app with two slow routes: `/sleep` waits for as many milliseconds as `?ms=` says,
 * `/spin` computes for as many. It leaves all others to the directory.
 */

/** The app. */
export default {
  async fetch({ url }: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(url);
    const ms = Number(searchParams.get("ms"));
    if (pathname === "/sleep") {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return new Response(`Slept for ${ms} ms\n`);
    }
    if (pathname === "/spin") {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return new Response(`Spun for ${ms} ms\n`);
    }
  },
};
