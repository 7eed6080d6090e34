import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Children } from "./children.ts";

Deno.test("Children.spawn() gives the output and the exit code", async () => {
  await using children = new Children();
  const child = children.spawn(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  assertEquals(await child.ended, 3);
  assertEquals([child.stdout.text, child.stderr.text], ["out\n", "err\n"]);
});

Deno.test("Children.spawn() passes arguments as they are", async () => {
  await using children = new Children();
  const child = children.spawn(["echo", "a  b", '"$HOME"', "; exit 1"]);
  assertEquals(await child.ended, 0);
  assertEquals(child.stdout.text, 'a  b "$HOME" ; exit 1\n');
});

Deno.test("Child.pid is the pid of the command, not of a shell around it", async () => {
  await using children = new Children();
  const child = children.spawn(["sh", "-c", "echo $$"]);
  await child.ended;
  assertEquals(Number(child.stdout.text), child.pid);
});

Deno.test("Child.stop() ends a process that goes on for ever", async () => {
  await using children = new Children();
  const child = children.spawn(["sleep", "1000"]);
  await child.stop();
  assertNotEquals(await child.ended, 0);
});

Deno.test("Children ends what still runs when it is disposed of, and starts no more", async () => {
  const children = new Children();
  const running = [
    children.spawn(["sleep", "1000"]),
    children.spawn(["sleep", "1000"]),
  ];
  await children[Symbol.asyncDispose]();
  for (const child of running) assert(await child.ended > 0);
  assertThrows(() => children.spawn(["true"]), Error, "is ending");
});
