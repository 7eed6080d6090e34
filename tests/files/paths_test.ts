import { assertEquals } from "@std/assert";
import {
  decodePath,
  encodeDirectory,
  isHidden,
  splitTarget,
} from "../../lib/files/paths.ts";
import { pathCases } from "../support/path_cases.ts";

for (const { path, want, why } of pathCases) {
  const verb = want === null ? "refuses" : "reads";
  Deno.test(`decodePath() ${verb} ${JSON.stringify(path)}: ${why}`, () => {
    assertEquals(decodePath(path), want);
  });
}

Deno.test("decodePath() makes of encodeDirectory() what it was made of", () => {
  for (
    const segments of [[], ["a"], ["a b", "é"], ["%2e", "?#"]]
  ) {
    const path = encodeDirectory(segments);
    assertEquals(decodePath(path), segments, path);
  }
});

for (
  const { target, path, query } of [
    { target: "/", path: "/", query: "" },
    { target: "/a?b", path: "/a", query: "?b" },
    { target: "/a?", path: "/a", query: "?" },
    { target: "/?a?b", path: "/", query: "?a?b" },
    { target: "/%3Fa", path: "/%3Fa", query: "" },
  ]
) {
  Deno.test(`splitTarget() splits ${target}`, () => {
    assertEquals(splitTarget(target), { path, query });
  });
}

for (
  const { segments, want } of [
    { segments: [], want: false },
    { segments: ["a.b", "c."], want: false },
    { segments: [".env"], want: true },
    { segments: ["a", ".b", "c"], want: true },
    { segments: [".well-known"], want: false },
    { segments: [".well-known", "acme-challenge", "x"], want: false },
    { segments: [".well-known", ".x"], want: true },
    { segments: ["a", ".well-known", "x"], want: true },
    { segments: [".Well-Known", "x"], want: true },
    { segments: [".well-known2"], want: true },
  ]
) {
  Deno.test(`isHidden() says ${want} of ${JSON.stringify(segments)}`, () => {
    assertEquals(isHidden(segments), want);
  });
}
