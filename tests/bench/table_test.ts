import { assertEquals } from "@std/assert";
import { layOut } from "./table.ts";

Deno.test("layOut() aligns the first column left and the others right", () => {
  const rows = [["nginx", "50 000", "2 ms"], ["a long name", "9", "100 ms"]];
  assertEquals(layOut(["server", "requests/s", "p99"], rows), [
    "server       requests/s     p99",
    "nginx            50 000    2 ms",
    "a long name           9  100 ms",
  ]);
});

Deno.test("layOut() lets a sentence run on without stretching a column", () => {
  const rows = [["nginx", "2 ms", "1"], [
    "lighttpd",
    "absent: it is not installed",
  ]];
  assertEquals(layOut(["server", "p99", "x"], rows), [
    "server     p99  x",
    "nginx     2 ms  1",
    "lighttpd  absent: it is not installed",
  ]);
});

Deno.test("layOut() gives the heading alone when there are no rows", () => {
  assertEquals(layOut(["server", "p99"], []), ["server  p99"]);
});
