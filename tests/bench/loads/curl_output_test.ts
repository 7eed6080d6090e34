import { assertEquals, assertThrows } from "@std/assert";
import { parseCurlOutput } from "./curl_output.ts";

const rows = [
  {
    name: "a download, with the times of dash",
    output:
      "200 1073741824 0.508113\n0m0.000000s 0m0.010000s\n0m0.050000s 0m0.250000s\n",
    want: { status: 200, bytes: 2 ** 30, seconds: 0.508113, cpuSeconds: 0.3 },
  },
  {
    name: "a refusal, with the times of bash",
    output: "404 9 0.001\n0m0.001s 0m0.002s\n1m2.500s 0m0.500s\n",
    want: { status: 404, bytes: 9, seconds: 0.001, cpuSeconds: 63 },
  },
];

for (const { name, output, want } of rows) {
  Deno.test(`parseCurlOutput() reads ${name}`, () => {
    assertEquals(parseCurlOutput(output), want);
  });
}

for (const output of ["", "200 1 0.1\n", "200 1 0.1\na b\nc d\n"]) {
  Deno.test(`parseCurlOutput() refuses ${JSON.stringify(output)}`, () => {
    assertThrows(() => parseCurlOutput(output), SyntaxError);
  });
}
