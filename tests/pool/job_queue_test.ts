import { assertEquals } from "@std/assert";
import { Job } from "../../lib/pool/job.ts";
import { JobQueue } from "../../lib/pool/job_queue.ts";
import { RouteStats } from "../../lib/pool/route_stats.ts";

/** Of another class at every look, as where time has passed between two. */
class RestlessJob extends Job {
  #looks = 0;

  constructor(id: number) {
    const head = {
      method: "GET",
      target: "/",
      authority: "localhost",
      version: "1.1",
      fields: [],
    } as const;
    const request = {
      ...{ head, text: "", body: null, peer: "", persistent: true },
      origin: null,
    };
    super(id, request, 0, {
      routes: null,
      toWireResponse: () => new Promise(() => {}),
    });
  }

  override get isHeavy(): boolean {
    return this.#looks++ % 2 === 0;
  }
}

Deno.test("JobQueue gives each job once, though its class changes while the lanes are sorted", () => {
  const queue = new JobQueue(new RouteStats());
  for (let id = 1; id <= 3; id++) queue.add(new RestlessJob(id));
  for (let sorts = 0; sorts < 8; sorts++) {
    queue.putBack([new RestlessJob(sorts + 4)]);
    assertEquals(queue.size, 4 + sorts);
  }
  const given: number[] = [];
  while (queue.size > 0) {
    given.push(...queue.next(64, () => true, () => true).map(({ id }) => id));
  }
  assertEquals(
    given.toSorted((a, b) => a - b),
    Array.from({ length: 11 }, (_, i) => i + 1),
  );
});
